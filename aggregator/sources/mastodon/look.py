"""What a source on a Mastodon server would get, in words: for `aggregator check`. Asks the server, stores nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aggregator.model.poll import Outcome
from aggregator.model.settings import Network
from aggregator.model.source import Source
from aggregator.sources.dates import parse_date
from aggregator.sources.mastodon.accounts import find_account, notes_of_statuses
from aggregator.sources.mastodon.client import Server, Status, Stop
from aggregator.sources.mastodon.consent import unwanted, withdrawn
from aggregator.sources.mastodon.servers import explained, no_server, says_nothing
from aggregator.sources.mastodon.statuses import post_of
from aggregator.sources.mastodon.step import Step
from aggregator.sources.mastodon.trending_tags import take_tag, trending_tags
from aggregator.sources.mastodon.trends import step_of_trends
from aggregator.text.html import clean_text

_LONGEST_TITLE = 80  # characters
_HALVES = {"local": "posts of its own accounts", "remote": "posts from other servers"}


@dataclass(frozen=True, slots=True)
class Access:
    """Whether a source would get anything, and in words what. `unreached`: no server answered."""

    is_good: bool
    words: str
    unreached: bool = False


def look_at(source: Source, network: Network, now: datetime, known: Iterable[str] = ()) -> Access:
    """Ask a server what it shows of a source. Blocks for a few requests. `known`: addresses of other servers, one of
    which may be meant where this one is none."""
    with closing(Server(source, network, now)) as server:
        try:
            match source.kind:
                case "hashtag":
                    return _look_at_hashtag(server, source, now, known)
                case "trends" if source.lists_tags:
                    return _look_at_tags(server, source, now)
                case "trends":
                    return _look_at_links(server)
                case _:
                    return _look_at_timeline(server, source, now)
        except Stop as stop:
            return Access(False, explained(server, stop, known).detail, unreached=stop.unreached)


def _look_at_timeline(server: Server, source: Source, now: datetime) -> Access:
    found, whose = Step(None, boosts=source.boosts), server.timeline.whose
    notes = find_account(server)
    page = found.take(server.page({}))
    notes += [*notes_of_statuses(found.statuses.values(), server.native_id), *found.warnings]
    if not page:
        return Access(True, "; ".join(dict.fromkeys([f"knows {whose}, and shows no posts", *notes])))
    return _access(whose, source, found, page.values(), now, notes)


def _look_at_links(server: Server) -> Access:
    found = step_of_trends(server)
    if found.stop and not found.statuses:
        raise found.stop
    if not found.statuses:
        return Access(True, "answers, and shows no trending links: perhaps it has none, or does not say")
    first = clean_text(str(next(iter(found.statuses.values())).get("title")))[:_LONGEST_TITLE]
    return Access(True, f"shows trending links, {len(found.statuses)} of them, the first “{first}”")


def _look_at_tags(server: Server, source: Source, now: datetime) -> Access:
    found, page = Step(None), dict[str, Status]()
    tags = trending_tags(server, source.tags)
    for tag in tags:
        page |= take_tag(server, found, tag)
    if not tags:
        return Access(True, "answers, and shows no trending tags: perhaps it has none, or does not say")
    names = ", ".join(f"#{clean_text(tag)[:_LONGEST_TITLE]}" for tag in tags)
    if not page:
        return Access(True, f"shows trending tags ({names}), and no posts of them")
    return _access(f"trending tags ({names})", source, found, page.values(), now, found.warnings)


def _access(
    whose: str, source: Source, found: Step, page: Iterable[Status], now: datetime, notes: Iterable[str] = ()
) -> Access:
    """What pages of statuses would bring: what they show, and what of that is not kept, as a poll says it."""
    shown = [*page]
    left_out = Counter(reason for status in found.statuses.values() if (reason := _why_out(status, source, now)))
    boosts = len(shown) - len(found.statuses)
    words = [_shown(whose, source, shown, now)]
    if boosts > 0 and not found.boosts:
        words.append(f"boosts are left out, {boosts} here")
    is_all = found.statuses and left_out.total() == len(found.statuses)
    if left_out:
        reasons = ", ".join(f"{count} {reason}" for reason, count in left_out.most_common())
        words.append(f"{'none would be kept' if is_all else 'some would be left out'}: {reasons}")
    return Access(not is_all, "; ".join(dict.fromkeys([*words, *filter(None, notes)])))


def _why_out(status: Mapping[str, object], source: Source, now: datetime) -> str | None:
    post = post_of(status, source.server, now, with_token=source.token is not None)
    return None if post is None else withdrawn(post, status, source) or unwanted(post, source)


def _shown(whose: str, source: Source, page: Sequence[Status], now: datetime) -> str:
    """What a page of statuses shows, to whom, and from when it is."""
    whom = "with the token" if source.token else "to everybody"
    dates = sorted(at for item in page if (at := parse_date(str(item.get("created_at")))))
    span = f", the newest {_ago(now - dates[-1])}, {len(page)} of them since {_ago(now - dates[0])}" if dates else ""
    return f"shows posts of {whose} {whom}{span}"


def _ago(age: timedelta) -> str:
    seconds = max(0, int(age.total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


# ---------------------------------------------------------------- hashtags


def _look_at_hashtag(server: Server, source: Source, now: datetime, known: Iterable[str]) -> Access:
    """Of a hashtag the server may say besides to whom it is shown."""
    is_server, open_to = _introduced(server)
    limits = "; ".join(_limits(open_to, has_token=source.token is not None))
    found, whose = Step(None), server.timeline.whose
    try:
        page = found.take(server.page({}))
    except Stop as stop:
        if stop.outcome is Outcome.OK:
            return Access(True, stop.detail) if is_server else Access(False, no_server(source.server, known))
        words = "; ".join(filter(None, (stop.detail, limits, _way_out(source, open_to))))
        return Access(False, words, unreached=stop.unreached)
    if not page:
        why = limits or "perhaps nobody used it there"
        return Access(True, f"answers, and shows no posts of {whose}: {why}")
    return _access(whose, source, found, page.values(), now, [*found.warnings, limits])


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
