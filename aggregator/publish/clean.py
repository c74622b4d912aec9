"""Text as it can be carried out: of others without what XML and HTML forbid, of ours without what is not shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import quote

# What XML 1.0 forbids (it makes a feed unreadable), and HTML too: controls but tab and line breaks, halves of
# surrogate pairs, and the noncharacters. U+FDD0 to U+FDEF are noncharacters as well.
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_FORBIDDEN = re.compile(f"[{_CONTROLS}\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Apart: with characters beyond the sixteen bits in it, the first would take ten times as long.
_FORBIDDEN_BEYOND = re.compile(
    "[" + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17)) + "]"
)


def plain(text: str) -> str:
    """The text without the control characters that XML 1.0 and HTML forbid. Tabs and line breaks stay."""
    # Of most texts nothing is to be taken out, and a line break is all that is not printable.
    if text.isprintable() or text.replace("\n", "").isprintable():
        return text
    text = _FORBIDDEN.sub("", text)
    return text if text.isascii() or max(text) <= "\uffff" else _FORBIDDEN_BEYOND.sub("", text)


_POST = re.compile(r"\bpost (\d+)\b")


def reason(because: str, name: Callable[[int], str | None]) -> str:
    """Why something is so, with the posts in it called by `name`; one without a name there, as it is not shown, is
    "another post"."""
    if "post " not in because:
        return because
    return _POST.sub(lambda found: name(int(found[1])) or "another post", because)


# RFC 3987 §2.2: what stands in no address, not even in an internationalised one; and spaces of every kind.
_NOT_IN_ADDRESSES = re.compile(r"[\s\x00-\x20\x7f<>\"{}|\\^`]")


@lru_cache(4096)  # a post's address is asked about for each place in which it stands
def web_address(url: str | None) -> str | None:
    """The address if it is one of the web, so that a link may lead there; no `javascript:`, nothing unescaped."""
    if not url or not url.startswith(("https://", "http://")):
        return None
    if url.isprintable() and not _NOT_IN_ADDRESSES.search(url):
        return url
    return _NOT_IN_ADDRESSES.sub(lambda found: quote(found[0]), plain(url))
