"""Which pages are to be read, of the posts that lead to some. Plain functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from aggregator.model.article import Leading
from aggregator.model.settings import Articles
from aggregator.model.source import ArticleFetch, Source
from aggregator.storage.articles.rows import Queued
from aggregator.text.secrets.open_addresses import PLACEHOLDER
from aggregator.text.urls import is_home_page

# Of one story: the more report it, the more their pages say the same.
MOST_OF_A_STORY = 6
# A feed that brings so many characters brings the whole article.
WHOLE_TEXT = 2_000

_LEVELS: dict[ArticleFetch, int] = {"never": 0, "stories": 1, "all": 2}
# Addresses that say themselves that no page is there.
_FILES = frozenset(
    {
        ".7z", ".avi", ".csv", ".doc", ".docx", ".epub", ".gif", ".gz", ".jpeg", ".jpg", ".m4a", ".mov", ".mp3", ".mp4",
        ".ogg", ".pdf", ".png", ".ppt", ".pptx", ".svg", ".tar", ".webm", ".webp", ".xls", ".xlsx", ".xml", ".zip",
    }
)  # fmt: skip


def says_of(sources: Iterable[Source], articles: Articles) -> dict[int, tuple[int, int]]:
    """Source id → what is read of what everybody sees there, and of what only a secret shows: that only where the
    source itself says so."""
    usual = _LEVELS[articles.fetch]
    found = {}
    for source in sources:
        own = None if source.articles is None else _LEVELS[source.articles]
        found[source.id] = (usual if own is None else own, own or 0)
    return found


def is_wanted(sources: Iterable[Source], articles: Articles) -> bool:
    """Is any page to be read?"""
    return any(level for levels in says_of(sources, articles).values() for level in levels)


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is to be read. `at`: when its story had its last post; `seen_at`: when the first post that leads
    there came, and whether that `is_status`."""

    page: str
    url: str
    at: datetime
    seen_at: datetime
    is_status: bool


def pick(posts: Sequence[Leading]) -> list[Page]:
    """The pages to be read, those of the newest stories first; those that are known count, and are left out."""
    return [_page(group) for group in _picked(posts) if not group[0].is_known]


def count_pages(posts: Sequence[Leading]) -> tuple[int, int]:
    """How many pages these posts would have had read, known or not, and of how many hosts."""
    pages = [_page(group) for group in _picked(posts)]
    return len(pages), len({urlsplit(page.url).netloc for page in pages})


def _picked(posts: Sequence[Leading]) -> list[list[Leading]]:
    """The posts that lead to each page that is chosen."""
    by_page: defaultdict[str, list[Leading]] = defaultdict(list)
    for post in posts:
        by_page[post.page].append(post)
    groups = [group for group in by_page.values() if _is_readable(group)]
    by_story: defaultdict[int, list[list[Leading]]] = defaultdict(list)
    for group in groups:
        by_story[min(group, key=_order).story_id].append(group)
    chosen = []
    for of_story in by_story.values():
        of_story.sort(key=lambda group: min(map(_order, group)))
        carried = [group for group in of_story if any(post.is_carried for post in group)][:MOST_OF_A_STORY]
        chosen += [group for group in of_story if group in carried or any(post.is_asked_for for post in group)]
    return sorted(chosen, key=lambda group: max(post.story_at for post in group), reverse=True)


def _order(post: Leading) -> tuple[bool, datetime, str]:
    """The lead first, then those that came first: a choice that stands when others come."""
    return not post.leads, post.at, post.page


def _is_readable(group: Sequence[Leading]) -> bool:
    path = PurePosixPath(urlsplit(group[0].url).path)
    # What is good with a feed's key alone is not had without it.
    if path.suffix.casefold() in _FILES or is_home_page(group[0].url) or PLACEHOLDER in group[0].url:
        return False
    return all(post.length < WHOLE_TEXT for post in group)


def _page(group: Sequence[Leading]) -> Page:
    first = min(group, key=lambda post: post.seen_at)
    return Page(
        page=first.page, url=first.url, at=max(post.story_at for post in group), seen_at=first.seen_at,
        is_status=any(post.is_status for post in group),
    )  # fmt: skip


def queued(pages: Iterable[Page], delay: timedelta, dice: Callable[[], float]) -> list[Queued]:
    """When each may be asked for: where a status leads there, `delay` to twice that after it came, by chance."""
    return [
        Queued(page.page, page.url, page.seen_at + delay * (1 + dice()) if page.is_status else page.seen_at)
        for page in pages
    ]
