"""What the twenty questions of docs/questions.md take in a database, and whether one reads a whole table:

    python -m benchmarks.questions --database FILE [--json FILE]
    python -m benchmarks.questions --database data/demo.db --results

CPU milliseconds for all rows, the least of five, on a connection that only reads. The page names a story, posts, a
topic, an author and a paper of the demo: of another database those of its widest story of the last week are taken.
`benchmarks.views` makes a file of so many posts. Exit status 1 where a question takes more than a second, or reads a
table that grows from end to end. `--results` prints what each gives, cut short, as the page has it of the demo.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from aggregator.storage import schema
from benchmarks.samples import markdown
from benchmarks.views.__main__ import least_ms

PAGE = Path(__file__).parents[1] / "docs" / "questions.md"
_MOST_MS = 1000.0
_ROWS, _WIDE, _LONG = 3, 60, 120

# Read from end to end, but small in any database.
_SMALL = {"source_health": "SCAN s"}

_WIDEST = """
SELECT s.id, p.post_id, p.publisher, p.title FROM latest_stories s CROSS JOIN story_posts p
WHERE s.last_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days') AND p.story_id = s.id
ORDER BY s.source_count DESC, s.id DESC, p.published_at LIMIT 1
"""
_AUTHOR = "SELECT author FROM latest_posts WHERE author IS NOT NULL ORDER BY published_at DESC LIMIT 1"
_TOPICS = """
SELECT topic FROM topic_counts_daily WHERE day >= date('now', '-7 days')
GROUP BY topic ORDER BY sum(post_count) DESC LIMIT 1
"""


def questions() -> dict[str, str]:
    """Question → SQL, as on the page."""
    text = PAGE.read_text(encoding="utf-8")
    return dict(re.findall(r"^## (\d+\. .*?)\n.*?```sql\n(.*?)```", text, re.DOTALL | re.MULTILINE))


def of_this(conn: sqlite3.Connection, sql: str) -> str:
    """The question with what this database has in place of what the demo has."""
    widest = conn.execute(_WIDEST).fetchone()
    if widest is None or conn.execute("SELECT 1 FROM posts WHERE author = 'Caspian Ferreira' LIMIT 1").fetchone():
        return sql
    story, post, publisher, title = widest
    [author] = conn.execute(_AUTHOR).fetchone() or ("",)
    [topic] = conn.execute(_TOPICS).fetchone() or ("",)
    word = max(re.findall(r"\w+", title or "news"), key=len, default="news")
    for pattern, instead in {
        r"story_id = 32\b": f"story_id = {story}",
        r"\bid = [46]\b": f"id = {post}",
        r"\bpost_id = [46]\b": f"post_id = {post}",
        "'harbourledger.example'": _quoted(publisher),
        "'Caspian Ferreira'": _quoted(author),
        "'research'|'mistral'": _quoted(topic),
        "'\"rehearsal\"'": _quoted(f'"{word}"'),
    }.items():
        sql = re.sub(pattern, instead.replace("\\", r"\\"), sql)
    return sql


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def read_whole(conn: sqlite3.Connection, sql: str) -> list[str]:
    """What SQLite's plan reads from end to end, of tables that grow; also what it indexes or filters anew for that."""
    small = {line for view, line in _SMALL.items() if view in sql}
    views = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'view'")}
    found = []
    for *_, line in conn.execute(f"EXPLAIN QUERY PLAN {sql}"):
        scanned = re.match(r"SCAN ([^( ]\S*)", line)
        is_whole = scanned and scanned[1] not in views and "VIRTUAL TABLE" not in line and line not in small
        if is_whole or re.match(r"BLOOM FILTER|SEARCH .* AUTOMATIC", line):
            found.append(line)
    return found


def result(conn: sqlite3.Connection, sql: str, most: int = _ROWS) -> str:
    """What a question gives, as a table of Markdown, cut short to so many rows."""
    asked = conn.execute(sql)
    columns = [each[0] for each in asked.description]
    rows = asked.fetchall()
    lines = [[_cut(cell) for cell in row] for row in rows[:most]]
    if len(rows) > most:
        lines.append(["…"] + [""] * (len(columns) - 1))
    return "\n".join(f"| {' | '.join(line)} |" for line in [columns, ["---"] * len(columns), *lines])


def _cut(cell: object) -> str:
    text = "" if cell is None else " ".join(str(cell).split()).replace("|", "\\|")
    text = re.sub(r"(127\.0\.0\.1):\d+", r"\1", text)  # the demo's server, each time on another port
    if len(text) > _LONG:  # what was changed in it often stands at its end
        return f"{text[:20].rstrip()}…{text[-38:].lstrip()}"
    return text if len(text) <= _WIDE else text[: _WIDE - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a question took: rows that it gave, CPU milliseconds, and what it read from end to end."""

    question: str
    rows: int
    ms: float
    whole: list[str]


def measured(conn: sqlite3.Connection, question: str, sql: str) -> Measured:
    """Ask it of this database."""
    asked = of_this(conn, sql)
    rows = len(conn.execute(asked).fetchall())
    return Measured(question, rows, least_ms(conn, asked), read_whole(conn, asked))


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask each, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.questions", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--database", type=Path, required=True, help="which file; it is only read")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--results", action="store_true", help="print what each gives instead")
    given = parser.parse_args(arguments)
    with closing(schema.connect(given.database, read_only=True)) as conn:
        if given.results:
            for question, sql in questions().items():
                print(f"## {question}\n\n{result(conn, sql)}\n")
            return 0
        rows = [measured(conn, question, sql) for question, sql in questions().items()]
    lines = [[row.question, str(row.rows), f"{row.ms:.1f}"] for row in rows]
    print(markdown([["question", "rows", "CPU ms"], *lines]))
    slow = [f"{row.question} {', '.join(row.whole)}" for row in rows if row.whole or row.ms > _MOST_MS]
    print("\n".join(["", *slow]) if slow else "\nNone reads a whole table or takes a second.")
    if given.json:
        given.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
