"""What a source on a Mastodon server would get, in words: for `aggregator check`. Asks the server, stores nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import datetime
from http import HTTPStatus

from aggregator.model.settings import Network
from aggregator.model.source import Source
from aggregator.sources.mastodon.accounts import find_account, notes_of_statuses
from aggregator.sources.mastodon.client import Server, Stop
from aggregator.sources.mastodon.consent import unwanted, withdrawn
from aggregator.sources.mastodon.probe import Access, look_at_hashtag, span_of
from aggregator.sources.mastodon.servers import is_none, no_server
from aggregator.sources.mastodon.statuses import post_of
from aggregator.sources.mastodon.step import Step
from aggregator.sources.mastodon.trends import step_of_trends
from aggregator.text.html import clean_text

_LONGEST_TITLE = 80  # characters


def look_at(source: Source, network: Network, now: datetime, known: Iterable[str] = ()) -> Access:
    """Ask a server what it shows of a source. Blocks for a few requests. `known`: addresses of other servers, one of
    which may be meant where this one is none."""
    if source.kind == "hashtag":
        return look_at_hashtag(source, network, now, known)
    with closing(Server(source, network, now)) as server:
        if source.kind == "trends":
            return _look_at_trends(server)
        whose = server.timeline.whose
        found = Step(None, boosts=source.boosts)
        try:
            notes = find_account(server)
            page = found.take([item for item in server.page({}) if isinstance(item, dict)])
        except Stop as stop:
            reply = server.session.reply
            is_unknown = reply is not None and reply.status == HTTPStatus.NOT_FOUND
            return Access(False, no_server(source.server, known) if is_unknown and is_none(server) else stop.detail)
        notes = list(dict.fromkeys([*notes, *notes_of_statuses(found.statuses.values(), server.native_id)]))
    if not page:
        return Access(True, "; ".join([f"knows {whose}, and shows no posts", *notes]))
    left_out = [reason for status in found.statuses.values() if (reason := _why_out(status, source, now))]
    whom = "with the token" if source.token else "to everybody"
    words = [f"shows posts of {whose} {whom}{span_of(list(page.values()), now)}", *_counts(found, len(page), left_out)]
    return Access(len(left_out) < len(found.statuses) or not found.statuses, "; ".join([*words, *notes]))


def _look_at_trends(server: Server) -> Access:
    found = step_of_trends(server)
    if found.stop and not found.statuses:
        return Access(False, found.stop.detail)
    if not found.statuses:
        return Access(True, "answers, and shows no trending links: perhaps it has none, or does not say")
    first = clean_text(str(next(iter(found.statuses.values())).get("title")))[:_LONGEST_TITLE]
    return Access(True, f"shows trending links, {len(found.statuses)} of them, the first “{first}”")


def _counts(found: Step, shown: int, left_out: list[str]) -> list[str]:
    """What of a page is not kept, and why."""
    reasons = ", ".join(f"{left_out.count(reason)} {reason}" for reason in dict.fromkeys(left_out))
    boosts = shown - len(found.statuses)
    said = [f"boosts are left out, {boosts} here"] if boosts > 0 and not found.boosts else []
    if not left_out:
        return said
    is_all = len(left_out) == len(found.statuses)
    return [*said, f"{'none would be kept' if is_all else 'some would be left out'}: {reasons}"]


def _why_out(status: Mapping[str, object], source: Source, now: datetime) -> str | None:
    post = post_of(status, source.server, now, with_token=source.token is not None)
    return None if post is None else withdrawn(post, status, source) or unwanted(post, source)
