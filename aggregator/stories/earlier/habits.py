"""Two stories that one and the same publisher tells, and nobody else, are compared once more: by its habits.

A maker's blog names its products in every post, an advertiser its offers, a club its jargon: rare words among what all
publishers say, everyday ones in what this one says, and no evidence that two of its posts tell one matter. So between
them a word counts by how few of its newest posts have it, too. What is the next of a series, or said once more in the
same words, is no earlier coverage either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import log

from aggregator.model.post import OlderStory
from aggregator.stories import boilerplate
from aggregator.stories.earlier.keys import Rarity
from aggregator.stories.earlier.measures import UNSEEN, Shared, words_in
from aggregator.stories.earlier.telling import is_told_again, telling_of

# Of a publisher's newest posts so many are looked at.
NEWEST = 60

# A word that so many of them have is as rare there as one never seen; half as rare if twice as many have it.
_FEW = 3

# An entity whose name counts for less is what the publisher is about: that tells nothing of two of its stories.
_LEAST_PART = 0.6

# Of the words that both have so many must be rare, here as everywhere: one of 150 posts has such a word. Among few
# posts none is as rare as that; then it is those that come near to one never seen.
_LEAST_RARE = 2
_RARE = log(150)
_NEARLY_UNSEEN = 0.75

_DATES_AND_NUMBERS = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:alpha|beta|rc|v)?0)\b"
)

# Of a publisher: how many of its newest posts have a word.
HabitsOf = Callable[[str], Mapping[str, int]]


def are_told_alone(one: OlderStory, other: OlderStory) -> bool:
    """Does one and the same publisher tell both stories, and nobody else either?"""
    return one.sole_publisher is not None and one.sole_publisher == other.sole_publisher


def beside_habits_of(
    one: OlderStory, other: OlderStory, shared: Shared, rarity: Rarity, habits: HabitsOf
) -> Shared | None:
    """What two stories share, each word for what it is worth between them: everywhere the same but where one publisher
    tells both alone; None where these are no one matter."""
    if not are_told_alone(one, other):
        return shared
    left = beside_habits(shared, habits(one.sole_publisher or ""), rarity)
    return left if is_one_matter(one, other, left, rarity) else None


def beside_habits(shared: Shared, habits: Mapping[str, int], rarity: Rarity) -> Shared:
    """What two stories of one publisher share, each word for what it is worth there: never more than elsewhere."""
    unseen = rarity[UNSEEN]
    words = {*shared.products, *(word for entity in shared.entities for word in entity.split("-"))}
    counting = {word: min(1.0, _FEW / max(1, habits.get(word, 0)) * unseen / rarity[word]) for word in words}
    left = shared._replace(
        products={word: product * counting[word] ** 2 for word, product in shared.products.items()},
        counting=counting,
        is_one_voice=True,
    )
    return left._replace(entities=frozenset(each for each in left.entities if left.entity_part(each) >= _LEAST_PART))


def is_one_matter(one: OlderStory, other: OlderStory, shared: Shared, rarity: Rarity) -> bool:
    """Do two stories of one publisher share rare words, `shared` being what they share beside its habits, and is
    neither the next of a series nor the other one once more?"""
    least = min(_RARE, _NEARLY_UNSEEN * rarity[UNSEEN])
    rare = [word for word in words_in(shared.products) if rarity[word] * shared.part(word) >= least]
    return (
        len(rare) >= _LEAST_RARE
        and _template(one.title) != _template(other.title)
        and not is_told_again(telling_of(one).said, telling_of(other).said)
    )


def _template(title: str) -> str:
    """A title without what differs from one of a series to the next: numbers and dates."""
    return _DATES_AND_NUMBERS.sub("0", boilerplate.parts(title)[0].key)
