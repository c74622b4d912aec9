"""What may be shown of a stored brief: only what rests on what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.brief import Amount, Brief, BriefSentence
from aggregator.model.post import Post
from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory
from aggregator.storage.briefs.rows import save_brief
from aggregator.storage.site.rows import SiteRows
from tests.helpers.poller_room import NOW, PollerRoom, article, url_of
from tests.helpers.site_room import STORM

SEEN = "From the pier I saw the Halcyon drift for an hour before the tugs arrived."


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PollerRoom]:
    room = PollerRoom(tmp_path, "gazette", "timeline")
    yield room
    room.database.close()


async def _filled(room: PollerRoom, **more: Any) -> tuple[int, int]:
    """A story of a paper's post and a person's, whose ids these are."""
    url = "https://isle.example/@mira/1"
    values: dict[str, Any] = {
        "kind": "status", "native_id": url, "title": "", "text": SEEN, "url": url, "canonical_url": url, "uri": url,
        "author": "mira@isle.example", "article_url": "https://gazette.example/rudder", "visibility": "public",
        "published_at": NOW - timedelta(minutes=30), "indexable": True,
    }  # fmt: skip
    room.collect.posts(url_of("gazette"), [article("rudder", "Ferry loses its rudder", STORM)])
    room.collect.posts(url_of("timeline"), [Post(**{**values, **more})])
    await room.poll()
    (paper,), (person,) = room.rows("SELECT id FROM posts ORDER BY kind")
    return paper, person


def _brief(paper: int, person: int, **more: Any) -> Brief:
    def said(text: str, *posts: int, **other: Any) -> BriefSentence:
        values = {"part": "happened", "text": text, "language": "en", "made": "quoted", "posts": posts}
        return BriefSentence(**{**values, **other})

    values: dict[str, Any] = {
        "story_id": 1, "language": "en", "headline": "A ferry drifts", "method": "model", "model": "m", "digest": "d",
        "written_at": NOW - timedelta(hours=9),
        "sentences": (
            said("The rudder was lost.", paper),
            said("It drifted for an hour.", person),
            said("Told by two.", paper, person, part="context", made="counted", pattern="carried"),
            said("One says 1, the other 2.", paper, person, part="context", made="counted", pattern="differ"),
            said("As we reported, it was old.", paper, part="context", made="written", stories=(77,)),
        ),
        "amounts": (
            Amount(matter=1, text="an hour", value=1, unit="hours", language="en", posts=(person,)),
            Amount(matter=1, text="a night", value=None, unit="hours", language="en", posts=(paper,)),
            Amount(matter=2, text="two tugs", value=2, unit="tugs", language="en", posts=(paper,)),
            Amount(matter=2, text="three tugs", value=3, unit="tugs", language="en", posts=(paper,)),
        ),
    }  # fmt: skip
    return Brief(**{**values, **more})


def _shown(room: PollerRoom, **settings: Any) -> ShownStory:
    with SiteRows(room.config.storage.path, Publish(**settings)) as rows:
        [story] = rows.stories.load_whole([1])
    return story


def _texts(story: ShownStory) -> list[str]:
    return [each.text for each in story.brief.sentences] if story.brief else []


def _save(room: PollerRoom, brief: Brief) -> None:
    with room.database.write():
        save_brief(room.database.conn, brief)


async def test_the_brief_in_the_language_of_the_site_comes_with_its_story(room: PollerRoom) -> None:
    brief = _brief(*await _filled(room))
    assert _shown(room).brief is None
    whole = replace(brief, sentences=brief.sentences[:4])
    _save(room, whole)
    assert _shown(room).brief == whole
    assert _shown(room, language="de").brief is None


async def test_who_may_not_speak_is_not_heard_through_a_brief(room: PollerRoom) -> None:
    _save(room, _brief(*await _filled(room)))
    story = _shown(room, people="none")
    assert _texts(story) == ["The rudder was lost."]
    assert story.brief and story.brief.headline == ""  # who knows what that rests on?
    assert [each.text for each in story.brief.amounts] == ["two tugs", "three tugs"]


async def test_what_is_folded_is_not_quoted_but_counted(room: PollerRoom) -> None:
    _save(room, _brief(*await _filled(room, content_warning="storms")))
    story = _shown(room)
    assert _texts(story) == ["The rudder was lost.", "Told by two."]
    assert story.brief and story.brief.headline == ""
    assert [each.text for each in story.brief.amounts] == ["two tugs", "three tugs"]


async def test_what_was_reported_is_told_where_its_link_is(room: PollerRoom) -> None:
    _, person = await _filled(room)
    later = article("trial", "Harbour court opens", "The harbour court opens its books today.")
    room.now += timedelta(days=9)
    room.collect.begin_anew()
    room.collect.posts(url_of("gazette"), [replace(later, published_at=room.now)])
    await room.poll()
    [(post, story_id)] = room.rows("SELECT id, story_id FROM posts WHERE title = 'Harbour court opens'")
    sentence = replace(_brief(post, person).sentences[4], stories=(1,), posts=(post,))
    _save(room, _brief(post, person, story_id=story_id, sentences=(sentence,), amounts=()))
    with SiteRows(room.config.storage.path, Publish()) as rows:
        [unlinked] = rows.stories.load_whole([story_id])
    assert unlinked.brief is None
    room.database.conn.execute(
        "INSERT INTO story_links VALUES (?, 1, 0.5, 'the same matter goes on', 'continues')", (story_id,)
    )
    with SiteRows(room.config.storage.path, Publish()) as rows:
        [linked] = rows.stories.load_whole([story_id])
        [bare] = rows.stories.load([story_id])
    assert _texts(linked) == [sentence.text] and linked.brief and linked.brief.headline
    assert bare.brief is None


async def test_a_sentence_without_any_source_is_not_told(room: PollerRoom) -> None:
    paper, person = await _filled(room)
    brief = _brief(paper, person)
    lost = replace(brief.sentences[0], posts=(), articles=(3,))
    _save(room, replace(brief, sentences=(lost, brief.sentences[1])))
    assert _texts(_shown(room)) == [brief.sentences[1].text]


async def test_what_a_model_wrote_is_news_to_readers_of_feeds(room: PollerRoom) -> None:
    brief = _brief(*await _filled(room))
    before = _shown(room).changed_at
    late = before + timedelta(hours=1)
    _save(room, replace(brief, written_at=late, method="extracted"))
    assert _shown(room).changed_at == before
    _save(room, replace(brief, written_at=late))
    assert _shown(room).changed_at == late
