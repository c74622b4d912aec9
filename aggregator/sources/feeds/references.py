"""Ampersands that begin no reference ("AT&T", "?a=1&lang=de"), escaped before an XML parser sees them.

XML forbids them, so that a document with one is malformed. The parser for malformed documents takes each for a
reference that lacks its semicolon: it makes "AT&T;" of the one and "?a=1⟨=de" of the other.
"""

from __future__ import annotations

import re
from html.entities import name2codepoint

# Whatever has the form of one is a reference, known or not: documents declare their own (XML 1.0 §4.1).
_REFERENCE = r"(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z_][\w.-]*);"
_BARE = re.compile(rf"&(?!{_REFERENCE})")
# In these an ampersand means itself: what begins them, and what ends them.
_SECTIONS = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>"}
_SECTION_OR_BARE = re.compile(
    rf"(?P<section>{'|'.join(map(re.escape, _SECTIONS))})"
    rf"|&(?!{_REFERENCE})(?:(?P<number>#(?:\d+|[xX][0-9a-fA-F]+))|(?P<name>[A-Za-z]\w*)(?=[\s<&.,:!?)]|\Z))?"
)
# SGML lets the semicolon go ("&nbsp text", "&copy, 2026"). Where more follows it is a parameter: "&copy=2".
_KNOWN = frozenset(name2codepoint) | {"apos"}

# A page of links has hundreds. Beyond this it is no text, and would become five times as long.
_MOST = 100_000


def with_escaped_ampersands(text: str) -> str:
    """The document in which each ampersand begins a reference, or is one's text.

    CDATA sections, comments and processing instructions are left as they are; so is a document of ampersands.
    """
    if not _BARE.search(text):
        return text
    parts: list[str] = []
    done = at = 0
    while match := _SECTION_OR_BARE.search(text, at):
        at = match.end()
        if match["section"]:
            end = text.find(_SECTIONS[match["section"]], at)
            if end < 0:  # never closed: what it was meant to be nobody knows
                break
            at = end
            continue
        is_reference = match["number"] or match["name"] in _KNOWN
        parts += text[done : match.start()], f"{match[0]};" if is_reference else f"&amp;{match[0][1:]}"
        done = at
        if len(parts) > 2 * _MOST:
            return text
    return "".join(parts) + text[done:]
