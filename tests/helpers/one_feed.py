"""One feed, polled document after document by the real poller into a real database."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from aggregator.model.changes import PolledSource
from tests.helpers.poller_room import NOW, PollerRoom, url_of

HOME = "https://gazette.example/"
EDITED = "SELECT count(*) FROM changes WHERE what = 'post' AND change = 'edited'"
# Words enough to know an item by.
LONG = (
    "Keepers of the northern light were told on Friday to move their lamps inland before the cliff gives way, and the "
    "path along the shore is closed until engineers have looked at every step of it."
)
NAMES = ("guid", "link", "title", "description", "pubDate", "author", "category", "enclosure")


def item(**fields: str | datetime | tuple[str, ...] | None) -> str:
    """An item of RSS; `pubDate` may be a datetime, several `category` and `enclosure` (addresses) tuples."""
    inner = ""
    for name, value in fields.items():
        assert name in NAMES
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, datetime):
                inner += f"<{name}>{each:%Y-%m-%dT%H:%M:%SZ}</{name}>"
            elif name == "enclosure" and isinstance(each, str):
                inner += f'<enclosure url="{escape(each)}" type="audio/mpeg" length="9"/>'
            elif each is not None:
                extra = ' isPermaLink="false"' if name == "guid" else ""
                inner += f"<{name}{extra}>{escape(each)}</{name}>"
    return f"<item>{inner}</item>"


def at(days: int) -> datetime:
    """A moment so many days before the first poll, with a time of day."""
    return NOW - timedelta(days=days) - timedelta(minutes=17)


class OneFeed:
    """A feed `gazette`; each `poll` is a quarter of an hour after the one before.

    `remembers`: entries that say what they said are left out, as the program does.
    """

    def __init__(self, folder: Path, *, batch_posts: int = 300, remembers: bool = True) -> None:
        self.room, self.remembers = PollerRoom(folder, "gazette", batch_posts=batch_posts), remembers

    async def poll(self, *items: str) -> PolledSource:
        """What came of a document with these items, the newest first."""
        url, room = url_of("gazette"), self.room
        document = f'<rss version="2.0"><channel><title>Gazette</title>{"".join(items)}</channel></rss>'
        room.collect.begin_anew()
        room.collect.document(url, document.encode(), remembers=self.remembers)
        [polled] = await room.poll()
        assert polled.collected.entries == len(items)
        room.now += timedelta(minutes=15)
        return polled

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.room.rows(sql)

    def column(self, sql: str) -> list[Any]:
        """The first column of the rows."""
        return [row[0] for row in self.rows(sql)]

    def state(self) -> list[list[tuple[Any, ...]]]:
        """All that a poll that brings nothing must leave as it is."""
        tables = ("posts", "post_revisions", "post_tags", "post_enclosures", "stories", "changes")
        sightings = "SELECT source_id, native_id, post_id, seen_at, last_seen_at, by_token FROM sightings ORDER BY 1, 2"
        return [self.rows(sightings), *(self.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables)]

    def close(self) -> None:
        self.room.database.close()


async def poll_all(feed: OneFeed, *documents: list[str]) -> None:
    """One document after the other, each a list of items."""
    for document in documents:
        await feed.poll(*document)


async def is_settled(feed: OneFeed, document: list[str]) -> bool:
    """The same document once more changes nothing."""
    before = feed.state()
    await feed.poll(*document)
    return feed.state() == before
