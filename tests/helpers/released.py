"""The databases of released versions: what `aggregator demo` of each made, kept as `tests/storage/released/*.db.xz`."""

from __future__ import annotations

import lzma
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "storage" / "released"
VERSIONS = sorted(file.name.removesuffix(".db.xz") for file in FOLDER.glob("*.db.xz"))


def unpack(version: str, folder: Path) -> Path:
    """A copy of the database of a released version, as that version left it."""
    path = folder / "news.db"
    path.write_bytes(lzma.decompress((FOLDER / f"{version}.db.xz").read_bytes()))
    return path
