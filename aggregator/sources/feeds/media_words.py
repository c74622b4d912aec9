"""What `media:description` says (Media RSS), kept apart from the texts of an entry.

feedparser reads it as one more of an entry's own descriptions, so that a picture's would take the place of what the
author wrote. Here it becomes `file[WORDS]` of the `media:content` that it stands in, and `entry[WORDS]`, a list of all.
"""

from __future__ import annotations

from typing import Any

from feedparser.mixin import _FeedParserMixin
from feedparser.namespaces.mediarss import Namespace

from aggregator.sources.feeds.links import link_address
from aggregator.sources.feeds.media import pictures
from aggregator.text.html import clean_text

# No name that a document could use for an attribute or an element.
WORDS = "words of media"
# In characters; servers of the fediverse allow 1,500.
_LONGEST = 10_000
# What a description stands in: it ends with that at the latest, in documents that are malformed.
_AROUND = ("media_content", "media_group", "item", "entry")

_end_element = _FeedParserMixin.unknown_endtag


def read_apart() -> None:
    """From now on feedparser reads them so, in this process."""
    Namespace._start_media_content = _start_content
    Namespace._end_media_content = _end_content
    Namespace._start_media_description = _start_description
    Namespace._end_media_description = _end_description
    _FeedParserMixin.unknown_endtag = _end_any


def media_words(entry: dict[str, Any]) -> list[str]:
    """All of an entry's, in its order: of single files and of groups of them."""
    return list(dict.get(entry, WORDS) or ())


def described_files(entry: dict[str, Any], files: list[dict[str, Any]], base: str | None) -> dict[str, str]:
    """Address of a file → what it shows. A lone description beside a lone picture is that picture's."""
    words = media_words(entry)
    if len(files) == 1 and len(words) == 1 and any(pictures(files)):
        files = [{**files[0], WORDS: words[0]}]
    found: dict[str, str] = {}
    for file in files:
        said, address = str(dict.get(file, WORDS) or ""), dict.get(file, "url")
        url = link_address(address, base) if said and isinstance(address, str) else None
        # Plain text, if nothing else is said; some write markup all the same.
        if url and (description := clean_text(said[:_LONGEST], keeps_tags="</" not in said)):
            found.setdefault(url, description)
    return found


# ---------------------------------------------------------------- as handlers of feedparser's


def _start_content(parser: Any, attributes: dict[str, Any]) -> None:
    parser._get_context().setdefault("media_content", []).append(attributes)
    parser.open_file = attributes


def _end_content(parser: Any) -> None:
    parser.open_file = None


def _start_description(parser: Any, attributes: dict[str, Any]) -> None:
    # As a text with markup: elements in it, which should have been escaped, belong to it.
    parser.push_content("media_description", attributes, "text/html", 0)
    parser.is_in_words = True


def _end_description(parser: Any) -> None:
    if not getattr(parser, "is_in_words", False):  # it ended already, or is an element in a text with markup
        return
    parser.is_in_words = False
    said = parser.pop_content("media_description")
    context = parser._get_context()
    if not said:
        return
    context.setdefault(WORDS, []).append(said)
    file = getattr(parser, "open_file", None)
    # In malformed documents it may have been open since another entry.
    if file is not None and any(each is file for each in _list(context.get("media_content"))[-1:]):
        file.setdefault(WORDS, said)


def _end_any(parser: Any, tag: str) -> None:
    """feedparser's handler of all ends. For it, what is called as a field of an entry (`title`, `link`) ends that, in
    whatever text it stands; in a description it is text."""
    if not getattr(parser, "is_in_words", False):
        _end_element(parser, tag)
        return
    prefix, _, name = tag.rpartition(":")
    name = f"{parser.namespacemap.get(prefix, prefix)}_{name}".lstrip("_")
    if name in _AROUND:
        _end_description(parser)
    is_text = parser.is_in_words and name != "media_description"
    parser.svgOK += is_text  # in a drawing no element is a field
    _end_element(parser, tag)
    parser.svgOK -= is_text


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
