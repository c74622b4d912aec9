"""All rows of sources: what is remembered of each between polls, its polls, and which sources there are.

Every function that writes expects an open transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import merge
from typing import Any

from aggregator.model.changes import PolledSource
from aggregator.model.poll import Outcome
from aggregator.model.source import Patience, Source, SourceMemory, SourceStatus
from aggregator.model.timelines import Recheck
from aggregator.storage.deletions import count_shown, forget_missing, has_missing, load_unseen, save_missing
from aggregator.storage.secrets.addresses import follow_keys
from aggregator.storage.times import from_text, to_text
from aggregator.text.tokens import hashtag_key
from aggregator.text.urls import readable

# A server that has not what it showed before is asked again in a day: the warning stays until then.
_WARNED_FOR = timedelta(days=2)

# The clock of a machine is corrected by less than this while all is well.
_CLOCK_SLACK = timedelta(seconds=5)

_COLUMNS = (
    "etag, last_modified, body_digest, cursor, failures, last_success_at, full_at, moved_to, moved_polls, moved_at, "
    "missing_at, post_gap_seconds, new_at, wait_seconds, skip_hours, skip_days, recheck_since, recheck_before, "
    "native_id, warning"
)
# What of a row stands in the configuration. A source may call itself something, where that names no title and no site.
_CONFIGURED = "title, site_url, kind, shown_url, folder, language, interval_seconds, publish"
_LOAD = f"SELECT id, {_COLUMNS} FROM sources WHERE id IN (SELECT value FROM json_each(?))"
_SAVE = f"UPDATE sources SET ({_COLUMNS}) = ({', '.join('?' * len(_COLUMNS.split(',')))}) WHERE id = ?"


def load_memories(conn: sqlite3.Connection, ids: Iterable[int], now: datetime | None = None) -> dict[int, SourceMemory]:
    """What is remembered of these sources, by id. What seems to have been later than `now` counts as of now.

    The clock was wrong when that was noted, and a source would wait for years to be asked in full again.
    """
    latest = to_text(now)
    found = {row[0]: _memory(latest, *row[1:]) for row in conn.execute(_LOAD, (json.dumps(list(ids)),)).fetchall()}
    return {
        source_id: replace(
            memory,
            unseen=tuple(load_unseen(conn, source_id, memory.recheck, now or memory.recheck.before)),
            still_shown=count_shown(conn, source_id, memory.recheck),
            has_missing=has_missing(conn, source_id, (now or memory.recheck.before) - _WARNED_FOR),
        )
        if memory.recheck
        else memory
        for source_id, memory in found.items()
    }


def save_memory(conn: sqlite3.Connection, source_id: int, memory: SourceMemory) -> None:
    """Remember this of a source. Expects an open transaction."""
    gap, patience, recheck = memory.post_gap, memory.patience, memory.recheck
    conn.execute(
        _SAVE,
        (
            memory.etag, memory.last_modified, memory.body_digest, memory.cursor, memory.failures,
            to_text(memory.last_success_at), to_text(memory.full_at), memory.moved_to, memory.moved_polls,
            to_text(memory.moved_at), to_text(memory.missing_at), None if gap is None else round(gap.total_seconds()),
            to_text(memory.new_at), round(patience.wait.total_seconds()), _list(patience.hours), _list(patience.days),
            to_text(recheck.since) if recheck else None, to_text(recheck.before) if recheck else None, memory.native_id,
            memory.warning, source_id,
        ),
    )  # fmt: skip


def _memory(latest: str | None, *row: Any) -> SourceMemory:
    def moment(text: str | None) -> datetime | None:
        return from_text(min(text, latest) if text and latest else text)

    since, before = moment(row[16]), moment(row[17])
    return SourceMemory(
        etag=row[0],
        last_modified=row[1],
        body_digest=row[2],
        cursor=row[3],
        failures=row[4],
        last_success_at=moment(row[5]),
        full_at=moment(row[6]),
        moved_to=row[7],
        moved_polls=row[8],
        moved_at=moment(row[9]),
        missing_at=moment(row[10]),
        post_gap=None if row[11] is None else timedelta(seconds=row[11]),
        new_at=moment(row[12]),
        recheck=Recheck(since, before) if since and before else None,
        patience=Patience(wait=timedelta(seconds=row[13]), hours=_set(row[14]), days=_set(row[15])),
        native_id=row[18],
        warning=row[19],
    )


def _list(numbers: frozenset[int]) -> str | None:
    return ",".join(map(str, sorted(numbers))) or None


def _set(numbers: str | None) -> frozenset[int]:
    return frozenset(int(number) for number in (numbers or "").split(",") if number)


def load_requests(conn: sqlite3.Connection, since: datetime, until: datetime) -> Iterator[tuple[int, datetime, int]]:
    """Source, time and number of the requests that polls made between these times and counted, oldest first."""
    for source_id, at, requests in conn.execute(
        "SELECT source_id, started_at, requests FROM polls "
        "WHERE started_at BETWEEN ? AND ? AND requests > 0 ORDER BY id",
        (to_text(since), to_text(until)),
    ).fetchall():
        moment = from_text(at)
        if moment:
            yield source_id, moment, requests


def save_poll(conn: sqlite3.Connection, polled: PolledSource, now: datetime) -> None:
    """How one source's poll ended, at `now`."""
    collected = polled.collected
    is_trouble = collected.outcome not in (Outcome.OK, Outcome.NOT_MODIFIED)
    # A title from the configuration stays; else the source's own, as it calls itself now.
    title = None if collected.source.title else collected.title
    site_url = None if collected.source.site_url else collected.site_url
    conn.execute(
        "UPDATE sources SET status = coalesce(?1, status), last_error = iif(?1 IS NULL, last_error, ?2), "
        "last_poll_at = ?3, next_poll_at = ?4, title = coalesce(?5, title), site_url = coalesce(?6, site_url) "
        "WHERE id = ?7",
        (
            polled.status, collected.detail if is_trouble else None, to_text(now), to_text(polled.next_poll_at), title,
            site_url, collected.source.id,
        ),
    )  # fmt: skip
    save_memory(conn, collected.source.id, polled.memory)
    detail = "; ".join(text for text in (collected.detail, *collected.warnings) if text)
    conn.execute(
        "INSERT INTO polls (source_id, started_at, duration_ms, outcome, http_status, bytes_read, entries, new, "
        "edited, copies, filtered, gone, requests, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            collected.source.id, to_text(collected.started_at), round(collected.elapsed.total_seconds() * 1000),
            collected.outcome, collected.http_status, collected.bytes_read, collected.entries, polled.new,
            polled.edited, polled.copies, polled.filtered, polled.gone, collected.requests,
            detail or None,
        ),
    )  # fmt: skip
    if collected.seen:
        conn.execute(
            "UPDATE sightings SET last_seen_at = ?, by_token = min(by_token, ?) "
            "WHERE source_id = ? AND native_id IN (SELECT value FROM json_each(?))",
            (to_text(now), collected.source.is_asked_with_secret, collected.source.id, json.dumps(collected.seen)),
        )
        forget_missing(conn, collected.source.id, collected.seen)
    save_missing(conn, collected.source.id, collected.missing)


def sync_sources(conn: sqlite3.Connection, sources: Iterable[Source], now: datetime) -> tuple[Source, ...]:
    """Make the `sources` table follow the configuration; the same sources with their ids, in the same order.

    A source that left the configuration is marked removed; one that came back is due at once, its old trouble
    forgotten. A shorter interval counts from the last poll on, unless the source is in trouble.
    """
    sources = list(sources)
    _rename_tags(conn, sources)
    follow_keys(conn, sources)
    # Nearly all are as they were at the last start: to write a hundred thousand rows anew takes a second.
    stored = {
        row[1]: row for row in conn.execute(f"SELECT id, url, {_CONFIGURED} FROM sources WHERE removed_at IS NULL")
    }
    synced = tuple(_known(source, stored.get(source.url)) or _sync_source(conn, source) for source in sources)
    conn.execute(
        "UPDATE sources SET status = 'removed', removed_at = ?, next_poll_at = NULL "
        "WHERE removed_at IS NULL AND id NOT IN (SELECT value FROM json_each(?))",
        (to_text(now), json.dumps([source.id for source in synced])),
    )
    return synced


def _rename_tags(conn: sqlite3.Connection, sources: Sequence[Source]) -> None:
    """A hashtag that is written in another way now is the same source, under another address."""
    stored = {hashtag_key(url): url for (url,) in conn.execute("SELECT url FROM sources WHERE kind = 'hashtag'")}
    for source in sources:
        old = stored.get(hashtag_key(source.url)) if source.kind == "hashtag" else None
        if old and old != source.url and source.url not in stored.values():
            conn.execute("UPDATE sources SET url = ? WHERE url = ?", (source.url, old))


def _known(source: Source, row: Sequence[Any] | None) -> Source | None:
    """The source with its id, where its row says all that the configuration does."""
    if row is None:
        return None
    title, site_url, *others = row[2:]
    is_same = others == [
        source.kind, readable(source.url), source.folder, source.language, int(source.interval.total_seconds()),
        source.publish,
    ] and source.title in (None, title) and source.site_url in (None, site_url)  # fmt: skip
    return replace(source, id=row[0]) if is_same else None


def _sync_source(conn: sqlite3.Connection, source: Source) -> Source:
    row = conn.execute(
        "INSERT INTO sources (kind, url, shown_url, title, site_url, folder, language, interval_seconds, publish) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (url) DO UPDATE SET kind = excluded.kind, shown_url = excluded.shown_url, "
        "title = coalesce(excluded.title, title), site_url = coalesce(excluded.site_url, site_url), "
        "folder = excluded.folder, language = excluded.language, publish = excluded.publish, "
        "interval_seconds = excluded.interval_seconds, removed_at = NULL, "
        "failures = iif(status = 'removed', 0, failures), "
        "last_error = iif(status = 'removed', NULL, last_error), "
        "next_poll_at = iif(status = 'ok' AND excluded.interval_seconds < interval_seconds, "
        "min(next_poll_at, strftime('%Y-%m-%dT%H:%M:%SZ', last_poll_at, excluded.interval_seconds || ' seconds')), "
        "next_poll_at), status = iif(status = 'removed', 'new', status) RETURNING id",
        (
            source.kind, source.url, readable(source.url), source.title, source.site_url, source.folder,
            source.language, int(source.interval.total_seconds()), source.publish,
        ),
    ).fetchone()  # fmt: skip
    return replace(source, id=row[0])


def sync_topics(conn: sqlite3.Connection, topics: Iterable[tuple[str, str, str]]) -> None:
    """Make the `topics` table follow the taxonomy, given as (slug, label, kind).

    A topic that left it stays as long as stored posts have it; `rebuild topics` clears those.
    """
    topics = list(topics)
    conn.executemany(
        "INSERT INTO topics (topic, label, kind) VALUES (?, ?, ?) "
        "ON CONFLICT (topic) DO UPDATE SET label = excluded.label, kind = excluded.kind",
        topics,
    )
    conn.execute(
        "DELETE FROM topics WHERE topic NOT IN (SELECT value FROM json_each(?)) "
        "AND NOT EXISTS (SELECT 1 FROM post_topics t WHERE t.topic = topics.topic)",
        (json.dumps([topic for topic, _, _ in topics]),),
    )


# ---------------------------------------------------------------- which there are, and which are due


def load_source_ids(conn: sqlite3.Connection, urls: Iterable[str]) -> dict[str, int]:
    """The ids of the sources with these addresses; those never stored are left out."""
    wanted = set(urls)
    return {url: source_id for url, source_id in conn.execute("SELECT url, id FROM sources") if url in wanted}


def load_sources_called(conn: sqlite3.Connection, parts: Iterable[str]) -> set[int]:
    """The ids of the sources with one of these in their title or address, removed ones too."""
    wanted = [part.casefold() for part in parts]
    rows = conn.execute("SELECT id, coalesce(title, '') || ' ' || url FROM sources") if wanted else ()
    return {source_id for source_id, name in rows if any(part in name.casefold() for part in wanted)}


# A source that failed the last time counts as due so much later: many of them are slow to fail, and the others need not
# wait for that. Not for ever: where others are always due, as of a domain that can't keep up, its turn comes as well.
_LATER = "strftime('%Y-%m-%dT%H:%M:%SZ', next_poll_at, '+1 hour')"
_PLACE = f"coalesce(iif(failures > 0, {_LATER}, next_poll_at), '')"

# Asked by the index `sources_due`: of a hundred thousand sources a handful is due each second.
_DUE = f"SELECT {_PLACE}, id, failures > 0 FROM sources WHERE removed_at IS NULL AND"
_FAILS = "(failures > 0) = ?"
# The plus keeps SQLite from the other index, by which nearly all would be read.
_POLLED_AHEAD = "(+failures > 0) = ? AND last_poll_at > ? AND +next_poll_at > ?"

_IS_DUE = "WHERE removed_at IS NULL AND (next_poll_at IS NULL OR next_poll_at <= ?)"


def load_due(
    conn: sqlite3.Connection, now: datetime, longest_wait: timedelta | None = None
) -> Iterator[tuple[int, bool]]:
    """Ids of the sources whose poll is due, and whether each failed the last time. The longest due first; those never
    polled come first, and one that failed as if it were due an hour later. Read as far as they are taken.

    Due is too what was polled later than now, or waits for longer than any source does: that was while the clock was
    wrong.
    """
    places = merge(*(_due_places(conn, now, longest_wait, failing) for failing in (False, True)))
    return ((source_id, bool(is_failing)) for _, source_id, is_failing in places)


def _due_places(
    conn: sqlite3.Connection, now: datetime, longest_wait: timedelta | None, failing: bool
) -> Iterator[tuple[str, int, int]]:
    for where, *times in _due_because(now, longest_wait):
        yield from conn.execute(f"{_DUE} {where} ORDER BY next_poll_at, id", (failing, *times))


def _due_because(now: datetime, longest_wait: timedelta | None) -> Iterator[tuple[str | None, ...]]:
    """Why a source may be due, each as a condition with its times; no source is due for two reasons."""
    yield (f"{_FAILS} AND next_poll_at IS NULL",)
    yield f"{_FAILS} AND next_poll_at <= ?", to_text(now)
    ahead = to_text(now + _CLOCK_SLACK)
    if longest_wait is None:
        yield _POLLED_AHEAD, ahead, to_text(now)
        return
    latest = to_text(now + longest_wait)
    yield f"{_POLLED_AHEAD} AND +next_poll_at <= ?", ahead, to_text(now), latest
    yield f"{_FAILS} AND next_poll_at > ?", latest


def count_due(conn: sqlite3.Connection, now: datetime) -> int:
    """How many sources are due, but for what a wrong clock has left."""
    return int(conn.execute(f"SELECT count(1) FROM sources {_IS_DUE}", (to_text(now),)).fetchone()[0])


def is_never_asked(conn: sqlite3.Connection, now: datetime) -> bool:
    """Is a source due that was never polled?"""
    found = conn.execute(f"SELECT 1 FROM sources {_IS_DUE} AND last_poll_at IS NULL LIMIT 1", (to_text(now),))
    return found.fetchone() is not None


def load_next_due(conn: sqlite3.Connection) -> datetime | None:
    """When the next source is due, be that past; None where there is none. One that was never polled always was."""
    firsts = [
        conn.execute(
            "SELECT coalesce(next_poll_at, '0001-01-01T00:00:00Z') FROM sources "
            "WHERE removed_at IS NULL AND (failures > 0) = ? ORDER BY next_poll_at LIMIT 1",
            (failing,),
        ).fetchone()
        for failing in (False, True)
    ]
    return from_text(min((row[0] for row in firsts if row), default=None))


def load_failing(conn: sqlite3.Connection, ids: Iterable[int]) -> set[int]:
    """Those of these sources that failed the last time."""
    rows = conn.execute(
        "SELECT id FROM sources WHERE failures > 0 AND id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
    )
    return {row[0] for row in rows}


def load_slow(conn: sqlite3.Connection, longer_than: timedelta, polls: int) -> set[int]:
    """The sources that answered well and took longer than that, in one of the newest so many polls."""
    rows = conn.execute(
        "SELECT source_id FROM (SELECT source_id, duration_ms, outcome FROM polls ORDER BY id DESC LIMIT ?) "
        "WHERE duration_ms > ? AND outcome IN ('ok', 'not_modified')",
        (polls, longer_than / timedelta(milliseconds=1)),
    )
    return {source_id for (source_id,) in rows}


def load_troubles(conn: sqlite3.Connection) -> dict[int, tuple[SourceStatus, str]]:
    """The sources that are in trouble: id → status, and the trouble in words."""
    rows = conn.execute(
        "SELECT id, status, coalesce(last_error, '') FROM sources WHERE status IN ('failing', 'limited', 'gone')"
    )
    return {source_id: (status, words) for source_id, status, words in rows}


def put_off(conn: sqlite3.Connection, ids: Iterable[int], until: datetime) -> None:
    """These sources are due no earlier than `until`."""
    conn.execute(
        "UPDATE sources SET next_poll_at = ?1 WHERE removed_at IS NULL AND coalesce(next_poll_at, '') < ?1 "
        "AND id IN (SELECT value FROM json_each(?2))",
        (to_text(until), json.dumps(list(ids))),
    )


def forgive(conn: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Take back the last failure of these sources: it was not theirs."""
    conn.execute(
        "UPDATE sources SET failures = max(failures - 1, 0), last_error = iif(failures <= 1, NULL, last_error), "
        "status = iif(failures <= 1, iif(last_success_at IS NULL, 'new', 'ok'), status) "
        "WHERE status = 'failing' AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
