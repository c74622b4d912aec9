"""Three papers, and the writer of briefs of what they say."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from aggregator.engine.briefs.writer import BriefWriter
from aggregator.model.brief import Brief
from aggregator.model.post import Post
from aggregator.model.settings import Publish
from aggregator.storage.briefs.rows import load_briefs
from tests.helpers.poller_room import PollerRoom, article
from tests.helpers.site_room import PAPERS, STORM, polled

TITLE = "Ferry Halcyon loses its rudder in the storm"


def told(name: str, host: str, *, title: str = TITLE, text: str = STORM, hours: int = 1) -> Post:
    """The same event in a paper's own words."""
    return article(name, title, f"{text} So the {host} says it.", host=host, hours=hours)


class Desk:
    """Three papers, and a writer of what they say."""

    def __init__(self, folder: Path) -> None:
        self.room = PollerRoom(folder, *PAPERS)
        self.settings = Publish()
        self.begin()

    def begin(self, settings: Publish | None = None) -> None:
        """A writer that was just started."""
        self.settings = settings or self.settings
        self.writer = BriefWriter(self.room.database, lambda: self.room.now)
        self.writer.use(self.settings)

    async def storm(self) -> None:
        await polled(self.room, gazette=told("storm", "gazette"), courier=told("rudder", "courier"))

    async def storm_and_later(self) -> tuple[int, int]:
        """The storm, and nine days later a story that is linked to it: the numbers of both, the older one first."""
        await self.storm()
        self.room.now += timedelta(days=9)
        text, hours = "The ferry Halcyon sails again from Port Marlow.", -24 * 9
        gazette = told("back", "gazette", title="Halcyon is back", text=text, hours=hours)
        courier = told("sails", "courier", title="Halcyon is back", text=text, hours=hours)
        await polled(self.room, gazette=gazette, courier=courier)
        first, second = (row[0] for row in self.room.rows("SELECT id FROM stories ORDER BY id"))
        conn = self.room.database.conn
        with self.room.database.write():
            conn.execute("DELETE FROM story_links")
            conn.execute(
                "INSERT INTO story_links (story_id, earlier_story_id, similarity, because) VALUES (?, ?, .5, 'x')",
                (second, first),
            )
        return first, second

    async def write(self) -> tuple[int, int]:
        """All that is to be written: how many briefs were written and removed."""
        written = dropped = 0
        while self.writer.is_behind():
            done = await self.writer.turn()
            written, dropped = written + done.written, dropped + done.dropped
        return written, dropped

    def briefs(self, language: str = "en") -> dict[int, Brief]:
        ids = [row[0] for row in self.room.rows("SELECT id FROM stories")]
        return load_briefs(self.room.database.conn, ids, language)
