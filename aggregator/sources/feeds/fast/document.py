"""A document's text → feedparser's dictionaries, by expat's tree."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError, XMLParser

from feedparser.sanitizer import replace_doctype

from aggregator.sources.feeds.fast.doubts import DoubtError, Why
from aggregator.sources.feeds.fast.fields import ACTIONS, CDF, entry, unknown
from aggregator.sources.feeds.fast.names import Names
from aggregator.sources.feeds.fast.parts import image, text_input
from aggregator.sources.feeds.fast.state import Action, Fields, State
from aggregator.sources.feeds.fast.walk import enter, leave, take_language, walk

_FIRST = re.compile(r"<\w")
_DECLARED = ("<!DOCTYPE", "<!ENTITY")
# By what vocabularies were declared; a feed without any is one of Atom, too.
_RDF_ROOTS = {"rss10", "rss090"}
_ATOM = {"", "atom10"}


def read_fast(text: str) -> Fields:
    """What `feedparser.parse` gives for the document, where there is no doubt about that. Raises DoubtError.

    What nobody reads is left out; `version` only says whether it is Atom.
    """
    text, version = _without_type(text)
    root = _tree(text)
    state = State(Names(text))
    state.actions = _Actions(state.names)
    name = state.names.element(root.tag)
    is_moved = _take_inherited(state, root)
    if is_moved:
        enter(state, root)
    if name == "rss":
        _rss(state, root)
    elif name == "feed" and state.names.version in _ATOM:
        _atom(state, root)
    elif name == "rdf_rdf" and state.names.version in _RDF_ROOTS:
        _rdf(state, root)
    else:
        raise DoubtError(Why.ROOT, root.tag)
    version = version or ("atom" if state.is_atom else "rss")
    return {"bozo": False, "feed": state.feed, "entries": state.entries, "version": version}


def _without_type(text: str) -> tuple[str, str]:
    """The document without the type that it declares, and the version that feedparser knows by that, or ""."""
    version: str | None = ""
    if _DECLARED[0] in _head(text):
        version, data, _ = replace_doctype(text.encode())
        text = data.decode()
    if any(word in _head(text) for word in _DECLARED):
        raise DoubtError(Why.DOCTYPE)
    return text, version or ""


def _head(text: str) -> str:
    """What stands before the first element."""
    return text[: first.start() if (first := _FIRST.search(text)) else None]


def _tree(text: str) -> Element:
    parser = XMLParser()
    try:
        parser.feed(text)
        root: Element = parser.close()
    except (ParseError, ValueError) as error:
        raise DoubtError(Why.MALFORMED) from error
    return root


def _take_inherited(state: State, root: Element) -> bool:
    """Note the root's language, and whether others have one. Has any a base?"""
    take_language(state, root)
    names = {name.rpartition("}")[2].lower() for element in root.iter() for name in element.attrib}
    state.has_languages = "lang" in names
    return "base" in names


class _Actions(dict[str, Action]):
    """What is done for an element, by its tag; each tag is looked up once."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def __missing__(self, tag: str) -> Action:
        name = self._names.element(tag)
        action = self[tag] = ACTIONS.get(name) or unknown(name)
        return action


# ---------------------------------------------------------------- the layouts


def _rss(state: State, root: Element) -> None:
    if state.language:
        state.feed["language"] = state.language.replace("_", "-")
    channels = list(root)
    if len(channels) != 1 or state.names.element(channels[0].tag) != "channel":
        raise DoubtError(Why.LAYOUT)
    _child(state, channels[0], 2, _feed)


def _atom(state: State, root: Element) -> None:
    state.is_atom, state.is_atom_1 = True, state.names.version == "atom10"
    if state.language:
        state.feed["language"] = state.language.replace("_", "-")
    _feed(state, root, 2)


def _feed(state: State, element: Element, depth: int) -> None:
    """The children of a channel or of Atom's feed, which stand at this depth."""
    if element.attrib and any(name in state.attributes(element) for name in CDF):
        raise DoubtError(Why.CDF, element.tag)
    if state.has_languages:
        take_language(state, element)
    actions, is_moved = state.actions, bool(state.bases)
    for child in element:
        action = actions[child.tag]
        if is_moved:
            enter(state, child)
        if action is entry:
            _entry(state, child, depth)
        else:
            action(state, child, depth)
        if is_moved:
            leave(state)


def _rdf(state: State, root: Element) -> None:
    has_channel = False
    for child in root:
        action = state.actions[child.tag]
        if action is entry:
            _child(state, child, 2, _entry)
        elif action is image or action is text_input:
            action(state, child, 2)
        elif state.names.element(child.tag) == "channel" and not has_channel:
            has_channel = True
            _child(state, child, 2, _feed)
        else:
            raise DoubtError(Why.LAYOUT, child.tag)


def _child(state: State, element: Element, depth: int, read: Action) -> None:
    language = state.language
    if state.bases:
        enter(state, element)
    read(state, element, depth + (read is _feed))
    if state.bases:
        leave(state)
    state.language = language


def _entry(state: State, element: Element, depth: int) -> None:
    """An item or an entry, which stands at this depth."""
    state.here, state.depths, state.in_entry, state.title_depth = {}, {}, True, -1
    state.entries.append(state.here)
    if element.attrib:
        said = state.attributes(element)
        if any(name in said for name in CDF):
            raise DoubtError(Why.CDF, element.tag)
        if about := said.get("rdf:about"):
            state.here["id"] = about
    walk(state, element, depth + 1)
    state.here, state.in_entry, state.has_content = state.feed, False, False
