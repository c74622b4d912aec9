"""Who may be asked now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.engine.politeness import LONGEST_HOLD, PROBE_INTERVAL, SHORTEST_HOLD, SLOW, Politeness
from aggregator.model.poll import Collected, Outcome
from aggregator.model.settings import DomainLimit, Polling
from aggregator.model.source import Source, SourceMemory
from tests.helpers.build import NOW, make_collected

SECOND = timedelta(seconds=1)
AT_ONCE = timedelta(0)


def source(host: str, number: int = 1) -> Source:
    return Source(kind="feed", url=f"https://{host}/feed{number}", id=number)


def ask(polite: Politeness, host: str, number: int, after: timedelta = AT_ONCE, *, is_failing: bool = False) -> object:
    """Begin if it may begin; else how long it has to wait."""
    asked, now = source(host, number), NOW + after
    wait = polite.wait(asked, now, is_failing=is_failing)
    if wait == AT_ONCE:
        polite.begin(asked, now, is_failing=is_failing)
        return True
    return wait


def test_a_domain_gets_so_many_requests_at_once_and_some_time_between_them() -> None:
    polite = Politeness(Polling(per_domain=DomainLimit(concurrency=2, spacing=2 * SECOND)))
    assert ask(polite, "a.paper.example", 1) is True
    assert ask(polite, "b.paper.example", 2) == 2 * SECOND
    assert ask(polite, "other.example", 3) is True
    assert ask(polite, "b.paper.example", 2, 2 * SECOND) is True
    assert ask(polite, "paper.example", 4, 9 * SECOND) is None
    polite.end(source("a.paper.example", 1))
    assert ask(polite, "paper.example", 4, 9 * SECOND) is True


def test_some_domains_have_limits_of_their_own_and_platforms_one_for_all() -> None:
    slow = DomainLimit(concurrency=1, spacing=timedelta(minutes=1))
    polite = Politeness(Polling(domains={"blogs.example.com": slow, "github.io": slow}))
    assert ask(polite, "ann.github.io", 1) is True
    assert ask(polite, "bob.github.io", 2) is None
    assert polite.domain_of("https://x.blogs.example.com/feed") == "blogs.example.com"
    assert polite.domain_of("https://www.example.com/feed") == "example.com"


@pytest.mark.parametrize("host", ["127.0.0.1:80", "localhost", "[::1]:8080", "192.168.3.4", "feeds.localhost"])
def test_computers_of_ones_own_have_no_limits(host: str) -> None:
    polite = Politeness(Polling(concurrency=9))
    assert [ask(polite, host, number) for number in range(9)] == [True] * 9
    assert ask(polite, host, 9) is None  # but for the one over all


def test_sources_that_fail_leave_room_for_the_others() -> None:
    polite = Politeness(Polling(concurrency=4))
    found = [ask(polite, f"bad{number}.example", number, is_failing=True) for number in range(4)]
    assert found == [True, True, None, None]
    assert [ask(polite, f"good{number}.example", 10 + number) for number in range(3)] == [True, True, None]


# ---------------------------------------------------------------- slow ones


@pytest.mark.parametrize(("took", "found"), [(SLOW, [True] * 4), (SLOW + SECOND, [True, True, None, None])])
def test_domains_that_were_slow_to_answer_leave_room_for_the_others(took: timedelta, found: list[object]) -> None:
    polite = Politeness(Polling(concurrency=4))
    for number in range(4):
        polite.answered(source(f"a.slow{number}.example", number), took)
    assert [ask(polite, f"b.slow{number}.example", 10 + number) for number in range(4)] == found


def test_slow_and_failing_ones_share_half_of_the_places() -> None:
    polite = Politeness(Polling(concurrency=4))
    polite.remember_slow(source(f"slow{number}.example", number) for number in (1, 2))
    assert ask(polite, "slow1.example", 1) is True
    assert ask(polite, "bad.example", 3, is_failing=True) is True
    assert ask(polite, "slow2.example", 2) is None
    assert [ask(polite, f"good{number}.example", 10 + number) for number in range(3)] == [True, True, None]
    polite.end(source("slow1.example", 1))
    assert ask(polite, "slow2.example", 2) is True


def test_what_answers_quickly_again_is_slow_no_more_though_it_was_when_it_began() -> None:
    polite = Politeness(Polling(concurrency=2))
    polite.remember_slow([source("was.example", 1), source("is.example", 2)])
    assert ask(polite, "was.example", 1) is True
    polite.answered(source("was.example", 1), SECOND)
    assert ask(polite, "is.example", 2) is None
    polite.end(source("was.example", 1))
    assert [ask(polite, "was.example", 1, 9 * SECOND), ask(polite, "is.example", 2)] == [True, True]


def test_a_slow_computer_of_ones_own_leaves_room_too() -> None:
    polite = Politeness(Polling(concurrency=4))
    polite.answered(source("192.168.1.5:8080", 1), 20 * SECOND)
    assert [ask(polite, "192.168.1.5:8080", number) for number in range(3)] == [True, True, None]
    assert ask(polite, "192.168.1.6:8080", 9) is True


@pytest.mark.parametrize(
    ("collected", "took"),
    [
        (make_collected(elapsed=20 * SECOND), 20 * SECOND),
        (make_collected(elapsed=20 * SECOND, reading=18 * SECOND), 2 * SECOND),
        (replace(make_collected(elapsed=20 * SECOND), unreached=True), None),
        (replace(make_collected(), deferred=True), None),
        (replace(make_collected(elapsed=20 * SECOND), excused=True), None),
        (replace(make_collected(elapsed=20 * SECOND), excused=True, lent_until=NOW), None),
    ],
)
def test_how_slow_a_server_is_is_told_by_its_answers_alone(collected: Collected, took: timedelta | None) -> None:
    assert collected.answered_after == took


# ---------------------------------------------------------------- begun again before its end was told

ANY_TIME = DomainLimit(concurrency=2, spacing=AT_ONCE)


def test_what_is_begun_twice_ends_twice() -> None:
    polite = Politeness(Polling(concurrency=9, per_domain=ANY_TIME))
    assert [ask(polite, "paper.example", number) for number in (1, 1, 2)] == [True, True, None]
    polite.end(source("paper.example", 1))
    assert [ask(polite, "paper.example", number) for number in (2, 3)] == [True, None]
    polite.end(source("paper.example", 1))
    polite.end(source("paper.example", 2))
    assert [ask(polite, "paper.example", number) for number in (3, 4, 5)] == [True, True, None]


def test_both_count_among_all_that_are_under_way_and_among_those_that_fail() -> None:
    polite = Politeness(Polling(concurrency=4, per_domain=DomainLimit(concurrency=9, spacing=AT_ONCE)))
    assert [ask(polite, "bad.example", 1, is_failing=True) for _ in range(3)] == [True, True, None]
    assert [ask(polite, "good.example", number) for number in (2, 3, 4)] == [True, True, None]
    assert polite.is_full()
    polite.end(source("bad.example", 1))
    assert not polite.is_full()
    assert ask(polite, "bad.example", 1, is_failing=True) is True
    assert ask(polite, "good.example", 4) is None


def test_each_end_is_that_of_the_domain_where_it_began() -> None:
    """A source that moved meanwhile is at another domain."""
    polite = Politeness(Polling(concurrency=9, per_domain=DomainLimit(concurrency=1, spacing=AT_ONCE)))
    assert [ask(polite, host, 1) for host in ("old.example", "new.example")] == [True, True]
    polite.end(source("new.example", 1))
    assert [ask(polite, host, 2) for host in ("new.example", "old.example")] == [None, True]
    polite.end(source("new.example", 1))
    assert ask(polite, "new.example", 3) is True


# ---------------------------------------------------------------- patience


@pytest.mark.parametrize(
    ("asked_for", "held"),
    [(None, SHORTEST_HOLD), (timedelta(minutes=7), timedelta(minutes=7)), (timedelta(days=2), LONGEST_HOLD)],
)
def test_what_one_source_is_told_holds_for_its_domain(asked_for: timedelta | None, held: timedelta) -> None:
    polite = Politeness(Polling())
    limited = make_collected(
        source=source("a.paper.example"), outcome=Outcome.RATE_LIMITED, retry_at=asked_for and NOW + asked_for
    )
    assert polite.hold(limited, NOW) == NOW + held
    assert ask(polite, "b.paper.example", 2, SECOND) == held - SECOND
    assert ask(polite, "other.example", 3, SECOND) is True
    others = [source("a.paper.example"), source("b.paper.example", 2), source("other.example", 3)]
    assert polite.share_domain(others[0], others) == [2]
    assert polite.hold(replace(limited, outcome=Outcome.FAILED), NOW) is None


# ---------------------------------------------------------------- our own outage


def unreached(number: int, host: str = "", failures: int = 0) -> Collected:
    return make_collected(
        source=source(host or f"paper{number}.example", number), outcome=Outcome.FAILED, unreached=True,
        memory=SourceMemory(failures=failures),
    )  # fmt: skip


def test_when_nobody_can_be_reached_it_is_us() -> None:
    polite = Politeness(Polling())
    assert [polite.note(unreached(number), NOW) for number in range(1, 5)] == [[]] * 4
    assert not polite.is_outage
    assert polite.note(unreached(5), NOW) == [1, 2, 3, 4, 5]
    assert polite.is_outage
    assert polite.note(unreached(6), NOW) == []


def test_an_answer_of_any_kind_ends_it() -> None:
    polite = Politeness(Polling())
    for number in range(5):
        polite.note(unreached(number), NOW)
    polite.note(make_collected(source=source("paper.example"), outcome=Outcome.FAILED, http_status=500), NOW)
    assert not polite.is_outage


def test_neither_one_domain_nor_dead_sources_make_an_outage() -> None:
    polite = Politeness(Polling())
    for number in range(50):
        polite.note(unreached(number, "one.example"), NOW)
        polite.note(unreached(number, failures=3), NOW)
    assert not polite.is_outage


def test_who_was_not_asked_and_ones_own_computers_say_nothing_of_the_network() -> None:
    polite = Politeness(Polling())
    for number in range(5):
        polite.note(unreached(number), NOW)
    polite.note(make_collected(source=source("localhost"), http_status=200), NOW)
    polite.note(make_collected(source=source("paper.example"), outcome=Outcome.RATE_LIMITED, deferred=True), NOW)
    assert polite.is_outage
    polite.note(make_collected(source=source("paper.example"), outcome=Outcome.RATE_LIMITED, http_status=429), NOW)
    assert not polite.is_outage


def test_ones_own_computers_are_asked_in_an_outage() -> None:
    polite = Politeness(Polling())
    polite.go_on_with_outage()
    own, other = [source("localhost", 1), source("192.168.3.4", 2)], [source("a.example", 3), source("b.example", 4)]
    assert polite.pick_probe([*other, *own], NOW) == [*own, other[0]]
    assert polite.pick_probe([*other, *own], NOW) == own
    assert polite.excuses(unreached(3)) and not polite.excuses(unreached(1, "localhost"))


def test_who_is_tried_may_be_asked() -> None:
    """Else a minute would be lost, or, where a server asked for patience, an hour."""
    polite = Politeness(Polling())
    polite.go_on_with_outage()
    assert ask(polite, "a.example", 1) is True
    assert polite.pick_probe([source("a.example", 2)], NOW) == []
    assert polite.pick_probe([source("a.example", 2), source("b.example", 3)], NOW) == [source("b.example", 3)]


def test_without_a_way_out_one_source_is_enough_and_one_that_failed_before() -> None:
    polite = Politeness(Polling())
    cut_off = replace(unreached(1, failures=3), offline=True)
    assert polite.note(cut_off, NOW) == [1]
    assert polite.is_outage
    assert polite.excuses(cut_off)
    near = Politeness(Polling())
    assert near.note(replace(cut_off, offline=False), NOW) == []
    assert not near.is_outage


def test_where_some_answer_without_a_way_out_that_says_nothing() -> None:
    polite = Politeness(Polling())
    answered = replace(unreached(1), unreached=False, outcome=Outcome.OK, offline=True)
    assert polite.note(answered, NOW) == []
    assert polite.note(replace(unreached(2), offline=True), NOW) == []
    assert not polite.is_outage


def test_while_more_are_asked_than_failed_an_answer_may_come() -> None:
    polite = Politeness(Polling(concurrency=9))
    for number in range(6):
        assert ask(polite, f"slow{number}.example", 100 + number) is True
    assert [polite.note(unreached(number), NOW) for number in range(6)] == [[]] * 6
    assert not polite.is_outage
    polite.end(source("slow0.example", 100))
    polite.note(unreached(6), NOW)
    assert polite.is_outage


def test_in_an_outage_one_source_is_asked_now_and_then() -> None:
    polite = Politeness(Polling())
    for number in range(5):
        polite.note(unreached(number), NOW)
    due = [source("a.example", 1), source("b.example", 2)]
    assert polite.pick_probe(due, NOW) == []
    assert polite.pick_probe(due, NOW + PROBE_INTERVAL) == due[:1]
    assert polite.pick_probe(due, NOW + PROBE_INTERVAL) == []


def test_what_is_lent_nobody_else_asks() -> None:
    polite = Politeness(Polling(per_domain=DomainLimit(concurrency=2, spacing=2 * SECOND)))
    lent = source("a.paper.example", 1)
    assert ask(polite, "a.paper.example", 1) is True
    assert polite.may_lend(lent, NOW)
    polite.lend(lent, NOW + 50 * SECOND)
    assert not polite.may_lend(source("b.paper.example", 2), NOW + 49 * SECOND)
    assert ask(polite, "b.paper.example", 2, 10 * SECOND) == 40 * SECOND
    assert not polite.begin_page("https://c.paper.example/page", NOW + 10 * SECOND)
    assert ask(polite, "other.example", 3, 10 * SECOND) is True
    polite.give_back(lent, NOW + 9 * SECOND)  # it was asked then, and the answer is here at ten
    assert ask(polite, "b.paper.example", 2, 10 * SECOND) == SECOND
    assert ask(polite, "b.paper.example", 2, 11 * SECOND) is True


def test_what_is_lost_is_free_when_its_time_is_over_also_by_a_clock_that_was_set_back() -> None:
    polite = Politeness(Polling())
    polite.lend(source("paper.example"), NOW + 50 * SECOND)
    assert ask(polite, "paper.example", 1, 49 * SECOND) == SECOND
    polite.clock_was_set_back(timedelta(hours=1))
    assert ask(polite, "paper.example", 1, 49 * SECOND - timedelta(hours=1)) == SECOND
    assert ask(polite, "paper.example", 1, 50 * SECOND - timedelta(hours=1)) is True


def test_computers_of_one_s_own_are_not_lent() -> None:
    polite = Politeness(Polling())
    polite.lend_all(NOW + 50 * SECOND)
    assert polite.wait(source("192.168.0.7"), NOW, is_failing=False) == AT_ONCE
    assert polite.wait(source("paper.example"), NOW, is_failing=False) == 50 * SECOND
    polite.lend(source("192.168.0.7"), NOW + 90 * SECOND)
    assert polite.may_lend(source("192.168.0.7"), NOW)
