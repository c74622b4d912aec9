"""A feed out, before it is written in any format; and the words that feeds and files put around those of others."""

from __future__ import annotations

from collections.abc import Sequence
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
