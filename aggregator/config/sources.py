"""`[[feeds]]`, `[[hashtags]]` and the like → sources, and the mistakes that a table does not show by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from aggregator.config import hashtags, timelines
from aggregator.config.positions import Place
from aggregator.config.problems import Problem
from aggregator.config.secrets import Secrets
from aggregator.config.tables import ON_MASTODON, Feed, File, OnMastodon
from aggregator.config.topics import unknown
from aggregator.config.validate import strings, tables
from aggregator.model.source import Source
from aggregator.text.open_addresses import is_open_address
from aggregator.text.urls import absolute_url, canonical_url


def sources(file: File, secrets: Secrets) -> tuple[Source, ...]:
    """A source for each feed, then one for each tag of each server, then one for each account,
    then other timelines, in the order of the file. It has no mistakes."""
    feeds = [
        Source(
            kind="feed",
            url=feed.url,
            title=feed.title,
            interval=feed.interval or file.polling.interval,
            longest_interval=_longest(file, feed),
            topics=tuple(dict.fromkeys(feed.topics)),
            language=feed.language,
            headers=secrets.headers.get(i, ()),
            proxy=secrets.proxies.get(i) or feed.proxy,
            publish=feed.publish,
            articles=feed.articles,
            has_key=i in secrets.keyed or not is_open_address(feed.url),
            parser=file.polling.parser,
        )
        for i, feed in enumerate(file.feeds)
    ]
    return (*feeds, *_on_mastodon(file, secrets))


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


def problems(document: Mapping[str, Any], topics: Mapping[str, bool]) -> Iterator[Problem]:
    """Sources that are there twice, and topics that are not. `topics`: which there are, and whether they are in use."""
    yield from _double_feeds(document)
    yield from hashtags.problems(document)
    yield from timelines.problems(document)
    yield from _topic_problems(document, topics)


# ---------------------------------------------------------------- sources that are there twice


def _double_feeds(document: Mapping[str, Any]) -> Iterator[Problem]:
    first: dict[str, tuple[Place, str]] = {}
    for i, feed in tables(document, "feeds"):
        url = feed.get("url")
        address = absolute_url(url) if isinstance(url, str) else None
        if address is None:
            continue  # said already
        place = ("feeds", i, "url")
        known, written = first.setdefault(canonical_url(address) or address, (place, address))
        if known != place:
            how = "" if written == address else ", written another way"
            yield Problem(place, f"the same feed as in {{line}}{how}", other=known)


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
