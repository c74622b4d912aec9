"""Elements that are made of others: authors, sources, images, files of Media RSS."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from xml.etree.ElementTree import Element

from aggregator.sources.feeds.fast import texts
from aggregator.sources.feeds.fast.doubts import DoubtError, Why
from aggregator.sources.feeds.fast.names import HANDLED, is_read
from aggregator.sources.feeds.fast.state import State, check_date, repaired, text_in
from aggregator.sources.feeds.fast.walk import walk
from aggregator.sources.feeds.media_words import WORDS

_PERSON = {"name": "name", "itunes_name": "name", "email": "email", "itunes_email": "email"}
_PAGES = ("url", "uri", "homepage")
_DATES = ("updated", "published", "pubdate", "modified", "lastbuilddate")
_IN_SOURCE = frozenset({
    "id", "guid", "title", "subtitle", "link", "rights", "copyright", "generator", "icon", "logo", "category",
    "language", *_DATES,
})  # fmt: skip
_IN_IMAGE = frozenset({"title", "link", "description", "url", "width", "height"})
_IN_ENTRY_IMAGE = frozenset({"url", "width", "height"})
_IN_TEXT_INPUT = frozenset({"title", "link", "description", "name"})


def author(state: State, element: Element, depth: int) -> None:
    """RSS has a line, Atom names and addresses."""
    state.here.setdefault("authors", []).append({})
    written = element.text or ""
    for part, name in _parts(state, element):
        if len(part):
            raise DoubtError(Why.AUTHOR, part.tag)
        if key := _PERSON.get(name):
            state.save_author(key, (part.text or "").strip())
        elif name in _PAGES:
            state.save_author("href", (part.text or "").strip())
        elif _is_foreign(part, name):
            pass
        else:
            raise DoubtError(Why.AUTHOR, part.tag)
        written += part.tail or ""
    state.keep("author", repaired(written.strip()), depth)
    state.sync_author()


def _parts(state: State, element: Element) -> Iterator[tuple[Element, str]]:
    """The children, with their names."""
    for part in element:
        if state.bases and part.attrib and not state.attributes(part).keys().isdisjoint(("base", "xml:base")):
            raise DoubtError(Why.BASE, part.tag)
        yield part, state.names.element(part.tag)


def _is_foreign(element: Element, name: str) -> bool:
    """Something of another vocabulary that has no handler, and that adds no text to what it stands in."""
    if "_" not in name or name in HANDLED or is_read(name):
        return False
    return not (element.attrib and (element.text or "").strip())


def contributor(state: State, element: Element, depth: int) -> None:
    """Nobody reads them; but what stands in them must not count as something else."""
    for part, name in _parts(state, element):
        if len(part) or not (name in _PERSON or name in _PAGES or _is_foreign(part, name)):
            raise DoubtError(Why.AUTHOR, part.tag)


def owner(state: State, element: Element, depth: int) -> None:
    """Of a podcast: feedparser gives the name to the last author, too."""
    for part, name in _parts(state, element):
        key = _PERSON.get(name)
        if len(part) or not key:
            raise DoubtError(Why.AUTHOR, part.tag)
        state.save_author(key, (part.text or "").strip(), "publisher")


def source(state: State, element: Element, depth: int) -> None:
    """Where an entry came from. Of RSS address and name; what Atom has nobody reads, but a title counts as seen."""
    url = state.attributes(element).get("url")
    if not state.in_entry or (url and len(element)):
        raise DoubtError(Why.SOURCE, element.tag)
    state.title_depth = -1
    if url:
        state.here["source"] = {"href": url, "title": repaired((element.text or "").strip())}
    for part, name in _parts(state, element):
        if name in ("author", "contributor"):
            contributor(state, part, depth)
        elif len(part) or not (name in _IN_SOURCE or _is_foreign(part, name)):
            raise DoubtError(Why.SOURCE, part.tag)
        elif name in _DATES:
            check_date(text_in(part))
        elif name == "title":
            _see_title(state, part, depth + 1)


def image(state: State, element: Element, depth: int) -> None:
    """A feed's picture, an entry's: read by nobody. A title in it counts as one seen."""
    state.title_depth = -1
    _enclosed(state, element, depth, _IN_ENTRY_IMAGE if state.in_entry else _IN_IMAGE)


def text_input(state: State, element: Element, depth: int) -> None:
    """A form, read by nobody."""
    if state.in_entry:
        raise DoubtError(Why.IMAGE, element.tag)
    state.title_depth = -1
    _enclosed(state, element, depth, _IN_TEXT_INPUT)


def _enclosed(state: State, element: Element, depth: int, names: Collection[str]) -> None:
    for part, name in _parts(state, element):
        if len(part) or name not in names:
            raise DoubtError(Why.IMAGE, part.tag)
        if name == "title":
            _see_title(state, part, depth + 1)


def _see_title(state: State, element: Element, depth: int) -> None:
    if texts.content(state, element, "text/plain")[0]:
        state.title_depth = depth


# ---------------------------------------------------------------- Media RSS


def media_group(state: State, element: Element, depth: int) -> None:
    """What is in it is the entry's."""
    walk(state, element, depth + 1)


def media_content(state: State, element: Element, depth: int) -> None:
    """A file: its attributes, and what it shows."""
    file = state.attributes(element)
    state.here.setdefault("media_content", []).append(file)
    state.open_file = file
    if len(element):
        walk(state, element, depth + 1)
    state.open_file = None


def media_description(state: State, element: Element, depth: int) -> None:
    """What the file shows that it stands in, or any of the entry's; as `aggregator.sources.feeds.media_words`."""
    said = text_in(element)
    if not said:
        return
    state.here.setdefault(WORDS, []).append(said)
    if state.open_file is not None and state.here.get("media_content", [None])[-1] is state.open_file:
        state.open_file.setdefault(WORDS, said)


def media_rating(state: State, element: Element, depth: int) -> None:
    """The first one's attributes, with the last one's text."""
    rating = state.here.setdefault("media_rating", state.attributes(element))
    if not isinstance(rating, dict):
        raise DoubtError(Why.FIELD, element.tag)
    value = repaired(text_in(element))
    state.keep("rating", value, depth)
    if value:
        rating["content"] = value
