"""The tables about hashtags: `[mastodon]` and `[[hashtags]]`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from aggregator.config import kinds as values
from aggregator.config.addresses import SERVER, TAG
from aggregator.config.kinds import FLAG
from aggregator.config.source_access import SecretFile, Variable
from aggregator.config.table import Flag, Language, OwnInterval, Slug, Table, key
from aggregator.config.typed import Of
from aggregator.config.units import duration
from aggregator.model import settings

_MASTODON = settings.Mastodon()
_KEEP = _MASTODON.keep

_OwnFlag = Annotated[bool | None, Of(FLAG)]
_Tags = list[Annotated[str, Of(TAG)]]
_Window = Annotated[timedelta, Of(duration(timedelta(minutes=1), timedelta(days=90), "2h"))]


class Mastodon(Table):
    """How hashtags are read, and which posts are kept."""

    backfill_age: Annotated[timedelta, Of(duration(timedelta(minutes=1), timedelta(days=365), "2d"))] = key(
        "The first poll of a hashtag leaves posts older than this.", _MASTODON.backfill_age
    )
    backfill_posts: Annotated[int, Of(values.whole(1, 100_000))] = key(
        "The first poll of a hashtag takes no more posts than this.", _MASTODON.backfill_posts
    )
    overlap: Annotated[timedelta, Of(duration(timedelta(seconds=1), timedelta(hours=1), "60s"))] = key(
        "How long a post may take to become visible: each poll begins so much before the newest post.",
        _MASTODON.overlap,
    )
    rescan_interval: _Window = key("How often the latest posts are gone over again.", _MASTODON.rescan_interval)
    rescan_window: _Window = key("How far back that goes.", _MASTODON.rescan_window)
    deep_rescan_interval: _Window = key("How often older posts are gone over again.", _MASTODON.deep_rescan_interval)
    deep_rescan_window: _Window = key("How far back that goes.", _MASTODON.deep_rescan_window)
    recheck_age: _Window = key(
        "Where a server makes it cheap, posts up to this age are looked after for deletions, once a day.",
        _MASTODON.recheck_age,
    )
    budget: Annotated[int, Of(values.whole(10, 100_000))] = key(
        "Requests that one server gets in 15 minutes, for all its hashtags together.", _MASTODON.budget
    )
    honour_deletions: Flag = key(
        "Empty posts that their authors deleted; false: only mark them.", _MASTODON.honour_deletions
    )
    replies: Flag = key("Keep answers to other posts.", _KEEP.replies)
    bots: Flag = key("Keep posts of accounts that say they are automatic.", _KEEP.bots)
    sensitive: Flag = key("Keep posts that are marked sensitive or have a content warning.", _KEEP.sensitive)
    unlisted: Flag = key("Keep posts that their authors meant for no timeline.", _KEEP.unlisted)
    noindex: Flag = key("Keep posts of accounts that ask programs to stay away.", _KEEP.noindex)
    unindexable: Flag = key(
        "Keep posts of accounts that have not agreed to be searched, which is most.", _KEEP.unindexable
    )


class Hashtags(Table):
    """Hashtags on one Mastodon server."""

    server: Annotated[str, Of(SERVER)] = key("The server's address.")
    tags: list[Annotated[str, Of(TAG)]] = key("The hashtags to follow, with or without the #.", least=1)
    any: Annotated[_Tags, Field(max_length=3)] = key("Posts with one of these tags instead come too: at most 3.", [])
    all: Annotated[_Tags, Field(max_length=4)] = key("Only posts that have all of these tags too: at most 4.", [])
    none: Annotated[_Tags, Field(max_length=4)] = key("No posts that have one of these tags: at most 4.", [])
    local: Flag = key("Only posts of the server's own accounts.", False)
    remote: Flag = key("Only posts from other servers.", False)
    only_media: Flag = key("Only posts with pictures, films or sound.", False)
    replies: _OwnFlag = key("As in `[mastodon]`, for these hashtags.", None)
    bots: _OwnFlag = key("As in `[mastodon]`, for these hashtags.", None)
    sensitive: _OwnFlag = key("As in `[mastodon]`, for these hashtags.", None)
    unlisted: _OwnFlag = key("As in `[mastodon]`, for these hashtags.", None)
    noindex: _OwnFlag = key("As in `[mastodon]`, for these hashtags.", None)
    unindexable: _OwnFlag = key("As in `[mastodon]`, for these hashtags.", None)
    interval: OwnInterval = key("How often to poll each; `[polling] interval` if this is left out.", None)
    topics: list[Slug] = key("Topics that its posts are usually about: tips the scales, decides nothing.", [])
    language: Language = key("The language of its posts, for those too short to tell.", None)
    token_env: Variable = key("The environment variable that holds the access token, if the server wants one.", None)
    token_file: SecretFile = key("The file that holds the access token, if the server wants one.", None)
