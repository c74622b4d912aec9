"""Reading what deciding needs: the stored posts near a batch, older stories."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from aggregator.dedupe.details import details
from aggregator.dedupe.tombstones import tombstones_of
from aggregator.dedupe.unlinked import has_no_address
from aggregator.model.poll import Collected
from aggregator.model.post import Enclosure, EnrichedPost, KnownPost, Neighbours, OlderStory, ShownPost
from aggregator.model.timelines import GoneBecause
from aggregator.storage.ids import next_id
from aggregator.storage.keeping.posts import has_tombstones, load_tombstones
from aggregator.storage.times import from_text, to_text
from aggregator.storage.words.attached import load_quotes
from aggregator.storage.words.older_stories import OlderStories
from aggregator.stories.earlier.keys import Rarity, keys_of
from aggregator.text.urls import canonical_url
from aggregator.text.words import CHARACTERS

# A text that hundreds of posts share (a bot's) need not be compared with all of them.
MOST_WITH_BAND = 8

_NOTHING = frozenset[int]()

# Of the posts that share an id with an entry the newest: the others are not in the document any more.
_MOST_KIN = 50

_WITH_KIN = """
SELECT n.value FROM json_each(?) n WHERE EXISTS (
  SELECT 1 FROM sightings g
  WHERE g.source_id = ? AND g.native_id > n.value || ' ' AND g.native_id < n.value || '!')
"""

# Of a source's newest posts so many are looked through, beside twice the entries, for those without an address.
_MOST_RENAMED = 50

# Most documents have so few entries, and nearly all the newest posts. Of the others posts are made anew.
_MOST_SAID = 1_000


def load_neighbours(conn: sqlite3.Connection, batch: Sequence[Collected], rarity: Rarity | None) -> Neighbours:
    """Everything stored that the posts of these polls must be compared with. Most polls bring nothing new: what would
    be asked with an empty list is not asked.

    `rarity`: of words, in the window; None where their stories are decided later.
    """
    items: dict[tuple[int, str], int] = {}
    strangers: list[EnrichedPost] = []
    left, has_left = list[frozenset[int]](), has_tombstones(conn)
    renamed: set[int] = set()
    for collected in batch:
        seen = _load_items(conn, collected)
        digests = _load_digests(conn, seen)
        seen.update(_load_kin(conn, collected, seen, digests))
        items.update({(collected.source.id, native_id): post_id for native_id, post_id in seen.items()})
        renamed |= _load_without_address(conn, collected, digests)
        # A known id with other words may be an edit, or an id that is used again for something else.
        unlike = [each for each in collected.posts if digests.get(each.post.native_id) != each.digest]
        strangers.extend(unlike)
        left.extend(tombstones_of(each, collected.source.id) if has_left else _NOTHING for each in unlike)
    pruned = load_tombstones(conn, _NOTHING.union(*left))
    # Those are not stored again: nothing need be compared with them.
    strangers = [each for each, keys in zip(strangers, left, strict=True) if pruned.isdisjoint(keys)]
    bands = _load_bands(conn, strangers)
    ids = set(items.values()) | renamed | _load_linked_ids(conn, batch)
    ids.update(post_id for found in bands.values() for post_id in found)
    posts = load_known_posts(conn, ids)
    # What a stored copy points at need not be near the batch itself, but a further copy goes into its story.
    posts.update(load_known_posts(conn, {post.copy_of for post in posts.values() if post.copy_of} - posts.keys()))
    return Neighbours(
        next_post_id=next_id(conn, "posts"),
        next_story_id=next_id(conn, "stories"),
        items=items,
        posts=posts,
        bands=bands,
        older_near=_load_older(conn, batch, strangers, rarity) if rarity is not None else {},
        forgotten=_load_forgotten(conn, (enriched for collected in batch for enriched in collected.posts)),
        shown={collected.source.id: _load_shown(conn, collected) for collected in batch if collected.unchanged},
        pruned=pruned,
    )


def load_said(conn: sqlite3.Connection, source_id: int) -> Set[bytes]:
    """The digests that are kept of a source's entries, of the newest posts."""
    rows = conn.execute(
        "SELECT said FROM sightings WHERE source_id = ? ORDER BY post_id DESC LIMIT ?", (source_id, _MOST_SAID)
    )
    return {row[0] for row in rows if row[0]}


def _load_shown(conn: sqlite3.Connection, collected: Collected) -> tuple[ShownPost, ...]:
    """The posts of the unchanged entries, but for those that were changed since their digests were loaded."""
    rows = conn.execute(
        "SELECT s.native_id, s.said, p.id, p.title, p.canonical_url, p.published_at FROM sightings s "
        "JOIN posts p ON p.id = s.post_id WHERE s.source_id = ? AND s.native_id IN (SELECT value FROM json_each(?))",
        (collected.source.id, _array(entry.native_id for entry in collected.unchanged)),
    )
    stored = {(native_id, said): tuple(post) for native_id, said, *post in rows}
    shown = []
    for entry in collected.unchanged:
        if post := stored.get((entry.native_id, entry.said)):
            post_id, title, canonical_url, at = post
            is_same = at is not None and to_text(entry.published_at) == at
            shown.append(
                ShownPost(
                    post_id, entry.native_id, title or "", canonical_url, entry.published_at, is_same, entry.before
                )
            )
    return tuple(shown)


_KNOWN_POSTS = """
SELECT id, kind, digest, uri, language, title, substr(text, 1, ?), canonical_url, article_key, edited_at, copy_of,
  story_id, gone_at, sort_at, publisher, url, published_at, first_seen_at, details, pruned_at,
  kind = 'status' AND EXISTS (SELECT 1 FROM sightings s JOIN sources o ON o.id = s.source_id
    WHERE s.post_id = posts.id AND o.kind <> 'feed'),
  iif(gone_at IS NULL OR pruned_at IS NOT NULL, NULL, gone_because),
  kind = 'status' AND EXISTS (SELECT 1 FROM post_cards c WHERE c.post_id = posts.id),
  kind = 'article' AND (SELECT min(o.kind = 'trends') FROM sightings s JOIN sources o ON o.id = s.source_id
    WHERE s.post_id = posts.id)
FROM posts LEFT JOIN post_details d ON d.post_id = posts.id WHERE id IN (SELECT value FROM json_each(?))
"""


_SOURCES = "SELECT post_id, source_id FROM sightings WHERE post_id IN (SELECT value FROM json_each(?))"
_FILES = (
    "SELECT post_id, url, media_type, length, description FROM post_enclosures "
    "WHERE post_id IN (SELECT value FROM json_each(?))"
)


def _load_files(conn: sqlite3.Connection, wanted: str) -> dict[int, set[Enclosure]]:
    """Post id → its files."""
    files: dict[int, set[Enclosure]] = defaultdict(set)
    for post_id, url, media_type, length, description in conn.execute(_FILES, (wanted,)):
        files[post_id].add(Enclosure(url=url, media_type=media_type, length=length, description=description))
    return files


def load_known_posts(conn: sqlite3.Connection, ids: Iterable[int]) -> dict[int, KnownPost]:
    """Stored posts by id, with the sources they were seen in."""
    if not (found := list(ids)):
        return {}
    wanted = _array(found)
    sources, files = _load_sources(conn, wanted), _load_files(conn, wanted)
    rows = conn.execute(_KNOWN_POSTS, (CHARACTERS, wanted)).fetchall()
    quotes = load_quotes(conn, [row[0] for row in rows])
    missing = load_details(conn, [row[0] for row in rows if row[18] is None and row[19] is None])
    return {
        row[0]: KnownPost(
            id=row[0],
            kind=row[1],
            digest=row[2],
            uri=row[3],
            language=row[4],
            title=row[5] or "",
            text=row[6] or "",
            canonical_url=row[7],
            article_key=row[8],
            edited_at=from_text(row[9]),
            copy_of=row[10],
            story_id=row[11],
            is_gone=row[12] is not None,
            source_ids=frozenset(sources[row[0]]),
            at=from_text(row[13]),
            publisher=row[14],
            url=row[15],
            published_at=from_text(row[16]),
            first_seen_at=from_text(row[17]),
            details=row[18] or missing.get(row[0]),
            enclosures=frozenset(files[row[0]]),
            is_by_api=bool(row[20]),
            gone_because=GoneBecause(row[21]) if row[21] else None,
            has_card=bool(row[22]),
            quote=quotes.get(row[0]),
            is_listed=bool(row[23]),
        )
        for row in rows
    }


def _load_sources(conn: sqlite3.Connection, wanted: str) -> dict[int, set[int]]:
    """Post id → the sources that it was seen in."""
    sources: dict[int, set[int]] = defaultdict(set)
    for post_id, source_id in conn.execute(_SOURCES, (wanted,)):
        sources[post_id].add(source_id)
    return sources


def load_details(conn: sqlite3.Connection, ids: Sequence[int]) -> dict[int, bytes]:
    """Of posts that older versions stored: what `post_details` would say of them."""
    if not ids:
        return {}
    rows = conn.execute(
        "SELECT id, kind, author, (SELECT json_group_array(tag) FROM post_tags WHERE post_id = p.id), "
        "(SELECT json_group_array(url) FROM post_enclosures WHERE post_id = p.id) "
        "FROM posts p WHERE id IN (SELECT value FROM json_each(?))",
        (_array(ids),),
    )
    return {row[0]: details(row[1], row[2], json.loads(row[3]), json.loads(row[4])) for row in rows}


def _load_items(conn: sqlite3.Connection, collected: Collected) -> dict[str, int]:
    """Native id → post id, for those of the batch's native ids that this source had before."""
    wanted = {enriched.post.native_id for enriched in collected.posts}
    # As a reused id is stored; see `aggregator.dedupe.identity`.
    wanted |= {f"{enriched.post.native_id} {enriched.post.canonical_url}" for enriched in collected.posts}
    # Of entries that share an id all are looked at together.
    shared = [enriched.post for enriched in collected.whole if enriched.post.kin]
    # Where one has no address, none must be taken for a post that another is.
    if any(has_no_address(enriched.post) for enriched in collected.whole):
        wanted |= {enriched.post.native_id for enriched in collected.whole}
    wanted |= {name for post in shared for name in (post.native_id, *post.kin)}
    wanted |= set(collected.gone)
    if not wanted:
        return {}
    return dict(
        conn.execute(
            "SELECT native_id, post_id FROM sightings "
            "WHERE source_id = ? AND native_id IN (SELECT value FROM json_each(?))",
            (collected.source.id, _array(wanted)),
        )
    )


def _load_kin(
    conn: sqlite3.Connection, collected: Collected, seen: Mapping[str, int], digests: Mapping[str, bytes]
) -> dict[str, int]:
    """The same for the names that begin with those of entries that are new, or known as something else."""
    if collected.source.kind != "feed":
        return {}
    names: Counter[str] = Counter()
    for enriched in collected.posts:
        post = enriched.post
        reused = f"{post.native_id} {post.canonical_url}"
        if enriched.digest not in (digests.get(post.native_id), digests.get(reused)):
            names.update(post.kin or (post.native_id,))
    if not names:
        return {}
    found: dict[str, int] = {}
    having = {row[0] for row in conn.execute(_WITH_KIN, (_array(names), collected.source.id))}
    for name, entries in names.items():
        if name not in having:
            continue
        rows = conn.execute(
            "SELECT native_id, post_id FROM sightings WHERE source_id = ? AND native_id > ? AND native_id < ? "
            "ORDER BY post_id DESC LIMIT ?",
            (collected.source.id, f"{name} ", f"{name}!", _MOST_KIN + 2 * entries),
        )
        found.update(rows.fetchall())
    return {name: post_id for name, post_id in found.items() if name not in seen}


def _load_without_address(conn: sqlite3.Connection, collected: Collected, digests: Mapping[str, bytes]) -> set[int]:
    """The source's newest posts without an address, where an entry without one is not known by its name: only by what
    they say can it be told that it is one of them."""
    if collected.source.kind != "feed":
        return set()
    posts = ((each.post, each.digest) for each in collected.posts)
    if not any(has_no_address(post) and digests.get(post.native_id) != digest for post, digest in posts):
        return set()
    rows = conn.execute(
        "SELECT id FROM posts WHERE canonical_url IS NULL AND kind = 'article' AND gone_at IS NULL AND id IN "
        "(SELECT DISTINCT post_id FROM sightings WHERE source_id = ? ORDER BY post_id DESC LIMIT ?)",
        (collected.source.id, _MOST_RENAMED + 2 * len(collected.whole)),
    )
    return {row[0] for row in rows}


def _load_digests(conn: sqlite3.Connection, seen: Mapping[str, int]) -> dict[str, bytes]:
    """Native id → digest of the stored post."""
    if not seen:
        return {}
    found = dict(
        conn.execute(
            "SELECT id, digest FROM posts WHERE id IN (SELECT value FROM json_each(?))", (_array(seen.values()),)
        )
    )
    return {native_id: found[post_id] for native_id, post_id in seen.items() if post_id in found}


def _load_forgotten(conn: sqlite3.Connection, posts: Iterable[EnrichedPost]) -> frozenset[str]:
    """Those of the authors of posts, and of what they quote, who are to be forgotten, as they are written there."""
    forgotten = {row[0].casefold() for row in conn.execute("SELECT author FROM forgotten")}
    if not forgotten:
        return frozenset()
    found = [enriched.post for enriched in posts]
    authors = {post.author for post in found if post.author}
    authors |= {post.quote.author for post in found if post.quote and post.quote.author}
    return frozenset(author for author in authors if author.casefold() in forgotten)


def _load_linked_ids(conn: sqlite3.Connection, batch: Sequence[Collected]) -> set[int]:
    """Ids of the posts with one of the batch's uris, at one of its links, or pointing at one; and of those that are
    gone and that it quotes."""
    posts = [enriched for collected in batch for enriched in collected.posts]
    if not posts:
        return set()
    links = {enriched.article_key for enriched in posts} | {enriched.post.canonical_url for enriched in posts}
    keys = _array(link for link in links if link)
    uris = _array({enriched.post.uri for enriched in posts if enriched.post.kind == "status" and enriched.post.uri})
    rows = conn.execute(
        "SELECT id FROM posts WHERE canonical_url IN (SELECT value FROM json_each(?1)) UNION "
        "SELECT id FROM posts WHERE article_key IN (SELECT value FROM json_each(?1)) UNION "
        "SELECT id FROM posts WHERE kind = 'status' AND uri IN (SELECT value FROM json_each(?2))",
        (keys, uris),
    )
    found = {row[0] for row in rows}
    if quotes := [enriched.post.quote for enriched in posts if enriched.post.quote]:
        addresses = (canonical_url(quote.url) for quote in quotes if quote.url)
        rows = conn.execute(
            "SELECT id FROM posts WHERE uri IN (SELECT value FROM json_each(?1)) AND gone_at IS NOT NULL UNION "
            "SELECT id FROM posts WHERE canonical_url IN (SELECT value FROM json_each(?2)) AND gone_at IS NOT NULL",
            (_array(quote.uri for quote in quotes if quote.uri), _array(addresses)),
        )
        found.update(row[0] for row in rows)
    return found


def _load_bands(conn: sqlite3.Connection, posts: Iterable[EnrichedPost]) -> dict[int, tuple[int, ...]]:
    """Band → the newest posts that have it."""
    wanted = {band for enriched in posts for band in enriched.bands}
    if not wanted:
        return {}
    found: dict[int, list[int]] = defaultdict(list)
    for band, post_id in conn.execute(
        "SELECT band, post_id FROM post_bands WHERE band IN (SELECT value FROM json_each(?)) ORDER BY post_id DESC",
        (_array(wanted),),
    ):
        if len(found[band]) < MOST_WITH_BAND:
            found[band].append(post_id)
    return {band: tuple(reversed(ids)) for band, ids in found.items()}


def _load_older(
    conn: sqlite3.Connection, batch: Sequence[Collected], strangers: Sequence[EnrichedPost], rarity: Rarity
) -> dict[tuple[int, str], tuple[OlderStory, ...]]:
    """(Source id, native id) of those that may start a story → the older stories to compare it with."""
    if not strangers:
        return {}
    wanted = {id(enriched) for enriched in strangers}
    kinds = dict(conn.execute("SELECT topic, kind FROM topics WHERE kind <> 'topic'"))
    older = OlderStories(conn, _model_of(strangers))
    found = {}
    for collected in batch:
        for enriched in collected.posts:
            if id(enriched) in wanted:
                entities = {match.topic for match in enriched.topics if match.topic in kinds}
                keys = keys_of(enriched.headline, enriched.terms, entities, rarity)
                if near := older.near(keys):
                    found[collected.source.id, enriched.post.native_id] = near
    return found


def _model_of(posts: Iterable[EnrichedPost]) -> tuple[str, str] | None:
    """Name and version of the model that gave these posts their embeddings, if one did."""
    made = (enriched.embedding for enriched in posts if enriched.embedding)
    return next(((embedding.model, embedding.version) for embedding in made), None)


def _array(values: Iterable[Any]) -> str:
    """A list as one SQL parameter, for `json_each`: no limit on its length, one statement for all lengths."""
    return json.dumps(list(values))
