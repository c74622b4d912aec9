"""A digest of a poller on scripted sources: posts come, days pass, and each day it is chosen, noted and sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from aggregator.model.outbox import Digest, Wanted
from aggregator.model.post import Post
from aggregator.model.settings import Publish
from aggregator.pipeline.digests import Issue, Selection
from aggregator.storage.outbox import issues
from aggregator.storage.outbox.digests import DigestRows
from aggregator.storage.outbox.targets import begin_target
from aggregator.text.urls import canonical_url
from tests.helpers.poller_room import NOW, PollerRoom, url_of

RUDDER = "The ferry Halcyon lost its rudder in the storm off Port Marlow. Two tugs brought it to the quay by night."
MUSEUM = "The museum of tide clocks in Ostrand opens again on Friday. Its roof was mended, and forty clocks were oiled."
TARIFF = "Bakers of the islands are paid more for work at night. The union and the mills agreed on it after nine weeks."
DAY = timedelta(days=1)


def said(name: str, title: str, text: str, host: str, at: datetime = NOW) -> Post:
    """An article of a paper."""
    url = f"https://{host}.example/{name}"
    return Post(
        kind="article", native_id=url, title=title, text=text, url=url, canonical_url=canonical_url(url),
        published_at=at,
    )  # fmt: skip


class DigestRoom(PollerRoom):
    """Each poll is a quarter of an hour after the last. `digest` has begun when `begin` was called."""

    def __init__(self, folder: Path, *names: str) -> None:
        super().__init__(folder, *(names or ("gazette", "courier", "tidings")))
        self.digest = Digest(name="breakfast", at=7 * 60, timezone="Europe/Berlin")
        self.publish = Publish(
            path=folder / "site", address="https://news.example/", timezone="Europe/Berlin", title="Harbour News"
        )

    @property
    def today(self) -> date:
        return self.now.date()

    def wants(self, wanted: Wanted | None = None, most: int = 30) -> None:
        self.digest = replace(self.digest, wanted=wanted or Wanted(), most=most)

    async def brings(self, **posts: Post | Sequence[Post]) -> None:
        """One poll, in which these papers have these posts."""
        self.now += timedelta(minutes=15)
        self.collect.begin_anew()
        for name, of_it in posts.items():
            self.collect.posts(url_of(name), [of_it] if isinstance(of_it, Post) else of_it)
        await self.poll()

    async def tells(self, title: str, text: str, *papers: str) -> None:
        """These papers tell of something, each in its words."""
        name = title.lower().replace(" ", "-")
        await self.brings(
            **{
                paper: said(f"{name}-{paper}", title, f"{text} {paper.title()} was there.", paper, self.now)
                for paper in papers
            }
        )

    async def begins(self) -> None:
        """All papers were polled before, and the digest is configured from now on."""
        await self.brings(gazette=said("old", "An old story of the lighthouse", "Its keeper retired.", "gazette"))
        with self.database.write():
            begin_target(self.database.conn, self.digest.name, self.now, "digest")

    def reading(self) -> DigestRows:
        """The database as the digest reads it."""
        return DigestRows(self.config.storage.path, self.publish, self.digest)

    def selected(self) -> Selection:
        """What it would tell now."""
        with self.reading() as rows:
            return rows.select(self.today, self.now)

    def titles(self) -> list[str]:
        """The titles of what it would tell now, in its order."""
        return [each.story.title for each in self.issue().stories]

    def issue(self) -> Issue:
        """What it would tell now, as it is shown."""
        with self.reading() as rows:
            return rows.issue(rows.select(self.today, self.now))

    def note(self) -> None:
        """Fix what it tells now."""
        selection = self.selected()
        with self.database.write():
            issues.note(self.database.conn, selection, f"{self.today}@test", self.now)

    def noted(self) -> Issue:
        """What was fixed for today, as it is shown."""
        with self.reading() as rows:
            row = rows.row(self.today)
            assert row
            return rows.issue(rows.noted(self.today, row))

    def close(self) -> None:
        self.database.close()
