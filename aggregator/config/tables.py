"""What may stand in the file: its tables and keys, what each means, and its default.

The defaults are those of `aggregator.model.settings`; keys are named as there, so that a table becomes a settings
object.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from aggregator.config import kinds as values
from aggregator.config.addresses import ADDRESS, CONTACT, DOMAIN, SERVER, TAG
from aggregator.config.kinds import (
    FILE,
    FLAG,
    FLAG_OR_AUTO,
    LOG_FORMAT,
    LOG_LEVEL,
    NETWORK,
    SHARE,
    WEIGHT,
    EitherWay,
    Of,
)
from aggregator.config.source_access import HEADER, PROXY, USER, HeaderValue, SecretFile, Variable
from aggregator.config.table import Flag, Language, OwnInterval, Slug, Table, key
from aggregator.config.table import Flag as _Flag
from aggregator.config.table import Interval as _Interval
from aggregator.config.table import Language as _Language
from aggregator.config.table import LanguageCode as _LanguageCode
from aggregator.config.table import OwnInterval as _OwnInterval
from aggregator.config.table import Slug as _Slug
from aggregator.config.units import duration, size
from aggregator.model import settings
from aggregator.model.rules import DEFAULT_THRESHOLD, PLACES, Term

TOPIC_KINDS = ("topic", "company", "lab", "model", "product", "regulator", "person", "place", "organisation")
FILTER_ACTIONS = ("drop", "keep")
POST_KINDS = ("article", "status")

_STORAGE = settings.Storage()
_POLLING = settings.Polling()
_NETWORK = settings.Network()
_STORIES = settings.Stories()
_LOG = settings.Logging()


# ---------------------------------------------------------------- kinds with their bounds


_SPACING = duration(timedelta(0), timedelta(days=1), "2s")

_Spacing = Annotated[timedelta, Of(_SPACING)]
_AtOnce = Annotated[int, Of(values.whole(1, 256))]
_File = Annotated[Path, Of(FILE)]
_OptionalFile = Annotated[Path | None, Of(FILE)]
_Network = Annotated[IPv4Network | IPv6Network, Of(NETWORK)]
_Share = Annotated[float, Of(SHARE)]
_Title = Annotated[str | None, Of(values.text("a title of at most 200 characters", most=200))]
_TERM = values.text('a term in quotes, or { term = "…", weight = 0.5 }', most=200)
_PLAIN_TERM = values.text("a term in quotes", most=200)
_PlainTerm = Annotated[str, Of(_PLAIN_TERM)]


# ---------------------------------------------------------------- the tables


class Storage(Table):
    """Where the database is kept."""

    path: _File = key("The SQLite database; made where there is none, with its folders.", _STORAGE.path)
    snapshot: _OptionalFile = key(
        "A copy of the database for folders that are mounted read-only; none is written if this is left out.",
        _STORAGE.snapshot,
    )
    snapshot_interval: _Interval = key("How often that copy is written anew.", _STORAGE.snapshot_interval)


class Polling(Table):
    """How often sources are asked."""

    interval: _Interval = key("How often a source is polled that names no interval of its own.", _POLLING.interval)
    max_interval: _Interval = key(
        "How often a source is polled that publishes rarely and names no interval of its own.", _POLLING.max_interval
    )
    max_backoff: Annotated[timedelta, Of(duration(timedelta(minutes=1), timedelta(days=30), "6h"))] = key(
        "The longest wait before a failing source is tried again.", _POLLING.max_backoff
    )
    concurrency: Annotated[int, Of(values.whole(1, 256))] = key(
        "Requests at once, over all sources.", _POLLING.concurrency
    )
    domain_concurrency: _AtOnce = key("Requests at once to one domain.", _POLLING.per_domain.concurrency)
    domain_spacing: _Spacing = key("The least time between two polls of one domain.", _POLLING.per_domain.spacing)
    parse_timeout: Annotated[timedelta, Of(duration(timedelta(seconds=1), timedelta(minutes=10), "20s"))] = key(
        "How long a document may take to be parsed before it is given up on.", _POLLING.parse_timeout
    )


class Domain(Table):
    """What one domain gets, its sub-domains included."""

    concurrency: Annotated[int | None, Of(values.whole(1, 256))] = key(
        "Requests at once; `[polling] domain_concurrency` if this is left out.", None
    )
    spacing: Annotated[timedelta | None, Of(_SPACING)] = key(
        "The least time between two polls; `[polling] domain_spacing` if this is left out.", None
    )


class Network(Table):
    """How the outside world is spoken to."""

    user_agent: Annotated[
        str | None, Of(values.text("a User-Agent of ASCII characters", most=256, pattern="[ -~]+"))
    ] = key("What the program calls itself to servers: its name and version if this is left out.", None)
    contact: Annotated[str | None, Of(CONTACT)] = key(
        "Where operators of servers reach you: an address or a mail address, put into the User-Agent.", None
    )
    timeout: Annotated[timedelta, Of(duration(timedelta(seconds=1), timedelta(minutes=10), "30s"))] = key(
        "The longest time for one request, redirects included.", _NETWORK.timeout
    )
    max_size: Annotated[int, Of(size(1024, 1024**3, "15MiB"))] = key(
        "The largest answer that is read, after decompression.", _NETWORK.max_bytes
    )
    allow_private: list[_Network] = key(
        "Addresses outside the public internet that may be asked all the same.", list(_NETWORK.allow_private)
    )


class Stories(Table):
    """When posts are about one event."""

    window: Annotated[timedelta, Of(duration(timedelta(hours=1), timedelta(days=90), "3d"))] = key(
        "How far a post's time may be from a story that it joins.", _STORIES.window
    )
    threshold: _Share = key(
        "How near a post's words must be to a story's. Higher: smaller stories, fewer mistakes.", _STORIES.threshold
    )
    semantic: Annotated[bool | str, Of(FLAG_OR_AUTO)] = key(
        "Find one event by what posts mean too, across languages; needs the extra `semantic`. "
        '"auto": if that is installed.',
        _STORIES.semantic,
    )


class Log(Table):
    """What is written to the log."""

    level: Annotated[str, Of(LOG_LEVEL)] = key("The least important messages that are written.", _LOG.level)
    format: Annotated[str, Of(LOG_FORMAT)] = key(
        '"pretty" for people, "json" for machines, "auto": pretty on a terminal.', _LOG.format
    )


class Feed(Table):
    """A feed: RSS, Atom, RDF or JSON Feed."""

    url: Annotated[str, Of(ADDRESS)] = key("The feed's address.")
    title: _Title = key("What to call the source; the feed's own title if this is left out.", None)
    interval: _OwnInterval = key("How often to poll it; `[polling] interval` if this is left out.", None)
    topics: list[_Slug] = key("Topics that its posts are usually about: tips the scales, decides nothing.", [])
    language: _Language = key("The language of its posts, for those too short to tell.", None)
    headers: dict[Annotated[str, Of(HEADER)], HeaderValue] = key(
        "Headers to send with each request; a secret value is { env = … } or { file = … }.", {}
    )
    cookie_env: Variable = key("The environment variable that holds the Cookie header.", None)
    cookie_file: SecretFile = key("The file that holds the Cookie header.", None)
    user: Annotated[str | None, Of(USER)] = key("The user's name, where the server asks for a password.", None)
    password_env: Variable = key("The environment variable that holds the password.", None)
    password_file: SecretFile = key("The file that holds the password.", None)
    proxy: Annotated[str | None, Of(PROXY)] = key("The HTTP proxy to ask through.", None)
    proxy_env: Variable = key(
        "The environment variable that holds the proxy's address, where that has a password in it.", None
    )


class WeightedTerm(Table):
    """A term, and how much finding it tells."""

    term: Annotated[str, Of(_TERM)] = key("The word or phrase to look for.")
    weight: Annotated[float, Of(WEIGHT)] = key(
        "How much finding it tells, up to 1; below 0 it tells against the topic.", 1.0
    )
    where: list[Annotated[str, Of(values.one_of(PLACES))]] = key(
        "Where it counts; everywhere in the post if this is left out.", [], alias="in"
    )


def _as_table(value: object) -> object:
    if isinstance(value, dict):
        return value
    return {"term": _TERM(value)}


_Term = Annotated[WeightedTerm, BeforeValidator(_as_table), EitherWay(_TERM)]


class Topic(Table):
    """A topic: when a post has it. On the name of a default topic, the lists are added to the default ones."""

    label: Annotated[str | None, Of(values.text("a name for people of at most 80 characters", most=80))] = key(
        "The topic's name for people; made from its short name if this is left out.", None
    )
    kind: Annotated[str | None, Of(values.one_of(TOPIC_KINDS))] = key(
        'What the topic names: "topic" if this is left out.', None
    )
    any: list[_Term] = key("Each of these terms, found in a post, is evidence.", [])
    all: list[_PlainTerm] = key("Every one of these terms must occur, else the topic is not given.", [])
    not_: list[_PlainTerm] = key("Any one of these terms stops the topic.", [], alias="not")
    threshold: Annotated[float | None, Of(SHARE)] = key(
        f"The score from which the topic is given: {DEFAULT_THRESHOLD} if this is left out.", None
    )
    replace: _Flag = key("Forget the default topic of this name and start from nothing.", False)
    drop: list[_PlainTerm] = key("Terms to take out of the default topic of this name.", [])
    enabled: _Flag = key("false: the topic is not used.", True)

    def evidence(self) -> tuple[Term, ...]:
        """The terms of `any`."""
        return tuple(Term(each.term, each.weight, tuple(dict.fromkeys(each.where))) for each in self.any)


class Taxonomy(Table):
    """The topics that are shipped with the program."""

    default: _Flag = key("false: leave them out and use only the topics of this file.", True)


_Part = Annotated[str, Of(values.text("a part of a title or address in quotes", most=500))]
_Author = Annotated[str, Of(values.text('the name of an author, such as "Ann" or "*@social.example"', most=200))]


class Filter(Table):
    """Which new posts are stored. Of the values of one condition one is enough; all conditions named must be met."""

    name: Annotated[str | None, Of(values.text("a name of at most 80 characters", most=80))] = key(
        "What to call it where posts it kept out are shown; its number if this is left out.", None
    )
    action: Annotated[str, Of(values.one_of(FILTER_ACTIONS))] = key(
        '"drop": posts that meet the conditions are not stored. "keep": those that do not meet them are not.'
    )
    sources: list[_Part] = key("Only posts of sources with this in their title or address; all if left out.", [])
    topics: list[_Slug] = key("Has one of these topics.", [])
    terms: list[_PlainTerm] = key("Has one of these terms, anywhere.", [])
    languages: list[_LanguageCode] = key("Is in one of these languages.", [])
    authors: list[_Author] = key("Is by one of these authors; `*` stands for any characters.", [])
    kinds: list[Annotated[str, Of(values.one_of(POST_KINDS))]] = key("Is an article or a status.", [])


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


class File(Table):
    """The configuration of aggregator."""

    storage: Storage = Storage()
    polling: Polling = Polling()
    domains: dict[Annotated[str, Of(DOMAIN)], Domain] = key("Other limits for some domains.", {})
    network: Network = Network()
    mastodon: Mastodon = Mastodon()
    stories: Stories = Stories()
    log: Log = Log()
    feeds: list[Feed] = key("The feeds, a block each.", [])
    hashtags: list[Hashtags] = key("Hashtags, a block for each Mastodon server.", [])
    taxonomy: Taxonomy = Taxonomy()
    topics: dict[_Slug, Topic] = key("Topics of your own, and changes to the shipped ones.", {})
    filters: list[Filter] = key("Which new posts are not stored, a block each.", [])
