"""A daemon that lives a month in some minutes: its clock, the papers that it reads, and that growth would be found."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from multidict import CIMultiDict

from benchmarks.soak.month import START, Sample, by_days, grown, live, main, picture, table
from benchmarks.soak.papers import DAY, Papers, Server
from tests.helpers.http_server import Request
from tests.helpers.process import memory_of
from tests.helpers.program import Program

_SETTINGS = """[storage]
path = "{folder}/news.db"
[polling]
interval = "5m"
max_interval = "5m"
[network]
allow_private = ["127.0.0.0/8"]
[taxonomy]
default = false
[stories]
semantic = false
[log]
format = "json"
"""


def ask(papers: Papers, number: int, etag: str = "") -> web.Response:
    headers = CIMultiDict({"If-None-Match": etag} if etag else {})
    answer = papers(Request(f"/feed{number}", headers, 1))
    assert isinstance(answer, web.Response)
    return answer


def test_papers_publish_by_the_clock_and_say_so_by_their_etag() -> None:
    now = 0.0
    papers = Papers(30, 1, 10 * DAY, START, lambda: now)
    first = [ask(papers, number) for number in range(5)]
    assert [ask(papers, number, first[number].headers["ETag"]).status for number in range(5)] == [304] * 5
    now = 9 * DAY
    later = [ask(papers, number, first[number].headers["ETag"]) for number in range(5)]
    assert 200 in {answer.status for answer in later}
    assert [answer.body for answer in later] != [answer.body for answer in first]
    assert [ask(papers, number).status for number in (7, 9)] == [404, 500]


def test_a_day_of_the_daemon_takes_no_day(tmp_path: Path) -> None:
    """An hour here: polls, a sign of life and housekeeping come as often as in an hour by the clock."""
    clock = tmp_path / "clock"
    papers = Papers(2, 1, DAY, START, lambda: 0.0)
    with Server(papers) as server:
        program = Program(tmp_path, server, 0)
        feeds = "".join(f'[[feeds]]\nurl = "{server.url}/feed{number}"\n' for number in range(2))
        program.file.write_text(_SETTINGS.format(folder=tmp_path) + feeds)
        try:
            [found, *_] = live(program, clock, 1.5 / 24, lambda _: None)
        finally:
            program.close()
    assert program.events()[-1]["event"] == "stopped"
    assert (0.04 < found.day < 0.05, found.rss > 20, found.handles > 5) == (True, True, True)
    [(first, last, polls)] = program.rows("SELECT min(started_at), max(started_at), count(*) FROM polls")
    assert (first[:16], last[:14]) == ("2026-11-01T00:00", "2026-11-01T01:")
    assert 28 <= polls <= 38  # every 5 minutes, and up to a tenth more


def samples(days: int, **growth: float) -> list[Sample]:
    """Two a day, of a daemon that needs so much more each day."""
    usual = {"rss": 100.0, "pss": 200.0, "handles": 20.0, "threads": 5.0, "wal": 4.0, "database": 10.0}
    return [
        Sample(
            day=at / 2, processes=3, log=at * 1.0, cpu=at * 10.0,
            **{name: value + growth.get(name, 0) * at / 2 for name, value in usual.items()},  # type: ignore[arg-type]
        )
        for at in range(days * 2 + 1)
    ]  # fmt: skip


def test_what_stays_as_it_is_is_no_growth_and_the_database_may_grow() -> None:
    assert grown(by_days(samples(30, database=10), 30)) == []


@pytest.mark.parametrize(
    ("name", "a_day", "says"),
    [
        ("rss", 2.0, "rss: 150"),
        ("handles", 1.0, "handles: "),
        ("threads", 0.5, "threads: "),
        ("wal", 1.0, "log had 34"),
    ],
)
def test_what_grows_is_found(name: str, a_day: float, says: str) -> None:
    [found] = grown(by_days(samples(30, **{name: a_day}), 30))
    assert says in found


def test_it_is_shown_as_a_table_and_a_picture() -> None:
    rows = by_days(samples(30, rss=1), 30)
    assert table(rows).count("\n") == 31
    assert "memory of the daemon, MB: 100 → 130, at most 130" in picture(rows, "A month")


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_two_days_of_fifty_sources_need_no_more_at_their_end() -> None:
    assert memory_of("self") > 0
    assert main(["--sources", "50", "--days", "2", "--quiet"]) == 0
