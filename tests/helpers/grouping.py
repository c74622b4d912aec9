"""Posts put into stories as `decide` does it, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from aggregator.stories.evidence import USUAL_THRESHOLD
from aggregator.stories.index import MOST_HELD, StoryIndex
from aggregator.stories.overlay import Overlay
from aggregator.stories.postings import Postings
from aggregator.stories.shelf import Shelf
from aggregator.stories.story import StoryPost
from aggregator.text import word_vectors
from aggregator.text.words import words_of
from tests.helpers.build import NOW

WINDOW = timedelta(hours=72)
DAY = timedelta(days=1)

# Enough of one town's news to make posts of.
WORDS = ["ferry", "port", "marlow", "council", "budget", "school", "mayor", "orchard", "prize", "bridge", "captain"]


def vector(title: str, text: str, language: str) -> dict[str, float]:
    return word_vectors.vector(words_of(title, text), language)


def post(post_id: int, title: str, text: str = "", **overrides: object) -> StoryPost:
    """An article of its own source, published now."""
    language = str(overrides.get("language", "en"))
    defaults = StoryPost(
        post_id=post_id, source_id=post_id, title=title, language=language, terms=vector(title, text, language),
        entities=frozenset(), at=NOW, seen_at=NOW, is_article=True,
    )  # fmt: skip
    return defaults._replace(**overrides)


def new_index(threshold: float = USUAL_THRESHOLD, shelf: Shelf | None = None, most_held: int = MOST_HELD) -> StoryIndex:
    return StoryIndex(WINDOW, threshold, shelf=shelf, most_held=most_held)


def place(overlay: Overlay, story_post: StoryPost, words: dict[int, dict[str, float]] | None = None) -> int:
    """As `decide` does it: join the nearest story or start one. `words`: gets what the post is known by."""
    story_id = _place(overlay, story_post)
    if words is not None:
        words[story_post.post_id] = overlay.words(story_post)
    return story_id


def _place(overlay: Overlay, story_post: StoryPost) -> int:
    nearest = overlay.nearest(story_post)
    if nearest:
        overlay.join(nearest.story.id, story_post)
        return nearest.story.id
    return overlay.start(story_post.post_id, story_post).id


def place_all(
    posts: Sequence[StoryPost],
    index: StoryIndex | None = None,
    batch: int = 3,
    words: dict[int, dict[str, float]] | None = None,
) -> list[int]:
    index = index or new_index()
    found = []
    for start in range(0, len(posts), batch):
        overlay = Overlay(index)
        found += [place(overlay, each, words) for each in posts[start : start + batch]]
        index.accept(overlay)
    return found


def as_lists(postings: Postings) -> dict[str, list[int]]:
    """All that is held, as plain values."""
    return {key: list(postings.newest(key, Postings())) for key in (*postings._one, *postings._many)}
