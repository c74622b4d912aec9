"""Post → topics and entities, each with the terms that matched.

Each distinct term counts once, where it is strongest (see `aggregator.topics.fields`), and so does a phrase with its
parts ("data breach", "breach", "breaches"). How evidence becomes a score: `aggregator.topics.scoring`.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from aggregator.model.post import Post, TopicMatch
from aggregator.model.rules import Term, TopicRule
from aggregator.topics.fields import IN_ADDRESS, IN_SOURCE, SITE, TITLE, Searched, is_site, searched
from aggregator.topics.matcher import TermFinder
from aggregator.topics.normal_forms import Forms, forms, normalise
from aggregator.topics.occurrences import Occurrence
from aggregator.topics.scoring import SOURCE, Evidence, evidence_of, reasons, shown, weighed

# Changes whenever this code gives other topics for the same rules; part of `Taxonomy.version`.
MATCHER_VERSION = 4

# How the fields of a post are called in rules.
_CALLED = {"title": "title", "text": "text", "lead": "text", "tag": "tags", IN_ADDRESS: "address"}

# At most so many terms are named in a reason.
_NAMED_TERMS = 6


class Judgement(NamedTuple):
    """What became of a topic for which a post has evidence.

    `evidence` is the reasons, the strongest first; `missing` the required terms that are not there, `stopped_by` the
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
        self._finder = TermFinder(term.text for rule in self.rules for term in (*rule.any, *rule.all, *rule.not_))
        # Terms are numbers from here on, and rules their places in `rules`.
        numbers = self._finder.numbers
        self._by_topic = {rule.topic: k for k, rule in enumerate(self.rules)}
        self._sites = frozenset(numbers[term.text] for rule in self.rules for term in rule.any if is_site(term.text))
        self._demanded = [tuple(numbers[term.text] for term in rule.all) for rule in self.rules]
        self._forbidden = [tuple(numbers[term.text] for term in rule.not_) for rule in self.rules]
        # Terms that count in some places only have numbers of their own, behind the others: by the number of the same
        # term everywhere, in which places, and under which number.
        self._narrow: dict[int, dict[tuple[str, ...], int]] = defaultdict(dict)
        # Of each source that came, the terms of those that count in sources: they are few, and come again and again.
        self._of_sources = any(IN_SOURCE in term.where for rule in self.rules for term in rule.any)
        self._in_sources: dict[str, dict[int, Occurrence]] = {}
        self._uses: list[list[tuple[int, float]]] = [[] for _ in range(1 + max(numbers.values(), default=-1))]
        # Of each rule the weights of its terms. The other way round: for which rules a term is evidence.
        self._weights = [{self._number(term): term.weight for term in rule.any} for rule in self.rules]
        # Rules that demand a term are looked at only where that one is found.
        self._demanding: dict[int, list[int]] = defaultdict(list)
        for k, rule in enumerate(self.rules):
            if rule.all:
                self._demanding[self._demanded[k][0]].append(k)
                continue
            for number, weight in self._weights[k].items():
                if weight > 0:
                    self._uses[number].append((k, weight))

    def _number(self, term: Term) -> int:
        number = self._finder.numbers[term.text]
        if term.where:
            places = self._narrow[number]
            if term.where not in places:
                places[term.where] = len(self._uses)
                self._uses.append([])
            number = places[term.where]
        return number

    def __reduce__(self) -> tuple[type[Taxonomy], tuple[tuple[TopicRule, ...]]]:
        """Goes to another process as its rules: what is compiled stays here."""
        return Taxonomy, (self.rules,)

    def match(self, post: Post, leaning: Iterable[str] = (), source: str = "") -> tuple[TopicMatch, ...]:
        """The topics of a post, best first.

        `leaning`: topics that the post's source is usually about. `source`: its title and address (`source_name`).
        """
        read, occurrences = self._occurrences(post, source)
        leans = self._numbered(leaning)
        matches: list[tuple[float, str, str]] = []
        for k, doubt in self._least_doubts(occurrences, leans).items():
            rule = self.rules[k]
            # Of most topics a post has a weak word and no more: quickly seen, whatever the evidence against them.
            if 1 - doubt < rule.threshold or (rule.not_ and self._is_stopped(k, occurrences)):
                continue
            score, kept = weighed(self._evidence(k, occurrences, leans), read.folded)
            if score >= rule.threshold:
                because = reasons(kept[:_NAMED_TERMS], read.text)
                if rule.all:
                    because += [f"required “{term.text}”" for term in rule.all]
                matches.append((-round(score, 3), rule.topic, "; ".join(because)))
        matches.sort()
        return tuple([TopicMatch(topic, -score, because) for score, topic, because in matches])

    def judge(self, post: Post, leaning: Iterable[str] = (), source: str = "") -> tuple[Judgement, ...]:
        """Every topic for which there is evidence, and what became of it, best first; to show to people."""
        read, occurrences = self._occurrences(post, source)
        leans = self._numbered(leaning)
        judgements = []
        for k, rule in enumerate(self.rules):
            evidence = self._evidence(k, occurrences, leans)
            if not evidence:
                continue
            score, kept = weighed(evidence, read.folded)
            judgements.append(
                Judgement(
                    rule.topic,
                    max(0.0, round(score, 3)),
                    rule.threshold,
                    tuple(reasons(kept, read.text)),
                    tuple(term.text for term in rule.all if self._finder.numbers[term.text] not in occurrences),
                    tuple(
                        shown(occurrences[number], read.text) for number in self._forbidden[k] if number in occurrences
                    ),
                )
            )
        return tuple(sorted(judgements, key=lambda each: (not each.is_given, -each.score, each.topic)))

    def _numbered(self, leaning: Iterable[str]) -> list[int]:
        return [self._by_topic[topic] for topic in leaning if topic in self._by_topic]

    def _occurrences(self, post: Post, source: str) -> tuple[Forms, dict[int, Occurrence]]:
        """The searched text, and each term of the rules that it has, at its strongest occurrence."""
        parts = searched(post)
        occurrences = self._finder.strongest(parts, self._sites)
        if self._narrow and not self._narrow.keys().isdisjoint(occurrences):
            self._add_narrow(parts, occurrences)
        if source and self._of_sources:
            occurrences.update(self._of_source(source))
        return parts.forms, occurrences

    def _add_narrow(self, parts: Searched, occurrences: dict[int, Occurrence]) -> None:
        """Add the terms that count in some fields only, at the strongest occurrence in those."""
        for term, start, end in self._finder.places(parts.forms):
            for where, number in self._narrow.get(term, {}).items():
                name, of_field = parts.field_at(start)
                strength = SITE if name is IN_ADDRESS and term in self._sites else of_field
                if _CALLED[name] in where and (number not in occurrences or strength > occurrences[number].strength):
                    occurrences[number] = Occurrence(strength, end, start, name)

    def _of_source(self, source: str) -> dict[int, Occurrence]:
        """The terms for sources that this one has. They stand in no text, so the field has the words found."""
        found = self._in_sources.get(source)
        if found is None:
            name = forms(normalise(source))
            found = self._in_sources[source] = {
                number: Occurrence(TITLE, 0, 0, f"{IN_SOURCE} “{name.text[start:end]}”")
                for term, start, end in self._finder.places(name)
                for where, number in self._narrow.get(term, {}).items()
                if IN_SOURCE in where
            }
        return found

    def _is_stopped(self, k: int, occurrences: Mapping[int, Occurrence]) -> bool:
        return any(number in occurrences for number in self._forbidden[k])

    def _least_doubts(self, occurrences: Mapping[int, Occurrence], leaning: Iterable[int]) -> dict[int, float]:
        """The lower bound of the doubt (1 − score) of each topic with evidence, by the place of its rule.

        Without the evidence against it, and however often a word counts.
        """
        doubts: dict[int, float] = {}
        uses = self._uses
        for number, occurrence in occurrences.items():
            strength = occurrence.strength
            for k, weight in uses[number]:
                doubts[k] = doubts.get(k, 1.0) * (1 - strength * weight)
        if not self._demanding.keys().isdisjoint(occurrences):
            for number in self._demanding.keys() & occurrences.keys():
                for k in self._demanding[number]:
                    if all(each in occurrences for each in self._demanded[k]):
                        doubts[k] = 0.0
        for k in leaning:
            if k in doubts:
                doubts[k] *= 1 - SOURCE
        return doubts

    def _evidence(self, k: int, occurrences: Mapping[int, Occurrence], leaning: Iterable[int]) -> list[Evidence]:
        """The evidence for a topic and against it."""
        return evidence_of(occurrences, self._weights[k], k in leaning)


def _digest(rules: Iterable[TopicRule]) -> str:
    def spelled(terms: Iterable[Term]) -> str:
        return "|".join(f"{_key(term)}:{term.weight}" for term in terms)

    lines = (
        f"{rule.topic}\t{rule.threshold}\t{spelled(rule.any)}\t{spelled(rule.all)}\t{spelled(rule.not_)}"
        for rule in sorted(rules, key=lambda rule: rule.topic)
    )
    text = "\n".join((str(MATCHER_VERSION), *lines))
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def _key(term: Term) -> str:
    return f"{term.text}\0{','.join(term.where)}" if term.where else term.text
