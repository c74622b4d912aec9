"""Post → topics and entities, each with the terms that matched.

Each distinct term counts once, where it is strongest (see `aggregator.topics.fields`), and so does a phrase with its
parts ("data breach", "breach", "breaches"). How evidence becomes a score: `aggregator.topics.scoring`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from aggregator.model.post import Post, TopicMatch
from aggregator.model.rules import Term, TopicRule
from aggregator.text.headline import says_something
from aggregator.topics.compiled_rules import CompiledRule, CompiledRules
from aggregator.topics.normal_forms import Forms
from aggregator.topics.occurrences import Occurrence
from aggregator.topics.rule_terms import RuleTerms
from aggregator.topics.scoring import Evidence, evidence_of, reasons, shown, weighed

# Changes whenever this code gives other topics for the same rules; part of `Taxonomy.version`.
MATCHER_VERSION = 8

# At most so many terms are named in a reason.
_NAMED_TERMS = 6


class Judgement(NamedTuple):
    """What became of a topic for which a post has evidence.

    `evidence` is the reasons, the strongest first; `missing` the required terms that are not there, `stopped_by` the
    forbidden ones that are. The topic is given if neither is and `score` (0..1, to three places unless these would say
    otherwise) reaches `threshold`.
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

    Compiling takes 0.2 s. `at_once`: now; else when the first post is judged, for whoever most likely judges none.
    """

    def __init__(self, rules: Sequence[TopicRule], *, at_once: bool = True) -> None:
        self.rules = tuple(rules)
        if at_once:
            self.compile()

    def compile(self) -> None:
        """Be ready for the first post: for whoever forks, or judges in several threads."""
        _ = self._compiled, self.version

    @cached_property
    def version(self) -> str:
        """A short digest of the rules and of this matcher, stored beside what they gave."""
        return version_of(self.rules)

    @cached_property
    def _terms(self) -> RuleTerms:
        return RuleTerms(self.rules)

    @cached_property
    def _compiled(self) -> CompiledRules:
        return CompiledRules(self.rules, self._terms)

    def __reduce__(self) -> tuple[type[Taxonomy], tuple[tuple[TopicRule, ...]]]:
        """Goes to another process as its rules: what is compiled stays here."""
        return Taxonomy, (self.rules,)

    def match(self, post: Post, leaning: Iterable[str] = (), source: str = "") -> tuple[TopicMatch, ...]:
        """The topics of a post, best first.

        `leaning`: topics that the post's source is usually about. `source`: its title and address (`source_name`).
        What is attached to a post adds topics; it takes none away that its author's words give.
        """
        if not post.attached or not says_something(post.title, post.text):
            return self._match(post, leaning, source)
        leaning = tuple(leaning)
        own = self._match(replace(post, attached=""), leaning, source)
        found = {match.topic: match for match in (*self._match(post, leaning, source), *own)}
        return tuple(sorted(found.values(), key=lambda match: (-match.score, match.topic)))

    def _match(self, post: Post, leaning: Iterable[str], source: str) -> tuple[TopicMatch, ...]:
        read, occurrences = self._terms.occurrences(post, source)
        leans = self._compiled.positions(leaning)
        rules = self._compiled.rules
        matches: list[tuple[float, str, str]] = []
        for k, doubt in self._compiled.least_doubts(occurrences, leans).items():
            rule = rules[k].rule
            # Of most topics a post has a weak word and no more: quickly seen, whatever the evidence against them.
            if 1 - doubt < rule.threshold or (rule.not_ and rules[k].is_stopped(occurrences)):
                continue
            score, kept = weighed(evidence_of(occurrences, rules[k].weights, k in leans), read.folded)
            if score >= rule.threshold:
                because = reasons(kept[:_NAMED_TERMS], read.text)
                if rule.all:
                    because += [f"required “{term.text}”" for term in rule.all]
                matches.append((-round(score, 3), rule.topic, "; ".join(because)))
        matches.sort()
        return tuple([TopicMatch(topic, -score, because) for score, topic, because in matches])

    def judge(self, post: Post, leaning: Iterable[str] = (), source: str = "") -> tuple[Judgement, ...]:
        """Every topic for which there is evidence, and what became of it, best first; to show to people."""
        if not post.attached or not says_something(post.title, post.text):
            return self._judge(post, leaning, source)
        leaning = tuple(leaning)
        found = {each.topic: each for each in self._judge(post, leaning, source)}
        own = self._judge(replace(post, attached=""), leaning, source)
        found |= {each.topic: each for each in own if each.is_given}
        return tuple(sorted(found.values(), key=lambda each: (not each.is_given, -each.score, each.topic)))

    def _judge(self, post: Post, leaning: Iterable[str], source: str) -> tuple[Judgement, ...]:
        read, occurrences = self._terms.occurrences(post, source)
        leans = self._compiled.positions(leaning)
        judgements = [
            _judged(compiled, evidence, occurrences, read)
            for k, compiled in enumerate(self._compiled.rules)
            if (evidence := evidence_of(occurrences, compiled.weights, k in leans))
        ]
        return tuple(sorted(judgements, key=lambda each: (not each.is_given, -each.score, each.topic)))


def _judged(
    compiled: CompiledRule, evidence: list[Evidence], occurrences: Mapping[int, Occurrence], read: Forms
) -> Judgement:
    rule = compiled.rule
    score, kept = weighed(evidence, read.folded)
    shown_score = max(0.0, round(score, 3))
    if (shown_score >= rule.threshold) != (score >= rule.threshold):  # what is stored goes by the exact one
        shown_score = score
    return Judgement(
        rule.topic,
        shown_score,
        rule.threshold,
        tuple(reasons(kept, read.text)),
        tuple(term.text for term, each in zip(rule.all, compiled.required, strict=True) if each not in occurrences),
        tuple(shown(occurrences[each], read.text) for each in compiled.forbidden if each in occurrences),
    )


def version_of(rules: Iterable[TopicRule]) -> str:
    """A short digest of rules and of this matcher: what they give to a post is the same where it is the same."""

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
