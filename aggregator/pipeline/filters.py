"""Which new posts are kept out before they are stored, and by which filter of the user's.

Every filter is asked, in the order of the file; the first that keeps a post out is named. What is stored already is
not touched: its edits are taken in whatever a filter says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from aggregator.model.post import EnrichedPost
from aggregator.model.rules import PostFilter
from aggregator.model.source import Source
from aggregator.text.folders import is_within
from aggregator.topics.fields import searched
from aggregator.topics.matcher import TermFinder


class Filters:
    """The compiled filters of a configuration. Immutable; falsy if there are none."""

    def __init__(self, filters: Sequence[PostFilter] = ()) -> None:
        self._filters = tuple(filters)
        self._finder = TermFinder(term for each in filters for term in each.terms)
        self._has_terms = any(each.terms for each in filters)

    def __bool__(self) -> bool:
        return bool(self._filters)

    def why_out(self, enriched: EnrichedPost, source: Source, own_title: str | None = None) -> tuple[str, str] | None:
        """The name of the filter that keeps a post out, and why in words; None if it is to be stored.

        `own_title` is what the source calls itself, where the configuration gives no title.
        """
        if not self._filters:
            return None
        name = f"{source.title or own_title or ''} {source.url}".casefold()
        found = self._found(enriched) if self._has_terms else {}
        for each in self._filters:
            if each.sources and not any(part.casefold() in name for part in each.sources):
                continue
            if each.folders and not any(is_within(source.folder, folder) for folder in each.folders):
                continue
            met = _conditions(each, enriched, found)
            if each.action == "drop" and None not in met.values():
                return each.name, "; ".join(filter(None, met.values())) or _scope(each)
            if each.action == "keep" and None in met.values():
                return each.name, "not kept: " + _unmet(each, [key for key, shown in met.items() if shown is None])
        return None

    def _found(self, enriched: EnrichedPost) -> dict[str, str]:
        """The terms that a post has, each with the words found."""
        forms = searched(enriched.post).forms
        found = {number: forms.text[start:end] for number, start, end in self._finder.places(forms)}
        return {term: found[number] for term, number in self._finder.numbers.items() if number in found}


def _conditions(each: PostFilter, enriched: EnrichedPost, found: dict[str, str]) -> dict[str, str | None]:
    """The conditions that a filter names, with what meets them in words; None where nothing does."""
    post = enriched.post
    topics = {match.topic for match in enriched.topics}
    met: dict[str, str | None] = {}
    if each.topics:
        met["topics"] = _first("topic", (topic for topic in each.topics if topic in topics))
    if each.terms:
        met["terms"] = _first("term", (f"“{found[term]}”" for term in each.terms if term in found))
    if each.languages:
        language = (enriched.language or "").partition("-")[0]
        met["languages"] = _first("language", (code for code in each.languages if code.partition("-")[0] == language))
    if each.authors:
        author = (post.author or "").casefold()
        met["authors"] = _first("author", (post.author or "" for name in each.authors if _is_author(name, author)))
    if each.kinds:
        met["kinds"] = _first("kind", (kind for kind in each.kinds if kind == post.kind))
    return met


def _scope(each: PostFilter) -> str:
    return "every post of this source" if each.sources else "every post of this folder"


def _first(what: str, found: Iterable[str]) -> str | None:
    shown = next(iter(found), None)
    return None if shown is None else f"{what} {shown}"


def _is_author(name: str, author: str) -> bool:
    return fnmatchcase(author, name.casefold())


def _unmet(each: PostFilter, keys: Iterable[str]) -> str:
    return "; ".join(f"{key} none of {', '.join(getattr(each, key))}" for key in keys)
