"""The embedding model's packages: do they work on this machine? Found out in a process of its own, once.

Packages that are there may still fail when they are imported: half of an upgrade, a library of the system that is not
there. One that was built for another processor ends the process that imports it, without a word.
"""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

import structlog

from aggregator.config.extras.installation import how_to_install
from aggregator.model.settings import Semantic
from aggregator.storage.file.proven import leave_note, take_note
from aggregator.stories.encoder import NEEDED, in_words

# All that the model needs, and a multiplication, by which the arithmetic finds out what the processor can do.
_NEEDED = """
import aggregator.stories.embeddings
from aggregator.stories.sentence_encoder import multiply
multiply()
"""
# It takes a tenth of a second, and much longer from a slow disk that is busy.
_PATIENCE_SECONDS = 120.0

# Linux: what the processor can do. Its first lines are of the first one.
_PROCESSOR = Path("/proc/cpuinfo")
_FIRST = 8192


@cache
def is_importable(folder: Path) -> bool:
    """Can the model be used? False is said in the log, once. `folder`: of the database, where a note is kept of what
    works."""
    here = known_as(NEEDED)
    if works_as_noted(folder, here, _import):
        return True
    if trouble := import_trouble():
        words = "stories are found by words alone: the packages of the extra semantic can't be used"
        structlog.get_logger("daemon").warning(words, why=trouble)
        return False
    leave_note(folder, here)
    return True


def works_as_noted(folder: Path, here: str, import_all: Callable[[], None]) -> bool:
    """Did it work in this `folder` when all was as `here`, and does it now? Where this ends the process, the next one
    finds no note."""
    if take_note(folder) != here:
        return False
    try:
        import_all()
    except Exception:  # broad on purpose: half of an upgrade; a process of its own tells
        return False
    leave_note(folder, here)
    return True


def known_as(packages: Sequence[str], processor: Path = _PROCESSOR) -> str:
    """A digest of what decides whether packages can be imported: this Python, the files they begin with, and the
    processor."""
    found = hashlib.blake2b(f"{sys.version}\0{sys.prefix}".encode(), digest_size=16)
    for name in packages:
        spec = find_spec(name)
        file = (spec and spec.origin) or ""
        found.update(file.encode())
        with suppress(OSError):
            about = Path(file).stat()
            found.update(f"{about.st_mtime_ns} {about.st_size}".encode())
    with suppress(OSError), processor.open("rb") as opened:
        lines = opened.read(_FIRST).split(b"\n\n")[0].split(b"\n")
        found.update(b"\n".join(line for line in lines if line.startswith((b"model name", b"flags", b"Features"))))
    return found.hexdigest()


def _import() -> None:
    """As `_NEEDED` does."""
    import aggregator.stories.embeddings  # noqa: F401
    from aggregator.stories.sentence_encoder import multiply

    multiply()


@cache
def import_trouble() -> str | None:
    """Why the model's packages, which are there, can't be imported, in words; None where they can."""
    return trouble_of(_NEEDED)


def told(wanted: Semantic) -> str:
    """Whether stories are found across languages on this machine, in a sentence for people."""
    return in_words(wanted, remedy=partial(how_to_install, "semantic"), trouble=import_trouble)


def trouble_of(code: str, path: Sequence[str] | None = None, patience: float = _PATIENCE_SECONDS) -> str | None:
    """Run code that imports something in a process of its own; why it failed, None where it did not. `path`: where
    modules are looked for; None: as here."""
    first = "import sys; sys.path[:] = sys.argv[1:]\n"  # exactly where this process would find them
    command = [sys.executable, "-c", first + code, *(sys.path if path is None else path)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=patience, check=False, errors="replace"
        )
    except subprocess.TimeoutExpired:
        return f"to import them took longer than {patience:.0f} s"
    except OSError as error:
        return f"they could not be tried: {error}"
    if done.returncode < 0:
        return f"what imports them is ended by {_called(-done.returncode)}"
    if done.returncode:
        # The last line of a traceback that begins a line: some messages have many.
        lines = [line for line in done.stderr.splitlines() if line and not line[0].isspace() and ":" in line]
        return next((line for line in reversed(lines) if "Error" in line.partition(":")[0]), (lines or ["?"])[-1])
    return None


def _called(number: int) -> str:
    try:
        return f"{signal.Signals(number).name} ({signal.strsignal(number)})"
    except ValueError:
        return f"signal {number}"
