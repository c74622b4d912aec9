"""Pages are read beside polls: which, when, and what happens when something goes wrong."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.articles.forecast import forecast
from aggregator.engine.articles.reader import LOOKING, RETRIES, ArticleReader
from aggregator.engine.rebuild.copies import rebuild_copies
from aggregator.model.article import DuePage, FetchedPage, ReadPage
from aggregator.model.post import Post
from aggregator.model.settings import Articles, Briefs, Storage
from aggregator.storage.times import to_text
from aggregator.text.urls import canonical_url
from tests.helpers.poller_room import NOW, PollerRoom, article, url_of

DELAY = timedelta(minutes=5)
TEXT = "The ferry is late, says the captain."
GOOD = FetchedPage(page=ReadPage(text=TEXT, language="en"), http_status=200, etag='"1"')


class Web:
    """Answers for pages, by the path of their address; good ones if nothing else was scripted. `asked`: the paths."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.due: list[DuePage] = []
        self.answers: dict[str, FetchedPage | Exception] = {}
        self.held = asyncio.Event()
        self.holds = False

    async def __call__(self, due: DuePage, now: Any) -> FetchedPage:
        path = due.url.partition(".example/")[2]
        self.asked.append(path)
        self.due.append(due)
        if self.holds:
            await self.held.wait()
        answer = self.answers.get(path, GOOD)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Room(PollerRoom):
    """Papers whose posts were polled, and a reader of pages on the same clock."""

    def __init__(self, folder: Path, *names: str, articles: Articles | None = None, **own: Any) -> None:
        super().__init__(folder, *names)
        sources = tuple(
            replace(source, articles=own.get(source.title or "", source.articles)) for source in self.config.sources
        )
        self.config = replace(
            self.config, sources=sources, articles=articles or Articles(judge=False, fetch="stories", delay=DELAY)
        )
        self.poller = self.new_poller()
        self.web, self.stop = Web(), asyncio.Event()
        self.dice: Callable[[], float] = lambda: 0.5
        self.reader = self.new_reader()

    def new_reader(self) -> ArticleReader:
        reader = ArticleReader(self.database, self.stop, clock=lambda: self.now, dice=self.dice)
        reader.use(self.config, self.poller, self.web)
        return reader

    async def brings(self, name: str, *posts: Post) -> None:
        self.collect.begin_anew()
        self.collect.posts(url_of(name), posts)
        await self.poll()

    async def read(self, after: timedelta = timedelta(0)) -> list[str]:
        """The pages asked for at a later time, in order."""
        self.now += after
        self.web.asked.clear()
        await self.reader.go_on()
        return self.web.asked

    async def read_all(self) -> list[str]:
        """The same, until nothing is left: one page of a domain is asked for at a time."""
        found: list[str] = []
        while asked := list(await self.read()):
            found += asked
        return found


# Two papers on one event in their own words, and a third matter of one paper alone.
FERRY = (
    article("ferry", "Ferry rudder breaks in storm off Sandey", "A ferry lost its rudder in a storm off Sandey."),
    article(
        "rudder", "Storm off Sandey breaks ferry rudder", "Off Sandey the rudder of a ferry broke in heavy wind.",
        host="herald",
    ),
)  # fmt: skip
MUSEUM = article("museum", "Museum of tide clocks opens", "Forty tide clocks stand in a museum from Monday on.")


async def told(folder: Path, **kwargs: Any) -> Room:
    room = Room(folder, "gazette", "herald", **kwargs)
    await room.brings("gazette", FERRY[0], MUSEUM)
    await room.brings("herald", FERRY[1])
    [(stories,)] = room.rows("SELECT count(*) FROM stories WHERE source_count = 2 AND post_count = 2")
    assert stories == 1
    return room


async def test_pages_of_a_story_that_two_carry_are_read_once_and_no_others(tmp_path: Path) -> None:
    room = await told(tmp_path)
    assert sorted(await room.read()) == ["ferry", "rudder"]
    assert await room.read(LOOKING) == []
    assert await room.read(timedelta(days=1)) == []
    assert room.rows("SELECT url, text, http_status, attempts, next_at FROM articles ORDER BY url") == [
        ("https://gazette.example/ferry", TEXT, 200, 0, None),
        ("https://herald.example/rudder", TEXT, 200, 0, None),
    ]


async def test_the_briefs_of_a_story_are_looked_at_again_when_a_page_of_it_was_read(tmp_path: Path) -> None:
    room = await told(tmp_path)
    await room.read()
    stories = room.rows("SELECT id FROM stories WHERE source_count = 2")
    assert room.rows("SELECT story_id FROM brief_tasks WHERE why = 'article' AND language = 'en'") == stories
    assert room.rows("SELECT DISTINCT language FROM brief_tasks") == [("en",)]


async def test_the_briefs_of_a_model_in_another_language_are_looked_at_too(tmp_path: Path) -> None:
    room = Room(tmp_path, "gazette", "herald")
    model = Briefs(base_url="http://127.0.0.1:1/v1", model="small", language="sv")
    room.config = replace(room.config, briefs=model)
    room.reader.use(room.config, room.poller, room.web)
    await room.brings("gazette", FERRY[0])
    await room.brings("herald", FERRY[1])
    await room.read()
    assert room.rows("SELECT DISTINCT language FROM brief_tasks WHERE why = 'article' ORDER BY 1") == [("en",), ("sv",)]


async def test_nothing_is_read_where_nothing_is_configured(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles())
    room.reader.use(room.config, room.poller, None)
    assert await room.read() == []
    assert room.rows("SELECT count(*) FROM articles") == [(0,)]


async def test_topics_ask_for_pages_of_one_publisher_too(tmp_path: Path) -> None:
    room = Room(tmp_path, "gazette", articles=Articles(judge=False, fetch="stories", topics=("ferries",)))
    await room.brings("gazette", FERRY[0], MUSEUM)
    assert await room.read_all() == ["ferry"]


async def test_all_reads_all(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles(judge=False, fetch="all"))
    assert sorted(await room.read_all()) == ["ferry", "museum", "rudder"]


async def test_a_source_may_say_otherwise(tmp_path: Path) -> None:
    room = await told(tmp_path, gazette="never")
    assert await room.read_all() == ["rudder"]


async def test_a_source_may_ask_for_all(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles(), gazette="all")
    assert sorted(await room.read_all()) == ["ferry", "museum"]


@pytest.mark.parametrize(("says", "asked"), [(None, []), ("never", []), ("all", ["ferry", "museum"])])
async def test_what_only_a_secret_shows_is_followed_where_the_source_says_so(
    tmp_path: Path, says: Any, asked: list[str]
) -> None:
    room = Room(tmp_path, "gazette", articles=Articles(judge=False, fetch="all"), gazette=says)
    room.config = replace(room.config, sources=tuple(replace(each, has_key=True) for each in room.config.sources))
    room.poller = room.new_poller()
    room.reader = room.new_reader()
    await room.brings("gazette", FERRY[0], MUSEUM)
    assert sorted(await room.read_all()) == asked


async def test_after_a_first_poll_nothing_older_than_the_window_is_read(tmp_path: Path) -> None:
    room = Room(tmp_path, "gazette", articles=Articles(judge=False, fetch="all"))
    hours = int(room.config.stories.window / timedelta(hours=1))
    old, young = (article(f"{age}", f"Matter number {age}", hours=age) for age in (hours + 1, hours - 1))
    await room.brings("gazette", old, young)
    assert await room.read_all() == [f"{hours - 1}"]


async def test_what_is_no_page_is_not_asked_for(tmp_path: Path) -> None:
    room = Room(tmp_path, "gazette", articles=Articles(judge=False, fetch="all"))
    await room.brings(
        "gazette",
        article("report.pdf", "A report on ferries", "The report has ninety pages."),
        article("", "The front page of the gazette", "It has everything."),
        article("whole", "A whole article on bakers", "Every word of it is in the feed. " * 90),
        article("teaser", "A teaser on cranes", "Its feed says hardly anything."),
    )
    assert await room.read_all() == ["teaser"]


async def test_of_a_large_story_the_lead_and_the_first_others_are_read(tmp_path: Path) -> None:
    names = [f"paper{number}" for number in range(9)]
    room = Room(tmp_path, *names)
    for number, name in enumerate(names):
        text = f"Off Sandey the rudder of a ferry broke in a storm, says witness {number} of {name}."
        await room.brings(
            name, article(f"{number}", "Storm off Sandey breaks ferry rudder", text, host=name, hours=9 - number)
        )
    [(lead, posts)] = room.rows("SELECT p.url, s.post_count FROM stories s JOIN posts p ON p.id = s.lead_post_id")
    assert posts == 9
    asked = await room.read_all()
    assert len(asked) == 6 and lead.rpartition("/")[2] in asked
    assert set(asked) - {lead.rpartition("/")[2]} <= set("012345")


# ---------------------------------------------------------------- when


def status(link: str) -> Post:
    uri = "https://social.example/users/ann/statuses/1"
    return Post(
        kind="status", native_id="1", uri=uri, url="https://social.example/@ann/1", canonical_url=canonical_url(uri),
        text="The ferry is late again, read this", article_url=link, author="ann@social.example", published_at=NOW,
    )  # fmt: skip


async def test_the_page_of_a_status_is_left_alone_at_first(tmp_path: Path) -> None:
    room = Room(tmp_path, "social", articles=Articles(judge=False, fetch="all", delay=DELAY))
    await room.brings("social", status("https://gazette.example/ferry"))
    assert await room.read() == []
    assert await room.read(DELAY * 1.4) == []
    assert await room.read(DELAY * 0.1) == ["ferry"]  # the dice said one and a half times as long


async def test_a_page_that_a_status_and_an_article_lead_to_is_read_once(tmp_path: Path) -> None:
    room = Room(tmp_path, "social", "gazette", articles=Articles(judge=False, fetch="all", delay=DELAY))
    await room.brings("gazette", FERRY[0])
    await room.brings("social", status(FERRY[0].url or ""))
    assert await room.read(2 * DELAY) == ["ferry"]
    assert await room.read(timedelta(hours=1)) == []


async def test_no_more_than_the_day_allows(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles(judge=False, fetch="all", per_day=2))
    assert len(await room.read_all()) == 2
    assert await room.read(timedelta(hours=23)) == []
    assert len(await room.read(timedelta(hours=2))) == 1


async def test_what_a_kill_cut_off_counts_for_the_day(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles(judge=False, fetch="all", per_day=1))
    room.web.holds = True
    reading = asyncio.create_task(room.reader.go_on())
    while not room.web.asked:
        await asyncio.sleep(0)
    # What a kill would leave, seen by another process.
    with closing(sqlite3.connect(room.database.path)) as conn:
        noted = conn.execute("SELECT fetched_at, attempts FROM articles WHERE attempts > 0").fetchall()
    assert noted == [(to_text(room.now), 1)]
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    room.web.holds = False
    room.reader = room.new_reader()
    assert await room.read(timedelta(hours=23)) == []
    assert len(await room.read(timedelta(hours=2))) == 1


async def test_the_newest_stories_come_first(tmp_path: Path) -> None:
    room = Room(tmp_path, "gazette", articles=Articles(judge=False, fetch="all", per_day=2))
    posts = [article(f"{hours}", f"Matter number {hours} alone", hours=hours) for hours in (30, 2, 9)]
    await room.brings("gazette", *posts)
    assert await room.read_all() == ["2", "9"]


async def test_one_page_of_a_domain_at_a_time_and_none_while_a_poll_has_it(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles(judge=False, fetch="all"))
    source = room.poller.sources[0]
    room.poller.politeness.begin(source, room.now, is_failing=False)
    assert await room.read() == ["rudder"]
    room.poller.politeness.end(source)
    room.web.holds = True
    reading = asyncio.create_task(room.reader.go_on())
    while not room.web.asked or room.web.asked[-1] == "rudder":
        await asyncio.sleep(0)
    assert len(room.web.asked) == 2
    room.web.held.set()
    await reading


async def test_a_site_is_left_alone_as_long_as_it_asks_for(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles(judge=False, fetch="all"))
    room.web.answers = {path: replace(GOOD, pause_seconds=30) for path in ("ferry", "museum")}
    assert len(await room.read()) == 2
    assert await room.read(timedelta(seconds=29)) == []
    assert len(await room.read(timedelta(seconds=2))) == 1


async def test_nothing_is_asked_for_while_our_own_network_is_down(tmp_path: Path) -> None:
    room = await told(tmp_path)
    room.poller.politeness.is_outage = True
    assert await room.read() == []
    room.poller.politeness.is_outage = False
    assert len(await room.read()) == 2


# ---------------------------------------------------------------- trouble


async def test_what_fails_for_now_is_tried_again_later_and_later_and_then_given_up(tmp_path: Path) -> None:
    room = await told(tmp_path, gazette="never")
    room.web.answers["rudder"] = FetchedPage(trouble="HTTP 503", http_status=503, is_passing=True)
    assert await room.read() == ["rudder"]
    for wait in RETRIES:
        assert await room.read(wait - timedelta(minutes=1)) == []
        assert await room.read(timedelta(minutes=1)) == ["rudder"]
    assert await room.read(timedelta(days=1)) == []
    assert room.rows("SELECT trouble, attempts, next_at FROM articles") == [("HTTP 503", len(RETRIES) + 1, None)]


async def test_a_server_may_ask_for_more_patience(tmp_path: Path) -> None:
    room = await told(tmp_path, gazette="never")
    later = NOW + timedelta(hours=2)
    room.web.answers["rudder"] = FetchedPage(trouble="HTTP 429", is_passing=True, retry_at=later)
    await room.read()
    assert await room.read(timedelta(hours=1)) == []
    assert await room.read(timedelta(hours=1)) == ["rudder"]


async def test_what_is_forbidden_or_missing_is_not_asked_for_again(tmp_path: Path) -> None:
    room = await told(tmp_path, gazette="never")
    room.web.answers["rudder"] = FetchedPage(trouble="robots.txt of herald.example forbids it")
    assert await room.read() == ["rudder"]
    assert await room.read(timedelta(days=1)) == []


async def test_a_bug_at_one_page_stops_no_other(tmp_path: Path) -> None:
    room = await told(tmp_path)
    room.web.answers["rudder"] = ValueError("odd")
    assert sorted(await room.read()) == ["ferry", "rudder"]
    assert room.rows("SELECT trouble FROM articles WHERE url LIKE '%rudder'") == [
        ("internal error, please report it: ValueError: odd",)
    ]
    assert await room.read(timedelta(days=1)) == []


async def test_an_edited_article_is_asked_for_again_with_its_validators(tmp_path: Path) -> None:
    room = await told(tmp_path)
    await room.read()
    room.now += timedelta(hours=2)
    await room.brings("gazette", replace(FERRY[0], text="A ferry lost its rudder in a storm; all are safe."))
    room.web.answers["ferry"] = FetchedPage(http_status=304)
    assert await room.read() == ["ferry"]
    assert room.web.due[-1].etag == '"1"'
    assert await room.read(timedelta(hours=2)) == []
    assert room.rows("SELECT count(*) FROM articles WHERE text IS NOT NULL") == [(2,)]


# ---------------------------------------------------------------- copies that only pages can tell


def named(address: str) -> FetchedPage:
    """A page that gives this address as its own."""
    return replace(GOOD, page=ReadPage(text=TEXT, declared_url=address))


TWICE = (
    article("2026/05/ferry-lost", "Ferry lost rudder off Sandey", "A ferry lost its rudder, and all are safe."),
    article("amp-page/77", "Ferry lost rudder off Sandey | Gazette", "The island ferry drifted for hours at night."),
)


@pytest.mark.parametrize("first", [0, 1])
async def test_two_addresses_that_their_page_says_are_one_become_copies(tmp_path: Path, first: int) -> None:
    room = Room(tmp_path, "gazette", "herald", articles=Articles(judge=False, fetch="all"))
    await room.brings("gazette", TWICE[first])
    await room.brings("herald", TWICE[1 - first])
    assert room.rows("SELECT count(copy_of) FROM posts") == [(0,)]
    room.web.answers = {"amp-page/77": named(TWICE[0].canonical_url or "")}
    await room.read_all()
    await room.read(LOOKING)
    assert room.rows("SELECT id, copy_of, copy_because FROM posts ORDER BY id") == [
        (1, None, None),
        (2, 1, "its page names https://gazette.example/2026/05/ferry-lost as its address"),
    ]
    assert room.rows("SELECT count(DISTINCT story_id) FROM posts") == [(1,)]
    rebuild_copies(room.database, room.now, lambda posts: None)
    assert room.rows("SELECT count(copy_of) FROM posts") == [(1,)]


async def test_what_is_called_otherwise_is_another_article_whatever_its_page_names(tmp_path: Path) -> None:
    room = Room(tmp_path, "gazette", "herald", articles=Articles(judge=False, fetch="all"))
    await room.brings("gazette", TWICE[0])
    await room.brings("herald", MUSEUM)
    room.web.answers = {"museum": named(TWICE[0].canonical_url or "")}
    await room.read_all()
    await room.read(LOOKING)
    assert room.rows("SELECT count(copy_of) FROM posts") == [(0,)]


async def test_two_items_of_one_source_are_two_whatever_their_page_names(tmp_path: Path) -> None:
    room = Room(tmp_path, "gazette", articles=Articles(judge=False, fetch="all"))
    await room.brings("gazette", *TWICE)
    room.web.answers = {"amp-page/77": named(TWICE[0].canonical_url or "")}
    await room.read_all()
    await room.read(LOOKING)
    assert room.rows("SELECT count(copy_of) FROM posts") == [(0,)]


async def test_an_address_that_many_pages_name_is_none_of_theirs(tmp_path: Path) -> None:
    names = [f"paper{number}" for number in range(5)]
    room = Room(tmp_path, *names, articles=Articles(judge=False, fetch="all"))
    for number, name in enumerate(names):
        await room.brings(name, article(f"live/{number}", "Ferry live", f"Entry {number}: it moves on, says {name}."))
        room.web.answers[f"live/{number}"] = named("https://gazette.example/live")
    await room.read_all()
    await room.read(LOOKING)
    assert room.rows("SELECT count(*) FROM posts WHERE copy_because LIKE 'its page%'") == [(0,)]


# ---------------------------------------------------------------- stops and starts


async def test_a_stop_cuts_off_what_is_under_way_and_a_new_start_asks_again(tmp_path: Path) -> None:
    room = await told(tmp_path, gazette="never")
    room.web.holds = True
    reading = asyncio.create_task(room.reader.go_on())
    while not room.web.asked:
        await asyncio.sleep(0)
    room.stop.set()
    async with asyncio.timeout(1):
        await reading
    assert room.rows("SELECT fetched_at, attempts FROM articles") == [(to_text(room.now), 1)]
    assert await room.read() == []
    room.stop.clear()
    room.web.holds = False
    room.reader = room.new_reader()
    assert await room.read() == ["rudder"]
    room.reader = room.new_reader()
    assert await room.read(timedelta(hours=1)) == []


async def test_a_changed_configuration_cuts_off_what_is_under_way(tmp_path: Path) -> None:
    room = await told(tmp_path, gazette="never")
    room.web.holds = True
    reading = asyncio.create_task(room.reader.go_on())
    while not room.web.asked:
        await asyncio.sleep(0)
    room.reader.use(room.config, room.poller, None)
    async with asyncio.timeout(1):
        await reading
    # It was asked for, and that is all: nothing is saved, and it stays due.
    state = room.rows("SELECT fetched_at, http_status, trouble, text, next_at <= fetched_at FROM articles")
    assert state == [(to_text(room.now), None, None, None, 1)]


async def test_with_a_turn_it_goes_on_until_all_that_is_due_was_read(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles(judge=False, fetch="all"))
    assert await room.reader.go_on(timedelta(minutes=1)) == 3
    assert sorted(room.web.asked) == ["ferry", "museum", "rudder"]


# ---------------------------------------------------------------- how many it would be


async def test_what_it_would_ask_for_is_told_from_the_last_week(tmp_path: Path) -> None:
    room = await told(tmp_path)
    await room.read()
    told_now = forecast(room.config, NOW)
    assert told_now == "about 2 pages a day would be read, of 2 sites (told from the posts of the last day)"
    of_all = replace(room.config, articles=Articles(judge=False, fetch="all", per_day=2))
    assert forecast(of_all, NOW).endswith(
        "about 3 pages a day would be read, of 2 sites, of which [articles] per_day lets 2 through "
        "(told from the posts of the last day)"
    )
    assert forecast(replace(room.config, articles=Articles()), NOW).startswith("pages that posts lead to are not read")


def test_what_can_not_be_known_yet_is_told(tmp_path: Path) -> None:
    room = Room(tmp_path, "gazette")
    assert forecast(room.config, NOW).startswith("how many pages a day would be read can't be known yet: no post")
    nowhere = replace(room.config, storage=Storage(path=tmp_path / "none.db"))
    assert forecast(nowhere, NOW).endswith("there is no database to tell it from")
    assert not (tmp_path / "none.db").exists()


async def test_what_a_wrong_clock_has_put_ahead_does_not_count_for_the_day(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles(judge=False, fetch="stories", per_day=2))
    with room.database.write():
        room.database.conn.executemany(
            "INSERT INTO articles (canonical_url, url, queued_at, fetched_at) VALUES (?1, ?1, ?2, ?2)",
            [(name, "2031-01-01T00:00:00Z") for name in ("one", "two")],
        )
    assert sorted(await room.read()) == ["ferry", "rudder"]
