"""A story and the pages that were read for it → numbered sentences that a brief may rest on.

Only what may be shown: a `ShownStory` has nothing else, and of its posts nothing behind a content warning is taken,
nor what they say twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Protocol

from aggregator.model.brief import BriefSentence, Due, Evidence, Part
from aggregator.model.site import ShownPost, ShownStory
from aggregator.publish.briefs.furniture import is_furniture
from aggregator.publish.clean import plain
from aggregator.publish.said import own_words
from aggregator.text.headline import BYLINE
from aggregator.text.sentences import sentences

# A sentence is to be read, and to be sent. In characters.
_LONGEST = 600
# What is told further below is background. In sentences.
_OF_POST, _OF_ARTICLE, _IN_ALL = 10, 24, 120
# More than a person takes in of who says what.
_MOST_POSTS = 40


class Readable(Protocol):
    """A page that was read. `text`: its paragraphs, each on a line; `may_quote`: it does not forbid to be quoted."""

    @property
    def id(self) -> int:
        """Its row."""

    @property
    def text(self) -> str:
        """Its words."""

    @property
    def language(self) -> str | None:
        """The language of its words."""

    @property
    def may_quote(self) -> bool:
        """May single sentences be shown?"""


def evidence_of(story: ShownStory, articles: Mapping[int, Readable], *, of_post: int = _OF_POST) -> list[Evidence]:
    """The sentences of a story: of its lead first, then of the other posts in order of time. Copies add none.

    `articles`: post → the page that it leads to; a page that several lead to counts for the first of them.
    `of_post`: so many sentences of each post at most.
    """
    found: list[Evidence] = []
    told: set[str] = set()
    for post in _speaking(story):
        for text, article, is_title in _sentences_of(post, articles.get(post.id), told, of_post):
            found.append(
                Evidence(
                    n=len(found) + 1,
                    publisher=plain(post.voice.name),
                    kind=post.kind,
                    language=article.language if article else post.language,
                    at=post.at,
                    text=text,
                    post_id=post.id,
                    article_id=article.id if article else None,
                    is_title=is_title,
                    is_dated=post.dated != "never",
                )
            )
            if len(found) == _IN_ALL:
                return found
    return found


def quoted(part: Part, each: Evidence, due: Due | None = None) -> BriefSentence:
    """A sentence of a source as one of a brief, whole."""
    return BriefSentence(
        part=part, text=each.text, language=each.language, made="quoted",
        posts=(each.post_id,) if each.post_id is not None else (),
        articles=(each.article_id,) if each.article_id is not None else (), due=due,
    )  # fmt: skip


def _speaking(story: ShownStory) -> list[ShownPost]:
    originals = [post for post in story.originals if post.id != story.lead.id and post.content_warning is None]
    lead = [] if story.lead.content_warning is not None else [story.lead]
    return [*lead, *originals][:_MOST_POSTS]


def _sentences_of(
    post: ShownPost, article: Readable | None, told: set[str], of_post: int
) -> Iterator[tuple[str, Readable | None, bool]]:
    """Sentences, the page that each is of, and whether it is the title."""
    if post.kind == "article" and (title := _line(plain(post.title))) and _is_new(title, told):
        yield title[:_LONGEST], None, True
    own = sentences(_words(post), complete=post.kind == "status", longest=_LONGEST)
    for text in _telling(own, told, of_post):
        yield text, None, False
    if article is not None and article.may_quote:
        for text in _telling(sentences(plain(article.text), longest=_LONGEST), told, _OF_ARTICLE):
            yield text, article, False


def _telling(texts: Iterable[str], told: set[str], most: int) -> Iterator[str]:
    """The first of these that tell something of the matter which was not told."""
    return islice((text for text in texts if not is_furniture(text) and _is_new(text, told)), most)


def _words(post: ShownPost) -> str:
    """What a post says, without the line that tells whose page a card shows."""
    text = own_words(post)
    return "\n".join(line for line in text.split("\n") if not line.startswith(BYLINE)) if BYLINE in text else text


def _line(text: str) -> str:
    return " ".join(text.split())


def _is_new(text: str, told: set[str]) -> bool:
    key = "".join(filter(str.isalnum, text.casefold()))
    if key in told:
        return False
    told.add(key)
    return bool(key)
