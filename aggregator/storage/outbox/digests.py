"""What a digest tells: chosen once, from the log of changes, and read again as it was chosen.

What it was told by stands in `outbox_posts`: by these posts a story is known however it is merged, split or made anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from aggregator.model.errors import NotFoundError
from aggregator.model.outbox import Digest, Told, Wanted
from aggregator.model.settings import Publish
from aggregator.pipeline.digests import Issue, Picked, Selection, told_in, widest_first
from aggregator.storage.arrival import is_grouping
from aggregator.storage.finding.folders import find_folder
from aggregator.storage.site.rows import SiteRows
from aggregator.storage.site.shown import may_be_shown
from aggregator.storage.times import from_text, to_text

# Stories that are looked at closely: those that most publishers carry. What comes behind them finds no room anyway.
_MOST_STORIES = 1_000
# Posts with the words that are wanted, the newest first.
_MOST_FOUND = 20_000

_IN = "IN (SELECT value FROM json_each(?))"

# A source's first poll brings what stood there already, and no news: a sighting is one when the source was polled well
# before. Each poll has a row, that of the sighting too.
_SEEN_AS_NEWS = (
    "EXISTS (SELECT 1 FROM sightings g WHERE g.post_id = p.id AND (SELECT count(1) FROM (SELECT 1 FROM polls q "
    "WHERE q.source_id = g.source_id AND q.started_at <= g.seen_at "
    "AND (q.outcome IN ('ok', 'not_modified') OR q.entries > 0) LIMIT 2)) = 2)"
)
_CAME = (
    "SELECT DISTINCT p.story_id FROM changes c JOIN posts p ON p.id = c.row_id WHERE c.seq > ? AND c.seq <= ? "
    "AND c.what = 'post' AND c.change = 'new' AND p.story_id IS NOT NULL AND p.id > ?"
)
_TOLD = (
    "SELECT p.story_id, o.post_id, o.noted_at, p.publisher FROM outbox_posts o JOIN posts p ON p.id = o.post_id "
    f"WHERE o.target = ? AND o.outbox_id <> ? AND p.story_id {_IN}"
)
_ROW = (
    "SELECT id, state, noted_at, due_at, left_out, attempts FROM outbox "
    "WHERE target = ? AND kind = 'digest' AND row_id = ?"
)


class Begun(NamedTuple):
    """Since when a digest is there: posts with the id `post` and lower ones are known."""

    at: datetime
    post: int


class Row(NamedTuple):
    """What is noted of a digest of a day."""

    id: int
    state: str
    noted_at: datetime
    due_at: datetime
    left_out: int
    attempts: int


def consumer(name: str) -> str:
    """What a digest is called among those who follow the log of changes."""
    return f"digest:{name}"


def number_of(day: date) -> int:
    """A day as a row of the outbox names it: 20261130."""
    return day.year * 10_000 + day.month * 100 + day.day


class DigestRows(SiteRows):
    """The database as a digest reads it: one moment of it, and what the site may show of it."""

    def __init__(self, path: Path, settings: Publish, digest: Digest) -> None:
        """Raises:
        StorageError: there is no database yet, or it can't be read.
        """
        self._digest = digest
        super().__init__(path, settings, consumer(digest.name))

    def begun(self) -> Begun | None:
        """Since when it is there; None where it was never seen."""
        row = self._conn.execute(
            "SELECT begun_at, begun_post FROM outbox_targets WHERE target = ?", (self._digest.name,)
        ).fetchone()
        return Begun(datetime.fromisoformat(row[0]), row[1]) if row else None

    def is_whole(self) -> bool:
        """No posts are just being given their stories: in the middle of that a digest would tell half of them."""
        return not is_grouping(self._conn)

    def row(self, day: date) -> Row | None:
        """What is noted of this day."""
        found = self._conn.execute(_ROW, (self._digest.name, number_of(day))).fetchone()
        return _row(found) if found else None

    def select(self, day: date, now: datetime) -> Selection:
        """What came since the last one, best first; of a target that was never seen, nothing."""
        begun = self.begun()
        place = self.place
        if begun is None or place.seq is None:
            return Selection(target=self._digest.name, day=day, at=now, seq=place.newest, picked=())
        # What is kept is told; of a database that was put back the numbers went back, too.
        after = place.newest if place.seq > place.newest else max(place.seq, place.first_kept - 1)
        came = self._conn.execute(_CAME, (after, place.newest, begun.post))
        ids = self._wanted(self._digest.wanted, [row[0] for row in came], now)
        picked = self._picked(ids, begun, 0)
        told, left_out = picked[: self._digest.most], len(picked[self._digest.most :])
        return Selection(
            target=self._digest.name, day=day, at=now, seq=place.newest, picked=tuple(told), left_out=left_out,
            since=self._since(begun), lost=place.is_lost,
        )  # fmt: skip

    def noted(self, day: date, row: Row) -> Selection:
        """What was chosen for this day, as far as it may still be told."""
        ids = self._conn.execute(
            "SELECT DISTINCT p.story_id FROM outbox_posts o JOIN posts p ON p.id = o.post_id "
            "WHERE o.outbox_id = ? AND p.story_id IS NOT NULL",
            (row.id,),
        )
        stories = [each[0] for each in ids]
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
            since=self._since(self.begun(), row.id), outbox_id=row.id,
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

    def _picked(self, ids: Sequence[int], begun: Begun, outbox_id: int) -> list[Picked]:
        """Of these stories those with news, best first."""
        told = self._told(ids, outbox_id)
        news = self._news(ids, begun)
        found: list[Picked] = []
        for story in widest_first(self.stories.load(ids)):
            known = told.get(story.id, _Known())
            fresh = frozenset(post.id for post in story.posts) & news - known.posts
            if any(post.id in fresh for post in story.speaking):
                found.append(Picked(story_id=story.id, posts=fresh, told=known.said))
        return found

    def _news(self, stories: Sequence[int], begun: Begun) -> set[int]:
        """The posts of these stories that came since it began, and not by a first poll."""
        rows = self._conn.execute(
            f"SELECT p.id FROM posts p WHERE p.story_id {_IN} AND p.id > ? AND {_SEEN_AS_NEWS}",
            (json.dumps(stories), begun.post),
        )
        return {row[0] for row in rows}

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

    def _since(self, begun: Begun | None, before: int | None = None) -> datetime | None:
        """When it looked last, before this row."""
        found = self._conn.execute(
            "SELECT max(noted_at) FROM outbox WHERE target = ? AND kind = 'digest' AND id < coalesce(?, id + 1)",
            (self._digest.name, before),
        ).fetchone()[0]
        return from_text(found) or (begun.at if begun else None)

    def _wanted(self, wanted: Wanted, ids: Sequence[int], now: datetime) -> list[int]:
        """Of these stories those that are wanted, the widest carried first. What may not be shown makes none wanted."""
        shown = may_be_shown("p", self._settings.people)
        having = f"EXISTS (SELECT 1 FROM posts p WHERE p.story_id = s.id AND {shown} AND %s)"
        where, values = [f"s.id {_IN}", "s.merged_into IS NULL", having % "1"], [json.dumps(ids)]
        if wanted.topics:
            where.append(having % f"p.id IN (SELECT t.post_id FROM post_topics t WHERE t.topic {_IN})")
            values.append(json.dumps(wanted.topics))
        if wanted.languages:
            where.append(having % f"p.language {_IN}")
            values.append(json.dumps(wanted.languages))
        if wanted.words:
            where.append(having % f"p.id {_IN}")
            values.append(json.dumps([row[0] for row in self._reader.search(wanted.words, limit=_MOST_FOUND).rows]))
        if wanted.folders:
            where.append(self._in_folders(wanted.folders))
        # As `latest_stories` has it.
        score = "s.score / (1 + max(0, julianday(?) - julianday(s.last_at)))"
        rows = self._conn.execute(
            f"SELECT s.id FROM stories s WHERE {' AND '.join(where)} AND s.source_count >= ? AND {score} >= ? "
            "ORDER BY s.source_count DESC, s.post_count DESC, s.last_at DESC, s.id DESC LIMIT ?",
            (*values, wanted.min_sources, to_text(now), wanted.min_score, _MOST_STORIES),
        )
        return [row[0] for row in rows]

    def _in_folders(self, folders: Iterable[str]) -> str:
        """The condition for a story `s`; of folders in which no source stands, none."""
        found = []
        for folder in folders:
            try:
                found.append(find_folder(self._reader, folder).stories())
            except NotFoundError:
                continue
        return f"({' OR '.join(found) or '0'})"


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


def _row(found: Sequence[object]) -> Row:
    row_id, state, noted_at, due_at, left_out, attempts = found
    return Row(
        int(str(row_id)), str(state), datetime.fromisoformat(str(noted_at)), datetime.fromisoformat(str(due_at)),
        int(str(left_out)), int(str(attempts)),
    )  # fmt: skip
