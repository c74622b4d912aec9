"""What a `[[hashtags]]` block asks for, as the addresses and wishes of its sources; and tags that are there twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from aggregator.config.addresses import SERVER, TAG
from aggregator.config.positions import Place
from aggregator.config.problems import Problem
from aggregator.config.table import Table, given
from aggregator.config.tables import Hashtags
from aggregator.config.validate import strings, tables
from aggregator.model.timelines import Keep
from aggregator.text.urls import canonical_url

_LISTS = ("any", "all", "none")
_FLAGS = ("local", "remote", "only_media")


def address(block: Hashtags, tag: str) -> str:
    """The address that names a source: `https://server/tags/tag`, behind a `?` what else the API is asked for.

    The parameters are those of the API, in one order whatever the file's, so that the same question is one source.
    """
    lists = [(f"{name}[]", each) for name in _LISTS for each in sorted(getattr(block, name), key=_folded)]
    flags = [(name, "true") for name in _FLAGS if getattr(block, name)]
    query = urlencode(lists + flags, quote_via=quote)
    return f"{block.server}/tags/{quote(tag, safe='')}" + (f"?{query}" if query else "")


def _folded(tag: str) -> str:
    from aggregator.text.tokens import fold_tag  # here: most configurations follow no hashtags

    return fold_tag(tag)


def title(block: Hashtags, tag: str) -> str:
    """What a source is called: "#AI with #Mistral without #ad on mastodon.example, local"."""
    words = {"any": "or", "all": "with", "none": "without"}
    more = [f"{words[name]} #{each}" for name in _LISTS for each in getattr(block, name)]
    flags = [name.replace("_", " ") for name in _FLAGS if getattr(block, name)]
    return ", ".join([" ".join([f"#{tag}", *more, "on", block.server.partition("://")[2]]), *flags])


def keep(everywhere: Keep, block: Table) -> Keep:
    """Which statuses are kept: as `[mastodon]` says, where the block says nothing else."""
    return replace(everywhere, **given(block, Keep))


def problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Tags that are followed twice, in whatever spelling, and blocks that exclude everything."""
    first: dict[tuple[object, ...], Place] = {}
    for i, block in tables(document, "hashtags"):
        if block.get("local") is True and block.get("remote") is True:
            message = "expected local or remote, not both: no post is both (local is in {line})"
            yield Problem(("hashtags", i, "remote"), message, other=("hashtags", i, "local"))
        server = SERVER.or_none(block.get("server"))
        for j, written in strings(block, "tags"):
            tag = TAG.or_none(written)
            if server is None or tag is None:
                continue  # said already
            place = ("hashtags", i, "tags", j)
            key = (canonical_url(server) or server, _folded(tag), *_narrowing(block))
            known = first.setdefault(key, place)
            if known != place:
                yield Problem(place, f"#{tag} on this server is followed already, in {{line}}", other=known)


def _narrowing(block: Mapping[str, Any]) -> Iterator[object]:
    """What makes two blocks with one tag different questions."""
    for name in _LISTS:
        yield frozenset(_folded(tag) for _, tag in strings(block, name))
    yield from (block.get(name) is True for name in _FLAGS)
