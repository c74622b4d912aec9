"""What is to come, as the briefs of stories name it. Pure: from which day on, is handed in."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from aggregator.model.brief import PRECISIONS, BriefSentence, Due
from aggregator.model.site import ShownPost, ShownStory


class Coming(NamedTuple):
    """An entry of the agenda: when, in whose words, of which story. `post`: the first that says so."""

    due: Due
    sentence: BriefSentence
    story: ShownStory
    post: ShownPost

    @property
    def key(self) -> str:
        """What tells this entry from others, and stays while the same is said."""
        said = f"{self.sentence.text}\0{self.due.first}\0{self.due.last}"
        return f"{self.story.id}-{hashlib.blake2b(said.encode('utf-8', 'replace'), digest_size=6).hexdigest()}"

    def begins(self, today: date) -> date:
        """The first day from `today` on that the words may mean."""
        return max(self.due.first, today)


def coming_of(stories: Iterable[ShownStory], today: date, language: str | None = None) -> list[Coming]:
    """What these stories say is to happen from `today` on, the soonest first.

    What a story's sources say of one and the same time in several languages is one date: it is told in `language`, the
    readers', or else in that of whom the brief names first.
    """
    found: dict[str, Coming] = {}
    for story in stories:
        posts = {post.id: post for post in story.posts}
        for each in story.brief.sentences if story.brief else ():
            post = next((posts[post_id] for post_id in each.posts if post_id in posts), None)
            if each.due and each.due.last >= today and post:
                entry = Coming(each.due, each, story, post)
                found.setdefault(entry.key, entry)
    entries = _in_one_language(found.values(), language)
    # Of the same day first what is sure to be on it.
    return sorted(
        entries,
        key=lambda each: (
            each.begins(today), PRECISIONS.index(each.due.precision), each.due.last, each.story.id, each.sentence.text,
        ),
    )  # fmt: skip


def _in_one_language(entries: Collection[Coming], wanted: str | None) -> list[Coming]:
    """Without those that another one of the same story and time tells in a language that is preferred."""
    told: dict[tuple[int, Due], str] = {}
    for each in entries:
        if said := each.sentence.language:
            known = told.setdefault((each.story.id, each.due), said)
            if said == wanted != known:
                told[each.story.id, each.due] = said
    return [each for each in entries if each.sentence.language in (None, told.get((each.story.id, each.due)))]
