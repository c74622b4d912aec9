"""What a digest tells: chosen once, from the log of changes, and read again as it was chosen.

What it was told by stands in `outbox_posts`: by these posts a story is known however it is merged, split or made anew.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from aggregator.model.outbox import Digest, Told
from aggregator.model.settings import Publish
from aggregator.pipeline.digests import Issue, Picked, Selection, told_in, widest_first
from aggregator.storage.arrival import is_grouping
from aggregator.storage.outbox.noting import SeenPost, load_by_story, load_posts, publishers_of
from aggregator.storage.outbox.targets import Begun, consumer_of, load_target
from aggregator.storage.outbox.wanted import stories_meeting
from aggregator.storage.site.rows import SiteRows
from aggregator.storage.times import from_text

# Stories that are looked at closely: those that most publishers carry. What comes behind them finds no room anyway.
_MOST_STORIES = 1_000
# Of a test where there is no news: so many of the newest posts' stories are looked at, and so many told.
_SAMPLED, _SAMPLE = 50, 5

_IN = "IN (SELECT value FROM json_each(?))"

_CAME = "SELECT DISTINCT row_id FROM changes WHERE seq > ? AND seq <= ? AND what = 'post' AND change = 'new'"
_TOLD = (
    "SELECT p.story_id, o.post_id, o.noted_at, p.publisher FROM outbox_posts o JOIN posts p ON p.id = o.post_id "
    f"WHERE o.target = ? AND o.outbox_id <> ? AND p.story_id {_IN}"
)
_ROW = (
    "SELECT id, state, noted_at, left_out, attempts, message_id FROM outbox "
    "WHERE target = ? AND kind = 'digest' AND row_id = ?"
)


class Row(NamedTuple):
    """What is noted of a digest of a day."""

    id: int
    state: str
    noted_at: datetime
    left_out: int
    attempts: int
    message_id: str | None


def number_of(day: date) -> int:
    """A day as a row of the outbox names it: 20261130."""
    return day.year * 10_000 + day.month * 100 + day.day


def day_of(number: int) -> date:
    """The reverse of `number_of`."""
    return date(number // 10_000, number // 100 % 100, number % 100)


class DigestRows(SiteRows):
    """The database as a digest reads it: one moment of it, and what the site may show of it."""

    def __init__(self, path: Path, settings: Publish, digest: Digest) -> None:
        """Raises:
        StorageError: there is no database yet, or it can't be read.
        """
        self._digest = digest
        super().__init__(path, settings, consumer_of(digest.name, "digest"))

    def begun(self) -> Begun | None:
        """Since when it is there; None where it was never seen."""
        return load_target(self._conn, self._digest.name)

    def is_whole(self) -> bool:
        """No posts are just being given their stories: in the middle of that a digest would tell half of them."""
        return not is_grouping(self._conn)

    def row(self, day: date) -> Row | None:
        """What is noted of this day."""
        found = self._conn.execute(_ROW, (self._digest.name, number_of(day))).fetchone()
        return _row(found) if found else None

    def select(self, day: date, now: datetime) -> Selection:
        """What came since the last one, best first; of a target that was never seen, nothing."""
        begun, place = self.begun(), self.place
        if begun is None or place.seq is None:
            return Selection(target=self._digest.name, day=day, at=now, seq=place.newest, picked=())
        # What is kept is told; of a database that was put back the numbers went back, too.
        after = place.newest if place.seq > place.newest else max(place.seq, place.first_kept - 1)
        picked = self._picked(begun, self._came(begun, after), now)
        told, left_out = picked[: self._digest.most], len(picked[self._digest.most :])
        return Selection(
            target=self._digest.name, day=day, at=now, seq=place.newest, picked=tuple(told), left_out=left_out,
            since=self._since(begun.begun_at), lost=place.is_lost,
        )  # fmt: skip

    def sample(self, day: date, now: datetime) -> Selection:
        """What a test tells where there is no news: some of the newest stories."""
        stories = widest_first(self.stories.load(self.lists.newest(_SAMPLED)))[: min(_SAMPLE, self._digest.most)]
        picked = [Picked(story_id=each.id, posts=frozenset(post.id for post in each.posts)) for each in stories]
        return Selection(target=self._digest.name, day=day, at=now, seq=0, picked=tuple(picked))

    def noted(self, day: date, row: Row) -> Selection:
        """What was chosen for this day, as far as it may still be told."""
        ids = self._conn.execute(
            "SELECT DISTINCT p.story_id FROM outbox_posts o JOIN posts p ON p.id = o.post_id "
            "WHERE o.outbox_id = ? AND p.story_id IS NOT NULL",
            (row.id,),
        )
        stories, begun = [each[0] for each in ids], self.begun()
        mine = self._posts_of(row.id)
        told = self._told(stories, row.id)
        order = widest_first(self.stories.load(stories))
        picked = [
            Picked(story_id=story.id, posts=news, told=told[story.id].said if story.id in told else None)
            for story in order
            if (news := frozenset(post.id for post in story.posts) & mine)
        ]
        return Selection(
            target=self._digest.name, day=day, at=row.noted_at, seq=0, picked=tuple(picked), left_out=row.left_out,
            since=self._since(begun.begun_at if begun else None, row.id),
        )  # fmt: skip

    def issue(self, selection: Selection, *, is_test: bool = False) -> Issue:
        """What is shown of it."""
        picked = {each.story_id: each for each in selection.picked}
        shown = [told_in(picked[story.id], story, selection.at) for story in self.stories.load_whole(picked)]
        return Issue(
            name=selection.target, day=selection.day, at=selection.at, stories=[each for each in shown if each],
            since=selection.since, left_out=selection.left_out, is_test=is_test,
        )  # fmt: skip

    # ------------------------------------------------------------

    def _came(self, begun: Begun, after: int) -> set[int]:
        """The stories of which news came after this change."""
        ids = [row[0] for row in self._conn.execute(_CAME, (after, self.place.newest))]
        posts = load_posts(self._conn, begun, ids, self._settings.people)
        return {post.story_id for post in posts if post.story_id is not None and not (post.is_known or post.is_told)}

    def _picked(self, begun: Begun, stories: Collection[int], now: datetime) -> list[Picked]:
        """Of these stories those that are wanted and have news, best first."""
        of_story = load_by_story(self._conn, begun, stories, self._settings.people)
        ids = self._wanted(of_story, now)
        told = self._told(ids, 0)
        found: list[Picked] = []
        for story in widest_first(self.stories.load(ids)):
            fresh = frozenset(post.id for post in of_story[story.id] if not (post.is_known or post.is_told))
            if any(post.id in fresh for post in story.speaking):
                known = told.get(story.id, _Known())
                found.append(Picked(story_id=story.id, posts=fresh, told=known.said))
        return found

    def _wanted(self, of_story: Mapping[int, Sequence[SeenPost]], now: datetime) -> list[int]:
        """Of these stories those that are wanted, the widest carried first."""
        found = stories_meeting(self._conn, self._digest.wanted, of_story, now)
        return sorted(found, key=lambda story_id: (-len(publishers_of(of_story[story_id])), -story_id))[:_MOST_STORIES]

    def _told(self, stories: Iterable[int], outbox_id: int) -> dict[int, _Known]:
        """What it was told of these stories before this row."""
        found: dict[int, _Known] = {}
        values = (self._digest.name, outbox_id, json.dumps(list(stories)))
        for story_id, post_id, noted_at, publisher in self._conn.execute(_TOLD, values):
            known = found.setdefault(story_id, _Known())
            known.posts.add(post_id)
            known.publishers.add(publisher or str(post_id))
            known.at = max(known.at, noted_at)
        return found

    def _posts_of(self, outbox_id: int) -> set[int]:
        rows = self._conn.execute("SELECT post_id FROM outbox_posts WHERE outbox_id = ?", (outbox_id,))
        return {row[0] for row in rows}

    def _since(self, begun_at: datetime | None, before: int | None = None) -> datetime | None:
        """When it looked last, before this row."""
        found = self._conn.execute(
            "SELECT max(noted_at) FROM outbox WHERE target = ? AND kind = 'digest' AND id < coalesce(?, id + 1)",
            (self._digest.name, before),
        ).fetchone()[0]
        return from_text(found) or begun_at


class _Known:
    """What was told of a story."""

    def __init__(self) -> None:
        self.posts: set[int] = set()
        self.publishers: set[str] = set()
        self.at = ""

    @property
    def said(self) -> Told | None:
        at = from_text(self.at or None)
        return Told(at=at, posts=len(self.posts), publishers=len(self.publishers)) if at else None


def _row(found: Sequence[Any]) -> Row:
    row_id, state, noted_at, left_out, attempts, message_id = found
    return Row(row_id, state, datetime.fromisoformat(noted_at), left_out, attempts, message_id)
