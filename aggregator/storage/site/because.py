"""What links two stories, as it may be said: by what is shown of them.

The reason was found when a story began, perhaps with a post that is not shown, or not any more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from aggregator.model.site import ShownStory
from aggregator.text.tokens import fold

# As `aggregator.stories.earlier` writes it: "the same matter goes on: also about acme, orbit; shared words: merger
# 0.31, shares 0.20". Older versions wrote it without a beginning.
_BEGINNINGS = re.compile(r"(?:the same matter goes on|another matter of the same): ")
_ABOUT, _WORDS = "also about ", "shared words: "
_BETWEEN = re.compile(r"[\W_]+")


def shown_because(because: str, stories: Sequence[ShownStory]) -> str:
    """The reason without names and words that nothing shown of these stories has; "" where nothing is left of it."""
    begun = _BEGINNINGS.match(because)
    beginning = begun.group() if begun else ""
    parts = [_shown(part, stories) for part in because.removeprefix(beginning).split("; ")]
    told = "; ".join(part for part in parts if part)
    return beginning + told if told else ""


def _shown(part: str, stories: Sequence[ShownStory]) -> str:
    if part.startswith(_ABOUT):
        known = {each.topic.topic for story in stories for each in story.topics}
        return _listed(_ABOUT, [name for name in part.removeprefix(_ABOUT).split(", ") if name in known])
    if part.startswith(_WORDS):
        said = _told(stories)
        # Words may be stems; behind them stands their weight.
        words = [each for each in part.removeprefix(_WORDS).split(", ") if re.sub(r" [\d.]+$", "", each) in said]
        return _listed(_WORDS, words)
    return part


def _told(stories: Sequence[ShownStory]) -> str:
    """All that is shown of them, folded, with one blank between two words."""
    texts = (f"{post.title} {post.text}" for story in stories for post in story.posts)
    return _BETWEEN.sub(" ", fold(" ".join(texts)))


def _listed(begin: str, words: Sequence[str]) -> str:
    return begin + ", ".join(words) if words else ""
