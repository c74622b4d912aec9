#!/usr/bin/env python3
"""config/datasette.json, of config/datasette.yaml and of what the tables say of themselves:

    .venv/bin/python .ci/datasette.py        # `make reference` does it

The YAML has what Datasette is to do, ready questions, and the words for columns of views. Descriptions of tables and
views, and of the columns of tables, are the comments that stand in the database, so they are said in one place.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from aggregator.storage.database import Database

ROOT = Path(__file__).parents[1]
YAML_FILE, JSON_FILE = ROOT / "config" / "datasette.yaml", ROOT / "config" / "datasette.json"

# A comment that goes on stands as far to the right as the one before.
_FAR = re.compile(r" {20,}--")


def comments(sql: str, columns: set[str]) -> tuple[str, dict[str, str]]:
    """Of a statement that makes a table or view: what it is, and what its columns are, as its comments say.

    `--` behind a line is said of the column that the line begins with, `/* */` of the one that it stands in. So says a
    column that was added later, which SQLite writes into the line of the last one.
    """
    lines = sql.split("\n")[1:]
    count = next((number for number, line in enumerate(lines) if not line.strip().startswith("--")), len(lines))
    about = " ".join(line.strip(" -") for line in lines[:count])
    said: dict[str, str] = {}
    name = ""
    for line in lines[count:]:
        code, dashes, comment = line.partition("--")
        if code.strip():
            first = re.match(r"[\s,]*(\w+)", code)
            name = first[1] if first and first[1] in columns else ""
            if name and dashes:
                said[name] = comment.strip()
        elif _FAR.match(line) and name in said:
            said[name] += " " + comment.strip()
    for inside in re.finditer(r"/\*(.*?)\*/", sql, re.DOTALL):
        before = [each for each in re.findall(r"[,(\n]\s*(\w+)", sql[: inside.start()]) if each in columns]
        said[before[-1]] = inside[1].strip()
    return about, said


def said_of(conn: sqlite3.Connection) -> dict[str, tuple[str, dict[str, str]]]:
    """Table or view → what it is, and what its columns are, as far as the database says."""
    found = {}
    for name, sql in conn.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'view')").fetchall():
        columns = {row[1] for row in conn.execute(f"PRAGMA table_xinfo('{name}')")}
        found[name] = comments(sql, columns)
    return found


def settings() -> dict[str, Any]:
    """What config/datasette.yaml says."""
    read: dict[str, Any] = YAML(typ="safe", pure=True).load(YAML_FILE.read_text("utf-8"))
    return read


def metadata(read: dict[str, Any], said: dict[str, tuple[str, dict[str, str]]]) -> dict[str, Any]:
    """What Datasette 0.65 is told, and 1.0 of titles and descriptions."""
    database = read["databases"]["aggregator"]
    tables = {}
    for name, table in database["tables"].items():
        about, columns = said.get(name, ("", {}))
        described = {"description": about} if about else {}
        told = {**columns, **table.get("columns", {})}
        tables[name] = {**described, **table, **({"columns": told} if told else {})}
    whole = {key: value for key, value in read.items() if key not in ("settings", "databases")}
    return {**whole, "databases": {"aggregator": {**database, "tables": tables}}}


def written() -> str:
    """The text of config/datasette.json, by a database as it is made today."""
    with tempfile.TemporaryDirectory() as folder, closing(Database(Path(folder) / "new.db")) as database:
        said = said_of(database.conn)
    return json.dumps(metadata(settings(), said), ensure_ascii=False, indent=2) + "\n"


def main() -> int:
    """Write it."""
    JSON_FILE.write_text(written(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
