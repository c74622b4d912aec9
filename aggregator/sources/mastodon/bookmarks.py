"""One step along a timeline whose order is not that of its statuses' ids: bookmarks.

A server pages it by ids of its own, which only its Link headers tell: `min_id` for what was bookmarked later, `max_id`
for earlier. As on other timelines a poll goes onwards first, then back over what there was before the first poll; what
was deleted is asked after once a day. Taking a bookmark away deletes nothing.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from aggregator.model.settings import Mastodon
from aggregator.model.source import SourceMemory
from aggregator.model.timelines import Recheck
from aggregator.sources.mastodon.client import Exhausted, Server, Stop
from aggregator.sources.mastodon.rechecks import recheck
from aggregator.sources.mastodon.step import PAGES_PER_CALL, Step


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where reading goes on: what came later is above `newest`, what is still to be read of before below `oldest`.

    `posts`: so many were read backwards. `rechecked_at`: when deletions were last asked after, in seconds since 1970.
    `has_bulk`: as in `aggregator.sources.mastodon.cursor`.
    """

    newest: str
    oldest: str | None = None
    posts: int = 0
    rechecked_at: float = 0.0
    is_back_next: bool = False
    has_bulk: bool | None = None


def _read_bookmark(text: str | None) -> Bookmark | None:
    """A stored one; None where there is none, or where it can't be read: then the first page is read anew."""
    try:
        return Bookmark(**json.loads(text or ""))
    except (ValueError, TypeError):
        return None


def step_of_bookmarks(server: Server, memory: SourceMemory, settings: Mastodon, now: datetime) -> Step:
    """The next step: see the module. Raises nothing."""
    found = Step(None, memory.recheck)
    found.place = memory.cursor
    mark, allowance = _read_bookmark(memory.cursor), memory.allowance
    found.went_back = mark is not None and mark.is_back_next and (allowance is None or allowance.back > 0)
    if allowance:
        server.allowance = allowance.back if found.went_back else allowance.onwards
    try:
        if mark is None:
            _begin(server, found, settings, now)
        elif found.went_back:
            found.first_walk = mark.oldest is not None
            _back(server, found, mark, memory, settings, now)
        else:
            _onwards(server, found, mark, settings, now)
    except Stop as stop:
        found.stop = stop
        found.more = isinstance(stop, Exhausted)
    return found


def _keep(found: Step, mark: Bookmark) -> None:
    found.place = json.dumps({key: value for key, value in asdict(mark).items() if value not in (None, False)})


def _begin(server: Server, found: Step, settings: Mastodon, now: datetime) -> None:
    page = found.take(server.page({}))
    links = server.links()
    if page and "min_id" not in links:
        found.warnings.append("the server does not say how to go on: only its newest page is read")
    elif page:
        oldest = links.get("max_id") if len(page) < settings.backfill_posts else None
        mark = Bookmark(links["min_id"], oldest, len(page), now.timestamp(), is_back_next=oldest is not None)
        found.more = mark.is_back_next
        _keep(found, mark)


def _onwards(server: Server, found: Step, mark: Bookmark, settings: Mastodon, now: datetime) -> None:
    mark = replace(mark, is_back_next=False)
    for _ in range(PAGES_PER_CALL):
        page, newest = found.take(server.page({"min_id": mark.newest})), server.links().get("min_id")
        if not page or newest in (None, mark.newest):
            break
        mark = replace(mark, newest=newest)
        _keep(found, mark)
        server.stop_if_exhausted()
    else:
        found.more = True
        return
    last = datetime.fromtimestamp(mark.rechecked_at, UTC)
    if found.recheck is None and not last <= now < last + settings.deep_rescan_interval:
        found.recheck = Recheck(since=now - settings.recheck_age, before=now)
        mark = replace(mark, rechecked_at=now.timestamp())
    found.more = mark.oldest is not None or found.recheck is not None
    _keep(found, replace(mark, is_back_next=found.more))


def _back(server: Server, found: Step, mark: Bookmark, memory: SourceMemory, settings: Mastodon, now: datetime) -> None:
    if mark.oldest is None:
        has_bulk, is_done = recheck(server, memory, mark.has_bulk, found, now)
        found.recheck = None if is_done else found.recheck
        found.more = not is_done
        return _keep(found, replace(mark, has_bulk=has_bulk, is_back_next=found.more))
    for _ in range(PAGES_PER_CALL):
        page, oldest = found.take(server.page({"max_id": mark.oldest or ""})), server.links().get("max_id")
        posts = mark.posts + len(page)
        is_end = not page or oldest in (None, mark.oldest) or posts >= settings.backfill_posts
        mark = replace(mark, oldest=None if is_end else oldest, posts=posts)
        found.more = not is_end or found.recheck is not None
        _keep(found, replace(mark, is_back_next=found.more))
        if is_end:
            return
        server.stop_if_exhausted()
