"""All checks, in the order in which they are told. Nothing that one of them meets keeps the others from being told."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from aggregator.engine.doctor.cluster import check_cluster
from aggregator.engine.doctor.extras import check_extras, check_model
from aggregator.engine.doctor.holding import check_lock, holder_of
from aggregator.engine.doctor.kept import backups, check_backups, check_site, check_snapshot
from aggregator.engine.doctor.machine import check_clock, check_disk, check_temporary
from aggregator.engine.doctor.permissions import check_permissions
from aggregator.engine.doctor.subject import Subject
from aggregator.model.finding import Finding, note, trouble, well
from aggregator.storage.checkup.file import Looked, look_at
from aggregator.storage.file.disk import volume_of

# What is looked at, in this order; docs/operations.md has a line for each.
CHECKS = (
    "configuration", "file", "schema", "integrity", "references", "orphans", "search", "counts", "clock", "disk",
    "permissions", "lock", "sources", "targets", "model", "extras", "cluster", "backups", "snapshot",
    "site",
)  # fmt: skip


# In bytes; half of what SQLite keeps in memory of temporary tables before it makes a file.
_WITHOUT_FILE = 1_000_000


def examine(subject: Subject) -> list[Finding]:
    """What is wrong, and what is not. Changes nothing."""
    found = _told("configuration", lambda: check_configuration(subject))
    try:
        subject = replace(subject, holder=holder_of(subject.path))
    except OSError as error:
        found.append(_bug("lock", error))
    looked = _look(subject)
    found += looked.findings
    for name, check in (
        ("clock", lambda: check_clock(subject, looked.newest)),
        ("disk", lambda: check_disk(subject)),
        ("disk", lambda: check_temporary(subject)),
        ("permissions", lambda: check_permissions(subject)),
        ("lock", lambda: check_lock(subject)),
        ("model", lambda: check_model(subject)),
        ("extras", lambda: check_extras(subject)),
        ("cluster", lambda: check_cluster(subject)),
        ("backups", lambda: check_backups(subject)),
        ("snapshot", lambda: check_snapshot(subject)),
        ("site", lambda: check_site(subject, looked.unseen)),
    ):
        found += _told(name, check)
    return sorted(found, key=lambda each: CHECKS.index(each.check))


def check_configuration(subject: Subject) -> Iterable[Finding]:
    """Can it be used? What is wrong with it, a line each."""
    for problem in subject.problems:
        where, _, words = problem.partition(": ")
        remedy = "A running daemon keeps the old one until it is right; a start fails."
        yield trouble(
            "configuration", words or where, where if words else "", remedy, subject.command("config", "check")
        )
    if not subject.problems and not subject.config:
        yield note("configuration", "there is none: the database was looked at by itself")
    if subject.config:
        words = f"good: {len(subject.config.sources)} sources, {len(subject.config.rules)} topics"
        yield well("configuration", words, str(subject.config.file))


def _look(subject: Subject) -> Looked:
    made = backups(subject)
    try:
        return look_at(
            subject.path,
            whole=subject.whole,
            temporary=_temporary(),
            now=subject.now,
            command=subject.command,
            backup=made[0].file if made else None,
            is_in_use=lambda: subject.holder is not None,
        )
    except Exception as error:  # a bug, or a file that SQLite itself stumbles over: the rest is told all the same
        return Looked((_bug("file", error),))


def _told(name: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:
        return [_bug(name, error)]


def _bug(name: str, error: Exception) -> Finding:
    words = f"could not be looked at: {type(error).__name__}: {error}"
    if isinstance(error, OSError):
        return trouble(name, words, "", "See what is said of permissions and of the disk.")
    return trouble(name, words, "", "This is a bug of aggregator: please report it.")


def _temporary() -> int:
    """Room for SQLite's temporary files, in bytes; the little that needs no file has room anywhere."""
    try:
        folder = os.environ.get("SQLITE_TMPDIR") or tempfile.gettempdir()
    except OSError:  # there is none that may be written
        return _WITHOUT_FILE
    return max(volume_of(Path(folder)).free // 2, _WITHOUT_FILE)
