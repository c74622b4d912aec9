"""Stories that are too old go, with their posts and all that hangs on them. Functions that write expect an open
transaction.

They are looked for in the order in which posts came, which is that of their ids: so most of what is looked at goes, and
who remembers how far it came reads nothing twice. What goes leaves a tombstone, and a line in the log of changes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from aggregator.dedupe.tombstones import tombstones
from aggregator.model.timelines import GoneBecause
from aggregator.storage.articles.rows import drop_unlinked
from aggregator.storage.briefs.rows import drop_telling
from aggregator.storage.changelog import log_changes
from aggregator.storage.deletions import promote_copies
from aggregator.storage.stories import recount_stories
from aggregator.storage.times import from_text, to_text
from aggregator.storage.words.bands import drop_bands
from aggregator.storage.words.parts import OF_A_VERSION


@dataclass(frozen=True, slots=True)
class Kept:
    """What is never pruned: posts with one of `topics`, those seen in one of `sources` (ids), and their stories."""

    topics: Collection[str] = ()
    sources: Collection[int] = ()


@dataclass(slots=True)
class Pruned:
    """What one step did: `up_to`, the last post that it looked at, None where none is old enough. `posts`: how many
    went, `newest`: the newest of them; `stories`: ids of those that went, without the rows of stories that they took
    over; `changed`: of others that lost an original or an earlier story."""

    up_to: int | None = None
    posts: int = 0
    newest: int = 0
    stories: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)


_OF_A_STORY = ("story_topic_counts", "story_source_counts", "brief_tasks", "model_requests", "briefs")
_OF_A_POST = (
    *OF_A_VERSION, "post_revisions", "post_words", "post_details", "post_vectors", "outbox_posts", "sightings",
)  # fmt: skip

# No version of the program is older: what seems to be came before a clock without a battery was set.
_FIRST_BELIEVED = datetime(2025, 1, 1, tzinfo=UTC)

_OLD = "SELECT id, story_id, first_seen_at, gone_at FROM posts WHERE id > ? ORDER BY id LIMIT ?"

_NEXT_BELIEVED = (
    "SELECT id, first_seen_at FROM posts WHERE id > ? AND +first_seen_at BETWEEN ? AND ? ORDER BY id LIMIT 1"
)

_SOME = "EXISTS (SELECT 1 FROM posts p WHERE p.story_id = s.id AND {})"
# Why a story stays, by the first of these that holds. Its posts are a few, found by an index.
_REASONS = {
    "younger": "s.last_at BETWEEN :before AND :now OR " + _SOME.format("p.first_seen_at BETWEEN :before AND :now"),
    "edited": _SOME.format(
        "(p.edited_at BETWEEN :before AND :now OR EXISTS (SELECT 1 FROM post_revisions r "
        "WHERE r.post_id = p.id AND r.replaced_at BETWEEN :before AND :now))"
    ),
    "editor": "s.pinned_at IS NOT NULL OR s.given_title IS NOT NULL "
    "OR EXISTS (SELECT 1 FROM corrections c WHERE c.story_id = s.id) "
    # Or one that it took over, whose row the correction names.
    "OR EXISTS (SELECT 1 FROM stories m JOIN corrections c ON c.story_id = m.id WHERE m.merged_into = s.id) OR "
    + _SOME.format(
        "(EXISTS (SELECT 1 FROM corrections c WHERE c.post_id = p.id) "
        "OR EXISTS (SELECT 1 FROM corrections c WHERE c.with_post_id = p.id) "
        "OR EXISTS (SELECT 1 FROM topic_labels l WHERE l.post_id = p.id))"
    ),
    "topics": _SOME.format(
        "EXISTS (SELECT 1 FROM post_topics t WHERE t.post_id = p.id "
        "AND t.topic IN (SELECT value FROM json_each(:topics)))"
    ),
    "sources": _SOME.format(
        "EXISTS (SELECT 1 FROM sightings g WHERE g.post_id = p.id "
        "AND g.source_id IN (SELECT value FROM json_each(:sources)))"
    ),
    # Its address may not come again, whatever it is called then.
    "forgotten": _SOME.format("p.gone_at IS NOT NULL AND p.gone_because = :forgotten"),
}
_WHY_IT_STAYS = f"""
SELECT s.id, CASE {" ".join(f"WHEN {holds} THEN '{reason}'" for reason, holds in _REASONS.items())} END
FROM stories s WHERE s.id IN (SELECT value FROM json_each(:ids)) AND s.merged_into IS NULL
"""


class Old(NamedTuple):
    """Of a span of posts: `up_to`, the last that is old, None where the first is not; the stories that may go, those
    that stay with the reason; and posts without a story that may go."""

    up_to: int | None
    stories: list[int]
    staying: dict[int, str]
    alone: list[int]


def look_for_old(conn: sqlite3.Connection, after: int, most: int, before: datetime, now: datetime, kept: Kept) -> Old:
    """What came before `before`, of the posts behind the id `after`, at most so many. Reasons to stay: younger, edited,
    editor, topics, sources, forgotten.

    A time that is yet to come, or before the program, was given by a wrong clock: that of the next post counts.
    """
    up_to, stories, alone = None, dict[int, None](), []
    young = f"{to_text(before)}"
    for post_id, story_id, seen_at, gone_at in _in_order(conn, after, most, now):
        if seen_at >= young:
            break
        up_to = post_id
        if story_id is not None:
            stories[story_id] = None
        elif gone_at is not None:  # else it waits for its story
            alone.append(post_id)
    values = {
        "ids": json.dumps([*stories]), "before": to_text(before), "now": to_text(now),
        "forgotten": GoneBecause.FORGOTTEN.value, "topics": json.dumps([*kept.topics]),
        "sources": json.dumps([*kept.sources]),
    }  # fmt: skip
    found = dict(conn.execute(_WHY_IT_STAYS, values).fetchall())
    may_go = [story_id for story_id, reason in found.items() if reason is None]
    staying = {story_id: reason for story_id, reason in found.items() if reason is not None}
    return Old(up_to, may_go, staying, _untouched(conn, alone))


def _in_order(
    conn: sqlite3.Connection, after: int, most: int, now: datetime
) -> Iterator[tuple[int, int | None, str, str | None]]:
    """Posts, their stories, when they came and when they went. Ends where of no later one it is known when it came."""
    first, last = to_text(_FIRST_BELIEVED), to_text(now)
    next_id, next_at = 0, ""
    for post_id, story_id, seen_at, gone_at in conn.execute(_OLD, (after, most)).fetchall():
        if not first <= seen_at <= last:
            if next_id < post_id:
                found = conn.execute(_NEXT_BELIEVED, (post_id, first, last)).fetchone()
                if found is None:
                    return
                next_id, next_at = found
            seen_at = next_at
        yield post_id, story_id, seen_at, gone_at


def prune_stories(
    conn: sqlite3.Connection, after: int, most: int, before: datetime, now: datetime, kept: Kept
) -> Pruned:
    """Take away what is old of the posts behind the id `after`, looking at so many at most; stories go as a whole."""
    old = look_for_old(conn, after, most, before, now, kept)
    done = Pruned(old.up_to)
    if not old.stories and not old.alone:
        return done
    going = sorted({*old.stories, *_merged_into(conn, old.stories)})
    rows = conn.execute("SELECT id FROM posts WHERE story_id IN (SELECT value FROM json_each(?))", (json.dumps(going),))
    posts = sorted({*old.alone, *(row[0] for row in rows)})
    _leave_tombstones(conn, posts)
    promoted = _without_original(conn, posts)
    done.changed = _leave_links(conn, going) | _stories_of(conn, promoted)
    # First: what counts posts of a story would look for the next of each source whenever the first one goes.
    _drop_of_stories(conn, going)
    _drop_posts(conn, posts)
    _drop_stories(conn, going)
    recount_stories(conn, done.changed)
    done.posts, done.newest, done.stories = len(posts), max(posts, default=0), set(old.stories)
    log_changes(conn, now, "post", "gone", posts)
    log_changes(conn, now, "post", "edited", sorted(promoted))
    log_changes(conn, now, "story", "gone", going)
    log_changes(conn, now, "story", "edited", sorted(done.changed))
    return done


def _untouched(conn: sqlite3.Connection, ids: Iterable[int]) -> list[int]:
    """Those of these posts that no editor touched, and that the operator was not asked to forget."""
    rows = conn.execute(
        "SELECT id FROM posts p WHERE id IN (SELECT value FROM json_each(?)) AND gone_because IS NOT ? "
        "AND NOT EXISTS (SELECT 1 FROM corrections c WHERE c.post_id = p.id) "
        "AND NOT EXISTS (SELECT 1 FROM corrections c WHERE c.with_post_id = p.id) "
        "AND NOT EXISTS (SELECT 1 FROM topic_labels l WHERE l.post_id = p.id)",
        (json.dumps([*ids]), GoneBecause.FORGOTTEN.value),
    )
    return [row[0] for row in rows]


def _merged_into(conn: sqlite3.Connection, stories: Iterable[int]) -> list[int]:
    """The rows that point at these stories as their successors; they have no posts."""
    rows = conn.execute(
        "SELECT id FROM stories WHERE merged_into IN (SELECT value FROM json_each(?))", (json.dumps([*stories]),)
    )
    return [row[0] for row in rows]


_SAID = """
SELECT p.id, p.kind, p.uri, p.canonical_url, p.title, substr(p.text, 1, 200), p.published_at FROM posts p
WHERE p.id IN (SELECT value FROM json_each(?))
"""
_SEEN_AS = "SELECT post_id, source_id, native_id FROM sightings WHERE post_id IN (SELECT value FROM json_each(?))"


def _leave_tombstones(conn: sqlite3.Connection, posts: Collection[int]) -> None:
    listed = json.dumps([*posts])
    seen_as: dict[int, list[tuple[int, str]]] = {}
    for post_id, source_id, native_id in conn.execute(_SEEN_AS, (listed,)):
        seen_as.setdefault(post_id, []).append((source_id, native_id))
    keys: set[int] = set()
    for post_id, kind, uri, url, title, text, at in conn.execute(_SAID, (listed,)):
        keys |= tombstones(
            kind=kind, uri=uri, canonical_url=url, title=title, text=text, published_at=from_text(at),
            seen_as=seen_as.get(post_id, ()),
        )  # fmt: skip
    conn.executemany("INSERT OR IGNORE INTO tombstones (key) VALUES (?)", ((key,) for key in sorted(keys)))


def _without_original(conn: sqlite3.Connection, posts: Collection[int]) -> set[int]:
    """Copies in stories that stay lose their original: the first of each is one itself from now on."""
    listed = json.dumps([*posts])
    rows = conn.execute(
        "SELECT DISTINCT copy_of FROM posts WHERE copy_of IN (SELECT value FROM json_each(?1)) "
        "AND id NOT IN (SELECT value FROM json_each(?1))",
        (listed,),
    ).fetchall()
    # Those that go too are no originals of others: what points at one of them is a copy of nothing.
    conn.execute(
        "UPDATE posts SET copy_of = NULL WHERE id IN (SELECT value FROM json_each(?)) AND copy_of IS NOT NULL",
        (listed,),
    )
    changed: set[int] = set()
    for (original,) in rows:
        changed |= promote_copies(conn, original)
    conn.execute(  # copies that are gone
        "UPDATE posts SET copy_of = NULL WHERE copy_of IN (SELECT value FROM json_each(?))", (listed,)
    )
    return changed


def _leave_links(conn: sqlite3.Connection, going: Collection[int]) -> set[int]:
    """Links between stories that go and others are removed; the ids of the others that had them as earlier coverage.
    Their briefs that tell of it are written anew."""
    listed = json.dumps([*going])
    rows = conn.execute(
        "SELECT story_id, earlier_story_id FROM story_links "
        "WHERE earlier_story_id IN (SELECT value FROM json_each(?1)) "
        "AND story_id NOT IN (SELECT value FROM json_each(?1))",
        (listed,),
    ).fetchall()
    for earlier in {row[1] for row in rows}:
        drop_telling(conn, earlier)
    for column in ("story_id", "earlier_story_id"):
        conn.execute(f"DELETE FROM story_links WHERE {column} IN (SELECT value FROM json_each(?))", (listed,))
    return {row[0] for row in rows}


def _drop_posts(conn: sqlite3.Connection, posts: Collection[int]) -> None:
    listed = json.dumps([*posts])
    drop_bands(conn, posts)
    drop_unlinked(conn, posts)
    conn.execute(
        "DELETE FROM missing_statuses WHERE (source_id, native_id) IN "
        "(SELECT source_id, native_id FROM sightings WHERE post_id IN (SELECT value FROM json_each(?)))",
        (listed,),
    )
    conn.execute(  # of a story that stays: its posts were moved there without their lead
        "UPDATE stories SET lead_post_id = (SELECT min(id) FROM posts p WHERE p.story_id = stories.id "
        "AND p.id NOT IN (SELECT value FROM json_each(?1))) WHERE lead_post_id IN (SELECT value FROM json_each(?1))",
        (listed,),
    )
    for table in _OF_A_POST:
        conn.execute(f"DELETE FROM {table} WHERE post_id IN (SELECT value FROM json_each(?))", (listed,))
    conn.execute("DELETE FROM posts WHERE id IN (SELECT value FROM json_each(?))", (listed,))
    conn.execute(  # a few rows; those of whose posts one is left still tell how these came
        "DELETE FROM first_polls WHERE last_id <= ? "
        "AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.id BETWEEN first_id AND last_id)",
        (max(posts, default=0),),
    )


def _drop_of_stories(conn: sqlite3.Connection, going: Collection[int]) -> None:
    listed = json.dumps([*going])
    for table in _OF_A_STORY:
        conn.execute(f"DELETE FROM {table} WHERE story_id IN (SELECT value FROM json_each(?))", (listed,))


def _drop_stories(conn: sqlite3.Connection, going: Collection[int]) -> None:
    listed = json.dumps([*going])
    conn.execute("DELETE FROM stories WHERE merged_into IN (SELECT value FROM json_each(?))", (listed,))
    conn.execute("DELETE FROM stories WHERE id IN (SELECT value FROM json_each(?))", (listed,))


def _stories_of(conn: sqlite3.Connection, posts: Iterable[int]) -> set[int]:
    rows = conn.execute(
        "SELECT DISTINCT story_id FROM posts WHERE id IN (SELECT value FROM json_each(?)) AND story_id IS NOT NULL",
        (json.dumps([*posts]),),
    )
    return {row[0] for row in rows}


def count_in(conn: sqlite3.Connection, stories: Iterable[int]) -> int:
    """How many posts these stories have, those that are gone included."""
    rows = conn.execute(
        "SELECT count(*) FROM posts WHERE story_id IN (SELECT value FROM json_each(?))", (json.dumps([*stories]),)
    )
    return int(rows.fetchone()[0])


def has_tombstones(conn: sqlite3.Connection) -> bool:
    """Has anything ever been pruned?"""
    return conn.execute("SELECT 1 FROM tombstones LIMIT 1").fetchone() is not None


def load_tombstones(conn: sqlite3.Connection, keys: Collection[int]) -> frozenset[int]:
    """Those of these numbers that a pruned post left."""
    if not keys:
        return frozenset()
    rows = conn.execute(
        "SELECT key FROM tombstones WHERE key IN (SELECT value FROM json_each(?))", (json.dumps([*keys]),)
    )
    return frozenset(row[0] for row in rows)
