"""The first configuration file of one's own: from a few answers to a commented TOML file that is right.

An answer is read here and judged by what judges the file: the answers so far are written as a file, and what is wrong
with that is wrong with the last of them. So nothing is asked of any server, and the words are those of `config check`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from aggregator.config.files.toml import toml
from aggregator.config.kinds import MOST_OF_SITE_TITLE
from aggregator.config.load import read
from aggregator.config.problems import without_secrets
from aggregator.config.table import MOST_OF_SLUG
from aggregator.config.units import written_length
from aggregator.model.errors import ConfigError
from aggregator.model.settings import Polling
from aggregator.text.story_slugs import slug_words
from aggregator.text.url_policy import own_addresses


@dataclass(frozen=True, slots=True)
class OwnTopic:
    """A topic of one's own: its key, its name for people, and the words that tell it."""

    name: str
    label: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beat:
    """What somebody wants to follow. `hashtags` are pairs of a server and a tag."""

    topics: tuple[OwnTopic, ...] = ()
    feeds: tuple[str, ...] = ()
    hashtags: tuple[tuple[str, str], ...] = ()
    title: str | None = None
    database: str = "data/aggregator.db"

    def with_title(self, answer: str) -> Beat:
        """With this as what the site is called.

        Raises:
            ValueError: there is something wrong with it; in words for people.
        """
        return _judged(self, replace(self, title=answer.strip()))

    def with_topic(self, answer: str) -> Beat:
        """With what `Ferries: ferry, ferries, Fähre*` says; without words behind a colon the name is the word.

        Raises:
            ValueError: there is something wrong with it; in words for people.
        """
        label, colon, words = (part.strip() for part in answer.partition(":"))
        terms = tuple(dict.fromkeys(term for each in (words if colon else label).split(",") if (term := _bare(each))))
        if not colon and terms:
            label = terms[0]
        if not label or not terms:
            raise ValueError("expected a name and words, such as: Ferries: ferry, ferries, Fähre*")
        name = "-".join(slug_words(label))[:MOST_OF_SLUG].rstrip("-") or f"topic-{len(self.topics) + 1}"
        if any(topic.name == name for topic in self.topics):
            raise ValueError(f"there is a topic “{name}” already")
        return _judged(self, replace(self, topics=(*self.topics, OwnTopic(name, label, terms))))

    def with_feed(self, answer: str) -> Beat:
        """With the feed at this address, or at this one behind https://.

        Raises:
            ValueError: as above.
        """
        address = answer.strip()
        if not address:
            raise ValueError("expected the address of a feed, such as: https://example.org/feed.xml")
        if "://" not in address and re.search(r"[.:]", address):
            address = f"{_scheme(address)}://{address}"
        if address in self.feeds:
            raise ValueError(f"{without_secrets(address)} is there already")
        return _judged(self, replace(self, feeds=(*self.feeds, address)))

    def with_hashtags(self, answer: str) -> Beat:
        """With the hashtags that stand there: `ferry@mastodon.example`, the address of the tag's page, or several tags
        and one server.

        Raises:
            ValueError: as above.
        """
        return _judged(self, replace(self, hashtags=(*self.hashtags, *_hashtags(answer))))


def _judged(before: Beat, beat: Beat) -> Beat:
    known = set(mistakes(before))
    if found := [each for each in mistakes(beat) if each not in known]:
        raise ValueError("; ".join(found))
    return beat


def mistakes(beat: Beat) -> list[str]:
    """What `config check` would say of its file, without the lines, which nobody has seen yet."""
    try:
        read(Path("aggregator.toml"), written(beat), {})
    except ConfigError as error:
        return [re.sub(r"in line \d+", "above", re.sub(r"^[^:]*:\d+(:\d+)?: ", "", each)) for each in error.problems]
    return []


# ---------------------------------------------------------------- reading answers

_TAG_PAGE = re.compile(r"(?P<server>(?:https?://)?[^/\s]+)/tags?/(?P<tag>[^/?#]+)/?$")


def _bare(term: str) -> str:
    return term.strip().strip("\"'“”„").strip()


def _hashtags(answer: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    tags: list[str] = []
    server = None
    for word in re.split(r"[\s,]+", answer.strip()):
        tag, at, host = word.partition("@")
        if page := _TAG_PAGE.match(word):
            found.append((_server(page["server"]), unquote(page["tag"])))
        elif at and host and tag.strip("#"):
            found.append((_server(host), tag))
        elif "." in word or "://" in word:
            server = _server(host if at else word)
        elif word.strip("#@"):
            tags.append(word)
    if tags and server is None and len({each for each, _ in found}) == 1:
        server = found[0][0]
    if (tags and server is None) or not (tags or found):
        raise ValueError("expected a hashtag and its server, such as: ferry@mastodon.social")
    return [(each, tag.lstrip("#")) for each, tag in [*found, *((server or "", tag) for tag in tags)]]


def _server(host: str) -> str:
    return (host if "://" in host else f"{_scheme(host)}://{host}").rstrip("/")


def _scheme(address: str) -> str:
    """What is meant by an address without one: computers of one's own seldom have a certificate."""
    return "http" if own_addresses(f"//{address}") else "https"


# ---------------------------------------------------------------- writing the file

_HEAD = """\
# What aggregator follows here. `aggregator init` began this file; it is yours now. `aggregator config check` names the
# mistakes in it, a running daemon takes up a change by itself, and docs/configuration.md has every key.

[storage]
path = {path}{own}# relative to the folder that commands run in

[publish]
path = "data/site"               # pages and feeds for readers: `aggregator serve` shows them
title = {title}

# [polling]                      # how often a source is asked adapts to how often it publishes:
# interval = "{interval}"               # at most so often,
# max_interval = "{longest}"           # and at least so often

# [articles]
# fetch = "stories"              # also read the pages that stories of several publishers lead to
"""

_TOPICS = """
# ---- What it is about. A post has a topic when it has one of its words: `ferry` is that word,
# `Fähr*` all that begin so, `*fähre` all that end so, `tunnel~` also its endings.
# `aggregator topics test "A ferry lies idle"` tries them.

[taxonomy]
default = false                  # these topics alone; `true`: also those that come with the program, about AI
"""

_FILTER = """
# Posts about none of them are stored too, and can be found by a search. To have them left out:
# [[filters]]
# action = "keep"
# topics = {topics}
"""

_FEEDS = """
# ---- Feeds. `aggregator add https://example.org` finds those of a site and writes them here.
"""

_HASHTAGS = """
# ---- Hashtags of Mastodon. A server knows the posts that reached it: ask a large one, or one of your region.
"""


def written(beat: Beat) -> str:
    """The file, with a comment wherever a beginner would ask."""
    polling = Polling()
    path = toml(beat.database)
    text = _HEAD.format(
        path=path,
        own=" " * max(26 - len(path), 2),
        title=toml(beat.title or _title(beat.topics)),
        interval=written_length(polling.interval),
        longest=written_length(polling.max_interval),
    )
    if own := _own_network(beat):
        text += "\n[network]\n" + _line("allow_private", own, "you named sources inside your own network")
    if beat.topics:
        text += _TOPICS
    for topic in beat.topics:
        text += f"\n[topics.{topic.name}]\nlabel = {toml(topic.label)}\nany = {toml(topic.terms)}\n"
    if beat.topics:
        text += _FILTER.format(topics=toml([topic.name for topic in beat.topics]))
    if beat.feeds:
        text += _FEEDS + "".join(f"\n[[feeds]]\nurl = {toml(url)}\n" for url in beat.feeds)
    if beat.hashtags:
        text += _HASHTAGS
    for server in dict.fromkeys(server for server, _ in beat.hashtags):
        tags = [tag for each, tag in beat.hashtags if each == server]
        text += f"\n[[hashtags]]\nserver = {toml(server)}\ntags = {toml(tags)}\n"
    return text


def _title(topics: Sequence[OwnTopic]) -> str:
    """The first three topics, or as many of them as a title has room for: it has room for any one."""
    labels = [topic.label for topic in topics[:3]] or ["News"]
    titles = (", ".join(labels[:number]) for number in range(len(labels), 0, -1))
    return next((title for title in titles if len(title) <= MOST_OF_SITE_TITLE), labels[0])


def _line(key: str, value: object, comment: str) -> str:
    return f"{f'{key} = {toml(value)}':<32} # {comment}\n"


def _own_network(beat: Beat) -> list[str]:
    """The addresses outside the public internet that somebody named: naming them is allowing them."""
    urls = (*beat.feeds, *(server for server, _ in beat.hashtags))
    return list(dict.fromkeys(address for url in urls for address in own_addresses(url)))
