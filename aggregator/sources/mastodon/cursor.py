"""Where reading a timeline goes on: the cursor. Kept as JSON text in `sources.cursor`.

Ids are given before posts become visible, so a post may appear below one that was seen. Each walk onwards therefore
begins at a *floor* below the newest id that was seen: by the overlap, where ids tell their time, else at an id that
was the newest some time ago. What appears still later is found by going back over the timeline: a `Back`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from aggregator.sources.mastodon.ids import Family, family_of, id_at, order, time_of

# Clocks differ. An id further ahead than this is of a post that claims to come from the future.
_SKEW = timedelta(minutes=5)
# Of older ids that are kept for a floor: one in each such part of the overlap.
_MARKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """A walk backwards that is not at its end: the first run, or going back over a window again.

    It began at `started_at`, goes back to `since`, and goes on below `max_id`. `posts` and `pages` so far.
    """

    kind: Literal["first", "rescan", "deep"]
    started_at: datetime
    since: datetime
    max_id: str
    posts: int = 0
    pages: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """See the module. All ids are of `family`.

    newest: the newest id seen, those of the future left out.
    floor: the next walk onwards begins above it.
    marks: ids that were the newest, and when; for the floor of opaque ids.
    position: where a walk onwards goes on that began at `walk_at` and is not at its end.
    polled_at: when the last walk onwards was at its end.
    back: a walk backwards that is not at its end.
    is_back_next: the next call goes backwards, because the one before went onwards.
    rescan_at, deep_at: when the last walks over the short and the long window began.
    has_bulk: whether the server gives several statuses at once; None where that was not tried.
    """

    newest: str
    family: Family
    floor: str
    polled_at: datetime
    rescan_at: datetime
    deep_at: datetime
    marks: tuple[tuple[str, datetime], ...] = ()
    position: str | None = None
    walk_at: datetime | None = None
    back: Back | None = None
    is_back_next: bool = False
    has_bulk: bool | None = None

    def to_text(self) -> str:
        """As it is stored; what has its default is left out."""
        kept = {
            key: value for key, value in asdict(self).items() if value not in (None, (), False) or key == "has_bulk"
        }
        if self.has_bulk is None:
            kept.pop("has_bulk", None)
        return json.dumps(kept, default=lambda moment: moment.isoformat(), ensure_ascii=False)

    def with_newest(self, native_id: str, walk_at: datetime, overlap: timedelta) -> Cursor:
        """With this id as the newest, seen by a walk that began at `walk_at`, and the floor that follows."""
        told = time_of(native_id, self.family)
        if told is not None:
            floor = id_at(min(told, walk_at) - overlap, self.family) or native_id
            return replace(self, newest=native_id, floor=floor)
        # No post that was invisible at `walk_at` has an id from before `walk_at - overlap`.
        marks = [*self.marks]
        if not marks or walk_at - marks[-1][1] >= overlap / _MARKS:
            marks.append((native_id, walk_at))
        settled = [mark for mark in marks if mark[1] <= walk_at - overlap]
        marks = [*settled[-1:], *(mark for mark in marks if mark[1] > walk_at - overlap)]
        floor = settled[-1][0] if settled else self.floor
        return replace(self, newest=native_id, floor=min(floor, native_id, key=order), marks=tuple(marks))


def first_cursor(ids: Iterable[str], now: datetime, overlap: timedelta) -> Cursor:
    """The cursor that covers a timeline's first page, whose ids these are. There is at least one."""
    found = list(ids)
    newest = newest_of(found, now)
    blank = Cursor(
        newest=newest, family=family_of(newest), floor=min(found, key=order), polled_at=now, rescan_at=now, deep_at=now
    )
    return blank.with_newest(newest, now, overlap)


def newest_of(ids: Iterable[str], now: datetime) -> str:
    """The newest of some ids, at least one: not one that claims a time to come, unless there are no others."""
    found = list(ids)
    family = family_of(max(found, key=order))
    past = [each for each in found if (time_of(each, family) or now) <= now + _SKEW]
    return max(past or found, key=order)


def read_cursor(text: str | None, now: datetime | None = None) -> Cursor | None:
    """A stored cursor; None where there is none, or where it can't be read: then the timeline is begun anew.

    What seems to have been later than `now` counts as of now: the clock was wrong when that was noted, and no walk back
    would be due for years.
    """
    try:
        found = json.loads(text or "")
        back = found.pop("back", None)
        return Cursor(
            **_moments(found, now),
            marks=tuple((str(mark), _moment(at, now)) for mark, at in found.pop("marks", ())),
            back=Back(**_moments(back, now)) if back else None,
        )
    except (ValueError, TypeError, AttributeError, KeyError):
        return None


def _moment(text: str, now: datetime | None) -> datetime:
    at = datetime.fromisoformat(text)
    return min(at, now) if now else at


def _moments(found: Mapping[str, Any], now: datetime | None) -> dict[str, Any]:
    moments = {key: _moment(value, now) for key, value in found.items() if key.endswith("_at") or key == "since"}
    return {key: value for key, value in {**found, **moments}.items() if key != "marks"}
