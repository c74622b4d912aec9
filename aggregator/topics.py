"""Post → topics and entities, each with the terms that matched.

All terms of all rules are looked for in one pass (Aho-Corasick over the folded parts of the post). Each distinct term
counts once, at its best place, and so does a phrase with its parts ("data breach", "breach", "breaches"). The evidence
of several terms adds up as independent chances do: score = 1 − Π(1 − place × weight). A term of negative weight takes
away what one of that weight adds: it divides the product by (1 − place × |weight|).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple
from urllib.parse import unquote

from aggregator.model import Post, TopicMatch
from aggregator.rules import Term, TopicRule
from aggregator.terms import TermFinder, normalise
from aggregator.text import without_links

# Changes whenever this code gives other topics for the same rules; part of `Taxonomy.version`.
MATCHER_VERSION = 3

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
# What the source's own leaning tells: helps a weak term over the threshold, never enough by itself.
SOURCE = 0.35

# The lead of a news item: its first paragraph, more or less.
LEAD_CHARACTERS = 300
# Of a text without title, as statuses are, the beginning stands for the title.
OPENING_CHARACTERS = 160
# Text beyond this is not looked at: what a post is about stands before it.
_MOST_CHARACTERS = 4000

_ADDRESS = "address"

# At most so many terms are named in a reason.
_NAMED_TERMS = 6


class Place(NamedTuple):
    """A part of a post, from `start` to the next place. `strength` is what a term there tells (0..1)."""

    start: int
    name: str
    strength: float


@dataclass(frozen=True, slots=True)
class Searched:
    """The parts of a post as one text to search, and where each begins. A line end parts what does not belong together.

    The body follows the lead without one: where the lead ends is a guess, and a phrase may stand across it.
    """

    text: str
    places: tuple[Place, ...]


class _Evidence(NamedTuple):
    """What one term tells of one topic. `told` is below zero where it tells against it."""

    told: float
    place: str
    found: str

    def __str__(self) -> str:
        return f"{'' if self.told > 0 else 'against: '}{self.place} “{self.found}”" if self.found else self.place


# Where a term tells most: how much that is, the place, and where in the text it stands.
_Found = tuple[float, str, int, int]


class Taxonomy:
    """The compiled rules. Immutable; made once for a configuration.

    `version` is a short digest of the rules and of this matcher, stored beside what they gave.
    """

    def __init__(self, rules: Sequence[TopicRule]) -> None:
        self.rules = tuple(rules)
        self.version = _digest(self.rules)
        self._by_topic = {rule.topic: rule for rule in self.rules}
        self._finder = TermFinder(term.text for rule in self.rules for term in (*rule.any, *rule.all, *rule.not_))
        self._sites = frozenset(term.text for rule in self.rules for term in rule.any if _is_site(term.text))
        self._uses: dict[str, list[tuple[str, float]]] = defaultdict(list)
        # What a term tells of a topic that demands another one is asked only where that one is there.
        self._demanding: dict[str, list[TopicRule]] = defaultdict(list)
        for rule in self.rules:
            if rule.all:
                self._demanding[rule.all[0].text].append(rule)
                continue
            for term in rule.any:
                self._uses[term.text].append((rule.topic, term.weight))

    def match(self, post: Post, leaning: Iterable[str] = ()) -> tuple[TopicMatch, ...]:
        """The topics of a post, best first. `leaning`: topics that the post's source is usually about."""
        text, best = self._best_places(searched(post))
        evidence: dict[str, list[tuple[float, _Found | None]]] = defaultdict(list)
        for term, found in best.items():
            for topic, weight in self._uses.get(term, ()):
                evidence[topic].append((found[0] * weight, found))
            for rule in self._demanding.get(term, ()):
                if all(each.text in best for each in rule.all):
                    evidence[rule.topic] += [
                        (best[t.text][0] * t.weight, best[t.text]) for t in rule.any if t.text in best
                    ]
        for topic in leaning:
            evidence[topic].append((SOURCE, None))
        matches = (self._judge(topic, told, text, best) for topic, told in evidence.items())
        return tuple(sorted((match for match in matches if match), key=lambda match: (-match.score, match.topic)))

    def _best_places(self, post: Searched) -> tuple[str, dict[str, _Found]]:
        """The searched text, and each term of the rules that it has, where it tells most."""
        starts = [place.start for place in post.places]
        best: dict[str, _Found] = {}
        text, hits = self._finder.places(post.text)
        for term, start, end in hits:
            _, name, strength = post.places[bisect_right(starts, start) - 1]
            if name == _ADDRESS and term in self._sites:
                strength = SITE
            known = best.get(term)
            if known is None or strength > known[0]:
                best[term] = (strength, name, start, end)
        return text, best

    def _judge(
        self, topic: str, told: list[tuple[float, _Found | None]], text: str, terms: Mapping[str, object]
    ) -> TopicMatch | None:
        rule = self._by_topic.get(topic)
        if rule is None:
            return None
        # Of most topics a post has a weak word and no more: quickly seen, whatever speaks against them.
        doubt = 1.0
        for most, _ in told:
            if most > 0:
                doubt *= 1 - most
        if 1 - doubt < rule.threshold:
            return None
        if any(term.text not in terms for term in rule.all) or any(term.text in terms for term in rule.not_):
            return None
        found = _without_repeats([_evidence(most, at, text) for most, at in told])
        doubt = 1.0
        for most, _, _ in found:
            doubt = doubt * (1 - most) if most > 0 else doubt / (1 + most)
        score = 1 - doubt
        if score < rule.threshold:
            return None
        reasons = [*map(str, found[:_NAMED_TERMS]), *(f"required “{term.text}”" for term in rule.all)]
        return TopicMatch(topic, round(score, 3), "; ".join(reasons))


def _evidence(told: float, found: _Found | None, text: str) -> _Evidence:
    return _Evidence(told, found[1], text[found[2] : found[3]]) if found else _Evidence(told, "source", "")


def _without_repeats(found: list[_Evidence]) -> list[_Evidence]:
    """What tells most first; a word that is part of one before, or has one before as a part, tells nothing new."""
    found.sort(key=attrgetter("told"), reverse=True)
    kept: list[_Evidence] = []
    known: list[str] = []
    for evidence in found:
        word = evidence.found.casefold()
        if evidence.told > 0 and word:
            if any(word in other or other in word for other in known):
                continue
            known.append(word)
        kept.append(evidence)
    return kept


def searched(post: Post) -> Searched:
    """The post as one text to search, with its places."""
    text = normalise(without_links(post.text[:_MOST_CHARACTERS]))
    places: list[Place] = []
    pieces: list[str] = []
    length = 0

    def add(name: str, piece: str, strength: float, end: str = "\n") -> None:
        nonlocal length
        if piece:
            places.append(Place(length, name, strength))
            pieces.append(piece + end)
            length += len(piece) + len(end)

    title = normalise(post.title)
    opening = 0 if title else OPENING_CHARACTERS
    add("title", title, TITLE)
    add("text", text[:opening], TITLE, end="")
    add("lead", text[opening:LEAD_CHARACTERS], LEAD, end="")
    add("text", text[LEAD_CHARACTERS:] + "\n", BODY, end="")
    add("tag", " · ".join(normalise(spelling) for tag in sorted(post.tags) for spelling in _spellings(tag)), TAG)
    add(_ADDRESS, "\n".join(_address(url) for url in (post.url, post.article_url) if url), ADDRESS)
    return Searched("".join(pieces), tuple(places))


def _is_site(term: str) -> bool:
    """The term names a site or a part of it: it has a slash, or a dot inside a word."""
    return "/" in term or any("." in word.strip(".") for word in term.split())


def _spellings(tag: str) -> tuple[str, ...]:
    """A tag as written, and split at its capitals: "MachineLearning" is also "Machine Learning"."""
    split = "".join(
        f" {char}" if i and char.isupper() and not tag[i - 1].isupper() else char for i, char in enumerate(tag)
    )
    return (tag, split) if split != tag else (tag,)


def _address(url: str) -> str:
    """The site and path of a URL, its words apart. What follows a ? is about the reader, not the article."""
    path = url.partition("://")[2].partition("?")[0].partition("#")[0].removeprefix("www.")
    return normalise((unquote(path) if "%" in path else path).replace("_", " ").replace("+", " "))


def _digest(rules: Iterable[TopicRule]) -> str:
    def spelled(terms: Iterable[Term]) -> str:
        return "|".join(f"{term.text}:{term.weight}" for term in terms)

    lines = (
        f"{rule.topic}\t{rule.threshold}\t{spelled(rule.any)}\t{spelled(rule.all)}\t{spelled(rule.not_)}"
        for rule in sorted(rules, key=lambda rule: rule.topic)
    )
    text = "\n".join((str(MATCHER_VERSION), *lines))
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
