"""The `reader` library, polling the same feeds. Run by the Python of a venv that has it: `reader_peer.py WHAT DB URLS`.

WHAT is `update`, or `search`, which brings reader's search index up to date: a step of its own there. URLS is a file
with an address a line.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from reader import make_reader  # type: ignore[import-not-found]

_WORKERS = 16


def main(what: str, database: str, urls: str) -> int:
    """Poll all feeds once, or build the index; the exit status is 0 unless no feed answered."""
    with make_reader(database) as reader:
        if what == "search":
            reader.enable_search()
            reader.update_search()
            return 0
        wanted = Path(urls).read_text().split()
        known = {feed.url for feed in reader.get_feeds()}
        for url in wanted:
            if url not in known:
                reader.add_feed(url)
        outcomes: Counter[str] = Counter(ok=0, not_modified=0, failed=0)
        for result in reader.update_feeds_iter(scheduled=False, workers=_WORKERS):
            if isinstance(result.value, Exception):
                outcomes["failed"] += 1
            else:
                outcomes["not_modified" if result.value is None else "ok"] += 1
    print(" ".join(f"{name}={count}" for name, count in outcomes.items()))
    return int(outcomes["failed"] == len(wanted))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
