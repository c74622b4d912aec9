"""The digest of the demo's sources: as a daemon would make it that had made one the day before."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.model.outbox import Digest
from aggregator.model.settings import Publish
from aggregator.publish.digests.page import Digests, Made
from aggregator.storage.outbox.digests import DigestRows

_BEGIN = """
UPDATE sightings SET by_first_poll = 0;
INSERT INTO outbox_targets (target, begun_at, begun_post) VALUES ('breakfast', :before, 0);
"""
_TOLD = """
INSERT INTO outbox (id, target, kind, row_id, state, noted_at, due_at)
  VALUES (1, 'breakfast', 'digest', 20260101, 'sent', :before, :before);
INSERT INTO outbox_posts (target, post_id, outbox_id, noted_at)
  SELECT 'breakfast', id, 1, :before FROM posts WHERE id IN (
    SELECT p.id FROM posts p JOIN stories s ON s.id = p.story_id ORDER BY s.source_count DESC, p.sort_at LIMIT 3);
INSERT INTO consumers (name, seq, updated_at) VALUES ('digest:breakfast', 0, :before);
"""


def demo_digest(database: Path, folder: Path) -> Made:
    """The digest of today, of the demo's database, which stays as it is; also as `digest.html` in the folder."""
    copy = folder / "digest.db"
    with sqlite3.connect(database) as conn:
        conn.execute("VACUUM INTO ?", (str(copy),))
    conn.close()
    now = datetime.now(UTC)
    before = f"{(now - timedelta(days=1)).replace(hour=6, minute=0):%Y-%m-%dT%H:%M:%SZ}"
    with sqlite3.connect(copy) as conn:
        for statement in f"{_BEGIN}{_TOLD}".split(";\n")[:-1]:
            conn.execute(statement, {"before": before})
    conn.close()
    publish = Publish(
        path=folder / "site", title="Harbour News", address="https://news.example/", timezone="Europe/Berlin"
    )
    with DigestRows(copy, publish, Digest(name="breakfast", at=420)) as rows:
        made = Digests(publish).made(rows.issue(rows.select(now.date(), now)))
    (folder / "digest.html").write_text(made.html, "utf-8")
    return made


def without_sheet(page: str) -> str:
    """As mail programs show it that throw its sheet away."""
    begin, end = page.index("<style>"), page.index("</style>")
    return page[:begin] + page[end + len("</style>") :]
