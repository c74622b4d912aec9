"""`topics`, `topics test` and `explain`, as a user types them, on the demo's database."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.cli.reading.topics import sparkline
from aggregator.model.errors import NotFoundError

OWN_TOPIC = """
[storage]
path = "never.db"

[topics.lighthouses]
any = ["lighthouse~", { term = "coast", weight = 0.3 }]
not = ["lighthouse family"]
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("demo") / "demo.db"
    done = CliRunner().invoke(cli, ["demo", "--database", str(database)], catch_exceptions=False)
    assert done.exit_code == 0
    return database.with_name("demo.db.toml")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "own.toml"
    file.write_text(OWN_TOPIC, "utf-8")
    return file


def call(config: Path, *words: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["--config", str(config), *words], input=text)


def rows(config: Path, *words: str, text: str | None = None) -> Any:
    done = call(config, *words, "--json", text=text)
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_topics_have_their_last_two_weeks(demo: Path) -> None:
    first = rows(demo, "topics", "--kind", "topic")[0]
    assert len(first["last_14_days"]) == 14
    assert 0 < sum(first["last_14_days"]) <= first["post_count"]
    assert "·" in call(demo, "topics").output


def test_rules_for_a_source_are_tried_with_its_title(own: Path) -> None:
    own.write_text('[topics.tea]\nany = [{ term = "tea weekly", in = ["source"] }]\n', "utf-8")
    assert rows(own, "topics", "test", "Harvest", "--topic", "tea") == []
    (found,) = rows(own, "topics", "test", "Harvest", "--source", "Tea Weekly", "--topic", "tea")
    assert (found["given"], found["because"]) == ("yes", "source “Tea Weekly”")


def test_bars_grow_with_the_number() -> None:
    assert sparkline([0, 1, 4, 8]) == "·▁▄█"
    assert sparkline([0, 0]) == "··"
    assert sparkline([3]) == "█"


def test_rules_are_tried_on_a_text_without_a_database(own: Path) -> None:
    (found,) = rows(own, "topics", "test", "New lighthouses for the north", "--topic", "lighthouses")
    assert (found["given"], found["score"], found["because"]) == ("yes", 0.85, "title “lighthouse”")
    assert not (own.parent / "never.db").exists()


def test_it_is_said_why_a_topic_is_not_given(own: Path) -> None:
    (weak,) = rows(own, "topics", "test", "A storm on the coast", "-t", "lighthouses")
    assert (weak["given"], weak["why not"]) == ("no", "too little")
    (stopped,) = rows(own, "topics", "test", "Lighthouse Family on tour", "-t", "lighthouses")
    assert (stopped["given"], stopped["why not"]) == ("no", "stopped by title “Lighthouse Family”")
    (leaning,) = rows(own, "topics", "test", "On the coast", "-t", "lighthouses", "--leaning", "lighthouses")
    assert "source" in leaning["because"]


def test_the_first_line_of_a_file_is_the_title(own: Path, tmp_path: Path) -> None:
    file = tmp_path / "post.txt"
    file.write_text("Harbour news\n\nThe lighthouse was painted.\n", "utf-8")
    (found,) = rows(own, "topics", "test", str(file), "-t", "lighthouses")
    assert found["because"] == "lead “lighthouse”"
    (piped,) = rows(own, "topics", "test", "-", "-t", "lighthouses", text="Harbour news\nThe lighthouse was painted.")
    assert piped == found


def test_a_topic_that_is_not_there(own: Path) -> None:
    error = call(own, "topics", "test", "x", "--topic", "lighthuses").exception
    assert isinstance(error, NotFoundError)
    assert "did you mean 'lighthouses'?" in str(error)


def test_a_post_is_explained_by_id_and_by_address(demo: Path) -> None:
    (post,) = rows(demo, "sql", "SELECT post_id AS id, url FROM copies WHERE url IS NOT NULL ORDER BY 1 DESC LIMIT 1")
    explained = rows(demo, "explain", str(post["id"]))
    assert explained["id"] == post["id"]
    assert explained["copy_of"] and explained["copy_because"]
    assert explained["story_because"] and explained["sightings"]
    assert rows(demo, "explain", post["url"])["url"] == post["url"]


def test_what_is_stored_is_what_the_rules_say(demo: Path) -> None:
    for post in rows(demo, "sql", "SELECT id FROM posts WHERE gone_at IS NULL LIMIT 20"):
        explained = rows(demo, "explain", str(post["id"]))
        given = {each["topic"]: each["score"] for each in explained["topics_now"] if each["given"] == "yes"}
        assert given == {each["topic"]: each["score"] for each in explained["stored_topics"]}


def test_the_explanation_reads_like_one(demo: Path) -> None:
    shown = call(demo, "explain", "1").output
    assert "post 1:" in shown and "seen in" in shown and "in story" in shown and "Topics by the rules" in shown


def test_what_a_filter_kept_out_is_explained(demo: Path) -> None:
    database = demo.with_suffix("")
    with sqlite3.connect(database) as conn:
        conn.execute(
            "INSERT INTO filtered_posts SELECT id, 'n-1', '2026-01-01T00:00:00Z', 'Buy tea', "
            "'https://tea.example/ad', 'ads', 'term “buy”' FROM sources LIMIT 1"
        )
    (found,) = rows(demo, "explain", "https://tea.example/ad")
    assert (found["filter"], found["because"]) == ("ads", "term “buy”")
    error = call(demo, "explain", "https://tea.example/none").exception
    assert isinstance(error, NotFoundError)


def test_views_of_topics(demo: Path) -> None:
    rising = rows(demo, "sql", "SELECT * FROM rising_topics")
    assert rising and all(each["rise"] > 1 and each["this_week"] > each["usual_week"] for each in rising)
    pairs = {(each["topic"], each["other"]): each for each in rows(demo, "sql", "SELECT * FROM topics_together")}
    assert pairs
    for (topic, other), pair in pairs.items():
        assert pairs[other, topic]["post_count"] == pair["post_count"]
        assert 0 < pair["share"] <= 1


# ---------------------------------------------------------------- labels


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """A demo of its own, to write into."""
    database = tmp_path / "demo.db"
    assert CliRunner().invoke(cli, ["demo", "--database", str(database)], catch_exceptions=False).exit_code == 0
    return database.with_name("demo.db.toml")


def posts_with(config: Path, topic: str, *, given: bool) -> list[int]:
    with sqlite3.connect(config.with_name("demo.db")) as conn:
        found = conn.execute(
            "SELECT id FROM posts WHERE gone_at IS NULL AND (id IN "
            "(SELECT post_id FROM post_topics WHERE topic = ?)) = ?",
            (topic, given),
        ).fetchall()
    conn.close()
    return [post_id for (post_id,) in found]


def test_rules_are_measured_by_labels(labelled: Path) -> None:
    with_topic, without = posts_with(labelled, "funding", given=True), posts_with(labelled, "funding", given=False)
    assert call(labelled, "topics", "label", str(with_topic[0]), "funding").output == (
        f"post {with_topic[0]} is about funding\n"
    )
    call(labelled, "topics", "label", str(with_topic[1]), "funding", "--not")
    call(labelled, "topics", "label", str(without[0]), "funding")
    call(labelled, "topics", "label", str(without[1]), "funding", "--not")
    (line,) = rows(labelled, "topics", "test", "--labelled")
    assert line == {
        **{"topic": "funding", "labels": 4, "right": 1, "wrong": 1, "missed": 1},
        **{"precision": 0.5, "recall": 0.5},
    }
    found = rows(labelled, "topics", "test", "--labelled", "--errors")
    assert {(each["post"], each["what"]) for each in found} == {(with_topic[1], "wrong"), (without[0], "missed")}
    assert rows(labelled, "topics", "test", "--labelled", "--topic", "court") == []
    refused = call(labelled, "topics", "test", "--labelled", "--url", "https://a.example/1", "--all")
    assert refused.exit_code == 2 and "--url, --all beside --labelled: they are of a text" in refused.output


def test_a_label_changes_no_topic_and_can_be_taken_back(labelled: Path) -> None:
    post = posts_with(labelled, "funding", given=True)[0]
    call(labelled, "topics", "label", str(post), "funding", "--not")
    assert post in posts_with(labelled, "funding", given=True)
    call(labelled, "rebuild", "topics")
    assert post in posts_with(labelled, "funding", given=True)
    assert "no label for funding any more" in call(labelled, "topics", "label", str(post), "funding", "--forget").output
    assert rows(labelled, "topics", "test", "--labelled") == []


def test_a_label_needs_a_post_and_a_topic(labelled: Path) -> None:
    with pytest.raises(NotFoundError, match="did you mean 'funding'"):
        CliRunner().invoke(
            cli,
            ["--config", str(labelled), "topics", "label", "1", "fundng"],
            catch_exceptions=False,
            standalone_mode=False,
        )
    assert "there is no post" in str(call(labelled, "topics", "label", "999999", "funding").exception)
    assert call(labelled, "topics", "test").exit_code == 2


def test_topics_without_a_post_are_shown_when_asked_for(demo: Path) -> None:
    shown, everything = rows(demo, "topics"), rows(demo, "topics", "--all")
    assert shown == [row for row in everything if row["post_count"]]
    hidden = len(everything) - len(shown)
    assert hidden > 0
    assert f"{hidden} topics without a post not shown: `aggregator topics --all`" in call(demo, "topics").output
    assert "not shown" not in call(demo, "topics", "--all").output
