"""One status by a server's API, by feeds, and as older versions stored it: one post, and the API's version of it.

Every way goes through the real poller into a real database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.rebuild.copies import rebuild_copies
from aggregator.model.post import Enclosure, Post
from aggregator.model.source import Source
from aggregator.sources.feeds.parse import parse_feed
from aggregator.storage.deletions import forget
from aggregator.text.urls import canonical_url
from tests.helpers.poller_room import NOW, PollerRoom, article

NUMBER = "116500000000000001"
ADDRESS = f"https://isle.example/@anna/{NUMBER}"
URI = f"https://isle.example/users/anna/statuses/{NUMBER}"
NEWER_URI = f"https://isle.example/ap/users/115000000000000007/statuses/{NUMBER}"
TEXT = "The ferry is back in the harbour, with a new rudder and two weeks late"
FEED, TAG, OTHER = "https://isle.example/@anna.rss", "https://isle.example/tags/ferry", "https://planet.example/feed"


class Islands:
    """A feed of an account, a hashtag of its server, a planet; each `poll` is a quarter of an hour after the last."""

    def __init__(self, folder: Path) -> None:
        self.room = PollerRoom(folder)
        feeds = (Source(kind="feed", url=FEED), Source(kind="hashtag", url=TAG), Source(kind="feed", url=OTHER))
        self.room.config = replace(self.room.config, sources=feeds)
        self.room.poller = self.room.new_poller()

    async def poll(self, **posts: Post) -> None:
        """What came of `feed`, `tag` and `planet`, of those given."""
        self.room.collect._answers.clear()
        for name, post in posts.items():
            self.room.collect.posts({"feed": FEED, "tag": TAG, "planet": OTHER}[name], [post])
        await self.room.poll()
        self.room.now += timedelta(minutes=15)

    def one(self, columns: str) -> tuple[Any, ...]:
        [row] = self.room.rows(f"SELECT {columns} FROM posts")
        return row

    def state(self) -> list[list[tuple[Any, ...]]]:
        tables = ("posts", "sightings", "post_revisions", "post_tags", "post_enclosures", "stories", "changes")
        return [self.room.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]


@pytest.fixture
def islands(tmp_path: Path) -> Iterator[Islands]:
    made = Islands(tmp_path)
    yield made
    made.room.database.close()


def by_feed(text: str = TEXT) -> Post:
    at = f"{NOW - timedelta(hours=1):%a, %d %b %Y %H:%M:%S GMT}"
    document = (
        '<rss version="2.0"><channel><title>Anna</title><description>Public posts from @anna@isle.example</description>'
        "<link>https://isle.example/@anna</link><generator>Mastodon v4.5.2</generator>"
        f"<item><guid>{ADDRESS}</guid><link>{ADDRESS}</link><pubDate>{at}</pubDate>"
        f"<description>&lt;p&gt;{text}&lt;/p&gt;</description><category>Ferry</category></item></channel></rss>"
    )
    [post] = parse_feed(document.encode(), None, FEED, NOW).posts
    assert post.kind == "status"
    return post


def by_api(**changes: Any) -> Post:
    given = {
        "kind": "status", "native_id": NUMBER, "text": TEXT, "html": f"<p>{TEXT}</p>", "uri": URI, "url": ADDRESS,
        "canonical_url": canonical_url(ADDRESS), "author": "anna@isle.example", "declared_language": "en",
        "published_at": NOW - timedelta(hours=1), "tags": ("Ferry",), "mentions": ("ben@reef.example",),
        "visibility": "public", "boosts": 3, "favourites": 4, "replies": 5, "indexable": True,
        "enclosures": (Enclosure(url="https://files.example/1.png", media_type="image/png"),),
    }  # fmt: skip
    return Post(**{**given, **changes})


def of_before() -> Post:
    """As version 0.1.0 read the feed."""
    return replace(by_feed(), kind="article", uri=ADDRESS, author=None)


KINDS = "kind, uri, author, visibility, boosts, copy_of, indexable"


class TestOnePost:
    @pytest.mark.parametrize("uri", [URI, NEWER_URI])
    async def test_the_api_takes_the_place_of_the_feed(self, islands: Islands, uri: str) -> None:
        await islands.poll(feed=by_feed())
        before = islands.one("id, story_id, first_seen_at")
        assert islands.one("kind, author, visibility, title") == ("status", "anna@isle.example", None, None)
        await islands.poll(tag=by_api(uri=uri))
        assert islands.one(KINDS) == ("status", uri, "anna@isle.example", "public", 3, None, 1)
        assert islands.one("id, story_id, first_seen_at") == before
        assert len(islands.room.rows("SELECT * FROM sightings")) == 2
        assert (
            len(islands.room.rows("SELECT * FROM post_mentions"))
            == len(islands.room.rows("SELECT * FROM stories"))
            == 1
        )
        assert islands.room.rows("SELECT * FROM post_revisions") == []
        changes = islands.room.rows("SELECT change FROM changes WHERE what = 'post' ORDER BY seq")
        assert changes == [("new",), ("edited",)]

    @pytest.mark.parametrize("uri", [URI, NEWER_URI])
    async def test_the_feed_adds_a_sighting_to_what_the_api_gave(self, islands: Islands, uri: str) -> None:
        await islands.poll(tag=by_api(uri=uri))
        before = islands.one("*")
        await islands.poll(feed=by_feed())
        assert islands.one("*") == before
        assert len(islands.room.rows("SELECT * FROM sightings")) == 2

    @pytest.mark.parametrize("first", ["feed", "tag"])
    async def test_once_more_changes_nothing(self, islands: Islands, first: str) -> None:
        both = {"feed": by_feed(), "tag": by_api(uri=NEWER_URI)}
        await islands.poll(**{first: both[first]})
        await islands.poll(**both)
        state = islands.state()
        for _ in range(2):
            await islands.poll(**both)
        assert islands.state() == state
        assert islands.one("visibility, uri") == ("public", NEWER_URI)

    async def test_both_at_once(self, islands: Islands) -> None:
        await islands.poll(feed=by_feed(), tag=by_api())
        assert islands.one("kind, visibility, copy_of") == ("status", "public", None)

    async def test_a_feed_corrects_what_feeds_alone_have_told(self, islands: Islands) -> None:
        await islands.poll(feed=by_feed("The ferry is bakc in the harbour"))
        await islands.poll(feed=by_feed())
        assert islands.one("text") == (TEXT,)
        assert islands.room.rows("SELECT text FROM post_revisions") == [("The ferry is bakc in the harbour",)]

    async def test_a_feed_corrects_nothing_that_the_api_gave(self, islands: Islands) -> None:
        await islands.poll(tag=by_api(), feed=by_feed())
        await islands.poll(feed=by_feed("Something else"))
        assert islands.one("text") == (TEXT,)

    async def test_a_status_that_is_gone_does_not_come_back(self, islands: Islands) -> None:
        await islands.poll(tag=by_api())
        islands.room.collect._answers.clear()
        islands.room.collect.posts(TAG, [], gone=[NUMBER])
        await islands.room.poll()
        await islands.poll(feed=by_feed())
        assert islands.one("text, gone_at IS NOT NULL") == (None, 1)

    async def test_two_statuses_are_two(self, islands: Islands) -> None:
        other = f"https://isle.example/@anna/{int(NUMBER) + 1}"
        text = "A museum of clocks opens on the north pier"
        await islands.poll(feed=by_feed())
        await islands.poll(
            tag=by_api(
                native_id=f"{int(NUMBER) + 1}", url=other, canonical_url=canonical_url(other), uri=f"{URI}2", text=text
            )
        )
        assert islands.room.rows("SELECT count(*), count(copy_of) FROM posts") == [(2, 0)]


class TestArticlesOfBefore:
    async def test_the_feed_makes_it_a_status(self, islands: Islands) -> None:
        await islands.poll(feed=of_before())
        before = islands.one("id, story_id, first_seen_at, published_at")
        assert islands.one("kind") == ("article",)
        await islands.poll(feed=by_feed())
        assert islands.one("kind, uri, author, publisher") == ("status", URI, "anna@isle.example", "anna@isle.example")
        assert islands.one("id, story_id, first_seen_at, published_at") == before
        assert islands.room.rows("SELECT * FROM post_revisions") == []
        assert islands.room.rows("SELECT source_count FROM stories") == [(1,)]
        state = islands.state()
        await islands.poll(feed=by_feed())
        assert islands.state() == state
        await islands.poll(tag=by_api())
        assert islands.one(KINDS)[0:4] == ("status", URI, "anna@isle.example", "public")

    async def test_the_api_makes_it_a_status(self, islands: Islands) -> None:
        await islands.poll(feed=of_before())
        await islands.poll(tag=by_api(uri=NEWER_URI))
        assert islands.one(KINDS) == ("status", NEWER_URI, "anna@isle.example", "public", 3, None, 1)
        await islands.poll(feed=by_feed())
        assert islands.one(KINDS) == ("status", NEWER_URI, "anna@isle.example", "public", 3, None, 1)

    async def test_two_rows_of_one_status_change_places(self, islands: Islands) -> None:
        """0.1.0 made the status a copy of the article; a third post was one of that too."""
        await islands.poll(feed=of_before())
        await islands.poll(planet=article("1", "The museum", "of clocks on the pier"))
        with islands.room.database.write():
            conn = islands.room.database.conn
            conn.execute(
                "UPDATE posts SET kind = 'status', url = ?1, canonical_url = ?1, uri = ?2 WHERE id = 2", (ADDRESS, URI)
            )
            conn.execute("UPDATE posts SET copy_of = 1, copy_because = 'same link', copy_score = 1 WHERE id = 2")
            conn.execute(
                "UPDATE sightings SET source_id = (SELECT id FROM sources WHERE url = ?) WHERE post_id = 2", (TAG,)
            )
        rebuild_copies(islands.room.database, islands.room.now, lambda _: None)
        assert islands.room.rows("SELECT id, copy_of FROM posts") == [(1, 2), (2, None)]
        await islands.poll(feed=by_feed())
        assert islands.room.rows("SELECT id, kind, copy_of FROM posts") == [(1, "article", 2), (2, "status", None)]

    async def test_who_is_to_be_forgotten_is_not_named_by_it(self, islands: Islands) -> None:
        await islands.poll(feed=of_before())
        with islands.room.database.write():
            conn = islands.room.database.conn
            forget(conn, "anna@isle.example", (), islands.room.now)
        await islands.poll(feed=by_feed())
        assert islands.one("author") == (None,)


class TestAtOneAddress:
    @staticmethod
    def told() -> Post:
        return replace(of_before(), native_id="tag:planet.example,2026:1", title="Anna on boats", uri=None)

    async def test_what_a_planet_told_before_becomes_a_copy(self, islands: Islands) -> None:
        await islands.poll(planet=self.told())
        await islands.poll(tag=by_api())
        rows = islands.room.rows("SELECT id, kind, copy_of, copy_because FROM posts")
        assert rows == [(1, "article", 2, f"tells the status at its link: {ADDRESS}"), (2, "status", None, None)]
        assert len(islands.room.rows("SELECT * FROM stories")) == 1
        rebuild_copies(islands.room.database, islands.room.now, lambda _: None)
        assert islands.room.rows("SELECT id, kind, copy_of, copy_because FROM posts") == rows

    async def test_an_account_s_own_feed_is_before_a_planet(self, islands: Islands) -> None:
        await islands.poll(planet=self.told())
        await islands.poll(feed=by_feed())
        assert islands.room.rows("SELECT id, kind, copy_of FROM posts") == [(1, "article", 2), (2, "status", None)]
        await islands.poll(tag=by_api())
        assert islands.room.rows("SELECT id, copy_of, visibility FROM posts") == [(1, 2, None), (2, None, "public")]

    @pytest.mark.parametrize("title", ["", "The ferry is back in…"])
    async def test_a_planet_that_shows_it_without_a_title_of_its_own(self, islands: Islands, title: str) -> None:
        """The same post, which the planet never makes an article again."""
        shown = replace(self.told(), title=title)
        await islands.poll(planet=shown)
        await islands.poll(tag=by_api())
        await islands.poll(planet=shown, tag=by_api(), feed=by_feed())
        assert islands.one("kind, title, visibility, copy_of") == ("status", None, "public", None)
        state = islands.state()
        await islands.poll(planet=replace(shown, text="Otherwise"), tag=by_api(), feed=by_feed())
        assert islands.state() == state

    async def test_two_planets_before_it(self, islands: Islands) -> None:
        await islands.poll(planet=self.told())
        await islands.poll(feed=replace(self.told(), native_id="x", title=""))
        assert islands.room.rows("SELECT id, copy_of FROM posts") == [(1, None), (2, 1)]
        await islands.poll(tag=by_api())
        assert islands.room.rows("SELECT id, kind, copy_of FROM posts") == [
            (1, "article", 3), (2, "article", 3), (3, "status", None)
        ]  # fmt: skip

    async def test_what_a_planet_tells_later_is_a_copy(self, islands: Islands) -> None:
        await islands.poll(tag=by_api())
        await islands.poll(planet=self.told())
        assert islands.room.rows("SELECT id, kind, copy_of FROM posts") == [(1, "status", None), (2, "article", 1)]

    async def test_a_blog_s_article_stays_the_original_of_its_status(self, islands: Islands) -> None:
        """As a blog that speaks ActivityPub sends it out."""
        url = "https://blog.example/2026/05/ferry"
        post = replace(article("x", "The ferry", TEXT), native_id=url, url=url, canonical_url=canonical_url(url))
        await islands.poll(planet=post)
        await islands.poll(tag=by_api(url=url, canonical_url=canonical_url(url), uri="https://blog.example/?p=71"))
        assert islands.room.rows("SELECT kind, copy_of FROM posts") == [("article", None), ("status", 1)]

    async def test_an_article_without_title_at_no_status_s_address_stays_one(self, islands: Islands) -> None:
        url = "https://blog.example/@anna/7"
        await islands.poll(
            planet=replace(of_before(), native_id=url, url=url, canonical_url=canonical_url(url), uri=url)
        )
        await islands.poll(tag=by_api(url=url, canonical_url=canonical_url(url), uri="https://blog.example/?p=7"))
        assert islands.room.rows("SELECT kind, copy_of FROM posts") == [("article", None), ("status", 1)]


# ---------------------------------------------------------------- what trends


TRENDS, PAPER = "https://isle.example/explore/links", "https://paper.example/feed"
WHOLE = article(1, title="The ferry is back", text="It is back with a new rudder. " * 30)
PREVIEW = replace(WHOLE, title="The ferry is back | Paper", text="It is back.", native_id=WHOLE.url or "")


@pytest.fixture
def trending(tmp_path: Path) -> Iterator[PollerRoom]:
    room = PollerRoom(tmp_path)
    feeds = (Source(kind="feed", url=PAPER), Source(kind="feed", url=OTHER))
    room.config = replace(room.config, sources=(Source(kind="trends", url=TRENDS), *feeds))
    room.poller = room.new_poller()
    yield room
    room.database.close()


async def poll_all(room: PollerRoom, *ways: tuple[str, Post]) -> None:
    """One source after the other has one post, an hour apart."""
    for url, post in ways:
        room.collect._answers.clear()
        room.collect.posts(url, [post])
        await room.poll()
        room.now += timedelta(hours=1)


@pytest.mark.parametrize("has_trends_first", [True, False])
async def test_the_feeds_article_takes_the_place_of_a_preview(has_trends_first: bool, trending: PollerRoom) -> None:
    ways = [(TRENDS, PREVIEW), (PAPER, WHOLE)]
    await poll_all(trending, *(ways if has_trends_first else ways[::-1]))
    await poll_all(trending, (TRENDS, PREVIEW), (OTHER, replace(WHOLE, text="A")))
    rows = trending.rows("SELECT title, text, copy_of FROM posts ORDER BY id")
    assert rows[0] == ("The ferry is back", WHOLE.text, None)
    assert [row[2] for row in rows[1:]] == [1]  # another feed's is a copy, as ever
    assert trending.rows("SELECT count(*) FROM sightings WHERE post_id = 1") == [(2,)]
    assert trending.rows("SELECT count(*) FROM post_revisions") == [(0,)]
    assert trending.rows("SELECT title FROM stories WHERE merged_into IS NULL") == [("The ferry is back",)]


@pytest.mark.parametrize("has_trends_first", [True, False])
async def test_a_list_of_links_takes_no_files_away(has_trends_first: bool, trending: PollerRoom) -> None:
    files = "SELECT url FROM post_enclosures"
    before, after = (Enclosure(url=f"https://cdn.example/a.mp3?sig={sig * 16}") for sig in "ab")
    ways = [(TRENDS, PREVIEW)] * has_trends_first + [(PAPER, replace(WHOLE, enclosures=(before,), tags=("ferry",)))]
    await poll_all(trending, *ways, (TRENDS, PREVIEW))
    assert trending.rows(files) == [(before.url,)]
    changes = trending.rows("SELECT change FROM changes WHERE what = 'post' ORDER BY seq")
    await poll_all(trending, (TRENDS, PREVIEW))
    assert trending.rows(files) == [(before.url,)]
    assert trending.rows("SELECT change FROM changes WHERE what = 'post' ORDER BY seq") == changes
    # The feed's own word counts as ever.
    await poll_all(trending, (PAPER, replace(WHOLE, enclosures=(after,), tags=("ferry",))))
    assert trending.rows(files) == [(after.url,)]
    await poll_all(trending, (PAPER, WHOLE), (TRENDS, PREVIEW))
    assert trending.rows(files) == []
