"""What a hashtag source would get, in words: for `aggregator check`. Asks the server, and stores nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from aggregator.model.poll import Outcome
from aggregator.model.settings import Network
from aggregator.model.source import Source
from aggregator.sources.dates import parse_date
from aggregator.sources.mastodon.client import Server, Stop
from aggregator.sources.mastodon.servers import no_server, says_nothing

_HALVES = {"local": "posts of its own accounts", "remote": "posts from other servers"}


@dataclass(frozen=True, slots=True)
class Access:
    """Whether a source would get anything, and in words what."""

    is_good: bool
    words: str


def look_at_hashtag(source: Source, network: Network, now: datetime, known: Iterable[str] = ()) -> Access:
    """Ask a server what it shows of a hashtag. Blocks for two requests. `known`: addresses of other servers, one of
    which may be meant where this one is none."""
    tag = f"#{unquote(source.tag)}"
    with closing(Server(source, network, now)) as server:
        is_server, open_to = _introduced(server)
        limits = "; ".join(_limits(open_to, has_token=source.token is not None))
        try:
            page = [item for item in server.page({}) if isinstance(item, dict)]
        except Stop as stop:
            if stop.outcome is Outcome.OK:
                return Access(True, stop.detail) if is_server else Access(False, no_server(source.server, known))
            return Access(False, "; ".join(filter(None, (stop.detail, limits, _way_out(source, open_to)))))
    if not page:
        why = limits or "perhaps nobody used it there"
        return Access(True, f"answers, and shows no posts of {tag}: {why}")
    whom = "with the token" if source.token else "to everybody"
    return Access(True, "; ".join(filter(None, (f"shows posts of {tag} {whom}{span_of(page, now)}", limits))))


def span_of(page: Sequence[Mapping[str, Any]], now: datetime) -> str:
    """From when a page's statuses are, in words to be added."""
    dates = sorted(at for item in page if (at := parse_date(str(item.get("created_at")))))
    return f", the newest {_ago(now - dates[-1])}, {len(page)} of them since {_ago(now - dates[0])}" if dates else ""


def _introduced(server: Server) -> tuple[bool, Mapping[str, Any]]:
    """Does the server say what it is, and what it shows to whom? Not every one says it."""
    try:
        found = server.instance()
    except Stop:
        return not says_nothing(server), {}
    return bool(found), _timelines_access(found)


def _timelines_access(instance: Mapping[str, Any]) -> Mapping[str, Any]:
    """`configuration.timelines_access.hashtag_feeds` of /api/v2/instance: Mastodon 4.5 and newer."""
    found: Any = instance
    for key in ("configuration", "timelines_access", "hashtag_feeds"):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _limits(open_to: Mapping[str, Any], *, has_token: bool) -> list[str]:
    said = []
    for half, words in _HALVES.items():
        if open_to.get(half) == "disabled":
            said.append(f"{words} are shown to nobody")
        elif open_to.get(half) == "authenticated" and not has_token:
            said.append(f"{words} are shown to signed-in users alone")
    return said


def _way_out(source: Source, open_to: Mapping[str, Any]) -> str:
    """Mastodon refuses the whole timeline where one half of it is not public; the other half may still be had."""
    if source.token is not None or dict(source.query).keys() & {"local", "remote"}:
        return ""
    public = [half for half in _HALVES if open_to.get(half) == "public"]
    return f"with {public[0]} = true it would show {_HALVES[public[0]]}" if len(public) == 1 else ""


def _ago(age: timedelta) -> str:
    seconds = max(0, int(age.total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
