import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.dedupe.shingles import pack_fingerprint
from aggregator.model.changes import (
    Changes,
    CopyOf,
    Counts,
    EarlierLink,
    EditedPost,
    Membership,
    NewPost,
    PolledSource,
    Sighting,
    StoryHead,
)
from aggregator.model.poll import Outcome
from aggregator.model.post import Enclosure, EnrichedPost, Post, TopicMatch
from aggregator.model.source import SourceMemory
from aggregator.storage.database import Database
from aggregator.storage.save import save_changes
from aggregator.storage.sources import sync_sources, sync_topics
from aggregator.stories.score import story_score
from tests.helpers.build import NOW, make_collected, make_enriched, make_source
from tests.helpers.new_database import new_database
from tests.helpers.stored import unpacked

HOUR = timedelta(hours=1)

EVERYTHING = Post(
    kind="status",
    native_id="77",
    title="A title",
    text="Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich, und am Abend trinken sie Tee.",
    html="<p>Zwölf Boxkämpfer</p>",
    uri="https://social.example/users/ann/statuses/77",
    url="https://social.example/@ann/77",
    canonical_url="https://social.example/@ann/77",
    article_url="https://news.example/a?utm_source=x",
    author="ann@social.example",
    declared_language="de",
    published_at=NOW - 2 * HOUR,
    edited_at=NOW - HOUR,
    tags=("KI", "Tee"),
    mentions=("bob@social.example",),
    enclosures=(Enclosure(url="https://news.example/a.mp3", media_type="audio/mpeg", length=9), Enclosure(url="https://x.example/b")),
    sensitive=True,
    content_warning="boxing",
    bot=True,
    reply_to="76",
    visibility="unlisted",
    boosts=1,
    favourites=2,
    replies=3,
)  # fmt: skip


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path / "news.db")
    sync_sources(database.conn, [make_source(number) for number in range(1, 4)], NOW)
    sync_topics(database.conn, [("funding", "Funding", "topic"), ("acme", "Acme", "company")])
    yield database
    database.close()


def save(database: Database, **changes: Any) -> None:
    with database.write():
        save_changes(database.conn, Changes(**{"now": NOW, **changes}))


def new(post_id: int, enriched: EnrichedPost | None = None, *, story: int = 1, source: int = 1, **more: Any) -> NewPost:
    return NewPost(
        id=post_id, source_id=source, enriched=enriched or make_enriched(str(post_id)), first_seen_at=NOW,
        membership=Membership(story, "similar text", 0.4), words={"ferry": 1.0}, **{"copy_of": None, **more},
    )  # fmt: skip


def head(story_id: int = 1, lead: int = 1, *, is_new: bool = True, title: str = "A story") -> StoryHead:
    return StoryHead(id=story_id, title=title, lead_post_id=lead, language="en", at=NOW - HOUR, is_new=is_new)


def with_topics(enriched: EnrichedPost, *topics: str) -> EnrichedPost:
    return replace(enriched, topics=tuple(TopicMatch(topic, 0.9, f"title “{topic}”") for topic in topics))


def rows(database: Database, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in database.query(sql, values)]


def post(database: Database, post_id: int = 1) -> sqlite3.Row:
    [row] = database.query("SELECT * FROM posts WHERE id = ?", (post_id,))
    return row


class TestNewPost:
    def test_every_column(self, database: Database) -> None:
        enriched = make_enriched(
            "77", **{name: getattr(EVERYTHING, name) for name in EVERYTHING.__slots__[2:]}, kind="status"
        )
        copy = CopyOf(1, "same text: 80%", 0.8)
        save(database, stories=[head()], new=[new(1), new(2, enriched, copy_of=copy)])
        assert dict(post(database, 2)) == {
            "id": 2,
            "kind": "status",
            "title": "A title",
            "url": "https://social.example/@ann/77",
            "author": "ann@social.example",
            "publisher": "ann@social.example",
            "language": "de",
            "declared_language": "de",
            "published_at": "2026-04-05T10:00:00Z",
            "edited_at": "2026-04-05T11:00:00Z",
            "first_seen_at": "2026-04-05T12:00:00Z",
            "sort_at": "2026-04-05T10:00:00Z",
            "gone_at": None,
            "gone_because": None,
            "pruned_at": None,
            "copy_of": 1,
            "copy_because": "same text: 80%",
            "copy_score": 0.8,
            "story_id": 1,
            "story_because": "similar text",
            "story_score": 0.4,
            "spaceless": 0,
            "bot": 1,
            "noindex": 0,
            "indexable": None,
            "sensitive": 1,
            "boosts": 1,
            "favourites": 2,
            "replies": 3,
            "visibility": "unlisted",
            "content_warning": "boxing",
            "article_url": "https://news.example/a?utm_source=x",
            "canonical_url": "https://social.example/@ann/77",
            "article_key": "https://news.example/a",
            "uri": "https://social.example/users/ann/statuses/77",
            "reply_to": "76",
            "digest": enriched.digest,
            "fingerprint": pack_fingerprint(enriched.bands),
            "topics_version": enriched.topics_version,
            "text": EVERYTHING.text,
            "html": "<p>Zwölf Boxkämpfer</p>",
            "label": "CW: boxing",
            "headline": "CW: boxing",
            "attached": None,
        }

    def test_what_hangs_on_it(self, database: Database) -> None:
        enriched = with_topics(
            make_enriched("77", **{name: getattr(EVERYTHING, name) for name in EVERYTHING.__slots__[2:]}), "acme"
        )
        save(database, stories=[head()], new=[new(1, enriched)])
        assert rows(database, "SELECT * FROM post_tags") == [(1, "KI"), (1, "Tee")]
        assert rows(database, "SELECT * FROM post_mentions") == [(1, "bob@social.example")]
        assert rows(database, "SELECT * FROM post_enclosures") == [
            (1, "https://news.example/a.mp3", "audio/mpeg", 9, None),
            (1, "https://x.example/b", None, None, None),
        ]
        assert rows(database, "SELECT * FROM post_topics") == [(1, "acme", 0.9, "title “acme”")]
        bands = {band for (band,) in rows(database, "SELECT band FROM post_bands WHERE post_id = 1")}
        assert bands == set(enriched.bands) == set(unpacked(post(database)["fingerprint"]))
        assert rows(database, "SELECT source_id, native_id, post_id, seen_at FROM sightings") == [
            (1, "77", 1, "2026-04-05T12:00:00Z")
        ]

    def test_empty_texts_are_null_and_the_time_is_ours_where_the_source_has_none(self, database: Database) -> None:
        save(database, stories=[head()], new=[new(1, make_enriched(title="", text="", published_at=None))])
        row = post(database)
        assert (row["title"], row["text"], row["published_at"]) == (None, None, None)
        assert row["sort_at"] == "2026-04-05T12:00:00Z"

    def test_a_tag_given_twice_is_one(self, database: Database) -> None:
        save(database, stories=[head()], new=[new(1, make_enriched(tags=("AI", "AI", "ai")))])
        assert rows(database, "SELECT tag FROM post_tags") == [("AI",), ("ai",)]

    def test_an_error_undoes_the_whole_batch(self, database: Database) -> None:
        with pytest.raises(sqlite3.IntegrityError):
            save(database, stories=[head()], new=[new(1), new(1)])
        assert rows(database, "SELECT count(*) FROM posts") == rows(database, "SELECT count(*) FROM changes") == [(0,)]


class TestEdit:
    OLD = "Nine weather offices train a model together and keep their measurements at home."
    NEW = "Ten weather offices train a model together, and share their measurements of snow."

    @pytest.fixture
    def edited(self, database: Database) -> Database:
        old = with_topics(make_enriched(text=self.OLD, tags=("AI", "Weather"), title="Nine offices"), "funding", "acme")
        again = with_topics(
            make_enriched(
                text=self.NEW, tags=("Weather", "Snow"), title="Ten offices", published_at=NOW - 5 * HOUR, edited_at=NOW
            ),
            "acme",
        )
        save(database, stories=[head()], new=[new(1, old)])
        save(
            database,
            now=NOW + HOUR,
            edited=[EditedPost(id=1, enriched=again, seen_at=NOW + HOUR, headline="Now")],
        )
        return database

    def test_keeps_the_older_version(self, edited: Database) -> None:
        assert rows(edited, "SELECT post_id, replaced_at, title, text, url FROM post_revisions") == [
            (1, "2026-04-05T13:00:00Z", "Nine offices", self.OLD, "https://news.example/1")
        ]
        row = post(edited)
        assert (row["title"], row["text"], row["edited_at"]) == ("Ten offices", self.NEW, "2026-04-05T12:00:00Z")

    def test_replaces_what_hangs_on_it(self, edited: Database) -> None:
        assert rows(edited, "SELECT tag FROM post_tags") == [("Snow",), ("Weather",)]
        assert rows(edited, "SELECT topic FROM post_topics") == [("acme",)]
        bands = {band for (band,) in rows(edited, "SELECT band FROM post_bands")}
        assert bands == set(unpacked(post(edited)["fingerprint"]))

    def test_keeps_its_story_and_when_it_was_first_seen(self, edited: Database) -> None:
        row = post(edited)
        assert (row["story_id"], row["first_seen_at"]) == (1, "2026-04-05T12:00:00Z")

    def test_times_follow(self, edited: Database) -> None:
        assert post(edited)["sort_at"] == "2026-04-05T07:00:00Z"
        assert rows(edited, "SELECT first_at FROM stories") == [("2026-04-05T07:00:00Z",)]

    def test_search_follows(self, edited: Database) -> None:
        find = "SELECT rowid FROM posts_fts WHERE posts_fts MATCH ?"
        assert rows(edited, find, "nine") == []
        assert rows(edited, find, "ten snow") == [(1,)]
        edited.conn.execute("INSERT INTO posts_fts (posts_fts) VALUES ('integrity-check')")

    def test_is_logged(self, edited: Database) -> None:
        assert rows(edited, "SELECT what, row_id, change FROM changes WHERE changed_at > '2026-04-05T12:00:00Z'") == [
            ("post", 1, "edited"),
            ("story", 1, "edited"),
        ]


class TestSearchTables:
    def test_scripts_without_spaces_are_in_both_and_follow_edits(self, database: Database) -> None:
        old = make_enriched("1", title="猫の鳴き声を聞き分ける装置", text="", declared_language="ja")
        save(database, stories=[head()], new=[new(1, old), new(2, make_enriched("2", title="Cats"))])
        find = "SELECT rowid FROM posts_fts_cjk WHERE posts_fts_cjk MATCH ?"
        assert rows(database, find, "鳴き声") == [(1,)]
        assert rows(database, "SELECT id FROM spaceless_posts") == [(1,)]
        newer = make_enriched("1", title="犬の鳴き声を聞き分ける装置と研究者", text="", declared_language="ja")
        save(database, edited=[EditedPost(id=1, enriched=newer, seen_at=NOW, headline="Now")])
        assert rows(database, find, "猫の鳴") == []
        assert rows(database, find, "研究者") == [(1,)]
        database.conn.execute("INSERT INTO posts_fts_cjk (posts_fts_cjk) VALUES ('integrity-check')")

    def test_a_post_that_becomes_spaceless_or_ceases_to_be(self, database: Database) -> None:
        latin, japanese = (
            make_enriched(title="Cats are heard"),
            make_enriched(title="猫の鳴き声を聞く", declared_language="ja"),
        )
        save(database, stories=[head()], new=[new(1, latin)])
        find = "SELECT rowid FROM posts_fts_cjk WHERE posts_fts_cjk MATCH '鳴き声'"
        save(database, edited=[EditedPost(id=1, enriched=japanese, seen_at=NOW, headline="Now")])
        assert rows(database, find) == [(1,)]
        save(database, edited=[EditedPost(id=1, enriched=latin, seen_at=NOW, headline="Now")])
        assert rows(database, find) == []
        for index in ("posts_fts", "posts_fts_cjk"):
            database.conn.execute(f"INSERT INTO {index} ({index}) VALUES ('integrity-check')")

    def test_can_be_built_anew_from_the_posts(self, database: Database) -> None:
        japanese = make_enriched("1", title="猫の鳴き声を聞く", declared_language="ja")
        save(
            database, stories=[head()], new=[new(1, japanese), new(2, make_enriched("2", title="", text="Seals sing"))]
        )
        for index in ("posts_fts", "posts_fts_cjk"):
            database.conn.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
            database.conn.execute(f"INSERT INTO {index} ({index}) VALUES ('integrity-check')")
        assert rows(database, "SELECT rowid FROM posts_fts WHERE posts_fts MATCH 'seals'") == [(2,)]
        assert rows(database, "SELECT rowid FROM posts_fts_cjk WHERE posts_fts_cjk MATCH 'sing'") == []

    def test_text_that_is_taken_away_is_not_found_any_more(self, database: Database) -> None:
        save(database, stories=[head()], new=[new(1, make_enriched(title="", text="Seals sing"))])
        with database.write():
            database.conn.execute("UPDATE posts SET text = NULL, gone_at = '2026-04-05T12:00:00Z' WHERE id = 1")
        assert rows(database, "SELECT rowid FROM posts_fts WHERE posts_fts MATCH 'seals'") == []


class TestCopies:
    def test_followers_point_at_the_original_of_their_original(self, database: Database) -> None:
        save(database, stories=[head()], new=[new(1), new(2, copy_of=CopyOf(1, "same link", 1.0)), new(3)])
        save(database, became_copies=[(1, CopyOf(3, "repeats the title", 0.9))])
        assert rows(database, "SELECT id, copy_of, copy_because FROM posts ORDER BY id") == [
            (1, 3, "repeats the title"),
            (2, 3, "same link"),
            (3, None, None),
        ]

    def test_all_that_changed_is_logged(self, database: Database) -> None:
        save(database, stories=[head()], new=[new(1), new(2, copy_of=CopyOf(1, "same link", 1.0)), new(3)])
        [(seq,)] = rows(database, "SELECT max(seq) FROM changes")
        save(database, became_copies=[(1, CopyOf(3, "repeats the title", 0.9))])
        assert rows(database, "SELECT row_id, change FROM changes WHERE seq > ?", seq) == [(1, "edited"), (2, "edited")]

    def test_a_new_one_is_logged_once(self, database: Database) -> None:
        save(database, stories=[head()], new=[new(1), new(2)], became_copies=[(1, CopyOf(2, "repeats the title", 1.0))])
        assert rows(database, "SELECT row_id, change FROM changes WHERE what = 'post'") == [(1, "new"), (2, "new")]


class TestStories:
    def test_counts_publishers_not_feeds(self, database: Database) -> None:
        posts = [
            new(1, make_enriched("1", url="https://www.paper.example/1")),
            new(2, make_enriched("2", url="https://sport.paper.example/2"), source=2),
            new(3, make_enriched("3", url="https://other.example/3"), source=3),
            new(4, make_enriched("4", kind="status")),
        ]
        save(database, stories=[head()], new=posts)
        assert rows(database, "SELECT post_count, source_count, score FROM stories") == [(4, 3, 0.51)]

    def test_score(self) -> None:
        assert [story_score(publishers) for publishers in (0, 1, 2, 3, 5, 10)] == [0, 0, 0.3, 0.51, 0.76, 0.96]

    def test_times_are_those_of_its_posts(self, database: Database) -> None:
        posts = [new(n, make_enriched(str(n), published_at=NOW - n * HOUR)) for n in (1, 3, 2)]
        save(database, stories=[head()], new=posts)
        assert rows(database, "SELECT first_at, last_at FROM stories") == [
            ("2026-04-05T09:00:00Z", "2026-04-05T11:00:00Z")
        ]

    def test_gone_posts_do_not_count(self, database: Database) -> None:
        save(database, stories=[head()], new=[new(1), new(2)])
        with database.write():
            database.conn.execute("UPDATE posts SET gone_at = '2026-04-05T12:00:00Z' WHERE id = 2")
        save(database, stories=[head(is_new=False)])
        assert rows(database, "SELECT post_count FROM stories") == [(1,)]

    def test_slug_stays_when_the_title_changes(self, database: Database) -> None:
        save(database, stories=[head(title="Über Nacht: neue Fähre!")], new=[new(1)])
        save(database, stories=[head(title="Fähre legt ab", is_new=False)], new=[new(2)])
        assert rows(database, "SELECT title, slug FROM stories") == [("Fähre legt ab", "uber-nacht-neue-fahre-1")]

    def test_earlier_coverage(self, database: Database) -> None:
        save(database, stories=[head(1, 1), head(2, 2)], new=[new(1), new(2, story=2)])
        for similarity in (0.3, 0.4):  # said again, the newer word counts
            save(database, links=[EarlierLink(2, 1, similarity, "also about acme")])
        assert rows(database, "SELECT * FROM story_links") == [(2, 1, 0.4, "also about acme", "continues")]


class TestSightingsAndCounts:
    def test_a_sighting_is_kept_once_with_its_first_time(self, database: Database) -> None:
        save(database, stories=[head()], new=[new(1)])
        for hours in (1, 2):
            seen = Sighting(source_id=2, native_id="x", post_id=1, seen_at=NOW + hours * HOUR)
            save(database, sightings=[seen])
        assert rows(database, "SELECT source_id, post_id, seen_at FROM sightings WHERE source_id = 2") == [
            (2, 1, "2026-04-05T13:00:00Z")
        ]
        assert rows(database, "SELECT source, source_count FROM latest_posts") == [
            ("https://feed1.example/feed.xml", 2)
        ]

    def test_newest_counts_are_kept_and_unknown_ones_change_nothing(self, database: Database) -> None:
        save(database, stories=[head()], new=[new(1, make_enriched(kind="status", boosts=1, favourites=1, replies=1))])
        save(database, counts=[Counts(post_id=1, boosts=9, favourites=0, replies=None)])
        row = post(database)
        assert (row["boosts"], row["favourites"], row["replies"]) == (9, 0, 1)

    def test_counts_that_stand_are_not_written(self, database: Database) -> None:
        save(database, stories=[head()], new=[new(1, make_enriched(kind="status", boosts=1, favourites=1, replies=1))])
        before = database.conn.total_changes
        save(database, counts=[Counts(post_id=1, boosts=1, favourites=1, replies=1)])
        assert database.conn.total_changes == before

    def test_counts_are_no_edit(self, database: Database) -> None:
        save(database, stories=[head()], new=[new(1, make_enriched(kind="status", boosts=1))])
        save(database, counts=[Counts(post_id=1, boosts=2, favourites=None, replies=None)])
        assert rows(database, "SELECT change FROM changes WHERE what = 'post'") == [("new",)]


class TestPolls:
    def test_a_row_for_each(self, database: Database) -> None:
        collected = make_collected(
            [make_enriched("1"), make_enriched("2")],
            http_status=200,
            bytes_read=512,
            elapsed=timedelta(milliseconds=1234),
            warnings=("no dates", "bad XML"),
            title="Paper One",
            site_url="https://one.example/",
        )
        polled = PolledSource(
            collected=collected,
            status="ok",
            memory=SourceMemory(etag='"a"'),
            next_poll_at=NOW + HOUR,
            new=2,
            edited=1,
            copies=1,
        )
        save(database, polled=[polled])
        assert rows(database, "SELECT * FROM polls") == [
            (1, 1, "2026-04-05T12:00:00Z", 1234, "ok", 200, 512, 2, 2, 1, 1, 0, 0, 0, "no dates; bad XML")
        ]
        columns = "title, site_url, status, last_poll_at, next_poll_at, last_error, etag"
        assert rows(database, f"SELECT {columns} FROM sources WHERE id = 1") == [
            ("Paper One", "https://one.example/", "ok", "2026-04-05T12:00:00Z", "2026-04-05T13:00:00Z", None, '"a"')
        ]

    def test_a_configured_title_is_kept(self, database: Database) -> None:
        [source] = sync_sources(database.conn, [make_source(1, title="My name for it")], NOW)
        collected = make_collected(source=source, title="What it calls itself", outcome=Outcome.OK)
        save(database, polled=[PolledSource(collected=collected, status="ok", memory=SourceMemory(), next_poll_at=NOW)])
        assert rows(database, "SELECT title FROM sources WHERE id = 1") == [("My name for it",)]
