"""The editor's hand: what it does, and that rebuilds and second thoughts respect it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.engine.rebuild.stories import rebuild_stories
from aggregator.engine.rebuild.topics import rebuild_topics
from aggregator.model.errors import NotFoundError
from aggregator.storage.corrections import Editor, load_fixed_stories
from aggregator.storage.deletions import bury
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.poller_room import NOW, RULES, PollerRoom, article, url_of

FERRY = "The evening ferry between the islands sails again after the storm broke its rudder, says the harbour."


@pytest.fixture
async def room(tmp_path: Path) -> Iterator[PollerRoom]:  # type: ignore[misc]
    """Story 1: two reports of the ferry (posts 1 and 3); story 2: a museum (post 2)."""
    made = PollerRoom(tmp_path, "gazette", "courier")
    made.collect.posts(
        url_of("gazette"),
        [
            article("1", "Island ferry sails again after storm", FERRY, hours=3),
            article("2", "Tide clocks at the museum"),
        ],
    )
    made.collect.posts(
        url_of("courier"), [article("3", "After the storm the ferry of the islands is back", FERRY[:50], host="c")]
    )
    await made.poll()
    assert made.rows("SELECT id, story_id FROM posts ORDER BY id") == [(1, 1), (2, 2), (3, 1)]
    yield made
    made.database.close()


@pytest.fixture
def editor(room: PollerRoom) -> Editor:
    return Editor(room.database, NOW)


def stories(room: PollerRoom) -> list[list[int]]:
    """The posts of each story that is not merged into another."""
    rows = room.rows(
        "SELECT group_concat(id, ' ') FROM (SELECT * FROM posts ORDER BY id) p GROUP BY story_id ORDER BY min(id)"
    )
    return [[int(each) for each in row[0].split()] for row in rows]


def rebuild(room: PollerRoom) -> None:
    rebuild_stories(room.database, room.config.stories, NOW, lambda _: None)


def test_merged_stories_stay_merged(room: PollerRoom, editor: Editor) -> None:
    assert editor.merge("2", "1") == (2, 1)
    assert stories(room) == [[1, 2, 3]]
    assert room.rows("SELECT merged_into, post_count FROM stories ORDER BY id") == [(None, 3), (1, 0)]
    assert room.rows("SELECT story_because FROM posts WHERE id = 2") == [("by hand: merged with story 1",)]
    rebuild(room)
    assert stories(room) == [[1, 2, 3]]
    assert room.rows("SELECT id FROM latest_stories") == [(1,)]


def test_consumers_learn_of_a_merge(room: PollerRoom, editor: Editor) -> None:
    [(before,)] = room.rows("SELECT max(seq) FROM changes")
    editor.merge("2", "1")
    found = room.rows(f"SELECT what, row_id, change FROM changes WHERE seq > {before} ORDER BY what, row_id")
    assert set(found) == {("post", 2, "moved"), ("story", 1, "edited"), ("story", 2, "merged")}


def test_split_stories_stay_split(room: PollerRoom, editor: Editor) -> None:
    new_id = editor.split("1", [1])
    assert stories(room) == [[1], [2], [3]]
    titles = room.rows(f"SELECT id, title, lead_post_id FROM stories WHERE id IN (1, {new_id}) ORDER BY id")
    assert titles == [
        (1, "After the storm the ferry of the islands is back", 3),
        (new_id, "Island ferry sails again after storm", 1),
    ]
    rebuild(room)
    assert stories(room) == [[1], [2], [3]]
    room.poller.reconsider()
    assert stories(room) == [[1], [2], [3]]


async def test_later_posts_come_to_the_merged_story(room: PollerRoom, editor: Editor) -> None:
    editor.merge("2", "1")
    room.now += timedelta(minutes=15)
    room.poller = room.new_poller()
    room.collect.posts(
        url_of("courier"), [article("9", "Tide clocks at the museum draw crowds", "Tide clocks", host="c")]
    )
    await room.poll()  # once more what it said before
    await room.poll()
    assert room.rows("SELECT story_id FROM posts WHERE id = 4") == [(1,)]


def test_a_given_title_stays(room: PollerRoom, editor: Editor) -> None:
    editor.rename("1", "The ferry is back")
    rebuild(room)
    assert room.rows("SELECT title, slug FROM stories WHERE id = 1") == [
        ("The ferry is back", "island-ferry-sails-again-after-storm-1")
    ]
    editor.rename("1", None)
    assert room.rows("SELECT title FROM stories WHERE id = 1") == [("Island ferry sails again after storm",)]


def test_a_pinned_story_is_marked(room: PollerRoom, editor: Editor) -> None:
    editor.pin("1", is_pinned=True)
    assert room.rows("SELECT id FROM latest_stories WHERE pinned_at IS NOT NULL") == [(1,)]
    assert load_fixed_stories(room.database.conn) == {1}
    editor.pin("1", is_pinned=False)
    assert load_fixed_stories(room.database.conn) == set()


def test_topics_by_hand_outlive_a_rebuild(room: PollerRoom, editor: Editor) -> None:
    editor.topic(2, "ferries", is_there=True)
    editor.topic(1, "ferries", is_there=False)
    assert room.rows("SELECT post_id, because FROM post_topics WHERE post_id < 3") == [(2, "by hand")]
    rebuild_topics(room.database, Taxonomy(RULES), {}, NOW, lambda _: None)
    assert room.rows("SELECT post_id, because FROM post_topics WHERE post_id < 3") == [(2, "by hand")]
    editor.topic(1, "ferries", is_there=True)
    assert room.rows("SELECT count(*) FROM post_topics WHERE post_id < 3") == [(2,)]


async def test_topics_by_hand_outlive_an_edit(room: PollerRoom, editor: Editor) -> None:
    editor.topic(1, "ferries", is_there=False)
    room.collect.posts(url_of("gazette"), [article("1", "Island ferry sails again after the storm", FERRY + " Today.")])
    await room.poll()
    await room.poll()
    assert room.rows("SELECT title FROM posts WHERE id = 1") == [("Island ferry sails again after the storm",)]
    assert room.rows("SELECT count(*) FROM post_topics WHERE post_id = 1") == [(0,)]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda editor: editor.merge("7", "1"), "there is no story '7'"),
        (lambda editor: editor.merge("1", "1"), "the same story"),
        (lambda editor: editor.split("1", [2]), "post 2 is not in story 1"),
        (lambda editor: editor.split("1", [1, 3]), "nothing would stay"),
        (lambda editor: editor.topic(99, "ferries", is_there=True), "there is no post 99"),
        (lambda editor: editor.topic(1, "trains", is_there=True), "there is no topic 'trains'"),
    ],
)
def test_what_is_not_there_is_said_and_nothing_changes(
    room: PollerRoom, editor: Editor, call: object, message: str
) -> None:
    before = room.rows("SELECT max(seq) FROM changes")
    with pytest.raises(NotFoundError, match=message):
        call(editor)  # type: ignore[operator]
    assert room.rows("SELECT max(seq) FROM changes") == before


# ---------------------------------------------------------------- second thoughts, written


async def test_second_thoughts_are_written_and_later_posts_follow(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette", "courier", "digest", "echo")
    for name in ("gazette", "courier", "digest", "echo"):
        room.collect.posts(url_of(name), [article(name, "Island ferry sails again after storm", host=name)])
    await room.poll()
    with room.database.write():  # as if two of them had been taken for another event
        room.database.conn.execute("UPDATE posts SET copy_of = NULL")
        room.database.conn.execute(
            "INSERT INTO stories (id, slug, title, lead_post_id, first_at, last_at, post_count, story_version) "
            "SELECT 2, 'b-2', title, 3, first_at, last_at, 2, story_version FROM stories WHERE id = 1"
        )
        room.database.conn.execute("UPDATE posts SET story_id = 2 WHERE id > 2")
    room.poller = room.new_poller()
    assert room.poller.reconsider() == 0  # not in the hour in which they came
    room.now += timedelta(hours=1)
    assert room.poller.reconsider() == 1
    assert stories(room) == [[1, 2, 3, 4]]
    assert room.rows("SELECT merged_into FROM stories WHERE id = 2") == [(1,)]
    [(because,)] = room.rows("SELECT DISTINCT story_because FROM posts WHERE id > 2")
    assert because.startswith("second thoughts: one with story 1, one event (")
    assert room.poller.reconsider() == 0
    room.database.close()


# ---------------------------------------------------------------- the commands


def call(room: PollerRoom, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--database", str(room.config.storage.path), *words])


def test_the_commands_do_it_and_say_so(room: PollerRoom) -> None:
    for words, said in (
        (("story", "rename", "1", "The ferry is back"), "story 1: The ferry is back"),
        (("story", "pin", "1"), "story 1 is pinned"),
        (("story", "pin", "1", "--off"), "no longer pinned"),
        (("story", "split", "1", "3"), "story 3 has 1 posts of story 1 now"),
        (("story", "merge", "3", "1"), "story 3 is part of story 1 now"),
        (("post", "topic", "add", "2", "ferries"), "post 2 is about ferries now"),
        (("post", "topic", "remove", "2", "ferries"), "not about ferries any more"),
    ):
        done = call(room, *words)
        assert done.exit_code == 0, done.output
        assert said in done.output
    shown = call(room, "story", "3")  # the story that took it over
    assert "The ferry is back" in shown.output
    assert call(room, "story", "1", "--json").exit_code == 0
    assert isinstance(call(room, "story", "77").exception, NotFoundError)


async def test_a_story_is_called_the_same_however_it_gets_its_title(tmp_path: Path) -> None:
    """Live, split off, renamed back, or because its lead went: the first words of a post without a title."""
    text = "The evening ferry\nbetween the islands " + "sails again and again after the long and heavy storm " * 4
    made = PollerRoom(tmp_path, "gazette", "courier")
    made.collect.posts(url_of("gazette"), [article("1", "", text), article("2", "Tide clocks at the museum")])
    await made.poll()
    editor = Editor(made.database, NOW)
    titles = "SELECT title FROM stories WHERE merged_into IS NULL AND title LIKE 'The evening%'"
    [(live,)] = made.rows(titles)
    assert live.startswith("The evening ferry between") and live.endswith(" …") and len(live) <= 122
    editor.rename("1", "Else")
    editor.rename("1", None)
    assert made.rows(titles) == [(live,)]
    editor.merge("1", "2")
    editor.split("2", [1])
    assert made.rows(titles) == [(live,)]
    editor.merge("3", "2")
    with made.database.write():
        bury(made.database.conn, [2], NOW)
    assert made.rows(titles) == [(live,)]
    made.database.close()
