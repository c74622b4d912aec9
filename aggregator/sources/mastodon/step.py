"""What a step along a timeline has brought so far, boosts told from posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aggregator.model.timelines import GoneBecause, Missing, Recheck
from aggregator.sources.mastodon.client import Status, Stop
from aggregator.sources.mastodon.consent import is_public
from aggregator.sources.mastodon.cursor import Cursor
from aggregator.sources.mastodon.statuses import native_id_of

# A step's share of a long walk. At 40 posts each, and a second a page on a slow server.
PAGES_PER_CALL = 5


@dataclass(slots=True)
class Step:
    """What a step has brought so far.

    `statuses` by id, those wanted (of what trends, links by their address); `seen`: ids of all that were shown;
    `gone`: ids of what is no more, and why;
    `missing`: what the server has not, which is not believed to be gone; `trouble`: what is odd about that, where it
    was looked at (`is_rechecked`); `is_lost`: the server says that the timeline is gone for good. `boosts`: a boost
    stands for the status that was boosted, which is then seen here; else it is nothing. `place`: where to go on, as it
    is stored, on a timeline that has no `cursor` (see `bookmarks`). `first_walk`: as in `Collected`.
    """

    cursor: Cursor | None
    recheck: Recheck | None = None
    boosts: bool = False
    statuses: dict[str, Status] = field(default_factory=dict)
    seen: dict[str, None] = field(default_factory=dict)
    gone: dict[str, GoneBecause] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)
    trouble: str | None = None
    is_rechecked: bool = False
    is_lost: bool = False
    warnings: list[str] = field(default_factory=list)
    more: bool = False
    went_back: bool = False
    first_walk: bool = False
    stop: Stop | None = None
    place: str | None = None

    def bury(self, native_id: str, because: GoneBecause) -> None:
        """This status is no more."""
        self.gone.setdefault(native_id, because)

    def take(self, page: Sequence[object]) -> dict[str, Status]:
        """Keep a page's statuses, and return by id those by which the server pages.

        Boosts are among these, by their own ids. What is pinned is not: some servers show it on top of every page.
        """
        found = {native_id: item for item in page if isinstance(item, Mapping) and (native_id := native_id_of(item))}
        if len(found) < len(page):
            self.warnings.append(f"left out {len(page) - len(found)} of {len(page)} items that are no statuses")
        self.seen |= dict.fromkeys(found)
        for native_id, item in found.items():
            kept = self._kept(native_id, item)
            if kept:
                self.statuses[kept[0]] = kept[1]
                self.seen[kept[0]] = None
        return {native_id: item for native_id, item in found.items() if item.get("pinned") is not True}

    def leave_out(self, native_id: str, item: Status) -> None:
        """Keep something of a page not after all."""
        kept = self._kept(native_id, item)
        if kept:
            self.statuses.pop(kept[0], None)

    def _kept(self, native_id: str, item: Status) -> tuple[str, Status] | None:
        """The status that something on a page stands for, with its id; None for a boost that counts for nothing."""
        boosted = item.get("reblog")
        if not boosted:
            return native_id, item
        if not (self.boosts and isinstance(boosted, Mapping) and is_public(item)):
            return None
        inner = native_id_of(boosted)
        return (inner, boosted) if inner else None
