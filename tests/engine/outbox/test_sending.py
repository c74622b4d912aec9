"""What becomes of a message: in which order, when again, when given up; grouping and quiet hours."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest

from aggregator.engine.log import configure
from aggregator.engine.outbox.outbox import Outbox
from aggregator.model.outbox import Delivery, QuietHours
from aggregator.model.settings import Logging, Publish
from aggregator.storage.outbox.listing import stuck_targets
from aggregator.storage.outbox.taking import retry
from tests.helpers.outbox_room import DOWN, notify, room_of, told

WORDS = ("ferry rudder storm tugs", "museum clocks tide coast", "bakers night tariff oven", "harbour crane accident",
         "library roof leak books", "bridge paint blue council")  # fmt: skip


def matters(*numbers: int) -> list[object]:
    """Posts about different things, of one paper."""
    return [
        told(f"m{n}", "gazette", title=f"{WORDS[n % 6].title()} {n}", text=f"{WORDS[n % 6]} part {n} of {n * 7919}")
        for n in numbers
    ]


async def test_each_thing_is_a_message_of_its_own_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(on=("post",)))
    await room.poll(gazette=matters(0, 1, 2, 3, 4))
    assert [len(items) for _, items in room.heard()] == [1] * 5
    assert [each.id for each in room.channel().taken] == ["m1", "m2", "m3", "m4", "m5"]


async def test_a_repetition_has_the_same_id_and_the_same_rows(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(on=("post",)))
    room.channel().answers = [DOWN]
    await room.poll(gazette=matters(0))
    await room.poll(gazette=matters(1))
    asked = room.channel().asked
    assert [message.id for message in asked] == ["m1", "m1", "m2"]
    assert [[item.row["id"] for item in message.items] for message in asked] == [[4], [4], [5]]
    assert room.rows("SELECT state, attempts, times, error FROM outbox") == [("sent", 2, 1, None), ("sent", 1, 1, None)]


async def test_a_target_that_is_down_is_tried_less_and_less_often_and_what_gathers_comes_together(
    tmp_path: Path,
) -> None:
    room = await room_of(tmp_path, notify(on=("post",)))
    room.channel().always = DOWN
    await room.poll(gazette=matters(0, 1, 2, 3, 4))
    begun = room.room.now
    for _ in range(300):
        await room.look()
        room.room.now += timedelta(minutes=1)
    waits = [message.at - before.at for before, message in pairwise(room.channel().asked)]
    assert [round(wait.total_seconds() / 60) for wait in waits] == [15, 2, 4, 8, 16, 32, 60, 60, 60]
    assert {message.id for message in room.channel().asked} == {"m1"}
    room.channel().always = Delivery()
    room.room.now = begun + timedelta(hours=9)
    await room.look()
    assert [len(items) for _, items in room.heard()] == [1, 4]
    assert room.rows("SELECT failures, not_before, last_error FROM outbox_targets") == [(0, None, None)]


async def test_the_log_says_when_it_is_tried_again_as_it_says_other_times(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    room = await room_of(tmp_path, notify(on=("post",)))
    room.channel().always = DOWN
    await room.poll(gazette=matters(0))
    assert re.search(r"again_at=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", capsys.readouterr().out)


async def test_a_target_that_asks_for_time_gets_it(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(on=("post",)))
    room.channel().answers = [Delivery(error="HTTP 429", retry_at=room.room.now + timedelta(hours=2))]
    await room.poll(gazette=matters(0))
    assert len(room.channel().asked) == 1
    for _ in range(7):
        await room.look()
        room.room.now += timedelta(minutes=15)
    assert len(room.channel().asked) == 1
    await room.look()
    assert len(room.channel().taken) == 1


async def test_what_is_refused_for_good_is_kept_and_said_once_and_the_others_go_on(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    room = await room_of(tmp_path, notify(on=("post",)))
    room.channel().answers = [Delivery(error="HTTP 422: no such field", is_final=True)]
    await room.poll(gazette=matters(0, 1))
    assert [each.id for each in room.channel().taken] == ["m2"]
    assert room.rows("SELECT state, error FROM outbox ORDER BY id") == [
        ("failed", "HTTP 422: no such field"), ("sent", None)
    ]  # fmt: skip
    await room.poll()
    assert capsys.readouterr().out.count("a message was given up") == 1
    room.write(lambda conn: retry(conn, room.room.now, "desk"))
    await room.look()
    assert [each.id for each in room.channel().taken] == ["m2", "m1"]


async def test_after_three_days_of_trying_a_message_is_given_up_and_the_next_is_tried(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(on=("post",)))
    room.channel().always = DOWN
    await room.poll(gazette=matters(0, 1))
    for _ in range(100):
        room.room.now += timedelta(hours=1, minutes=16)
        await room.look()
        if room.rows("SELECT 1 FROM outbox WHERE state = 'failed'"):
            break
    [(tried,)] = room.rows("SELECT count(*) FROM outbox WHERE state = 'failed'")
    assert tried == 1
    assert timedelta(days=3) <= room.channel().asked[-2].at - room.channel().asked[0].at <= timedelta(days=3, hours=3)
    assert [each.id for each in room.channel().asked[-2:]] == ["m1", "m2"]


async def test_one_message_for_all_of_an_hour(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(on=("post",), digest=timedelta(hours=1)))
    await room.poll(gazette=matters(0))
    await room.poll(gazette=matters(1))
    await room.poll(gazette=matters(2))
    assert not room.outbox.is_due() and room.heard() == []
    await room.poll(gazette=matters(3))
    assert room.outbox.is_due()  # an hour after the first
    await room.look()
    assert [len(items) for _, items in room.heard()] == [4]


async def test_a_message_has_room_for_fifty_and_counts_the_rest(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(on=("post",), digest=timedelta(hours=1)))
    await room.poll(gazette=matters(*range(57)))
    room.room.now += timedelta(hours=1)
    await room.look()
    [message] = room.channel().taken
    [(waiting,)] = room.rows("SELECT count(*) FROM outbox WHERE state = 'waiting'")
    assert (len(message.items), message.left_out, waiting) == (
        50,
        room.rows("SELECT count(*) FROM outbox")[0][0] - 50,
        0,
    )
    assert message.left_out > 0


async def test_nothing_is_sent_in_quiet_hours_and_what_came_in_them_follows_as_one(tmp_path: Path) -> None:
    quiet = QuietHours(begin=12 * 60 + 20, end=18 * 60)  # the clock says 12:15 after the first poll
    room = await room_of(tmp_path, notify(on=("post",), quiet=quiet))
    await room.poll(gazette=matters(0))
    assert len(room.heard()) == 1
    for number in range(1, 6):
        await room.poll(gazette=matters(number))
    assert len(room.heard()) == 1
    assert not room.outbox.is_due()
    room.room.now = room.room.now.replace(hour=18, minute=0)
    assert room.outbox.is_due()
    await room.look()
    assert [len(items) for _, items in room.heard()] == [1, 5]


async def test_a_repetition_waits_for_the_end_of_quiet_hours_too(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(on=("post",), quiet=QuietHours(begin=12 * 60 + 20, end=18 * 60)))
    room.channel().answers = [DOWN]
    await room.poll(gazette=matters(0))
    for _ in range(4):
        await room.poll()
    assert len(room.channel().asked) == 1
    assert not room.outbox.is_due()
    room.room.now = room.room.now.replace(hour=18, minute=1)
    await room.look()
    assert [message.id for message in room.channel().asked] == ["m1", "m1"]


@pytest.mark.parametrize(("back", "is_sent"), [(timedelta(days=300), True), (timedelta(hours=20), False)])
async def test_what_was_noted_by_a_clock_that_was_ahead_does_not_wait_for_that_time(
    tmp_path: Path, back: timedelta, is_sent: bool
) -> None:
    room = await room_of(tmp_path, notify(on=("post",), digest=timedelta(hours=1)), notify("down", on=("post",)))
    room.channel("down").answers = [DOWN]
    room.room.now += timedelta(days=300)
    await room.poll(gazette=matters(0))
    room.room.now -= back
    room.begin()  # the daemon is started anew, and knows of no other clock
    await room.look()
    assert (len(room.heard()), len(room.heard("down"))) == (is_sent, is_sent)


async def test_a_slow_target_holds_up_no_other(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify("slow", on=("post",)), notify("quick", on=("post",)))
    room.channel("slow").hold = asyncio.Event()
    await_poll = asyncio.create_task(room.poll(gazette=matters(0, 1)))
    await room.channel("slow").arrived.wait()
    while len(room.channel("quick").taken) < 2:
        await asyncio.sleep(0)
    assert len(room.channel("slow").asked) == 1
    room.channel("slow").hold.set()
    await await_poll
    assert len(room.channel("slow").taken) == 2


async def test_what_was_begun_when_the_program_ended_is_sent_again_as_the_same_message(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(on=("post",)))
    room.channel().hold = asyncio.Event()
    await_poll = asyncio.create_task(room.poll(gazette=matters(0)))
    await room.channel().arrived.wait()
    await_poll.cancel()
    await room.outbox.finish(timedelta(0))  # cut off: the answer is lost
    assert room.rows("SELECT state, message_id, attempts FROM outbox") == [("waiting", "m1", 1)]
    room.channel().hold = None
    room.begin()
    await room.look()
    assert [message.id for message in room.channel().asked] == ["m1", "m1"]
    assert room.rows("SELECT state, times FROM outbox") == [("sent", 1)]


async def test_while_nothing_waits_nothing_is_asked_of_the_database(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(on=("post",)))
    asked: list[str] = []
    room.room.database.conn.set_trace_callback(asked.append)
    assert not any(room.outbox.is_due() for _ in range(100))
    assert asked == []


async def test_a_target_that_left_the_configuration_is_told_nothing_and_goes_on_when_it_is_back(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(on=("post",)))
    room.use()
    await room.poll(gazette=matters(0))
    assert room.heard() == []
    room.use(notify(on=("post",)))
    await room.look()
    assert len(room.heard()) == 1


async def test_a_target_in_trouble_that_left_the_configuration_is_no_trouble_any_more(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(on=("post",)), notify("other", on=("post",)))
    room.channel().always = room.channel("other").always = DOWN
    await room.poll(gazette=matters(0))
    room.room.now += timedelta(hours=2)
    room.use(notify("other", on=("post",)))
    stuck = stuck_targets(room.room.database.conn, room.room.now, timedelta(hours=1))
    assert [name for name, *_ in stuck] == ["other"]
    assert room.rows("SELECT target, state FROM outbox ORDER BY target") == [("desk", "waiting"), ("other", "waiting")]


@pytest.mark.parametrize("form", ["pretty", "json"])
async def test_a_bug_in_a_message_is_a_failure_like_any_other(tmp_path: Path, form: Literal["pretty", "json"]) -> None:
    class Broken:
        async def send(self, message: object, now: object) -> Delivery:
            url = "https://hooks.example/" + "s3cr3t"
            raise RuntimeError(f"no such thing: {url}")

    said = StringIO()
    configure(Logging(format=form), said)

    room = await room_of(tmp_path, notify(on=("post",)))
    room.outbox = Outbox(room.room.database, room.stop, clock=lambda: room.room.now, channel_of=lambda *_: Broken())
    room.outbox.use(room.config)
    await room.poll(gazette=matters(0))
    assert room.rows("SELECT state, error FROM outbox") == [("waiting", "a bug: RuntimeError")]
    assert "RuntimeError" in said.getvalue() and ", in send" in said.getvalue()
    assert "s3cr3t" not in said.getvalue()


async def test_messages_are_in_the_words_of_the_templates_of_the_site(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify(on=("post",)))
    await room.poll(gazette=matters(0))
    room.use(notify(on=("post",)), publish=Publish(templates=tmp_path / "own"))
    await room.poll(gazette=matters(1))
    assert [message.words for message in room.channel().taken] == [None, str(tmp_path / "own" / "words")]
