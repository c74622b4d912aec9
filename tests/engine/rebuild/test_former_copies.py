"""Posts that older versions took for copies come back, in their own stories, and nobody is told of them anew."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.rebuild.reworks import REWORKS, take_step
from tests.helpers.poller_room import PollerRoom, article, url_of

TEMPLATE = (
    "We are hiring in {place}. You will build boats with a small crew that looks after forty harbours. We offer a "
    "canteen, a pension, a room with a view and two weeks at sea. Write to us and say what you have built so far."
)
FERRY = "The evening ferry between the islands sails again after the storm broke its rudder, says the harbour office."
REPORT = "Six weeks after the storm the islands' evening ferry has a new rudder: the harbour office lets it sail."


@pytest.fixture
async def room(tmp_path: Path) -> Any:
    """As version 0.1.0 left it: the ferry and its reprint, a report of it, and four jobs, all but the first hidden."""
    made = PollerRoom(tmp_path, "gazette", "courier", "board")
    made.collect.posts(
        url_of("gazette"), [article("ferry", "Evening ferry sails again after storm", FERRY, host="bugle")]
    )
    made.collect.posts(url_of("courier"), [
        article("reprint", "Evening ferry sails again after storm", FERRY, host="courier"),
        article("report", "Evening ferry sails again after the storm", REPORT, host="courier"),
    ])  # fmt: skip
    made.collect.posts(url_of("board"), [
        article(f"job{number}", title, TEMPLATE.format(place=place), host="board", hours=number)
        for number, (title, place) in enumerate(
            [("Boat builder", "Varna"), ("Sail maker", "Kiel"), ("Rigger", "Brest"), ("Rigger", "Genoa")], 1
        )
    ])  # fmt: skip
    await made.poll()
    await made.poll()
    conn = made.database.conn
    with made.database.write():
        for like, reason in (("%ferry%", "same article retold: 90%"), ("%hiring%", "same text: 88%")):
            ids = [row[0] for row in conn.execute("SELECT id FROM posts WHERE text LIKE ? ORDER BY id", (like,))]
            [[story]] = conn.execute("SELECT story_id FROM posts WHERE id = ?", ids[:1]).fetchall()
            for post_id in ids[1:]:
                conn.execute(
                    "UPDATE posts SET copy_of = ?1, copy_because = ?2, copy_score = 0.9, story_id = ?3, "
                    "story_because = 'copy of post ' || ?1, story_score = 0.9 WHERE id = ?4 "
                    "AND copy_because NOT LIKE 'same text: 100%' OR id = ?4 AND copy_because IS NULL",
                    (ids[0], reason, story, post_id),
                )
        conn.execute("DELETE FROM stories WHERE id NOT IN (SELECT story_id FROM posts)")
    made.now += timedelta(hours=1)
    yield made
    made.database.close()


def rework(room: PollerRoom, rows: int) -> None:
    for each in REWORKS:
        while not take_step(room.database, each, rows, room.now).is_done:
            pass


@pytest.mark.parametrize("rows", [1, 2, 100])
async def test_hidden_news_comes_back(room: PollerRoom, rows: int) -> None:
    before = room.rows("SELECT id, story_id FROM posts WHERE copy_of IS NULL ORDER BY id")
    assert len(before) == 2
    news = room.rows("SELECT count(*) FROM changes WHERE change = 'new'")
    [[last]] = room.rows("SELECT max(seq) FROM changes")
    rework(room, rows)
    shown = [title for (title,) in room.rows("SELECT title FROM latest_posts ORDER BY title")]
    assert shown == [
        "Boat builder", "Evening ferry sails again after storm", "Evening ferry sails again after the storm", "Rigger",
        "Rigger", "Sail maker",
    ]  # fmt: skip
    # The reprint is a copy still; what was shown is where it was; the report of the same event stays in its story.
    assert room.rows("SELECT copy_of IS NULL FROM posts WHERE url LIKE '%reprint'") == [(0,)]
    assert set(before) <= set(room.rows("SELECT id, story_id FROM posts"))
    assert room.rows("SELECT count(DISTINCT story_id) FROM posts WHERE text LIKE '%ferry%'") == [(1,)]
    # The jobs are no story.
    assert room.rows("SELECT count(DISTINCT story_id) FROM posts WHERE title IN ('Boat builder', 'Sail maker')") == [
        (2,)
    ]
    counts = "SELECT count(*) FROM posts WHERE story_id = stories.id"
    assert room.rows(f"SELECT count(*) FROM stories WHERE post_count <> ({counts})") == [(0,)]
    assert room.rows("SELECT count(*) FROM changes WHERE change = 'new'") == news
    told = set(room.rows(f"SELECT what, change FROM changes WHERE seq > {last}"))
    assert told == {("post", "edited"), ("post", "moved"), ("story", "edited")}


async def test_what_came_back_is_not_stored_again(room: PollerRoom) -> None:
    rework(room, 100)
    before = room.rows("SELECT id, copy_of, story_id FROM posts ORDER BY id")
    polled = await room.poll()
    assert [(each.new, each.edited) for each in polled] == [(0, 0)] * len(polled)
    rework(room, 100)
    assert room.rows("SELECT id, copy_of, story_id FROM posts ORDER BY id") == before


async def test_a_story_whose_name_a_former_copy_gave_keeps_it(room: PollerRoom) -> None:
    with room.database.write():
        room.database.conn.execute(
            "UPDATE stories SET lead_post_id = (SELECT id FROM posts WHERE title = 'Sail maker') "
            "WHERE id = (SELECT story_id FROM posts WHERE title = 'Sail maker')"
        )
    [[story]] = room.rows("SELECT story_id FROM posts WHERE title = 'Sail maker'")
    rework(room, 100)
    assert room.rows("SELECT story_id FROM posts WHERE title = 'Sail maker'") == [(story,)]
