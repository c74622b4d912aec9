"""How the polls of the small newsroom are written: its sources, their posts, and what a poll brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aggregator.model.poll import Outcome
from aggregator.model.post import Post
from aggregator.model.source import Source
from aggregator.text.urls import canonical_url

LANTERN = Source(kind="feed", url="https://lantern.example/feed.xml", title="Lantern Daily")
SIGNAL = Source(kind="feed", url="https://signal.example/rss", title="Signal Weekly")
NORD = Source(kind="feed", url="https://nord.example/feed", title="Rechenblatt Nord", language="de")
KIKAI = Source(kind="feed", url="https://kikai.example/atom", title="機械だより", language="ja")
TAG = Source(kind="hashtag", url="https://social.example/tags/ai")
QUIET = Source(kind="feed", url="https://quiet.example/feed", title="Quiet Gazette")
BROKEN = Source(kind="feed", url="https://broken.example/feed", title="Broken Press")
SOURCES = (LANTERN, SIGNAL, NORD, KIKAI, TAG, QUIET, BROKEN)


def article(source: Source, path: str, title: str, text: str, **more: Any) -> Post:
    """An article on its source's site."""
    url = more.pop("url", f"https://{source.url.split('/')[2]}/news/{path}")
    return Post(
        kind="article", native_id=url, title=title, text=text, url=url, canonical_url=canonical_url(url), **more
    )


def status(number: int, author: str, text: str, **more: Any) -> Post:
    """A status on the one Mastodon server."""
    url = f"https://social.example/@{author}/{number}"
    return Post(
        kind="status", native_id=str(number), uri=f"https://social.example/users/{author}/statuses/{number}", url=url,
        canonical_url=canonical_url(url), author=f"{author}@social.example", text=text, visibility="public", boosts=0,
        favourites=1, replies=0, **more,
    )  # fmt: skip


@dataclass(frozen=True)
class Poll:
    """What one poll brought, `ago` before now. The posts are dated an hour before it.

    `edit_of`: the posts are newer versions of what the poll brought that was so long ago.
    """

    ago: timedelta
    source: Source
    posts: tuple[Post, ...] = ()
    edit_of: timedelta | None = None
    outcome: Outcome = Outcome.OK
    detail: str = ""
