"""Which sources a target is told of: those that died since it began, and that are back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from aggregator.model.outbox import Delivery
from tests.helpers.outbox_room import OLD, OutboxRoom, notify

ON = {"on": ("source",), "dead_after": timedelta(days=3)}
_POLL = "INSERT INTO polls (source_id, started_at, duration_ms, outcome, bytes_read, entries, new, edited, copies) "


class Sources(OutboxRoom):
    """Papers whose polls go as the test says."""

    def polled(self, source: int, outcome: str, *, days: float = 0) -> None:
        """A poll of a source, so many days later."""
        self.room.now += timedelta(days=days)
        at = f"{self.room.now:%Y-%m-%dT%H:%M:%SZ}"
        well = outcome == "ok"
        sql = (
            "UPDATE sources SET status = 'ok', failures = 0, last_success_at = ? WHERE id = ?"
            if well
            else "UPDATE sources SET status = 'failing', failures = failures + 1, last_poll_at = ? WHERE id = ?"
        )
        self.write(lambda conn: conn.execute(sql, (at, source)))
        self.write(lambda conn: conn.execute(f"{_POLL} VALUES (?, ?, 1, ?, 0, 0, 0, 0, 0)", (source, at, outcome)))

    async def news(self) -> list[tuple[str, str]]:
        """What was told by now, with the names of the sources."""
        self.room.now += timedelta(minutes=2)
        await self.look()
        return [item for _, items in self.heard() for item in items]


async def room_of(folder: Path, **values: object) -> Sources:
    room = Sources(folder, notify(**{**ON, **values}))
    await room.poll(**OLD)
    return room


async def test_a_source_that_fails_for_three_days_has_died_and_is_back_when_it_works_again(tmp_path: Path) -> None:
    room = await room_of(tmp_path)
    room.polled(1, "failed", days=1)
    room.polled(1, "failed", days=2)
    assert await room.news() == []
    room.polled(1, "failed", days=1)
    assert await room.news() == [("died", "gazette")]
    room.polled(1, "failed", days=5)
    assert await room.news() == [("died", "gazette")]
    room.polled(1, "ok", days=1)
    assert await room.news() == [("died", "gazette"), ("back", "gazette")]
    assert (await room.news())[2:] == []
    for _ in range(3):
        room.polled(1, "failed", days=2)
    assert await room.news() == [("died", "gazette"), ("back", "gazette"), ("died", "gazette")]


async def test_a_daemon_that_was_stopped_for_a_week_declares_nobody_dead(tmp_path: Path) -> None:
    room = await room_of(tmp_path)
    room.polled(1, "failed", days=7)
    room.polled(1, "failed", days=0.1)
    assert await room.news() == []
    room.polled(1, "failed", days=3)
    assert await room.news() == [("died", "gazette")]


async def test_an_outage_of_our_own_kills_nobody(tmp_path: Path) -> None:
    room = await room_of(tmp_path)
    begun = f"{room.room.now:%Y-%m-%dT%H:%M:%SZ}"
    room.write(
        lambda conn: conn.execute("INSERT INTO outages (began_at, tried_at, detail) VALUES (?1, ?1, 'x')", (begun,))
    )
    for _ in range(5):
        room.polled(1, "failed", days=1)
    assert await room.news() == []
    ended = f"{room.room.now:%Y-%m-%dT%H:%M:%SZ}"
    room.write(lambda conn: conn.execute("UPDATE outages SET ended_at = ?", (ended,)))
    room.polled(1, "failed", days=0.1)
    assert await room.news() == []
    room.polled(1, "failed", days=3)
    assert await room.news() == [("died", "gazette")]


async def test_what_was_dead_when_the_target_began_is_known(tmp_path: Path) -> None:
    room = Sources(tmp_path)
    await room.poll(**OLD)
    for _ in range(3):
        room.polled(1, "failed", days=2)
    room.use(notify(**ON))
    assert await room.news() == []
    room.polled(1, "ok", days=1)
    assert await room.news() == []  # it was not told that it had died
    for _ in range(3):
        room.polled(1, "failed", days=2)
    assert await room.news() == [("died", "gazette")]


async def test_a_source_that_is_back_before_it_was_told_is_not_told_of(tmp_path: Path) -> None:
    room = await room_of(tmp_path, digest=timedelta(hours=12))
    for _ in range(3):
        room.polled(1, "failed", days=2)
    assert await room.news() == []
    room.polled(1, "ok", days=0.1)
    room.room.now += timedelta(days=1)
    assert await room.news() == []
    assert room.rows("SELECT count(*) FROM outbox") == [(0,)]


async def test_a_source_that_is_back_before_it_was_told_again_is_not_told_of(tmp_path: Path) -> None:
    room = await room_of(tmp_path, digest=timedelta(hours=12))
    heard = []
    for state in ("failed", "ok"):
        for _ in range(3):
            room.polled(1, state, days=2)
        await room.news()
        room.room.now += timedelta(days=1)
        heard = await room.news()
    assert heard == [("died", "gazette"), ("back", "gazette")]
    for _ in range(3):
        room.polled(1, "failed", days=2)
    await room.news()
    room.polled(1, "ok", days=0.1)
    for _ in range(3):
        room.room.now += timedelta(days=1)
        assert await room.news() == heard


async def test_a_source_that_dies_again_is_told_of_though_the_first_message_was_given_up(tmp_path: Path) -> None:
    room = await room_of(tmp_path)
    room.channel().answers = [Delivery(error="HTTP 400", is_final=True)]
    for state in ("failed", "ok", "failed"):
        for _ in range(3):
            room.polled(1, state, days=2)
        heard = await room.news()
    assert heard == [("died", "gazette")]
    assert room.rows("SELECT state, times FROM outbox") == [("sent", 1)]
