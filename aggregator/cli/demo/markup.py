"""Plain text → the HTML that Mastodon makes of it, so that the sample statuses look like real ones.

The shapes are those of Mastodon's own formatter: a link shows up to 30 characters of its address and hides
the rest in `invisible` spans; hashtags and mentions are anchors around a span; blank lines part paragraphs.
"""

from __future__ import annotations

import re
from html import escape

# What Mastodon shows of an address, not counting the scheme and "www.".
_SHOWN_CHARACTERS = 30

_MENTION = r"@(?P<user>\w+)(?:@(?P<host>[\w.-]+\w))?"
_PIECE = re.compile(rf"(?P<link>https://\S+)|(?<![\w/])#(?P<tag>\w+)|(?<![\w/]){_MENTION}")
_LINK_START = re.compile(r"https://(?:www\.)?")


def status_html(text: str, server: str) -> str:
    """The HTML of a status's text. `server` is the base address of its hashtags and local mentions."""
    paragraphs = (_paragraph(paragraph, server) for paragraph in re.split(r"\n\s*\n", text.strip()))
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def hashtags(text: str) -> list[str]:
    """The hashtags of a text without the #, in order, each once."""
    return list(dict.fromkeys(match["tag"] for match in _PIECE.finditer(text) if match["tag"]))


def mentions(text: str) -> list[str]:
    """The accounts mentioned in a text, as `user` or `user@host`, in order, each once."""
    found = (match for match in _PIECE.finditer(text) if match["user"])
    return list(dict.fromkeys(_account(match) for match in found))


def profile_url(account: str, server: str) -> str:
    """The address of an account's page: on its own host, or on `server` for a local account."""
    user, _, host = account.partition("@")
    return f"https://{host}/@{user}" if host else f"{server}/@{user}"


def _paragraph(text: str, server: str) -> str:
    parts: list[str] = []
    end = 0
    for match in _PIECE.finditer(text):
        parts += [_plain(text[end : match.start()]), _anchor(match, server)]
        end = match.end()
    return "".join([*parts, _plain(text[end:])])


def _plain(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br />")


def _anchor(match: re.Match[str], server: str) -> str:
    if match["link"]:
        return _link(match["link"])
    if match["tag"]:
        tag = match["tag"]
        return f'<a href="{server}/tags/{tag}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>'
    url = profile_url(_account(match), server)
    user = f'<a href="{url}" class="u-url mention">@<span>{match["user"]}</span></a>'
    return f'<span class="h-card" translate="no">{user}</span>'


def _account(match: re.Match[str]) -> str:
    return f"{match['user']}@{match['host']}" if match["host"] else match["user"]


def _link(url: str) -> str:
    start = _LINK_START.match(url)
    rest = url[start.end() :] if start else url
    shown, hidden = rest[:_SHOWN_CHARACTERS], rest[_SHOWN_CHARACTERS:]
    spans = (
        f'<span class="invisible">{escape(url[: len(url) - len(rest)])}</span>'
        f'<span class="{"ellipsis" if hidden else ""}">{escape(shown)}</span>'
        f'<span class="invisible">{escape(hidden)}</span>'
    )
    return f'<a href="{escape(url)}" target="_blank" rel="nofollow noopener" translate="no">{spans}</a>'
