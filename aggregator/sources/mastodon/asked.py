"""From a source to what its server is asked for: where the API has it, and what people call it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote

from aggregator.model.poll import Outcome
from aggregator.model.source import Source

Query = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What one source asks for.

    `path` and `query` are the API's; where the path has `{id}`, that is looked up first, once, at `lookup`. `whose` is
    how people call it: "#AI". `scope`: what a token must be good for. `named`: which of those that are looked up, where
    that gives several; `acct`: the account that all statuses are of. `unknown` and `lost` say in words what a server
    means that answers 404 and 410; `on_unknown` is what the former comes to. `is_never_empty`: what had posts once and
    shows none is odd.
    """

    path: str
    whose: str
    scope: str = "read:statuses"
    unknown: str
    lost: str
    query: Query = field(default_factory=dict)
    lookup: tuple[str, Query] | None = None
    named: str = ""
    acct: str = ""
    on_unknown: Outcome = Outcome.FAILED
    is_never_empty: bool = False


def timeline_of(source: Source) -> Timeline:
    """What a source asks its server for."""
    match source.kind:
        case "account":
            return _account(source)
        case "list":
            return _list(source)
        case "home":
            return _own("/api/v1/timelines/home", "the home timeline")
        case "bookmarks":
            return _own("/api/v1/bookmarks", "the bookmarks", "read:bookmarks")
        case "trends":
            return _trends(source)
        case _:
            return _hashtag(source)


def _hashtag(source: Source) -> Timeline:
    query: dict[str, str | list[str]] = {}
    for name, value in source.query:
        query[name] = [*query.get(name, []), value] if name.endswith("[]") else value
    return tag_timeline(unquote(source.tag), query)


def tag_timeline(tag: str, query: Query | None = None) -> Timeline:
    """The posts with one tag."""
    return Timeline(
        path=f"/api/v1/timelines/tag/{quote(tag, safe='')}",
        whose=f"#{tag}",
        unknown=f"does not know the tag #{tag}, or is no Mastodon server",
        lost=f"says that #{tag} is gone for good",
        query=query or {},
        on_unknown=Outcome.OK,  # a tag may be used for the first time tomorrow
    )


def _own(path: str, whose: str, scope: str = "read:statuses") -> Timeline:
    """What a server, or its signed-in user, has one of."""
    return Timeline(
        path=path,
        whose=whose,
        scope=scope,
        unknown=f"does not know {whose}, or is no Mastodon server",
        lost=f"says that {whose} is gone for good",
    )


def _trends(source: Source) -> Timeline:
    what = "tags" if source.lists_tags else "links"
    whose = f"trending {what}"
    return replace(
        _own(f"/api/v1/trends/{what}", whose),
        unknown=f"has no {whose} (GoToSocial, for one, has none), or is no Mastodon server",
    )


def _list(source: Source) -> Timeline:
    whose = f"the list “{source.list_name}”"
    return Timeline(
        path="/api/v1/timelines/list/{id}",
        whose=whose,
        scope="read:lists",
        unknown=f"does not know {whose} any more",
        lost=f"says that {whose} is gone for good",
        lookup=("/api/v1/lists", {}),
        named=source.list_name,
    )


def _account(source: Source) -> Timeline:
    name, at_server = f"@{source.account}", source.url.rpartition("/@")[2]
    left_out = (("exclude_reblogs", not source.boosts), ("exclude_replies", not source.keep.replies))
    return Timeline(
        path="/api/v1/accounts/{id}/statuses",
        whose=name,
        unknown=(
            f"does not know the account {name}: it may be deleted or suspended, be written in another way, or live on "
            "a host of another name (then name that as its server)"
        ),
        lost=f"says that the account {name} is gone for good",
        query={key: "true" for key, is_so in left_out if is_so},
        lookup=("/api/v1/accounts/lookup", {"acct": at_server}),
        acct=at_server,
        is_never_empty=True,
    )
