"""What was taken back, or may not be shown any more, leaves what a model wrote too; and pages that were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.engine.briefs.material import load_story
from aggregator.model.article import DuePage, FetchedPage, ReadPage
from aggregator.model.brief import Brief, BriefSentence, Part, Refused
from aggregator.model.post import Post
from aggregator.model.settings import Publish
from aggregator.storage.articles.rows import Queued, queue_pages, save_fetched
from aggregator.storage.articles.wanted import load_leading_posts
from aggregator.storage.briefs.rows import save_brief
from aggregator.storage.changelog import log_changes
from aggregator.storage.deletions import forget
from aggregator.storage.queries import Reader
from tests.helpers.brief_desk import Desk, told
from tests.helpers.poller_room import NOW
from tests.helpers.site_room import polled

SECRET = "Jane slept in the sports hall"
PAGE = "https://gazette.example/storm"


def _said(part: Part, text: str, posts: Sequence[int] = (), stories: Sequence[int] = ()) -> BriefSentence:
    return BriefSentence(
        part=part, text=text, language="en", made="written", posts=tuple(posts), stories=tuple(stories)
    )


def _everything(desk: Desk) -> str:
    found = desk.room.rows("SELECT headline, refused FROM briefs") + desk.room.rows("SELECT text FROM brief_sentences")
    return str(found)


async def _written(desk: Desk, language: str = "en") -> int:
    """A brief by a model of a story of three, the last of them a person, whose id this is."""
    await polled(
        desk.room, gazette=told("storm", "gazette"), courier=told("rudder", "courier"), tidings=told("sea", "tidings")
    )
    paper, _, person = (row[0] for row in desk.room.rows("SELECT id FROM posts ORDER BY id"))
    conn = desk.room.database.conn
    with desk.room.database.write():
        conn.execute("UPDATE posts SET kind = 'status', author = 'jane@isle.example' WHERE id = ?", (person,))
    await desk.write()
    [(_, brief)] = desk.briefs().items()
    sentences = (_said("happened", "The rudder was lost.", [paper]), _said("context", SECRET, [person]))
    with desk.room.database.write():
        save_brief(conn, _by_model(brief, sentences, language))
    return int(person)


def _by_model(brief: Brief, sentences: tuple[BriefSentence, ...], language: str = "en") -> Brief:
    refused = (Refused("context", f"{SECRET}, drunk", "no source says so"),)
    return replace(
        brief, method="model", model="small", language=language, headline=SECRET, refused=refused, sentences=sentences
    )


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_whoever_agrees_no_more_leaves_what_a_model_wrote_in_whatever_language(desk: Desk, language: str) -> None:
    person = await _written(desk, language)
    with desk.room.database.write():
        desk.room.database.conn.execute("UPDATE posts SET indexable = 0 WHERE id = ?", (person,))
        log_changes(desk.room.database.conn, desk.room.now, "post", "edited", [person])
    await desk.write()
    assert "Jane" not in _everything(desk)
    assert await desk.write() == (0, 0)


async def test_other_settings_leave_nothing_of_people_in_what_a_model_wrote(desk: Desk) -> None:
    await _written(desk)
    desk.begin(Publish(people="none"))
    await desk.write()
    assert "Jane" not in _everything(desk) and "The rudder was lost." in _everything(desk)
    desk.begin()
    assert await desk.write() == (0, 0)


async def test_a_title_of_then_that_was_taken_back_is_told_by_no_later_story(desk: Desk) -> None:
    first, second = await desk.storm_and_later()
    conn = desk.room.database.conn
    await desk.write()
    [(paper,)] = desk.room.rows(f"SELECT lead_post_id FROM stories WHERE id = {second}")
    sentences = (_said("happened", "It is back.", [paper]), _said("context", SECRET, stories=[first]))
    with desk.room.database.write():
        save_brief(conn, replace(_by_model(desk.briefs()[second], sentences), headline="Back", refused=()))
        [(address,)] = conn.execute(
            "SELECT url FROM posts WHERE id = (SELECT lead_post_id FROM stories WHERE id = ?)", (first,)
        )
        forget(conn, None, [address], desk.room.now)
    assert "Jane" not in _everything(desk)  # at once
    await desk.write()
    assert desk.briefs()[second].method == "extracted" and "Jane" not in _everything(desk)


async def _paged(desk: Desk) -> None:
    """A paper's article by Jane, whose page was read, and a person who leads there."""
    url = "https://isle.example/@mira/1"
    status = Post(
        kind="status", native_id=url, title="", url=url, canonical_url=url, uri=url, article_url=PAGE,
        text="I stand at the pier since this morning and nobody came to fetch the children out of the ship.",
        author="mira@isle.example", visibility="public", published_at=NOW, indexable=True,
    )  # fmt: skip
    by_jane = replace(told("storm", "gazette", text="x"), author="Jane Doe")
    await polled(desk.room, gazette=by_jane, courier=told("rudder", "courier"), tidings=status)


async def test_the_page_of_a_forgotten_author_says_nothing_by_whoever_leads_there(desk: Desk) -> None:
    await _paged(desk)
    conn, other = desk.room.database.conn, "https://other.example/"
    with desk.room.database.write():
        for page in (PAGE, other):
            conn.execute(
                "INSERT INTO articles (canonical_url, url, queued_at, fetched_at, author, title, text) "
                "VALUES (?1, ?1, '', '', 'Jane Doe', 'Her title', ?2)",
                (page, f"{SECRET}."),
            )
        forget(conn, "Jane Doe", [], desk.room.now)
    assert desk.room.rows("SELECT DISTINCT author, title, text FROM articles") == [(None, None, None)]
    loaded = load_story(desk.room.config.storage.path, Publish(), 1, "en")
    assert loaded and SECRET not in str(loaded)


@pytest.mark.parametrize(("author", "addresses"), [("Jane Doe", []), (None, ["https://elsewhere.example/storm"])])
async def test_no_brief_tells_what_a_forgotten_page_said_of_whose_author_its_feed_tells_nothing(
    desk: Desk, author: str | None, addresses: list[str]
) -> None:
    page = "https://elsewhere.example/storm"
    leading = replace(told("storm", "gazette"), kind="status", uri="x", article_url=page, author="mira@isle.example",
        indexable=True, visibility="public")  # fmt: skip
    await polled(desk.room, gazette=leading, courier=told("rudder", "courier"))
    with desk.room.database.write():
        desk.room.database.conn.execute(
            "INSERT INTO articles (canonical_url, url, queued_at, fetched_at, author, title, text) "
            "VALUES (?1, ?1, '', '', 'Jane Doe', 'Her title', ?2)",
            (page, f"{SECRET}, while the ferry Halcyon lay off Port Marlow without a rudder."),
        )
        log_changes(desk.room.database.conn, desk.room.now, "story", "edited", [1])
    await desk.write()
    [(story, brief)] = desk.briefs().items()
    sentence = replace(_said("happened", SECRET, brief.sentences[0].posts), articles=(1,))
    with desk.room.database.write():
        save_brief(desk.room.database.conn, _by_model(brief, (sentence,)))
        forget(desk.room.database.conn, author, addresses, desk.room.now)
    assert "Jane" not in _everything(desk)  # at once
    await desk.write()
    assert desk.briefs()[story].method == "extracted" and "Jane" not in _everything(desk)


async def test_a_forgotten_page_is_not_read_by_whoever_leads_there(desk: Desk) -> None:
    await _paged(desk)
    says = {source.id: (2, 2) for source in desk.room.poller.sources}

    def pages() -> set[str]:
        with Reader(desk.room.config.storage.path) as reader:
            return {each.page for each in load_leading_posts(reader, says, (), NOW - timedelta(days=9))}

    assert PAGE in pages()
    with desk.room.database.write():
        forget(desk.room.database.conn, None, [PAGE], desk.room.now)
    assert pages() and PAGE not in pages()


async def test_nothing_is_kept_of_a_page_that_was_forgotten_while_it_was_asked_for(desk: Desk) -> None:
    conn = desk.room.database.conn
    with desk.room.database.write():
        queue_pages(conn, [Queued(PAGE, PAGE, NOW)], NOW)
        due = DuePage(*conn.execute("SELECT id, url, canonical_url FROM articles").fetchone())
        forget(conn, None, [PAGE], NOW)
        came = FetchedPage(page=ReadPage(text=SECRET, author="Jane Doe"), http_status=200)
        assert not save_fetched(conn, due, came, None, NOW)
    assert desk.room.rows("SELECT author, text FROM articles") == [(None, None)]
