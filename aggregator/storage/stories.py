"""All rows of stories: started, counted anew, merged, grouped anew. Every function expects an open transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, replace
from datetime import datetime

from aggregator.model.changes import EarlierLink, Membership, StoryHead
from aggregator.storage.changelog import log_changes
from aggregator.storage.times import to_text
from aggregator.storage.words.headlines import called_before
from aggregator.stories.score import story_score
from aggregator.stories.story import STORIES_VERSION
from aggregator.text.headline import headline
from aggregator.text.story_slugs import slug


def start_stories(conn: sqlite3.Connection, heads: Iterable[StoryHead]) -> None:
    """Rows for new stories; their counts follow from `recount_stories`."""
    conn.executemany(
        "INSERT INTO stories (id, slug, title, lead_post_id, language, first_at, last_at, story_version) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                head.id, slug(head.title, head.id, head.language), head.title, head.lead_post_id, head.language,
                to_text(head.at), to_text(head.at), STORIES_VERSION,
            )
            for head in heads
        ),
    )  # fmt: skip


def update_stories(conn: sqlite3.Connection, heads: Iterable[StoryHead]) -> None:
    """Other titles and lead posts for stored stories."""
    conn.executemany(
        "UPDATE stories SET title = coalesce(given_title, ?), lead_post_id = ?, language = ? "
        "WHERE id = ? AND pinned_at IS NULL",
        ((head.title, head.lead_post_id, head.language, head.id) for head in heads),
    )


def save_memberships(conn: sqlite3.Connection, moved: Iterable[tuple[int, Membership]]) -> set[int]:
    """Move stored posts to other stories; the ids of the stories they left or joined."""
    touched: set[int] = set()
    for post_id, membership in moved:
        left = conn.execute("SELECT story_id FROM posts WHERE id = ?", (post_id,)).fetchone()
        touched.update(story_id for story_id in (left and left[0], membership.story_id) if story_id is not None)
        conn.execute(
            "UPDATE posts SET story_id = ?, story_because = ?, story_score = ? WHERE id = ?",
            (membership.story_id, membership.because, membership.score, post_id),
        )
    return touched


# LEFT JOIN: a story that lost all its posts has none.
_COUNTED = """
SELECT s.value, count(p.id), count(DISTINCT coalesce(p.publisher, p.id)), min(p.sort_at), max(p.sort_at),
  sum(coalesce(p.boosts, 0) + coalesce(p.favourites, 0) + coalesce(p.replies, 0))
FROM json_each(?) s LEFT JOIN posts p ON p.story_id = s.value AND p.gone_at IS NULL GROUP BY s.value
"""


def recount_stories(conn: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Counts, times and score of these stories, from their posts as they stand."""
    found = conn.execute(_COUNTED, (json.dumps(sorted(ids)),)).fetchall()
    conn.executemany(
        "UPDATE stories SET post_count = ?, source_count = ?, score = ?, first_at = coalesce(?, first_at), "
        "last_at = coalesce(?, last_at) WHERE id = ?",
        (
            (posts, publishers, story_score(publishers, answers or 0), first_at, last_at, story_id)
            for story_id, posts, publishers, first_at, last_at, answers in found
        ),
    )


# ---------------------------------------------------------------- grouped anew


def load_story_of_posts(conn: sqlite3.Connection) -> dict[int, int]:
    """Post id → story id, of all posts that have one."""
    return dict(conn.execute("SELECT id, story_id FROM posts WHERE story_id IS NOT NULL"))


def save_group(conn: sqlite3.Connection, head: StoryHead, members: Mapping[int, Membership], now: datetime) -> bool:
    """Give a story this head and these posts. Writes only what differs; True if anything did.

    Another process may have written since the posts were read. Where it merged the story, they go to its successor,
    which keeps its head; what is gone by now is left alone, and does not lead.
    """
    successor = _successor(conn, head.id)
    if successor != head.id:
        members = {post_id: replace(member, story_id=successor) for post_id, member in members.items()}
    stored = {
        row[0]: row[1:]
        for row in conn.execute(
            "SELECT id, story_id, story_because, story_score FROM posts "
            "WHERE id IN (SELECT value FROM json_each(?)) AND gone_at IS NULL",
            (json.dumps(list(members)),),
        )
    }
    differing = [
        (post_id, member)
        for post_id, member in members.items()
        if post_id in stored and stored[post_id] != (member.story_id, member.because, member.score)
    ]
    if head.is_new:
        start_stories(conn, [head])
    has_other_head = not head.is_new and successor == head.id and head.lead_post_id in stored and _differs(conn, head)
    if has_other_head:
        update_stories(conn, [head])
    touched = save_memberships(conn, differing)
    recount_stories(conn, touched | ({head.id} if has_other_head else set()))
    log_changes(conn, now, "post", "moved", (each for each, m in differing if stored[each][0] != m.story_id))
    if head.is_new or differing or has_other_head:
        log_changes(conn, now, "story", "new" if head.is_new else "edited", [successor])
        log_changes(conn, now, "story", "edited", sorted(touched - {successor}))
        return True
    return False


def _differs(conn: sqlite3.Connection, head: StoryHead) -> bool:
    """A stored story has another head, but for what an editor decided of it."""
    stored = conn.execute(
        "SELECT iif(given_title IS NULL AND pinned_at IS NULL, title, ?1), "
        "iif(pinned_at IS NULL, lead_post_id, ?2), "
        "iif(pinned_at IS NULL, language, ?3) FROM stories WHERE id = ?4",
        (head.title, head.lead_post_id, head.language, head.id),
    ).fetchone()
    return bool((head.title, head.lead_post_id, head.language) != stored)


def save_merged(conn: sqlite3.Connection, story_id: int, successor: int, now: datetime) -> None:
    """A story was taken over by another: its row stays and points there; what came to it meanwhile goes along."""
    successor = _successor(conn, successor)
    if successor == story_id:  # another process merged them the other way round
        return
    conn.execute("UPDATE posts SET story_id = ? WHERE story_id = ?", (successor, story_id))
    conn.execute("UPDATE stories SET merged_into = ?1 WHERE id = ?2 OR merged_into = ?2", (successor, story_id))
    continuing = _continuing(conn, story_id)
    conn.execute("DELETE FROM story_links WHERE story_id = ?1 OR earlier_story_id = ?1", (story_id,))
    recount_stories(conn, {story_id, successor})
    log_changes(conn, now, "story", "merged", [story_id])
    log_changes(conn, now, "story", "edited", continuing)


def give_up_story(conn: sqlite3.Connection, story_id: int, successor: int, now: datetime) -> None:
    """After a rebuild, which gave its posts to others: the one that has most of them takes over what came meanwhile.

    That one is counted anew with it, and the change log says so: nothing else may have changed there.
    """
    came = [row[0] for row in conn.execute("SELECT id FROM posts WHERE story_id = ? ORDER BY id", (story_id,))]
    successor = _successor(conn, successor)
    save_merged(conn, story_id, successor, now)
    if successor != story_id:
        log_changes(conn, now, "post", "moved", came)
        log_changes(conn, now, "story", "edited", [successor])


def _continuing(conn: sqlite3.Connection, story_id: int) -> list[int]:
    """The stories whose earlier coverage this one is."""
    rows = conn.execute("SELECT story_id FROM story_links WHERE earlier_story_id = ? ORDER BY story_id", (story_id,))
    return [row[0] for row in rows]


def _successor(conn: sqlite3.Connection, story_id: int) -> int:
    """The story that took this one over, or itself."""
    found = conn.execute("SELECT merged_into FROM stories WHERE id = ?", (story_id,)).fetchone()
    return int(found[0]) if found and found[0] is not None else story_id


def save_links(conn: sqlite3.Connection, links: Iterable[EarlierLink]) -> set[int]:
    """Add these links to earlier coverage; the ids of the stories that had them not, or otherwise.

    Another process may have merged stories since they were found: then their successors are linked.
    """
    new = [link for link in _as_merged(conn, links) if not conn.execute(_SAME_LINK, astuple(link)).fetchone()]
    conn.executemany(
        "INSERT OR REPLACE INTO story_links (story_id, earlier_story_id, similarity, because, kind) "
        "VALUES (?, ?, ?, ?, ?)",
        map(astuple, new),
    )
    return {link.story_id for link in new}


_SAME_LINK = "SELECT 1 FROM story_links WHERE (story_id, earlier_story_id, similarity, because, kind) = (?, ?, ?, ?, ?)"


def _as_merged(conn: sqlite3.Connection, links: Iterable[EarlierLink]) -> Iterator[EarlierLink]:
    for link in links:
        story_id, earlier_id = (_successor(conn, each) for each in (link.story_id, link.earlier_story_id))
        if story_id != earlier_id:
            yield replace(link, story_id=story_id, earlier_story_id=earlier_id)


def replace_links(conn: sqlite3.Connection, links: Iterable[EarlierLink], now: datetime) -> None:
    """Make these all the links to earlier coverage. Writes only what differs, and that those stories changed."""
    stored = _load_links(conn)
    wanted = set({(link.story_id, link.earlier_story_id): link for link in _as_merged(conn, links)}.values())
    gone = {(link.story_id, link.earlier_story_id) for link in stored - wanted}
    conn.executemany("DELETE FROM story_links WHERE story_id = ? AND earlier_story_id = ?", gone)
    changed = save_links(conn, wanted - stored) | {story_id for story_id, _ in gone}
    log_changes(conn, now, "story", "edited", sorted(changed))


def _load_links(conn: sqlite3.Connection) -> set[EarlierLink]:
    return {
        EarlierLink(*row)
        for row in conn.execute("SELECT story_id, earlier_story_id, similarity, because, kind FROM story_links")
    }


def save_merges(conn: sqlite3.Connection, merges: Iterable[tuple[int, int, str, float]], now: datetime) -> None:
    """Stories that turned out to be one: (story, successor, why, how sure), in their order."""
    for story_id, into, because, score in merges:
        merge_story(conn, story_id, into, because, score, now)


def merge_story(conn: sqlite3.Connection, story_id: int, into: int, because: str, score: float, now: datetime) -> None:
    """One story takes another over: its posts move, its row points at the successor, its links go along."""
    moved = [row[0] for row in conn.execute("SELECT id FROM posts WHERE story_id = ? ORDER BY id", (story_id,))]
    conn.execute(
        "UPDATE posts SET story_id = ?, story_because = ?, story_score = ? WHERE story_id = ?",
        (into, because, score, story_id),
    )
    continuing = _continuing(conn, story_id)
    for mine, other in (("story_id", "earlier_story_id"), ("earlier_story_id", "story_id")):
        conn.execute(
            f"UPDATE OR IGNORE story_links SET {mine} = ? WHERE {mine} = ? AND {other} <> ?", (into, story_id, into)
        )
    save_merged(conn, story_id, into, now)
    log_changes(conn, now, "post", "moved", moved)
    log_changes(conn, now, "story", "edited", dict.fromkeys([into, *continuing]))


# ---------------------------------------------------------------- taken along from older versions

# What stories led by a post without a title were called up to 0.1.0 after an editor renamed or a lead post went.
_CUT_TITLES = """
SELECT s.id, s.given_title IS NULL AND s.pinned_at IS NULL AND s.merged_into IS NULL AND p.title IS NULL
    AND s.title IN (substr(p.text, 1, 120), trim(replace(substr(p.text, 1, 120), char(10), ' '))),
  s.title, p.text, p.url, p.content_warning
FROM (SELECT * FROM stories WHERE id > ? ORDER BY id LIMIT ?) s LEFT JOIN posts p ON p.id = s.lead_post_id
ORDER BY s.id
"""


def retitle_stories(conn: sqlite3.Connection, after: int, most: int, now: datetime) -> tuple[int | None, list[int]]:
    """Give the next stories whose title was cut amid a word the one that today's version would give.

    The id of the last story looked at, None where there was none; those whose title changed.
    """
    rows = conn.execute(_CUT_TITLES, (after, most)).fetchall()
    whole = [
        (headline("", text or "", url, warning=warning), story_id, stored)
        for story_id, is_cut, stored, text, url, warning in rows
        if is_cut and stored != called_before(text or "", url)  # else it is whole
    ]
    changed = [(title, story_id) for title, story_id, stored in whole if title != stored]
    conn.executemany("UPDATE stories SET title = ? WHERE id = ?", changed)
    ids = [story_id for _, story_id in changed]
    log_changes(conn, now, "story", "edited", ids)
    return (rows[-1][0] if rows else None), ids
