"""Every candidate that a stream of posts meets, its measures, and whether it is the same event.

The stream is taught: a post joins the candidate that it belongs to, so that a model's own mistakes do not decide what
it learns from. In a labelled set that is the one with its label, and a post without one starts a story. Of the stream
of AI news a few hundred pairs were read by hand; where nobody read, the shipped model decides as it does live, so that
the stories are those that posts will meet.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from aggregator.engine.embed import embeddings
from aggregator.engine.story_index import MEMORY_WINDOWS
from aggregator.model.embedding import Encoder
from aggregator.model.settings import Stories
from aggregator.stories.comparison import Met, Subject, candidates_met, judged, measured, of_post
from aggregator.stories.encoder import sketches_for
from aggregator.stories.evidence import Measures
from aggregator.stories.index import StoryIndex
from aggregator.stories.merging import pending, second_thoughts
from aggregator.stories.overlay import Overlay
from aggregator.stories.story import Story, StoryPost, story_post
from benchmarks.story_sets import Verdicts
from benchmarks.story_stream import Item, enriched_item

# Posts decided together, as a poll brings them.
_BATCH = 50

# A verdict stands for the pairs of its stratum, the commonest of which by far are alike in nothing. By that weight a
# few of them would decide, and all are easy.
_MOST_WEIGHT = 2.0

# Of those that nobody read because they are so unlike, every tenth, by the id, is counted as another event: the fit
# shall know that there are many.
_FAR = 0.10
_EVERY = 10
_FAR_WEIGHT = 1.5


class Candidate(NamedTuple):
    """A story that a post met: the measures, whether it is one event, what that counts.

    `by_meaning`: both have an embedding.
    """

    item_id: str
    measures: Measures
    same: bool
    weight: float
    by_meaning: bool


class Lesson(NamedTuple):
    """Is a candidate the post's own? None: not known, and then the model decides, or nobody where none is asked.

    `weight`: what it counts in the fit, 0: nothing.
    """

    same: bool | None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Labels:
    """What the labels of a set say; items without one are strangers among them, whose own events are not known."""

    def lesson(self, item: Item, members: Sequence[Item], _: Measures) -> Lesson:
        """The same event where one of the story's posts has the label."""
        labels = {member.label for member in members}
        if item.label is None:
            return Lesson(None, 0.0) if labels == {None} else Lesson(False)
        return Lesson(item.label in labels)

    asks_model = False


@dataclass(frozen=True, slots=True)
class Readers:
    """What readers said of pairs of the stream."""

    verdicts: Verdicts

    def lesson(self, item: Item, members: Sequence[Item], measures: Measures) -> Lesson:
        """One event where a reader said so of one of the story's posts; what is debatable is not counted."""
        found = [verdict for each in members if (verdict := self.verdicts.get((item.id, each.id)))]
        if not found:
            is_counted = measures.cosine < _FAR and zlib.crc32(item.id.encode()) % _EVERY == 0
            return Lesson(None, _FAR_WEIGHT if is_counted else 0.0)
        weight = min(_MOST_WEIGHT, max(verdict.weight for verdict in found))
        answers = {verdict.answer for verdict in found}
        return Lesson("yes" in answers, 0.0 if answers == {"debatable"} else weight)

    asks_model = True


class Taught:
    """A stream of posts that is told where each belongs."""

    def __init__(self, teacher: Labels | Readers, encoder: Encoder | None) -> None:
        settings = Stories()
        self._teacher, self._encoder = teacher, encoder
        self._index = StoryIndex(settings.window, settings.threshold, sketches_for(encoder))
        self._overlay = Overlay(self._index)
        self._sources: dict[str, int] = {}
        self._members: dict[int, list[Item]] = {}
        self._posts = 0

    def run(self, items: Sequence[Item]) -> Iterator[Candidate]:
        """Every candidate that is known to be one event or another, in the order of the items."""
        for first in range(0, len(items), _BATCH):
            portion = items[first : first + _BATCH]
            self._look_again(portion)
            self._overlay = Overlay(self._index)
            for item, post in zip(portion, self._made(portion), strict=True):
                yield from self._take(item, post)
            self._index.forget(portion[0].at - MEMORY_WINDOWS * self._index.window)
            self._index.accept(self._overlay)

    def _take(self, item: Item, post: StoryPost) -> Iterator[Candidate]:
        """Meet the candidates, then join the right one."""
        subject, met = self._met(post)
        joined: list[tuple[float, Story]] = []
        for each in met:
            embedding = each.story.embedding
            cosine = subject.embedding.cosine(embedding) if subject.embedding and embedding else None
            measures = measured(subject, each, self._overlay.yardstick(), cosine or 0.0)
            lesson = self._teacher.lesson(item, self._members[each.story.id], measures)
            if lesson.weight:
                yield Candidate(item.id, measures, bool(lesson.same), lesson.weight, cosine is not None)
            if lesson.same:
                joined.append((each.cosine, each.story))
        if not joined and self._teacher.asks_model:
            joined = self._decided(item, subject, met)
        story = max(joined, key=lambda found: (found[0], -found[1].id))[1] if joined else None
        self._put(item, post, story)

    def _met(self, post: StoryPost) -> tuple[Subject, list[Met]]:
        overlay = self._overlay
        subject = of_post(post, overlay.weighed(post))
        return subject, candidates_met(subject, overlay.candidates(post))

    def _decided(self, item: Item, subject: Subject, met: Sequence[Met]) -> list[tuple[float, Story]]:
        """What the model joins, of those that no reader answered."""
        found = judged(subject, met, self._overlay.yardstick())
        return [
            (each.log_odds, each.story)
            for each in found
            if self._teacher.lesson(item, self._members[each.story.id], each.measures).same is None
        ]

    def _put(self, item: Item, post: StoryPost, story: Story | None) -> None:
        if story:
            self._overlay.join(story.id, post)
            self._members[story.id].append(item)
        else:
            story_id = len(self._members) + 1
            self._overlay.start(story_id, post)
            self._members[story_id] = [item]

    def _look_again(self, portion: Sequence[Item]) -> None:
        """Second thoughts, where the model decides; ids of stories that are gone are not given again."""
        since = pending(self._index.arrivals, portion[-1].at) if self._teacher.asks_model else None
        if since is None:
            return
        overlay = Overlay(self._index)
        for merge in second_thoughts(overlay, since):
            self._members[merge.into] += self._members[merge.story_id]
        self._index.accept(overlay)

    def _made(self, portion: Sequence[Item]) -> list[StoryPost]:
        """As the saver makes posts of what a poll brought."""
        enriched = [enriched_item(item) for item in portion]
        if self._encoder:
            found = embeddings([(each.post.title, each.post.text) for each in enriched], self._encoder)
            enriched = [replace(each, embedding=embedding) for each, embedding in zip(enriched, found, strict=True)]
        made = []
        for item, each in zip(portion, enriched, strict=True):
            self._posts += 1
            source = self._sources.setdefault(item.publisher, len(self._sources) + 1)
            made.append(
                story_post(
                    post_id=self._posts, source_id=source, kind="article", title=each.headline, entities=(),
                    language=item.language, terms=each.terms, at=item.at, seen_at=portion[-1].at, voice=item.publisher,
                    vector=each.embedding.vector if each.embedding else None,
                )
            )  # fmt: skip
        return made
