"""`aggregator doctor --fix`: what is safe is done, and told. What is an editor's is not touched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

from aggregator.engine.doctor.examine import examine
from aggregator.engine.doctor.holding import holder_of
from aggregator.engine.doctor.subject import Subject
from aggregator.model.errors import AggregatorError, DatabaseBusyError
from aggregator.model.finding import Finding, Level
from aggregator.storage.checkup.mending import FIXES, opened_to_mend
from aggregator.storage.file.copying import make_like
from aggregator.storage.file.lock import WriterLock

# What is done to a file beside the database; the others are done in it.
WEIGHTS = "weights"

# Of use whenever anything else is done.
_ALWAYS = "statistics"
# Before all else.
_FIRST = "indexes"


class Mended(NamedTuple):
    """What `--fix` did, or why it did not."""

    fix: str
    is_done: bool
    words: str


def mend_all(subject: Subject, found: Sequence[Finding]) -> Iterator[Mended]:
    """As `mend`; where indexes were made anew, once more for what is found with those."""
    for each in mend(subject, found):
        yield each
        if each.is_done and each.fix == _FIRST:
            yield from mend(subject, examine(subject))
            return


def mend(subject: Subject, found: Sequence[Finding]) -> Iterator[Mended]:
    """Do what is safe of what was found, and tell of each what came of it.

    Nothing is done in a file that is damaged, or of another version: what is worked out from that may be wrong. Where
    indexes are wrong nothing but these is mended: by them other rows may only seem to be missing.
    """
    wanted = {each.fix: each for each in found if each.fix}
    if WEIGHTS in wanted:
        yield _remove_weights(Path(wanted[WEIGHTS].where))
    is_damaged = any(
        each.check in ("file", "integrity") and each.level is Level.TROUBLE and not each.fix for each in found
    )
    if is_damaged:
        yield Mended("database", False, "the file can't be used as it is, so nothing is done in it")
        return
    names = [_FIRST] if _FIRST in wanted else [name for name in FIXES if name in wanted or name == _ALWAYS]
    try:
        with ExitStack() as stack:
            is_alone = _is_alone(subject.path, stack)
            mender = stack.enter_context(opened_to_mend(subject.path, subject.now))
            for name in names:
                if FIXES[name].needs_alone and not is_alone:
                    yield Mended(name, False, _busy(subject))
                    continue
                try:
                    yield Mended(name, True, mender.mend(name))
                except AggregatorError as error:
                    yield Mended(name, False, str(error))
    except AggregatorError as error:
        yield Mended("database", False, str(error))


def _is_alone(path: Path, stack: ExitStack) -> bool:
    """Take the lock of the writer meanwhile, so that no daemon begins; False where one is at work."""
    lock = WriterLock(path)
    is_new = not lock.path.exists()
    try:
        lock.acquire()
    except DatabaseBusyError:
        return False
    if is_new:  # by root, perhaps: it must be the daemon's, or that could not take it
        with suppress(OSError):
            make_like(path, lock.path)
    stack.callback(lock.release)
    return True


def _busy(subject: Subject) -> str:
    holder = holder_of(subject.path)
    named = str(holder.process) if holder and holder.process else "a daemon or a poll"
    return f"refused beside {named}: stop it first"


def _remove_weights(file: Path) -> Mended:
    try:
        file.unlink()
    except OSError as error:
        return Mended(WEIGHTS, False, f"{file} could not be removed: {error.strerror}")
    return Mended(WEIGHTS, True, f"{file} was removed")
