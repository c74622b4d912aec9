"""The script that people write: feedparser, requests and sqlite-utils with 16 threads. Run as `naive.py DB URLS`.

It keeps validators, stores each entry once (by feed and id) and indexes title and text for search, and that is all:
no duplicates between feeds, no topics, no stories, no backoff, no limits. URLS is a file with an address a line.
"""

from __future__ import annotations

import html
import io
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import feedparser
import requests
from sqlite_utils import Database

_THREADS = 16
_TIMEOUT_SECONDS = 30

_local = threading.local()

Row = dict[str, Any]


def main(database: str, urls: str) -> int:
    """Poll all feeds once; the exit status is 0 unless none answered."""
    db = Database(database)
    prepare(db)
    known = {row["url"]: row for row in db.table("feeds").rows}
    wanted = [known.get(url, {"url": url, "etag": None, "modified": None}) for url in Path(urls).read_text().split()]
    outcomes = {"ok": 0, "not_modified": 0, "failed": 0}
    with ThreadPoolExecutor(_THREADS) as pool:
        for outcome, feed, entries in pool.map(poll, wanted):
            outcomes[outcome] += 1
            if outcome == "ok":
                db.table("entries").insert_all(entries, pk=("feed", "id"), ignore=True)
                db.table("feeds").insert(feed, pk="url", replace=True)
    db.conn.commit()
    print(" ".join(f"{name}={count}" for name, count in outcomes.items()))
    return int(outcomes["failed"] == len(wanted))


def prepare(db: Database) -> None:
    """Make the tables and the search index, once."""
    if "entries" in db.table_names():
        return
    db.enable_wal()
    db.table("feeds").create({"url": str, "etag": str, "modified": str}, pk="url")
    columns = {"feed": str, "id": str, "link": str, "title": str, "text": str, "published": str}
    db.table("entries").create(columns, pk=("feed", "id"))
    db.table("entries").enable_fts(["title", "text"], tokenize="unicode61 remove_diacritics 2", create_triggers=True)


def poll(feed: Row) -> tuple[str, Row, list[Row]]:
    """Fetch and parse one feed: how it ended, the feed with its new validators, its entries."""
    headers = {"If-None-Match": feed["etag"], "If-Modified-Since": feed["modified"]}
    try:
        response = session().get(feed["url"], headers=headers, timeout=_TIMEOUT_SECONDS)
        response.raise_for_status()
    except requests.RequestException:
        return "failed", feed, []
    if response.status_code == 304:
        return "not_modified", feed, []
    parsed = feedparser.parse(io.BytesIO(response.content), response_headers=dict(response.headers))
    validators = {"etag": response.headers.get("ETag"), "modified": response.headers.get("Last-Modified")}
    return "ok", {**feed, **validators}, [row_of(feed["url"], entry) for entry in parsed.entries]


def session() -> requests.Session:
    """One session a thread: they may not be shared."""
    if not hasattr(_local, "session"):
        _local.session = requests.Session()
    return _local.session  # type: ignore[no-any-return]


def row_of(feed: str, entry: Any) -> Row:
    """An entry as it is stored."""
    content = entry.content[0].value if entry.get("content") else entry.get("summary", "")
    text = html.unescape(re.sub(r"<[^>]+>", " ", content))
    key = entry.get("id") or entry.get("link") or entry.get("title", "")
    return {
        "feed": feed,
        "id": key,
        "link": entry.get("link"),
        "title": entry.get("title"),
        "text": text,
        "published": entry.get("published") or entry.get("updated"),
    }


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
