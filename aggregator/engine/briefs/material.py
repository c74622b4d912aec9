"""What a model is asked about: a story as it may be shown, as numbered sentences. Reads the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from aggregator.model.brief import EarlierNote
from aggregator.model.settings import Briefs, Publish
from aggregator.model.site import ShownStory
from aggregator.publish.briefs.evidence import Readable, evidence_of
from aggregator.publish.briefs.written import Material
from aggregator.storage.site.brief_rows import BriefRows

# Of so much of a story's posts a topic is the story's, too, as the site has it.
_SHARE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A story as a model may be asked about it. `topics`: slugs of those that it has."""

    material: Material
    publishers: int
    topics: frozenset[str] = field(default_factory=frozenset)

    def is_wanted(self, settings: Briefs) -> bool:
        """Is it one of those that the configuration asks for?"""
        is_on = not settings.topics or not self.topics.isdisjoint(settings.topics)
        return bool(self.material.evidence) and self.publishers >= settings.min_publishers and is_on


def load_story(database: Path, publish: Publish, story_id: int, language: str) -> Loaded | None:
    """A story, for a brief in this language; None where nothing of it may be shown.

    Raises:
        StorageError: the database can't be read.
    """
    with BriefRows(database, publish) as rows:
        found = rows.stories.load_whole([story_id])
        if not found:
            return None
        # Of pages that are not for language models, or reserve their text against mining, none is kept.
        pages = rows.pages([post.id for post in found[0].originals])
        return loaded(found[0], pages, language, publish.timezone)


def loaded(story: ShownStory, articles: Mapping[int, Readable], language: str, timezone: str) -> Loaded:
    """The same of a story that was read, with the pages that its posts lead to. `timezone`: in which a day was."""
    evidence = evidence_of(story, articles)
    zone = ZoneInfo(timezone)
    first = max((each.n for each in evidence), default=0) + 1
    earlier = [
        EarlierNote(n, link.at.astimezone(zone).date(), link.title, link.kind, link.language, link.id)
        for n, link in enumerate(story.earlier, first)
    ]
    return Loaded(
        material=Material(story.id, story.title, language, evidence, earlier),
        publishers=len(story.publishers),
        topics=frozenset(each.topic.topic for each in story.topics if each.share >= _SHARE),
    )
