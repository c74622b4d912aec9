"""The brief of a story as pages and files tell it: the stored one, or what the same rules make of the story at once."""

from __future__ import annotations

from aggregator.model.brief import Brief, BriefSentence
from aggregator.model.site import ShownStory
from aggregator.publish.briefs.evidence import evidence_of
from aggregator.publish.briefs.extracted import extracted
from aggregator.publish.briefs.happened import happened
from aggregator.publish.words import Words


def brief_of(story: ShownStory, words: Words) -> Brief:
    """The brief of a story in the words of the site. What is made at once knows no articles, and nothing that only the
    database can count."""
    return story.brief or extracted(story, evidence_of(story, {}), None, words, story.changed_at)


def happened_of(story: ShownStory, language: str, most: int, longest: int) -> tuple[BriefSentence, ...]:
    """What happened, for a list: so many sentences at most, none of more than `longest` characters."""
    if story.brief is not None:
        told = story.brief.part("happened")
    else:
        told = tuple(happened(story, evidence_of(story, {}), language))
    return tuple([each for each in told if len(each.text) <= longest][:most])
