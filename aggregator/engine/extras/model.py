"""The embedding model's packages: do they work on this machine? Found out in a process of its own, once.

Packages that are there may still fail when they are imported: half of an upgrade, a library of the system that is not
there. One that was built for another processor ends the process that imports it, without a word.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from functools import cache, partial

import structlog

from aggregator.config.extras.installation import how_to_install
from aggregator.model.settings import Semantic
from aggregator.stories.encoder import in_words

# All that the model needs, and a multiplication, by which the arithmetic finds out what the processor can do.
_NEEDED = """
import aggregator.stories.embeddings, aggregator.stories.sentence_encoder, numpy
numpy.ones((8, 8), "float32") @ numpy.ones((8, 8), "float32")
"""
# It takes a tenth of a second, and much longer from a slow disk that is busy.
_PATIENCE_SECONDS = 120.0


@cache
def is_importable() -> bool:
    """Can the model be used? False is said in the log, once."""
    if trouble := import_trouble():
        words = "stories are found by words alone: the packages of the extra semantic can't be used"
        structlog.get_logger("daemon").warning(words, why=trouble)
        return False
    return True


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
