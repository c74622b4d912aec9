"""Digests of a running program: in time, once, as a file and as a mail by a real server, whatever happens between."""

from __future__ import annotations

import asyncio
import email.policy
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from aggregator.engine.outbox.channels.smtp import MailServer
from aggregator.engine.outbox.digests.desk import DigestDesk
from aggregator.engine.outbox.digests.making import taker_of
from aggregator.engine.outbox.stopping import cut_off
from aggregator.model.outbox import Digest, Mail
from aggregator.model.settings import Config
from tests.helpers.digest_room import DAY, MUSEUM, RUDDER, DigestRoom
from tests.helpers.smtp_server import MailDesk, mail_server

FERRY, CLOCKS = "Ferry loses rudder in storm", "Museum of tide clocks opens"
ANN, BEN = "ann@example.org", "ben@example.org"


class Room(DigestRoom):
    """A daemon's digests, without the daemon. It is tomorrow, and two stories came."""

    def __init__(self, folder: Path, post: MailDesk, trust: ssl.SSLContext) -> None:
        super().__init__(folder)
        self.folder, self.post, self.trust = folder, post, trust
        mail = Mail(to=(ANN, BEN), sender="Harbour News <news@example.org>", server="127.0.0.1", port=post.port)
        self.digest = replace(self.digest, mail=mail, path=str(folder / "digests"))
        self.desk = self.started()

    def started(self) -> DigestDesk:
        """As after a start of the program."""
        self.stop = asyncio.Event()
        self.desk = DigestDesk(
            self.database, self.stop, clock=lambda: self.now, dice=lambda: 0.5,
            server=lambda mail: MailServer(mail, lambda: self.trust),
        )  # fmt: skip
        self.use(self.digest)
        return self.desk

    def use(self, digest: Digest) -> None:
        self.digest = digest
        self.desk.use(Config(digests=(digest,), publish=self.publish))

    def at(self, clock: str) -> None:
        """The next time that it is so late, in UTC."""
        hour, minute = map(int, clock.split(":"))
        then = self.now.replace(hour=hour, minute=minute)
        self.now = then if then > self.now else then + DAY

    async def works(self) -> None:
        """What is due is done."""
        if self.desk.is_due():
            await self.desk.go_on()
        await self.ends(timedelta(seconds=20))

    async def ends(self, patience: timedelta) -> None:
        """What is under way ends, or is cut off."""
        await cut_off(self.desk.tasks, patience)
        self.desk.collect()

    def row(self) -> tuple[object, ...]:
        [found] = self.rows("SELECT state, attempts, times, error FROM outbox ORDER BY id LIMIT 1")
        return found

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "digests").glob("*")) if self.digest.path else []


@pytest.fixture
def post(tmp_path: Path) -> Iterator[tuple[MailDesk, ssl.SSLContext]]:
    desk = MailDesk()
    with mail_server(desk, tmp_path) as trust:
        yield desk, trust


@pytest.fixture
async def room(tmp_path: Path, post: tuple[MailDesk, ssl.SSLContext]) -> AsyncIterator[Room]:
    made = Room(tmp_path, *post)
    await made.begins()
    await made.tells(FERRY, RUDDER, "gazette", "courier")
    await made.tells(CLOCKS, MUSEUM, "gazette")
    yield made
    made.close()


async def test_at_its_time_each_reader_has_a_mail_of_their_own_and_there_are_files(room: Room) -> None:
    room.at("04:59")  # 06:59 in Berlin
    await room.works()
    assert (room.post.taken, room.files()) == ([], [])
    room.at("05:00")
    await room.works()
    assert [taken.to for taken in room.post.taken] == [[ANN], [BEN]]
    assert [taken.message["To"] for taken in room.post.taken] == [ANN, BEN]
    assert room.files() == ["breakfast-2026-05-05.html", "breakfast-2026-05-05.txt"]
    assert room.row() == ("sent", 1, 1, None)
    await room.works()
    assert len(room.post.taken) == 2


async def test_the_mail_says_what_it_is(room: Room) -> None:
    room.use(replace(room.digest, mail=replace(room.digest.mail, unsubscribe="https://news.example/leave")))  # type: ignore[type-var]
    room.at("05:00")
    await room.works()
    message = room.post.taken[0].message
    its_id = message["Message-ID"]
    assert its_id.startswith("<20260505.breakfast.") and its_id.endswith("@example.org>")
    assert message["References"] == message["In-Reply-To"] == f"<day.{its_id[1:]}"
    assert message["Subject"] == f"breakfast, Tuesday 5 May 2026: {FERRY}"
    assert (message["From"], message["List-Id"]) == (
        "Harbour News <news@example.org>", '"breakfast" <breakfast.example.org>',
    )  # fmt: skip
    assert message["List-Unsubscribe"] == "<https://news.example/leave>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (message["Auto-Submitted"], message["Content-Language"]) == ("auto-generated", "en")
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().replace("\r\n", "\n") == (room.folder / "digests" / "breakfast-2026-05-05.txt").read_text(
        "utf-8"
    )
    assert FERRY in html.get_content()
    assert max(map(len, room.post.taken[0].data.split(b"\r\n"))) <= 78


async def test_one_that_waits_is_tried_again_also_where_another_is_far_off(room: Room) -> None:
    room.post.answers = {ANN: ["451 later", "250 fine"]}
    other = replace(room.digest, name="evening", at=20 * 60, mail=None)
    room.desk.use(Config(digests=(room.digest, other), publish=room.publish))
    room.at("05:00")
    await room.desk.go_on()
    await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()}, timeout=20)  # type: ignore[arg-type]
    for _ in range(2):  # to see that it failed, and to try again
        room.now += timedelta(minutes=2)
        await room.works()
    assert sorted(room.post.readers()) == [ANN, BEN]


async def test_an_unsubscribe_by_mail_is_no_one_click(room: Room) -> None:
    room.use(replace(room.digest, mail=replace(room.digest.mail, unsubscribe="mailto:leave@example.org")))  # type: ignore[type-var]
    room.at("05:00")
    await room.works()
    message = room.post.taken[0].message
    assert (message["List-Unsubscribe"], message["List-Unsubscribe-Post"]) == ("<mailto:leave@example.org>", None)


async def test_a_title_puts_nothing_into_the_head(room: Room) -> None:
    with room.database.write():
        room.database.conn.execute(
            "UPDATE stories SET title = ?, given_title = ? WHERE title = ?",
            (hostile := "A ferry\r\nBcc: all@example.org\r\n\r\n<b>x</b>", hostile, FERRY),
        )
    room.at("05:00")
    await room.works()
    [first, _] = [message_from_bytes(taken.data, policy=email.policy.default) for taken in room.post.taken]
    assert first["Bcc"] is None
    assert first["Subject"] == "breakfast, Tuesday 5 May 2026: A ferry Bcc: all@example.org <b>x</b>"


async def test_a_day_without_news_has_neither(room: Room) -> None:
    room.at("05:00")
    await room.works()
    with capture_logs() as logs:
        room.at("05:00")
        await room.works()
    assert len(room.post.taken) == 2
    assert len(room.files()) == 2
    assert [log["event"] for log in logs] == ["no news for a digest"]


async def test_a_file_alone_needs_no_mail(room: Room) -> None:
    room.use(replace(room.digest, mail=None))
    room.at("05:00")
    await room.works()
    assert (room.post.said, len(room.files())) == ([], 2)


async def test_a_program_that_was_down_makes_it_when_it_starts_on_that_day_and_not_on_the_next(room: Room) -> None:
    room.at("20:00")
    room.at("20:00")
    room.started()
    await room.works()
    assert room.files()[0] == "breakfast-2026-05-05.html"
    room.now += timedelta(days=2, hours=4)  # 02:00 in Berlin, two days later: those days are over
    await room.tells(CLOCKS, MUSEUM, "courier")
    room.started()
    await room.works()
    assert len(room.files()) == 2


async def test_who_has_it_is_not_sent_it_again_when_another_one_has_to_wait(room: Room) -> None:
    room.post.answers = {BEN: ["451 not now", "250 fine"]}
    room.at("05:00")
    await room.works()
    assert room.post.readers() == [ANN]
    assert room.row() == ("waiting", 1, 0, "451 not now")
    room.now += timedelta(seconds=50)
    await room.works()
    assert room.post.readers() == [ANN]
    room.now += timedelta(seconds=30)
    await room.works()
    assert room.post.readers() == [ANN, BEN]
    assert room.post.taken[0].message["Message-ID"] == room.post.taken[1].message["Message-ID"]
    assert room.row() == ("sent", 2, 1, None)


async def test_who_refuses_it_for_good_is_told_of_and_the_others_have_it(room: Room) -> None:
    room.post.answers = {ANN: ["550 no such user"]}
    room.at("05:00")
    with capture_logs() as logs:
        await room.works()
    assert room.post.readers() == [BEN]
    assert room.row() == ("sent", 1, 1, "refused by 1 of 3: 550 no such user")
    assert [log["reader"] for log in logs if log["log_level"] == "error"] == [ANN]
    assert [(log["mails"], log["files"]) for log in logs if log["event"] == "a digest was sent"] == [(1, 1)]
    room.now += timedelta(hours=3)
    await room.works()
    assert room.post.readers() == [BEN]


async def test_killed_between_a_yes_and_the_note_of_it_it_is_the_same_mail_to_that_one_alone(room: Room) -> None:
    room.at("05:00")
    await room.works()
    first = room.post.taken[1].message["Message-ID"]
    with room.database.write():  # as it was when Ann's was noted and Ben's was not
        room.database.conn.execute("DELETE FROM outbox_handed WHERE taker = ?", (taker_of(BEN),))
        room.database.conn.execute("UPDATE outbox SET state = 'waiting', sent_at = NULL, times = 0")
    await room.tells("Pilots strike in Marlow harbour", "No ship left the harbour today.", "tidings")
    room.started()
    await room.works()
    assert room.post.readers() == [ANN, BEN, BEN]
    assert room.post.taken[2].message["Message-ID"] == first
    assert "Pilots" not in str(room.post.taken[2].message)


async def test_a_server_that_is_away_is_asked_again_and_given_up_after_three_days(room: Room) -> None:
    assert room.digest.mail
    room.use(replace(room.digest, mail=replace(room.digest.mail, port=1)))
    room.at("05:00")
    begun = room.now
    pauses: list[timedelta] = []
    while not pauses or room.row()[0] == "waiting":
        await room.works()
        [waits] = room.rows("SELECT not_before FROM outbox_targets")
        before, room.now = room.now, max(datetime.fromisoformat(waits[0]), room.now)
        pauses.append(room.now - before)
    assert pauses[:8] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16, 32, 60, 60)]
    assert timedelta(days=3) <= room.now - begun <= timedelta(days=3, hours=2)
    state, attempts, times, error = room.row()
    assert (state, times, error) == ("failed", 0, "127.0.0.1:1 can't be reached: connection refused")
    assert isinstance(attempts, int) and attempts > 70
    assert len(room.files()) == 2  # they are there all the same


async def test_a_folder_that_can_not_be_written_holds_up_no_mail(room: Room) -> None:
    (room.folder / "digests").write_text("in the way")
    room.at("05:00")
    await room.works()
    assert room.post.readers() == [ANN, BEN]
    state, _, _, error = room.row()
    assert state == "waiting" and "can't be written" in str(error)


async def test_no_address_stands_in_the_database(room: Room) -> None:
    room.post.answers = {ANN: ["550 no such user"]}
    room.at("05:00")
    await room.works()
    dump = "\n".join(room.database.conn.iterdump())
    assert ANN not in dump and BEN not in dump


async def test_what_went_meanwhile_is_in_none_and_where_nothing_is_left_there_is_none(room: Room) -> None:
    assert room.digest.mail
    room.use(replace(room.digest, path=None, mail=replace(room.digest.mail, port=1)))
    room.at("05:00")
    await room.works()
    with room.database.write():
        room.database.conn.execute("UPDATE posts SET gone_at = '2026-05-05T05:00:30Z'")
    room.now += timedelta(hours=1)
    await room.works()
    assert room.row()[0] == "sent" and room.row()[2] == 0


async def test_a_stop_waits_for_no_answer_of_a_mail_server_and_nobody_else_speaks_in_that_session(room: Room) -> None:
    room.post.hold = threading.Event()
    room.at("05:00")
    await room.desk.go_on()
    await asyncio.to_thread(room.post.has_one.wait, 10)
    said = len(room.post.said)
    await asyncio.wait_for(room.ends(timedelta(0)), 10)
    assert room.row()[0] == "waiting"
    assert room.post.said[said:] == []
    room.post.hold.set()  # the answer, of which nobody hears
    await asyncio.to_thread(room.post.is_left.wait, 10)
    assert [each.upper() for each in room.post.said[said:]] == ["QUIT"]
    assert room.post.readers() == [ANN]
    room.post.hold = None
    room.started()
    await room.works()
    assert room.post.readers() == [ANN, ANN, BEN]
    first, again, _ = room.post.taken
    assert first.message["Message-ID"] == again.message["Message-ID"]
