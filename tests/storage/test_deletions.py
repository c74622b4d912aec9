"""What authors take back, and what an operator was asked to forget."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.storage.copies.snapshot import write_snapshot
from aggregator.storage.corrections import Editor
from aggregator.storage.deletions import forget
from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import INTERVAL, NOW, Follower, fill

HOUR = timedelta(hours=1)
SECRET = "<p>Nobody should know of the xylophone in the lighthouse of Ostermoor.</p>"


@pytest.mark.parametrize("has_bulk", [True, False])
async def test_a_deleted_post_becomes_a_tombstone(has_bulk: bool, server: Fediverse, room: Follower) -> None:
    server.has_bulk = has_bulk
    room.set(rescan_window=6 * HOUR)
    ids = fill(server, 60)
    secret = server.post(id_time=NOW - HOUR / 2, content=SECRET, spoiler_text="xylophone")
    await room.poll()
    server.edit(secret, content=SECRET.replace("Nobody", "Everybody"))
    await room.poll(HOUR + INTERVAL)
    server.delete(secret)
    await room.poll(HOUR + INTERVAL)
    [row] = room.rows(
        "SELECT title, text, html, author, content_warning, fingerprint, uri IS NULL FROM posts WHERE gone_at > ''"
    )
    assert row == (None, None, None, None, None, None, 0)
    assert room.rows("SELECT count(*) FROM post_revisions") == [(0,)]
    assert room.rows("SELECT * FROM posts_fts WHERE posts_fts MATCH 'xylophone'") == []
    assert room.rows("SELECT change FROM changes WHERE what = 'post' ORDER BY seq DESC LIMIT 1") == [("gone",)]
    assert room.rows("SELECT count(*) FROM latest_posts") == [(len(ids),)]
    titles = room.rows("SELECT title || slug FROM stories")
    assert not any("xylophone" in title for (title,) in titles)


async def test_what_was_taken_back_does_not_come_back(server: Fediverse, room: Follower) -> None:
    """Its home server says that it was deleted; another one that shows it again has only not heard of that."""
    with Fediverse(NOW) as home:
        home.answer = (410, {}, b"")
        ids = fill(server, 5)
        server.by_id[ids[2]].uri = f"{home.url}/users/ada/statuses/3"
        await room.poll()
        server.delete(ids[2])
        await room.poll(HOUR + INTERVAL)
    assert room.gone() == 1
    server.by_id[ids[2]].deleted_at = None
    server.edit(ids[2], content=SECRET)
    await room.poll(HOUR + INTERVAL)
    await room.poll(HOUR + INTERVAL)
    assert room.gone() == 1
    assert room.rows("SELECT count(*) FROM posts WHERE text LIKE '%xylophone%'") == [(0,)]


async def test_a_snapshot_is_clean(server: Fediverse, room: Follower, tmp_path: Path) -> None:
    fill(server, 30)
    secret = server.post(id_time=NOW - HOUR / 2, content=SECRET)
    await room.poll()
    target = tmp_path / "snapshot.db"
    write_snapshot(room.config.storage.path, target)
    assert b"xylophone" in target.read_bytes()
    server.delete(secret)
    await room.poll(HOUR + INTERVAL)
    write_snapshot(room.config.storage.path, target)
    content = target.read_bytes()
    assert b"xylophone" not in content and b"ylophone" not in content and b"stermoor" not in content


async def test_deletions_can_be_marked_alone(server: Fediverse, room: Follower) -> None:
    room.set(honour_deletions=False)
    ids = fill(server, 5)
    await room.poll()
    server.delete(ids[2])
    await room.poll(HOUR + INTERVAL)
    assert room.rows("SELECT count(text) FROM posts WHERE gone_at IS NOT NULL") == [(1,)]


async def test_a_copy_takes_the_place_of_an_original_that_went(server: Fediverse, room: Follower) -> None:
    words = "<p>The harbour master of Ostermoor closes the old lock for the winter and opens the new one instead.</p>"
    first = server.post(id_time=NOW - HOUR, content=words)
    server.post(id_time=NOW - HOUR / 2, content=words)
    await room.poll()
    assert room.rows("SELECT count(copy_of) FROM posts") == [(1,)]
    server.delete(first)
    await room.poll(HOUR + INTERVAL)
    assert room.rows("SELECT count(*), count(copy_of) FROM posts WHERE gone_at IS NULL") == [(1, 0)]
    assert room.rows("SELECT count(*) FROM latest_posts") == [(1,)]


# ---------------------------------------------------------------- on request


async def test_an_author_is_forgotten_and_stays_so(server: Fediverse, room: Follower) -> None:
    fill(server, 5)
    server.post(id_time=NOW - HOUR, account={"acct": "Bo@other.example"})
    await room.poll()
    with room.database.write():
        assert forget(room.database.conn, "bo@other.example", (), server.clock) == 1
    server.post(at=NOW + INTERVAL / 2, account={"acct": "Bo@other.example"})
    fresh = server.post(at=NOW + INTERVAL / 2)
    await room.poll(INTERVAL)
    assert room.rows("SELECT count(*) FROM posts WHERE author LIKE 'bo@%'") == [(0,)]
    assert fresh in room.ids()
    with room.database.write():
        assert forget(room.database.conn, "bo@other.example", (), server.clock) == 0


async def test_a_post_is_forgotten_by_its_address(server: Fediverse, room: Follower) -> None:
    fill(server, 5)
    await room.poll()
    with room.database.write():
        assert forget(room.database.conn, None, ["https://far.example/@ada/3"], server.clock) == 1
    assert room.rows("SELECT url, text FROM posts WHERE gone_at IS NOT NULL") == [("https://far.example/@ada/3", None)]
    await room.poll(HOUR + INTERVAL)
    assert room.gone() == 1


@pytest.mark.parametrize("given", ["What the editor calls it", None])
async def test_a_title_that_an_editor_gave_stays_where_the_post_that_led_goes(
    given: str | None, server: Fediverse, room: Follower
) -> None:
    words = "<p>The harbour master of Ostermoor closes the old lock for the winter and opens the new one instead.</p>"
    server.post(id_time=NOW - HOUR, content=words)
    server.post(id_time=NOW - HOUR / 2, content=words.replace("instead", "today"))
    await room.poll()
    [(story_id, lead, address)] = room.rows(
        "SELECT s.id, lead_post_id, url FROM stories s JOIN posts p ON p.id = s.lead_post_id WHERE post_count = 2"
    )
    if given:
        Editor(room.database, NOW).rename(str(story_id), given)
    with room.database.write():
        forget(room.database.conn, None, [address], NOW)
    [(title, slug, leads)] = room.rows("SELECT title, slug, lead_post_id FROM stories")
    assert title == given if given else title.endswith("opens the new one today.")
    assert slug.startswith("what-the-editor" if given else "the-harbour")
    assert leads not in (None, lead)


async def test_a_story_without_posts_keeps_the_title_that_an_editor_gave(server: Fediverse, room: Follower) -> None:
    server.post(id_time=NOW - HOUR, content=SECRET)
    await room.poll()
    [(story_id, address)] = room.rows("SELECT s.id, url FROM stories s JOIN posts p ON p.id = s.lead_post_id")
    Editor(room.database, NOW).rename(str(story_id), "What the editor calls it")
    with room.database.write():
        forget(room.database.conn, None, [address], NOW)
    assert room.rows("SELECT title FROM stories") == [("What the editor calls it",)]
