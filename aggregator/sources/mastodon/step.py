"""What a step along a timeline has brought so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aggregator.model.timelines import Recheck
from aggregator.sources.mastodon.client import Status, Stop
from aggregator.sources.mastodon.cursor import Cursor
from aggregator.sources.mastodon.statuses import native_id_of


@dataclass(slots=True)
class Step:
    """What a step has brought so far.

    `statuses` by id, those wanted; `seen`: ids of all that were shown; `gone`: ids that the server has no more.
    """

    cursor: Cursor | None
    recheck: Recheck | None = None
    statuses: dict[str, Status] = field(default_factory=dict)
    seen: dict[str, None] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    more: bool = False
    went_back: bool = False
    stop: Stop | None = None

    def take(self, page: Sequence[object]) -> dict[str, Status]:
        """Keep a page's statuses, and return them by id."""
        found = {native_id: item for item in page if isinstance(item, Mapping) and (native_id := native_id_of(item))}
        if len(found) < len(page):
            self.warnings.append(f"left out {len(page) - len(found)} of {len(page)} items that are no statuses")
        self.statuses |= found
        self.seen |= dict.fromkeys(found)
        return found
