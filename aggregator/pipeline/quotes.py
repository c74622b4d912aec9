"""Whose words a status may quote here: not those that their author, or their server, took back.

The address of what is quoted stays. What was taken back once is not stored again, whichever server still shows it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from aggregator.dedupe.candidates import Candidates
from aggregator.model.post import EnrichedPost, KnownPost, Quote
from aggregator.model.timelines import GoneBecause
from aggregator.pipeline.enrich import requoted
from aggregator.text.urls import canonical_url


def allowed(
    enriched: EnrichedPost, candidates: Candidates, forgotten: Collection[str], *, empties_gone: bool
) -> EnrichedPost:
    """The post, without the words of an author who is to be forgotten, and of what is deleted here."""
    quote = enriched.post.quote
    if quote is None or enriched.unquoted is None:
        return enriched
    is_out = quote.author in forgotten or _is_emptied(quote, candidates, empties_gone=empties_gone)
    return enriched.unquoted if is_out else enriched


def _is_emptied(quote: Quote, candidates: Candidates, *, empties_gone: bool) -> bool:
    found = candidates.status(quote.uri) if quote.uri else None
    address = canonical_url(quote.url) if quote.url else None
    there = [found] if found else candidates.at_link(address) if address else []
    return any(
        each.is_gone and each.kind == "status" and (empties_gone or each.gone_because is GoneBecause.FORGOTTEN)
        for each in there
    )


def is_withdrawn(enriched: EnrichedPost, known: KnownPost, *, is_first_hand: bool) -> bool:
    """Are words that a stored post quotes not to be shown with it any more?

    `is_first_hand`: the server that says so is the post's home, or the only one that showed it. What another one does
    not show may be its own affair: it blocks the author, or was never allowed to see the post.
    """
    post = enriched.post
    is_bare = post.quote is not None and not post.quote.has_words
    is_said = post.is_quote_withdrawn or (is_first_hand and (is_bare or post.is_quote_refused))
    return is_said and known.quote is not None and known.quote.has_words


def as_stored(enriched: EnrichedPost, known: KnownPost, *, is_first_hand: bool) -> EnrichedPost:
    """A newer version of a stored post: it gets no words back that were taken back, and loses no address with them; nor
    the words, where a server that is not `is_first_hand` does not show them."""
    post, stored = enriched.post, known.quote
    if stored is None:
        return enriched
    is_same = post.quote is not None and _is_same(post.quote, stored)
    is_hidden = post.is_quote_refused if post.quote is None else is_same and not post.quote.has_words
    if is_hidden and stored.has_words and not is_first_hand:
        return requoted(enriched, stored)
    if (post.is_quote_withdrawn or post.is_quote_refused) and post.quote is None:
        return replace(enriched, post=replace(post, quote=Quote(uri=stored.uri, url=stored.url)))
    return enriched.unquoted if is_same and not stored.has_words and enriched.unquoted else enriched


def _is_same(one: Quote, other: Quote) -> bool:
    """Each server may have an address of its own for one status."""
    return one.uri == other.uri if one.uri and other.uri else one.url == other.url
