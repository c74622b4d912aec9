"""Links to earlier coverage, so that a writer can say "as we reported on …": which older stories a new one has.

Two kinds: it *continues* what an older one told, or that is *background*, another matter of its main actor that helps
to understand it. None is better than a wrong one. Of two that tell one matter the surer is linked, and at most one as
background.

Posts do not arrive in the order of their times: a new source brings its old ones. So a story that starts is compared
both ways, with stories before it and after it; and once more when a second publisher takes it up, who may write in
another language. What joins later says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import NamedTuple

from aggregator.model.changes import EarlierKind, EarlierLink
from aggregator.model.post import OlderStory
from aggregator.stories.earlier.habits import HabitsOf, are_told_alone, beside_habits_of
from aggregator.stories.earlier.keys import Rarity
from aggregator.stories.earlier.measures import (
    Shared,
    Weighed,
    beyond,
    cosine,
    measures,
    most_beyond,
    shared_by,
    weighed,
    words_in,
)
from aggregator.stories.earlier.model import Judged, judge, shipped
from aggregator.stories.earlier.telling import Telling, outline_of, telling_of
from aggregator.stories.story import Story

# At most so many are named; a reader follows a handful.
MOST_LINKS = 5
MOST_BACKGROUND = 1

# Coverage within a day is the same news, not its past.
LEAST_AGE = timedelta(days=1)

# From this cosine on two older stories tell one thing.
SAME_TELLING = 0.5

# So many words must be in both, where both are about one entity and where not.
_LEAST_WORDS_ON_ENTITY = 2
_LEAST_WORDS = 3

# What the other words add to the cosine beside the one that both stress most. Less than the second carries little, and
# must be surer; less than the first (with two words than the second) makes no matter.
_LEAST_BEYOND = 0.09
_ENOUGH_BEYOND = 0.12

# Sums of a few dozen products of floats differ by less, in whatever order.
_ROUNDING = 1e-9

# What is background has so many words in common beside the names of entities: the company alone is none.
_LEAST_BESIDE_NAMES = 1

# How sure it must be if they share two words: those are often one name.
_SURE_BY_TWO_WORDS: Mapping[EarlierKind, float] = {"continues": 0.85, "background": 0.7}

_VOICES = 2

# More words than these in a reason inform nobody.
_WORDS_SAID = 5


class _Found(NamedTuple):
    story: OlderStory
    telling: Telling
    judged: Judged
    because: str

    def link(self, story_id: int, earlier_id: int) -> EarlierLink:
        """The link between these two, one of which it is."""
        return EarlierLink(story_id, earlier_id, round(self.judged.likelihood, 3), self.because, self.judged.kind)


def earlier_links(
    started: OlderStory, candidates: Iterable[OlderStory], rarity: Rarity, habits: HabitsOf, within: timedelta
) -> tuple[EarlierLink, ...]:
    """From a story that starts to its earlier coverage, and to it from those whose earlier coverage it is.

    `habits`: what a publisher says all the time. `within`: how old it may be. Each way the surest first, as many as the
    limits above allow.
    """
    mine = weighed(telling_of(started), rarity)
    before: list[_Found] = []
    after: list[_Found] = []
    for each in _found(started, mine, candidates, rarity, habits, within):
        (before if each.story.last_at < started.first_at else after).append(each)
    links = [each.link(started.id, each.story.id) for each in _chosen(before, rarity)]
    links += [each.link(each.story.id, started.id) for each in after[:MOST_LINKS]]
    return tuple(links)


def _found(
    started: OlderStory,
    mine: Weighed,
    candidates: Iterable[OlderStory],
    rarity: Rarity,
    habits: HabitsOf,
    within: timedelta,
) -> list[_Found]:
    """The candidates that an editor would link, surest first."""
    found = []
    habits = cache(habits)  # of one publisher, asked for each of its stories
    for candidate in candidates:
        if candidate.id == started.id or not is_apart(started, candidate, within):
            continue
        if not _may_be_enough(mine.telling, candidate):
            continue  # most end here, before anything is taken apart or weighed
        theirs = telling_of(candidate)
        if not may_carry(mine, theirs, rarity):
            continue
        shared = shared_by(mine, theirs, rarity)._replace(is_one_voice=are_told_alone(started, candidate))
        one = _judged(mine, candidate, theirs, shared, rarity)
        if one and shared.is_one_voice:  # beside its habits they share less, never more
            left = beside_habits_of(started, candidate, shared, rarity, habits)
            one = _judged(mine, candidate, theirs, left, rarity) if left else None
        if one:
            found.append(one)
    return sorted(found, key=lambda each: (-each.judged.likelihood, -each.story.id))


def _judged(mine: Weighed, candidate: OlderStory, theirs: Telling, shared: Shared, rarity: Rarity) -> _Found | None:
    """The candidate, if an editor would link it."""
    carried, few = beyond(shared), len(words_in(shared.products)) < _LEAST_WORDS
    if carried < (_ENOUGH_BEYOND if few else _LEAST_BEYOND) or not is_enough(mine.telling, theirs, shared):
        return None
    newer, older = (mine.telling, theirs) if theirs.last_at < mine.telling.first_at else (theirs, mine.telling)
    measured = measures(newer, older, shared, rarity)
    model = shipped(with_meaning="meaning" in measured)
    judged = judge(measured, model)
    bar = model.bars[judged.kind]
    if shared.is_one_voice or carried < _ENOUGH_BEYOND:
        bar = max(bar, model.sure)
    if judged.likelihood < (max(bar, _SURE_BY_TWO_WORDS[judged.kind]) if few else bar):
        return None
    if judged.kind == "background" and len(words_in(shared.matter)) < _LEAST_BESIDE_NAMES:
        return None
    return _Found(candidate, theirs, judged, _because(judged.kind, shared))


def _chosen(found: Iterable[_Found], rarity: Rarity) -> Iterator[_Found]:
    """Of those the ones to print: no two that tell one thing, and little background."""
    taken: list[_Found] = []
    for each in found:
        is_background = each.judged.kind == "background"
        if is_background and sum(other.judged.kind == "background" for other in taken) >= MOST_BACKGROUND:
            continue
        if any(_is_same_telling(each, other, rarity) for other in taken):
            continue
        taken.append(each)
        yield each
        if len(taken) == MOST_LINKS:
            return


def _is_same_telling(one: _Found, other: _Found, rarity: Rarity) -> bool:
    return cosine(shared_by(weighed(one.telling, rarity), other.telling, rarity)) >= SAME_TELLING


def _because(kind: EarlierKind, shared: Shared) -> str:
    """The reason, readable by a person."""
    about = ", ".join(sorted(shared.entities))
    said = sorted(((-weight, word) for word, weight in shared.products.items()))[:_WORDS_SAID]
    words = ", ".join(f"{word} {-weight:.2f}" for weight, word in said)
    what = "the same matter goes on" if kind == "continues" else "another matter of the same"
    return f"{what}: " + (f"also about {about}; " if about else "") + f"shared words: {words}"


def is_second_voice(story: Story) -> bool:
    """Has a second publisher just taken the story up? What it says, in its language, is looked at too, and no more."""
    return story.posts == len(story.voices) == _VOICES


def _may_be_enough(one: Telling, other: OlderStory) -> bool:
    """The same as `is_enough`, by the words alone."""
    terms, titled = one.said.terms, one.said.titled
    outline = outline_of(other)
    both = [term for term in outline.terms if term in terms]
    least = _LEAST_WORDS if one.entities.isdisjoint(other.entities) else _LEAST_WORDS_ON_ENTITY
    if len(both) < least:
        return False
    return not titled.isdisjoint(both) or any(term in terms for term in outline.terms[: outline.titled])


def may_carry(mine: Weighed, theirs: Telling, rarity: Rarity) -> bool:
    """An upper bound of what `_judged` asks of two stories first, by the words that both have; most end here.

    The length of their vector, with words that are not shared, is longer than that of the shared ones, and than that of
    few usual words, so what is left beside the heaviest product is no more than this. Where furniture is left out both
    vectors are shorter, and it is no bound: then they are weighed.
    """
    a, b = mine.telling.said, theirs.said
    both = mine.weights.keys() & b.terms.keys()
    words = words_in(both)
    has_entity = not mine.telling.entities.isdisjoint(theirs.entities)
    if len(words) < (_LEAST_WORDS_ON_ENTITY if has_entity else _LEAST_WORDS):
        return False
    if a.titled.isdisjoint(both) and b.titled.isdisjoint(both):
        return False
    if not a.runs.isdisjoint(b.runs):
        return True
    bar = _ENOUGH_BEYOND if len(words) < _LEAST_WORDS else _LEAST_BEYOND
    return most_beyond(mine, b.terms, both, rarity) >= bar - _ROUNDING


def is_enough(one: Telling, other: Telling, shared: Shared) -> bool:
    """Do they share enough to be looked at? Two words are often one name, unless one of them is an entity known as one;
    and what differs in numbers alone is the next of a series."""
    if not shared.crossing or len([term for term in shared.products if " " not in term]) < (
        _LEAST_WORDS_ON_ENTITY if shared.entities else _LEAST_WORDS
    ):
        return False
    return one.said.series is None or one.said.series != other.said.series


def is_apart(one: OlderStory, other: OlderStory, within: timedelta) -> bool:
    """Are they a day apart or more, and not too far?"""
    apart = max(one.first_at - other.last_at, other.first_at - one.last_at)
    return LEAST_AGE <= apart <= within
