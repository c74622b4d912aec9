"""Sources as readers see them, with their state; those that only a token shows are left out.

An address with a password or a key in it is somebody's own: here, and nowhere else, it is kept from what is shown.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from datetime import datetime, timedelta

from aggregator.model.site import ShownSource
from aggregator.storage.times import from_text, to_text
from aggregator.text.secrets.open_addresses import host_of, is_open_address, without_secrets

_SOURCES = """
SELECT s.id, s.kind, s.title, coalesce(s.shown_url, s.url), s.url, s.site_url, s.status,
  coalesce(s.last_error, s.warning), s.last_success_at,
  (SELECT max(p.sort_at) FROM (SELECT g.post_id FROM sightings g WHERE g.source_id = s.id ORDER BY g.post_id DESC
    LIMIT 20) n JOIN posts p ON p.id = n.post_id),
  (SELECT count(1) FROM sightings g WHERE g.source_id = s.id), s.folder
FROM sources s
WHERE s.removed_at IS NULL AND (s.publish = 1 OR s.kind NOT IN ('list', 'home', 'bookmarks'))
ORDER BY s.id
"""
_WEEK = timedelta(days=7)
_TIMES = """
SELECT g.source_id, p.sort_at FROM posts p INDEXED BY posts_latest JOIN sightings g ON g.post_id = p.id
WHERE p.sort_at >= ? AND p.sort_at < ? ORDER BY p.sort_at
"""


def load_sources(conn: sqlite3.Connection, until: datetime) -> list[ShownSource]:
    """All sources in use that may be named, with the times of their posts in the week that ends at `until`."""
    times: dict[int, list[datetime]] = defaultdict(list)
    for source_id, at in conn.execute(_TIMES, (to_text(until - _WEEK), to_text(until))):
        times[source_id].append(datetime.fromisoformat(at))
    return [
        ShownSource(
            id=row[0], kind=row[1], name=_name(row[2], row[3], row[4]), url=_open(row[4]), site_url=_open(row[5]),
            status=row[6], trouble=without_secrets(row[7] or "") or None, last_success_at=from_text(row[8]),
            newest_at=from_text(row[9]), post_count=row[10],
            week=tuple(times[row[0]]), folder=row[11],
        )
        for row in conn.execute(_SOURCES)
    ]  # fmt: skip


def _name(title: str | None, shown_url: str, url: str) -> str:
    """What readers call a source: its title, else its address, of one that is not open the host."""
    if title:
        return without_secrets(title)
    return shown_url if is_open_address(url) else host_of(url)


def _open(url: str | None) -> str | None:
    return url if url and is_open_address(url) else None
