"""`[[filters]]`, `[[publish.feeds]]`, `[briefs]`: mistakes that a table does not show by itself; filters as rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, cast

from aggregator.config.positions import Place
from aggregator.config.problems import Problem, instead_of
from aggregator.config.tables import File
from aggregator.config.topics import term_problem, unknown
from aggregator.config.validate import strings, tables
from aggregator.model.rules import PostFilter
from aggregator.text.folders import is_within, names_of, path_of
from aggregator.text.typed.search_words import sought

_CONDITIONS = ("topics", "terms", "languages", "authors", "kinds")
_FEED_CONDITIONS = ("query", "topic", "topics", "language", "languages", "folder", "folders")
# Blocks of sources, which may have a folder.
_SOURCES = ("feeds", "hashtags", "accounts", "timelines", "trends")
# The feeds that every site has beside the saved ones.
_TAKEN = {"all": "everything", "stories": "the stories that have a page", "agenda": "what is to come"}
_QUOTED = re.compile(r'"[^"]*"')


def filters(file: File) -> tuple[PostFilter, ...]:
    """The filters in the order of the file. It has no mistakes."""
    return tuple(
        PostFilter(
            name=each.name or f"filter {number}",
            action=cast(Literal["drop", "keep"], each.action),
            sources=tuple(each.sources),
            folders=tuple(each.folders),
            topics=tuple(each.topics),
            terms=tuple(each.terms),
            languages=tuple(each.languages),
            authors=tuple(each.authors),
            kinds=tuple(each.kinds),
        )
        for number, each in enumerate(file.filters, 1)
    )


def problems(document: Mapping[str, Any], topics: Mapping[str, bool]) -> Iterator[Problem]:
    """Selections of nothing or of everything. `topics`: which there are, and whether they are in use."""
    folders = folders_of(document)
    yield from _filter_problems(document, topics, folders)
    publish = document.get("publish")
    if isinstance(publish, dict):
        yield from _feed_problems(publish, topics, folders)
    briefs = document.get("briefs")
    if isinstance(briefs, dict):
        for j, topic in strings(briefs, "topics"):
            yield from unknown(topics, topic, ("briefs", "topics", j))


def folders_of(document: Mapping[str, Any]) -> list[str]:
    """Those that sources stand in, and the ones around them."""
    blocks = (table.get("folder") for name in _SOURCES for _, table in tables(document, name))
    paths = (names_of(each) for each in blocks if isinstance(each, str))
    return list(dict.fromkeys(path_of(names[:depth]) for names in paths for depth in range(1, len(names) + 1)))


def folder_problem(folders: Sequence[str], folder: object, place: Place) -> Iterator[Problem]:
    """A folder in which no source stands. `folders`: as `folders_of` gives them."""
    if isinstance(folder, str) and names_of(folder) and not any(is_within(each, folder) for each in folders):
        yield Problem(place, f"no source stands in the folder “{folder[:64]}”{instead_of(folder, folders)}")


# ---------------------------------------------------------------- filters


def _filter_problems(
    document: Mapping[str, Any], topics: Mapping[str, bool], folders: Sequence[str]
) -> Iterator[Problem]:
    for i, table in tables(document, "filters"):
        place = ("filters", i)
        if not any(table.get(key) for key in _CONDITIONS):
            keys = ", ".join(_CONDITIONS)
            if table.get("action") == "keep":
                yield Problem(place, f"expected at least one condition: {keys}")
            elif not (table.get("sources") or table.get("folders")):
                yield Problem(place, f"this would drop every post: expected at least one of sources, folders, {keys}")
        for j, folder in strings(table, "folders"):
            yield from folder_problem(folders, folder, (*place, "folders", j))
        for j, topic in strings(table, "topics"):
            yield from unknown(topics, topic, (*place, "topics", j))
        for j, term in strings(table, "terms"):
            wrong = term_problem(term) if term.strip() else None
            if wrong:
                yield Problem((*place, "terms", j), wrong)


# ---------------------------------------------------------------- saved feeds


def _feed_problems(table: Mapping[str, Any], topics: Mapping[str, bool], folders: Sequence[str]) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for i, block in tables(table, "feeds"):
        place = ("publish", "feeds", i)
        if isinstance(name := block.get("name"), str):
            known = first.setdefault(name.strip(), (*place, "name"))
            if name.strip() in _TAKEN:
                yield Problem((*place, "name"), f"“{name.strip()}” is the feed of {_TAKEN[name.strip()]}")
            elif known != (*place, "name"):
                yield Problem((*place, "name"), "a feed of this name is in {line} already", other=known)
        if all(block.get(key, []) == [] for key in _FEED_CONDITIONS) and block.get("min_sources", 1) == 1:
            keys = ", ".join(_FEED_CONDITIONS)
            yield Problem(place, f"this would be the feed of everything: expected at least one of {keys}, min_sources")
        for one, several in (("topic", "topics"), ("language", "languages"), ("folder", "folders")):
            if one in block and several in block:
                message = f"expected {one} or {several}, not both ({one} is in {{line}})"
                yield Problem((*place, several), message, other=(*place, one))
        yield from query_problems((*place, "query"), block.get("query"))
        if isinstance(topic := block.get("topic"), str):
            yield from unknown(topics, topic, (*place, "topic"))
        for j, topic in strings(block, "topics"):
            yield from unknown(topics, topic, (*place, "topics", j))
        yield from folder_problem(folders, block.get("folder"), (*place, "folder"))
        for j, folder in strings(block, "folders"):
            yield from folder_problem(folders, folder, (*place, "folders", j))


def query_problems(place: Place, query: object) -> Iterator[Problem]:
    """What is no query, and slips that `aggregator search` passes over by looking for the signs themselves."""
    if not isinstance(query, str) or not query.strip():
        return  # said already
    rest = _QUOTED.sub("", query)
    if not any(char.isalnum() for char in query):
        yield Problem(place, "there are no words to search for")
    elif '"' in rest:
        yield Problem(place, "a quote is not closed")
    elif rest.count("(") != rest.count(")"):
        yield Problem(place, "a bracket is not closed")
    else:
        try:
            sought(query)
        except ValueError as error:
            yield Problem(place, str(error))
