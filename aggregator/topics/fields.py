"""A post as one text to search, and how strong a term is in each of its fields."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from aggregator.model.post import Post
from aggregator.text.headline import says_something, told, without_byline, without_emojis
from aggregator.text.slugs import headline_of
from aggregator.text.tokens import without_links
from aggregator.topics.normal_forms import Forms, joined, normalise

# The strength (0..1) of a term by the field in which it occurs: what one of weight 1 counts there. One in the title,
# the author's tags or the lead is enough for the default threshold of 0.5; in the body it takes several.
TITLE = 0.85
TAG = 0.85
LEAD = 0.5
BODY = 0.2
# The address has the title's words again, in another wording; a term that names a site or section ("arxiv.org",
# "/sport/") is meant for the address and is as strong there as in a title.
ADDRESS = 0.4
SITE = 0.85

# The lead of a news item: its first paragraph, more or less.
LEAD_CHARACTERS = 300
# Of a text without title, as statuses are, the beginning is taken for the title, as long as headlines are. With 160,
# 550 such posts have 20 topics more, 13 of them wrong: words of the second sentence.
OPENING_CHARACTERS = 130
# Text beyond this is not looked at: what a post is about stands before it.
_MOST_CHARACTERS = 4000
# Tags come again and again.
_TAGS_REMEMBERED = 10_000

IN_ADDRESS = "address"
IN_ATTACHED = "attached"
# A term in the source's title or address, where a rule looks there, is as strong as in the post's title.
IN_SOURCE = "source"


class Field(NamedTuple):
    """A field of a post, as reasons name it, and the strength (0..1) of a term in it."""

    name: str
    strength: float


_TITLE = Field("title", TITLE)
_OPENING = Field("text", TITLE)
_LEAD = Field("lead", LEAD)
_BODY = Field("text", BODY)
_TAG = Field("tag", TAG)
_ADDRESS = Field(IN_ADDRESS, ADDRESS)
# Of a post that has nothing else, the headline in its address is the title.
_SLUG = Field(IN_ADDRESS, TITLE)
# What another said, beside the author's words: enough by itself, and no more than that.
_ATTACHED = Field(IN_ATTACHED, LEAD)
# What most posts have.
_SHORT = (_TITLE, _LEAD, _ADDRESS)
_LONG = (_TITLE, _LEAD, _BODY, _ADDRESS)
# What one without words of its own has.
_BARE = (_SLUG, _LEAD, _ADDRESS)


class Searched(NamedTuple):
    """A post as one text to search. `fields[i]` begins at `starts[i]` and reaches to the next.

    The last of `starts` is where the text ends.

    A line end parts what does not belong together. The body follows the lead without one: where the lead ends is a
    guess, and a phrase may stand across it.
    """

    forms: Forms
    starts: tuple[int, ...]
    fields: tuple[Field, ...]

    def field_at(self, start: int) -> Field:
        """The field in which something begins."""
        return self.fields[bisect_right(self.starts, start) - 1]


def searched(post: Post) -> Searched:
    """The post as one text to search, with its fields.

    What is attached to a post whose author says something is a field of its own; else it is the post's title and text.
    """
    title, text, attached = _told(post)
    if not (title or text or attached or post.tags):
        return _bare(post)
    parts = [title, without_links(text)]
    if post.tags:
        # No tag has a bar, and no term.
        parts.append(" | ".join([spelling for tag in sorted(post.tags) for spelling in _spellings(tag)]))
    if post.url:
        parts.append(_address(post.url))
    if post.article_url:
        parts.append(_address(post.article_url))
    if attached:
        parts.append(attached)
    forms = joined(parts)
    whole = forms.text
    start = whole.index("\n") + 1
    behind = whole.index("\n", start)
    length = behind - start
    if start > 1 and not post.tags and not attached:  # most posts, and no list to fill
        if length > LEAD_CHARACTERS:
            return Searched(forms, (0, start, start + LEAD_CHARACTERS, behind + 1, len(whole)), _LONG)
        return Searched(forms, (0, start, behind + 1, len(whole)), _SHORT)
    return _in_fields(post, forms, start, length, behind, attached != "")


def _bare(post: Post) -> Searched:
    """A post of which there is only the address."""
    urls = [url for url in (post.url, post.article_url) if url]
    headline = next(filter(None, map(headline_of, reversed(urls))), "")
    forms = joined([headline, "", *map(_address, urls)])
    start = forms.text.index("\n") + 1
    return Searched(forms, (0, start, start + 1, len(forms.text)), _BARE)


def _in_fields(post: Post, forms: Forms, start: int, length: int, behind: int, has_attached: bool) -> Searched:
    """A post that is not of the common form. Its text begins at `start` and ends at `behind`."""
    whole = forms.text
    starts, fields = [0], [_TITLE]
    opening = 0
    if start == 1:  # there is no title
        opening = OPENING_CHARACTERS
        starts.append(start)
        fields.append(_OPENING)
    if length > opening:
        starts.append(start + opening)
        fields.append(_LEAD)
    if length > LEAD_CHARACTERS:
        starts.append(start + LEAD_CHARACTERS)
        fields.append(_BODY)
    if post.tags:
        starts.append(behind + 1)
        fields.append(_TAG)
        behind = whole.index("\n", behind + 1)
    fields.append(_ADDRESS)
    starts.append(behind + 1)
    if has_attached:
        fields.append(_ATTACHED)
        starts.append(whole.rindex("\n", 0, len(whole) - 1) + 1)
    return Searched(forms, (*starts, len(whole)), tuple(fields))


def _told(post: Post) -> tuple[str, str, str]:
    """What is looked at of a post's title, text, and what is attached to a text."""
    title, text, attached = post.title, post.text, ""
    if post.attached:
        if says_something(title, text[:_MOST_CHARACTERS]):
            attached = without_links(without_byline(post.attached)[:_MOST_CHARACTERS])
        else:
            title, text = told(title, text, post.attached)
    text = text[:_MOST_CHARACTERS]
    return title, without_emojis(text) if post.kind == "status" else text, attached


def source_name(title: str | None, url: str) -> str:
    """What terms for the source are looked for in: its title, as configured or else as it calls itself, and address."""
    return f"{title or ''}\n{url}"


def is_site(term: str) -> bool:
    """The term names a site or a part of it: it has a slash, or a dot inside a word."""
    # Few terms have a dot, and the words of those that have none are not looked at: of 20,000 terms that is felt.
    return "/" in term or ("." in term and any("." in word.strip(".") for word in term.split()))


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
    return (unquote(path) if "%" in path else path).replace("_", " ").replace("+", " ")
