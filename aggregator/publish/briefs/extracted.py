"""The brief that is always there: made by rules, of what a story's posts and articles say and of what is counted.

Invents nothing: each sentence is taken whole from a source, or is counted. A part without a sentence is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aggregator.model.brief import Brief, Evidence
from aggregator.model.facts import Facts
from aggregator.model.site import ShownStory
from aggregator.publish.briefs.counted import counted
from aggregator.publish.briefs.digest import input_digest
from aggregator.publish.briefs.happened import happened
from aggregator.publish.words import Words


def extracted(
    story: ShownStory, evidence: Sequence[Evidence], facts: Facts | None, words: Words, now: datetime, mark: str = ""
) -> Brief:
    """The brief of a story in the language of `words`. `facts`: None where nothing but the story is known; `mark`: of
    the settings in force (`mark_of`). The same story, evidence and facts give the same brief; `now` is when."""
    told = happened(story, evidence, words.language)
    context = counted(story, facts, words)
    return Brief(
        story_id=story.id, language=words.language, headline=story.title, sentences=(*told, *context),
        method="extracted", digest=input_digest(mark, story, evidence, facts), written_at=now,
    )  # fmt: skip
