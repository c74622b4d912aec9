"""Of which stories a target is told, once; of which it is told that they have grown; and of which never."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from structlog.testing import capture_logs

from aggregator.engine.rebuild.stories import rebuild_stories
from aggregator.model.outbox import Delivery, QuietHours
from aggregator.model.source import Source
from aggregator.storage.copies.backups import make_backup
from aggregator.storage.copies.restore import restore
from aggregator.storage.corrections import split_by_hand
from aggregator.storage.database import Database
from aggregator.storage.deletions import forget
from aggregator.storage.outbox.targets import begin_target
from aggregator.storage.stories import merge_story
from tests.helpers.outbox_room import DOWN, OLD, TITLE, notify, room_of, told
from tests.helpers.poller_room import url_of

OTHER = "Museum shows clocks that go by the tide"


async def test_what_a_first_poll_brings_is_known_and_what_follows_is_told_once(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify())
    assert room.heard() == []
    await room.poll(gazette=told("storm", "gazette"))
    await room.poll(courier=told("rudder", "courier"))
    await room.poll()
    assert room.heard() == [("m1", [("story", TITLE)])]


async def test_a_target_begins_when_it_is_configured(tmp_path: Path) -> None:
    room = await room_of(tmp_path)
    await room.poll(gazette=told("storm", "gazette"))
    room.use(notify())
    await room.poll(courier=told("rudder", "courier"))  # more of what was there
    assert room.heard() == []
    await room.poll(gazette=told("clocks", "gazette", title=OTHER, text="A museum of clocks was opened at the coast."))
    assert room.heard() == [("m1", [("story", OTHER)])]


async def test_a_target_that_had_the_name_of_a_digest_begins_when_it_is_configured(tmp_path: Path) -> None:
    room = await room_of(tmp_path)
    room.write(lambda conn: begin_target(conn, "desk", room.room.now, "digest"))
    await room.poll(gazette=told("storm", "gazette"))
    room.use(notify())
    await room.poll(
        courier=told("rudder", "courier"),  # more of what was there
        tidings=told("clocks", "tidings", title=OTHER, text="A museum of clocks was opened at the coast."),
    )
    assert room.heard() == [("m1", [("story", OTHER)])]


async def test_a_source_that_is_added_later_brings_nothing_new_at_its_first_poll(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(on=("post",)))
    config = room.room.config
    room.room.config = replace(
        config, sources=(*config.sources, Source(kind="feed", url=url_of("herald"), title="herald"))
    )
    room.room.poller = room.room.new_poller()
    # In the same poll a paper that is read for long has news: these are told.
    await room.poll(
        herald=[told(f"h{each}", "herald", title=f"Herald matter {each}", text=f"Words {each}") for each in range(3)],
        gazette=told("clocks", "gazette", title=OTHER, text="A museum of clocks was opened at the coast."),
    )
    assert [title for _, items in room.heard() for _, title in items] == [OTHER]
    await room.poll(herald=told("h9", "herald", title="Herald news", text="Something came at last."))
    assert [title for _, items in room.heard() for _, title in items] == [OTHER, "Herald news"]


async def test_a_source_that_had_left_the_configuration_has_news_when_it_is_back(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(on=("post",)))
    before = room.room.config
    room.room.config = replace(before, sources=tuple(each for each in before.sources if each.url != url_of("gazette")))
    room.room.poller = room.room.new_poller()
    await room.poll()
    assert ("removed",) in room.rows("SELECT status FROM sources")
    room.room.config = before
    room.room.poller = room.room.new_poller()
    await room.poll(gazette=[OLD["gazette"], told("clocks", "gazette", title=OTHER, text="A museum of clocks opened.")])
    assert [title for _, items in room.heard() for _, title in items] == [OTHER]


async def test_a_story_is_told_when_enough_publishers_have_it(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(min_sources=2))
    await room.poll(gazette=told("storm", "gazette"))
    assert room.heard() == []
    await room.poll(courier=told("rudder", "courier"))
    [message] = room.channel().taken
    assert [(item.kind, item.row["source_count"], len(item.posts), item.told) for item in message.items] == [
        ("story", 2, 2, None)
    ]


async def test_grown_counts_from_what_the_target_was_told_of(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(on=("story", "grown"), grown_by=2))
    await room.poll(gazette=told("storm", "gazette"))
    await room.poll(courier=told("rudder", "courier"))
    assert room.kinds() == ["story"]
    await room.poll(tidings=told("halcyon", "tidings"))
    assert room.kinds() == ["story", "grown"]
    item = room.channel().taken[-1].items[0]
    assert item.told is not None
    assert (item.told.posts, item.told.publishers, len(item.posts), item.row["source_count"]) == (1, 1, 2, 3)
    assert [row["publisher"] for row in item.posts] == ["courier.example", "tidings.example"]
    await room.poll(gazette=told("again", "gazette"))  # the same publisher once more: nobody is added
    assert room.kinds() == ["story", "grown"]


async def test_growth_while_a_message_waits_is_in_it_and_makes_no_second_one(tmp_path: Path) -> None:
    quiet = QuietHours(begin=12 * 60 + 5, end=18 * 60)
    room = await room_of(tmp_path, notify(on=("story", "grown"), grown_by=1, quiet=quiet))
    await room.poll(gazette=told("storm", "gazette"))
    await room.poll(courier=told("rudder", "courier"))
    await room.poll(tidings=told("halcyon", "tidings"))
    room.room.now = room.room.now.replace(hour=18, minute=0)
    await room.look()
    assert room.heard() == [("m1", [("story", TITLE)])]
    assert len(room.channel().taken[0].items[0].posts) == 3


async def test_growth_while_a_message_is_repeated_is_told_when_that_was_taken(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(on=("story", "grown"), grown_by=1))
    await room.poll(gazette=told("storm", "gazette"))
    room.channel().always = DOWN
    await room.poll(courier=told("rudder", "courier"))
    await room.poll(tidings=told("halcyon", "tidings"))
    room.channel().always = Delivery()
    await room.look()
    assert [(number, kinds) for number, [(kinds, _)] in room.heard()] == [
        ("m1", "story"),
        ("m2", "grown"),
        ("m3", "grown"),
    ]
    publishers = [[row["publisher"] for item in each.items for row in item.posts] for each in room.channel().taken]
    assert publishers == [["gazette.example"], ["courier.example"], ["tidings.example"]]


async def test_what_was_given_up_is_not_said_to_have_been_told(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(on=("story", "grown"), grown_by=1))
    room.channel().answers = [Delivery(error="HTTP 422", is_final=True)]
    await room.poll(gazette=told("storm", "gazette"))
    await room.poll(courier=told("rudder", "courier"))
    await room.poll(tidings=told("halcyon", "tidings"))
    items = [item for message in room.channel().taken for item in message.items]
    assert [(item.kind, item.told and item.told.publishers) for item in items] == [("grown", None), ("grown", 1)]


async def test_of_what_was_known_alone_only_growth_is_told(tmp_path: Path) -> None:
    room = await room_of(tmp_path)
    await room.poll(gazette=told("storm", "gazette"))
    room.use(notify(on=("story", "grown"), grown_by=2))
    await room.poll(courier=told("rudder", "courier"))
    assert room.heard() == []
    await room.poll(tidings=told("halcyon", "tidings"))
    assert room.heard() == [("m1", [("grown", TITLE)])]
    assert len(room.channel().taken[0].items[0].posts) == 2


async def test_a_story_that_was_split_or_merged_or_grouped_anew_is_not_told_again(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify())
    await room.poll(gazette=told("storm", "gazette"), courier=told("rudder", "courier"))
    assert room.kinds() == ["story"]
    [(story, second)] = room.rows("SELECT story_id, max(id) FROM posts WHERE title LIKE 'Ferry%' GROUP BY story_id")
    room.write(lambda conn: split_by_hand(conn, story, [second], story + 50, room.room.now))
    assert room.rows(f"SELECT story_id FROM posts WHERE id = {second}") == [(story + 50,)]
    room.room.database.note_change()
    await room.poll(tidings=told("halcyon", "tidings"))
    assert room.kinds() == ["story"]
    room.write(lambda conn: merge_story(conn, story, story + 50, "one event", 1.0, room.room.now))
    room.room.database.note_change()
    await room.poll(tidings=told("rope", "tidings"))
    assert room.kinds() == ["story"]
    rebuild_stories(room.room.database, room.config.stories, room.room.now, lambda *_: None)
    room.room.database.note_change()
    await room.poll(gazette=told("ropes", "gazette"))
    assert room.kinds() == ["story"]


async def test_two_stories_that_wait_and_turn_out_to_be_one_are_told_once(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(digest=timedelta(hours=1)))
    clocks = told("clocks", "courier", title=OTHER, text="Clocks that go by the tide, in a museum.")
    await room.poll(gazette=told("storm", "gazette"), courier=clocks)
    [(first,), (second,)] = room.rows("SELECT row_id FROM outbox ORDER BY id")
    room.write(lambda conn: merge_story(conn, first, second, "one event", 1.0, room.room.now))
    room.room.now += timedelta(hours=1)
    await room.look()
    assert room.kinds() == ["story"]
    assert len(room.channel().taken[0].items[0].posts) == 2
    assert room.rows("SELECT state, row_id FROM outbox") == [("sent", first)]


async def test_what_was_told_as_another_story_meanwhile_is_not_told(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify())
    await room.poll(gazette=told("storm", "gazette"))
    [(told_of,)] = room.rows("SELECT row_id FROM outbox")
    room.channel().always = DOWN
    await room.poll(courier=told("clocks", "courier", title=OTHER, text="Clocks that go by the tide, in a museum."))
    room.write(lambda conn: conn.execute("UPDATE outbox SET message_id = NULL, attempts = 0 WHERE state = 'waiting'"))
    [(waits,)] = room.rows("SELECT row_id FROM outbox WHERE state = 'waiting'")
    room.write(lambda conn: merge_story(conn, waits, told_of, "one event", 1.0, room.room.now))
    room.channel().always = Delivery()
    room.room.now += timedelta(hours=2)
    await room.look()
    assert room.kinds() == ["story"]
    assert room.rows("SELECT state FROM outbox") == [("sent",)]


async def test_what_is_not_wanted_is_not_told(tmp_path: Path) -> None:
    room = await room_of(
        tmp_path,
        notify("topic", topics=("ferries",)),
        notify("words", words="rudder tugs"),
        notify("language", languages=("en-GB",)),
        notify("wide", min_score=0.25),
        notify("no-topic", topics=("museums",)),
        notify("no-words", words="balloon"),
        notify("no-language", languages=("de",)),
    )
    await room.poll(gazette=told("storm", "gazette"))
    await room.poll(courier=told("rudder", "courier"))
    names = [name for name in sorted(room.channels) if room.heard(name)]
    assert names == ["language", "topic", "wide", "words"]
    assert len(room.channel("wide").taken[0].items[0].posts) == 2


async def test_what_was_forgotten_before_it_was_sent_is_left_out(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(digest=timedelta(hours=1)))
    await room.poll(gazette=told("storm", "gazette"), courier=told("clocks", "courier", title=OTHER, text="Clocks."))
    assert room.heard() == []
    room.write(lambda conn: forget(conn, None, ["https://courier.example/clocks"], room.room.now))
    room.room.now += timedelta(hours=1)
    await room.look()
    assert room.heard() == [("m1", [("story", TITLE)])]
    assert room.rows("SELECT count(*) FROM outbox WHERE state = 'waiting'") == [(0,)]
    assert room.rows("PRAGMA foreign_key_check") == []


async def test_a_log_that_was_pruned_is_not_gone_through_and_that_is_said(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify())
    room.write(lambda conn: conn.execute("UPDATE consumers SET seq = 1 WHERE name = 'notify:desk'"))
    room.write(lambda conn: conn.execute("DELETE FROM changes WHERE seq < 5"))
    with capture_logs() as logs:
        await room.poll(gazette=told("storm", "gazette"))
        assert room.heard() == []
        await room.poll(courier=told("clocks", "courier", title=OTHER, text="Clocks that go by the tide, in a museum."))
    assert room.heard() == [("m1", [("story", OTHER)])]
    assert [log["event"] for log in logs if log["log_level"] == "warning"] == [
        "changes are not kept any more that were not told of; it goes on with the newest"
    ]


async def test_a_backup_that_is_put_back_goes_on_from_what_was_told_then(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(digest=timedelta(hours=1)))
    await room.poll(gazette=told("storm", "gazette"))  # it waits
    made = make_backup(room.room.database.path, tmp_path / "backups", room.room.now, keep=1)
    clocks = told("clocks", "courier", title=OTHER, text="Clocks that go by the tide, in a museum.")
    await room.poll(courier=clocks)
    room.room.now += timedelta(hours=1)
    await room.look()
    assert [len(items) for _, items in room.heard()] == [2]
    room.room.database.close()
    restore(made, room.room.database.path, room.room.now)
    room.room.database = Database(room.room.database.path)
    room.room.poller = room.room.new_poller()
    room.begin()
    await room.poll(courier=clocks)  # the source has it still
    room.room.now += timedelta(hours=1)
    await room.look()
    assert [title for _, items in room.heard()[1:] for _, title in items] == [TITLE, OTHER]
