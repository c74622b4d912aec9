from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.model.post import EnrichedPost, Neighbours, OlderStory, Post
from aggregator.model.source import Source
from aggregator.storage.neighbours import load_known_posts, load_neighbours
from aggregator.storage.open_stories import load_members, load_open_stories, load_story_heads
from aggregator.storage.stored_posts import load_ids_with_links
from aggregator.stories.earlier.keys import Rarity
from tests.helpers.build import make_collected
from tests.helpers.new_database import new_database
from tests.helpers.newsroom import NOW, TAXONOMY, Newsroom, enrich
from tests.helpers.newsroom_polls import LANTERN, NORD, SIGNAL, TAG, Poll, article, status

TEXT = (
    "Nine weather offices train a model together and keep their measurements at home, as they did before. In autumn it "
    "shall say a day earlier than today where a storm comes ashore, and ports may ask it for nothing."
)


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    newsroom = Newsroom(new_database(tmp_path / "news.db"))
    yield newsroom
    newsroom.database.close()


def save(newsroom: Newsroom, *posts: Post, source: Source = LANTERN, days: float = 1) -> None:
    newsroom.poll(Poll(timedelta(days=days), source, posts))


def near(newsroom: Newsroom, *posts: Post, source: Source = SIGNAL) -> Neighbours:
    """What is stored near posts that a source brings now."""
    saved = newsroom.sources[source.url]
    enriched = [enrich(post, saved, TAXONOMY) for post in posts]
    return load_neighbours(newsroom.database.conn, [make_collected(enriched, source=saved)], Rarity(lambda _: 5.0))


def older(newsroom: Newsroom, post: Post) -> tuple[OlderStory, ...]:
    """The older stories that a post may have as earlier coverage."""
    return near(newsroom, post).older_near.get((newsroom.sources[SIGNAL.url].id, post.native_id), ())


class TestNeighbours:
    def test_of_an_empty_database(self, newsroom: Newsroom) -> None:
        assert near(newsroom, article(SIGNAL, "a", "A", TEXT)) == Neighbours(next_post_id=1, next_story_id=1)

    def test_next_ids_follow_the_last_ones(self, newsroom: Newsroom) -> None:
        save(newsroom, article(LANTERN, "a", "Seals sing", ""), article(LANTERN, "b", "Trains argue", ""))
        found = near(newsroom, article(SIGNAL, "c", "C", ""))
        assert (found.next_post_id, found.next_story_id) == (3, 3)
        with newsroom.database.write():  # ids of deleted rows are not used again
            for table in ("sightings", "post_bands", "post_words", "post_details"):
                newsroom.database.conn.execute(f"DELETE FROM {table} WHERE post_id = 2")
            newsroom.database.conn.execute("UPDATE stories SET lead_post_id = NULL WHERE id = 2")
            newsroom.database.conn.execute("DELETE FROM posts WHERE id = 2")
        assert near(newsroom, article(SIGNAL, "c", "C", "")).next_post_id == 3

    def test_by_id_within_the_source(self, newsroom: Newsroom) -> None:
        post = article(LANTERN, "a", "Seals sing", "")
        save(newsroom, post)
        source = newsroom.sources[LANTERN.url]
        assert near(newsroom, post, source=LANTERN).items == {(source.id, post.native_id): 1}
        assert near(newsroom, replace(post, canonical_url=None), source=SIGNAL).items == {}

    def test_by_id_with_every_kind_of_sign(self, newsroom: Newsroom) -> None:
        ids = ["tag:x,2026:1", "ひ", "a'b\"c", "😀", "a\\b", "a,b"]
        posts = [replace(article(LANTERN, str(n), f"Title {n}", ""), native_id=name) for n, name in enumerate(ids)]
        save(newsroom, *posts)
        assert {name for _, name in near(newsroom, *posts, source=LANTERN).items} == set(ids)

    def test_by_link(self, newsroom: Newsroom) -> None:
        save(newsroom, article(LANTERN, "a", "Seals sing", ""), article(LANTERN, "b", "Trains argue", ""))
        link = "https://lantern.example/news/a?utm_source=x"
        assert near(newsroom, article(SIGNAL, "", "S", "", url=link)).posts.keys() == {1}
        assert near(newsroom, status(1, "ann", "Look", article_url=link), source=TAG).posts.keys() == {1}

    def test_by_what_statuses_point_at(self, newsroom: Newsroom) -> None:
        save(newsroom, status(1, "ann", "Seals!", article_url="https://lantern.example/news/a"), source=TAG)
        assert near(newsroom, article(LANTERN, "a", "Seals sing", "")).posts.keys() == {1}

    def test_by_uri_of_statuses(self, newsroom: Newsroom) -> None:
        post = status(1, "ann", "Seals sing tonight")
        save(newsroom, post, source=TAG)
        elsewhere = replace(post, native_id="999", canonical_url="https://other.example/@ann/999")
        assert near(newsroom, elsewhere, source=SIGNAL).posts.keys() == {1}
        assert near(newsroom, replace(elsewhere, kind="article"), source=SIGNAL).posts == {}

    def test_by_text(self, newsroom: Newsroom) -> None:
        save(newsroom, article(LANTERN, "a", "Weather", TEXT), article(LANTERN, "b", "Trains argue", ""))
        found = near(newsroom, article(SIGNAL, "x", "Weather", TEXT))
        assert found.posts.keys() == {1}
        assert set(found.bands.values()) == {(1,)}

    def test_a_text_that_very_many_share_is_compared_with_the_newest_of_them(self, newsroom: Newsroom) -> None:
        save(newsroom, *(article(LANTERN, str(n), "Weather", TEXT) for n in range(40)))
        found = near(newsroom, article(SIGNAL, "x", "Weather", TEXT))
        assert all(len(ids) == 8 and max(ids) == 40 and ids == tuple(sorted(ids)) for ids in found.bands.values())

    def test_with_the_original_of_a_copy(self, newsroom: Newsroom) -> None:
        """A copy of a copy points at the first, which shares neither link nor bands with it."""
        save(newsroom, article(LANTERN, "a", "Weather", TEXT), days=3)
        save(newsroom, article(NORD, "b", "Weather", TEXT), source=NORD, days=2)
        with newsroom.database.write():
            newsroom.database.conn.execute("DELETE FROM post_bands WHERE post_id = 1")
        found = near(newsroom, article(SIGNAL, "", "Other words", "", url="https://nord.example/news/b"))
        assert found.posts.keys() == {1, 2}
        newsroom.poll(
            Poll(timedelta(0), SIGNAL, (article(SIGNAL, "", "Other words", "", url="https://nord.example/news/b"),))
        )
        assert newsroom.database.query("SELECT story_because, copy_of FROM posts WHERE id = 3")[0][:] == (
            "copy of post 1",
            1,
        )


class TestOlderStories:
    def test_about_the_same_company_newest_first(self, newsroom: Newsroom) -> None:
        save(newsroom, article(LANTERN, "a", "Mistral opens in Lyon", ""), days=90)
        save(newsroom, article(LANTERN, "b", "Mistral buys a bakery", ""), days=60)
        save(newsroom, article(LANTERN, "c", "Kettle Robotics fries eggs", ""), days=30)
        found = older(newsroom, article(SIGNAL, "x", "Mistral sells its bakery", ""))
        assert [(story.title, story.entities) for story in found] == [
            ("Mistral buys a bakery", {"mistral"}),
            ("Mistral opens in Lyon", {"mistral"}),
        ]
        assert found[1].first_at == found[1].last_at == NOW - timedelta(days=90, hours=1)

    def test_whose_it_is_where_nobody_else_tells_it(self, newsroom: Newsroom) -> None:
        save(newsroom, article(LANTERN, "a", "Mistral opens in Lyon", ""), days=90)
        newer = article(SIGNAL, "x", "Mistral sells its bakery", "")
        assert [story.sole_publisher for story in older(newsroom, newer)] == ["lantern.example"]
        save(newsroom, article(NORD, "c", "Mistral opens in Lyon", ""), source=NORD, days=89.9)
        assert [story.sole_publisher for story in older(newsroom, newer)] == [None]

    def test_by_rare_words_where_no_entity_is_named(self, newsroom: Newsroom) -> None:
        save(newsroom, article(LANTERN, "a", "Dockers strike at Marlow", ""), days=90)
        save(newsroom, article(LANTERN, "b", "Baker raises money", ""), days=60)
        found = older(newsroom, article(SIGNAL, "x", "Marlow crane stands still", ""))
        assert [story.title for story in found] == ["Dockers strike at Marlow"]

    def test_a_subject_in_common_is_not_enough(self, newsroom: Newsroom) -> None:
        save(newsroom, article(LANTERN, "a", "Baker raises money", ""), days=90)
        assert older(newsroom, article(SIGNAL, "x", "Kettle Robotics in a funding round", "")) == ()

    def test_merged_ones_are_left_out(self, newsroom: Newsroom) -> None:
        save(newsroom, article(LANTERN, "a", "Mistral opens in Lyon", ""), days=90)
        save(newsroom, article(LANTERN, "b", "Mistral buys a bakery", ""), days=60)
        with newsroom.database.write():
            newsroom.database.conn.execute("UPDATE stories SET merged_into = 1 WHERE id = 2")
        found = older(newsroom, article(SIGNAL, "x", "Mistral sells its bakery", ""))
        assert [story.id for story in found] == [1]

    def test_one_about_two_of_the_companies_comes_once(self, newsroom: Newsroom) -> None:
        save(newsroom, article(LANTERN, "a", "Mistral and Kettle Robotics open in Lyon", ""), days=90)
        [found] = older(newsroom, article(SIGNAL, "x", "Kettle Robotics leaves Mistral", ""))
        assert found.entities == {"mistral", "kettle"}


class TestKnownPosts:
    def test_with_all_the_sources_they_were_seen_in(self, newsroom: Newsroom) -> None:
        post = status(1, "ann", "Seals sing tonight", article_url="https://lantern.example/news/a")
        save(newsroom, post, source=TAG, days=2)
        save(newsroom, replace(post, native_id="other"), source=SIGNAL, days=1)
        known = load_known_posts(newsroom.database.conn, [1, 99])[1]
        assert known.source_ids == {newsroom.sources[TAG.url].id, newsroom.sources[SIGNAL.url].id}
        assert (known.kind, known.text, known.title) == ("status", "Seals sing tonight", "")
        assert (known.uri, known.article_key) == (post.uri, "https://lantern.example/news/a")
        assert (known.copy_of, known.story_id, known.is_gone) == (None, 1, False)


class TestOpenStories:
    """What is read when a process starts: see `aggregator.storage.open_stories`."""

    def test_the_window_begins_with_a_time_or_a_number_of_posts(self, newsroom: Newsroom) -> None:
        for days, title in ((9, "Seals sing"), (4, "Trains argue"), (3, "Bakers sleep"), (2, "Cranes fall")):
            save(newsroom, article(LANTERN, title, title, ""), days=days)
        database = newsroom.database
        assert load_open_stories(database.conn, NOW - timedelta(days=4), 1) == (2, [2, 3, 4])
        assert load_open_stories(database.conn, NOW - timedelta(days=4), 4) == (1, [1, 2, 3, 4])
        assert load_open_stories(database.conn, NOW, 2) == (3, [3, 4])
        assert load_open_stories(database.conn, NOW, 99) == (1, [1, 2, 3, 4])

    def test_what_came_while_the_clock_was_ahead_does_not_widen_the_window(self, newsroom: Newsroom) -> None:
        for days, title in ((-900, "Seals sing"), (4, "Trains argue"), (3, "Bakers sleep"), (2, "Cranes fall")):
            save(newsroom, article(LANTERN, title, title, ""), days=days)
        assert load_open_stories(newsroom.database.conn, NOW - timedelta(days=3), 1) == (3, [3, 4])

    def test_their_posts_come_in_the_order_of_saving(self, newsroom: Newsroom) -> None:
        save(newsroom, article(LANTERN, "a", "Weather", TEXT), article(LANTERN, "c", "Mistral sings", ""), days=2)
        save(newsroom, article(SIGNAL, "b", "Weather", TEXT), source=SIGNAL)
        [first, second, third] = load_members(newsroom.database.conn, [2, 1])
        assert (first.id, first.title, first.story_id, first.at) == (1, "Weather", 1, NOW - timedelta(days=2, hours=1))
        assert first.seen_at == NOW - timedelta(days=2)
        assert first.source_id == newsroom.sources[LANTERN.url].id
        assert (second.id, second.entities) == (2, {"mistral"})
        assert (third.id, third.story_id) == (3, 1)
        assert second.words == {"mistral": 0.7071, "sings": 0.7071}

    def test_those_that_are_gone_are_not_there(self, newsroom: Newsroom) -> None:
        save(newsroom, article(LANTERN, "a", "Weather", TEXT), article(LANTERN, "c", "Mistral sings", ""))
        with newsroom.database.write():
            newsroom.database.conn.execute("UPDATE posts SET gone_at = '2026-04-05T12:00:00Z' WHERE id = 1")
        assert load_open_stories(newsroom.database.conn, NOW - timedelta(days=9), 99) == (1, [2])
        assert [member.id for member in load_members(newsroom.database.conn, [1, 2])] == [2]

    def test_none(self, newsroom: Newsroom) -> None:
        assert load_open_stories(newsroom.database.conn, NOW, 99) == (1, [])
        assert list(load_members(newsroom.database.conn, [])) == []


def test_story_heads(newsroom: Newsroom) -> None:
    save(newsroom, article(LANTERN, "a", "Seals sing", ""), status(1, "ann", "Trains argue with conductors"))
    heads = list(load_story_heads(newsroom.database.conn, [1, 2, 3]))
    assert [(head.id, head.title, head.lead_is_article) for head in heads] == [
        (1, "Seals sing", True),
        (2, "Trains argue with conductors", False),
    ]


def test_types_are_as_the_model_says(newsroom: Newsroom) -> None:
    enriched: EnrichedPost = enrich(article(LANTERN, "a", "Seals sing", ""), LANTERN, TAXONOMY)
    save(newsroom, enriched.post)
    [known] = load_known_posts(newsroom.database.conn, [1]).values()
    assert known.digest == enriched.digest


def test_only_earlier_posts_are_found_by_link_whatever_the_statistics(newsroom: Newsroom) -> None:
    """With few rows in the statistics SQLite 3.40 looks keys up in another way, and forgot about the ids."""
    posts = [
        status(number, "ann", f"Look {number}", article_url=f"https://lantern.example/news/{number}")
        if number % 2
        else status(number, "ann", f"Look {number}")
        for number in range(1, 11)
    ]
    save(newsroom, *posts, source=TAG)
    newsroom.database.conn.execute("ANALYZE")
    keys = {f"https://lantern.example/news/{number}" for number in range(1, 11)}
    assert load_ids_with_links(newsroom.database.conn, keys, 1) == set()
    assert load_ids_with_links(newsroom.database.conn, keys, 4) == {1, 3}
