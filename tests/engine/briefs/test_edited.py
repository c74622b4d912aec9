"""What a model wrote goes where a post that it was shown says something else now, and stays where none does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from aggregator.engine.briefs.material import load_story
from aggregator.model.brief import BriefSentence
from aggregator.publish.briefs.prompt import prompt_for
from aggregator.storage.briefs.requests import Answered, Asked, begin_request, end_request
from aggregator.storage.briefs.rows import save_brief
from tests.helpers.brief_desk import TITLE, Desk, told
from tests.helpers.site_room import STORM, polled


async def _by_model(desk: Desk, language: str = "en", title: str = TITLE) -> int:
    """A brief that a model wrote of what it was shown, with a sentence of the first of two posts; whose story."""
    await polled(desk.room, gazette=told("storm", "gazette", title=title), courier=told("rudder", "courier"))
    await desk.write()
    [(story, brief)] = desk.briefs().items()
    sentences = tuple(
        BriefSentence(part="happened", text=f"Of {post}.", language=language, made="written", posts=(post,))
        for (post,) in desk.room.rows("SELECT id FROM posts ORDER BY id LIMIT 1")
    )
    found = load_story(desk.room.config.storage.path, desk.settings, story, language)
    assert found
    prompt = prompt_for(found.material.evidence, found.material.earlier, language, desk.room.now.date())
    with desk.room.database.write():
        conn = desk.room.database.conn
        asked = Asked(
            at=desk.room.now, story_id=story, language=language, model="small", wanted="draft", digest=prompt.digest,
            tokens_in=1,
        )  # fmt: skip
        end_request(conn, begin_request(conn, asked), Answered("ok"))
        written = replace(brief, language=language, method="model", model="small", headline="By the model")
        save_brief(conn, replace(written, written_at=desk.room.now, sentences=sentences))
    desk.room.now += timedelta(minutes=15)
    return story


async def test_what_a_model_wrote_stays_when_nothing_of_what_it_was_shown_is_edited(desk: Desk) -> None:
    story = await _by_model(desk)
    other = told("storm", "gazette")
    await polled(desk.room, gazette=replace(other, text=f"{other.text} Read more"))
    assert desk.room.rows("SELECT count(*) FROM post_revisions") == [(1,)]
    await desk.write()
    kept = desk.briefs()[story]
    assert (kept.method, kept.headline, kept.sentences[0].text) == ("model", "By the model", "Of 1.")


async def test_what_a_model_wrote_of_a_post_without_title_goes_when_that_says_something_else(desk: Desk) -> None:
    story = await _by_model(desk, title="")
    await polled(desk.room, gazette=told("storm", "gazette", title="", text=STORM.replace("lost", "kept")))
    await desk.write()
    assert desk.briefs()[story].method == "extracted"


async def test_a_models_headline_goes_when_a_post_that_no_sentence_names_says_something_else(desk: Desk) -> None:
    story = await _by_model(desk)
    kept_title = "Ferry Halcyon keeps its rudder in the storm"
    await polled(desk.room, courier=told("rudder", "courier", title=kept_title))
    await desk.write()
    kept = desk.briefs()[story]
    assert (kept.method, kept.headline, kept.sentences[0].text) == ("model", kept_title, "Of 1.")


async def test_what_a_model_wrote_in_another_language_goes_when_its_post_says_something_else(desk: Desk) -> None:
    story = await _by_model(desk, "fr")
    await desk.write()
    assert story in desk.briefs("fr")
    await polled(desk.room, gazette=told("storm", "gazette", title="Ferry Halcyon keeps its rudder in the storm"))
    await desk.write()
    assert desk.briefs("fr") == {}
