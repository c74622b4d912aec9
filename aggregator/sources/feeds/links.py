"""What a feed writes where an address belongs → the address that it means, if it means one.

Generators fill what they don't know with a word ("N/A", "null", the entry's title). Taken for a path, each would become
an address of the feed's site that nobody ever wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from aggregator.text.html import clean_text
from aggregator.text.url_policy import is_site_name, registrable
from aggregator.text.urls import absolute_url

# Nearly all: a scheme and a host with a dot. Nothing about them is odd.
_PLAIN = re.compile(r"\s*https?://[^\s/.:]+\.", re.IGNORECASE)
# "http://https://…", "https:/paper.example", and what is left of an address without one.
_SCHEMES = re.compile(r"(?:(https?):/*)+", re.IGNORECASE)
# What programs and people write where they have none.
_NOTHING = frozenset({
    "", "n/a", "na", "n.a", "n.a.", "none", "null", "nil", "nan", "undefined", "unknown", "false", "true", "tbd", "tba",
    "-", "--", "---", "\u2013", "\u2014", "#", "?",
})  # fmt: skip
_BRACKETS = "()[]<>{}\"' "
# Paths say so, or are files: "posts/my file", "my file.html".
_ROOTED = ("/", "./", "../", "?", "#", "\\")
_FILE = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}(?:[?#]\S*)?$")
_HOST_END = re.compile(r"[/?#]")
_WWW = re.compile(r"www\d?\.[^\s/.]+\.[^\s/]", re.IGNORECASE)
# Suffixes that are also those of programs and pages, which have paths behind them: "index.pl/2026/news".
_PROGRAMS = frozenset({"cc", "cgi", "do", "md", "pl", "py", "rs", "sh", "zip", "mov"})


def link_address(written: str, base: str | None, title: str = "") -> str | None:
    """The http or https address that a link means, seen from `base`; None where it is none.

    A host without its scheme ("www.paper.example/a") is one, a word that stands for nothing is not, nor is a sentence,
    as the entry's own `title`. Everything else is as `absolute_url` has it.
    """
    if _PLAIN.match(written):
        return absolute_url(written)
    text = written.strip()
    scheme = _SCHEMES.match(text)
    bare = text[scheme.end() :] if scheme else text
    if bare != "/" and bare.strip(_BRACKETS).rstrip("/").casefold() in _NOTHING:
        return None
    if scheme:
        return absolute_url(f"{scheme[1]}://{bare}")
    if not text.startswith(_ROOTED):
        if _is_sentence(text, title):
            return None
        if _is_host_first(text, base):
            text = f"https://{text}"
    return absolute_url(text, base)


def own_link(written: Iterable[tuple[str, str | None]], title: str) -> tuple[str | None, str | None]:
    """The address of an entry with this title, and what names it by its link: the first that was written at all.

    `written`: what may be its address, and from where that is seen; the better ones first.
    """
    texts = list(written)
    link = next(filter(None, (link_address(text, seen_from, title) for text, seen_from in texts)), None)
    return link, next(filter(None, (absolute_url(text, seen_from) for text, seen_from in texts)), None)


def _is_sentence(text: str, title: str) -> bool:
    """Words instead of a path: addresses have white space by mistake, within the name of a folder or a file."""
    words = text.split()
    if len(words) < 2:
        return False
    if "://" in text or " ".join(words).casefold() == clean_text(title).casefold():
        return True
    return "/" not in text and not _FILE.search(text)


def _is_host_first(text: str, base: str | None) -> bool:
    """Does it begin with a host: one that is called `www`, this very site, or a name with a path behind it?"""
    if _WWW.match(text):
        return True
    host = _HOST_END.split(text.lower(), maxsplit=1)[0]
    if "." not in host:
        return False
    here = (urlsplit(base).hostname or "") if base else ""
    if registrable(host) == registrable(here):
        return True
    # With nothing behind it, it may as well be the name of a file: "notes.do".
    has_path = text[len(host) :].startswith("/")
    return has_path and is_site_name(host) and host.rpartition(".")[2] not in _PROGRAMS
