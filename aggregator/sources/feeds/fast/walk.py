"""From element to element in feedparser's order: it knows no tree, so that whatever stands in a container of another
vocabulary counts as the entry's own."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from feedparser.urls import _urljoin, make_safe_absolute_uri

from aggregator.sources.feeds.fast.doubts import DoubtError, Why
from aggregator.sources.feeds.fast.state import State

# Feeds have eight at most; the stack of Python's own calls has room for a hundred times as many.
DEEPEST = 40


def walk(state: State, parent: Element, depth: int) -> None:
    """Do what there is to do for each child of `parent`; they stand at `depth`."""
    if depth > DEEPEST:
        raise DoubtError(Why.DEEP)
    language = state.language
    if state.has_languages:
        take_language(state, parent)
    actions, has_bases = state.actions, bool(state.bases)
    for element in parent:
        if has_bases:
            enter(state, element)
        actions[element.tag](state, element, depth)
        if has_bases:
            leave(state)
    state.language = language


def take_language(state: State, element: Element) -> None:
    """The language that an element declares counts for what stands in it."""
    said = state.attributes(element) if element.attrib else {}
    state.language = said.get("xml:lang", said.get("lang", state.language)) or None


def enter(state: State, element: Element) -> None:
    """The base that an element declares counts for what stands in it …"""
    attributes = state.attributes(element) if element.attrib else {}
    base = attributes.get("xml:base", attributes.get("base")) or state.base
    try:
        if state.base:
            state.base = make_safe_absolute_uri(state.base, base) or state.base
        else:
            state.base = _urljoin(state.base, base)
    except ValueError as error:
        raise DoubtError(Why.ADDRESS, base[:60]) from error
    state.bases.append(state.base)


def leave(state: State) -> None:
    """… and, for feedparser, also for what follows where its parent has none."""
    state.bases.pop()
    if state.bases and state.bases[-1]:
        state.base = state.bases[-1]
