"""A writer of briefs by a model, over a database with one story to write; and what models answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from aggregator.engine.briefs.material import Loaded
from aggregator.engine.briefs.model_writer import ModelRoom, ModelWriter
from aggregator.engine.briefs.queue import SETTLE
from aggregator.model.brief import Brief, BriefSentence, Refused
from aggregator.model.settings import Briefs, Publish
from aggregator.storage.briefs.rows import load_briefs, save_brief
from aggregator.storage.changelog import log_changes
from aggregator.storage.database import Database
from tests.helpers.evidence import FERRY_STORY, NOW
from tests.helpers.fake_model import FakeModel, WordCheck, brief
from tests.helpers.new_database import new_database
from tests.helpers.newsroom import fill

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GOOD = brief(
    happened=[("Two lines stay in port until Monday.", [1, 3])], context=[("The port expects 900 guests.", [4])]
)
BAD = brief(happened=[("Two lines stay in port.", [1]), ("An INVENTED one.", [2])])
WORSE = brief(happened=[("An INVENTED one.", [2])])


def _half_year(database: Database) -> None:
    fill(database, NOW)


class WriterRoom:
    """A database with stories, of which one can be written; a writer whose clock the test moves."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.database = new_database(folder / "news.db", _half_year)
        self.stop = asyncio.Event()
        self.settings = Briefs(model="small", timeout=timedelta(seconds=5))
        self.check = WordCheck("INVENTED")
        self.stories = {17: Loaded(material=FERRY_STORY, publishers=2, topics=frozenset({"ferries"}))}
        self.loading: Callable[[], object] = lambda: None
        self.languages: list[str] = []
        self.writer = self.new_writer()
        with self.database.write():
            self.database.conn.execute("UPDATE stories SET source_count = 1")
            self.database.conn.execute("INSERT OR REPLACE INTO consumers VALUES ('model', 0, '')")
            self.database.conn.execute("DELETE FROM changes")
            self.database.conn.execute(
                "INSERT OR REPLACE INTO stories (id, slug, title, first_at, last_at, source_count, score, "
                "story_version) VALUES (17, 'ferries', 'x', ?1, ?1, 2, .9, 1)",
                (f"{NOW - HOUR:%Y-%m-%dT%H:%M:%SZ}",),
            )
            seq = self.database.conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").fetchone()[0]
            self.database.conn.execute("UPDATE consumers SET seq = ?", (seq,))

    def new_writer(self) -> ModelWriter:
        return ModelWriter(self.database, self.stop, self._load, clock=lambda: self.now)

    def _load(self, path: Path, publish: Publish, story_id: int, language: str) -> Loaded | None:
        self.loading()
        self.languages.append(language)
        found = self.stories.get(story_id)
        return replace(found, material=found.material._replace(language=language)) if found else None

    def use(self, url: str, **more: Any) -> None:
        self.settings = replace(self.settings, base_url=url, **more)
        self.writer.use_room(ModelRoom(briefs=self.settings), lambda: self.check.of_day)

    def change(self, *stories: int) -> None:
        with self.database.write():
            log_changes(self.database.conn, self.now, "story", "edited", stories or (17,))

    async def go_on(self, later: timedelta = timedelta(0)) -> None:
        """What the daemon does every few seconds, and what is begun by it to its end."""
        self.now += later
        await self.writer.go_on()
        if self.writer._task:
            await asyncio.wait({self.writer._task})
            await self.writer.go_on()

    async def begin(self, fake: FakeModel) -> None:
        """A story's time comes, and its model is asked, which does not answer."""
        self.change()
        await self.go_on()
        self.now += SETTLE
        await self.writer.go_on()
        await fake.was_asked()

    def make_all_due(self) -> None:
        """Every story has news, which two have carried."""
        with self.database.write():
            self.database.conn.execute(
                "UPDATE stories SET source_count = 2, last_at = ?", (f"{NOW:%Y-%m-%dT%H:%M:%SZ}",)
            )

    async def due(self, *stories: int) -> None:
        """Stories change, and their time comes."""
        self.change(*stories)
        await self.go_on()
        await self.go_on(SETTLE)

    def brief(self, language: str = "en") -> Brief | None:
        return load_briefs(self.database.conn, [17], language).get(17)

    def save(self, brief: Brief) -> None:
        """A brief that is there already."""
        with self.database.write():
            save_brief(self.database.conn, brief)

    def rows(self, sql: str) -> list[Any]:
        return self.database.conn.execute(sql).fetchall()

    def outcomes(self) -> list[tuple[str, str]]:
        return self.rows("SELECT wanted, outcome FROM model_requests ORDER BY id")

    def tasks(self) -> list[Any]:
        return self.rows("SELECT story_id, attempts, trouble FROM brief_tasks WHERE why = 'model' ORDER BY story_id")


EXTRACTED = Brief(
    story_id=17, language="en", headline="Two ferry lines", digest="mark", method="extracted", written_at=NOW,
    sentences=(
        BriefSentence(part="happened", text="Two ferry lines stay.", language="en", made="quoted", posts=(1,)),
        BriefSentence(part="context", text="Carried by 2.", language="en", made="counted", posts=(1, 2), pattern="c"),
    ),
)  # fmt: skip
BY_A_MODEL = replace(
    EXTRACTED, method="model", model="former", refused=(Refused("watch", "It sinks.", "nobody says so"),),
    tokens_in=2_000, tokens_out=70,
)  # fmt: skip
