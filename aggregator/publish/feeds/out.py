"""A feed out, before it is written in any format; and the words that feeds and files put around those of others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from aggregator.model.site import GoneStory, ShownStory


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedOut:
    """A selection of stories that can be followed.

    `path`: where it stands in the site, without its ending (`addresses.feed` and its kin). `home`: the path of the page
    that it belongs to. `stories` stand in it in their order. `gone`: what was in it and is told no more.
    """

    path: str
    title: str
    home: str
    stories: Sequence[ShownStory]
    gone: Sequence[GoneStory] = ()


# Of some 2 KB each.
_MOST_KEPT = 20_000


class Entries:
    """Entries of one build that are written already: a story stands in many feeds, and looks the same in all.

    All are of one moment, so its id tells a story, and whether what came before it was loaded.
    """

    def __init__(self) -> None:
        self._written: dict[tuple[str, str, int, bool], str] = {}

    def written(self, form: str, root: str, story: ShownStory, write: Callable[[ShownStory], str]) -> str:
        """The story as an entry of this form, whose links begin with `root`."""
        key = form, root, story.id, bool(story.earlier)
        known = self._written.get(key)
        if known is None:
            if len(self._written) >= _MOST_KEPT:
                self._written.clear()
            known = self._written[key] = write(story)
        return known


class Labels(NamedTuple):
    """The site's own words in feeds and files, in its language."""

    more: str = "More"
    people: str = "People"
    earlier: str = "Earlier"
    later: str = "Later"
    background: str = "background"
    sources: str = "Sources"
    hashtags: str = "Hashtags"
    accounts: str = "Accounts"
    happened: str = "What happened"
    context: str = "In context"
    watch: str = "What to watch"
    figures: str = "Not everyone gives the same figure:"
    made: str = "Sentences taken whole from the sources, or counted; no model wrote any of it."
    made_model: str = "Written by {model} from the sources and checked against them."
    made_refused: str = "Sentences left out: {n}."


ENGLISH = Labels()
