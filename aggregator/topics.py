"""Post → topics and entities, each with the terms that matched.

Each distinct term counts once, at its best place (see `aggregator.places`), and so does a phrase with its parts
("data breach", "breach", "breaches"); no word of a text counts twice. The evidence of several terms adds up as
independent chances do: score = 1 − Π(1 − place × weight). A term of negative weight takes away what one of that weight
adds: it divides the product by (1 − place × |weight|).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from aggregator.finder import TermFinder
from aggregator.model import Post, TopicMatch
from aggregator.places import IN_ADDRESS, SITE, is_site, searched
from aggregator.rules import Term, TopicRule

# Changes whenever this code gives other topics for the same rules; part of `Taxonomy.version`.
MATCHER_VERSION = 3

# What the source's own leaning tells: helps a weak term over the threshold, never enough by itself.
SOURCE = 0.35

# How the places of a post are called in rules.
_CALLED = {"title": "title", "text": "text", "lead": "text", "tag": "tags", IN_ADDRESS: "address"}

# At most so many terms are named in a reason.
_NAMED_TERMS = 6

# Where a term tells most: how much that is, where in the text it ends and begins, and the place.
_Found = tuple[float, int, int, str]
_NOWHERE: _Found = (SOURCE, 0, 0, "source")


class Judgement(NamedTuple):
    """What became of a topic for which a post has evidence.

    `evidence` is the reasons, what tells most first; `missing` the required terms that are not there, `stopped_by` the
    forbidden ones that are. The topic is given if neither is and `score` (0..1) reaches `threshold`.
    """

    topic: str
    score: float
    threshold: float
    evidence: tuple[str, ...]
    missing: tuple[str, ...]
    stopped_by: tuple[str, ...]

    @property
    def is_given(self) -> bool:
        """The post has the topic."""
        return self.score >= self.threshold and not self.missing and not self.stopped_by


class Taxonomy:
    """The compiled rules. Immutable; made once for a configuration.

    `version` is a short digest of the rules and of this matcher, stored beside what they gave.
    """

    def __init__(self, rules: Sequence[TopicRule]) -> None:
        self.rules = tuple(rules)
        self.version = _digest(self.rules)
        self._by_topic = {rule.topic: rule for rule in self.rules}
        self._finder = TermFinder(term.text for rule in self.rules for term in (*rule.any, *rule.all, *rule.not_))
        self._sites = frozenset(term.text for rule in self.rules for term in rule.any if is_site(term.text))
        # Terms that count in some places only, by their text: under which key, and in which.
        self._narrow: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
        for rule in self.rules:
            for term in rule.any:
                if term.where:
                    self._narrow[term.text][_key(term)] = frozenset(term.where)
        self._uses: dict[str, list[tuple[str, float]]] = defaultdict(list)
        # What a term tells of a topic that demands another one is asked only where that one is there.
        self._demanding: dict[str, list[TopicRule]] = defaultdict(list)
        for rule in self.rules:
            if rule.all:
                self._demanding[rule.all[0].text].append(rule)
                continue
            for term in rule.any:
                self._uses[_key(term)].append((rule.topic, term.weight))

    def __reduce__(self) -> tuple[type[Taxonomy], tuple[tuple[TopicRule, ...]]]:
        """Goes to another process as its rules: what is compiled stays here."""
        return Taxonomy, (self.rules,)

    def match(self, post: Post, leaning: Iterable[str] = ()) -> tuple[TopicMatch, ...]:
        """The topics of a post, best first. `leaning`: topics that the post's source is usually about."""
        text, folded, best = self._best_places(post)
        matches: list[tuple[float, str, str]] = []
        for topic, told in self._evidence(best, leaning).items():
            rule = self._by_topic.get(topic)
            if rule is None:
                continue
            # Of most topics a post has a weak word and no more: quickly seen, whatever speaks against them.
            doubt = 1.0
            for less, _, _, _ in told:
                if less < 0:
                    doubt *= 1 + less
            if 1 - doubt < rule.threshold:
                continue
            if rule.all and any(term.text not in best for term in rule.all):
                continue
            if rule.not_ and any(term.text in best for term in rule.not_):
                continue
            score, kept = _weighed(told, folded)
            if score >= rule.threshold:
                reasons = [_reason(each, text) for each in kept[:_NAMED_TERMS]]
                reasons += [f"required “{term.text}”" for term in rule.all]
                matches.append((-round(score, 3), topic, "; ".join(reasons)))
        matches.sort()
        return tuple([TopicMatch(topic, -score, because) for score, topic, because in matches])

    def judge(self, post: Post, leaning: Iterable[str] = ()) -> tuple[Judgement, ...]:
        """Every topic for which there is evidence, and what became of it, best first; to show to people."""
        text, folded, best = self._best_places(post)
        found = []
        evidence = self._evidence(best, leaning)
        evidence.update((rule.topic, told) for rule in self.rules if rule.all and (told := _of_rule(rule, best)))
        for topic, told in evidence.items():
            rule = self._by_topic.get(topic)
            if rule is None:
                continue
            score, kept = _weighed(told, folded)
            found.append(
                Judgement(
                    topic,
                    max(0.0, round(score, 3)),
                    rule.threshold,
                    tuple(_reason(each, text) for each in kept),
                    tuple(term.text for term in rule.all if term.text not in best),
                    tuple(_shown(best[term.text], text) for term in rule.not_ if term.text in best),
                )
            )
        return tuple(sorted(found, key=lambda each: (not each.is_given, -each.score, each.topic)))

    def _best_places(self, post: Post) -> tuple[str, str, dict[str, _Found]]:
        """The searched text, the same folded, and each term of the rules that it has, where it tells most."""
        parts = searched(post)
        text, folded, hits = self._finder.places(parts.text)
        places = parts.places
        starts = [place[0] for place in places] + [len(text)]
        best: dict[str, _Found] = {}
        begin = behind = 0
        name, strength = "", 0.0
        for term, start, end in hits:
            if not begin <= start < behind:  # of most terms the place is that of the one before
                i = bisect_right(starts, start) - 1
                begin, name, strength = places[i]
                behind = starts[i + 1]
            told = SITE if name is IN_ADDRESS and term in self._sites else strength
            known = best.get(term)
            if known is None or told > known[0]:
                best[term] = (told, end, start, name)
        for term, start, end in hits if self._narrow else ():
            for key, where in self._narrow.get(term, {}).items():
                _, name, strength = places[bisect_right(starts, start) - 1]
                told = SITE if name is IN_ADDRESS and term in self._sites else strength
                if _CALLED[name] in where and (key not in best or told > best[key][0]):
                    best[key] = (told, end, start, name)
        return text, folded, best

    def _evidence(self, best: Mapping[str, _Found], leaning: Iterable[str]) -> dict[str, list[_Found]]:
        """Topic → what tells of it, as `_Found` with what it takes from the doubt: below zero where it tells for it."""
        evidence: dict[str, list[_Found]] = defaultdict(list)
        uses = self._uses
        for term, (strength, end, start, place) in best.items():
            for topic, weight in uses.get(term, ()):
                evidence[topic].append((-strength * weight, end, start, place))
        for term in best.keys() & self._demanding.keys():
            for rule in self._demanding[term]:
                if all(each.text in best for each in rule.all):
                    evidence[rule.topic] += _of_rule(rule, best)
        for topic in leaning:
            evidence[topic].append((-SOURCE, *_NOWHERE[1:]))
        return evidence


def _key(term: Term) -> str:
    """Under which key it is noted where a term was found: its text, and where it is looked for if not everywhere."""
    return f"{term.text}\0{','.join(term.where)}" if term.where else term.text


def _of_rule(rule: TopicRule, best: Mapping[str, _Found]) -> list[_Found]:
    return [(-best[key][0] * term.weight, *best[key][1:]) for term in rule.any if (key := _key(term)) in best]


def _weighed(told: list[_Found], folded: str) -> tuple[float, list[_Found]]:
    """The score, and what counts of the evidence, what tells most first, of equal ones the first that ends.

    A word that is part of one before, or has one before as a part, tells nothing new; nor do the same words again in
    a phrase that overlaps ("must comply", "comply with").
    """
    if len(told) == 1:
        return -told[0][0], told
    told.sort()
    kept: list[_Found] = []
    known: list[tuple[str, int, int]] = []
    doubt = 1.0
    for found in told:
        less, end, start, _ = found
        if less >= 0:
            doubt /= 1 - less
        else:
            if end and _is_repeated(folded[start:end], start, end, known):
                continue
            doubt *= 1 + less
        kept.append(found)
    return 1 - doubt, kept


def _is_repeated(word: str, start: int, end: int, known: list[tuple[str, int, int]]) -> bool:
    """The word tells what a known one does; if not, it is known from now on."""
    for other, begin, behind in known:  # not any(): this runs dozens of times for every post
        if word in other or other in word or (start < behind and begin < end):
            return True
    known.append((word, start, end))
    return False


def _reason(found: _Found, text: str) -> str:
    return f"against: {_shown(found, text)}" if found[0] > 0 else _shown(found, text)


def _shown(found: _Found, text: str) -> str:
    _, end, start, place = found
    return f"{place} “{text[start:end]}”" if end else place


def _digest(rules: Iterable[TopicRule]) -> str:
    def spelled(terms: Iterable[Term]) -> str:
        return "|".join(f"{_key(term)}:{term.weight}" for term in terms)

    lines = (
        f"{rule.topic}\t{rule.threshold}\t{spelled(rule.any)}\t{spelled(rule.all)}\t{spelled(rule.not_)}"
        for rule in sorted(rules, key=lambda rule: rule.topic)
    )
    text = "\n".join((str(MATCHER_VERSION), *lines))
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
