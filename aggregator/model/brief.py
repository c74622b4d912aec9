"""The brief of a story: what happened, what is to be known beside it, what to watch; each sentence with its source.

A brief is made of numbered sentences of a story's posts and articles (`Evidence`) and of its earlier coverage
(`EarlierNote`), by rules or by a language model. What a model wrote is a `Draft` until it was checked against them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

Part = Literal["happened", "context", "watch"]
PARTS: tuple[Part, ...] = ("happened", "context", "watch")

# Taken whole from a source; worked out from the database; written by a model and checked.
Made = Literal["quoted", "counted", "written"]
Method = Literal["extracted", "model"]

# How exactly a day to come is told: "on 3 December", "in the week of", "in March", "in autumn", "in 2027".
Precision = Literal["day", "week", "month", "season", "year"]
# The most exact first.
PRECISIONS: tuple[Precision, ...] = ("day", "week", "month", "season", "year")


class Evidence(NamedTuple):
    """A sentence that a brief may rest on.

    `n`: its number, by which a draft names it. `publisher`: who says it, a paper's name or `@name@server`. `kind`: of
    the post, "article" or "status". `at`: when it was said, which "on Monday" in it goes by. `post_id`: the post, or
    the one that leads to the article with `article_id`, which says it; both None in data that is no database's.
    `is_title`: it is the title. `is_dated`: `at` is told by its source, else it is when it was found: "on Monday" goes
    by nothing then.
    """

    n: int
    publisher: str
    kind: str
    language: str | None
    at: datetime
    text: str
    post_id: int | None = None
    article_id: int | None = None
    is_title: bool = False
    is_dated: bool = True


class EarlierNote(NamedTuple):
    """A story that came before, as a draft may name it by `n`: "As we reported on …". `kind`: as of the link."""

    n: int
    at: date
    title: str
    kind: str = "continues"
    language: str | None = None
    story_id: int | None = None


class DraftSentence(NamedTuple):
    """A sentence that somebody else wrote, and the numbers that it is said to rest on."""

    text: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A brief that was not checked yet. `parts` has its sentences in their order; a part may be missing."""

    language: str
    headline: str
    parts: Mapping[Part, Sequence[DraftSentence]]


class Due(NamedTuple):
    """When something is to happen: from the first day on that the words may mean, to the last one."""

    first: date
    last: date
    precision: Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefSentence:
    """A sentence of a brief.

    `language`: the sentence's own, which of a quoted one may differ from the brief's. `posts`: the posts that it rests
    on, all of them where it was counted; `articles`: the read articles; `stories`: the earlier stories that it names.
    `pattern`: of a counted one what it counts ("carried", "nth", "continues", …), else None. `due`: when it is to
    happen, of sentences that look ahead.
    """

    part: Part
    text: str
    language: str | None
    made: Made
    posts: tuple[int, ...] = ()
    articles: tuple[int, ...] = ()
    stories: tuple[int, ...] = ()
    pattern: str | None = None
    due: Due | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """What sources of a story say of one figure, where they differ.

    `matter`: numbers the figures of a story. `text`: as the first source writes it. `value` in `unit` ("EUR",
    "percent", "people", …); None where the words say it only about. `posts`: which posts say so.
    """

    matter: int
    text: str
    value: float | None
    unit: str
    language: str | None
    posts: tuple[int, ...]


class Refused(NamedTuple):
    """A sentence that was dropped, and why, in words."""

    part: str
    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What is told of a story in one language.

    `method`: how it was made; `model`: the model's name where one wrote it. `digest`: of what went into it; the same
    input gives the same digest. `refused`: what a model wrote and was not kept. `trouble`: why there is no brief of a
    model, though one is asked for. `tokens_in`, `tokens_out`: what it cost.
    """

    story_id: int
    language: str
    headline: str
    sentences: tuple[BriefSentence, ...]
    method: Method
    digest: str
    written_at: datetime
    amounts: tuple[Amount, ...] = ()
    model: str | None = None
    refused: tuple[Refused, ...] = ()
    trouble: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0

    def part(self, part: Part) -> tuple[BriefSentence, ...]:
        """The sentences of a part, in their order."""
        return tuple(sentence for sentence in self.sentences if sentence.part == part)
