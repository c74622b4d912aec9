"""Is each story told once, whatever dies meanwhile? `python -m benchmarks.soak.outbox [--kills 20] [--seed 7]`

A paper has new stories each time that the daemon starts, and a webhook is told of them. The webhook fails at random:
500 before it took a message, 500 after it took it, a connection cut before the answer, an answer that takes its time.
The daemon is killed (`kill -9`) while it waits for the answer, before or after the webhook took the message, when the
answer has just been given, or at any other moment, so many times.

Promised: no story is missed; each is told in one message alone; who gets a message twice sees it by its id, and that is
so only where the answer was lost, once for each loss. The webhook loses no answer of a message twice.

After a failure a target is left in peace for a minute and more: here that pause is set back in the file, so that a run
takes a minute and not hours.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from aiohttp import web

from benchmarks.soak.room import pause, told, verdict
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer, Raw, Request
from tests.helpers.program import EVERY_SECOND, Program

_LETTERS = "aeioubdfgklmnprst"
# In seconds: how long a life lasts that ends at any time, behind the first message; and the longest of all.
_SHORTEST_LIFE, _LONGER_LIFE, _LONGEST_LIFE, _LAST_PATIENCE = 0.0, 1.5, 15.0, 60.0
_UNKIND = 15.0

# What the webhook does, of a hundred messages.
ANSWERS = {"well": 50, "slow": 14, "500 before": 14, "500 after": 12, "cut": 10}
KILLS = {"before taking": 25, "after taking": 30, "after the answer": 25, "any time": 20}


@dataclass(slots=True)
class Paper:
    """A feed whose stories are as different as random words can be."""

    dice: random.Random
    entries: list[str] = field(default_factory=list)

    def publish(self, count: int) -> None:
        """So many more stories."""
        for _ in range(count):
            number = len(self.entries)
            words = ["".join(self.dice.choices(_LETTERS, k=self.dice.randint(8, 14))) for _ in range(30)]
            date = format_datetime(datetime.now(UTC))
            self.entries.append(
                item(" ".join(words[:6]).capitalize(), f"https://paper.example/{number}", " ".join(words), date)
            )

    def document(self) -> web.Response:
        """The feed as it is now."""
        return web.Response(text=rss("Paper", *reversed(self.entries)), content_type="application/rss+xml")


@dataclass(slots=True)
class Hook:
    """The webhook, and what came to it. `taken`: of each story the ids of the messages that told of it, as often as
    they were taken; `lost`: messages whose answer did not arrive; `killed`: how the daemon was killed."""

    dice: random.Random
    taken: defaultdict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    lost: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    pid: int | None = None
    next_kill: str | None = None
    requests_left: int = 0
    is_kind: bool = False
    is_held: bool = False

    def take(self, message: dict[str, object]) -> None:
        """It is told."""
        for each in message["items"]:  # type: ignore[attr-defined]
            self.taken[each["story"]["id"] if "story" in each else each["row"]["id"]].append(str(message["id"]))

    def kill(self, how: str) -> None:
        """End the daemon, now."""
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self.killed[how] += 1
            self.pid = None

    def answer(self, request: Request) -> web.Response | Raw:
        """What a message gets."""
        message = json.loads(request.body)
        message_id = str(message["id"])
        if self.is_held or self.pid is None:  # it is dying
            return Raw(is_reset=True)
        self.requests_left -= 1
        if self.next_kill and self.requests_left <= 0:
            return self._kill_now(message_id, message)
        return self._answer(message_id, message)

    def _kill_now(self, message_id: str, message: dict[str, object]) -> web.Response | Raw:
        how, self.next_kill = self.next_kill or "", None
        if how == "before taking" or message_id in self.lost:
            self.kill("before taking")
            return Raw(is_reset=True)
        self.take(message)
        self.lost.add(message_id)
        if how == "after taking":
            self.kill(how)
            return Raw(is_reset=True)
        dies_at = time.monotonic() + self.dice.uniform(0, 0.004)
        while time.monotonic() < dies_at:
            pass
        self.kill("after the answer")
        return web.Response(status=204)

    def _answer(self, message_id: str, message: dict[str, object]) -> web.Response | Raw:
        how = "well" if self.is_kind else self.dice.choices([*ANSWERS], [*ANSWERS.values()])[0]
        if how in ("500 after", "cut") and message_id in self.lost:
            how = "well"  # once is enough
        self.answers[how] += 1
        if how == "500 before":
            return web.Response(status=500)
        self.take(message)
        if how in ("500 after", "cut"):
            self.lost.add(message_id)
            return web.Response(status=500) if how == "500 after" else Raw(is_reset=True)
        if how == "slow":
            time.sleep(0.2)
        return web.Response(status=204)


def _at_once(database: Path) -> None:
    """Set the pause after a failure back, and have each thing be a message of its own, as if none had gathered."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(database, timeout=5)) as conn, conn:
        conn.execute("UPDATE outbox_targets SET not_before = NULL WHERE not_before IS NOT NULL")
        conn.execute("UPDATE outbox SET due_at = noted_at WHERE state = 'waiting' AND due_at > noted_at")


def live(program: Program, hook: Hook) -> None:
    """One life of the daemon, and how it ends."""
    hook.next_kill = hook.dice.choices([*KILLS], [*KILLS.values()])[0]
    hook.requests_left = hook.dice.randint(1, 3) if hook.next_kill != "any time" else 10**6
    life, asked = hook.dice.uniform(_SHORTEST_LIFE, _LONGER_LIFE), sum(hook.answers.values())
    daemon = program.start("run")
    hook.pid = daemon.pid
    ends_at = time.monotonic() + _LONGEST_LIFE
    while time.monotonic() < ends_at and daemon.poll() is None:
        pause(0.1)
        _at_once(program.database)
        if sum(hook.answers.values()) > asked:
            asked, ends_at = 10**6, time.monotonic() + life
    if hook.pid is not None:  # nobody died of a message
        hook.is_held = True
        pause(0.3)  # answers that were given are noted
        hook.kill("any time")
    daemon.wait()
    hook.pid, hook.is_held = None, False


def finish(program: Program, hook: Hook, stories: int) -> None:
    """A last life, in which nobody dies, and the webhook does what it should after a while."""
    hook.next_kill, begun = None, time.monotonic()
    daemon = program.start("run")
    hook.pid = daemon.pid
    until = time.monotonic() + _LAST_PATIENCE
    while time.monotonic() < until and daemon.poll() is None:
        pause(0.2)
        hook.is_kind = time.monotonic() > begun + _UNKIND
        _at_once(program.database)
        waiting = program.rows("SELECT count(*) FROM outbox WHERE state <> 'sent'")
        news = _news(program)
        if len(news) == stories and waiting == [(0,)] and set(news.values()) <= hook.taken.keys():
            break
    daemon.terminate()
    daemon.wait()


def wrong(program: Program, hook: Hook, stories: int) -> list[str]:
    """What was promised and is not so."""
    found = []
    news = _news(program)
    if len(news) != stories:
        found.append(f"posts that came as news: {len(news)}, not {stories}")
    expected = set(news.values())  # two may have become one story by chance
    found += [f"missed: story {each}" for each in sorted(expected - hook.taken.keys())]
    found += [f"told, and known: story {each}" for each in sorted(hook.taken.keys() - expected)]
    for story, ids in sorted(hook.taken.items()):
        if len(set(ids)) != 1:
            found.append(f"story {story}: told in different messages: {ids}")
        elif len(ids) > 2 or (len(ids) == 2 and ids[0] not in hook.lost):
            found.append(f"story {story}: told {len(ids)} times, though no answer was lost that often")
    found += [f"outbox: {row}" for row in program.rows("SELECT id, state, error FROM outbox WHERE state <> 'sent'")]
    found += [f"references: {row}" for row in program.rows("PRAGMA foreign_key_check")]
    return found


def _news(program: Program) -> dict[int, int]:
    """The posts that came after the first poll, and their stories."""
    return dict(
        program.rows(
            "SELECT id, story_id FROM posts p WHERE NOT EXISTS "
            "(SELECT 1 FROM first_polls f WHERE p.id BETWEEN f.first_id AND f.last_id)"
        )
    )


def report(hook: Hook, seconds: float) -> None:
    """Print what there was."""
    times = Counter(len(ids) for ids in hook.taken.values())
    messages = {each for ids in hook.taken.values() for each in ids}
    told("| what | how many |")
    told("|---|---|")
    told(f"| stories told | {len(hook.taken)}, in {len(messages)} messages |")
    told(f"| kills | {sum(hook.killed.values())}: {_counts(hook.killed)} |")
    told(f"| answers | {_counts(hook.answers)} |")
    told(f"| told once | {times[1]} |")
    told(f"| told twice, by the same id, the answer lost | {times[2]} |")
    told(f"| told more often | {sum(count for often, count in times.items() if often > 2)} |")
    told(f"| seconds | {seconds:.0f} |")


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counted.items()))


def run(folder: Path, kills: int, stories: int, seed: int) -> list[str]:
    """So many kills; what is wrong afterwards."""
    paper, hook, begun = Paper(random.Random(seed)), Hook(random.Random(seed + 1)), time.monotonic()

    def answer(request: Request) -> web.Response | Raw:
        return hook.answer(request) if request.path == "/hook" else paper.document()

    with HttpServer(answer) as site:
        program = Program(folder, site, feeds=1, extra="")
        program.write_config(1, f'{EVERY_SECOND}[[notify]]\nname = "desk"\non = "story"\nwebhook = "{site.url}/hook"\n')
        try:
            paper.publish(5)
            program.call("poll")  # the first poll: known
            each, rest = divmod(stories, kills)
            for number in range(kills):
                paper.publish(each + (number < rest))
                live(program, hook)
            finish(program, hook, stories)
            report(hook, time.monotonic() - begun)
            return wrong(program, hook, stories)
        finally:
            program.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 if a story was missed, or told too often."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.outbox", description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="kills (default: 20)")
    parser.add_argument("--stories", type=int, default=100, help="stories (default: 100)")
    parser.add_argument("--seed", type=int, default=7, help="of the moments, and of what happens (default: 7)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        return verdict(run(Path(folder), given.kills, given.stories, given.seed))


if __name__ == "__main__":
    raise SystemExit(main())
