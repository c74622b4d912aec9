"""The markup of a list of subscriptions → its outlines, with their lines. Pure.

`expat` reads it, which knows no mercy; what programs are known to write wrong is mended before: each is told below.
What can't be mended ends the reading there, and what stood before counts. There is no document type for it to read, so
nothing is expanded and nothing fetched.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.entities import html5
from xml.parsers import expat

from aggregator.sources.feeds.opml.texts import NOT_IN_XML
from aggregator.sources.feeds.opml.values import OpmlError

# Folders within folders beyond this are taken for their parent: no reader shows so many.
_DEEPEST = 32
# Around the document, so that it may have several roots or none: outlines alone, two lists in one file.
_OPENING, _CLOSING = "<documents>", "</documents>"


@dataclass(frozen=True, slots=True)
class Outline:
    """An outline that may be more than a folder, with those of its attributes that are read, their names in small
    letters. `is_empty`: no outline stands within it; `is_in_feed`: it stands in one that is a feed."""

    line: int
    attributes: dict[str, str]
    folders: tuple[str, ...]
    is_empty: bool
    is_in_feed: bool


@dataclass(slots=True)
class Outlines:
    """The outlines of a document in their order. `root`: the name of its first element; `trouble`: why reading ended
    before the document did."""

    found: list[Outline]
    root: str | None
    trouble: str | None


def read_outlines(text: str) -> Outlines:
    """The outlines of a document.

    Raises:
        OpmlError: it declares entities of its own.
    """
    mended = _mended(text)
    read = _walk(mended)
    if read.trouble:
        again = _walk(_with_ends(_without_comments(_TAG.sub(_mended_tag, mended))))
        if not again.trouble or len(again.found) > len(read.found):
            return again
    return read


# ---------------------------------------------------------------- what is mended

_ENTITY = re.compile(r"<!ENTITY\b", re.IGNORECASE)
# One that says of a name of HTML's what HTML says: it is taken as in HTML, whatever it says.
_ENTITY_OF_HTML = re.compile(r"""<!ENTITY\s+([A-Za-z][A-Za-z0-9]*)\s+(?:"[^"<>%]{0,40}"|'[^'<>%]{0,40}')\s*>""")
_DOCTYPE = re.compile(r"<!DOCTYPE\b[^\[<>]*(?:\[[^\]]*\]\s*)?>", re.IGNORECASE)
# It is text by now, whatever it says of its encoding; and it stands at the very beginning or breaks everything.
_DECLARATION = re.compile(r"<\?xml\b[^<>]*\?>", re.IGNORECASE)
_BEGINNING = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_AMPERSAND = re.compile(r"&(?:(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)?")
_KNOWN = frozenset({"amp", "lt", "gt", "quot", "apos"})

_NAME = r"[A-Za-z_][\w:.-]*+"
# Values without quotes too, as in HTML. Possessive: what fits nowhere is tried once, however long.
_ATTRIBUTE = rf"""\s*+({_NAME})\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'<>=]++)"""
_TAG = re.compile(rf"<({_NAME})((?:{_ATTRIBUTE})++)\s*+(/?)\s*+>")
_PAIR = re.compile(_ATTRIBUTE)
_EDGE = re.compile(r"""<(/?)outline\b((?:[^"'<>]|"[^"<]*+"|'[^'<]*+')*+)>""", re.IGNORECASE)


def _mended(text: str) -> str:
    """Bare `&` and entities of HTML, a document type, a declaration anywhere, characters that XML has not.

    Raises:
        OpmlError: it declares entities of its own, which are all that makes a small document large.
    """
    declared = len(_ENTITY.findall(text))
    if declared and declared != sum(f"{name};" in html5 for name in _ENTITY_OF_HTML.findall(text)):
        raise OpmlError("it declares entities, which are not read")
    text = NOT_IN_XML.sub("", text)
    text = _DECLARATION.sub(_lines_alone, text)
    begin = _BEGINNING.search(text)  # there is one at most; to look for its end from each would take for ever
    if begin and (whole := _DOCTYPE.match(text, begin.start())):
        text = text[: whole.start()] + _lines_alone(whole) + text[whole.end() :]
    return _AMPERSAND.sub(_mended_reference, text) if "&" in text else text


def _lines_alone(found: re.Match[str]) -> str:
    """Nothing of it but its line breaks, so that lines keep their numbers."""
    return "\n" * found[0].count("\n")


def _mended_reference(found: re.Match[str]) -> str:
    name = found[1]
    if name in _KNOWN:
        return found[0]
    if name is None:
        return "&amp;"
    meant = html.unescape(found[0])  # as browsers do: &#150; is a dash
    if meant == found[0]:
        return f"&amp;{name};"
    return html.escape(NOT_IN_XML.sub("", meant))


def _mended_tag(found: re.Match[str]) -> str:
    """A tag with its attributes as XML wants them: each once, in quotes, a space before it, no `<` in it."""
    pairs: dict[str, str] = {}
    for name, value in _PAIR.findall(found[2]):
        quoted = value if value[0] in "\"'" else f'"{value}"'
        pairs.setdefault(name, quoted.replace("<", "&lt;"))
    return f"<{found[1]} {' '.join(f'{name}={value}' for name, value in pairs.items())}{found[5]}>"


def _without_comments(text: str) -> str:
    """Without what stands in comments, which may have no `--` in XML; the last one stays if it has no end."""
    head, *rest = text.split("<!--")
    kept = [head]
    for number, part in enumerate(rest, 1):
        comment, end, behind = part.partition("-->")
        if end or number < len(rest):
            kept += "\n" * comment.count("\n"), behind
        else:
            kept += "<!--", part
    return "".join(kept)


def _with_ends(text: str) -> str:
    """Outlines and their ends in one spelling, without ends of what was never begun."""
    depth = 0

    def mended(found: re.Match[str]) -> str:
        nonlocal depth
        if not found[1]:
            depth += not found[2].endswith("/")
            return f"<outline{found[2]}>"
        depth -= 1
        if depth >= 0:
            return "</outline>"
        depth = 0
        return _lines_alone(found)

    return _EDGE.sub(mended, text)


# ---------------------------------------------------------------- what is read

# Nothing else is kept of an outline: descriptions are long.
_READ = frozenset({"type", "title", "text", "xmlurl", "url", "htmlurl", "category"})
# An outline with none of these is a folder at most.
_SAYS_MORE = frozenset({"type", "xmlurl", "url", "htmlurl"})


def _walk(text: str) -> Outlines:
    walk = _Walk()
    try:
        walk.feed(text)
        trouble = walk.end()
    except expat.ExpatError as error:
        trouble = f"line {error.lineno}: broken markup ({expat.ErrorString(error.code)})"
    return Outlines(walk.outlines(), walk.root, trouble)


class _Walk:
    """Goes through a document. For each outline that is open it knows the folder it makes, if any."""

    def __init__(self) -> None:
        self.root: str | None = None
        self._opened: list[tuple[int, dict[str, str], tuple[str, ...], bool]] = []
        self._parents: set[int] = set()
        self._within: list[tuple[str, int | None]] = []
        self._folders: list[tuple[int, str]] = []
        self._parser = expat.ParserCreate()
        self._parser.ordered_attributes = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        later: Callable[[bool], None] | None = getattr(self._parser, "SetReparseDeferralEnabled", None)
        if later:  # newer versions: else the end of what was fed waits for more
            later(False)

    def feed(self, text: str) -> None:
        """Read a whole document. Raises ExpatError where it is broken."""
        self._parser.Parse(_OPENING, False)
        self._parser.Parse(text, False)

    def end(self) -> str | None:
        """Why the document can't have ended here, if so."""
        if self._within[1:]:
            return f"the document ends in the middle, in line {self._parser.CurrentLineNumber}"
        try:
            self._parser.Parse(_CLOSING, True)
        except expat.ExpatError:
            return f"the document ends in the middle, in line {self._parser.CurrentLineNumber}"
        return None

    def outlines(self) -> list[Outline]:
        """Those that were read whole."""
        return [
            Outline(line, attributes, folders, number not in self._parents, is_in_feed)
            for number, (line, attributes, folders, is_in_feed) in enumerate(self._opened)
        ]

    def _start(self, name: str, attributes: Sequence[str]) -> None:
        local = name.rpartition(":")[2].lower()
        if self.root is None and self._within:
            self.root = local
        if local != "outline":
            self._within.append((local, None))
            return
        named = {
            name: value
            for key, value in zip(attributes[::2], attributes[1::2], strict=True)
            if (name := key.lower()) in _READ and value
        }
        around = self._within[-1][1] if self._within else None
        if around is not None:
            self._parents.add(around)
        number = None
        if not _SAYS_MORE.isdisjoint(named):
            folders = tuple(folder for _, folder in self._folders)
            is_in_feed = around is not None and "xmlurl" in self._opened[around][1]
            number = len(self._opened)
            self._opened.append((self._parser.CurrentLineNumber, named, folders, is_in_feed))
        self._within.append((local, number))
        title = " ".join((named.get("title") or named.get("text") or "").split())
        # A feed is no folder, even where its end is missing and all that follow stand within it.
        if title and not named.get("xmlurl") and len(self._folders) < _DEEPEST:
            self._folders.append((len(self._within), title))

    def _end(self, _name: str) -> None:
        if self._folders and self._folders[-1][0] == len(self._within):
            self._folders.pop()
        self._within.pop()
