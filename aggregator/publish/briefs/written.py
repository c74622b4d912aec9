"""What a model wrote and the checks kept → the brief that stands. Pure.

Beside the model's sentences stands what was worked out without it: sentences that were counted from the database come
first in context, and the model's follow them, but an earlier story that the model names is not told twice; what sources
say is to come stands where the model told nothing of it; figures that differ stay. Where nothing of what happened
survives, the brief without a model stands, and says why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

from aggregator.model.brief import (
    PARTS,
    Brief,
    BriefSentence,
    Draft,
    DraftSentence,
    Due,
    EarlierNote,
    Evidence,
    Part,
    Refused,
)
from aggregator.publish.briefs.to_come import due_of
from aggregator.text.days import days

# Of what was not kept, so much is told.
_MOST_REFUSED = 20

_WEEK = timedelta(days=7)


class Judged(Protocol):
    """What checks say of a draft: is its headline good, which sentences are kept, and which are not, and why."""

    @property
    def headline_ok(self) -> bool:
        """Is the headline good?"""

    @property
    def parts(self) -> Mapping[Part, Sequence[DraftSentence]]:
        """The sentences that are kept."""

    @property
    def refused(self) -> tuple[Refused, ...]:
        """What is not kept."""


class Kept(NamedTuple):
    """What is left of a draft: a headline or none, the sentences, and all that was not kept of any answer."""

    headline: str | None
    parts: Mapping[Part, Sequence[DraftSentence]]
    refused: tuple[Refused, ...] = ()

    @property
    def is_enough(self) -> bool:
        """Does something of what happened survive?"""
        return bool(self.parts.get("happened"))

    @property
    def size(self) -> int:
        """How many sentences there are."""
        return sum(map(len, self.parts.values()))


class By(NamedTuple):
    """Who wrote it, when, and what it cost."""

    model: str
    at: datetime
    tokens_in: int
    tokens_out: int


def kept_of(draft: Draft, judged: Judged, unread: Sequence[Refused] = ()) -> Kept:
    """What the checks leave of a draft. `unread`: what could not be read of the answer."""
    headline = draft.headline if judged.headline_ok and draft.headline else None
    return Kept(headline, judged.parts, (*unread, *judged.refused))


def better(first: Kept, second: Kept) -> Kept:
    """Of two answers the one of which more is left, the later one where they are alike. Of both is told what was not
    kept."""
    one = max((second, first), key=lambda kept: (kept.is_enough, kept.size, kept.headline is not None))
    return one._replace(refused=(*first.refused, *second.refused))


def without(kept: Kept, dropped: Collection[tuple[Part, int]], why: str) -> Kept:
    """The same without some sentences, by part and place."""
    parts = {
        part: tuple(each for place, each in enumerate(told) if (part, place) not in dropped)
        for part, told in kept.parts.items()
    }
    gone = tuple(Refused(part, kept.parts[part][place].text, why) for part, place in sorted(dropped))
    return kept._replace(parts=parts, refused=(*kept.refused, *gone))


class Material(NamedTuple):
    """What a brief is made of. `title`: the story's, which heads a brief whose own headline is no good."""

    story_id: int
    title: str
    language: str
    evidence: Sequence[Evidence]
    earlier: Sequence[EarlierNote]


def brief_of(kept: Kept, material: Material, base: Brief | None, by: By, digest: str) -> Brief:
    """The brief by a model. `base`: the one that stands without it, or by it from before; `digest`: of the evidence,
    where there is none."""
    written = [_sentence(part, each, material, by.at.date()) for part in PARTS for each in kept.parts.get(part, ())]
    return Brief(
        story_id=material.story_id,
        language=material.language,
        headline=kept.headline or material.title,
        sentences=_beside(written, base),
        method="model",
        digest=base.digest if base else digest,
        written_at=by.at,
        amounts=base.amounts if base else (),
        model=by.model,
        refused=kept.refused[:_MOST_REFUSED],
        tokens_in=by.tokens_in,
        tokens_out=by.tokens_out,
    )


def in_trouble(base: Brief, trouble: str, kept: Kept | None, by: By) -> Brief:
    """The brief that stands, with the reason why it is not the model's."""
    refused = kept.refused[:_MOST_REFUSED] if kept else ()
    return replace(base, trouble=trouble, refused=refused, tokens_in=by.tokens_in, tokens_out=by.tokens_out)


def renewed(stored: Brief, extracted: Brief, posts: Collection[int], *, is_edited: bool = False) -> Brief:
    """The brief without a model, made anew, with the sentences that a model wrote of the same story before.

    Those that rest on posts which are not among `posts` any more are left out; where nothing of what happened is left,
    the brief without a model stands. It says when it was written, not when it was counted. What was refused names no
    posts, as the headline: both go where something had to be left out, and where any post says something else since
    (`is_edited`).
    """
    written = [
        each for each in stored.sentences if each.made == "written" and all(post in posts for post in each.posts)
    ]
    if stored.method != "model" or not any(each.part == "happened" for each in written):
        return extracted
    was_all = not is_edited and len(written) == sum(each.made == "written" for each in stored.sentences)
    return replace(
        extracted,
        headline=stored.headline if was_all else extracted.headline,
        sentences=_beside(written, extracted),
        method="model",
        model=stored.model,
        written_at=stored.written_at,
        refused=stored.refused if was_all else (),
        trouble=stored.trouble,
        tokens_in=stored.tokens_in,
        tokens_out=stored.tokens_out,
    )


def _beside(written: Sequence[BriefSentence], base: Brief | None) -> tuple[BriefSentence, ...]:
    """A model's sentences with those that were worked out without it."""
    others = [each for each in base.sentences if each.made != "written"] if base else []
    named = {story for each in written for story in each.stories}
    counted = [
        each
        for each in others
        if each.part == "context" and each.made == "counted" and not (each.stories and named.issuperset(each.stories))
    ]
    watch = [each for each in written if each.part == "watch"] or [each for each in others if each.part == "watch"]
    return (
        *(each for each in written if each.part == "happened"),
        *counted,
        *(each for each in written if each.part == "context"),
        *watch,
    )


def _sentence(part: Part, told: DraftSentence, material: Material, today: date) -> BriefSentence:
    cited = [each for each in material.evidence if each.n in told.sources]
    before = [each.story_id for each in material.earlier if each.n in told.sources and each.story_id is not None]
    return BriefSentence(
        part=part,
        text=told.text,
        language=material.language,
        made="written",
        posts=_once(each.post_id for each in cited),
        articles=_once(each.article_id for each in cited),
        stories=tuple(dict.fromkeys(before)),
        due=_due(told.text, material.language, today) if part == "watch" else None,
    )


def _due(text: str, language: str, today: date) -> Due | None:
    """The first day to come that a sentence names, as it is meant today. It looks ahead: a Monday that may be the last
    or the next is the next."""
    found = [
        due_of(each._replace(first=each.first + ahead, last=each.last + ahead), date.min)
        for each in days(text, language, today)
        for ahead in [_WEEK if each.weekday and not each.told and each.last < today else timedelta(0)]
        if each.last + ahead >= today
    ]
    return min(found, key=lambda each: (each.first, each.last), default=None)


def _once(ids: Iterable[int | None]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(each for each in ids if each is not None))
