"""Where the database is, told from a configuration that is wrong: for commands that only read.

A daemon rightly goes on with the configuration that it read before. Whoever then asks how it does, or what it has
stored, must not need a file without mistakes for that.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from aggregator.model.settings import Storage

_TABLE = re.compile(r"\s*\[\s*([^\[\]]*?)\s*\]\s*(?:#.*)?")


def database_path(file: Path, variable: str) -> Path | None:
    """Where the database is: as the environment says (`variable`: AGGREGATOR_DATABASE, "" where it is not set), else as
    far as the file can be read, else where it is by default. None where there is no file to read, and no database at
    that place either."""
    if variable.strip():
        return _path(variable.strip())
    default = Storage().path
    try:
        text = file.read_bytes().decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    except OSError:
        return default if default.exists() else None
    named = next((path for document in _documents(text) if (path := _named(document))), None)
    return named or default


def _documents(text: str) -> Iterator[Mapping[str, Any]]:
    """What the file says: as a whole, or line by line where it is no TOML."""
    try:
        yield tomllib.loads(text)
        return
    except (ValueError, RecursionError):
        pass
    table = ""
    for line in text.split("\n"):
        if line.lstrip().startswith("["):
            found = _TABLE.fullmatch(line)
            table = found[1] if found else "-"  # of another kind, or broken: what follows is not known to be ours
        elif table in ("", "storage"):
            with suppress(ValueError, RecursionError):
                yield tomllib.loads(f"[{table}]\n{line}" if table else line)


def _named(document: Mapping[str, Any]) -> Path | None:
    storage = document.get("storage")
    named = storage.get("path") if isinstance(storage, dict) else None
    return _path(named) if isinstance(named, str) and named.strip() and "\0" not in named else None


def _path(text: str) -> Path:
    with suppress(RuntimeError):  # the home folder is not known
        return Path(text).expanduser()
    return Path(text)
