"""What a page says beside its text: of its use, its licence, its own address, and what stands before the text. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from aggregator.model.article import NO_AI, NO_ARCHIVE, NO_SNIPPET, RESERVED, Wall
from aggregator.sources.articles.linked_data import said_by
from aggregator.sources.consent_walls import asks_for_consent
from aggregator.text.urls import absolute_url, canonical_url, is_home_page, registrable_domain

# Robots' directives → our word. `max-snippet:0` is what nosnippet is for others.
_RIGHTS = {"noarchive": NO_ARCHIVE, "nosnippet": NO_SNIPPET, "max-snippet:0": NO_SNIPPET, "noai": NO_AI}
_MOST_LICENCE = 500

# A text with less than this share of the words that the page says it has was cut off.
_WHOLE_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Signs:
    """`is_free`: False where the text is for those who pay. `words`: how many the page says it has; 0: unknown."""

    rights: tuple[str, ...] = ()
    licence: str | None = None
    declared_url: str | None = None
    is_free: bool = True
    words: int = 0


def signs_of(html: str, url: str, headers: Mapping[str, str]) -> Signs:
    """What the page at `url` says. `headers`: those of its answer, names in lower case."""
    page = LexborHTMLParser(html)
    metas = list(_metas(page))
    found = {_RIGHTS[word] for word in _directives(metas, headers) if word in _RIGHTS}
    reserved = headers.get("tdm-reservation") or next((value for name, value in metas if name == RESERVED), "")
    if reserved.strip() == "1":
        found.add(RESERVED)
    said = said_by(page)
    is_locked = any(name == "article:content_tier" and value.strip().casefold() == "locked" for name, value in metas)
    return Signs(
        rights=tuple(sorted(found)),
        licence=_licence(page) or said.licence,
        declared_url=_declared(page, url),
        is_free=said.is_free and not is_locked,
        words=said.words,
    )


def wall_before(signs: Signs, url: str, title: str, text: str) -> tuple[Wall | None, str | None]:
    """What stands before the text of the page at `url`, and that in words; (None, None) where nothing does."""
    if asks_for_consent(url, title, text):
        return "consent", "the page asks for consent first"
    if not signs.is_free:
        return "paywall", "a paywall stands before its text"
    if signs.words and len(text.split()) < _WHOLE_SHARE * signs.words:
        return "paywall", f"only {len(text.split())} of {signs.words} words are there"
    return None, None


def _metas(page: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    for node in page.css("meta[content]"):
        name = node.attributes.get("name") or node.attributes.get("property") or node.attributes.get("http-equiv")
        if name:
            yield name.strip().casefold(), node.attributes.get("content") or ""


def _directives(metas: list[tuple[str, str]], headers: Mapping[str, str]) -> Iterator[str]:
    """The words of meta robots and of X-Robots-Tag, in which a name of a program may stand before a colon."""
    for value in [value for name, value in metas if name == "robots"]:
        yield from ("".join(word.split()).casefold() for word in value.split(","))
    for value in headers.get("x-robots-tag", "").split(","):
        word = "".join(value.split()).casefold()
        yield from {word, word.partition(":")[2]}


def _licence(page: LexborHTMLParser) -> str | None:
    for node in page.css('link[rel~="license"], a[rel~="license"]'):
        href = node.attributes.get("href")
        if href and (address := absolute_url(href)):
            return address[:_MOST_LICENCE]
    return None


def _declared(page: LexborHTMLParser, url: str) -> str | None:
    """The key of the address that the page gives as its own, where it is another than `url` and of the same site.

    A site's front page is no article's address; other sites can't be believed: who copies, may say what they like.
    """
    node = page.css_first('link[rel="canonical"]')
    href = node.attributes.get("href") if node else None
    address = absolute_url(href, url) if href else None
    if address is None or is_home_page(address) or registrable_domain(address) != registrable_domain(url):
        return None
    return canonical_url(address)
