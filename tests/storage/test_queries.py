import re
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.errors import AggregatorError, NotFoundError, NotOurDatabaseError, StorageError
from aggregator.storage.database import Database
from aggregator.storage.listings.stories import Wanted, stories_of
from aggregator.storage.queries import Reader
from aggregator.storage.result import Result
from aggregator.storage.sources import sync_topics
from tests.helpers.newsroom import Newsroom, fill
from tests.helpers.newsroom_polls import KIKAI, LANTERN, SIGNAL, TAG, Poll, article, status

FUNDING = "Mistral raises 830 million euros for computing centres"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The half year of the newsroom, and some posts to search for."""
    writer = Database(tmp_path_factory.mktemp("queries") / "news.db")
    newsroom = fill(writer)
    newsroom.poll(
        Poll(
            timedelta(0),
            SIGNAL,
            (
                article(SIGNAL, "bridges", "Größere Brücken für Lübeck", "Die Ämter prüfen, was Fußgänger brauchen."),
                article(SIGNAL, "cpp", "New edition of C++ is 100% done", "It took 3_5 years."),
            ),
        ),
        Poll(
            timedelta(0),
            KIKAI,
            (article(KIKAI, "openbox", "OpenBoxが新しい翻訳装置を発表", "犬と猫の言葉を訳すという。"),),
        ),
    )
    writer.close()
    return writer.path


@pytest.fixture(scope="module")
def reader(database: Path) -> Iterator[Reader]:
    with Reader(database) as reader:
        yield reader


def titles(table: Result) -> list[Any]:
    return column(table, "title")


def column(table: Result, name: str) -> list[Any]:
    position = table.columns.index(name)
    return [row[position] for row in table.rows]


class TestOpening:
    def test_missing_file_says_how_to_make_it(self, tmp_path: Path) -> None:
        with pytest.raises(StorageError, match=r"no database there yet; `aggregator poll`"):
            Reader(tmp_path / "none.db")
        assert list(tmp_path.iterdir()) == []

    def test_empty_file(self, tmp_path: Path) -> None:
        (tmp_path / "empty.db").touch()
        with pytest.raises(StorageError, match="is empty"):
            Reader(tmp_path / "empty.db")

    def test_file_of_another_program(self, tmp_path: Path) -> None:
        conn = sqlite3.connect(tmp_path / "other.db")
        conn.execute("CREATE TABLE recipes (name)")
        conn.close()
        with pytest.raises(NotOurDatabaseError):
            Reader(tmp_path / "other.db")

    def test_file_that_is_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("Buy milk. " * 100)
        with pytest.raises(StorageError, match="is not a SQLite database"):
            Reader(tmp_path / "notes.txt")


class TestAsking:
    @pytest.mark.parametrize(
        "sql", ["DELETE FROM posts", "CREATE TABLE x (y)", "UPDATE posts SET title = 'x'", "DROP VIEW latest_posts"]
    )
    def test_nothing_can_be_written(self, reader: Reader, sql: str) -> None:
        with pytest.raises(AggregatorError, match="readonly"):
            reader.ask(sql)

    @pytest.mark.parametrize("value", [10**30, "\udcff"])
    def test_what_sqlite_cannot_take_is_an_error_too(self, reader: Reader, value: object) -> None:
        with pytest.raises(AggregatorError):
            reader.ask("SELECT ?", (value,))

    @pytest.mark.parametrize("sql", ["SELEC 1", "SELECT nothing FROM posts", "SELECT 1; SELECT 2"])
    def test_mistakes_are_told_in_sqlites_words(self, reader: Reader, sql: str) -> None:
        with pytest.raises(AggregatorError, match="SQL: "):
            reader.ask(sql)

    def test_no_query_no_rows(self, reader: Reader) -> None:
        assert reader.ask("") == Result((), ())

    def test_a_writer_is_not_in_the_way(self, database: Path, reader: Reader) -> None:
        writer = Database(database)
        with writer.write():
            writer.conn.execute("UPDATE posts SET author = author")
            assert reader.ask("SELECT count(*) FROM posts").rows[0][0] > 40
        writer.close()


class TestPosts:
    def test_newest_first_without_copies(self, reader: Reader) -> None:
        found = reader.posts(limit=1000)
        times = column(found, "published_at")
        assert times == sorted(times, reverse=True)
        assert titles(found).count(FUNDING) == 1

    def test_limit(self, reader: Reader) -> None:
        assert reader.posts(limit=3).rows == reader.posts(limit=1000).rows[:3]

    def test_with_all_of_the_topics(self, reader: Reader) -> None:
        found = reader.posts(topics=["funding", "kettle"])
        assert titles(found) == [
            "Kettle Robotics raises prices of its kitchen arms",
            "Kettle Robotics raises forty million for kitchen arms",
        ]
        assert titles(reader.posts(topics=["kettle", "funding"])) == titles(found)
        assert reader.posts(topics=["funding", "nothing"]).rows == ()

    def test_common_topics_give_the_same_as_rare_ones(self, database: Path) -> None:
        """There are two ways to find them; which is taken depends on how many there are."""
        ways = []
        for few in (0, 2000):
            with Reader(database, few=few) as reader:
                ways.append(
                    (
                        reader.posts(topics=["mistral"]),
                        stories_of(reader, Wanted(["mistral"]), 20),
                        reader.search("mistral"),
                    )
                )
        assert ways[0] == ways[1]
        assert len(ways[0][0].rows) > 5

    def test_of_a_source_by_part_of_title_or_address(self, reader: Reader) -> None:
        assert set(column(reader.posts(source="lantern"), "source")) == {"Lantern Daily"}
        assert len(reader.posts(source="social.example").rows) > 5
        assert reader.posts(source="%").rows == reader.posts(source="no such source").rows == ()

    def test_of_a_language(self, reader: Reader) -> None:
        assert set(column(reader.posts(language="de"), "language")) == {"de"}

    def test_source_count_counts_the_sources_of_copies_too(self, reader: Reader) -> None:
        found = reader.ask("SELECT source, source_count FROM latest_posts WHERE title = ?", (FUNDING,))
        assert found.rows == (("Lantern Daily", 4),)


class TestStories:
    def test_with_a_topic(self, reader: Reader) -> None:
        assert FUNDING in titles(stories_of(reader, Wanted(["mistral", "funding"]), 20))

    def test_one_whole(self, reader: Reader) -> None:
        story_id = reader.find_story("mistral-raises-830-million-euros-for-computing-centres-24")
        story = reader.story(story_id)
        assert column(story["head"], "post_count") == [8]
        assert len(story["posts"].rows) == 8
        assert column(story["sources"], "post_count") == [1, 2, 2, 3]
        assert column(story["topics"], "topic") == ["mistral", "funding"]
        assert column(story["earlier"], "earlier_title") == [
            "Mistral in talks with pension funds about computing centres"
        ]

    def test_by_id_or_slug(self, reader: Reader) -> None:
        assert reader.find_story("1") == reader.find_story("mistral-s-new-model-brise-leads-the-quarry-1") == 1

    @pytest.mark.parametrize("name", ["", "99999", "no-such-story", "١"])
    def test_unknown(self, reader: Reader, name: str) -> None:
        with pytest.raises(NotFoundError, match="there is no story"):
            reader.find_story(name)

    def test_merged_one_leads_to_the_one_that_took_it_over(self, tmp_path: Path) -> None:
        writer = Database(tmp_path / "news.db")
        newsroom = Newsroom(writer)
        newsroom.poll(
            Poll(timedelta(0), LANTERN, tuple(article(LANTERN, w, f"{w} sing", "") for w in ("Seals", "Trains")))
        )
        with writer.write():
            writer.conn.execute("UPDATE posts SET story_id = 2")
            writer.conn.execute("UPDATE stories SET merged_into = 2 WHERE id = 1")
        writer.close()
        with Reader(writer.path) as reader:
            assert reader.find_story("seals-sing-1") == 2
            assert column(stories_of(reader, Wanted(), 20), "id") == [2]

    def test_gone_posts_are_not_shown(self, tmp_path: Path) -> None:
        writer = Database(tmp_path / "news.db")
        newsroom = Newsroom(writer)
        one, two = (
            status(1, "ann", "Mistral sings"),
            article(LANTERN, "a", "Seals sing", "", url="https://lantern.example/a"),
        )
        newsroom.poll(Poll(timedelta(0), TAG, (one,)), Poll(timedelta(0), LANTERN, (two,)))
        with writer.write():
            writer.conn.execute(
                "UPDATE posts SET story_id = 1, gone_at = iif(kind = 'status', '2026-04-05T12:00:00Z', NULL)"
            )
        writer.close()
        with Reader(writer.path) as reader:
            assert titles(reader.posts()) == ["Seals sing"]
            story = reader.story(1)
            assert titles(story["posts"]) == ["Seals sing"]
            assert column(story["sources"], "source") == ["Lantern Daily"]
            assert story["topics"].rows == ()
            assert column(story["head"], "topics") == [None]


class TestTopics:
    def test_counts_leave_copies_out_and_name_unused_ones(self, reader: Reader) -> None:
        counts = dict(zip(column(reader.topics(), "topic"), column(reader.topics(), "post_count"), strict=True))
        assert counts["regulation"] == 2
        assert counts["security"] == 1
        assert column(reader.topics(), "post_count") == sorted(counts.values(), reverse=True)

    def test_of_a_kind(self, reader: Reader) -> None:
        assert set(column(reader.topics(kind="company"), "topic")) == {"mistral", "kettle"}

    def test_without_posts(self, tmp_path: Path) -> None:
        writer = Database(tmp_path / "news.db")
        sync_topics(writer.conn, [("a", "A", "topic")])
        writer.close()
        with Reader(writer.path) as reader:
            assert reader.topics().rows == (("a", "A", "topic", 0, 0, None),)


def test_sources_in_trouble_come_first(reader: Reader) -> None:
    found = reader.sources()
    assert column(found, "source")[0] == "Broken Press"
    assert column(found, "last_error")[0] == "HTTP 503 Service Unavailable"
    assert set(column(found, "status")[1:]) == {"ok"}


class TestSearch:
    @pytest.mark.parametrize(
        ("words", "title"),
        [
            ("pottery kiln", "A pottery lets a model watch the kiln"),
            ("KILN Pottery", "A pottery lets a model watch the kiln"),
            ('"model watch the kiln"', "A pottery lets a model watch the kiln"),
            ("pott*", "A pottery lets a model watch the kiln"),
            ("glaze NOT mistral", "A pottery lets a model watch the kiln"),
            ("harp OR glockenspiel", "The harp that tunes itself"),
            ("brücken", "Größere Brücken für Lübeck"),
            ("brucken lubeck", "Größere Brücken für Lübeck"),
            ("FUSSGÄNGER OR ämter", "Größere Brücken für Lübeck"),
            ('"C++"', "New edition of C++ is 100% done"),
            ("title : edition", "New edition of C++ is 100% done"),
            ("半導体工場", "熊本の半導体工場が試験生産を開始"),
            ("鳴き声", "猫の鳴き声を聞き分ける装置"),
            ("半導体 熊本県", "熊本の半導体工場が試験生産を開始"),
            ('"聞き分ける装置"', "猫の鳴き声を聞き分ける装置"),
            ("鳴き声 OR 牛の声", "猫の鳴き声を聞き分ける装置"),
            ("大阪", "猫の鳴き声を聞き分ける装置"),
            ("大阪　猫", "猫の鳴き声を聞き分ける装置"),
            ("OpenBox", "OpenBoxが新しい翻訳装置を発表"),
            ("OpenBox 翻訳", "OpenBoxが新しい翻訳装置を発表"),
            ("犬", "OpenBoxが新しい翻訳装置を発表"),
        ],
    )
    def test_finds(self, reader: Reader, words: str, title: str) -> None:
        assert titles(reader.search(words)) == [title]

    def test_one_character_may_have_many(self, reader: Reader) -> None:
        assert titles(reader.search("猫")) == ["OpenBoxが新しい翻訳装置を発表", "猫の鳴き声を聞き分ける装置"]

    @pytest.mark.parametrize("words", ["submarine", "鯨", "潜水艦", "kiln submarine", "犬%", "犬_"])
    def test_finds_nothing(self, reader: Reader, words: str) -> None:
        assert reader.search(words).rows == ()

    def test_newest_first_up_to_the_limit(self, reader: Reader) -> None:
        times = column(reader.search("mistral"), "published_at")
        assert times == sorted(times, reverse=True)
        assert len(reader.search("mistral", limit=2).rows) == 2

    @pytest.mark.parametrize("words", ["C#", "AND", "NOT OR", "what?", "半導体工場-", "a:b", "-kiln", ".NET"])
    def test_words_that_are_no_query_are_taken_as_they_stand(self, reader: Reader, words: str) -> None:
        reader.search(words)

    @pytest.mark.parametrize(
        ("words", "title"),
        [
            ("C++", "New edition of C++ is 100% done"),
            ("C++ edition", "New edition of C++ is 100% done"),
            ("C++, edition", "New edition of C++ is 100% done"),
            ("C++ NOT kiln", "New edition of C++ is 100% done"),
            ("tide-tables 2 OR c++ edition", "New edition of C++ is 100% done"),
            ('"model watch the kiln', "A pottery lets a model watch the kiln"),
            ("(pottery kiln", "A pottery lets a model watch the kiln"),
            ("pottery & kiln", "A pottery lets a model watch the kiln"),
            ("glaze AND NOT mistral", "A pottery lets a model watch the kiln"),
            ("(harp OR glockenspiel) tunes", "The harp that tunes itself"),
            ("title:edition", "New edition of C++ is 100% done"),
            ("title:edi*", "New edition of C++ is 100% done"),
        ],
    )
    def test_signs_and_syntax_together(self, reader: Reader, words: str, title: str) -> None:
        assert titles(reader.search(words)) == [title]

    @pytest.mark.parametrize("words", ["C#", "F++", "text:edition"])
    def test_signs_count(self, reader: Reader, words: str) -> None:
        assert reader.search(words).rows == ()

    @pytest.mark.parametrize("words", ["(", "*", "", '""', "+ -"])
    def test_without_words_all_come_the_newest_first(self, reader: Reader, words: str) -> None:
        found, latest = reader.search(words, limit=7), reader.posts(limit=7)
        assert column(found, "id") == column(latest, "id")

    @pytest.mark.parametrize(
        ("words", "why"),
        [
            ("kiln AND", "AND stands between two words: write ferry AND harbour"),
            ("OR kiln", "OR stands between two words"),
            ("kiln AND OR glaze", "OR stands between two words"),
            ("NOT kiln", "NOT takes away from what stands before it: write harbour NOT ferry"),
            ("(kiln OR glaze", "a bracket is opened and not closed"),
            ("kiln OR glaze)", "a bracket is closed that was not opened"),
            ("kiln OR ()", "there is nothing between two brackets"),
        ],
    )
    def test_syntax_that_means_nothing_is_told_so(self, reader: Reader, words: str, why: str) -> None:
        with pytest.raises(AggregatorError, match=re.escape(f"{words!r} can't be searched for: {why}")):
            reader.search(words)

    def test_operators_with_very_short_words(self, reader: Reader) -> None:
        with pytest.raises(AggregatorError, match="at least 3 characters"):
            reader.search("犬 OR 鯨")
