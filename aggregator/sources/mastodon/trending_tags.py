"""The posts of the tags that trend on a server: which tags those are, then the newest page of each.

Nobody asked for these tags by name, so nothing is made up for: what came while a tag did not trend, or between two
polls of one that is busier than a page, is not gone back for. What was stored is asked after once a day, as everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from aggregator.model.poll import Outcome
from aggregator.model.settings import Mastodon
from aggregator.model.source import Source, SourceMemory
from aggregator.model.timelines import Recheck
from aggregator.sources.mastodon.asked import tag_timeline
from aggregator.sources.mastodon.client import Exhausted, Server, Status, Stop
from aggregator.sources.mastodon.rechecks import recheck
from aggregator.sources.mastodon.servers import explained
from aggregator.sources.mastodon.step import PAGES_PER_CALL, Step
from aggregator.sources.mastodon.values import age, mapping, word


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading goes on. `tags`: those that trended last; `left`: how many of them, the last ones, this poll has
    still to read. The others are as in `aggregator.sources.mastodon.bookmarks`."""

    tags: tuple[str, ...] = ()
    left: int = 0
    rechecked_at: float = 0.0
    is_back_next: bool = False
    has_bulk: bool | None = None


def _read_place(text: str | None) -> Place:
    """A stored one; the beginning where there is none, or where it can't be read."""
    try:
        found = Place(**json.loads(text or ""))
        return replace(found, tags=tuple(map(str, found.tags)), left=int(found.left))
    except (ValueError, TypeError):
        return Place()


def step_of_trending_tags(
    server: Server, memory: SourceMemory, settings: Mastodon, source: Source, now: datetime
) -> Step:
    """The next step: see the module. Raises nothing."""
    found, place, allowance = Step(None, memory.recheck), _read_place(memory.cursor), memory.allowance
    found.place = memory.cursor
    found.first_walk = place.left > 0 and not place.rechecked_at  # tags of the first poll are still to be read
    found.went_back = place.is_back_next and (allowance is None or allowance.back > 0)
    if allowance:
        server.allowance = allowance.back if found.went_back else allowance.onwards
    try:
        if found.went_back:
            _back(server, found, place, memory, settings, now)
        else:
            _onwards(server, found, place, settings, source, now)
    except Stop as stop:
        found.stop = stop if memory.last_success_at else explained(server, stop)
        found.more = isinstance(stop, Exhausted)
        if not found.more:  # the next poll begins with what trends then
            _keep(found, replace(_read_place(found.place), left=0, is_back_next=False))
    return found


def trending_tags(server: Server, most: int) -> tuple[str, ...]:
    """The names of the tags that trend most, without #: what a source is asked for first. Raises Stop."""
    items = server.page({"limit": str(most)})
    names = (word(mapping(item).get("name")) for item in items)
    return tuple(dict.fromkeys(bare for name in names if name and (bare := name.lstrip("#＃"))))[:most]


def take_tag(server: Server, found: Step, tag: str) -> Mapping[str, Status]:
    """Take the newest page of a tag, and return it by id. Raises Stop."""
    server.timeline = tag_timeline(tag)
    try:
        return found.take(server.page({}))
    except Stop as stop:
        if stop.outcome is Outcome.OK and not isinstance(stop, Exhausted):
            return {}  # a tag without a timeline: the others have theirs
        raise


def _leave_out_old(found: Step, ids: Iterable[str], settings: Mastodon, now: datetime) -> None:
    for native_id in ids:
        status = found.statuses.get(native_id)
        if status is not None and age(status, now) > settings.backfill_age:
            found.leave_out(native_id, status)


def _keep(found: Step, place: Place) -> None:
    kept = {key: value for key, value in asdict(place).items() if value not in (None, False, 0, ())}
    found.place = json.dumps(kept | ({} if place.has_bulk is None else {"has_bulk": place.has_bulk}))


def _onwards(server: Server, found: Step, place: Place, settings: Mastodon, source: Source, now: datetime) -> None:
    place = replace(place, is_back_next=False)
    if not place.left:
        tags = trending_tags(server, source.tags)
        place = replace(place, tags=tags or place.tags, left=len(tags))
    for _ in range(PAGES_PER_CALL):
        if not place.left:
            break
        _keep(found, place)
        server.stop_if_exhausted()
        # As in a first poll of a hashtag; a page of a tag that few use goes back for months.
        _leave_out_old(found, take_tag(server, found, place.tags[-place.left]), settings, now)
        place = replace(place, left=place.left - 1)
    if place.left:
        found.more = True
        return _keep(found, place)
    last = datetime.fromtimestamp(place.rechecked_at, UTC)
    if found.recheck is None and place.tags and not last <= now < last + settings.deep_rescan_interval:
        # One by one, a week is too much.
        reach = settings.deep_rescan_window if place.has_bulk is False else settings.recheck_age
        found.recheck = Recheck(since=now - reach, before=now)
        place = replace(place, rechecked_at=now.timestamp())
    found.more = found.recheck is not None
    _keep(found, replace(place, is_back_next=found.more))


def _back(server: Server, found: Step, place: Place, memory: SourceMemory, settings: Mastodon, now: datetime) -> None:
    """Ask after posts that no page has shown lately. One that the server shows now is found on a tag's page."""
    server.timeline = tag_timeline(place.tags[0]) if place.tags else server.timeline
    asked = {each.native_id for each in memory.unseen}
    try:
        has_bulk, is_done = recheck(server, memory, place.has_bulk, found, now)
    finally:
        _leave_out_old(found, found.statuses.keys() - asked, settings, now)
    found.recheck = None if is_done else found.recheck
    found.more = not is_done
    _keep(found, replace(place, has_bulk=has_bulk, is_back_next=found.more))
