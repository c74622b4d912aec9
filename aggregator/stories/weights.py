"""The weights of the embedding model in one block of bytes, unpacked: what can be mapped from a plain file.

The package has them compressed, the table of word pieces in parts. A block begins with a line that says what it was
made of, its size, where what is checked begins, and the checksum of that and of the lines that follow: one for each
array, with its name, kind, shape and place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from zlib import crc32

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

_PAGE = 4096
_HEAD = 2 * _PAGE
_TABLE = "table"
# Of the rows of the table each part has one in turn.
_PARTS = tuple(f"q{number}" for number in range(1, 18))


# Rows of the table that are kept: the pieces of which most texts are made. 2 MB.
_KEPT_ROWS = 4096

# Gives so many bytes from this one of a file on.
Read = Callable[[int, int], bytes]


class Rows:
    """The table of word pieces, of which each row is read when a text leads to it: a mapped one is all in memory after
    some hundred texts (65 MB), since the system maps 64 KB around each of its rows, which have 512 bytes."""

    def __init__(self, read: Read, at: int, columns: int) -> None:
        self._columns = columns

        def row(number: int) -> bytes:
            found = read(at + number * columns, columns)
            if len(found) != columns:
                raise ValueError("the file of weights is cut off")
            return found

        self._row = lru_cache(maxsize=_KEPT_ROWS)(row)

    def __getitem__(self, numbers: Array) -> Array:
        """The rows of these numbers. Raises OSError or ValueError where the file can't be read any more."""
        wanted = numbers.tolist()
        return np.frombuffer(b"".join(map(self._row, wanted)), dtype=np.uint8).reshape(len(wanted), self._columns)

    def let_go(self) -> None:
        """Keep none."""
        self._row.cache_clear()


class Weights(dict[str, Array]):
    """Name → array; `table` is that of word pieces. `let_go`: count nothing of them as ours until it is looked at
    again; does nothing where they lie in memory."""

    def __init__(
        self, arrays: Mapping[str, Array], table: Rows | None = None, let_go: Callable[[], object] = lambda: None
    ) -> None:
        super().__init__(arrays)
        self._let_go, self._rows = let_go, table
        self.table: Array | Rows = table or self[_TABLE]

    def let_go(self) -> None:
        """See the class."""
        self._let_go()
        if self._rows:
            self._rows.let_go()


def mark_of(packed: str) -> str:
    """Tells the package's file of weights from another: the checksums of what is in it."""
    with np.load(packed, allow_pickle=False) as found:
        return f"{crc32(repr([(each.filename, each.CRC) for each in found.zip.infolist()]).encode()):08x}"


def unpacked(packed: str) -> Array:
    """The block of the package's file of weights, in memory."""
    with np.load(packed, allow_pickle=False) as found:
        others = {name: found[name] for name in found.files if name not in _PARTS}
        first = found[_PARTS[0]]
        lines = [_line(_TABLE, first.dtype, (len(_PARTS) * first.shape[0], first.shape[1]), _HEAD)]
        begun = at = _up(_HEAD + len(_PARTS) * first.nbytes, _PAGE)
        for name, array in others.items():
            lines.append(_line(name, array.dtype, array.shape, at))
            at = _up(at + array.nbytes, 64)
        whole: Array = np.zeros(at, dtype=np.uint8)
        arrays = _arrays(whole, lines)
        for number, name in enumerate(_PARTS):
            arrays[_TABLE][number :: len(_PARTS)] = found[name]
    for name, array in others.items():
        arrays[name][...] = array
    lines.insert(0, f"{mark_of(packed)} {at} {begun} {_checksum(lines, whole[begun:])}")
    whole[:_HEAD] = np.frombuffer("\n".join(lines).encode().ljust(_HEAD), dtype=np.uint8)
    return whole


def arrays_of(
    whole: Array, mark: str, let_go: Callable[[], object] = lambda: None, read: Read | None = None
) -> Weights:
    """The arrays of a block; `let_go`: see `Weights`. `read`: by which rows of the table are read, where the block is a
    file that is mapped.

    Raises:
        ValueError: it is damaged, or was made of something else. Of the table, which is not read for that, the length
            is known.
    """
    head, *lines = whole[:_HEAD].tobytes().decode("ascii").strip().split("\n")
    made_of, size, begun, checksum = head.split(" ")
    if (made_of, int(size)) != (mark, len(whole)) or _checksum(lines, whole[int(begun) :]) != int(checksum):
        raise ValueError("no weights of this model")
    arrays = _arrays(whole, lines)
    return Weights(arrays, Rows(read, _HEAD, arrays[_TABLE].shape[1]) if read else None, let_go)


def _checksum(lines: list[str], content: Array) -> int:
    """Of what is checked: where the arrays are, and all of them but the table."""
    return crc32(content.data, crc32("\n".join(lines).encode()))


def _line(name: str, kind: np.dtype[Any], shape: tuple[int, ...], at: int) -> str:
    return f"{name} {kind.str} {'x'.join(map(str, shape))} {at}"


def _arrays(whole: Array, lines: list[str]) -> dict[str, Array]:
    found = {}
    for line in lines:
        name, kind, written, at = line.split(" ")
        shape = tuple(int(size) for size in written.split("x") if size)
        end = int(at) + np.dtype(kind).itemsize * math.prod(shape)
        found[name] = whole[int(at) : end].view(kind).reshape(shape)
    return found


def _up(at: int, to: int) -> int:
    return -(-at // to) * to
