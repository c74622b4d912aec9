"""What the file tells of itself: its version, its room, its newest times, its sources, and who has not seen what."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from aggregator.model.finding import Finding, note, trouble, well
from aggregator.model.quantities import size_in_words
from aggregator.storage import schema
from aggregator.storage.changelog import SITE
from aggregator.storage.checkup.looking import Look, examples
from aggregator.storage.checkup.opened import Versions
from aggregator.storage.times import from_text

# So many sources are told of one by one.
_MOST_SOURCES = 20

# Free pages are used again. More than this share of a file, and it is larger than it need be.
_MUCH_FREE = 0.25
_LEAST_FREE = 16 * 1024 * 1024

# One that was read within this time and fails now does so by itself, and is asked again.
_PATIENCE = timedelta(days=1)

_TROUBLED = """
SELECT url, coalesce(title, shown_url, url), status, failures, last_success_at, coalesce(last_error, '')
FROM sources WHERE removed_at IS NULL AND status IN ('failing', 'gone', 'limited')
ORDER BY status = 'limited', last_success_at, id
"""


class Newest(NamedTuple):
    """When a post was seen last, and a source polled last, as the file says; None where there is none."""

    post: datetime | None
    poll: datetime | None


def check_schema(look: Look, versions: Versions) -> Iterator[Finding]:
    """Is the file of today's version?"""
    if versions.unknown:
        words = f"made by a later version of aggregator (it has {examples(versions.unknown)})"
        remedy = "Upgrade the program. To go back to this version, take a backup from before back."
        yield trouble("schema", words, str(look.path), remedy)
    elif versions.pending:
        words = (
            f"of an older version: {len(versions.pending)} changes of tables are pending ({examples(versions.pending)})"
        )
        remedy = "The next start changes them, after it made a copy of the file beside it (docs/upgrading.md)."
        yield note("schema", words, str(look.path), remedy, look.command("run"))
    elif schema.is_behind(look.conn):
        words, remedy = "its views are of another version", "The next start makes them anew."
        yield note("schema", words, str(look.path), remedy, look.command("run"))
    else:
        yield from _reworks(look)


def _reworks(look: Look) -> Iterator[Finding]:
    names = [row[0] for row in look.conn.execute("SELECT name FROM reworks WHERE ended_at IS NULL ORDER BY name")]
    if names:
        words = f"of this version; older rows are still brought in line ({examples(names)})"
        yield note("schema", words, str(look.path), "A daemon goes on with it by itself.")
    else:
        yield well("schema", "of this version", str(look.path))


def check_free_pages(look: Look) -> Iterator[Finding]:
    """Room within the file that nothing is in."""
    pages, free, size = (
        look.conn.execute(f"PRAGMA {each}").fetchone()[0] for each in ("page_count", "freelist_count", "page_size")
    )
    if free * size > _LEAST_FREE and free > _MUCH_FREE * pages:
        words = f"{size_in_words(free * size)} of {size_in_words(pages * size)} of the file are empty"
        remedy = "What comes next goes there; the room can be given back to the disk."
        yield note("disk", words, str(look.path), remedy, look.command("doctor", "--fix"), fix="room")


def check_sources(look: Look) -> Iterator[Finding]:
    """Sources in trouble, with their words."""
    found = look.conn.execute(_TROUBLED).fetchall()
    for url, name, status, failures, success, error in found[:_MOST_SOURCES]:
        since = f", {failures} times in a row" if failures > 1 else ""
        last = f"; read last {success}" if success else "; never read"
        words = f"{status}{since}: {error}{last}"
        if status == "limited":
            yield note("sources", words, name, "It is asked again when its server allows it.")
        elif status == "failing" and (read_at := from_text(success)) and look.now - read_at < _PATIENCE:
            yield note("sources", words, name, "It is asked again by itself.")
        elif status == "gone":
            yield trouble("sources", words, name, "Take it out of the configuration, or name its new address.")
        else:
            remedy = "Ask it now, and see what it answers."
            yield trouble("sources", words, name, remedy, look.command("check", url))
    if len(found) > _MOST_SOURCES:
        words = f"{len(found) - _MOST_SOURCES} more are in trouble"
        yield note("sources", words, "", "All of them:", look.command("sources"))
    if not found:
        count = look.conn.execute("SELECT count(*) FROM sources WHERE removed_at IS NULL").fetchone()[0]
        yield well("sources", f"{count:,} sources, none in trouble" if count else "there are none yet")


def newest(conn: sqlite3.Connection) -> Newest:
    """When something came last.

    Raises:
        sqlite3.Error: it can't be read.
    """
    post = conn.execute("SELECT max(first_seen_at) FROM posts").fetchone()[0]
    poll = conn.execute("SELECT max(last_poll_at) FROM sources").fetchone()[0]
    return Newest(from_text(post), from_text(poll))


def unseen_by_the_site(conn: sqlite3.Connection) -> datetime | None:
    """Since when there is a change that the site has not; None where it has all, or was never built."""
    row = conn.execute(
        "SELECT changed_at FROM changes WHERE seq > (SELECT seq FROM consumers WHERE name = ?) ORDER BY seq LIMIT 1",
        (SITE,),
    ).fetchone()
    return from_text(row[0]) if row else None
