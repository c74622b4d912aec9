"""What can be configured, as frozen dataclasses. `aggregator.config` fills them from TOML.

A key is declared here and nowhere else: its type with its bounds, its default, and what it means. What reads and checks
the file, the JSON Schema and the tables of docs/configuration.md are made of it (`make reference`). The first line of
a class is what editors show of its table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from aggregator import __version__
from aggregator.model.keeping import Keeping
from aggregator.model.keys import Length, Size, Whole, key, spread
from aggregator.model.machines.cluster import Cluster
from aggregator.model.outbox import Digest, Notify
from aggregator.model.rules import PostFilter, SavedQuery, TopicRule
from aggregator.model.source import ArticleFetch, Parser, Source
from aggregator.model.timelines import Keep

Semantic = bool | Literal["auto"]
LogFormat = Literal["auto", "pretty", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]
UserAgent = Annotated[str, "user agent"]
Contact = Annotated[str, "contact"]
Share = Annotated[float, "share"]
Sureness = Annotated[float, "sureness"]
# A second is for servers of one's own; the documentation asks for more patience with those of others.
Interval = Annotated[timedelta, Length(timedelta(seconds=1), timedelta(days=30), "15m")]
Spacing = Annotated[timedelta, Length(timedelta(0), timedelta(days=1), "2s")]
Window = Annotated[timedelta, Length(timedelta(minutes=1), timedelta(days=90), "2h")]
TopicName = Annotated[str, "topic"]
Requests = Annotated[int, Whole(1, 256)]
Folder = Annotated[Path, "folder"]
SecretFile = Annotated[Path, "file with a secret"]
# In octal digits, as `chmod` takes it.
FileMode = Annotated[str, "mode of a file"]
VariableName = Annotated[str, "environment variable"]
SiteAddress = Annotated[str, "site address"]
SiteTitle = Annotated[str, "site title"]
SiteText = Annotated[str, "site text"]
SiteLanguage = Annotated[str, "site language"]
TimeZone = Annotated[str, "time zone"]
People = Literal["agreed", "all", "none"]
# The languages that the program brings the site's own words in; others need a catalogue of the user's.
SITE_LANGUAGES = ("en", "de")
ListenAddress = Annotated[str, "listen address"]
ModelServer = Annotated[str, "model server"]
ModelName = Annotated[str, "model name"]
BriefLanguage = Annotated[str, "brief language"]
AnswerTime = Annotated[timedelta, Length(timedelta(seconds=1), timedelta(minutes=30), "2m")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where the database is kept."""

    path: Path = key(Path("data/aggregator.db"), "The SQLite database; made where there is none, with its folders.")
    snapshot: Path | None = key(
        None,
        "A copy of the database for folders that are mounted read-only; none is written if this is left out.",
        "It is consistent, and complete in one file.",
    )
    snapshot_interval: Interval = key(
        timedelta(hours=1), "How often the snapshot is written anew.", "The daemon does that while it runs."
    )
    snapshot_mode: FileMode = key(
        "0644",
        "Who may read the snapshot: its mode, whatever the umask is.",
        'By default everybody who gets to its folder; "0640" is for its group.',
    )
    backup: Folder | None = key(
        None,
        "The folder for backups, best on another disk; none are made if this is left out.",
        "Each is whole and checked, and called by its time.",
    )
    backup_interval: Interval = key(
        timedelta(days=1),
        "How often a backup is made.",
        "The daemon does that while it runs; the newest one there counts, so a restart makes none too early.",
    )
    backup_keep: Annotated[int, Whole(1, 10_000)] = key(
        7, "How many backups are kept.", "Older ones are removed when a new one is whole."
    )
    keeping: Keeping = spread(Keeping())


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainLimit:
    """What one domain gets, its sub-domains included."""

    concurrency: Requests = key(2, "Requests at once to one domain.", own="Requests at once")
    spacing: Spacing = key(
        timedelta(seconds=1),
        "The least time between two polls of one domain.",
        'Between their beginnings; `"0s"` for none.',
        own="The least time between two polls",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """How often sources are asked. `domains`: limits of some instead (domain, or several under one suffix → limit)."""

    interval: Interval = key(
        timedelta(minutes=10),
        "The shortest time between two polls of a source that names none; up to `max_interval` where it is quiet.",
        "A minimum: with `adaptive = false` it is the rhythm. "
        "Seconds are for servers of your own; below five minutes you try the patience of other people's.",
    )
    max_interval: Interval = key(
        timedelta(minutes=30),
        "The longest time between two polls of a source whose rhythm adapts to how often it publishes.",
        "Nothing adapts where it is no longer than `interval`.",
    )
    adaptive: bool = key(
        True,
        "Poll what publishes rarely more rarely, down to every `max_interval`; false: always every `interval`.",
        "What servers and feeds ask for (`Retry-After`, `ttl`, …) puts a poll off all the same.",
    )
    max_backoff: Annotated[timedelta, Length(timedelta(minutes=1), timedelta(days=30), "6h")] = key(
        timedelta(hours=6),
        "The longest wait before a failing source is tried again.",
        "No source is ever given up on.",
    )
    concurrency: Requests = key(16, "Requests at once, over all sources.")
    per_domain: DomainLimit = spread(DomainLimit(), prefix="domain_")
    domains: Mapping[str, DomainLimit] = field(default_factory=dict)
    parse_timeout: Annotated[timedelta, Length(timedelta(seconds=1), timedelta(minutes=10), "20s")] = key(
        timedelta(seconds=20),
        "How much CPU time a document may take to be parsed before it is given up on.",
        "CPU time, so that none is blamed for a busy machine. By the clock it is ten times as much, "
        "between one minute and a quarter of an hour.",
    )
    parser: Parser = key(
        "auto",
        "Who reads feeds of XML.",
        "`auto`: a fast parser those in which nothing is unusual, in a sixth of the time, and feedparser the others. "
        "`feedparser`: it alone. What is read is the same.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How the outside world is spoken to.

    `user_agent` is what is sent: what is read from the file has the contact in it.
    """

    user_agent: UserAgent = key(
        f"aggregator/{__version__} (feed and hashtag reader)",
        "What the program calls itself to servers: its name and version if this is left out.",
        unset="name and version",
    )
    contact: Contact | None = key(
        None,
        "Where operators of servers reach you: an address or a mail address, put into the User-Agent.",
        "They can then write to you before they block you.",
    )
    timeout: Annotated[timedelta, Length(timedelta(seconds=1), timedelta(minutes=10), "30s")] = key(
        timedelta(seconds=30), "The longest time for one request, redirects included."
    )
    max_bytes: Annotated[int, Size(1024, 1024**3, "15MiB")] = key(
        15 * 1024 * 1024, "The largest answer that is read, after decompression.", name="max_size"
    )
    allow_private: tuple[IPv4Network | IPv6Network, ...] = key(
        (),
        "Addresses outside the public internet that may be asked all the same.",
        "By default none is, so that a feed can't reach into your network.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mastodon:
    """How sources on Mastodon servers are read, and which posts are kept."""

    backfill_age: Annotated[timedelta, Length(timedelta(minutes=1), timedelta(days=365), "2d")] = key(
        timedelta(days=2), "The first poll of a timeline leaves posts older than this."
    )
    backfill_posts: Annotated[int, Whole(1, 100_000)] = key(
        400, "The first poll of a timeline takes no more posts than this."
    )
    overlap: Annotated[timedelta, Length(timedelta(seconds=1), timedelta(hours=1), "1m")] = key(
        timedelta(seconds=60),
        "How long a post may take to become visible: each poll begins so much before the newest post.",
    )
    rescan_interval: Window = key(timedelta(hours=1), "How often the latest posts are gone over again.")
    rescan_window: Window = key(timedelta(hours=2), "How far back it goes when the latest posts are gone over again.")
    deep_rescan_interval: Window = key(timedelta(days=1), "How often older posts are gone over again.")
    deep_rescan_window: Window = key(timedelta(days=1), "How far back it goes when older posts are gone over again.")
    recheck_age: Window = key(
        timedelta(days=7),
        "Where a server makes it cheap, posts up to this age are looked after for deletions, once a day.",
        "Cheap it is where a server gives several posts at once (Mastodon 4.3 and newer). "
        "Elsewhere `deep_rescan_window` counts.",
    )
    budget: Annotated[int, Whole(10, 100_000)] = key(
        240,
        "Requests that one server gets in 15 minutes, for all sources there together.",
        "Mastodon refuses more than 300 from one address. Where a server announces less than this, that counts.",
    )
    honour_deletions: bool = key(True, "Empty posts that their authors deleted; false: only mark them.")
    keep: Keep = spread(Keep())


@dataclass(frozen=True, slots=True, kw_only=True)
class Stories:
    """When posts are about one event."""

    window: Annotated[timedelta, Length(timedelta(hours=1), timedelta(days=90), "3d")] = key(
        timedelta(hours=72), "How far a post's time may be from a story that it joins."
    )
    threshold: Sureness = key(
        0.6,
        "How sure the program must be that a post belongs to a story. Higher: smaller stories, fewer mistakes.",
        "Up to 0.1.0 this was another number, a similarity, 0.17 if left out.",
    )
    earlier_within: Annotated[timedelta, Length(timedelta(days=1), timedelta(days=3650), "200d")] = key(
        timedelta(days=200), "How old earlier coverage may be that a story is linked to."
    )
    semantic: Semantic = key(
        "auto",
        "Find one event by what posts mean too, across languages; needs the extra `semantic`. "
        '"auto": if that is installed.',
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Articles:
    """The pages that posts lead to: which of them are read, for briefs, topics and stories."""

    fetch: ArticleFetch = key(
        "never",
        'Which pages are read: "stories": those of stories that two publishers or more carry; "all"; "never".',
        "A source may say otherwise for its own posts.",
    )
    topics: tuple[TopicName, ...] = key((), 'With "stories": also the pages of posts that have one of these topics.')
    delay: Annotated[timedelta, Length(timedelta(0), timedelta(days=1), "5m")] = key(
        timedelta(minutes=5),
        "How long the page that a status points at is left alone at least; up to twice as long, by chance.",
        "Every server that a status reaches asks for its page within the first minute: no time to come as well.",
    )
    per_day: Annotated[int, Whole(1, 100_000)] = key(300, "No more pages than this are asked for in 24 hours.")
    judge: bool = key(
        True,
        "How a page begins counts for the topics, language and story of an article whose feed brings a teaser.",
        "A teaser has fewer than 200 characters; of the page 500 count. The text of the post stays as it is.",
    )
    keep: Annotated[timedelta, Length(timedelta(days=1), timedelta(days=3650), "30d")] = key(
        timedelta(days=30),
        "How long the texts of pages are kept.",
        "Then the text goes, and what is known of the page stays, so that it is not asked for again.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """The site: pages and feeds for readers, as plain files."""

    path: Folder | None = key(
        None,
        "The folder of the site; no site is made if this is left out.",
        "It is made where there is none. Files that the program did not write are left alone.",
    )
    address: SiteAddress | None = key(
        None,
        "Where readers reach it, such as https://news.example/: feeds and the sitemap name it.",
        "Links within the pages are relative, so that the folder can be served anywhere. A `/` at the end is added.",
    )
    title: SiteTitle = key("News", "What the site is called.")
    about: SiteText = key("", "Who makes it and what it is about, for the page that says how it is made.")
    language: SiteLanguage = key(
        "en",
        'The language of its own words: "en", "de", or one with a catalogue of yours.',
        "That is the file `words/CODE.toml` in `templates`. What others write stays in their language.",
    )
    timezone: TimeZone = key("UTC", "Where its days begin and its clocks go, such as Europe/Berlin.")
    page_for: Share = key(
        0.3,
        "The score from which a story with one publisher has a page of its own.",
        "A story that two publishers or people carry has one, and one that an editor pinned.",
    )
    people: People = key(
        "agreed",
        'Whose words and names are shown: "agreed": of those who did not refuse to be found; "all": also of others, '
        'on pages that search engines are asked to leave out; "none": nobody\'s.',
    )
    interval: Interval = key(timedelta(minutes=1), "The least time between two builds while the daemon runs.")
    templates: Folder | None = key(
        None, "A folder with templates and catalogues of your own, each in place of the shipped one of its name."
    )
    stylesheet: Path | None = key(None, "A stylesheet of your own, read after the shipped one.")
    feeds: tuple[SavedQuery, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """The program's own web server: the site, search, health, metrics, changes. Needs the extra `http`.

    `token` is the secret that `token_env` or `token_file` names, put here by what reads the file. It is never shown.
    """

    listen: ListenAddress | None = key(
        None,
        "Where the daemon listens, such as 127.0.0.1:8000; it does not if this is left out.",
        "All addresses of the computer are `0.0.0.0`; an IPv6 address stands in brackets: `[::1]:8000`.",
    )
    token_env: VariableName | None = key(
        None,
        "The environment variable that holds the token, which is asked for all but the site, health and metrics.",
        "Only on a loopback address none need be set.",
    )
    token_file: SecretFile | None = key(None, "The file that holds the token; one of the two.")
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefs:
    """Briefs that a language model writes, each sentence checked against its sources. Without it none is asked.

    `api_key` is the secret that `api_key_env` or `api_key_file` names, put here by what reads the file. It is never
    shown.
    """

    base_url: ModelServer | None = key(
        None,
        "Where a model is asked: what stands before /chat/completions; no model is if this is left out.",
        "Any server that speaks as OpenAI's does: `http://127.0.0.1:11434/v1` is Ollama. That computer may be asked "
        "wherever it is, without `[network] allow_private`.",
    )
    model: ModelName | None = key(None, "What the server calls the model.")
    api_key_env: VariableName | None = key(None, "The environment variable that holds the key, where one is asked for.")
    api_key_file: SecretFile | None = key(None, "The file that holds the key; one of the two.")
    language: BriefLanguage | None = key(None, "The language that it writes in; that of `[publish]` if left out.")
    min_publishers: Annotated[int, Whole(1, 100)] = key(
        2, "A story has a brief of the model when so many publishers carry it."
    )
    topics: tuple[TopicName, ...] = key((), "Only stories with one of these topics; all if this is left out.")
    per_hour: Annotated[int, Whole(1, 10_000)] = key(20, "Requests an hour, at most.")
    per_day: Annotated[int, Whole(1, 100_000)] = key(200, "Requests in 24 hours, at most.")
    tokens_per_day: Annotated[int, Whole(1000, 1_000_000_000)] = key(
        500_000,
        "Tokens in 24 hours, at most: of what is sent and what is answered together.",
        "As the server counts them; where it does not, three characters are taken for one.",
    )
    timeout: AnswerTime = key(timedelta(minutes=2), "The longest time for one answer.")
    question: bool = key(
        False,
        "Ask the model a second time, whether each sentence follows from its sources; what it says no to is dropped.",
        "That is one request more for each brief. It keeps nothing that a check has refused.",
    )
    api_key: str | None = field(default=None, repr=False)

    @property
    def is_asked(self) -> bool:
        """Is a model to be asked?"""
        return self.base_url is not None and self.model is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logging:
    """What is written to the log."""

    level: LogLevel = key("info", "The least important messages that are written.")
    format: LogFormat = key("auto", '"pretty" for people, "json" for machines, "auto": pretty on a terminal.')


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration. `file` is where it was read from; `rules` are the default taxonomy with the user's.

    `apply_topics_to_stored`: stored posts get topics by rules that changed, too. `warnings`: what works and should not
    stay so, in lines for people.
    """

    file: Path | None = None
    storage: Storage = field(default_factory=Storage)
    polling: Polling = field(default_factory=Polling)
    network: Network = field(default_factory=Network)
    mastodon: Mastodon = field(default_factory=Mastodon)
    stories: Stories = field(default_factory=Stories)
    articles: Articles = field(default_factory=Articles)
    publish: Publish = field(default_factory=Publish)
    briefs: Briefs = field(default_factory=Briefs)
    http: Http = field(default_factory=Http)
    cluster: Cluster = field(default_factory=Cluster)
    log: Logging = field(default_factory=Logging)
    sources: tuple[Source, ...] = ()
    rules: tuple[TopicRule, ...] = ()
    apply_topics_to_stored: bool = False
    filters: tuple[PostFilter, ...] = ()
    notify: tuple[Notify, ...] = ()
    digests: tuple[Digest, ...] = ()
    warnings: tuple[str, ...] = ()
