"""The words that are attached to a post: of its card, the post it quotes, a poll, its pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aggregator.model.post import Card, Enclosure, Post, Quote
from aggregator.text.headline import BYLINE


def attached_words(card: Card | None, quote: Quote | None, options: Iterable[str], files: Iterable[Enclosure]) -> str:
    """All of them, a line each, the one that tells most of the post first; last who wrote the page of the card."""
    lines = [card.title, card.description] if card else []
    lines += [file.description for file in files if file.description]
    if quote:
        lines += [quote.content_warning or "", " ".join(quote.text.split())]
    lines += options
    if card and (card.provider or card.authors):
        lines.append(BYLINE + ", ".join(filter(None, (card.provider, card.authors))))
    return "\n".join(filter(None, lines))


def called_else(post: Post) -> Iterator[str]:
    """What a post without words of its own may be called, the best first; nothing that its author or that of a quoted
    post hides."""
    if post.card:
        yield post.card.title
        yield post.card.description
    if not post.sensitive:
        yield from (file.description for file in post.enclosures if file.description)
    if post.quote and not post.quote.content_warning:
        yield post.quote.text
    yield " / ".join(post.options)
