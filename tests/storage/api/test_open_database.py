"""`from aggregator import open_database`: the views as values."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import FrozenInstanceError, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

import aggregator
from aggregator import open_database
from aggregator.model.errors import AggregatorError, NotFoundError, StorageError
from aggregator.storage.api import rows
from aggregator.storage.api.database import NewsDatabase
from aggregator.storage.database import Database
from tests.helpers.newsroom import filled
from tests.helpers.released import VERSIONS, unpack

VIEWS = {
    rows.Post: "latest_posts", rows.Story: "latest_stories", rows.StoryPost: "story_posts",
    rows.StorySource: "story_sources", rows.StoryTopic: "story_topics", rows.EarlierStory: "earlier_coverage",
    rows.BriefSentence: "story_briefs", rows.Change: "changes_detail",
}  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("api") / "news.db")


@pytest.fixture(scope="module")
def briefed(path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, and story 1 has a brief."""
    copy = tmp_path_factory.mktemp("briefed") / "news.db"
    copy.write_bytes(path.read_bytes())
    with closing(Database(copy)) as opened, opened.write():
        opened.conn.execute(
            "INSERT INTO briefs (id, story_id, language, headline, method, input_digest, written_at) VALUES "
            "(1, 1, 'en', 'Ferries', 'extracted', '', '2026-05-04T10:00:00Z')"
        )
        for part, position in (("watch", 1), ("context", 1), ("happened", 2), ("happened", 1)):
            opened.conn.execute(
                "INSERT INTO brief_sentences (brief_id, part, position, text, language, posts, stories, made) "
                "VALUES (1, ?, ?, 'It sailed.', 'en', '[1, 2]', '[7]', 'quoted')",
                (part, position),
            )
    return copy


@pytest.fixture
def news(path: Path) -> Iterator[NewsDatabase]:
    with open_database(path) as opened:
        yield opened


@pytest.mark.parametrize(("kind", "view"), VIEWS.items(), ids=VIEWS.values())
def test_fields_are_the_columns_of_the_view(news: NewsDatabase, kind: Any, view: str) -> None:
    columns = {row["name"] for row in news.query(f"SELECT name FROM pragma_table_info('{view}')")}
    names = {field.name for field in fields(kind)}
    assert names == columns - rows.SAID_TWICE.keys()
    assert {rows.SAID_TWICE[column] for column in columns & rows.SAID_TWICE.keys()} <= names


def test_values_are_of_the_kind_that_fields_say(briefed: Path) -> None:
    """Of every story: no number where a truth is said, no text where a time is, nothing missing that can't be."""
    with open_database(briefed) as news:
        stories = [news.story(story.id) for story in news.stories(limit=1000)]
        told: list[Any] = [*news.posts(limit=1000), *news.changes()]
    for each in stories:
        told += [each.story, *each.posts, *each.sources, *each.topics, *each.earlier, *each.brief]
        parts = (each.posts, each.sources, each.topics, each.earlier, each.brief)
        assert {part.story_id for among in parts for part in among} == {each.story.id}
    assert {type(row) for row in told} == set(VIEWS)
    wrong = [
        (type(row).__name__, name, getattr(row, name))
        for row in told
        for name, hint in get_type_hints(type(row)).items()
        if not isinstance(getattr(row, name), _kinds(hint))
    ]
    assert not wrong


def _kinds(hint: Any) -> tuple[type, ...]:
    """`int | None` → int and NoneType, `tuple[str, ...]` → tuple; a float may be whole."""
    kinds = get_args(hint) if isinstance(hint, UnionType) else (get_origin(hint) or hint,)
    return (*kinds, int) if float in kinds else kinds


def test_stories_as_the_view_has_them(news: NewsDatabase) -> None:
    stories = news.stories(limit=1000)
    asked = news.query("SELECT id, last_at, topics FROM latest_stories ORDER BY last_at DESC, id DESC")
    assert [story.id for story in stories] == [row["id"] for row in asked]
    assert [", ".join(story.topics) or None for story in stories] == [row["topics"] for row in asked]
    first = stories[0]
    assert first.last_at == datetime.fromisoformat(asked[0]["last_at"])
    assert first.last_at.tzinfo is UTC
    assert len(news.stories(limit=3)) == 3


def test_amounts_are_parted(news: NewsDatabase) -> None:
    asked = news.query("SELECT amounts FROM latest_stories ORDER BY last_at DESC, id DESC")
    stories = news.stories(limit=1000)
    assert [", ".join(story.amounts) or None for story in stories] == [row["amounts"] for row in asked]
    assert any(story.amounts for story in stories)


def test_of_topics(news: NewsDatabase) -> None:
    [topic] = news.query("SELECT topic FROM post_topics GROUP BY topic ORDER BY count(*) DESC LIMIT 1")
    for found in (news.stories(topics=[topic["topic"]]), news.posts(topics=[topic["topic"]])):
        assert found
        assert all(topic["topic"] in each.topics for each in found)
    with pytest.raises(NotFoundError, match="there is no topic"):
        news.stories(topics=["no-such-topic"])


def test_one_topic_may_stand_alone(news: NewsDatabase) -> None:
    assert news.stories(topics="mistral") == news.stories(topics=["mistral"]) != []
    assert news.posts(topics="mistral") == news.posts(topics=["mistral"]) != []


def test_an_order_that_is_none(news: NewsDatabase) -> None:
    assert news.stories(sort="score")[0].score == max(story.score for story in news.stories(limit=1000))
    with pytest.raises(AggregatorError, match='"time" or by "score", not by \'sources\''):
        news.stories(sort="sources")  # type: ignore[arg-type]


def test_a_time_without_a_zone_is_utc(news: NewsDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the machine is: here half a day away."""
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        newest = news.stories(limit=1)[0]
        at = newest.last_at.replace(tzinfo=None)
        assert news.stories(since=at, limit=1) == [newest]
        assert news.stories(since=at + timedelta(seconds=1)) == news.posts(since=at + timedelta(seconds=1)) == []
        assert len(news.posts(since=at)) == 1
    finally:
        monkeypatch.undo()
        time.tzset()


def test_no_column_of_a_query_is_lost(news: NewsDatabase) -> None:
    assert news.query("SELECT 1 AS a, 2 AS b, 3 AS a") == [{"a": 1, "b": 2, "a_2": 3}]


def test_a_story_by_id_and_by_slug(news: NewsDatabase) -> None:
    [widest] = news.query("SELECT id, slug FROM latest_stories ORDER BY post_count DESC LIMIT 1")
    detail = news.story(widest["id"])
    assert detail == news.story(widest["slug"]) == news.story(str(widest["id"]))
    assert len(detail.posts) == detail.story.post_count > 1
    assert [post.published_at for post in detail.posts] == sorted(post.published_at for post in detail.posts)
    assert {source.source_id for source in detail.sources}
    assert all(0 < topic.share <= 1 for topic in detail.topics)
    with pytest.raises(NotFoundError, match="there is no story"):
        news.story("nothing")


def test_earlier_coverage(news: NewsDatabase) -> None:
    [row] = news.query("SELECT story_id, earlier_story_id FROM earlier_coverage LIMIT 1")
    earlier = news.story(row["story_id"]).earlier
    assert row["earlier_story_id"] in {each.earlier_story_id for each in earlier}
    assert {each.kind for each in earlier} <= {"continues", "background"}


def test_a_brief_is_read_in_its_order(briefed: Path) -> None:
    with open_database(briefed) as news:
        told = news.story(1).brief
    assert [(each.part, each.position) for each in told] == [
        ("happened", 1), ("happened", 2), ("context", 1), ("watch", 1),
    ]  # fmt: skip
    assert (told[0].sources, told[0].earlier_stories, told[0].articles) == ((1, 2), (7,), ())
    assert (told[0].headline, told[0].written_at) == ("Ferries", datetime(2026, 5, 4, 10, tzinfo=UTC))


def test_posts_and_search(news: NewsDatabase) -> None:
    newest = news.posts(limit=1)[0]
    assert newest.title is not None
    word = max(newest.title.split(), key=len).strip('.,:;!?\u201c\u201d"')
    assert newest.id in {post.id for post in news.search(f'"{word}"')}
    assert all(post.language == "de" for post in news.posts(language="de"))
    assert news.search("nowherewritten") == []


def test_changes_to_the_end_of_the_log(news: NewsDatabase) -> None:
    everything = list(news.changes())
    [row] = news.query("SELECT count(*) AS lines, max(seq) AS newest FROM changes")
    assert (len(everything), everything[-1].seq) == (row["lines"], row["newest"])
    assert everything == sorted(everything, key=lambda change: change.seq)
    last = everything[-1].seq
    assert [change.seq for change in news.changes(last - 2)] == [last - 1, last]
    assert list(news.changes(last)) == []
    with pytest.raises(NotFoundError, match="another one"):
        list(news.changes(last + 1))


def test_more_changes_than_one_batch(news: NewsDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(news.changes())
    monkeypatch.setattr("aggregator.storage.api.database._BATCH", 7)
    assert list(news.changes()) == before


def test_it_reads_only(news: NewsDatabase) -> None:
    for sql in ("DELETE FROM posts", "CREATE TABLE mine (a)", "ATTACH ':memory:' AS other"):
        with pytest.raises(AggregatorError):
            news.query(sql)
    with pytest.raises(FrozenInstanceError):
        news.stories(limit=1)[0].title = "Another"  # type: ignore[misc]


def test_what_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        open_database(tmp_path / "nothing.db")
    (tmp_path / "text.db").write_text("no database at all" * 100)
    with pytest.raises(StorageError):
        open_database(str(tmp_path / "text.db"))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_of_an_older_version_says_so(tmp_path: Path, version: str) -> None:
    path = unpack(version, tmp_path)
    with open_database(path) as news:
        for ask in (news.stories, news.posts, lambda: list(news.changes()), lambda: news.story(1)):
            with pytest.raises(AggregatorError, match=r"of an older version[:;] the next"):
                ask()
        assert news.query("SELECT count(*) AS posts FROM posts")[0]["posts"] > 0
    Database(path).close()  # which brings it up to date
    with open_database(path) as news:
        assert news.stories() and news.posts() and news.story(1).posts


def test_a_closed_one_answers_nothing(path: Path) -> None:
    news = open_database(path)
    news.close()
    with pytest.raises(AggregatorError):
        news.posts()


def test_the_package_imports_nothing_for_it() -> None:
    asked = "import sys, aggregator; print([name for name in sys.modules if name.startswith('aggregator.')])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    with pytest.raises(AttributeError, match="open_databases"):
        _ = aggregator.open_databases


def test_what_the_page_shows_runs(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[3] / "docs" / "database.md").read_text("utf-8")
    [block] = re.findall(r"```python\n(from aggregator import.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(block.replace("data/aggregator.db", str(path)), names)  # our own page
    assert capsys.readouterr().out.count("  ") > 3
    assert names["seen"] > 0
