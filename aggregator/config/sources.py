"""`[[feeds]]`, `[[hashtags]]` and the like → sources, and the mistakes that a table does not show by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from aggregator.config import hashtags, timelines
from aggregator.config.positions import Place
from aggregator.config.problems import Problem
from aggregator.config.secrets import Secrets
from aggregator.config.tables import ON_MASTODON, Feed, File, OnMastodon
from aggregator.config.topics import unknown
from aggregator.config.validate import strings, tables
from aggregator.model.source import Source
from aggregator.text.secrets.open_addresses import hidden, is_open_address, known_by, take_apart, without_secrets
from aggregator.text.urls import absolute_url, canonical_url


def sources(file: File, secrets: Secrets) -> tuple[Source, ...]:
    """A source for each feed, then one for each tag of each server, then one for each account,
    then other timelines, in the order of the file. It has no mistakes."""
    feeds = [
        Source(
            kind="feed",
            **_address(feed.url or "", secrets.addresses.get(i), feed.title),
            # Stored where everybody reads it: without a key, or not at all.
            site_url=feed.site_url if feed.site_url and is_open_address(feed.site_url) else None,
            folder=feed.folder,
            interval=feed.interval or file.polling.interval,
            longest_interval=_longest(file, feed),
            topics=tuple(dict.fromkeys(feed.topics)),
            language=feed.language,
            headers=secrets.headers.get(i, ()),
            proxy=secrets.proxies.get(i) or feed.proxy,
            publish=feed.publish,
            articles=feed.articles,
            has_key=i in secrets.keyed or i in secrets.addresses or not is_open_address(feed.url or ""),
            parser=file.polling.parser,
        )
        for i, feed in enumerate(file.feeds)
    ]
    return (*feeds, *_on_mastodon(file, secrets))


def _address(written: str, elsewhere: str | None, title: str | None) -> dict[str, Any]:
    """The fields of a source that say where it is asked and what it is known by. `elsewhere`: its address, where that
    does not stand in the file.

    Other readers export a feed without a title under its address, key and all.
    """
    address, is_hidden = elsewhere or written, elsewhere is not None
    known, taken = known_by(address, is_hidden=is_hidden), take_apart(address, is_hidden=is_hidden)
    if known == address or taken is None:
        return {"url": address, "title": title}
    title = title and without_secrets(hidden(taken.keys).text(title))
    # So it was known while it stood in the file and nothing said that there is a key in it.
    return {"url": known, "title": title, "address": address, "keys": taken.keys, "former_urls": (address,)}


def _on_mastodon(file: File, secrets: Secrets) -> Iterator[Source]:
    for i, tags in enumerate(file.hashtags):
        common = _common(file, tags, secrets.tokens.get(("hashtags", i)))
        for tag in tags.tags:
            yield replace(common, kind="hashtag", url=hashtags.address(tags, tag), title=hashtags.title(tags, tag))
    for i, people in enumerate(file.accounts):
        common = replace(_common(file, people, secrets.tokens.get(("accounts", i))), boosts=people.boosts)
        for who in people.accounts:
            url, title = timelines.account_address(people.server, who), timelines.account_title(people, who)
            yield replace(common, kind="account", url=url, title=title)
    for i, own in enumerate(file.timelines):
        common = replace(_common(file, own, secrets.tokens.get(("timelines", i))), boosts=own.boosts)
        for kind, url, title in timelines.own_timelines(own):
            yield replace(common, kind=kind, url=url, title=title)
    for i, trends in enumerate(file.trends):
        common = _common(file, trends, secrets.tokens.get(("trends", i)))
        for url, title, most in timelines.trends_of(trends):
            yield replace(common, kind="trends", url=url, title=title, tags=most)


def _common(file: File, block: OnMastodon, token: str | None) -> Source:
    """What all sources of a block have in common; their kinds and addresses are to come."""
    return Source(
        kind="hashtag",
        url="",
        folder=block.folder,
        interval=block.interval or file.polling.interval,
        longest_interval=_longest(file, block),
        topics=tuple(dict.fromkeys(block.topics)),
        language=block.language,
        token=token,
        keep=hashtags.keep(file.mastodon.keep, block),
        publish=block.publish,
        articles=block.articles,
    )


def _longest(file: File, block: Feed | OnMastodon) -> timedelta | None:
    """How rarely the block's sources are polled at most, where their rhythm adapts. One that names an interval means
    that one, unless it says otherwise."""
    adapts = file.polling.adaptive and block.interval is None if block.adaptive is None else block.adaptive
    return file.polling.max_interval if adapts else None


def problems(
    document: Mapping[str, Any], topics: Mapping[str, bool], elsewhere: Mapping[int, str] = MappingProxyType({})
) -> Iterator[Problem]:
    """Sources that are there twice, and topics that are not. `topics`: which there are, and whether they are in use;
    `elsewhere`: addresses of feeds that do not stand in the file, by the index of their block."""
    yield from _double_feeds(document, elsewhere)
    yield from hashtags.problems(document)
    yield from timelines.problems(document)
    yield from _topic_problems(document, topics)


# ---------------------------------------------------------------- sources that are there twice


def _double_feeds(document: Mapping[str, Any], elsewhere: Mapping[int, str]) -> Iterator[Problem]:
    first: dict[str, tuple[Place, str]] = {}
    called: dict[str, Place] = {}
    for i, feed in tables(document, "feeds"):
        url = elsewhere.get(i) or feed.get("url")
        address = absolute_url(url) if isinstance(url, str) else None
        if address is None:
            continue  # said already
        place: Place = ("feeds", i, next((key for key in ("url_env", "url_file") if key in feed), "url"))
        known, written = first.setdefault(canonical_url(address) or address, (place, address))
        if known != place:
            how = "" if written == address else ", written another way"
            yield Problem(place, f"the same feed as in {{line}}{how}", other=known)
            continue
        name = known_by(address, is_hidden=i in elsewhere)
        if name != address and (other := called.setdefault(name, place)) != place:
            message = "its key has by chance the digest of the one in {line}: write # and a word of yours behind it"
            yield Problem(place, message, other=other)


def key_warnings(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Keys that stand in the file, and what to do about it. They work."""
    for i, feed in tables(document, "feeds"):
        url = feed.get("url")
        address = absolute_url(url) if isinstance(url, str) else None
        taken = take_apart(address) if address else None
        if not taken or not taken.keys:
            continue
        what = " and ".join(dict.fromkeys(name.strip("=/:") or "its path" for name, _ in taken.keys))
        message = (
            f"there is a key in this address ({what}). Put the whole address into a variable of the environment or a "
            'file that only the daemon reads, and write url_env = "NAME" or url_file = "PATH" in its place: the source '
            "stays the same"
        )
        yield Problem(("feeds", i, "url"), message)


# ---------------------------------------------------------------- topics


def _topic_problems(document: Mapping[str, Any], topics: Mapping[str, bool]) -> Iterator[Problem]:
    for name in ("feeds", *ON_MASTODON):
        for i, table in tables(document, name):
            for j, topic in strings(table, "topics"):
                yield from unknown(topics, topic, (name, i, "topics", j))
    for name, key in (("articles", "topics"), ("storage", "keep_topics")):
        found = document.get(name)
        for j, topic in strings(found if isinstance(found, dict) else {}, key):
            yield from unknown(topics, topic, (name, key, j))
