"""Stories → their briefs without a model, as they are to be stored. Reads only, over a connection of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from aggregator.engine.briefs.material import loaded
from aggregator.model.article import Article
from aggregator.model.brief import Brief
from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory
from aggregator.publish.briefs.digest import mark_of
from aggregator.publish.briefs.evidence import evidence_of
from aggregator.publish.briefs.extracted import extracted
from aggregator.publish.briefs.prompt import prompt_for
from aggregator.publish.briefs.watch import may_name_a_day
from aggregator.publish.briefs.written import renewed
from aggregator.publish.words import Words
from aggregator.storage.site.brief_rows import BriefRows

# So many stories are loaded at once, and a stop waits for them: with long pages one takes 30 to 40 ms.
_PART = 20
# One voice alone that names a day to come has a brief for the agenda; older posts than that name few.
_LOOKED_BACK = timedelta(days=60)
# Stories with a page of their own have a brief from the beginning that have posts of this time.
WINDOW = timedelta(days=35)


@dataclass(slots=True)
class Made:
    """What is to be written. `seen`: the last change that the database knew when it was read. `dropped`: stories that
    have no brief any more; `broken`: what a model wrote in other languages, by story and language, of posts that may
    not be shown any more; `looked_at`: all of which that is known; `left`: the others, since the time was over."""

    seen: int
    language: str
    looked_at: list[int] = field(default_factory=list)
    briefs: list[Brief] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)
    left: list[int] = field(default_factory=list)


class Maker:
    """Makes briefs by these settings.

    Raises, as all it does: PublishError: a catalogue of the user's is wrong.
    """

    def __init__(self, database: Path, settings: Publish) -> None:
        self._database, self._settings = database, settings
        self._words = Words(settings.language, settings.timezone, _catalogues(settings))
        self.mark = mark_of(settings, self._words)

    def all_ids(self) -> list[int]:
        """The stories that may need a brief after a start or with other settings, the newest first: those of the
        window, and whatever has a brief.

        Raises:
            StorageError: the database can't be read.
        """
        with BriefRows(self._database, self._settings) as rows:
            newest = rows.newest_at()
            if newest is None:
                return []
            return list(dict.fromkeys((*rows.since(newest - WINDOW), *rows.having())))

    def stale_ids(self) -> list[int]:
        """The stories with a brief that other rules or settings made.

        Raises:
            StorageError: the database can't be read.
        """
        with BriefRows(self._database, self._settings) as rows:
            return rows.stale(self.mark)

    def changed_ids(self, after: int) -> list[int]:
        """The stories that changed after this change of the log, and those that name them as earlier coverage.

        Raises:
            StorageError: the database can't be read.
        """
        with BriefRows(self._database, self._settings) as rows:
            changed = rows.changed(after)
            return sorted(changed | rows.later_than(changed), reverse=True)

    def make(
        self, ids: Sequence[int], now: datetime, *, seconds: float | None = None, is_anew: bool = False,
        keeps_models: bool = False, is_stopped: Callable[[], bool] = lambda: False,
    ) -> Made:  # fmt: skip
        """The briefs of these stories, as far as they differ from those stored. `seconds`: of CPU, after which the rest
        is left. `is_anew`: also where the input is the same and the brief is not. `keeps_models`: what a model
        wrote stays, and what is counted beside it is made anew.

        Raises:
            StorageError: the database can't be read.
        """
        begun = time.thread_time()
        with BriefRows(self._database, self._settings) as rows:
            made = Made(rows.place.newest, self._settings.language)
            for begin in range(0, len(ids), _PART):
                is_over = seconds is not None and time.thread_time() - begun >= seconds
                if is_over or is_stopped():
                    made.left.extend(ids[begin:])
                    break
                self._make_part(rows, made, ids[begin : begin + _PART], now, is_anew, keeps_models)
                rows.stories.forget()
        return made

    def _make_part(
        self, rows: BriefRows, made: Made, ids: Sequence[int], now: datetime, is_anew: bool, keeps_models: bool
    ) -> None:
        made.looked_at += ids
        told = rows.told(ids) if is_anew else {}
        stored, wanted = rows.stored(ids), self._worth_a_look(rows, ids, now)
        given = {story.id: story for story in rows.stories.load_whole([each for each in ids if each in wanted])}
        pages = rows.pages([post.id for story in given.values() for post in story.originals])
        without: list[int] = []
        for story_id in ids:
            before, story = stored.get(story_id), given.get(story_id)
            told_now = self._brief(rows, story, pages, now) if story is not None else None
            brief = told_now if story and told_now and (story.has_page or _names_a_day(told_now, now)) else None
            if keeps_models and story and told_now and before and before.method == "model":
                written = rows.told([story_id])[story_id]
                speaking = self._speaking(rows, story, pages, made.language, written.written_at)
                is_edited = speaking != _speaking(story)
                kept = renewed(written, told_now, speaking, is_edited=is_edited)
                brief = kept if kept.method == "model" else brief  # one voice may have a model's brief alone
            if brief is None:
                without.append(story_id)
            elif before != (brief.method, brief.digest) or (is_anew and _differ(brief, told.get(story_id))):
                made.briefs.append(brief)
        made.dropped += sorted(rows.with_any(without))
        for story_id, language, written_at, posts in rows.elsewhere(given):
            if not posts <= self._speaking(rows, given[story_id], pages, language, written_at):
                made.broken.append((story_id, language))

    def _worth_a_look(self, rows: BriefRows, ids: Collection[int], now: datetime) -> set[int]:
        """Without single voices that name no day to come: most of all stories are such."""
        singles = rows.singles(ids)
        naming = {story_id for story_id, text in rows.words_since(singles, now - _LOOKED_BACK) if may_name_a_day(text)}
        return set(ids) - (singles - naming)

    def _brief(self, rows: BriefRows, story: ShownStory, pages: Mapping[int, Article], now: datetime) -> Brief:
        """The brief of a story, whether it is to have one or not."""
        return extracted(story, evidence_of(story, pages), rows.facts.of(story), self._words, now, self.mark)

    def _speaking(
        self, rows: BriefRows, story: ShownStory, pages: Mapping[int, Article], language: str, written_at: datetime
    ) -> set[int]:
        """The posts that what a model wrote then may rest on. An edit of what it was not shown is none: of a link, of
        what stands far below. It would not be asked anew for that."""
        all_speaking = _speaking(story)
        speaking = all_speaking - rows.edited(all_speaking, written_at)
        if speaking == all_speaking:
            return speaking
        last = rows.last_asked(story.id, language)
        if last is None or last.at > written_at:
            return speaking
        asked = loaded(story, pages, language, self._settings.timezone).material
        now = prompt_for(asked.evidence, asked.earlier, language, written_at.date())
        return all_speaking if now.digest == last.digest else speaking


def _speaking(story: ShownStory) -> set[int]:
    """The posts that a model's sentence may rest on."""
    return {post.id for post in story.posts if post.content_warning is None}


def _names_a_day(brief: Brief, now: datetime) -> bool:
    return any(each.due and each.due.last >= now.date() for each in brief.sentences)


def _differ(one: Brief, other: Brief | None) -> bool:
    return other is None or one != replace(other, written_at=one.written_at)


def _catalogues(settings: Publish) -> Path | None:
    return settings.templates / "words" if settings.templates else None
