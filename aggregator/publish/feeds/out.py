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


class Entries:
    """Entries of one build that are written already: a story stands in many feeds, and looks the same in all."""

    def __init__(self) -> None:
        self._written: dict[tuple[str, str, int], tuple[ShownStory, str]] = {}

    def written(self, form: str, root: str, story: ShownStory, write: Callable[[ShownStory], str]) -> str:
        """The story as an entry of this form, whose links begin with `root`."""
        known = self._written.get((form, root, story.id))
        if known is None or known[0] is not story:
            known = self._written[form, root, story.id] = (story, write(story))
        return known[1]


class Labels(NamedTuple):
    """The site's own words in feeds and files, in its language."""

    more: str = "More"
    people: str = "People"
    earlier: str = "Earlier"
    later: str = "Later"
    sources: str = "Sources"
    hashtags: str = "Hashtags"
    accounts: str = "Accounts"


ENGLISH = Labels()
