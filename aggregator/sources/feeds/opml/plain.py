"""A plain list of addresses, one a line; behind them, as newsboat keeps it, tags and "~a title". Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from aggregator.sources.feeds.opml.addresses import trouble_with, web_address
from aggregator.sources.feeds.opml.texts import title_of
from aggregator.sources.feeds.opml.values import Listed, Subscription

_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
# More words without quotes are a sentence.
_MOST_TAGS = 3
_LINE_END = re.compile(r"\r\n|\r|\n")
# What newsboat asks that is no address of the web: query:…, exec:…, filter:…
_OTHER = re.compile(r"[a-z]+:\S")
_ESCAPE = re.compile(r"\\(.)")


def read_list(text: str) -> Listed | None:
    """The addresses of a list; None where it does not look like one: fewer than half of its lines are addresses.

    The first tag of newsboat's is the folder.
    """
    listed, lines, others = Listed(), 0, 0
    for number, line in enumerate(_LINE_END.split(text), 1):
        words = [_ESCAPE.sub(r"\1", quoted) if quoted else plain for quoted, plain in _WORD.findall(line)]
        if not words or words[0].startswith("#"):
            continue
        lines += 1
        written, *tags = words
        url = web_address(written)
        trouble = trouble_with(written, url)
        if url is None or trouble:
            host = urlsplit(url).hostname if url else None
            others += _OTHER.match(written) is not None
            listed.left_out.append(f"line {number}: {f'{host}: ' if host else ''}{trouble}")
            continue
        title = title_of(next((tag[1:] for tag in tags if tag.startswith("~")), ""))
        is_tagged = '"' in line or len(tags) <= _MOST_TAGS  # else it is a remark
        folder = title_of(next((tag for tag in tags if tag[:1] not in ("", "~", "!")), "")) if is_tagged else ""
        listed.found.append(Subscription(url=url, title=title, folders=(folder,) if folder else (), line=number))
    return listed if listed.found and 2 * (len(listed.found) + others) >= lines else None
