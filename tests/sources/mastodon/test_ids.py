"""Status ids and the cursor made of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.sources.mastodon.cursor import first_cursor, read_cursor
from aggregator.sources.mastodon.ids import family_of, id_at, order, time_of

NOW = datetime(2031, 3, 1, 8, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("native_id", "family"),
    [
        ("117020574841135347", "snowflake"),
        ("01R5J21ZT00000000000000302", "ulid"),
        ("302", "opaque"),
        ("AaBbCc", "opaque"),
        ("9" * 19, "opaque"),
        ("9" * 400, "opaque"),
        ("٣" * 18, "opaque"),
        ("81R5J21ZT00000000000000302", "opaque"),
        ("01R5J21ZT0000000000000030", "opaque"),
        ("", "opaque"),
    ],
)
def test_families(native_id: str, family: str) -> None:
    assert family_of(native_id) == family


@pytest.mark.parametrize("family", ["snowflake", "ulid"])
def test_ids_tell_their_time(family: str) -> None:
    native_id = id_at(NOW, family)  # type: ignore[arg-type]
    assert native_id is not None
    assert (family_of(native_id), time_of(native_id, family_of(native_id))) == (family, NOW)
    later = id_at(NOW + timedelta(milliseconds=1), family)  # type: ignore[arg-type]
    assert later is not None and order(native_id) < order(later)


def test_the_floor_is_below_the_newest_by_the_overlap() -> None:
    newest = id_at(NOW - MINUTE, "snowflake")
    assert newest is not None
    cursor = first_cursor([newest, "116000000000000000"], NOW, MINUTE)
    assert cursor.newest == newest
    assert cursor.floor == id_at(NOW - 2 * MINUTE, "snowflake")


def test_the_floor_of_opaque_ids_was_the_newest_an_overlap_ago() -> None:
    cursor = first_cursor(["3", "2", "1"], NOW, MINUTE)
    assert cursor.floor == "1"
    for minutes, newest in ((0.5, "5"), (1, "6"), (2, "9"), (15, "12"), (16, "12")):
        cursor = cursor.with_newest(newest, NOW + minutes * MINUTE, MINUTE)
    assert cursor.floor == "12"
    assert len(cursor.marks) <= 3


def test_a_cursor_reads_as_it_was_written() -> None:
    cursor = first_cursor(["3", "2", "1"], NOW, MINUTE).with_newest("5", NOW + MINUTE, MINUTE)
    assert read_cursor(cursor.to_text()) == cursor
