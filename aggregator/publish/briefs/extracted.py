"""The brief that is always there: made by rules, of what a story's posts and articles say and of what is counted.

Invents nothing: each sentence is taken whole from a source, or is counted. A part without a sentence is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from aggregator.model.brief import Brief, BriefSentence, Evidence
from aggregator.model.facts import Facts
from aggregator.model.site import ShownStory
from aggregator.publish.briefs.amounts import amounts
from aggregator.publish.briefs.counted import counted
from aggregator.publish.briefs.digest import input_digest
from aggregator.publish.briefs.happened import happened, matter_of, nearness
from aggregator.publish.briefs.likeness import said
from aggregator.publish.briefs.watch import watch
from aggregator.publish.words import Words


def extracted(
    story: ShownStory, evidence: Sequence[Evidence], facts: Facts | None, words: Words, now: datetime, mark: str = ""
) -> Brief:
    """The brief of a story in the language of `words`. `facts`: None where nothing but the story is known; `mark`: of
    the settings in force (`mark_of`). The same story, evidence and facts give the same brief; `now` is when."""
    matter = matter_of(story, evidence)
    ahead = watch(story, evidence, lambda each: nearness(said(each), matter))
    numbers = {each.n for each, _ in ahead}
    told = happened(story, evidence, words.language, numbers)
    kept = _needed(story, evidence, told, numbers)
    if kept != numbers:
        told = happened(story, evidence, words.language, kept)
        dues = {sentence.text: sentence.due for _, sentence in ahead}
        told = [replace(each, due=dues.get(each.text)) for each in told]  # the agenda has it all the same
        ahead = [(each, sentence) for each, sentence in ahead if all(sentence.text != other.text for other in told)]
    coming = [sentence for _, sentence in ahead]
    differing = amounts(evidence)
    context = counted(story, facts, words, differing)
    return Brief(
        story_id=story.id, language=words.language, headline=story.title, sentences=(*told, *context, *coming),
        method="extracted", digest=input_digest(mark, story, evidence, facts), written_at=now, amounts=tuple(differing),
    )  # fmt: skip


def _needed(
    story: ShownStory, evidence: Sequence[Evidence], told: Sequence[BriefSentence], ahead: set[int]
) -> set[int]:
    """Which sentences on what is to come are not needed to tell what happened. All are where nothing else is told, and
    the lead's first where the part would begin with what its lead goes on with."""
    if not told:
        return set()
    if story.lead.id not in told[0].posts:
        return ahead
    first = next((each.n for each in evidence if each.post_id == story.lead.id and not each.is_title), None)
    return {n for n in ahead if n != first}
