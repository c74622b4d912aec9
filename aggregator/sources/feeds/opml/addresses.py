"""The addresses in lists of subscriptions: of other programs' own schemes, without one, with a password."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from aggregator.sources.feeds.opml.texts import shown
from aggregator.text.typed.subscribing import subscribed_address
from aggregator.text.urls import absolute_url

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)")
_HOST_FIRST = re.compile(r"(?:[\w-]+\.)+([^\W\d_]{2,})(?::\d+)?(?:[/?#]\S*)?")
# What ends like these is a file beside the list, and no host: no domain is called so.
_FILES = frozenset(
    {"xml", "rss", "rdf", "atom", "json", "opml", "php", "asp", "aspx", "jsp", "cgi", "htm", "html", "txt"}
)
_MOST_SHOWN = 200
_QUERY = re.compile(r"[?#].+", re.DOTALL)

HAS_PASSWORD = (
    "it has a user or password in it, and addresses are stored where everybody reads them; "
    "write it into the file with `user` and `password_env`"
)


def web_address(written: str) -> str | None:
    """The http or https address that is meant; None where none is."""
    text = written.strip().replace("&amp;", "&")  # some write it twice over, and no address means it
    if meant := subscribed_address(text):
        text = meant
    elif not _SCHEME.match(text) and (host := _HOST_FIRST.fullmatch(text)) and host[1].lower() not in _FILES:
        text = f"https://{text}"
    return absolute_url(text)


def trouble_with(written: str, url: str | None) -> str | None:
    """Why this address can't be followed, in words that repeat no password; None where it can."""
    if url is None:
        if "@" in written:  # whatever stands before it may be a password
            scheme = _SCHEME.match(written.strip())
            return f"no http or https address ({scheme[0]}…)" if scheme else "no http or https address"
        return f"no http or https address: {_told(written)}"
    parts = urlsplit(url)
    return HAS_PASSWORD if parts.username is not None or parts.password is not None else None


def _told(written: str) -> str:
    """What stands there, without a query, where keys stand."""
    return _QUERY.sub("…", shown(written))[:_MOST_SHOWN]
