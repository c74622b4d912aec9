"""A process that reads documents, as the program has it, but for two: one that is never answered, one that is slowly.

Told apart by a word in the document. What is written slowly is large, so that most of it is on its way for long.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

from aggregator.sources.feeds import read
from aggregator.sources.processes import process

NEVER, SLOWLY = "NEVER", "SLOWLY"
_PIECE, _PIECE_SECONDS = 64 * 1024, 0.05
_FOR_EVER = 1e9

_read_feed = read.read_feed
_is_slow = False


def _read(body: bytes, *rest: Any, **more: Any) -> Any:
    global _is_slow
    if NEVER.encode() in body:
        time.sleep(_FOR_EVER)
    _is_slow = SLOWLY.encode() in body
    return _read_feed(body, *rest, **more)


def _write(target: BinaryIO, written: bytes) -> None:
    target.write(process.LENGTH.pack(len(written)))
    for start in range(0, len(written), _PIECE):
        target.write(written[start : start + _PIECE])
        target.flush()
        if _is_slow:
            time.sleep(_PIECE_SECONDS)


def main() -> None:
    """As the real one."""
    # Where the real one looks for them: it has no seam for what never happens there.
    vars(read)["read_feed"] = _read
    vars(process)["_write"] = _write
    process.main()


def write_program(folder: Path) -> Path:
    """A file that is this program, whatever arguments it is started with."""
    program = folder / "slow-reader"
    root = Path(__file__).parents[2]
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(root)!r})\nfrom {__spec__.name} import main\nmain()\n"
    )
    program.chmod(0o755)
    return program
