"""Sources whose addresses are secret: the same source under another key, and keys that older versions stored.

Every function expects an open transaction.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from aggregator.dedupe.details import content_digest
from aggregator.model.source import Source
from aggregator.storage.words.packed import pack_words, unpack_words
from aggregator.text.secrets.open_addresses import Hidden, hidden, without_mark
from aggregator.text.urls import readable

# Where words of polls are kept, which may quote addresses: (table, column).
WORDS = (("polls", "detail"), ("sources", "last_error"), ("sources", "warning"), ("outages", "detail"))

_KNOWN_OTHERWISE = """
UPDATE sources SET url = ?1, shown_url = ?2, etag = NULL, last_modified = NULL, body_digest = NULL, moved_to = NULL,
  moved_polls = 0, moved_at = NULL, missing_at = NULL, failures = 0, last_error = NULL,
  next_poll_at = NULL, status = iif(status = 'removed', status, iif(last_success_at IS NULL, 'new', 'ok'))
WHERE url = ?3
"""
# Rows of one source: by what column of a table.
_OF_SOURCE = {
    "sources": "id = :source",
    "posts": "id IN (SELECT post_id FROM sightings WHERE source_id = :source)",
}
_BY_COLUMN = {
    "source_id": "source_id = :source",
    "post_id": "post_id IN (SELECT post_id FROM sightings WHERE source_id = :source)",
}


def follow_keys(conn: sqlite3.Connection, sources: Iterable[Source]) -> None:
    """Let a source whose address became secret, or whose key is another one now, stay the source that it was.

    Known by what it was known by before; else by its address without the key, where one source of that address left the
    configuration as this one came, or, of several, by the title that it is given. Its posts, its history and what it
    has shown stay with it; it is due at once, its old trouble forgotten.
    """
    keyed = [source for source in sources if source.address]
    if not keyed:
        return
    wanted = {source.url for source in sources}
    stored: dict[str, tuple[int, str | None, bool]] = {
        url: (source_id, title, removed_at is not None)
        for source_id, url, title, removed_at in conn.execute("SELECT id, url, title, removed_at FROM sources")
    }
    come = [source for source in keyed if source.url not in stored]
    for source in list(come):
        former = next((url for url in source.former_urls if url in stored and url not in wanted), None)
        if former:
            _rename(conn, former, source.url)
            conn.execute("PRAGMA secure_delete = ON")
            if hide_in(conn, stored.pop(former)[0], hidden(source.keys)):
                forget_words(conn)
            come.remove(source)
    left = {url: rest[1:] for url, rest in stored.items() if url not in wanted and without_mark(url) != url}
    for source, former in _pairs(come, left):
        _rename(conn, former, source.url)


def _rename(conn: sqlite3.Connection, former: str, url: str) -> None:
    conn.execute(_KNOWN_OTHERWISE, (url, readable(url), former))


def _pairs(come: Sequence[Source], left: dict[str, tuple[str | None, bool]]) -> Iterator[tuple[Source, str]]:
    """Which new source is which that has left. `left`: by address, its title, and whether it had left before."""
    rests: dict[str, list[Source]] = defaultdict(list)
    for source in come:
        rests[without_mark(source.url)].append(source)
    for rest, new in rests.items():
        same = [url for url in left if without_mark(url) == rest]
        old = [url for url in same if not left[url][1]] or same
        for source in list(new):
            called = [url for url in old if source.title and left[url][0] == source.title]
            if len(called) == 1:
                yield source, called[0]
                new.remove(source)
                old.remove(called[0])
        if len(new) == len(old) == 1:
            yield new[0], old[0]


# ---------------------------------------------------------------- what is stored


def hide_in(conn: sqlite3.Connection, source_id: int, keys: Hidden) -> bool:
    """Put placeholders in place of the keys of a source, wherever they are stored of it; whether texts that can be
    searched were among that.

    A post's digest changes with what it was made of, so that its next poll finds it unchanged.
    """
    if not keys:
        return False
    conn.create_function("hide_keys", 1, lambda text: keys.text(text) if isinstance(text, str) else text)
    patterns = [f"%{form.translate(_ESCAPED)}%" for form in keys.forms]
    given = {"source": source_id, **{f"p{number}": pattern for number, pattern in enumerate(patterns)}}
    has_texts = _hide_in_posts(conn, keys, given)
    _hide_in_words(conn, keys, given)
    for table, columns in _texts(conn):
        which = _OF_SOURCE.get(table) or next((sql for name, sql in _BY_COLUMN.items() if name in columns), "1")
        texts = [name for name, kind in columns.items() if kind == "TEXT"]
        for column in texts if table != "posts" else ():
            # Not all that is LIKE a key is one: of a short one it may be the beginning of another word.
            found = f"{which} AND {_has(column, given)} AND hide_keys({column}) <> {column}"
            if conn.execute(f"SELECT 1 FROM {table} WHERE {found} LIMIT 1", given).fetchone():
                conn.execute(f"UPDATE OR IGNORE {table} SET {column} = hide_keys({column}) WHERE {found}", given)
                # Two rows that differed by the key alone: the first is kept.
                conn.execute(f"DELETE FROM {table} WHERE {found}", given)
    return has_texts


_ESCAPED = str.maketrans({each: f"\\{each}" for each in "\\%_"})


def _has(column: str, given: dict[str, object]) -> str:
    likes = (f"{column} LIKE :{name} ESCAPE '\\'" for name in given if name != "source")
    return f"({' OR '.join(likes)})"


def _texts(conn: sqlite3.Connection) -> list[tuple[str, dict[str, str]]]:
    """The tables of ours, each with its columns and their types; generated columns and indexes of words left out."""
    names = conn.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%STRICT%' AND instr(name, '_fts') = 0"
    ).fetchall()
    return [
        (name, {row[1]: row[2] for row in conn.execute(f"PRAGMA table_xinfo({name})") if row[6] == 0})
        for (name,) in names
    ]


def _hide_in_posts(conn: sqlite3.Connection, keys: Hidden, given: dict[str, object]) -> bool:
    columns = dict(_texts(conn))["posts"]
    texts = [name for name, kind in columns.items() if kind == "TEXT"]
    found = conn.execute(
        f"SELECT id, digest, {', '.join(texts)} FROM posts WHERE {_OF_SOURCE['posts']} "
        f"AND ({' OR '.join(_has(column, given) for column in texts)})",
        given,
    ).fetchall()
    has_texts = False
    for post_id, digest, *values in found:
        before = dict(zip(texts, values, strict=True))
        after = {name: value if value is None else keys.text(value) for name, value in before.items()}
        changed = [name for name in texts if after[name] != before[name]]
        has_texts = has_texts or not {"title", "text", "attached"}.isdisjoint(changed)
        digest = _digest(after) if digest == _digest(before) else digest
        conn.execute(
            f"UPDATE posts SET digest = ?, {', '.join(f'{name} = ?' for name in changed)} WHERE id = ?",
            (digest, *(after[name] for name in changed), post_id),
        )
    return has_texts


def _hide_in_words(conn: sqlite3.Connection, keys: Hidden, given: dict[str, object]) -> None:
    """In words of posts that are packed, where SQL finds no text; those of older files are JSON still."""
    if dict(_texts(conn))["post_words"]["words"] != "BLOB":
        return
    sql = f"SELECT post_id, words FROM post_words WHERE {_BY_COLUMN['post_id']}"
    for post_id, packed in conn.execute(sql, {"source": given["source"]}).fetchall():
        words = unpack_words(packed)
        if any(map(keys.is_in, words)):
            told = {keys.text(word): weight for word, weight in words.items()}
            conn.execute("UPDATE post_words SET words = ? WHERE post_id = ?", (pack_words(told), post_id))


def forget_words(conn: sqlite3.Connection) -> None:
    """Take out of the search what it only marks as gone: merging all parts of an index drops it."""
    for index in ("posts_fts", "posts_fts_cjk"):
        conn.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")


def _digest(row: dict[str, str | None]) -> bytes:
    return content_digest(
        row["title"], row["text"], url=row["url"], canonical_url=row["canonical_url"], article_key=row["article_key"],
        content_warning=row["content_warning"],
    )  # fmt: skip
