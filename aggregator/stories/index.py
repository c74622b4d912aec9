"""The index of the open stories: an inverted index of their words, and the posts of the window.

Nothing changes a `StoryIndex` but `accept`, called after the commit: a batch is decided on an `Overlay` laid over it
(`aggregator.stories.overlay`). What it holds follows from the posts of the window and their stories alone: `restore`
makes it again from stored posts.

Its size is bounded by the posts of the last windows: 3 KB each of the newest, with everything around it. Where there is
a shelf (`aggregator.stories.shelf`), what is older lies there, and in memory are of it the words that its stories have.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from aggregator.stories import boilerplate
from aggregator.stories.evidence import USUAL_THRESHOLD
from aggregator.stories.lexical import MANY_VOICES
from aggregator.stories.logistic import log_odds_of
from aggregator.stories.postings import Postings
from aggregator.stories.shelf import Arrived, Shelf
from aggregator.stories.story import Story, StoryPost
from aggregator.stories.window import Arrivals
from aggregator.text.word_vectors import held_once

if TYPE_CHECKING:
    from aggregator.stories.embeddings import Sketches

# Forgetting stories scans all of them, so it waits until there is something to gain. In posts.
_FORGET_EVERY = 1000

# Posts in memory, where there is a shelf: 60 MB. Fewer sources than some thousand bring no more in two windows.
MOST_HELD = 20_000

# So many posts more are held before some are laid aside together.
_LAID_TOGETHER = 20

# Stories taken from the shelf that are held for the next who asks: of those that a post is compared with, most are.
_TAKEN = 2000


class Decided(Protocol):
    """What `StoryIndex.accept` needs of an overlay."""

    stories: dict[int, Story]
    merged: set[int]
    with_word: Postings
    arrivals: Arrivals
    serial: int


class StoryIndex:
    """The open stories, searchable by word, and the posts of the window with their document frequencies.

    `window`: how far a post's time may be from a story's. `threshold`: how sure it must be (0..1) that a post
    is of a story; higher than usual, all bars are `raised` by so much, in log odds.
    `sketches`: an empty one, with the extra `semantic`; then candidates are found by embedding too.
    `shelf`: an empty one: there lies what the newest `most_held` posts have no part in.
    """

    def __init__(
        self,
        window: timedelta,
        threshold: float,
        sketches: Sketches | None = None,
        shelf: Shelf | None = None,
        most_held: int = MOST_HELD,
    ) -> None:
        self.sketches = sketches
        self._shelf, self._most_held = shelf, most_held
        self._is_laid = False  # does anything lie on the shelf?
        self._taken: OrderedDict[int, Story] = OrderedDict()  # stories that lie there, those asked for last
        self.window = window
        self.raised = log_odds_of(threshold) - log_odds_of(USUAL_THRESHOLD)
        self.stories: dict[int, Story] = {}
        self.with_word = Postings()
        self.arrivals = Arrivals(shelf)
        self.grown: set[int] = set()
        self.large: set[int] = set()
        self.serial = 0
        self._forgot_at = 0

    def story(self, story_id: int) -> Story | None:
        """A story in the index; not one that no post of the window came to."""
        story = self.held(story_id)
        return story if story and story.serial >= self.arrivals.first_serial else None

    def held(self, story_id: int) -> Story | None:
        """A story that is here, be it that its posts have left the window."""
        story = self.stories.get(story_id)
        return self._from_shelf(story_id) if story is None and self._is_laid else story

    def accept(self, overlay: Decided) -> None:
        """What the overlay decided was committed: make it part of the index."""
        self.serial = overlay.serial
        for post_id, arrived in overlay.arrivals.posts.items():
            self.arrivals.add(post_id, arrived)
        self.stories.update(overlay.stories)
        for story in overlay.stories.values():
            self._note(story)
        lost = self._words_of(overlay.merged)
        self._drop_stories(overlay.merged)
        self.with_word.take(overlay.with_word)
        if overlay.merged:  # of each word the newest ids are kept: dead ones would hide those that live
            # One that the batch itself began or changed has words that it had not before.
            self.with_word.drop(overlay.merged, lost.union(overlay.with_word.keys()))
        self._lay_aside()

    def forget(self, before: datetime) -> None:
        """Leave out the posts that arrived earlier, and the stories that none of the others came to."""
        self.arrivals.forget(before)
        if self.serial - self._forgot_at < _FORGET_EVERY:
            return
        self._forgot_at = self.serial
        first = self.arrivals.first_serial
        gone = {story.id: story for story in self.stories.values() if story.serial < first}
        if self._shelf and self._is_laid:
            lain = self._shelf.stories_before(first)
            gone |= {each.id: each for each in lain if each.id not in self.stories}
            self._shelf.drop_stories([each.id for each in lain])
        if gone:
            self._drop_stories(gone.keys())
            self.with_word.drop(set(gone), {word for story in gone.values() for word in story.vector})

    def _words_of(self, ids: Collection[int]) -> set[str]:
        found = [story for each in ids if (story := self.held(each))]
        return {word for story in found for word in story.vector}

    def restore(self, story: Story, post: StoryPost, words: Mapping[str, float], *, is_recent: bool) -> None:
        """Take in a stored post of a story again, in the order of ids.

        `words`: as `take_in` takes them. `is_recent`: the post is in the window.
        """
        self.with_word.note(take_in(story, post, words, self.window), story.id)
        if is_recent:
            self.serial += 1
            story.serial = self.serial
            parts = boilerplate.parts(post.title) if post.is_article else ()
            self.arrivals.add(post.post_id, arrived(self.serial, story.id, post, words, parts))
        self.stories[story.id] = story
        self._note(story)
        if is_recent:
            self._lay_aside()

    def replace(self, story_id: int, story: Story | None) -> None:
        """The rows of a story are others, or posts are gone: this is it now. None: nothing that came in the window."""
        before = self.held(story_id)
        if before is None and story is None:
            return
        self._drop_stories({story_id})
        held, now = before.vector if before else {}, story.vector if story else {}
        self.with_word.remove([word for word in held if word not in now], story_id)
        self.with_word.note([word for word in now if word not in held], story_id)
        if story:
            self.stories[story_id] = story
            self._note(story)

    def _note(self, story: Story) -> None:
        if self.sketches is not None and story.embedding:
            self.sketches.note(story.id, story.embedding, story.first_at, story.last_at, story.serial)
        if story.posts > 1:
            self.grown.add(story.id)
            if len(story.voices) >= MANY_VOICES:
                self.large.add(story.id)

    def _drop_stories(self, ids: Collection[int]) -> None:
        self.grown.difference_update(ids)
        self.large.difference_update(ids)
        if self.sketches is not None:
            self.sketches.drop(ids)
        if self._shelf and self._is_laid and ids:
            self._shelf.drop_stories(ids)
        for story_id in ids:
            self.stories.pop(story_id, None)
            self._taken.pop(story_id, None)

    def _lay_aside(self) -> None:
        """What is too much in memory goes to the shelf."""
        if self._shelf is None or len(self.arrivals.posts) <= self._most_held + self._most_held // _LAID_TOGETHER:
            return
        self.arrivals.lay_aside(self._most_held)
        oldest = next(iter(self.arrivals.posts.values()), None)
        first = oldest.serial if oldest else self.serial + 1
        laid = [story for story in self.stories.values() if story.serial < first]
        self._shelf.lay_stories(laid)
        for story in laid:
            del self.stories[story.id]
        self._taken.clear()
        self._is_laid = True

    def _from_shelf(self, story_id: int) -> Story | None:
        story = self._taken.get(story_id)
        if story is None:
            story = self._shelf.story(story_id) if self._shelf else None
            if story is None:
                return None
            self._taken[story_id] = story
            if len(self._taken) > _TAKEN:
                self._taken.popitem(last=False)
        else:
            self._taken.move_to_end(story_id)
        return story


def take_in(story: Story, post: StoryPost, words: Mapping[str, float], window: timedelta) -> list[str]:
    """Take a stored post into its story again. Gives the words new to the story.

    `words`: word → weight as stored, the heaviest first, 0 for those that count for document frequency alone.
    """
    vector = {word: weight for word, weight in words.items() if weight}
    if post.post_id == story.lead_post_id:
        story.lead_vector = vector
    return story.add(post, vector, window)


def arrived(
    serial: int, story_id: int, post: StoryPost, words: Iterable[str], parts: Iterable[boilerplate.TitlePart]
) -> Arrived:
    """What of a post counts for document frequency and boilerplate."""
    keys = tuple([(post.source_id, part.key) for part in parts])
    return Arrived(serial, post.seen_at, story_id, held_once(words), keys, post.voice or str(post.source_id))
