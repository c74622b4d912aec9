"""What may stand in the file: its tables and keys, what each means, and its default.

The defaults are those of `aggregator.settings`; keys are named as there, so that a table becomes a settings object.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from aggregator import settings
from aggregator.config import values
from aggregator.config.addresses import ADDRESS, CONTACT, SERVER, TAG
from aggregator.config.quantities import duration, size
from aggregator.config.typed import EitherWay, Of
from aggregator.config.values import FILE, FLAG, LOG_FORMAT, LOG_LEVEL, NETWORK, SHARE, WEIGHT, Kind
from aggregator.rules import DEFAULT_THRESHOLD, PLACES, Term

TOPIC_KINDS = ("topic", "company", "lab", "model", "product", "regulator", "person", "place", "organisation")
FILTER_ACTIONS = ("drop", "keep")
POST_KINDS = ("article", "status")

_STORAGE = settings.Storage()
_POLLING = settings.Polling()
_NETWORK = settings.Network()
_MASTODON = settings.Mastodon()
_STORIES = settings.Stories()
_LOG = settings.Logging()


def _key(description: str, default: object = ..., *, alias: str | None = None, least: int | None = None) -> Any:
    return Field(default, description=description, alias=alias, min_length=least)


# ---------------------------------------------------------------- kinds with their bounds

# A second is for servers of one's own; the documentation asks for more patience with those of others.
_INTERVAL = duration(timedelta(seconds=1), timedelta(days=30), "15m")
_SLUG_PATTERN = "[a-z0-9]+(?:-[a-z0-9]+)*"

_Interval = Annotated[timedelta, Of(_INTERVAL)]
_OwnInterval = Annotated[timedelta | None, Of(_INTERVAL)]
_File = Annotated[Path, Of(FILE)]
_OptionalFile = Annotated[Path | None, Of(FILE)]
_Network = Annotated[IPv4Network | IPv6Network, Of(NETWORK)]
_Share = Annotated[float, Of(SHARE)]
_Flag = Annotated[bool, Of(FLAG)]
_Title = Annotated[str | None, Of(values.text("a title of at most 200 characters", most=200))]
_LANGUAGE = values.text(
    'a language code such as "en", "de" or "pt-BR"',
    most=35,
    pattern="[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*",
    mended=lambda text: text.replace("_", "-"),
)
_Language = Annotated[str | None, Of(_LANGUAGE)]
_LanguageCode = Annotated[str, Of(_LANGUAGE)]
_Slug = Annotated[
    str,
    Of(
        values.text(
            'the short name of a topic, such as "open-source"',
            most=64,
            pattern=_SLUG_PATTERN,
            mended=lambda text: "-".join(text.lower().replace("_", "-").split()),
        )
    ),
]
_Variable = Annotated[
    str | None,
    Of(
        values.text(
            "the name of an environment variable (not the token itself)",
            most=128,
            pattern="[A-Za-z_][A-Za-z0-9_]*",
            is_secret=True,
        )
    ),
]
_TERM = values.text('a term in quotes, or { term = "…", weight = 0.5 }', most=200)
_PLAIN_TERM = values.text("a term in quotes", most=200)
_PlainTerm = Annotated[str, Of(_PLAIN_TERM)]


# ---------------------------------------------------------------- the tables


class Table(BaseModel):
    """A table of the file. Unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Storage(Table):
    """Where the database is kept."""

    path: _File = _key("The SQLite database; made where there is none, with its folders.", _STORAGE.path)
    snapshot: _OptionalFile = _key(
        "A copy of the database for folders that are mounted read-only; none is written if this is left out.",
        _STORAGE.snapshot,
    )
    snapshot_interval: _Interval = _key("How often that copy is written anew.", _STORAGE.snapshot_interval)


class Polling(Table):
    """How often sources are asked."""

    interval: _Interval = _key("How often a source is polled that names no interval of its own.", _POLLING.interval)
    max_backoff: Annotated[timedelta, Of(duration(timedelta(minutes=1), timedelta(days=30), "6h"))] = _key(
        "The longest wait before a failing source is tried again.", _POLLING.max_backoff
    )
    concurrency: Annotated[int, Of(values.whole(1, 256))] = _key(
        "Requests at once, over all sources.", _POLLING.concurrency
    )


class Network(Table):
    """How the outside world is spoken to."""

    user_agent: Annotated[
        str | None, Of(values.text("a User-Agent of ASCII characters", most=256, pattern="[ -~]+"))
    ] = _key("What the program calls itself to servers: its name and version if this is left out.", None)
    contact: Annotated[str | None, Of(CONTACT)] = _key(
        "Where operators of servers reach you: an address or a mail address, put into the User-Agent.", None
    )
    timeout: Annotated[timedelta, Of(duration(timedelta(seconds=1), timedelta(minutes=10), "30s"))] = _key(
        "The longest time for one request, redirects included.", _NETWORK.timeout
    )
    max_size: Annotated[int, Of(size(1024, 1024**3, "15MiB"))] = _key(
        "The largest answer that is read, after decompression.", _NETWORK.max_bytes
    )
    allow_private: list[_Network] = _key(
        "Addresses outside the public internet that may be asked all the same.", list(_NETWORK.allow_private)
    )


class Mastodon(Table):
    """How far back the first poll of a hashtag goes."""

    backfill_age: Annotated[timedelta, Of(duration(timedelta(minutes=1), timedelta(days=365), "2d"))] = _key(
        "Posts older than this are left.", _MASTODON.backfill_age
    )
    backfill_posts: Annotated[int, Of(values.whole(1, 100_000))] = _key(
        "No more posts than this are taken.", _MASTODON.backfill_posts
    )


class Stories(Table):
    """When posts are about one event."""

    window: Annotated[timedelta, Of(duration(timedelta(hours=1), timedelta(days=90), "3d"))] = _key(
        "How far a post's time may be from a story that it joins.", _STORIES.window
    )
    threshold: _Share = _key(
        "How near a post's words must be to a story's. Higher: smaller stories, fewer mistakes.", _STORIES.threshold
    )


class Log(Table):
    """What is written to the log."""

    level: Annotated[str, Of(LOG_LEVEL)] = _key("The least important messages that are written.", _LOG.level)
    format: Annotated[str, Of(LOG_FORMAT)] = _key(
        '"pretty" for people, "json" for machines, "auto": pretty on a terminal.', _LOG.format
    )


class Feed(Table):
    """A feed: RSS, Atom, RDF or JSON Feed."""

    url: Annotated[str, Of(ADDRESS)] = _key("The feed's address.")
    title: _Title = _key("What to call the source; the feed's own title if this is left out.", None)
    interval: _OwnInterval = _key("How often to poll it; `[polling] interval` if this is left out.", None)
    topics: list[_Slug] = _key("Topics that its posts are usually about: tips the scales, decides nothing.", [])
    language: _Language = _key("The language of its posts, for those too short to tell.", None)


class Hashtags(Table):
    """Hashtags on one Mastodon server."""

    server: Annotated[str, Of(SERVER)] = _key("The server's address.")
    tags: list[Annotated[str, Of(TAG)]] = _key("The hashtags to follow, with or without the #.", least=1)
    interval: _OwnInterval = _key("How often to poll each; `[polling] interval` if this is left out.", None)
    topics: list[_Slug] = _key("Topics that its posts are usually about: tips the scales, decides nothing.", [])
    language: _Language = _key("The language of its posts, for those too short to tell.", None)
    token_env: _Variable = _key("The environment variable that holds the access token, if the server wants one.", None)
    token_file: Annotated[Path | None, Of(Kind("the path of a file", FILE.read, FILE.schema, is_secret=True))] = _key(
        "The file that holds the access token, if the server wants one.", None
    )


class WeightedTerm(Table):
    """A term, and how much finding it tells."""

    term: Annotated[str, Of(_TERM)] = _key("The word or phrase to look for.")
    weight: Annotated[float, Of(WEIGHT)] = _key(
        "How much finding it tells, up to 1; below 0 it tells against the topic.", 1.0
    )
    where: list[Annotated[str, Of(values.one_of(PLACES))]] = _key(
        "Where it counts; everywhere if this is left out.", [], alias="in"
    )


def _as_table(value: object) -> object:
    if isinstance(value, dict):
        return value
    return {"term": _TERM(value)}


_Term = Annotated[WeightedTerm, BeforeValidator(_as_table), EitherWay(_TERM)]


class Topic(Table):
    """A topic: when a post has it. On the name of a default topic, the lists are added to the default ones."""

    label: Annotated[str | None, Of(values.text("a name for people of at most 80 characters", most=80))] = _key(
        "The topic's name for people; made from its short name if this is left out.", None
    )
    kind: Annotated[str | None, Of(values.one_of(TOPIC_KINDS))] = _key(
        'What the topic names: "topic" if this is left out.', None
    )
    any: list[_Term] = _key("Each of these terms, found in a post, is evidence.", [])
    all: list[_PlainTerm] = _key("Every one of these terms must occur, else the topic is not given.", [])
    not_: list[_PlainTerm] = _key("Any one of these terms stops the topic.", [], alias="not")
    threshold: Annotated[float | None, Of(SHARE)] = _key(
        f"The score from which the topic is given: {DEFAULT_THRESHOLD} if this is left out.", None
    )
    replace: _Flag = _key("Forget the default topic of this name and start from nothing.", False)
    drop: list[_PlainTerm] = _key("Terms to take out of the default topic of this name.", [])
    enabled: _Flag = _key("false: the topic is not used.", True)

    def evidence(self) -> tuple[Term, ...]:
        """The terms of `any`."""
        return tuple(Term(each.term, each.weight, tuple(dict.fromkeys(each.where))) for each in self.any)


class Taxonomy(Table):
    """The topics that are shipped with the program."""

    default: _Flag = _key("false: leave them out and use only the topics of this file.", True)


_Part = Annotated[str, Of(values.text("a part of a title or address in quotes", most=500))]
_Author = Annotated[str, Of(values.text('the name of an author, such as "Ann" or "*@social.example"', most=200))]


class Filter(Table):
    """Which new posts are stored. Of the values of one condition one is enough; all conditions named must be met."""

    name: Annotated[str | None, Of(values.text("a name of at most 80 characters", most=80))] = _key(
        "What to call it where posts it kept out are shown; its number if this is left out.", None
    )
    action: Annotated[str, Of(values.one_of(FILTER_ACTIONS))] = _key(
        '"drop": posts that meet the conditions are not stored. "keep": those that do not meet them are not.'
    )
    sources: list[_Part] = _key("Only posts of sources with this in their title or address; all if left out.", [])
    topics: list[_Slug] = _key("Has one of these topics.", [])
    terms: list[_PlainTerm] = _key("Has one of these terms, anywhere.", [])
    languages: list[_LanguageCode] = _key("Is in one of these languages.", [])
    authors: list[_Author] = _key("Is by one of these authors; `*` stands for any characters.", [])
    kinds: list[Annotated[str, Of(values.one_of(POST_KINDS))]] = _key("Is an article or a status.", [])


class File(Table):
    """The configuration of aggregator."""

    storage: Storage = Storage()
    polling: Polling = Polling()
    network: Network = Network()
    mastodon: Mastodon = Mastodon()
    stories: Stories = Stories()
    log: Log = Log()
    feeds: list[Feed] = _key("The feeds, a block each.", [])
    hashtags: list[Hashtags] = _key("Hashtags, a block for each Mastodon server.", [])
    taxonomy: Taxonomy = Taxonomy()
    topics: dict[_Slug, Topic] = _key("Topics of your own, and changes to the shipped ones.", {})
    filters: list[Filter] = _key("Which new posts are not stored, a block each.", [])
