"""What comes with a status, from the server to the rows: stored, searched, called by, and taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aggregator.storage.deletions import forget
from aggregator.storage.queries import Reader
from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import INTERVAL, NOW, Follower, fill

HOUR = timedelta(hours=1)
LINK = '<p><a href="https://paper.example/ferry">https://paper.example/ferry</a></p>'
CARD = {
    "url": "https://paper.example/ferry",
    "title": "Ferry sails from Ostermoor",
    "description": "After a winter in the dock.",
    "type": "link",
    "provider_name": "Ostermoor Post",
    "authors": [{"name": "Ada"}],
    "published_at": "2020-01-01T00:00:00.000Z",
}


def quote(**changes: Any) -> dict[str, Any]:
    status = {
        "id": "9",
        "uri": "https://far.example/users/bo/statuses/9",
        "url": "https://far.example/@bo/9",
        "content": "<p>The xylophone of the lighthouse is gone.</p>",
        "visibility": "public",
        "account": {"acct": "bo@far.example", "url": "https://far.example/@bo"},
    }
    return {"state": "accepted", "quoted_status": {**status, **changes}}


async def test_everything_is_stored_and_found(server: Fediverse, room: Follower) -> None:
    server.post(
        content=LINK,
        card=CARD,
        quote=quote(),
        poll={"options": [{"title": "Marmalade"}, {"title": "Jam"}]},
        media_attachments=[{"url": "https://files.example/1.png", "type": "image", "description": "A pelican"}],
        emojis=[{"shortcode": "anchor"}],
    )
    await room.poll()
    assert room.rows("SELECT * FROM post_cards") == [
        (
            1, "https://paper.example/ferry", "Ferry sails from Ostermoor", "After a winter in the dock.",
            "Ostermoor Post", "Ada", "2020-01-01T00:00:00Z",
        )
    ]  # fmt: skip
    assert room.rows("SELECT * FROM post_quotes") == [
        (
            1, "https://far.example/users/bo/statuses/9", "https://far.example/@bo/9", "bo@far.example", None,
            "The xylophone of the lighthouse is gone.",
        )
    ]  # fmt: skip
    assert room.rows("SELECT * FROM post_options") == [(1, 1, "Marmalade"), (1, 2, "Jam")]
    assert room.rows("SELECT * FROM post_emojis") == [(1, "anchor")]
    assert room.rows("SELECT url, description FROM post_enclosures") == [("https://files.example/1.png", "A pelican")]
    for word in ("winter", "xylophone", "marmalade", "pelican", "attached : ada"):
        assert room.rows(f"SELECT rowid FROM posts_fts WHERE posts_fts MATCH '{word}'") == [(1,)]
    assert room.rows("SELECT title FROM latest_posts") == [("Ferry sails from Ostermoor",)]
    assert room.rows("SELECT title, headline FROM posts") == [(None, "Ferry sails from Ostermoor")]
    assert room.rows("SELECT title FROM latest_stories") == [("Ferry sails from Ostermoor",)]


async def test_short_words_without_spaces_are_found_in_it(server: Fediverse, room: Follower) -> None:
    picture = {"url": "https://files.example/1.png", "type": "image", "description": "港に猫がいる"}
    server.post(content="<p>新しい船が出た</p>", media_attachments=[picture])
    server.post(content="<p>古い船も出た</p>", media_attachments=[{**picture, "description": None}])
    await room.poll()
    with Reader(room.config.storage.path) as reader:
        assert [len(reader.search(words).rows) for words in ("猫", "新し 猫", "船", "古い 猫", "犬")] == [1, 1, 2, 0, 0]


async def test_what_comes_later_is_taken_up_and_is_no_edit_of_its_author(server: Fediverse, room: Follower) -> None:
    post_id = server.post(content=LINK)
    await room.poll()
    assert room.rows("SELECT title FROM latest_posts") == [("paper.example/ferry",)]
    server.by_id[post_id].changes |= {"card": CARD}
    await room.poll(HOUR)
    assert room.rows("SELECT title FROM latest_stories") == [("Ferry sails from Ostermoor",)]
    assert room.rows("SELECT rowid FROM posts_fts WHERE posts_fts MATCH 'winter'") == [(1,)]
    assert room.rows("SELECT count(*) FROM post_revisions") == [(0,)]
    server.by_id[post_id].changes |= {"card": None}  # another server's, which looks no pages up
    await room.poll(HOUR)
    server.by_id[post_id].changes |= {"card": CARD}
    await room.poll(HOUR)
    edits = "SELECT count(*) FROM changes WHERE what = 'post' AND change = 'edited'"
    assert room.rows(edits) == [(1,)]
    server.by_id[post_id].changes |= {"quote": quote()}
    await room.poll(HOUR)
    assert room.rows(edits) == [(2,)]
    assert room.rows("SELECT author FROM post_quotes") == [("bo@far.example",)]


async def test_an_edit_replaces_it(server: Fediverse, room: Follower) -> None:
    post_id = server.post(content=LINK, card=CARD, emojis=[{"shortcode": "anchor"}])
    await room.poll()
    server.edit(post_id, content="<p>The ferry was a mistake of mine</p>", card=None, emojis=[])
    await room.poll(HOUR)
    assert room.rows("SELECT * FROM post_cards") == room.rows("SELECT * FROM post_emojis") == []
    assert room.rows("SELECT headline, attached FROM posts") == [("The ferry was a mistake of mine", None)]
    assert room.rows("SELECT rowid FROM posts_fts WHERE posts_fts MATCH 'winter'") == []


async def test_what_is_hidden_is_in_no_title(server: Fediverse, room: Follower) -> None:
    hidden = {"content": "<p>The butler did it</p>", "sensitive": True}
    server.post(**hidden, spoiler_text="film spoiler", card=CARD)
    picture = {"url": "https://files.example/1.png", "type": "image", "description": "The butler, at night"}
    server.post(content="<p>#ai</p>", sensitive=True, media_attachments=[picture])
    server.post(content="<p>#ai</p>", quote=quote(spoiler_text="film spoiler", content="<p>The butler did it</p>"))
    server.post(content="<p>We watched the film together</p>")
    await room.poll()
    shown = "SELECT title, content_warning, sensitive, indexable FROM {} ORDER BY published_at, {}"
    expected = [
        ("CW: film spoiler", "film spoiler", 1, None),
        ("ai", None, 1, None),
        ("ai", None, 0, None),
        ("We watched the film together", None, 0, None),
    ]
    assert sorted(room.rows(shown.format("latest_posts", "id")), key=str) == sorted(expected, key=str)
    assert sorted(room.rows(shown.format("story_posts", "post_id")), key=str) == sorted(expected, key=str)
    assert [title for (title,) in room.rows("SELECT title || slug FROM stories") if "butler" in title] == []
    server.edit(list(server.by_id)[-1], spoiler_text="film")
    await room.poll(HOUR)
    assert ("CW: film",) in room.rows("SELECT title FROM stories")
    assert [slug for (slug,) in room.rows("SELECT slug FROM stories") if "watched" in slug] == []


async def test_what_is_quoted_goes_with_its_post(server: Fediverse, room: Follower) -> None:
    secret = server.post(id_time=NOW - HOUR / 2, content="<p>The xylophone of the lighthouse is gone.</p>")
    server.post(content="<p>#ai</p>", quote=quote(uri=server.by_id[secret].uri), card={**CARD, "title": "Ferries"})
    server.post(content="<p>#ai</p>", quote=quote(uri=server.by_id[secret].uri))
    await room.poll()
    assert len(room.rows("SELECT rowid FROM posts_fts WHERE posts_fts MATCH 'xylophone'")) == 3
    server.delete(secret)
    await room.poll(2 * HOUR)
    await room.poll(2 * HOUR)
    assert room.rows("SELECT count(*) FROM posts WHERE gone_at IS NOT NULL") == [(1,)]
    assert room.rows("SELECT rowid FROM posts_fts WHERE posts_fts MATCH 'xylophone'") == []
    assert room.rows("SELECT DISTINCT author, text FROM post_quotes") == [(None, None)]
    assert room.rows("SELECT count(*) FROM post_quotes WHERE uri IS NOT NULL") == [(2,)]
    assert sorted(room.rows("SELECT title FROM latest_posts")) == [("Ferries",), ("ai",)]
    assert not any("xylophone" in title for (title,) in room.rows("SELECT title FROM stories"))


async def test_who_is_forgotten_is_not_quoted(server: Fediverse, room: Follower) -> None:
    server.post(content="<p>#ai</p>", quote=quote())
    await room.poll()
    with room.database.write():
        forget(room.database.conn, "BO@far.example", [], NOW)
    server.post(content="<p>Look at that, all of you</p>", quote=quote())
    await room.poll(HOUR)
    assert room.rows("SELECT DISTINCT author, text FROM post_quotes") == [(None, None)]
    assert room.rows("SELECT count(*) FROM post_quotes") == [(2,)]
    assert room.rows("SELECT rowid FROM posts_fts WHERE posts_fts MATCH 'xylophone'") == []
    assert room.rows("SELECT count(*) FROM posts WHERE attached IS NOT NULL") == [(0,)]


async def test_a_deleted_post_leaves_nothing_of_it(server: Fediverse, room: Follower) -> None:
    fill(server, 30)
    room.set(rescan_window=6 * HOUR)
    post_id = server.post(
        id_time=NOW - HOUR / 2, content=LINK, card=CARD, quote=quote(), poll={"options": [{"title": "Jam"}]},
        emojis=[{"shortcode": "anchor"}],
    )  # fmt: skip
    await room.poll()
    server.delete(post_id)
    await room.poll(HOUR + INTERVAL)
    await room.poll(HOUR + INTERVAL)
    assert room.rows("SELECT headline, attached FROM posts WHERE gone_at IS NOT NULL") == [(None, None)]
    for table in ("post_cards", "post_quotes", "post_options", "post_emojis"):
        assert room.rows(f"SELECT * FROM {table}") == []
