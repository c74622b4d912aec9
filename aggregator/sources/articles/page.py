"""The bytes of a page → what it says. The part that costs CPU and trusts nobody: done in a process of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from aggregator.model.article import KEEPS_NOTHING, ReadPage
from aggregator.sources.articles.signs import signs_of, wall_before
from aggregator.sources.encoding import decode
from aggregator.text.language import language_of

# A text is read for sentences and words: what is longer is a book, or no article.
MOST_TEXT = 60_000
# Fewer characters are a caption, or what stands before a wall.
_LEAST_TEXT = 80
_MOST_NAME = 500
# Without who wrote it, when, and what else stands around it, so much of a short article is left.
_LEAST_OF_LUMP = 0.6
_LANGUAGE_SAMPLE = 1_000

# Libraries that tell of every odd page.
_LOGGERS = ("trafilatura", "htmldate", "courlan", "justext", "readability")

# What is loaded by the first page that is read: 80 ms of CPU.
_FIRST = b"""<!doctype html><html lang="en"><head><title>The harbour is open again</title></head><body><article>
<h1>The harbour is open again</h1>
<p>The mayor said on Monday that the works were done after ten days, and that all ships may come in again.</p>
<p>They had begun in April, when a wall was found to be broken, and cost less than the town had feared.</p>
</article></body></html>"""

Read = Callable[[bytes, str | None, str, Mapping[str, str]], ReadPage]


def prepared() -> Read:
    """What reads pages: their bytes, Content-Type, address and the headers of their answer (names in lower case).

    It never raises. It takes 40 MB: here the library is loaded, with all that it loads at its first page.
    """
    from trafilatura import bare_extraction

    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)

    def read(body: bytes, content_type: str | None, url: str, headers: Mapping[str, str]) -> ReadPage:
        try:
            return _read(bare_extraction, decode(body, content_type), url, headers)
        except MemoryError:
            raise
        except Exception as error:
            return ReadPage(trouble=f"the page can't be read: {type(error).__name__}")

    read(_FIRST, "text/html", "https://news.example/harbour", {})
    return read


def _read(extract: Callable[..., Any], html: str, url: str, headers: Mapping[str, str]) -> ReadPage:
    html = html.replace("\0", "")
    signs = signs_of(html, url, headers)
    found = _extracted(extract, html, url)
    title = _name(found.title) if found else None
    text = _text(found.text if found else "", title)
    wall, trouble = wall_before(signs, url, title or "", text)
    page = ReadPage(
        text="" if wall == "consent" else text,
        title=title,
        author=_name(found.author) if found else None,
        published=_name(found.date) if found else None,
        language=language_of(text[:_LANGUAGE_SAMPLE], _declared_language(html)) if text else None,
        licence=signs.licence or (_name(found.license) if found else None),
        rights=signs.rights,
        declared_url=signs.declared_url,
        wall=wall,
        trouble=trouble,
    )
    if KEEPS_NOTHING & set(signs.rights):
        return replace(page, trouble="the page reserves the use of its text: it is not kept")
    if len(text) < _LEAST_TEXT and trouble is None:
        return replace(page, trouble="there is hardly any text on the page" if text else "no text was found")
    return page


def _extracted(extract: Callable[..., Any], html: str, url: str) -> Any:
    """What the library finds. Of a short article it takes all that stands in its element as one line, the title, who
    wrote it and when included: then the paragraphs that it found at first, where they are most of that."""
    usual: dict[str, Any] = {
        "url": url, "with_metadata": True, "include_comments": False, "include_tables": False,
        "date_extraction_params": {"original_date": True, "extensive_search": False},
    }  # fmt: skip
    found = extract(html, **usual)
    if not (found and found.title and found.text and _is_lump(found.text, found.title)):
        return found
    again = extract(html, **usual, config=_short_too())
    is_most = again is not None and len(again.text or "") >= _LEAST_OF_LUMP * (len(found.text) - len(found.title))
    return again if is_most and not _is_lump(again.text, found.title) else found


def _is_lump(text: str, title: str) -> bool:
    """Does a text go on behind the title in the same line?"""
    first = " ".join(text.partition("\n")[0].split()).casefold()
    title = " ".join(title.split()).casefold()
    return first.startswith(title) and len(first) > len(title)


@cache
def _short_too() -> Any:
    """The library's settings, but short articles are no reason to look further."""
    from trafilatura.settings import use_config

    config = use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", str(_LEAST_TEXT))
    return config


def _text(text: str | None, title: str | None) -> str:
    """The paragraphs, a line each, without the title that stands above them once more."""
    lines = [" ".join(line.split()) for line in (text or "").splitlines()]
    lines = [line for line in lines if line]
    if lines and title and lines[0].casefold() == title.casefold():
        lines = lines[1:]
    whole = "\n".join(lines)
    if len(whole) <= MOST_TEXT:
        return whole
    return whole[: MOST_TEXT + 1].rpartition("\n")[0] or whole[:MOST_TEXT]


def _name(value: str | None) -> str | None:
    return " ".join(value.split())[:_MOST_NAME] or None if value else None


def _declared_language(html: str) -> str | None:
    from selectolax.lexbor import LexborHTMLParser

    root = LexborHTMLParser(html[:20_000]).root
    said = (root.attributes.get("lang") or "") if root else ""
    code = said.strip().replace("_", "-").partition("-")[0].casefold()
    return code if 2 <= len(code) <= 3 and code.isascii() and code.isalpha() else None
