"""What a step along a timeline has brought so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aggregator.model.timelines import GoneBecause, Missing, Recheck
from aggregator.sources.mastodon.client import Status, Stop
from aggregator.sources.mastodon.cursor import Cursor
from aggregator.sources.mastodon.statuses import native_id_of


@dataclass(slots=True)
class Step:
    """What a step has brought so far.

    `statuses` by id, those wanted; `seen`: ids of all that were shown; `gone`: ids of what is no
    more, and why; `missing`: what the server has not, which is not believed to be gone; `trouble`: what is odd
    about that, where it was looked at (`is_rechecked`).
    """

    cursor: Cursor | None
    recheck: Recheck | None = None
    statuses: dict[str, Status] = field(default_factory=dict)
    seen: dict[str, None] = field(default_factory=dict)
    gone: dict[str, GoneBecause] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)
    trouble: str | None = None
    is_rechecked: bool = False
    warnings: list[str] = field(default_factory=list)
    more: bool = False
    went_back: bool = False
    stop: Stop | None = None

    def bury(self, native_id: str, because: GoneBecause) -> None:
        """This status is no more."""
        self.gone.setdefault(native_id, because)

    def take(self, page: Sequence[object]) -> dict[str, Status]:
        """Keep a page's statuses, and return them by id."""
        found = {native_id: item for item in page if isinstance(item, Mapping) and (native_id := native_id_of(item))}
        if len(found) < len(page):
            self.warnings.append(f"left out {len(page) - len(found)} of {len(page)} items that are no statuses")
        self.statuses |= found
        self.seen |= dict.fromkeys(found)
        return found
