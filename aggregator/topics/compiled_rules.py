"""The rules with numbers for terms, and an inverted index: from the terms that a post has to the topics it may have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from aggregator.model.rules import TopicRule
from aggregator.topics.occurrences import Occurrence
from aggregator.topics.rule_terms import RuleTerms
from aggregator.topics.scoring import SOURCE

# The rules, by their position, for which a term is evidence, and the term's weight there (0..1). Plain and shared
# tuples: most terms are evidence for one rule, with one of a few weights.
_Postings = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule and the numbers of its terms: `weights` of those that are evidence, `required` of `all`, `forbidden`."""

    rule: TopicRule
    weights: Mapping[int, float]
    required: tuple[int, ...]
    forbidden: tuple[int, ...]

    def is_stopped(self, found: Container[int]) -> bool:
        """A forbidden term is among those found."""
        return any(number in found for number in self.forbidden)

    def has_required(self, found: Container[int]) -> bool:
        """All required terms are among those found."""
        return all(number in found for number in self.required)


class CompiledRules:
    """The rules in their order, `rules`, and for which of them a term is evidence."""

    def __init__(self, rules: Sequence[TopicRule], terms: RuleTerms) -> None:
        self.rules = tuple(_compiled(rule, terms) for rule in rules)
        self._positions = {rule.topic: k for k, rule in enumerate(rules)}
        self._postings = _postings(self.rules, len(terms))
        self._requiring = _requiring(self.rules)

    def positions(self, topics: Iterable[str]) -> list[int]:
        """The positions of the rules for some topics; those that no rule gives are left out."""
        return [self._positions[topic] for topic in topics if topic in self._positions]

    def least_doubts(self, occurrences: Mapping[int, Occurrence], leaning: Iterable[int]) -> dict[int, float]:
        """The lower bound of the doubt (1 − score) of each topic with evidence, by the position of its rule.

        Without the evidence against it, and however often a word counts. `leaning`: the rules of the topics that the
        source is usually about.
        """
        doubts: dict[int, float] = {}
        postings = self._postings
        for number, occurrence in occurrences.items():
            strength = occurrence.strength
            for k, weight in postings[number]:
                doubts[k] = doubts.get(k, 1.0) * (1 - strength * weight)
        for number in self._requiring.keys() & occurrences.keys():
            for k in self._requiring[number]:
                if self.rules[k].has_required(occurrences):
                    doubts[k] = 0.0
        for k in leaning:
            if k in doubts:
                doubts[k] *= 1 - SOURCE
        return doubts


def _compiled(rule: TopicRule, terms: RuleTerms) -> CompiledRule:
    return CompiledRule(
        rule,
        {terms.number(term): term.weight for term in rule.any},
        tuple(terms.anywhere(term) for term in rule.all),
        tuple(terms.anywhere(term) for term in rule.not_),
    )


def _postings(rules: Iterable[CompiledRule], terms: int) -> list[_Postings]:
    """By the number of a term: the rules for which it is evidence. Those that require a term are found by that."""
    postings: list[_Postings] = [()] * terms
    known: dict[_Postings, _Postings] = {}
    for k, compiled in enumerate(rules):
        if not compiled.required:
            for number, weight in compiled.weights.items():
                if weight > 0:
                    longer = (*postings[number], (k, weight))
                    postings[number] = known.setdefault(longer, longer)
    return postings


def _requiring(rules: Iterable[CompiledRule]) -> Mapping[int, list[int]]:
    """By the number of the first term that they require: the rules that are looked at only where that one is found."""
    requiring: dict[int, list[int]] = defaultdict(list)
    for k, compiled in enumerate(rules):
        if compiled.required:
            requiring[compiled.required[0]].append(k)
    return dict(requiring)
