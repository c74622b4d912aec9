"""The embedding model's weights, unpacked into a plain file beside the database once, and mapped from then on.

To unpack them takes half a second and 80 MB, each time. Mapped they are there at once, and the system can have their
pages back at any time; of the large table only the rows that texts lead to are ever read. Where no file can be written
they are unpacked into memory.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregator.stories.weights import Weights

_PREFIX, _SUFFIX = "sentence-encoder-", ".weights"


def plain_weights(folder: Path) -> Callable[[str, str], Weights]:
    """What loads the weights from the package's file, given with the package's version, by way of a file in `folder`.

    numpy is imported when it is asked.
    """

    def load(packed: str, version: str) -> Weights:
        from aggregator.stories.weights import arrays_of, mark_of, unpacked

        file, mark = folder / f"{_PREFIX}{version}{_SUFFIX}", mark_of(packed)
        with suppress(OSError, ValueError):
            return _mapped(file, mark)
        whole = unpacked(packed)
        with suppress(OSError, ValueError):
            _write(file, whole.data)
            del whole
            return _mapped(file, mark)
        return arrays_of(unpacked(packed), mark)

    return load


def weights_trouble(folder: Path, package: str, version: str) -> tuple[Path, str | None]:
    """The file of weights in `folder`, and what is wrong with it; None where nothing is, or there is no file yet.

    `package`: the folder of the package with the packed ones. numpy is imported for it.
    """
    from aggregator.stories.weights import mark_of

    file = folder / f"{_PREFIX}{version}{_SUFFIX}"
    try:
        _mapped(file, mark_of(str(Path(package) / "resources" / "weights.npz")))
    except FileNotFoundError as error:
        return file, None if error.filename == str(file) else f"the package has none: {error}"
    except OSError as error:
        return file, f"the file can't be read: {error.strerror or error}"
    except ValueError:
        return file, "the file is damaged, or of another package"
    return file, None


def _mapped(file: Path, mark: str) -> Weights:
    import mmap

    import numpy as np

    from aggregator.stories.weights import arrays_of

    opened = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    reader = _Reader(opened)
    mapping = mmap.mmap(opened, 0, access=mmap.ACCESS_READ)

    def let_go() -> None:
        if hasattr(mmap, "MADV_DONTNEED"):
            mapping.madvise(mmap.MADV_DONTNEED)

    return arrays_of(np.frombuffer(mapping, dtype=np.uint8), mark, let_go, reader.read)


class _Reader:
    """Reads from an open file, which is closed with it."""

    def __init__(self, opened: int) -> None:
        self._opened = opened
        weakref.finalize(self, os.close, opened)

    def read(self, at: int, size: int) -> bytes:
        """So many bytes from this one on; fewer where the file ends. Raises OSError."""
        return os.pread(self._opened, size, at)


def _write(file: Path, content: memoryview) -> None:
    """Write it, whole or not at all; those of other versions go, and what was left of one half written."""
    new = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        with new.open("xb") as pen:
            pen.write(content)
            pen.flush()
            os.fsync(pen.fileno())
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
    for other in file.parent.glob(f"{_PREFIX}*{_SUFFIX}*"):
        if other != file:
            other.unlink(missing_ok=True)
