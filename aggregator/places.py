"""A post as one text to search, and what a term tells by the place where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from aggregator.model import Post
from aggregator.terms import normalise
from aggregator.text import without_links

# What a term of weight 1 tells by the place where it stands. One in the title, the author's tags or the lead is
# enough for the default threshold of 0.5; in the body it takes several.
TITLE = 0.85
TAG = 0.85
LEAD = 0.5
BODY = 0.2
# The address has the title's words again, in another wording; a term that names a site or section ("arxiv.org",
# "/sport/") is there for the address and tells as much as a title.
ADDRESS = 0.4
SITE = 0.85

# The lead of a news item: its first paragraph, more or less.
LEAD_CHARACTERS = 300
# Of a text without title, as statuses are, the beginning stands for the title.
OPENING_CHARACTERS = 160
# Text beyond this is not looked at: what a post is about stands before it.
_MOST_CHARACTERS = 4000
# Tags come again and again.
_TAGS_REMEMBERED = 10_000

IN_ADDRESS = "address"

# Where a part of a post begins, its name, and what a term there tells (0..1). A part reaches to the next.
Place = tuple[int, str, float]


@dataclass(slots=True)
class Searched:
    """The parts of a post as one text to search, and where each begins. A line end parts what does not belong together.

    The body follows the lead without one: where the lead ends is a guess, and a phrase may stand across it.
    """

    text: str
    places: list[Place]


def searched(post: Post) -> Searched:
    """The post as one text to search, with its places."""
    title = normalise(post.title)
    text = normalise(without_links(post.text[:_MOST_CHARACTERS]))
    whole = ""
    places: list[Place] = []
    opening = OPENING_CHARACTERS
    if title:
        places.append((0, "title", TITLE))
        whole, opening = title + "\n", 0
    if text:
        start = len(whole)
        if opening:
            places.append((start, "text", TITLE))
        if len(text) > opening:
            places.append((start + opening, "lead", LEAD))
        if len(text) > LEAD_CHARACTERS:
            places.append((start + LEAD_CHARACTERS, "text", BODY))
        whole += text + "\n"
    if post.tags:
        places.append((len(whole), "tag", TAG))
        whole += " · ".join(spelling for tag in sorted(post.tags) for spelling in _spellings(tag)) + "\n"
    addresses = "\n".join([_address(url) for url in (post.url, post.article_url) if url])
    if addresses:
        places.append((len(whole), IN_ADDRESS, ADDRESS))
        whole += addresses + "\n"
    return Searched(whole, places)


def is_site(term: str) -> bool:
    """The term names a site or a part of it: it has a slash, or a dot inside a word."""
    return "/" in term or any("." in word.strip(".") for word in term.split())


@lru_cache(maxsize=_TAGS_REMEMBERED)
def _spellings(tag: str) -> tuple[str, ...]:
    """A tag as written, and split at its capitals: "MachineLearning" is also "Machine Learning"."""
    split = "".join(
        f" {char}" if i and char.isupper() and not tag[i - 1].isupper() else char for i, char in enumerate(tag)
    )
    return tuple(normalise(spelling) for spelling in ((tag, split) if split != tag else (tag,)))


def _address(url: str) -> str:
    """The site and path of a URL, its words apart. What follows a ? is about the reader, not the article."""
    path = url.partition("://")[2].partition("?")[0].partition("#")[0].removeprefix("www.")
    return normalise((unquote(path) if "%" in path else path).replace("_", " ").replace("+", " "))
