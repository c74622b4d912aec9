"""A site that is kept up to date is the same, byte for byte, as one that is built anew."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.engine.site.publisher import build_site
from aggregator.model.brief import PARTS, Amount, Brief, BriefSentence, Due, Method
from aggregator.model.changes import EarlierLink
from aggregator.model.post import Post
from aggregator.model.rules import Term, TopicRule
from aggregator.model.source import Source
from aggregator.publish.building.site import Stopped
from aggregator.storage.briefs.rows import drop_briefs, save_brief
from aggregator.storage.changelog import log_changes
from aggregator.storage.corrections import Editor
from aggregator.storage.deletions import forget
from aggregator.storage.stories import replace_links
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.poller_room import PollerRoom, article, url_of
from tests.helpers.site_room import PAPERS, STORM, build, files, polled, same_as_anew, settings

MATTERS = (
    "ferry loses its rudder in a storm", "museum shows tide clocks of the harbour", "bakers raise the night tariff",
    "harbour crane falls on a shed", "council buys the old lighthouse", "school choir sings on the quay",
    "fog stops the morning ferry", "seal pups count at a record",
)  # fmt: skip
PLACES = ("Port Marlow", "Adams Isle", "Kestrel Bay", "Long Sound", "Grey Point")


TAG, LIST = "https://isle.example/tags/ferry", "https://isle.example/lists/1"
RULES = tuple(
    TopicRule(topic=topic, label=topic.title(), any=(Term(topic.removesuffix("s")),), kind=kind)
    for topic, kind in (("ferries", "topic"), ("harbours", "topic"), ("seals", "topic"), ("marlow", "company"))
)


class Desk:
    """Papers and people who write, correct and take back, and an editor, as the dice say. What the list shows is seen
    with a token alone."""

    def __init__(self, room: PollerRoom, seed: int) -> None:
        self._room, self._dice, self._briefs = room, random.Random(seed), random.Random(seed)
        more = (Source(kind="hashtag", url=TAG, title="#ferry"), Source(kind="list", url=LIST, title="us", token="x"))
        room.config = replace(room.config, sources=(*room.config.sources, *more), rules=RULES)
        room.collect.taxonomy = Taxonomy(RULES)
        room.poller = room.new_poller()
        self._posts: dict[str, list[Post]] = {url: [] for url in (*map(url_of, PAPERS), TAG, LIST)}
        self._number, self._last = 0, ""

    def _fresh(self, source: str) -> Post:
        dice, self._number = self._dice, self._number + 1
        matter, place = dice.choice(MATTERS), dice.choice(PLACES)
        ago = dice.choice((dice.randrange(600), dice.randrange(600), dice.randrange(9) * 1440, -dice.randrange(300)))
        at = self._room.now - timedelta(minutes=ago)
        slug = f"{self._number}-{matter.replace(' ', '-')}"
        text = f"{place}: {matter}. {dice.choice(MATTERS).capitalize()}, says nobody in {dice.choice(PLACES)}."
        if source in (TAG, LIST) or dice.random() < 0.15:
            url = f"https://isle.example/@{dice.choice(('mira', 'zed', 'ona'))}/{self._number}"
            return Post(
                kind="status", native_id=url, title="", text=text, url=url, canonical_url=url, uri=url,
                author=url.split("/")[3].lstrip("@") + "@isle.example", visibility="public", published_at=at,
                indexable=dice.choice((True, True, False, None)), noindex=dice.random() < 0.1,
                boosts=dice.randrange(9), content_warning=dice.choice((None, None, "storm")),
                article_url=dice.choice((None, self._last or None)),
            )  # fmt: skip
        self._last = url = f"{source.removesuffix('feed')}{slug}"
        return Post(
            kind="article", native_id=url, title=f"{matter.capitalize()} at {place}", text=text, url=url,
            canonical_url=url, published_at=at,
        )  # fmt: skip

    def _changed(self, post: Post) -> Post:
        dice = self._dice
        match dice.randrange(30):
            case 0:
                return replace(
                    post,
                    title=post.title and post.title + " again",
                    text=post.text + " More.",
                    edited_at=self._room.now,
                )
            case 1 | 2 if post.kind == "status":
                return replace(post, indexable=dice.choice((True, False)), boosts=(post.boosts or 0) + 900)
            case 3 if post.kind == "status":
                return replace(post, content_warning=dice.choice((None, "fog")), text=post.text + " !")
        return post

    async def poll(self) -> None:
        dice = self._dice
        self._room.collect.begin_anew()
        for source, posts in self._posts.items():
            gone = [post.native_id for post in posts if post.kind == "status" and dice.random() < 0.05]
            stay = [self._changed(post) for post in posts if post.native_id not in gone][-12:]
            new = [self._fresh(source) for _ in range(dice.randrange(4))]
            if source == LIST and new and dice.random() < 0.4:  # what only a token showed is shown to everybody
                self._posts[TAG].append(new[0])
            self._posts[source] = stay + new
            self._room.collect.posts(source, self._posts[source], gone=gone)
        self._room.now += timedelta(minutes=dice.choice((20, 60, 300, 300, 1440)))
        await self._room.poll()

    def edit(self) -> None:
        """What an editor and an operator do now and then."""
        database, dice, now = self._room.database, self._dice, self._room.now
        ids = self._column("SELECT id FROM stories WHERE merged_into IS NULL AND post_count > 0 ORDER BY id")
        editor = Editor(database, now)
        if len(ids) < 4:
            return
        one, other = dice.sample(ids, 2)
        match dice.randrange(10):
            case 0:
                editor.merge(str(one), str(other))
            case 1 | 2:
                editor.pin(str(one), is_pinned=dice.random() < 0.7)
            case 3:
                editor.rename(str(one), "A title that an editor gave")
            case 4:
                posts = self._column(f"SELECT id FROM posts WHERE story_id = {one} AND gone_at IS NULL ORDER BY id")
                if len(posts) > 1:
                    editor.split(str(one), posts[1:])
            case 5:
                post = dice.choice(self._column("SELECT id FROM posts WHERE gone_at IS NULL ORDER BY id"))
                editor.topic(post, dice.choice(("ferries", "seals")), is_there=dice.random() < 0.6)
            case 6 if dice.random() < 0.3:
                with database.write():
                    forget(database.conn, "ona@isle.example", [], now)
            case 7:
                with database.write():
                    replace_links(database.conn, [EarlierLink(max(one, other), min(one, other), 0.5, "by lot")], now)
            case 8:
                with database.write():
                    at = dice.choice(("NULL", "'2026-05-04T12:00:00Z'"))
                    database.conn.execute(f"UPDATE sources SET removed_at = {at}, title = title || '!' WHERE id = 4")
            case _:
                self._room.poller.reconsider()

    def brief(self) -> None:
        """What the writer of briefs does: writes some, others anew, and takes some away."""
        database, dice, now = self._room.database, self._briefs, self._room.now
        ids = self._column("SELECT id FROM stories WHERE merged_into IS NULL AND post_count > 0 ORDER BY id")
        some = dice.sample(ids, min(len(ids), 4))
        with database.write():
            for story_id in some[:3]:
                save_brief(database.conn, self._brief_of(story_id))
            drop_briefs(database.conn, some[3:])
            log_changes(database.conn, now, "story", "edited", some)

    def _brief_of(self, story_id: int) -> Brief:
        dice, now = self._briefs, self._room.now
        # All that ever was in it: some of that may not be shown, or not any more.
        posts = self._column(f"SELECT id FROM posts WHERE story_id = {story_id} ORDER BY id")
        earlier = self._column(f"SELECT earlier_story_id FROM story_links WHERE story_id = {story_id}")
        method: Method = dice.choice(("extracted", "model"))
        day = now.date() + timedelta(days=dice.choice((-1, 0, 1, 2, 40, 400)))
        due = Due(day, day + timedelta(days=30), "month") if dice.random() < 0.3 else Due(day, day, "day")
        said = [
            BriefSentence(
                part=part, text=f"{dice.choice(MATTERS).capitalize()}, it says at {now}.",
                language=dice.choice(("en", "de")),
                made=dice.choice(("quoted", "written", "counted")), posts=tuple(dice.sample(posts, min(len(posts), 2))),
                stories=tuple(earlier[:1]) if part == "context" else (),
                due=due if part == "watch" and dice.random() < 0.8 else None,
            )
            for part in PARTS for _ in range(dice.randrange(3))
        ]  # fmt: skip
        amounts = [
            Amount(matter=1, text=f"{dice.randrange(9)} boats", value=None, unit="", language="en", posts=(post,))
            for post in posts[:2]
        ]
        return Brief(
            story_id=story_id, language=dice.choice(("en", "en", "en", "de")), headline="A headline", method=method,
            sentences=tuple(said), amounts=tuple(amounts), digest=str(now), written_at=now,
            model="m" if method == "model" else None,
        )  # fmt: skip

    def _column(self, sql: str) -> list[int]:
        return [row[0] for row in self._room.database.conn.execute(sql)]


@pytest.mark.parametrize(("seed", "zone"), [(1, "Europe/Berlin"), (2, "Pacific/Chatham")])
async def test_kept_up_to_date_over_fifty_polls_it_equals_a_full_build(
    room: PollerRoom, tmp_path: Path, seed: int, zone: str
) -> None:
    desk, kept = Desk(room, seed), tmp_path / "kept"
    for number in range(50):
        await desk.poll()
        if number % 3:
            desk.edit()
        desk.brief()
        built = build(room, kept, by=replace(settings(kept), timezone=zone))
        assert bool(built.because) is (number == 0)
        if number % 7 == 6 or number == 49:
            anew = tmp_path / f"anew{number}"
            build(room, anew, is_full=True, by=replace(settings(anew), timezone=zone))
            mine, theirs = files(kept), files(anew)
            assert mine.keys() == theirs.keys()
            assert [path for path in mine if mine[path] != theirs[path]] == []
    assert any(path.startswith("stories/") for path in mine)
    assert mine["feeds/agenda.ics"].count(b"BEGIN:VEVENT") > 1
    assert room.rows("SELECT count(*) FROM stories WHERE merged_into IS NOT NULL") != [(0,)]
    assert room.rows("SELECT count(*) FROM posts WHERE gone_at IS NOT NULL") != [(0,)]


async def test_built_twice_it_is_the_same_and_untouched(room: PollerRoom, tmp_path: Path) -> None:
    desk, kept = Desk(room, 3), tmp_path / "kept"
    for _ in range(5):
        await desk.poll()
    build(room, kept)
    before = {path: (kept / path).stat() for path in files(kept)}
    content = files(kept)
    again = build(room, kept)
    assert (again.written, again.removed, again.because) == (0, 0, "")
    full = build_site(room.config.storage.path, settings(kept), is_full=True)
    assert (full.written, full.removed) == (0, 0)
    assert files(kept) == content
    assert {path: (kept / path).stat().st_mtime_ns for path in before} == {
        path: stat.st_mtime_ns for path, stat in before.items()
    }


async def test_a_poll_of_twenty_posts_touches_few_pages(room: PollerRoom, tmp_path: Path) -> None:
    desk, kept = Desk(room, 4), tmp_path / "kept"
    for _ in range(40):
        await desk.poll()
    total = build(room, kept).pages
    room.now += timedelta(minutes=15)
    await desk.poll()
    assert 0 < build(room, kept).pages < total / 2


@pytest.mark.parametrize("after", [0, 3, 11, 20])
async def test_a_build_that_was_stopped_goes_on_where_it_was(room: PollerRoom, tmp_path: Path, after: int) -> None:
    desk, kept = Desk(room, 5), tmp_path / "kept"
    for _ in range(12):
        await desk.poll()
    build(room, kept)
    room.now += timedelta(days=2)  # so that topics are stale by the day alone
    await desk.poll()
    calls = iter(range(10_000))
    with pytest.raises(Stopped):
        build_site(room.config.storage.path, settings(kept), is_stopped=lambda: next(calls) >= after)
    built = build(room, kept)
    assert not built.because
    build(room, tmp_path / "anew", is_full=True)
    assert files(kept) == files(tmp_path / "anew")


async def test_a_full_build_that_was_stopped_is_begun_again(room: PollerRoom, tmp_path: Path) -> None:
    desk, kept = Desk(room, 6), tmp_path / "kept"
    for _ in range(5):
        await desk.poll()
    calls = iter(range(10_000))
    with pytest.raises(Stopped):
        build_site(room.config.storage.path, settings(kept), is_stopped=lambda: next(calls) >= 40)
    assert list(kept.glob("stories/*/index.html"))
    assert "cut off" in build(room, kept).because
    build(room, tmp_path / "anew", is_full=True)
    assert files(kept) == files(tmp_path / "anew")


async def test_changes_that_are_no_longer_kept_are_not_skipped(room: PollerRoom, tmp_path: Path) -> None:
    desk, kept = Desk(room, 7), tmp_path / "kept"
    await desk.poll()
    build(room, kept)
    for _ in range(4):
        await desk.poll()
    [(newest,)] = room.rows("SELECT max(seq) FROM changes")
    room.database.conn.execute("DELETE FROM changes WHERE seq < ?", (newest - 1,))
    assert "no longer kept" in build(room, kept).because
    room.database.conn.execute("DELETE FROM changes")
    assert not build(room, kept).because  # it has seen them all
    build(room, tmp_path / "anew", is_full=True)
    assert files(kept) == files(tmp_path / "anew")


async def test_another_database_is_noticed(room: PollerRoom, tmp_path: Path) -> None:
    await Desk(room, 8).poll()
    build(room, tmp_path / "kept")
    (tmp_path / "other").mkdir()
    other = PollerRoom(tmp_path / "other", *PAPERS)
    await Desk(other, 9).poll()
    assert build(other, tmp_path / "kept").because
    build(other, tmp_path / "anew", is_full=True)
    assert files(tmp_path / "kept") == files(tmp_path / "anew")
    other.database.close()


async def test_what_a_story_is_called_reaches_the_pages_that_link_to_it(room: PollerRoom, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    first = article("rudder", "Ferry Halcyon loses its rudder in the storm", STORM)
    other = article("tugs", "Halcyon towed: ferry without a rudder", STORM.replace("Two", "Three"), host="courier")
    await polled(room, gazette=first, courier=other)
    room.now += timedelta(days=9)
    trial, verdict = (
        replace(
            article(name, f"Harbour court {name}", f"The harbour court {name} today.", host=host), published_at=room.now
        )
        for name, host in (("opens", "gazette"), ("opens late", "courier"))
    )
    await polled(room, gazette=trial, courier=verdict)
    earlier, *_, later = [row[0] for row in room.rows("SELECT id FROM stories ORDER BY id")]
    room.database.conn.execute(
        "INSERT INTO story_links VALUES (?, ?, 0.5, 'shared words: harbour', 'continues')", (later, earlier)
    )
    room.database.conn.execute("UPDATE stories SET pinned_at = '2026-05-04T12:00:00Z'")
    build(room, kept)
    Editor(room.database, room.now).rename(str(earlier), "A title that an editor gave")
    await same_as_anew(room, tmp_path, kept)
    slug = room.rows(f"SELECT slug FROM stories WHERE id = {later}")[0][0]
    assert "A title that an editor gave" in (kept / "stories" / slug / "index.html").read_text()


async def test_a_new_day_reaches_the_pages_of_topics(room: PollerRoom, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    await polled(room, gazette=article("rudder", "Ferry loses its rudder", STORM))
    build(room, kept)
    page = kept / "topics" / "ferries" / "index.html"
    before = page.read_text()
    room.now += timedelta(days=3)
    await polled(room, courier=replace(article("bread", "Bakers raise the tariff"), published_at=room.now))
    await same_as_anew(room, tmp_path, kept)
    assert page.read_text() != before


async def test_an_edit_leaves_the_page_of_a_day_that_has_ended(room: PollerRoom, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    post = article("rudder", "Ferry loses its rudder", STORM)
    await polled(room, gazette=post)
    build(room, kept)
    page = kept / "days" / "2026-05-04" / "index.html"
    before = page.read_text()
    room.now += timedelta(days=2)
    await polled(room, gazette=replace(post, title="Ferry towed to the quay"))
    await same_as_anew(room, tmp_path, kept)
    assert "Ferry towed to the quay" in (kept / "river" / "index.html").read_text()
    assert page.read_text() == before


async def test_what_was_deleted_leaves_the_page_of_a_day_that_has_ended(room: PollerRoom, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    url = "https://isle.example/@mira/1"
    status = replace(
        article("a", "", STORM), kind="status", title="", url=url, uri=url, native_id=url, author="mira@isle.example",
        visibility="public", indexable=True,
    )  # fmt: skip
    await polled(room, gazette=status, courier=article("bread", "Bakers raise the tariff", host="courier"))
    build(room, kept)
    page = kept / "days" / "2026-05-04" / "index.html"
    assert "Halcyon" in page.read_text()
    room.now += timedelta(days=2)
    room.collect.begin_anew()
    room.collect.posts(url_of("gazette"), [], gone=[url])
    await room.poll()
    await same_as_anew(room, tmp_path, kept)
    assert "Halcyon" not in "".join(text.decode() for text in files(kept).values())


async def test_a_brief_reaches_its_page_lists_and_the_agenda_and_leaves_them(room: PollerRoom, tmp_path: Path) -> None:
    kept, database = tmp_path / "kept", room.database
    other = article("tugs", "Halcyon towed: ferry without a rudder", STORM.replace("Two", "Three"), host="courier")
    await polled(room, gazette=article("rudder", "Ferry Halcyon loses its rudder in the storm", STORM), courier=other)
    build(room, kept)
    [(story_id, slug, lead)] = room.rows("SELECT id, slug, lead_post_id FROM stories")
    day = room.now.date() + timedelta(days=2)
    said = BriefSentence(
        part="watch", text="The court hears the captain.", language="en", made="quoted", posts=(lead,),
        due=Due(day, day, "day"),
    )  # fmt: skip
    brief = Brief(
        story_id=story_id, language="en", headline="", sentences=(said,), method="extracted", digest="1",
        written_at=room.now,
    )  # fmt: skip
    with database.write():
        save_brief(database.conn, brief)
        log_changes(database.conn, room.now, "story", "edited", [story_id])
    await same_as_anew(room, tmp_path, kept)
    told = [path for path, data in files(kept).items() if b"The court hears the captain" in data]
    assert {"index.html", "agenda/index.html", f"stories/{slug}/index.html", "feeds/agenda.ics"} <= set(told)
    # Days pass: what was to come then is past, though nobody wrote the brief anew.
    room.now += timedelta(days=3)
    await polled(room, tidings=replace(article("bread", "Bakers raise the tariff"), published_at=room.now))
    await same_as_anew(room, tmp_path, kept)
    assert "The court hears" not in (kept / "agenda" / "index.html").read_text()
    with database.write():
        drop_briefs(database.conn, [story_id])
        log_changes(database.conn, room.now, "story", "edited", [story_id])
    await same_as_anew(room, tmp_path, kept)
    assert "The court hears" not in (kept / "stories" / slug / "index.html").read_text()
