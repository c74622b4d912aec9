"""`[[filters]]` → filters, and the mistakes that a table does not show by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, cast

from aggregator.config.problems import Problem, instead_of
from aggregator.config.tables import File
from aggregator.config.topics import term_problem
from aggregator.config.validate import strings, tables
from aggregator.model.rules import PostFilter

_CONDITIONS = ("topics", "terms", "languages", "authors", "kinds")


def filters(file: File) -> tuple[PostFilter, ...]:
    """The filters in the order of the file. It has no mistakes."""
    return tuple(
        PostFilter(
            name=each.name or f"filter {number}",
            action=cast(Literal["drop", "keep"], each.action),
            sources=tuple(each.sources),
            topics=tuple(each.topics),
            terms=tuple(each.terms),
            languages=tuple(each.languages),
            authors=tuple(each.authors),
            kinds=tuple(each.kinds),
        )
        for number, each in enumerate(file.filters, 1)
    )


def problems(document: Mapping[str, Any], topics: Mapping[str, bool]) -> Iterator[Problem]:
    """Filters that could do nothing or everything. `topics`: which there are, and whether they are in use."""
    for i, table in tables(document, "filters"):
        place = ("filters", i)
        if not any(table.get(key) for key in _CONDITIONS):
            keys = ", ".join(_CONDITIONS)
            if table.get("action") == "keep":
                yield Problem(place, f"expected at least one condition: {keys}")
            elif not table.get("sources"):
                yield Problem(place, f"this would drop every post: expected at least one of sources, {keys}")
        for j, topic in strings(table, "topics"):
            if topic not in topics:
                message = f"there is no topic “{topic[:64]}”{instead_of(topic, list(topics))}"
                yield Problem((*place, "topics", j), message)
            elif not topics[topic]:
                message = f"the topic “{topic}” is switched off in {{line}}"
                yield Problem((*place, "topics", j), message, other=("topics", topic, "enabled"))
        for j, term in strings(table, "terms"):
            wrong = term_problem(term) if term.strip() else None
            if wrong:
                yield Problem((*place, "terms", j), wrong)
