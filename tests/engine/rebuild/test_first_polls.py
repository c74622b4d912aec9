"""What first polls bring is grouped when they have ended: in one way, whichever source came first, and told once."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.poller import Poller
from aggregator.engine.rebuild import first_polls
from aggregator.engine.rebuild.copies import rebuild_copies
from aggregator.engine.rebuild.progress import Rebuilt
from aggregator.engine.rebuild.stories import rebuild_stories
from aggregator.engine.story_index import load_story_index
from aggregator.model.changes import PolledSource
from aggregator.model.poll import Outcome
from aggregator.model.post import Post
from aggregator.model.settings import DomainLimit
from aggregator.model.source import Source
from aggregator.storage.corrections import Editor
from aggregator.storage.database import Database
from aggregator.stories.story import Story
from tests.helpers.fake_encoder import FakeEncoder
from tests.helpers.poller_room import PollerRoom, article, url_of

PAPERS = ("gazette", "courier", "herald", "mirror", "tribune")
FERRY = (
    "The evening ferry between the islands sails again after the storm broke its rudder, says the harbour office. For "
    "six weeks the islanders took the morning boat, waited in the rain and slept at their cousins' when they missed it"
)
MATTERS = (
    ("Evening ferry sails again after storm", "Ferry rudder mended after storm", "Storm ferry sails with new rudder"),
    ("Museum restarts the tide clocks", "Tide clocks of the museum tick again", "Clocks at museum show the tide"),
    ("Bakers strike over night tariff", "Night tariff: bakers on strike", "Bakers and council talk about night tariff"),
    ("Harbour crane falls into the dock", "Crane accident closes harbour dock", "Dock closed after harbour crane fell"),
)
EVERYTHING = (
    "SELECT * FROM posts ORDER BY id",
    "SELECT * FROM post_words ORDER BY post_id",
    "SELECT * FROM stories ORDER BY id",
    "SELECT * FROM story_links ORDER BY 1, 2",
    "SELECT what, row_id, change FROM changes WHERE change <> 'edited' ORDER BY 1, 2, 3",
)


def reports() -> dict[str, list[Post]]:
    """Each paper tells of some matters in its own words, days apart; two print one text."""
    dice = random.Random(3)
    found: dict[str, list[Post]] = {}
    for paper in PAPERS:
        found[paper] = [
            article(f"{number}", title, f"{title}. {paper} has more on it.", host=paper, hours=dice.randrange(2, 90))
            for number, title in enumerate(dice.choice(titles) for titles in MATTERS)
        ]
    found["courier"].append(article("reprint", "The island ferry sails again", FERRY, host="courier", hours=5))
    found["herald"].append(article("first", "The island ferry sails again", FERRY, host="herald", hours=9))
    return found


def scripted(folder: Path, *names: str) -> PollerRoom:
    room = PollerRoom(folder, *names)
    for name, posts in reports().items():
        room.collect.posts(url_of(name), posts)
    return room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PollerRoom]:
    made = scripted(tmp_path, *PAPERS)
    yield made
    made.database.close()


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_FIRST_POSTS", "_LEAST_POSTS", "_MOST_POSTS"):
        monkeypatch.setattr(first_polls, name, 3)


def grouping(room: PollerRoom) -> tuple[Any, ...]:
    """Which posts are together, the heads of the stories, and what copies what: without any id of a post."""
    members = defaultdict(set)
    for story_id, url in room.rows("SELECT story_id, url FROM posts"):
        members[story_id].add(url)
    return (
        {frozenset(each) for each in members.values()},
        room.rows("SELECT s.id, slug, s.title, url FROM stories s JOIN posts p ON p.id = lead_post_id ORDER BY s.id"),
        set(room.rows("SELECT p.url, o.url FROM posts p JOIN posts o ON o.id = p.copy_of")),
        set(room.rows("SELECT story_id, earlier_story_id, similarity, because FROM story_links")),
    )


@pytest.mark.parametrize("encoder", [None, FakeEncoder()], ids=["words", "meaning"])
async def test_in_whatever_order_the_sources_come_there_is_one_grouping(
    tmp_path: Path, encoder: FakeEncoder | None
) -> None:
    found = []
    for seed in range(8):
        room = scripted(tmp_path / f"{seed}", *random.Random(seed).sample(PAPERS, len(PAPERS)))
        room.encoder = encoder
        room.poller = room.new_poller()
        await room.poll()
        at_first = grouping(room)
        room.now += timedelta(hours=1)
        room.poller.reconsider()
        found.append((at_first, grouping(room)))
        room.database.close()
    assert all(each == found[0] for each in found)
    assert 2 < len(found[0][0][0]) < 20


async def test_the_earliest_of_the_same_texts_is_the_original(room: PollerRoom) -> None:
    await room.poll()
    [(copy, original)] = room.rows("SELECT p.url, o.url FROM posts p JOIN posts o ON o.id = p.copy_of")
    assert (copy, original) == ("https://courier.example/reprint", "https://herald.example/first")


async def test_nobody_is_told_before_the_end_and_everybody_once(room: PollerRoom) -> None:
    before: list[tuple[Any, ...]] = []

    def on_polled(polled: PolledSource) -> None:
        before.extend(room.rows("SELECT * FROM changes"))

    await room.poller.poll(room.poller.sources, on_polled=on_polled)
    assert before == []
    told = room.rows("SELECT what, row_id, count(*) FROM changes WHERE change = 'new' GROUP BY what, row_id")
    assert {(what, row_id) for what, row_id, _ in told} == {
        *(("post", row_id) for (row_id,) in room.rows("SELECT id FROM posts")),
        *(("story", row_id) for (row_id,) in room.rows("SELECT id FROM stories")),
    }
    assert {count for *_, count in told} == {1}
    assert room.rows("SELECT * FROM changes WHERE change NOT IN ('new', 'edited')") == []
    assert room.rows("SELECT * FROM stories WHERE merged_into IS NOT NULL") == []


@pytest.mark.parametrize(("many", "times"), [(3, 1), (1000, 0)])
async def test_what_reads_gives_its_memory_back_before_many_are_grouped(
    room: PollerRoom, monkeypatch: pytest.MonkeyPatch, many: int, times: int
) -> None:
    monkeypatch.setattr(first_polls, "_MANY", many)
    grouped: list[int] = []
    rest = lambda: grouped.append(room.rows("SELECT count(story_id) FROM posts")[0][0])  # noqa: E731
    room.poller = Poller(room.database, room.config, room.collect, clock=lambda: room.now, rest=rest)
    await room.poll()
    assert grouped == [0] * times


async def test_what_a_second_poll_brings_is_decided_when_it_comes(room: PollerRoom) -> None:
    await room.poll()
    before = room.rows("SELECT url, story_id, story_because FROM posts ORDER BY id")
    seq = room.rows("SELECT max(seq) FROM changes")[0][0]
    early = article("early", "Evening ferry sails again after storm", FERRY, host="mirror", hours=95)
    later = article("later", "Ferry rudder mended after the storm", "Told again.", host="mirror", hours=0)
    room.collect.begin_anew()
    room.collect.posts(url_of("mirror"), [later, early])
    told: list[int] = []
    await room.poller.poll(
        room.poller.sources,
        on_polled=lambda polled: told.append(len(room.rows(f"SELECT * FROM changes WHERE seq > {seq}"))),
    )
    assert max(told) > 0  # at once
    assert room.rows("SELECT url, story_id, story_because FROM posts ORDER BY id")[: len(before)] == before
    assert room.rows("SELECT count(*) FROM first_polls") == [(1,)]


async def test_of_a_source_that_is_added_only_the_posts_are_grouped(room: PollerRoom) -> None:
    await room.poll()
    before = room.rows("SELECT url, story_id, story_because FROM posts ORDER BY id")
    seq = room.rows("SELECT max(seq) FROM changes")[0][0]
    added = Source(kind="feed", url=url_of("star"), title="star")
    room.config = replace(room.config, sources=(*room.config.sources, added))
    room.poller = room.new_poller()
    room.collect.posts(url_of("star"), [
        article("a", "Crane accident closes harbour dock", "Crane accident closes harbour dock. More.", host="star"),
        article("b", "Orchard prize for the mayor", "The mayor's orchard won.", host="star", hours=70),
        article("c", "Mayor wins orchard prize", "The orchard of the mayor has the prize.", host="star", hours=60),
    ])  # fmt: skip
    await room.poll()
    assert room.rows("SELECT url, story_id, story_because FROM posts ORDER BY id")[: len(before)] == before
    [(crane,), *_] = room.rows("SELECT story_id FROM posts WHERE url LIKE 'https://star.example/a'")
    assert crane in {story_id for _, story_id, _ in before}
    changes = set(room.rows(f"SELECT what, change FROM changes WHERE seq > {seq}"))
    assert changes <= {("post", "new"), ("story", "new"), ("story", "edited")}
    assert room.rows(f"SELECT count(*) FROM changes WHERE what = 'post' AND seq > {seq}") == [(3,)]


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("steps", [0, 1, 3, 6])
async def test_killed_in_the_middle_it_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    undisturbed, cut = scripted(tmp_path / "undisturbed", *PAPERS), scripted(tmp_path / "cut", *PAPERS)
    await undisturbed.poll()
    left, step = [steps], first_polls.FirstPolls._step

    def dies(self: first_polls.FirstPolls, ids: Any) -> None:
        if not left[0]:
            raise asyncio.CancelledError
        left[0] -= 1
        step(self, ids)

    with monkeypatch.context() as patch:
        patch.setattr(first_polls.FirstPolls, "_step", dies)
        with pytest.raises(asyncio.CancelledError):
            await cut.poll()
    waiting = cut.rows("SELECT count(*) FROM posts WHERE story_id IS NULL")[0][0]
    assert waiting == cut.rows("SELECT count(*) FROM posts")[0][0] - 3 * steps
    assert cut.rows("SELECT count(*) FROM changes WHERE what = 'post' AND change = 'new'") == [(3 * steps,)]
    cut.database.close()
    cut.database = Database(cut.config.storage.path)
    cut.poller = cut.new_poller()
    await cut.poller.poll([])
    for query in EVERYTHING:
        assert cut.rows(query) == undisturbed.rows(query)
    undisturbed.database.close()
    cut.database.close()


@pytest.mark.usefixtures("small_steps")
async def test_a_stop_ends_it_after_the_step(room: PollerRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, step = asyncio.Event(), first_polls.FirstPolls._step

    def stops(self: first_polls.FirstPolls, ids: Any) -> None:
        stop.set()
        step(self, ids)

    with monkeypatch.context() as patch:
        patch.setattr(first_polls.FirstPolls, "_step", stops)
        await room.poll(stop=stop)
    assert room.rows("SELECT count(*) FROM posts WHERE story_id IS NOT NULL") == [(3,)]
    await room.poll()
    assert room.rows("SELECT count(*) FROM posts WHERE story_id IS NULL") == [(0,)]


@pytest.mark.usefixtures("small_steps")
async def test_a_daemon_polls_between_two_turns_of_it(room: PollerRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    minutes = iter(range(1000))
    monkeypatch.setattr(room.poller._first_polls, "_timer", lambda: 60.0 * next(minutes))
    waiting = []
    for _ in range(20):
        await room.poll(is_patient=False)
        waiting += room.rows("SELECT count(*) FROM posts WHERE story_id IS NULL")
    assert waiting[0] > (0,)
    assert waiting[-1] == (0,)
    assert waiting == sorted(waiting, reverse=True)
    assert room.rows("SELECT count(*), count(DISTINCT row_id) FROM changes WHERE change = 'new' AND what = 'post'") == [
        (22, 22)
    ]


@pytest.mark.usefixtures("small_steps")
async def test_no_second_thoughts_while_half_of_it_has_stories(
    room: PollerRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    minutes = iter(range(1000))
    monkeypatch.setattr(room.poller._first_polls, "_timer", lambda: 60.0 * next(minutes))
    at: list[tuple[int, int]] = []
    monkeypatch.setattr(
        room.poller._stories,
        "reconsider",
        lambda: at.extend(room.rows("SELECT count(story_id), count(*) - count(story_id) FROM posts")),
    )
    for turn in range(20):
        room.collect.begin_anew()
        for name, posts in reports().items():
            room.collect.posts(url_of(name), [*posts, article(f"new{turn}", f"Report {turn}", host=name)])
        await room.poll(is_patient=False)
    assert room.rows("SELECT count(*) FROM posts WHERE story_id IS NULL") == [(0,)]
    assert any(waiting and not grouped for grouped, waiting in at)
    assert [(grouped, waiting) for grouped, waiting in at if grouped and waiting] == []


@pytest.mark.usefixtures("small_steps")
async def test_a_poll_by_hand_goes_on_to_the_end(room: PollerRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    minutes = iter(range(1000))
    monkeypatch.setattr(room.poller._first_polls, "_timer", lambda: 60.0 * next(minutes))
    await room.poll()
    assert room.rows("SELECT count(*) FROM posts WHERE story_id IS NULL") == [(0,)]


async def test_a_source_that_failed_is_first_when_it_answers(room: PollerRoom) -> None:
    room.collect.begin_anew()
    for name, posts in reports().items():
        if name == "mirror":
            room.collect.trouble(url_of(name), Outcome.FAILED, "no route")
        room.collect.posts(url_of(name), posts)
    await room.poll()
    assert room.rows("SELECT count(*) FROM posts WHERE publisher = 'mirror.example'") == [(0,)]
    await room.poll()
    assert room.rows("SELECT count(*), count(at) FROM first_polls") == [(2, 2)]
    assert room.rows("SELECT count(*) FROM posts WHERE story_id IS NULL") == [(0,)]


async def test_what_an_editor_decided_stays(room: PollerRoom) -> None:
    room.config = replace(room.config, sources=room.config.sources[:3])
    room.poller = room.new_poller()
    await room.poll()
    [[(story, post), *_]] = [
        room.rows(
            "SELECT s.id, lead_post_id FROM stories s JOIN posts p ON p.id = lead_post_id WHERE s.title LIKE '%rane%'"
        )
    ]
    editor = Editor(room.database, room.now)
    editor.rename(str(story), "The crane")
    editor.pin(str(story), True)
    everyone = tuple(Source(kind="feed", url=url_of(name), title=name) for name in PAPERS)
    room.config = replace(room.config, sources=everyone)
    room.poller = room.new_poller()
    await room.poll()
    assert room.rows(f"SELECT title, lead_post_id, post_count > 1 FROM stories WHERE id = {story}") == [
        ("The crane", post, 1)
    ]


async def test_rebuilding_after_it_changes_nothing(room: PollerRoom) -> None:
    await room.poll()
    before = [room.rows(query) for query in EVERYTHING]
    posts = len(before[0])
    assert rebuild_copies(room.database, room.now, lambda _: None) == Rebuilt(posts, 0)
    assert rebuild_stories(room.database, room.config.stories, room.now, lambda _: None) == Rebuilt(posts, 0)
    assert [room.rows(query) for query in EVERYTHING] == before


async def test_rebuilding_leaves_what_waits_alone(room: PollerRoom) -> None:
    stop = asyncio.Event()
    await room.poller.poll(room.poller.sources, stop=stop, on_polled=lambda _: stop.set())
    waiting = room.rows("SELECT count(*) FROM posts WHERE story_id IS NULL")
    assert waiting > [(0,)]
    assert rebuild_stories(room.database, room.config.stories, room.now, lambda _: None) == Rebuilt(0, 0)
    assert room.rows("SELECT count(*) FROM posts WHERE story_id IS NULL") == waiting


async def test_a_restart_holds_what_the_process_held(room: PollerRoom) -> None:
    await room.poll()
    lived = room.poller._stories.index
    again = load_story_index(room.database, room.config.stories, room.now)
    assert lived
    assert [(post_id, came._replace(words=sorted(came.words))) for post_id, came in again.arrivals.posts.items()] == [
        (post_id, came._replace(words=sorted(came.words))) for post_id, came in lived.arrivals.posts.items()
    ]
    assert {each: plain(story) for each, story in again.stories.items()} == {
        each: plain(story) for each, story in lived.stories.items()
    }


def plain(story: Story) -> tuple[Any, ...]:
    vector = {word: round(weight, 5) for word, weight in story.vector.items()}
    return story.title, story.lead_post_id, story.first_at, story.last_at, vector, story.posts, story.serial


async def test_a_post_that_meets_a_bug_has_a_story_of_its_own(
    room: PollerRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = first_polls.story_post_of

    def buggy(saved: Any, embedding: bytes | None) -> Any:
        if saved.post.url == "https://mirror.example/1":
            raise KeyError("a bug")
        return made(saved, embedding)

    monkeypatch.setattr(first_polls, "story_post_of", buggy)
    await room.poll()
    assert room.rows("SELECT count(*) FROM posts WHERE story_id IS NULL") == [(0,)]
    assert room.rows(
        "SELECT post_count FROM stories s JOIN posts p ON p.story_id = s.id WHERE p.url = 'https://mirror.example/1'"
    ) == [(1,)]
    assert room.rows("SELECT count(*) FROM stories WHERE post_count > 1") > [(0,)]


async def test_it_waits_for_sources_that_could_not_be_asked_yet(room: PollerRoom) -> None:
    limits = replace(room.config.polling, per_domain=DomainLimit(spacing=timedelta(minutes=1)))
    twins = tuple(Source(kind="feed", url=f"https://one.example/{name}", title=name) for name in PAPERS[:2])
    room.config = replace(room.config, polling=limits, sources=twins)
    room.collect.begin_anew()
    for twin, posts in zip(twins, reports().values(), strict=False):
        room.collect.posts(twin.url, posts)
    room.poller = room.new_poller()
    await room.poll(is_patient=False)
    assert room.rows("SELECT count(*), count(story_id) FROM posts") == [(4, 0)]
    room.now += timedelta(minutes=2)
    await room.poller.poll(room.poller.due(), is_patient=False)
    assert room.rows("SELECT count(*), count(story_id) FROM posts") == [(9, 9)]
    assert room.rows("SELECT count(*) FROM first_polls") == [(1,)]


async def test_it_does_not_wait_for_ever(room: PollerRoom) -> None:
    limits = replace(room.config.polling, per_domain=DomainLimit(spacing=timedelta(hours=1)))
    twins = tuple(Source(kind="feed", url=f"https://one.example/{name}", title=name) for name in PAPERS[:2])
    room.config = replace(room.config, polling=limits, sources=twins)
    room.collect.begin_anew()
    room.collect.posts(twins[0].url, reports()["gazette"])
    room.poller = room.new_poller()
    await room.poll(is_patient=False)
    room.now += timedelta(minutes=11)
    await room.poller.poll(room.poller.due(), is_patient=False)
    assert room.rows("SELECT count(*), count(story_id) FROM posts") == [(4, 4)]


async def test_what_went_before_it_was_grouped_is_grouped_when_it_is_back(room: PollerRoom) -> None:
    stop = asyncio.Event()
    await room.poller.poll(room.poller.sources, stop=stop, on_polled=lambda _: stop.set())
    with room.database.write():
        room.database.conn.execute("UPDATE posts SET gone_at = first_seen_at WHERE id = 1")
    await room.poll()
    assert room.rows("SELECT story_id FROM posts WHERE id = 1") == [(None,)]
    with room.database.write():
        room.database.conn.execute("UPDATE posts SET gone_at = NULL WHERE id = 1")
    await room.poll()
    assert room.rows("SELECT count(*) FROM posts WHERE story_id IS NULL") == [(0,)]
