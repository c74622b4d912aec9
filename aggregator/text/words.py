"""The words of a post, worked out once for everything that compares posts by words."""

from __future__ import annotations

import re
from typing import NamedTuple

from aggregator.text.tokens import tokens, without_links

# The beginning of a text is enough to compare, and feeds cut the rest at different places. In words.
MOST_WORDS = 200

# The lead says what happened; the rest of a long text is background, and ends in "subscribe". In words.
LEAD_WORDS = 40

# More than the longest words need, so that the rest of a long text is not even looked at.
CHARACTERS = MOST_WORDS * 12
_LEAD_CHARACTERS = LEAD_WORDS * 12

# Three hashtags in a row and more are there to be found, and are weak evidence. Two may be words of a sentence.
_HASHTAG_WALL = re.compile(r"(?:(?<!\w)#\w+[\s,]*){3,}")


class Words(NamedTuple):
    """The folded words of a post in order: of its title, of its text, and of the text's lead.

    Links are left out; of the lead runs of three hashtags and more too.
    """

    title: list[str]
    body: list[str]
    lead: list[str]


# Nearly always enough for a lead.
_BEGINNING = 400


def beginning_of(title: str, text: str) -> Words:
    """The same as `words_of`, its `body` no longer than its lead: no more of a long text is split than that takes."""
    return beginning_of_longer(title, text)[0]


def beginning_of_longer(title: str, text: str) -> tuple[Words, bool]:
    """The same of a text that may go on, and whether it is the same then."""
    if len(text) > _BEGINNING and "#" not in text[:_LEAD_CHARACTERS]:
        lead = tokens(without_links(text[:_BEGINNING]))
        if len(lead) > LEAD_WORDS:  # the last one may be cut, no other
            lead = lead[:LEAD_WORDS]
            return Words(tokens(title), lead, lead), len(text) >= _LEAD_CHARACTERS
    words = words_of(title, text)
    return Words(words.title, words.lead, words.lead), False


def words_of(title: str, text: str) -> Words:
    """The words of a title and of the beginning of a text."""
    body = tokens(without_links(text[:CHARACTERS]), MOST_WORDS)
    if "#" not in text[:_LEAD_CHARACTERS]:
        return Words(tokens(title), body, body[:LEAD_WORDS])
    lead = _HASHTAG_WALL.sub(" ", text[:_LEAD_CHARACTERS])
    return Words(tokens(title), body, tokens(without_links(lead), LEAD_WORDS))
