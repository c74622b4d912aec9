"""The terms of all rules, by numbers, and which of them a post has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from aggregator.model.post import Post
from aggregator.model.rules import Term, TopicRule
from aggregator.topics.fields import IN_ADDRESS, IN_ATTACHED, IN_SOURCE, SITE, TITLE, Searched, is_site, searched
from aggregator.topics.matcher import TermFinder
from aggregator.topics.normal_forms import Forms, forms, normalise
from aggregator.topics.occurrences import Occurrence

# How the fields of a post are called in rules.
_CALLED = {"title": "title", "text": "text", "lead": "text", "tag": "tags", IN_ADDRESS: "address", IN_ATTACHED: "text"}

# By the number of a term where it counts in all fields: its numbers where it counts in some, by which (`Term.where`).
_Narrow = Mapping[int, Mapping[tuple[str, ...], int]]


class RuleTerms:
    """The terms of all rules. Terms that find the same have one number, if they count in the same fields.

    Numbers go from 0 on without a gap; `len()` says how many there are.

    Raises:
        ValueError: a term has nothing to look for.
    """

    def __init__(self, rules: Sequence[TopicRule]) -> None:
        self._finder = TermFinder(term.text for rule in rules for term in (*rule.any, *rule.all, *rule.not_))
        evidence = [term for rule in rules for term in rule.any]
        self._narrow = _narrow(evidence, self._finder.numbers)
        self._sites = frozenset(self._finder.numbers[term.text] for term in evidence if is_site(term.text))
        # Of each source that came, the terms of those that count in sources: they are few, and come again and again.
        self._of_sources = any(IN_SOURCE in term.where for term in evidence)
        self._in_sources: dict[str, dict[int, Occurrence]] = {}

    def __len__(self) -> int:
        return _count(self._finder.numbers) + sum(map(len, self._narrow.values()))

    def anywhere(self, term: Term) -> int:
        """The number of a term in all fields, wherever it counts."""
        return self._finder.numbers[term.text]

    def number(self, term: Term) -> int:
        """The number of a term that is evidence, in the fields in which it counts."""
        number = self._finder.numbers[term.text]
        return self._narrow[number][term.where] if term.where else number

    def occurrences(self, post: Post, source: str) -> tuple[Forms, dict[int, Occurrence]]:
        """The searched text, and each term that the post or its source has, at its strongest occurrence."""
        whole = searched(post)
        occurrences = self._finder.strongest(whole, self._sites)
        if self._narrow and not self._narrow.keys().isdisjoint(occurrences):
            self._add_narrow(whole, occurrences)
        if source and self._of_sources:
            occurrences.update(self._of_source(source))
        return whole.forms, occurrences

    def _add_narrow(self, whole: Searched, occurrences: dict[int, Occurrence]) -> None:
        """Add the terms that count in some fields only, at the strongest occurrence in those."""
        for term, start, end in self._finder.places(whole.forms):
            for where, number in self._narrow.get(term, {}).items():
                name, of_field = whole.field_at(start)
                strength = SITE if name is IN_ADDRESS and term in self._sites else of_field
                if _CALLED[name] in where and (number not in occurrences or strength > occurrences[number].strength):
                    occurrences[number] = Occurrence(strength, end, start, name)

    def _of_source(self, source: str) -> dict[int, Occurrence]:
        """The terms for sources that this one has. They stand in no text, so the field has the words."""
        occurrences = self._in_sources.get(source)
        if occurrences is None:
            name = forms(normalise(source))
            occurrences = self._in_sources[source] = {
                number: Occurrence(TITLE, 0, 0, f"{IN_SOURCE} “{name.text[start:end]}”")
                for term, start, end in self._finder.places(name)
                for where, number in self._narrow.get(term, {}).items()
                if IN_SOURCE in where
            }
        return occurrences


def _narrow(terms: Iterable[Term], numbers: Mapping[str, int]) -> _Narrow:
    """Numbers, behind the others, for the terms that count in some fields only."""
    following = _count(numbers)
    narrow: dict[int, dict[tuple[str, ...], int]] = defaultdict(dict)
    for term in terms:
        if term.where and term.where not in narrow[numbers[term.text]]:
            narrow[numbers[term.text]][term.where] = following
            following += 1
    return dict(narrow)


def _count(numbers: Mapping[str, int]) -> int:
    return 1 + max(numbers.values(), default=-1)
