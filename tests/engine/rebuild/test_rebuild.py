"""Topics, copies and stories worked out again: the same code, so the same result; other rules, another one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.rebuild.copies import rebuild_copies
from aggregator.engine.rebuild.grouping import Group
from aggregator.engine.rebuild.progress import Rebuilt
from aggregator.engine.rebuild.stories import match_stories, rebuild_stories
from aggregator.engine.rebuild.topics import rebuild_topics
from aggregator.model.changes import Membership, StoryHead
from aggregator.model.rules import Term, TopicRule
from aggregator.model.settings import Stories
from aggregator.storage.corrections import Editor
from aggregator.storage.deletions import forget
from aggregator.storage.open_stories import save_words
from aggregator.storage.sources import sync_topics
from aggregator.storage.stories import save_group, save_merged
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.poller_room import NOW, RULES, PollerRoom, article, four_papers, url_of

EVERYTHING = (
    "SELECT * FROM posts ORDER BY id",
    "SELECT * FROM post_topics ORDER BY post_id, topic",
    "SELECT * FROM stories ORDER BY id",
    "SELECT * FROM story_links ORDER BY story_id, earlier_story_id",
    "SELECT count(*) FROM changes",
)


def ignore(_: int) -> None:
    """Progress that nobody looks at."""


@pytest.fixture
async def room(tmp_path: Path) -> Any:
    made = four_papers(tmp_path)
    long = "The evening boat from Norderhaven is back at work with a new crew, says its master, and tickets cost as before."
    made.collect.posts(url_of("paper0"), [article("long", "The island ferry sails again", long)])
    made.collect.posts(url_of("paper1"), [article("other", "The island ferry sails again", long, host="courier")])
    nameless = article(
        "nameless", "Norderhaven: island ferry sails again", "The evening boat is back at work with a new crew."
    )
    made.collect.posts(url_of("paper2"), [replace(nameless, url=None, canonical_url=None)])
    await made.poll()
    await made.poll()
    yield made
    made.database.close()


def state(room: PollerRoom) -> list[list[tuple[Any, ...]]]:
    return [room.rows(query) for query in EVERYTHING]


async def test_rebuilding_with_nothing_changed_changes_nothing(room: PollerRoom) -> None:
    before = state(room)
    posts = len(before[0])
    assert rebuild_topics(room.database, Taxonomy(RULES), {}, NOW, ignore) == Rebuilt(posts, 0)
    assert rebuild_copies(room.database, NOW, ignore) == Rebuilt(posts, 0)
    assert rebuild_stories(room.database, room.config.stories, NOW, ignore) == Rebuilt(posts, 0)
    assert state(room) == before


async def test_what_was_decided_among_the_stories_stays(room: PollerRoom) -> None:
    [(copy_of,)] = room.rows("SELECT copy_of FROM posts WHERE url IS NULL")
    assert room.rows(f"SELECT title FROM posts WHERE id = {copy_of}") == [("The island ferry sails again",)]
    rebuild_copies(room.database, NOW, ignore)
    assert room.rows("SELECT copy_of FROM posts WHERE url IS NULL") == [(copy_of,)]


async def test_changed_rules_reach_stored_posts(room: PollerRoom) -> None:
    rules = (TopicRule(topic="museums", label="Museums", any=(Term("museum"),)),)
    sync_topics(room.database.conn, [("museums", "Museums", "topic")])
    taxonomy = Taxonomy(rules)
    done = rebuild_topics(room.database, taxonomy, {}, NOW, ignore)
    assert done.changed > 0
    assert {topic for (topic,) in room.rows("SELECT DISTINCT topic FROM post_topics")} == {"museums"}
    assert room.rows("SELECT DISTINCT topics_version FROM posts") == [(taxonomy.version,)]
    edited = room.rows("SELECT count(DISTINCT row_id) FROM changes WHERE what = 'post' AND change = 'edited'")
    assert edited == [(done.changed,)]


async def test_rules_for_a_source_look_at_the_one_where_a_post_was_seen_first(room: PollerRoom) -> None:
    rules = (TopicRule(topic="first-paper", label="First paper", any=(Term("paper0", where=("source",)),)),)
    sync_topics(room.database.conn, [("first-paper", "First paper", "topic")])
    rebuild_topics(room.database, Taxonomy(rules), {}, NOW, ignore)
    given = room.rows("SELECT post_id FROM post_topics ORDER BY post_id")
    first = "SELECT post_id FROM (SELECT post_id, min(seen_at), source_id FROM sightings GROUP BY post_id) g "
    assert given and given == room.rows(
        f"{first} JOIN sources s ON s.id = g.source_id WHERE s.title = 'paper0' ORDER BY 1"
    )


async def test_lost_copies_are_found_again(room: PollerRoom) -> None:
    before = room.rows("SELECT id, copy_of, copy_because, copy_score FROM posts ORDER BY id")
    assert any(row[1] for row in before)
    with room.database.write():
        room.database.conn.execute(
            "UPDATE posts SET copy_of = NULL, copy_because = NULL, copy_score = NULL WHERE url IS NOT NULL"
        )
    rebuild_copies(room.database, NOW, ignore)
    assert room.rows("SELECT id, copy_of, copy_because, copy_score FROM posts ORDER BY id") == before


async def test_a_story_that_falls_apart_keeps_its_id_for_most_of_its_posts(room: PollerRoom) -> None:
    ids = {row[0] for row in room.rows("SELECT id FROM stories")}
    rebuild_stories(room.database, Stories(window=timedelta(hours=1)), NOW, ignore)
    apart = room.rows("SELECT count(*) FROM latest_stories")
    assert apart > [(len(ids),)]
    assert ids <= {row[0] for row in room.rows("SELECT id FROM latest_stories")}
    rebuild_stories(room.database, room.config.stories, NOW, ignore)
    together = {row[0] for row in room.rows("SELECT id FROM latest_stories")}
    assert together == ids
    merged = room.rows("SELECT id, merged_into FROM stories WHERE merged_into IS NOT NULL")
    assert len(merged) == apart[0][0] - len(ids)
    assert {successor for _, successor in merged} <= ids
    assert room.rows("SELECT count(*) FROM posts p JOIN stories s ON s.id = p.story_id WHERE s.merged_into") == [(0,)]
    assert room.rows("SELECT count(*) FROM changes WHERE change = 'merged'") == [(len(merged),)]


async def test_a_story_that_lost_a_post_is_told_as_edited_and_no_other(room: PollerRoom) -> None:
    (left, *_), (joined, title, lead), *_ = room.rows(
        "SELECT id, title, lead_post_id FROM stories WHERE post_count > 2 ORDER BY id"
    )
    [(moved,)] = room.rows(f"SELECT max(id) FROM posts WHERE story_id = {left}")
    members = dict(room.rows(f"SELECT id, {joined} FROM posts WHERE story_id = {joined} OR id = {moved}"))
    head = StoryHead(id=joined, title=title, lead_post_id=lead, language="en", at=NOW, is_new=False)
    [(seq,)] = room.rows("SELECT max(seq) FROM changes")
    for _ in range(2):  # the second time nothing is left to do
        with room.database.write():
            save_group(room.database.conn, head, {each: Membership(joined, "similar", 0.5) for each in members}, NOW)
    assert room.rows(f"SELECT what, row_id, change FROM changes WHERE seq > {seq} ORDER BY what, row_id") == [
        ("post", moved, "moved"), *sorted([("story", joined, "edited"), ("story", left, "edited")])
    ]  # fmt: skip


async def test_a_poll_after_a_rebuild_goes_on_with_the_new_stories(room: PollerRoom) -> None:
    rebuild_stories(room.database, Stories(window=timedelta(hours=1)), NOW, ignore)
    post = article("new", "museum tide clocks report 17", "museum tide clocks in the islands, part 17")
    room.collect.posts(url_of("paper2"), [post])
    await room.poll()  # once more what it said before
    await room.poll()
    [(story_id,)] = room.rows("SELECT story_id FROM posts WHERE title = 'museum tide clocks report 17'")
    assert room.rows(f"SELECT merged_into FROM stories WHERE id = {story_id}") == [(None,)]


async def test_stories_merged_while_a_rebuild_goes_on_stay_merged(room: PollerRoom) -> None:
    [(one, lead), (other, _), *_] = room.rows(
        "SELECT id, lead_post_id FROM stories WHERE merged_into IS NULL ORDER BY id"
    )
    members = [post_id for (post_id,) in room.rows(f"SELECT id FROM posts WHERE story_id = {one}")]
    Editor(room.database, NOW).merge(str(one), str(other))
    head = StoryHead(id=one, title="As it was", lead_post_id=lead, language="en", at=NOW, is_new=False)
    with room.database.write():
        save_group(room.database.conn, head, {each: Membership(one, "similar text", 0.5) for each in members}, NOW)
        save_merged(room.database.conn, other, one, NOW)
    assert room.rows(f"SELECT DISTINCT story_id FROM posts WHERE id IN ({', '.join(map(str, members))})") == [(other,)]
    assert room.rows(f"SELECT id, merged_into FROM stories WHERE id IN ({one}, {other}) ORDER BY id") == [
        (one, other), (other, None)
    ]  # fmt: skip


async def test_a_post_left_in_a_merged_story_stops_no_poll(room: PollerRoom) -> None:
    with room.database.write():
        room.database.conn.execute("UPDATE stories SET merged_into = 1 WHERE id = 2")
    room.poller = room.new_poller()
    room.collect.posts(url_of("paper3"), [article("new", "The harbour crane is repaired")])
    await room.poll()  # once more what it said before
    await room.poll()
    assert room.rows("SELECT count(*) FROM posts WHERE title = 'The harbour crane is repaired'") == [(1,)]


async def test_what_went_while_a_rebuild_goes_on_does_not_come_back(room: PollerRoom) -> None:
    [(story_id, title, lead), *_] = room.rows("SELECT id, title, lead_post_id FROM stories WHERE post_count > 2")
    [(address,)] = room.rows(f"SELECT url FROM posts WHERE id = {lead}")
    head = StoryHead(id=story_id, title=title, lead_post_id=lead, language="en", at=NOW, is_new=False)
    with room.database.write():
        forget(room.database.conn, None, [address], NOW)
        save_words(room.database.conn, [(lead, {"seals": 1.0})])
        save_group(room.database.conn, head, {lead: Membership(story_id, "similar text: seals", 0.5)}, NOW)
    assert room.rows(f"SELECT count(*) FROM stories WHERE lead_post_id = {lead}") == [(0,)]
    assert room.rows(f"SELECT story_because FROM posts WHERE id = {lead}") == [(None,)]
    assert room.rows(f"SELECT count(*) FROM post_words WHERE post_id = {lead}") == [(0,)]


def group(group_id: int, *posts: int) -> Group:
    made = Group(group_id, "", 0, None, NOW, NOW)
    made.members.update(dict.fromkeys(posts, None))  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize(
    ("name", "groups", "story_of", "expected"),
    [
        ("as before", [group(1, 1, 2), group(2, 3)], {1: 10, 2: 10, 3: 11}, {1: 10, 2: 11}),
        ("split: the larger part keeps it", [group(1, 1), group(2, 2, 3)], {1: 10, 2: 10, 3: 10}, {2: 10}),
        ("joined: the larger part's id", [group(1, 1, 2, 3)], {1: 10, 2: 11, 3: 11}, {1: 11}),
        ("posts never grouped", [group(1, 1)], {}, {}),
        ("a tie goes to the older", [group(1, 1, 2)], {1: 10, 2: 11}, {1: 10}),
    ],
)
def test_groups_get_the_ids_of_the_stories_they_continue(
    name: str, groups: list[Group], story_of: dict[int, int], expected: dict[int, int]
) -> None:
    assert match_stories(groups, story_of) == expected, name
