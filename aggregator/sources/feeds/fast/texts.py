"""Texts with markup: escaped, as XHTML, or with elements in what should be plain. Elements are written out again, as
feedparser does, which sees them one by one."""

from __future__ import annotations

from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from feedparser.mixin import _FeedParserMixin

from aggregator.sources.feeds.fast.doubts import DoubtError, Why
from aggregator.sources.feeds.fast.names import HANDLED
from aggregator.sources.feeds.fast.state import Fields, State, map_type, repaired
from aggregator.sources.feeds.fast.walk import DEEPEST, enter, leave

_PLAIN, _HTML, _XHTML = "text/plain", "text/html", "application/xhtml+xml"
_TYPES = frozenset({_PLAIN, _HTML, _XHTML})
_QUOTE = {'"': "&quot;"}
_SVG = "http://www.w3.org/2000/svg"
_SVG_ROOT = f"{{{_SVG}}}svg"
# In a drawing a title ends nothing, but for feedparser one within a title does.
_HAVE_NO_TITLE = ("content", "content_encoded", "summary", "description")


def content(state: State, element: Element, default_type: str) -> tuple[str, Fields]:
    """A text, and what is said of it: its type, language and base."""
    media_type, language, base = default_type, state.language, state.base
    if element.attrib:
        attributes = state.attributes(element)
        media_type = map_type(attributes.get("type", default_type))
        language = attributes.get("xml:lang", attributes.get("lang", language)) or None
        if media_type not in _TYPES or attributes.get("mode") == "base64":
            raise DoubtError(Why.CONTENT_TYPE, media_type)
    if len(element) or media_type == _XHTML:
        written = _written_out(state, element, media_type)
        media_type = _XHTML
    else:
        written = (element.text or "").strip()
    if media_type == _PLAIN and not state.is_atom and ("</" in written or "&" in written):
        media_type = _HTML if _FeedParserMixin.looks_like_html(written) else _PLAIN
    value = repaired(written)
    language = language and language.replace("_", "-")
    return value, {"type": media_type, "language": language, "base": base, "value": value}


def _written_out(state: State, element: Element, media_type: str) -> str:
    """The text with its elements. Up to the first of them it is what its type says, then XHTML."""
    text = element.text or ""
    if media_type != _XHTML and _local(element[0]) == "div":  # feedparser loses count of its depth
        raise DoubtError(Why.DIV, element.tag)
    pieces = [escape(text) if media_type == _XHTML else text]
    may_have_titles = state.names.element(element.tag) in _HAVE_NO_TITLE
    _write_children(state, element, pieces, (may_have_titles, False), 0)
    pieces = [piece for piece in pieces if piece]
    return "".join(_without_enclosing(pieces) if state.is_atom_1 else pieces).strip()


def _write_children(
    state: State, element: Element, pieces: list[str], titles_in_drawing: tuple[bool, bool], depth: int
) -> None:
    """`titles_in_drawing`: may a drawing have a title here, and is this one?"""
    if depth > DEEPEST:
        raise DoubtError(Why.DEEP)
    may_have_titles, in_drawing = titles_in_drawing
    for child in element:
        local, name = _local(child), state.names.element(child.tag)
        is_title = name == "title" and in_drawing and may_have_titles
        # The ends of others would end what they stand in; drawings and formulas declare their names anew.
        if (
            (name in HANDLED and not is_title)
            or local == "math"
            or (local == "svg" and (name, child.tag) != ("svg", _SVG_ROOT))
        ):
            raise DoubtError(Why.ELEMENTS_IN_TEXT, child.tag)
        if state.bases:
            enter(state, child)
        pieces.append(f"<{local}{_attributes(state, child)}>")
        pieces.append(escape(child.text or ""))
        _write_children(state, child, pieces, (may_have_titles, in_drawing or local == "svg"), depth + 1)
        if state.bases:
            leave(state)
        pieces.append(f"</{local}>")
        pieces.append(escape(child.tail or ""))


def _attributes(state: State, element: Element) -> str:
    declared = f' xmlns="{_SVG}"' if element.tag == _SVG_ROOT else ""
    if not element.attrib:
        return declared
    for name in element.attrib:
        if name[0] == "{" and state.names.attribute(name) not in ("xml:lang", "xml:space", "xml:base"):
            raise DoubtError(Why.ATTRIBUTE, name)
    said = state.attributes(element)
    return declared + "".join(f' {name}="{escape(value, _QUOTE)}"' for name, value in said.items())


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2].lower()


def _without_enclosing(pieces: list[str]) -> list[str]:
    """Without the <div> that Atom puts around XHTML, where all of it stands in one."""
    while len(pieces) > 1 and not pieces[-1].strip():
        del pieces[-1]
    while len(pieces) > 1 and not pieces[0].strip():
        del pieces[0]
    if not pieces or not pieces[0].startswith(("<div>", "<div ")) or pieces[-1] != "</div>":
        return pieces
    depth = 0
    for piece in pieces[:-1]:
        if piece.startswith("</"):
            depth -= 1
            if depth == 0:
                return pieces
        elif piece.startswith("<"):
            depth += 1
    return pieces[1:-1]
