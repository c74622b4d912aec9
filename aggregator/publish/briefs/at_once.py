"""The brief of a story as pages and files tell it: the stored one, or what the same rules make of the story at once."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.model.brief import Brief, BriefSentence
from aggregator.model.site import ShownStory
from aggregator.publish.briefs.counted import counted
from aggregator.publish.briefs.evidence import evidence_of
from aggregator.publish.briefs.extracted import extracted
from aggregator.publish.briefs.happened import happened
from aggregator.publish.words import Words

# The first sentences of a post are what happened. More would only cost time: a site with a page for each story has
# thousands that one post tells, and lists have many of which no brief is stored.
_OF_POST = 5


def brief_of(story: ShownStory, words: Words) -> Brief:
    """The brief of a story in the words of the site. What is made at once knows no articles, nothing that only the
    database can count, and of a story of one post nothing that is to come: with that it would be stored."""
    if story.brief:
        return story.brief
    if len(story.posts) > 1:
        return extracted(story, evidence_of(story, {}), None, words, story.changed_at)
    told = _happened(story, words.language)
    return Brief(
        story_id=story.id, language=words.language, headline=story.title, method="extracted", digest="",
        sentences=(*told, *counted(story, None, words, ())), written_at=story.changed_at,
    )  # fmt: skip


def happened_of(story: ShownStory, language: str, most: int, longest: int) -> tuple[BriefSentence, ...]:
    """What happened, for a list: so many sentences at most, none of more than `longest` characters."""
    told = _happened(story, language) if story.brief is None else story.brief.part("happened")
    return tuple([each for each in told if len(each.text) <= longest][:most])


def _happened(story: ShownStory, language: str) -> Sequence[BriefSentence]:
    return happened(story, evidence_of(story, {}, of_post=_OF_POST), language)
