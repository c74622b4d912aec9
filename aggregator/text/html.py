"""HTML → plain text, and HTML → HTML that may be shown. Nothing here raises, whatever the input.

Three functions: `text_of` for what is said, `clean_html` for what is shown, `clean_text` for titles and names, which
are plain text by their formats and markup by habit.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from html.entities import html5

import nh3
from selectolax.lexbor import LexborHTMLParser

# Control characters are invalid (C0) or discouraged (C1) in XML 1.0 (§2.2), lone surrogates are invalid in UTF-8:
# neither can be published again. U+0085 breaks lines and is white space, and goes with that.
_INVALID = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
_CONTROLS = bytes([*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])  # the same in ASCII

_PARAGRAPHS = r"p|h1|h2|h3|h4|h5|h6|ul|ol|dl|pre|blockquote|table|hr|figure|article|section"
_LINES = r"br|li|tr|dt|dd|div|figcaption|caption|header|footer|main|aside|nav|address|center|details|summary|fieldset"
_CELLS = r"td|th"
_INLINE = (
    r"a|abbr|acronym|b|bdi|bdo|big|cite|code|del|dfn|em|font|i|img|ins|kbd|mark|nobr|q|rp|rt|ruby|s|samp|small|span"
    r"|strike|strong|sub|sup|time|tt|u|var|wbr"
)
_OTHERS = (
    r"html|head|body|tbody|thead|tfoot|col|colgroup|form|input|label|button|select|option|textarea|script|style|link"
    r"|meta|title|noscript|template|iframe|object|embed|param|audio|video|source|track|picture|canvas|map|area|svg"
    r"|math"
)


def _in_any_case(names: str) -> str:
    """A pattern for names of elements. By their first letters, in half the time that it takes to ignore case."""
    by_letter: dict[str, list[str]] = {}
    for name in names.split("|"):
        rest = re.sub(r"[a-z]", lambda letter: f"[{letter[0]}{letter[0].upper()}]", name[1:])
        by_letter.setdefault(name[0], []).append(rest)
    return "|".join(f"[{first}{first.upper()}](?:{'|'.join(rests)})" for first, rests in by_letter.items())


# "vector<int>" and "a <b and c> d" are no markup: only elements of HTML are, written as such.
_TAG = re.compile(rf"</?(?:{_PARAGRAPHS}|{_LINES}|{_CELLS}|{_INLINE}|{_OTHERS})(?:\s[^<>]*)?/?>|<!--", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")

# ---------------------------------------------------------------- text

# Breaks are written as form feeds before the tags, one for a new line and two for a new paragraph, and read from the
# text after parsing. A form feed is white space in HTML, so it breaks no table and no attribute, and XML can't contain
# one. Asking the parser for each node instead costs several times as much.
_BREAK = "\f"
_BEFORE_PARAGRAPH = re.compile(rf"<(?=/?(?:{_in_any_case(_PARAGRAPHS)})[\s/>])")
_BEFORE_LINE = re.compile(rf"<(?=(?:{_in_any_case(_LINES)})[\s/>]|/[dD][iI][vV][\s>])")
_BEFORE_CELL = re.compile(rf"<(?=(?:{_in_any_case(_CELLS)})[\s/>])")
_IS_PRE = re.compile(r"<pre[\s>]", re.IGNORECASE)
_PRE = re.compile(r"<pre[\s>].*?(?:</pre|$)", re.IGNORECASE | re.DOTALL)

# What is not said to a reader: programs, controls, pictures' insides, notes for browsers that can't play something,
# readings beside characters.
_UNSAID = (
    "script", "style", "template", "head", "title", "iframe", "object", "audio", "video", "canvas", "svg", "noembed",
    "noframes", "button", "select", "textarea", "annotation", "annotation-xml", "rt", "rp",
)  # fmt: skip
_HAS_UNSAID = re.compile(rf"<(?:{_in_any_case('|'.join(_UNSAID))})[\s/>]")


_BLANK_LINES = re.compile(r"\n\n\n+")  # so written it is searched for in a fifth of the time of {3,}


def text_of(html: str) -> str:
    """The plain text of HTML: paragraphs parted by a blank line, lines by a newline, white space folded.

    Entities are decoded once. A text without any tag is taken as it stands, with its own lines.
    """
    if not is_markup(html):
        return plain_text(decoded(html))
    html = html.replace("<![CDATA[", "").replace("]]>", "").replace(_BREAK, " ")
    if _is_too_deep(html):
        return plain_text(decoded(_TAG.sub(" ", html)))
    if _IS_PRE.search(html):
        html = _PRE.sub(lambda match: match[0].replace("\n", _BREAK), html)
    html = _BEFORE_PARAGRAPH.sub(f"{_BREAK}{_BREAK}<", html)
    html = _BEFORE_LINE.sub(f"{_BREAK}<", html)
    html = _BEFORE_CELL.sub(" <", html)
    tree = LexborHTMLParser(html.encode("utf-8", "ignore"), is_fragment=True)
    if _HAS_UNSAID.search(html):
        tree.strip_tags(list(_UNSAID))
    return _folded((tree.text() or "").split(_BREAK))


def plain_text(text: str) -> str:
    """Plain text with its lines kept, white space within them folded, at most one blank line between them."""
    return _folded(text.splitlines())


def _folded(lines: list[str]) -> str:
    text = "\n".join([_one_line(line) for line in lines])
    return _BLANK_LINES.sub("\n\n", text).strip()


def _one_line(line: str) -> str:
    if line.isprintable():  # seven of ten: no white space but blanks, nothing invalid
        return line.strip(" ") if "  " not in line else " ".join(line.split())
    return " ".join(_without_invalid(line).split())


def _without_invalid(text: str) -> str:
    valid = _valid(text)
    # The soft hyphen and the byte order mark show nothing and split words for every search.
    return valid if valid.isascii() else valid.replace("\xad", "").replace("\ufeff", "")


def _valid(text: str) -> str:
    """A text without invalid characters. Of one in ASCII its bytes tell in a third of the time that it has none."""
    if text.isascii():
        raw = text.encode()
        if len(raw.translate(None, _CONTROLS)) == len(raw):
            return text
    return _INVALID.sub("", text)


def is_markup(text: str) -> bool:
    """Does it contain a tag of HTML?"""
    return "<" in text and _TAG.search(text) is not None


def decoded(text: str) -> str:
    """The text with its entities decoded once. Only whole ones: "?a=1&copy=2" and "Q&notes;" have none."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    # `unescape` also knows the beginnings of names that HTML once took without a semicolon: "&not" in "&notes;".
    return unescape(match[0]) if match[0][1] == "#" or match[0][1:] in html5 else match[0]


# ---------------------------------------------------------------- one line

# Tags that people write into titles. Others are more likely the title's matter ("the <dialog> element").
_TITLE_TAG = re.compile(rf"<(/?)({_INLINE}|br|p|div|h1|h2|h3|h4|h5|h6|script|style)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_VOID = frozenset({"br", "img", "wbr"})
# No title is longer; looking for the end of each of ten thousand open <script> takes quadratic time.
_LONGEST_LINE = 5_000
_PROGRAM = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BREAKING = frozenset({"br", "p", "div", "h1", "h2", "h3", "h4", "h5", "h6"})


def clean_text(text: str, *, keeps_tags: bool = False) -> str:
    """A title or a name as one line of plain text.

    Tags go and entities are decoded, also where they were escaped twice ("AT&amp;amp;T"); what only looks like a tag
    ("a < b", "vector<int>", the "<b>" of a title about it) stays. With `keeps_tags` all do: the text is known to be
    plain, but for entities, which are escaped twice there, too.
    """
    text = text[:_LONGEST_LINE]
    if keeps_tags:
        text = decoded(decoded(text))
    elif "<" in text or "&" in text:
        text = _without_tags(text)
        once = decoded(text)
        if once != text:
            text = decoded(_without_tags(once))
    return _one_line(text)


def _without_tags(text: str) -> str:
    """Without tags that come in pairs or are void. One that is opened and never closed is a word."""
    if "<" not in text:
        return text
    text = _PROGRAM.sub("", text)
    closed = {match[2].lower() for match in _TITLE_TAG.finditer(text) if match[1]}

    def replaced(match: re.Match[str]) -> str:
        name = match[2].lower()
        if name not in closed and name not in _VOID:
            return match[0]
        return " " if name in _BREAKING else ""

    return _TITLE_TAG.sub(replaced, text)


# ---------------------------------------------------------------- HTML that may be shown

_SCHEMES = {"http", "https", "mailto"}
_SHOWN_TAGS = {
    "a", "abbr", "audio", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "dd", "del", "details",
    "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img",
    "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "small", "source", "span",
    "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt",
    "u", "ul", "var", "video", "wbr",
}  # fmt: skip
_SHOWN_ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "audio": {"src", "controls"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "reversed"},
    "source": {"src", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "time": {"datetime"},
    "video": {"src", "controls", "width", "height", "poster"},
}
# Attributes with addresses, and how those begin that are absolute; "srcset" is none that is shown.
_ADDRESSES = (("href", ""), ("src", "srcset"), ("poster", ""))
_ABSOLUTE = ('="https://', '="http://')
_SOON_SEEN = 4_000
_DROPPED_WITH_CONTENT = {
    "script", "style", "template", "title", "iframe", "object", "svg", "math", "canvas", "noembed", "noframes",
    "button", "select", "textarea",
}  # fmt: skip


def clean_html(html: str, base: str | None) -> str | None:
    """HTML by an allow-list, its links absolute (seen from `base`) and only http, https and mailto.

    None where the input is plain text, or where nothing of it may be shown. Without a `base` relative links go.
    """
    if not is_markup(html) or _is_too_deep(html):
        return None
    html = _valid(html.replace("<![CDATA[", "").replace("]]>", ""))
    cleaner = _cleaner(base if _may_be_relative(html) else None)
    # Again afterwards: by then it has decoded what was written by number ("&#1;").
    return _valid(cleaner.clean(html)).replace("\x85", " ").strip() or None


def _may_be_relative(html: str) -> bool:
    """Most bodies have absolute addresses alone, and each entry is a base of its own: to make a cleaner for one takes
    half as long as to clean. In a long one it would take longer to see than to make it."""
    if len(html) > _SOON_SEEN:
        return True
    lower = html.lower()
    return any(
        lower.count(name) - (lower.count(other) if other else 0)
        > sum([lower.count(f"{name}{beginning}") for beginning in _ABSOLUTE])
        for name, other in _ADDRESSES
        if name in lower
    )


@lru_cache(maxsize=256)
def _cleaner(base: str | None) -> nh3.Cleaner:
    """Rewriting links inside nh3 is several times faster than a filter in Python that it calls for each attribute."""
    try:
        return _new_cleaner(base)
    except ValueError:  # a base that its URL parser refuses
        return _new_cleaner(None)


def _new_cleaner(base: str | None) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_SHOWN_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_SHOWN_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener noreferrer",
        url_relative=("rewrite_with_base", base) if base else "deny",
    )


# ---------------------------------------------------------------- hostile input

# Parsers of HTML take quadratic time on deep nesting: 100,000 open <div> took each of them half a minute. Articles
# nest a few dozen deep; beyond this many the markup is given up and the words are kept.
_MAX_DEPTH = 256
# Never closed, or closed by the next of their kind.
_NOT_DEEPENING = "area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr|p|li|td|th|tr|dt|dd|option"
_DEEPENING = re.compile(rf"<(/?)(?!(?:{_NOT_DEEPENING})(?![a-z0-9]))[a-z][^<>]*(?<!/)>", re.IGNORECASE)


@lru_cache(maxsize=1)  # the text and the HTML of a body ask one after the other; of a long one it takes milliseconds
def _is_too_deep(html: str) -> bool:
    if html.count("<") - html.count("</") <= _MAX_DEPTH:
        return False
    depth = 0
    for closing in _DEEPENING.findall(html):
        depth = max(0, depth - 1) if closing else depth + 1
        if depth > _MAX_DEPTH:
            return True
    return False
