"""What each view and each query of docs/database.md takes, and whether that grows with the file:

    python -m benchmarks.views [--posts 50000,500000] [--folder FOLDER] [--analyze]

Makes a file of each size in the folder, unless it is there (two minutes, 2.5 GB for half a million posts). Asks every
view for its first 50 rows and for `count(*)`, and every query of the page for all it gives; CPU milliseconds, the least
of five, on a connection that only reads. A query may take 1.3 times as long in the largest file as in the smallest, or
5 ms; counting a view's rows 200 ms. Exit status 1 where one takes longer. `--analyze` first lets SQLite gather its
statistics.
"""

from __future__ import annotations

import argparse
import re
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from aggregator.storage import schema
from aggregator.storage.database import Database
from benchmarks.views.rows import make_file

_DOCS = Path(__file__).parents[2] / "docs/database.md"
_ROUNDS = 5
_TIMES, _SOME_MS, _COUNT_MS = 1.3, 5.0, 200.0
FILLER = 1500


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where something takes longer than it may."""
    parser = argparse.ArgumentParser(prog="benchmarks.views", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--posts", default="50000,500000", help="sizes, the smallest first")
    parser.add_argument("--folder", type=Path, help="where the files are kept; a temporary one if left out")
    parser.add_argument("--analyze", action="store_true", help="with SQLite's statistics")
    given = parser.parse_args(arguments)
    sizes = [int(size) for size in given.posts.split(",")]
    with tempfile.TemporaryDirectory(prefix="views-") as scratch:
        folder: Path = given.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        return _compare([_measured(folder, size, has_statistics=given.analyze) for size in sizes], sizes)


def queries(conn: sqlite3.Connection) -> dict[str, str]:
    """Name → query: the first rows and the number of rows of each view, and all of the page."""
    views = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name")]
    asked = {f"{view}: 50 rows": f"SELECT * FROM {view} LIMIT 50" for view in views}
    asked |= {f"{view}: count": f"SELECT count(*) FROM {view}" for view in views}
    for number, sql in enumerate(re.findall(r"```sql\n(.*?)```", _DOCS.read_text(encoding="utf-8"), re.DOTALL), 1):
        asked[f"docs {number}: {' '.join(sql.split())[:70]}"] = sql
    return asked


def _measured(folder: Path, posts: int, *, has_statistics: bool) -> dict[str, float]:
    path = folder / f"posts-{posts}.db"
    make_file(path, posts, FILLER)
    Database(path).close()  # today's views, in a file that was there
    with closing(schema.connect(path)) as conn:
        conn.execute("ANALYZE" if has_statistics else "DROP TABLE IF EXISTS sqlite_stat1")
    with closing(schema.connect(path, read_only=True)) as conn:
        return {name: least_ms(conn, sql) for name, sql in queries(conn).items()}


def least_ms(conn: sqlite3.Connection, sql: str) -> float:
    """CPU milliseconds for all rows of a query, the least of five; what takes seconds is asked once."""

    def once() -> float:
        before = time.process_time()
        conn.execute(sql).fetchall()
        return (time.process_time() - before) * 1000

    first = once()
    return min(first, *(once() for _ in range(_ROUNDS - 1))) if first < 2000 else first


def _compare(measured: Sequence[dict[str, float]], sizes: Sequence[int]) -> int:
    print(f"SQLite {sqlite3.sqlite_version}; CPU ms\n")
    print("| query | " + " | ".join(f"{size:,}" for size in sizes) + " | |\n|---|" + "--:|" * len(sizes) + "---|")
    slow = 0
    for name in measured[0]:
        times = [each[name] for each in measured]
        most = _COUNT_MS if name.endswith(": count") else max(_SOME_MS, _TIMES * times[0])
        is_slow = times[-1] > most
        slow += is_slow
        print(f"| {name} | " + " | ".join(f"{ms:.2f}" for ms in times) + f" | {'**too long**' if is_slow else ''} |")
    print(f"\n{slow} of {len(measured[0])} take longer than they may")
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
