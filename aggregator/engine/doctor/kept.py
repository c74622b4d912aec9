"""Copies and pages that the daemon keeps: backups, the snapshot, the site."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.engine.doctor.subject import Subject
from aggregator.model.finding import Finding, note, trouble, well
from aggregator.publish.building.folder import is_site
from aggregator.storage.checkup.copies import faults_of_copy
from aggregator.storage.copies.backups import Backup, backups_of

# A failed one is tried again after minutes, and a daemon may have been off over night.
_LATE = 2
_AT_LEAST = timedelta(hours=1)
_SITE_MAY_WAIT = timedelta(minutes=30)


def backups(subject: Subject) -> list[Backup]:
    """Those of this database, where the configuration says that they are; the newest first."""
    folder = subject.config.storage.backup if subject.config else None
    return backups_of(subject.path, folder) if folder else []


def check_backups(subject: Subject) -> Iterator[Finding]:
    """Are they made, is the newest of them young, and where all is asked for: is it whole?"""
    storage = subject.config.storage if subject.config else None
    if storage is None:
        yield note("backups", "without a configuration nobody knows where they are")
        return
    folder, command = storage.backup, subject.command("backup")
    if folder is None:
        words = "none are made"
        remedy = '[storage] backup = "FOLDER" has the daemon make one a day; best on another disk. Once, now:'
        yield note("backups", words, "", remedy, subject.command("backup", "FOLDER"))
        return
    found = backups(subject)
    if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
        remedy = "Let that user write there, or name another folder."
        yield trouble("backups", f"the folder can't be written by uid {subject.uid}", str(folder), remedy)
    if not found:
        words = "there is none yet"
        remedy = "Make one now; the log of the daemon says why it made none (backup failed)."
        yield trouble("backups", words, str(folder), remedy, command)
        return
    age = subject.now - found[0].made_at
    if age > max(_LATE * storage.backup_interval, storage.backup_interval + _AT_LEAST):
        words = (
            f"the newest is of {found[0].made_at:%Y-%m-%d %H:%M} UTC, and one is due every {storage.backup_interval}"
        )
        yield trouble("backups", words, str(folder), "Make one now; the log of the daemon says why.", command)
    elif faults := faults_of_copy(found[0].file) if subject.whole else []:
        words = f"the newest is damaged: {'; '.join(faults)}"
        yield trouble("backups", words, str(found[0].file), "Make another one, and look at that disk.", command)
    else:
        looked = ", and it is whole" if subject.whole else ""
        yield well("backups", f"{len(found)}, the newest of {found[0].made_at:%Y-%m-%d %H:%M} UTC{looked}", str(folder))


def check_snapshot(subject: Subject) -> Iterator[Finding]:
    """Where one is asked for: is it written?"""
    storage = subject.config.storage if subject.config else None
    if storage is None:
        yield note("snapshot", "without a configuration nobody knows whether one is asked for")
        return
    if storage.snapshot is None:
        yield well("snapshot", "none is asked for")
        return
    file, interval = storage.snapshot, storage.snapshot_interval
    try:
        written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        found = trouble if subject.holder else note
        yield found("snapshot", "there is none yet", str(file), "The daemon writes it; its log says why it did not.")
        return
    words = f"written {written:%Y-%m-%d %H:%M} UTC"
    if subject.now - written <= max(_LATE * interval, interval + _AT_LEAST):
        yield well("snapshot", words, str(file))
    elif subject.holder:
        remedy = "The log of the daemon says why it wrote no newer one: no room, or the folder can't be written."
        yield trouble("snapshot", words, str(file), remedy)
    else:
        yield note("snapshot", words, str(file), "It is written anew while a daemon runs.")


def check_site(subject: Subject, unseen: datetime | None) -> Iterator[Finding]:
    """Where one is built: its folder, and does it have the news?"""
    folder, command = subject.config.publish.path if subject.config else None, subject.command("publish")
    if subject.config is None:
        yield note("site", "without a configuration nobody knows where it is")
    elif folder is None:
        yield well("site", "none is built")
    elif not folder.exists():
        yield note("site", "it was not built yet", str(folder), "A daemon builds it, or", command)
    elif not os.access(folder, os.W_OK | os.X_OK):
        words = f"the folder can't be written by uid {subject.uid}"
        yield trouble("site", words, str(folder), "Let that user write there, or name another folder.")
    elif not is_site(folder) and any(_visible(folder)):
        words = "the folder holds files that are of no site of this program, so none is built"
        yield trouble("site", words, str(folder), "Name a folder of its own in [publish] path, or empty it.")
    elif unseen and subject.now - unseen > _SITE_MAY_WAIT:
        words = f"it lacks what has been known since {unseen:%Y-%m-%d %H:%M} UTC"
        remedy = "The log of the daemon says why it is not built. Build it, and see what is in the way:"
        yield (trouble if subject.holder else note)("site", words, str(folder), remedy, command)
    else:
        yield well("site", "it has the news" if is_site(folder) else "it was not built yet", str(folder))


def _visible(folder: Path) -> Iterator[Path]:
    return (each for each in folder.iterdir() if not each.name.startswith("."))
