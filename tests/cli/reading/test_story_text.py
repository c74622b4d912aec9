"""A story, and why a post is where it is, as text that is read: on narrow terminals, in a pipe, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from aggregator.cli.layout import cells
from aggregator.cli.main import cli
from tests.helpers.poller_room import PollerRoom, article
from tests.helpers.site_room import STORM, polled

TITLE = "Ferry Halcyon loses its rudder in the storm off Port Marlow and is towed to the quay by two tugs at night"
JAPANESE = "大型連絡船ハルシオン号、嵐で舵を失い、二隻の引き船に引かれて夜のうちに港へ戻る。乗客は全員無事"


@pytest.fixture
async def room(tmp_path: Path) -> Iterator[PollerRoom]:  # type: ignore[misc]
    room = PollerRoom(tmp_path, "gazette", "courier")
    other = article("tugs", "Halcyon towed: ferry without a rudder", STORM.replace("Two", "Three"), host="courier")
    await polled(room, gazette=article("rudder", TITLE, STORM), courier=other)
    with room.database.write():
        room.database.conn.execute("UPDATE stories SET title = ?", (TITLE,))
    yield room
    room.database.close()


def call(room: PollerRoom, *words: str) -> str:
    done = CliRunner().invoke(cli, ["--database", str(room.config.storage.path), *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("words", [["story", "1"], ["stories", "1"], ["explain", "1"]])
async def test_no_word_is_broken_on_a_narrow_terminal(
    words: list[str], width: int, room: PollerRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = set(call(room, *words).split())
    monkeypatch.setenv("COLUMNS", str(width))
    shown = call(room, *words)
    addresses = [line for line in shown.splitlines() if "://" in line]
    assert [line for line in shown.splitlines() if cells(line) > width and line not in addresses] == []
    assert {word for word in shown.split() if "─" not in word} <= whole | {
        "score",
        "needs",
        "topic",
        "given",
        "because",
    }


async def test_it_reads_as_its_page_does(room: PollerRoom) -> None:
    shown = call(room, "story", "1")
    parts = [
        f"\n{TITLE}\nferries\n", "2 posts of 2 publishers", "Source: ", "Original article: https://",
        "\nIn context\n", "\nPosts\n", "because: ", "\nSeen in\n  gazette (feed, 1 post)",
        "\nTopics\n  ferries (topic), all posts: ",
    ]  # fmt: skip
    assert [part for part in parts if part not in shown] == []
    places = [shown.index(part) for part in parts]
    assert places == sorted(places)
    [first, *_] = [line for line in shown.splitlines() if line.startswith("  [1] ")]
    assert first.startswith("  [1] 2026-05-04 ") and first.endswith(", en")


async def test_in_a_pipe_a_paragraph_is_a_line(room: PollerRoom) -> None:
    assert TITLE in call(room, "story", "1").splitlines()


async def test_wide_characters_are_counted_as_such(room: PollerRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    with room.database.write():
        room.database.conn.execute("UPDATE stories SET title = ? WHERE id = 1", (JAPANESE,))
    monkeypatch.setenv("COLUMNS", "60")
    lines = call(room, "story", "1").splitlines()[1:]
    title = [line for line in lines[:3] if not line.isascii()]
    assert "".join(title) == JAPANESE and len(title) == 2
    assert all(cells(line) <= 60 for line in title) and cells(title[0]) > 54
    assert title[1][0] not in "、。"


async def test_json_stays_whole_with_the_keys_of_the_views(room: PollerRoom) -> None:
    story = json.loads(call(room, "story", "1", "--json"))

    def keys(view: str) -> set[str]:
        return {each[0] for each in room.database.conn.execute(f"SELECT * FROM {view}").description}

    assert set(story) == keys("latest_stories") - {"topics"} | {"posts", "sources", "topics", "earlier", "brief"}
    assert set(story["posts"][0]) == keys("story_posts")
    assert set(story["sources"][0]) == keys("story_sources")
    assert set(story["topics"][0]) == keys("story_topics") | {"because"}
    assert story["title"] == TITLE


@pytest.mark.parametrize(
    ("words", "view"),
    [
        ("stories", "latest_stories"), ("posts", "latest_posts"), ("search ferry", "latest_posts"),
        ("sources", "source_health"),
    ],
)  # fmt: skip
async def test_lists_as_json_have_the_keys_of_their_views(words: str, view: str, room: PollerRoom) -> None:
    [first, *_] = json.loads(call(room, *words.split(), "--json"))
    assert list(first) == [each[0] for each in room.database.conn.execute(f"SELECT * FROM {view}").description]


async def test_lists_are_narrowed_down(room: PollerRoom) -> None:
    def ids(*words: str) -> list[int]:
        return [each["id"] for each in json.loads(call(room, *words, "--json"))]

    assert ids("stories", "--min-sources", "2", "--since", "2026-05-04", "--language", "en", "-t", "ferries") == [1]
    assert ids("stories", "--min-sources", "3") == ids("stories", "--language", "fr") == []
    assert ids("stories", "--since", "1h") == ids("posts", "--since", "1h") == []  # the room's clock stands in May
    assert ids("stories", "--sort", "score") == [1] and len(ids("posts", "--since", "2026-05-04")) == 2


async def test_a_time_that_is_none_is_refused_with_the_forms(room: PollerRoom) -> None:
    done = CliRunner().invoke(cli, ["--database", str(room.config.storage.path), "stories", "--since", "soon"])
    assert done.exit_code == 2 and '"2h", "3d"' in done.output
