"""Writing what was decided, with raw SQL: 4-11 µs a row, where sqlite-utils' insert() takes 24-65.

Every function expects an open transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

from aggregator.dedupe.shingles import pack_fingerprint
from aggregator.model.changes import (
    Back,
    Changes,
    CopyOf,
    Counts,
    EditedPost,
    Files,
    LateWords,
    NewPost,
    Said,
    Sighting,
)
from aggregator.model.post import Enclosure, EnrichedPost, TopicMatch
from aggregator.storage.changelog import log_changes
from aggregator.storage.corrections import with_corrections
from aggregator.storage.deletions import bury, forget_missing, take_back
from aggregator.storage.embeddings import save_embeddings
from aggregator.storage.open_stories import save_words
from aggregator.storage.sources import save_poll
from aggregator.storage.stories import merge_story, recount_stories, save_links, start_stories, update_stories
from aggregator.storage.times import to_text
from aggregator.storage.words.amounts import insert_amounts
from aggregator.storage.words.attached import save_attached, take_back_quotes
from aggregator.storage.words.bands import change_bands, save_bands
from aggregator.storage.words.headlines import hide_in_addresses
from aggregator.storage.words.late import forget_vector, may_move, rename_address
from aggregator.storage.words.parts import OF_A_VERSION
from aggregator.storage.words.unquoted import Retag, leave_to_others


def save_changes(conn: sqlite3.Connection, changes: Changes, retag: Retag = leave_to_others) -> None:
    """Write everything a batch of polls brought: posts, sightings, stories, links, the change log, the sources.

    `retag` gives topics to posts that lost what they quote.
    """
    now = changes.now
    start_stories(conn, [head for head in changes.stories if head.is_new])
    if changes.new:
        _insert_posts(conn, changes.new)
    unquoted = {each for post_id in changes.unquoted for each in take_back_quotes(conn, post_id=post_id)}
    for edited in changes.edited:
        _update_post(conn, edited)
    _save_files(conn, changes.files)
    otherwise_shown = _otherwise_shown(conn, changes)
    _save_counts(conn, changes.counts)
    _save_sightings(conn, changes.sightings)
    _save_said(conn, changes.said)
    repointed = save_copies(conn, changes.became_copies)
    buried = bury(conn, changes.gone, now, empties=changes.empties_gone, because=changes.gone)
    unquoted = (unquoted | buried.unquoted) - changes.gone.keys()
    retag(unquoted)
    heads = {head.id for head in changes.stories}
    touched = _stories_of(conn, [edited.id for edited in changes.edited])
    update_stories(conn, [head for head in changes.stories if not head.is_new])
    touched |= buried.stories
    # A copy of a post whose story is no longer in memory comes to it without a head.
    recount_stories(conn, touched | heads | {new.membership.story_id for new in changes.new if new.membership})
    linked = save_links(conn, changes.links)
    conn.executemany(
        "INSERT OR REPLACE INTO filtered_posts (source_id, native_id, seen_at, title, url, filter, because) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((o.source_id, o.native_id, to_text(o.seen_at), o.title, o.url, o.filter, o.because) for o in changes.filtered),
    )
    changed_besides = repointed | buried.promoted | unquoted | otherwise_shown
    _log_changes(conn, changes, now, changed_besides, (touched | linked) - heads)
    log_changes(conn, now, "post", "gone", changes.gone)
    for polled in changes.polled:
        save_poll(conn, polled, now)


# ---------------------------------------------------------------- posts


_POST_COLUMNS = (
    "kind, uri, url, canonical_url, article_url, article_key, title, headline, attached, text, html, author, "
    "publisher, language, declared_language, published_at, edited_at, sensitive, content_warning, bot, noindex, "
    "indexable, reply_to, visibility, boosts, favourites, replies, digest, fingerprint, topics_version, spaceless"
)
_POST_MARKS = ", ".join("?" * len(_POST_COLUMNS.split(",")))
_INSERT_POST = (
    "INSERT INTO posts (id, first_seen_at, sort_at, copy_of, copy_because, copy_score, story_id, story_because, "
    f"story_score, {_POST_COLUMNS}) VALUES ({'?, ' * 9}{_POST_MARKS})"
)
_UPDATE_POST = (
    f"UPDATE posts SET sort_at = coalesce(?, first_seen_at), ({_POST_COLUMNS}) = ({_POST_MARKS}) WHERE id = ?"
)


def _post_values(enriched: EnrichedPost) -> tuple[object, ...]:
    """The values of `_POST_COLUMNS`."""
    post = enriched.post
    return (
        post.kind, post.uri, post.url, post.canonical_url, post.article_url, enriched.article_key, post.title or None,
        None if enriched.headline == post.title else enriched.headline, post.attached or None, post.text or None,
        post.html, post.author, enriched.publisher, enriched.language, post.declared_language,
        to_text(post.published_at), to_text(post.edited_at), post.sensitive, post.content_warning, post.bot,
        post.noindex, post.indexable, post.reply_to, post.visibility, post.boosts, post.favourites, post.replies,
        enriched.digest, pack_fingerprint(enriched.bands), enriched.topics_version, enriched.spaceless,
    )  # fmt: skip


def _insert_posts(conn: sqlite3.Connection, fresh: Sequence[NewPost]) -> None:
    """New posts with all that hangs on them, a statement for each table. The search gets them at the end of the
    transaction."""
    conn.executemany(_INSERT_POST, map(_new_values, fresh))
    if any(new.enriched.post.kind == "status" for new in fresh):
        _make_room(conn, fresh)
    else:
        _insert_sightings(conn, fresh)
    _insert_parts(conn, [(new.id, new.enriched, new.enriched.topics) for new in fresh])
    save_bands(conn, ((new.id, new.enriched.bands) for new in fresh))
    # As its words, its vector stays that of when it came: so it is in the open stories, and must be after a restart.
    save_embeddings(conn, {new.id: new.enriched.embedding for new in fresh if new.enriched.embedding})
    save_words(conn, [(new.id, new.words) for new in fresh if new.membership])


def _new_values(new: NewPost) -> tuple[object, ...]:
    """The values of `_INSERT_POST`."""
    copy, story = new.copy_of, new.membership
    seen_at = to_text(new.first_seen_at)
    sort_at = to_text(new.enriched.post.published_at) or seen_at
    return (
        new.id, seen_at, sort_at, copy and copy.post_id, copy and copy.because, copy and copy.score,
        story and story.story_id, story and story.because, story and story.score, *_post_values(new.enriched),
    )  # fmt: skip


def _make_room(conn: sqlite3.Connection, fresh: Iterable[NewPost]) -> None:
    """Sightings of new posts, statuses among them: one by one, as a server that lost its database gives the id of
    another status again. That one keeps its sighting."""
    for new in fresh:
        native_id = new.enriched.post.native_id
        if new.enriched.post.kind == "status":
            forget_missing(conn, new.source_id, [native_id])
            conn.execute(
                "UPDATE sightings SET native_id = native_id || ' until ' || ? WHERE source_id = ? AND native_id = ?",
                (to_text(new.first_seen_at), new.source_id, native_id),
            )
        _insert_sightings(conn, [new])


def _insert_sightings(conn: sqlite3.Connection, fresh: Iterable[NewPost]) -> None:
    conn.executemany(
        "INSERT INTO sightings (source_id, native_id, post_id, seen_at, by_token, by_first_poll, said) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (
                new.source_id,
                new.enriched.post.native_id,
                new.id,
                to_text(new.first_seen_at),
                new.by_token,
                new.by_first_poll,
                new.said,
            )
            for new in fresh
        ),
    )


def _update_post(conn: sqlite3.Connection, edited: EditedPost) -> None:
    """Put the newer version in place; the older one becomes a revision, if it reads otherwise."""
    post = edited.enriched.post
    if edited.is_said:
        conn.execute(
            "INSERT INTO post_revisions (post_id, replaced_at, title, text, url) SELECT id, ?, title, text, url "
            "FROM posts WHERE id = ? AND (title IS NOT ? OR text IS NOT ? OR url IS NOT ?)",
            (to_text(edited.seen_at), edited.id, post.title or None, post.text or None, post.url),
        )
    conn.execute(
        "UPDATE stories SET title = ? WHERE lead_post_id = ? AND given_title IS NULL", (edited.headline, edited.id)
    )
    if post.content_warning:
        hide_in_addresses(conn, edited.id)
    published_at = to_text(post.published_at)
    change_bands(conn, edited.id, edited.enriched.bands, edited.seen_at)
    conn.execute(_UPDATE_POST, (published_at, *_post_values(edited.enriched), edited.id))
    for table in OF_A_VERSION:
        conn.execute(f"DELETE FROM {table} WHERE post_id = ?", (edited.id,))
    # What an editor said of its topics stays. Its vector stays that of when it came, as its words do.
    topics = with_corrections(conn, {edited.id: edited.enriched.topics})[edited.id]
    _insert_parts(conn, [(edited.id, edited.enriched, topics)])
    if edited.back:
        _take_back(conn, edited, edited.back)
    if edited.late:
        _take_late(conn, edited, edited.late)


def _take_late(conn: sqlite3.Connection, edited: EditedPost, late: LateWords) -> None:
    save_words(conn, [(edited.id, late.words)])
    forget_vector(conn, edited)
    there = late.membership
    if there and may_move(conn, edited.id, late):
        merge_story(conn, late.story_id, there.story_id, there.because, there.score, edited.seen_at)
    else:
        rename_address(conn, edited.id, edited.seen_at)


def _take_back(conn: sqlite3.Connection, edited: EditedPost, back: Back) -> None:
    copy = back.copy_of
    conn.execute(
        "UPDATE posts SET copy_of = ?, copy_because = ?, copy_score = ?, story_id = ?, "
        "story_because = 'shown again' WHERE id = ?",
        (copy and copy.post_id, copy and copy.because, copy and copy.score, back.story_id, edited.id),
    )
    take_back(conn, edited.id, edited.headline, edited.enriched.language)
    save_words(conn, [(edited.id, back.words)])


def _insert_parts(conn: sqlite3.Connection, posts: Sequence[tuple[int, EnrichedPost, Iterable[TopicMatch]]]) -> None:
    """The rows that hang on these posts, a statement a table. Topics: what editors said of them among them."""
    conn.executemany(
        "INSERT OR IGNORE INTO post_tags VALUES (?, ?)", ((at, tag) for at, said, _ in posts for tag in said.post.tags)
    )
    conn.executemany(
        "INSERT OR IGNORE INTO post_mentions VALUES (?, ?)",
        ((at, who) for at, said, _ in posts for who in said.post.mentions),
    )
    _insert_files(conn, ((at, said.post.enclosures) for at, said, _ in posts))
    for at, said, _ in posts:
        save_attached(conn, at, said.post)
    conn.executemany(
        "INSERT INTO post_topics VALUES (?, ?, ?, ?)",
        ((at, match.topic, match.score, match.because) for at, _, topics in posts for match in topics),
    )
    insert_amounts(conn, ((at, said.amounts) for at, said, _ in posts))
    conn.executemany("INSERT OR REPLACE INTO post_details VALUES (?, ?)", ((at, said.details) for at, said, _ in posts))


def _insert_files(conn: sqlite3.Connection, files_of: Iterable[tuple[int, Iterable[Enclosure]]]) -> None:
    conn.executemany(
        "INSERT OR IGNORE INTO post_enclosures VALUES (?, ?, ?, ?, ?)",
        (
            (post_id, file.url, file.media_type, file.length, file.description)
            for post_id, files in files_of
            for file in files
        ),
    )


def _save_files(conn: sqlite3.Connection, renewed: Iterable[Files]) -> None:
    """What is said of files now, the same ones by all that a reader sees: the change log says nothing of it."""
    for files in renewed:
        conn.execute("DELETE FROM post_enclosures WHERE post_id = ?", (files.post_id,))
        _insert_files(conn, [(files.post_id, files.enclosures)])


def _save_sightings(conn: sqlite3.Connection, sightings: Iterable[Sighting]) -> None:
    conn.executemany(
        "INSERT OR IGNORE INTO sightings (source_id, native_id, post_id, seen_at, by_token, by_first_poll) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        ((s.source_id, s.native_id, s.post_id, to_text(s.seen_at), s.by_token, s.by_first_poll) for s in sightings),
    )


def _save_said(conn: sqlite3.Connection, said: Iterable[Said]) -> None:
    """After all that changes posts, which makes them be forgotten."""
    conn.executemany(
        "UPDATE sightings SET said = ? WHERE source_id = ? AND native_id = ?",
        ((each.digest, each.source_id, each.native_id) for each in said),
    )


def _save_counts(conn: sqlite3.Connection, counts: Iterable[Counts]) -> None:
    """The newest counts of statuses and flags of their accounts. Most stand as they were, and are not written: each
    poll brings all again."""
    conn.executemany(
        "UPDATE posts SET boosts = coalesce(?1, boosts), favourites = coalesce(?2, favourites), "
        "replies = coalesce(?3, replies), bot = coalesce(?5, bot), indexable = coalesce(?6, indexable) "
        "WHERE id = ?4 AND (boosts IS NOT coalesce(?1, boosts) OR favourites IS NOT coalesce(?2, favourites) "
        "OR replies IS NOT coalesce(?3, replies) OR bot IS NOT coalesce(?5, bot) "
        "OR indexable IS NOT coalesce(?6, indexable))",
        ((each.boosts, each.favourites, each.replies, each.post_id, each.bot, each.indexable) for each in counts),
    )


def _otherwise_shown(conn: sqlite3.Connection, changes: Changes) -> set[int]:
    """Stored posts that may be shown to others now, or no longer: who follows the changes must hear of it.

    Their author has agreed to be found or does not agree any more, or what only a token showed is seen by everybody.
    """
    said = {each.post_id: each.indexable for each in changes.counts if each.indexable is not None}
    rows = conn.execute(
        "SELECT p.id FROM json_each(?) said JOIN posts p ON p.id = CAST(said.key AS INTEGER) "
        "WHERE p.indexable IS NOT said.value AND p.gone_at IS NULL",
        (json.dumps(said),),
    )
    found = {row[0] for row in rows}
    seen = {each.post_id for each in changes.sightings if not each.by_token}
    rows = conn.execute(
        "SELECT post_id FROM sightings WHERE post_id IN (SELECT value FROM json_each(?)) "
        "GROUP BY post_id HAVING min(by_token) = 1",
        (json.dumps(sorted(seen)),),
    )
    return found | {row[0] for row in rows} | _seen_without_secret(conn, changes)


def _seen_without_secret(conn: sqlite3.Connection, changes: Changes) -> set[int]:
    """The posts that a source shows to everybody now, and that it was asked for with a secret before. Notes it."""
    found: set[int] = set()
    for collected in (polled.collected for polled in changes.polled):
        ids = [*collected.seen, *(enriched.post.native_id for enriched in collected.posts)]
        ids += [entry.native_id for entry in collected.unchanged]
        if ids and not collected.source.is_asked_with_secret:
            rows = conn.execute(
                "UPDATE sightings SET by_token = 0 WHERE source_id = ? AND by_token = 1 "
                "AND native_id IN (SELECT value FROM json_each(?)) RETURNING post_id",
                (collected.source.id, json.dumps(ids)),
            )
            found |= {row[0] for row in rows.fetchall()}
    return found


def save_copies(conn: sqlite3.Connection, copies: Iterable[tuple[int, CopyOf]]) -> set[int]:
    """Make stored posts copies; what pointed at one of them points at its original from now on.

    The ids of all posts that changed.
    """
    changed: set[int] = set()
    for post_id, copy in copies:
        changed.add(post_id)
        conn.execute(
            "UPDATE posts SET copy_of = ?, copy_because = ?, copy_score = ? WHERE id = ?",
            (copy.post_id, copy.because, copy.score, post_id),
        )
        followers = conn.execute("UPDATE posts SET copy_of = ? WHERE copy_of = ? RETURNING id", (copy.post_id, post_id))
        changed.update(row[0] for row in followers.fetchall())
    return changed


def _stories_of(conn: sqlite3.Connection, post_ids: Iterable[int]) -> set[int]:
    found: set[int] = set()
    for post_id in post_ids:
        found.update(
            row[0]
            for row in conn.execute("SELECT story_id FROM posts WHERE id = ? AND story_id IS NOT NULL", (post_id,))
        )
    return found


# ---------------------------------------------------------------- log


def _log_changes(
    conn: sqlite3.Connection, changes: Changes, now: datetime, repointed: set[int], touched: set[int]
) -> None:
    """`repointed`: posts whose original changed, or that lost what they quote. `touched`: stories that changed without
    a new head."""
    fresh = {new.id for new in changes.new if new.membership}
    # Of what waits for its story nobody was told yet.
    edited = _in_stories(conn, repointed | {edited.id for edited in changes.edited})
    log_changes(conn, now, "post", "new", sorted(fresh))
    log_changes(conn, now, "post", "edited", sorted(edited - fresh))
    log_changes(conn, now, "story", "new", (head.id for head in changes.stories if head.is_new))
    met = touched | {head.id for head in changes.stories if not head.is_new}
    log_changes(conn, now, "story", "edited", sorted(met))


def _in_stories(conn: sqlite3.Connection, post_ids: Iterable[int]) -> set[int]:
    rows = conn.execute(
        "SELECT id FROM posts WHERE id IN (SELECT value FROM json_each(?)) AND story_id IS NOT NULL",
        (json.dumps(list(post_ids)),),
    )
    return {row[0] for row in rows}
