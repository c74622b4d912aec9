"""What comes with a status besides its text: the card of a link, the status it quotes, a poll, emoji.

None of it is its author's word on anything, but for the options of a poll and what pictures show. Pure, and raises
nothing, whatever a server sends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from aggregator.model.post import Card, Quote
from aggregator.sources.mastodon.consent import asks_to_stay_away, is_public
from aggregator.sources.mastodon.values import date, mapping, mappings, text, word
from aggregator.text.html import clean_text, text_of
from aggregator.text.urls import absolute_url

# In characters: pages describe themselves in a paragraph, and some with their whole text.
_LONGEST_TITLE = 500
_LONGEST_TEXT = 2000

# More are no poll, and no text.
_MOST_OPTIONS = 50
_MOST_EMOJIS = 200
_MOST_AUTHORS = 20

# States of a quote by which its server says that what is quoted is not to be shown with it (any more); and those by
# which it says that it does not show it, which may be an affair between that server and the author. Not among them:
# `pending`, not decided yet, and `muted_account`, which is the token's user's own wish.
_WITHDRAWN = ("revoked", "rejected", "deleted")
_REFUSED = ("unauthorized", "blocked_account", "blocked_domain")


def card_of(status: Mapping[str, Any], now: datetime) -> Card | None:
    """What the server found on the page that a status links to; None where it found no words there (yet)."""
    card = mapping(status.get("card"))
    url = absolute_url(text(card.get("url")))
    title = _line(card.get("title"), _LONGEST_TITLE)
    description = _line(card.get("description"), _LONGEST_TEXT)
    if not url or not (title or description):
        return None
    return Card(
        url=url,
        title=title,
        description="" if description == title else description,
        provider=_line(card.get("provider_name"), _LONGEST_TITLE) or None,
        authors=", ".join(dict.fromkeys(_authors(card))) or None,
        published_at=date(card.get("published_at"), now),
    )


def _authors(card: Mapping[str, Any]) -> Iterator[str]:
    named = [each.get("name") for each in list(mappings(card.get("authors")))[:_MOST_AUTHORS]]
    for name in named or [card.get("author_name")]:
        if line := _line(name, _LONGEST_TITLE):
            yield line


def quoted_of(status: Mapping[str, Any]) -> Mapping[str, Any]:
    """The status that a status quotes, as the server shows it; an empty one where it shows none.

    Mastodon wraps it with the state of its author's consent; others (Akkoma, Fedibird) give the status itself.
    """
    quote = mapping(status.get("quote"))
    if not quote or quote.get("state", "accepted") != "accepted":
        return {}
    return mapping(quote.get("quoted_status")) or (quote if "content" in quote else {})


def is_quote_withdrawn(status: Mapping[str, Any]) -> bool:
    """Does the server say that what a status quotes may not be shown with it any more?"""
    return mapping(status.get("quote")).get("state") in _WITHDRAWN


def is_quote_refused(status: Mapping[str, Any]) -> bool:
    """Does the server say that it does not show what a status quotes?"""
    return mapping(status.get("quote")).get("state") in _REFUSED


def quote_of(quoted: Mapping[str, Any], author: str | None, *, with_token: bool = False) -> Quote:
    """A quoted status; without its words where its author does not want programs to have them, or not everybody to."""
    account = mapping(quoted.get("account"))
    is_open = is_public(quoted, with_token=with_token) and not asks_to_stay_away(account)
    uri = word(quoted.get("uri"))
    return Quote(
        uri=uri,
        url=absolute_url(text(quoted.get("url"))) or absolute_url(uri or ""),
        author=author if is_open else None,
        text=text_of(text(quoted.get("content")))[:_LONGEST_TEXT] if is_open else "",
        content_warning=(clean_text(text(quoted.get("spoiler_text"))) or None) if is_open else None,
    )


def options_of(status: Mapping[str, Any]) -> tuple[str, ...]:
    """The options of its poll."""
    options = mappings(mapping(status.get("poll")).get("options"))
    lines = (_line(option.get("title"), _LONGEST_TITLE) for option in options)
    return tuple(filter(None, lines))[:_MOST_OPTIONS]


def emojis_of(status: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the server's own emoji in its text, without colons."""
    names = (word(emoji.get("shortcode")) for emoji in mappings(status.get("emojis")))
    return tuple(dict.fromkeys(filter(None, names)))[:_MOST_EMOJIS]


def _line(value: object, most: int) -> str:
    """One line of plain text. Servers give it without tags; entities may be left."""
    return clean_text(text(value), keeps_tags=True)[:most]
