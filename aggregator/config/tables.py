"""What may stand in the file: its tables and keys, what each means, and its default.

`[storage]`, `[polling]` and the other plain tables are the classes of `aggregator.model.settings`, where their keys are
declared. Here are the tables that stand in the file more than once.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field

from aggregator.config import kinds as values
from aggregator.config.addresses import ACCOUNT, ADDRESS, DOMAIN, SERVER, TAG
from aggregator.config.kinds import SHARE, WEIGHT, EitherWay, Of
from aggregator.config.source_access import HEADER, PROXY, USER, HeaderValue, SecretFile, Variable
from aggregator.config.table import (
    AsTable,
    Block,
    Declared,
    Flag,
    Language,
    LanguageCode,
    OneTopic,
    Slug,
    Table,
    key,
    kind_of,
    slug_kind,
    with_own_keys,
)
from aggregator.config.telling.digest import DigestTable
from aggregator.config.telling.notify import NotifyTable
from aggregator.model import settings
from aggregator.model.machines.cluster import Cluster
from aggregator.model.rules import DEFAULT_THRESHOLD, PLACES, SavedQuery, Term
from aggregator.model.source import ArticleFetch
from aggregator.model.timelines import Keep

TOPIC_KINDS = ("topic", "company", "lab", "model", "product", "regulator", "person", "place", "organisation")
# The default topics are sorted into these (`packs` in aggregator/topics/default).
PACKS = ("ai", "business", "world")
APPLY = ("new", "stored")
FILTER_ACTIONS = ("drop", "keep")
# As many as Mastodon lists at once (documentation: methods/trends).
MOST_TRENDING_TAGS = 20
POST_KINDS = ("article", "status")

_Articles = Annotated[ArticleFetch | None, Of(values.ARTICLE_FETCH)]
_OwnInterval = Annotated[timedelta | None, Of(kind_of(settings.Interval))]
_Folder = Annotated[str | None, Of(values.SOURCE_FOLDER)]
_FOLDER = "The folder that it is sorted into, as in a feed reader; folders within folders with `/`."
_Adaptive = Annotated[bool | None, Of(values.FLAG)]
_ADAPTS = (
    "true: the interval is a minimum, and grows up to `[polling] max_interval` where little is published; false: it is "
    "kept. Where this is left out: false beside an `interval` here, else as in `[polling]`."
)
_Title = Annotated[str | None, Of(values.text("a title of at most 200 characters", most=200))]
_TERM = values.text('a term in quotes, or { term = "…", weight = 0.5 }', most=200)
_PLAIN_TERM = values.text("a term in quotes", most=200)
_PlainTerm = Annotated[str, Of(_PLAIN_TERM)]

_Table = TypeVar("_Table", bound=Table)


# ---------------------------------------------------------------- the tables


class Feed(Table):
    """A feed: RSS, Atom, RDF, CDF or JSON Feed."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": [name]} for name in ("url", "url_env", "url_file")]}
    )

    url: Annotated[str | None, Of(ADDRESS)] = key("The feed's address.", None)
    url_env: Variable = key("The environment variable that holds the address, where there is a key in it.", None)
    url_file: SecretFile = key("The file that holds the address, where there is a key in it.", None)
    title: _Title = key("What to call the source; the feed's own title if this is left out.", None)
    site_url: Annotated[str | None, Of(ADDRESS)] = key("The address of its site; the feed's word if left out.", None)
    folder: _Folder = key(_FOLDER, None)
    interval: _OwnInterval = key("How often to poll it, always; as `[polling]` says if this is left out.", None)
    adaptive: _Adaptive = key(_ADAPTS, None)
    topics: list[Slug] = key("Topics that its posts are usually about: tips the scales, decides nothing.", [])
    language: Language = key("The language of its posts, for those too short to tell.", None)
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
    publish: Flag = key("What is seen with a secret alone may be shown to others.", False)
    articles: _Articles = key("Which pages are read that its posts lead to; `[articles] fetch` if left out.", None)


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
    replace: Flag = key("Forget the default topic of this name and start from nothing.", False)
    drop: list[_PlainTerm] = key("Terms to take out of the default topic of this name.", [])
    enabled: Flag = key("false: the topic is not used.", True)

    def evidence(self) -> tuple[Term, ...]:
        """The terms of `any`."""
        return tuple(Term(each.term, each.weight, tuple(dict.fromkeys(each.where))) for each in self.any)


class Taxonomy(Table):
    """The topics that are shipped with the program."""

    default: Flag = key("false: leave them out and use only the topics of this file.", True)
    packs: list[Annotated[str, Of(values.one_of(PACKS))]] = key("Which packs of them are used.", [*PACKS])
    apply: Annotated[str, Of(values.one_of(APPLY))] = key(
        "Which posts get topics by rules that changed: new ones, or those that are stored too.", "new"
    )


_Part = Annotated[str, Of(values.SOURCE_NAME)]
_InFolder = Annotated[str, Of(values.SOURCE_FOLDER)]
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
    folders: list[_InFolder] = key("Only posts of sources in one of these folders, or in one within it.", [])
    topics: list[Slug] = key("Has one of these topics.", [])
    terms: list[_PlainTerm] = key("Has one of these terms, anywhere.", [])
    languages: list[LanguageCode] = key("Is in one of these languages.", [])
    authors: list[_Author] = key("Is by one of these authors; `*` stands for any characters.", [])
    kinds: list[Annotated[str, Of(values.one_of(POST_KINDS))]] = key("Is an article or a status.", [])


_Tags = list[Annotated[str, Of(TAG)]]


def _with_keep(things: str) -> Callable[[type[_Table]], type[_Table]]:
    """Beside a table: the keys of `[mastodon]` that say which posts are kept come behind its own, for these things."""
    return lambda asked: with_own_keys(
        asked.__name__, asked, Keep, lambda _: f"As in `[mastodon]`, for these {things}."
    )


class OnMastodon(Table):
    """The last keys of each block for Mastodon servers: how what it asks for is read."""

    folder: _Folder = key(_FOLDER, None)
    interval: _OwnInterval = key("How often to poll each, always; as `[polling]` says if this is left out.", None)
    adaptive: _Adaptive = key(_ADAPTS, None)
    topics: list[Slug] = key("Topics that its posts are usually about: tips the scales, decides nothing.", [])
    language: Language = key("The language of its posts, for those too short to tell.", None)
    token_env: Variable = key("The environment variable that holds the access token, if the server wants one.", None)
    token_file: SecretFile = key("The file that holds the access token, if the server wants one.", None)
    publish: Flag = key("What is seen with the token alone may be shown to others.", False)
    articles: _Articles = key("Which pages are read that its posts lead to; `[articles] fetch` if left out.", None)


@_with_keep("hashtags")
class _HashtagsAsked(Table):
    """The first keys of a `[[hashtags]]` block: what is asked for."""

    server: Annotated[str, Of(SERVER)] = key("The server's address.")
    tags: list[Annotated[str, Of(TAG)]] = key("The hashtags to follow, with or without the #.", least=1)
    any: Annotated[_Tags, Field(max_length=3)] = key("Posts with one of these tags instead come too: at most 3.", [])
    all: Annotated[_Tags, Field(max_length=4)] = key("Only posts that have all of these tags too: at most 4.", [])
    none: Annotated[_Tags, Field(max_length=4)] = key("No posts that have one of these tags: at most 4.", [])
    local: Flag = key("Only posts of the server's own accounts.", False)
    remote: Flag = key("Only posts from other servers.", False)
    only_media: Flag = key("Only posts with pictures, films or sound.", False)


class Hashtags(OnMastodon, _HashtagsAsked):
    """Hashtags on one Mastodon server."""


@_with_keep("accounts")
class _AccountsAsked(Table):
    """The first keys of an `[[accounts]]` block: who is followed, and where they are asked for."""

    accounts: list[Annotated[str, Of(ACCOUNT)]] = key("The accounts to follow.", least=1)
    server: Annotated[str | None, Of(SERVER)] = key(
        "The server to ask; for each account its own if this is left out.", None
    )
    boosts: Flag = key("What they boost counts as seen there.", False)


class Accounts(OnMastodon, _AccountsAsked):
    """Accounts on Mastodon servers."""


@_with_keep("timelines")
class _TimelinesAsked(Table):
    """The first keys of a `[[timelines]]` block: what of a user's own is read."""

    server: Annotated[str, Of(SERVER)] = key("The server on which the token's user has an account.")
    home: Flag = key("The home timeline: whom the user follows.", False)
    lists: list[Annotated[str, Of(values.text("a list's title or id", most=200))]] = key(
        "Lists of the user's, by title or id.", []
    )
    bookmarks: Flag = key("What the user has bookmarked.", False)
    boosts: Flag = key("What is boosted in these timelines counts as seen there.", False)


class Timelines(OnMastodon, _TimelinesAsked):
    """Timelines that a user has on a Mastodon server, read with their token."""

    token_env: Variable = key("The environment variable that holds the user's access token.", None)
    token_file: SecretFile = key("The file that holds the user's access token.", None)


@_with_keep("tags")
class _TrendsAsked(Table):
    """The first keys of a `[[trends]]` block: what of a server's trends is read."""

    server: Annotated[str, Of(SERVER)] = key("The server's address.")
    links: Flag = key("The links that trend there, as articles.", True)
    tags: Annotated[int, Of(values.whole(0, MOST_TRENDING_TAGS))] = key(
        f"The posts of so many of the tags that trend there: at most {MOST_TRENDING_TAGS}.", 0
    )


class Trends(OnMastodon, _TrendsAsked):
    """What trends on a Mastodon server."""

    topics: list[Slug] = key("Topics that this is usually about: tips the scales, decides nothing.", [])
    language: Language = key("The language that this is in, for those too short to tell.", None)


_FEED_NAME = slug_kind('a short name of small letters, digits and dashes, such as "ferries"')
_QUERY = values.text("words to search for, of at most 500 characters", most=500)


class SavedFeed(Block):
    """A selection of stories that the site has a feed of. All conditions named must be met."""

    name: Annotated[str, Of(_FEED_NAME)] = key("What its files are called: feeds/NAME.atom and feeds/NAME.json.")
    title: Annotated[str | None, Of(values.SITE_TITLE)] = key(
        "What readers see; made from its name if this is left out.", None
    )
    query: Annotated[str | None, Of(_QUERY)] = key("Has these words, as in `aggregator search`.", None)
    topic: OneTopic = key("Has this topic.", None)
    topics: list[Slug] = key("Has one of these topics.", [])
    language: Language = key("Is told in this language, among others.", None)
    languages: list[LanguageCode] = key("Is told in one of these languages.", [])
    folder: _Folder = key("Comes, among others, from a source in this folder, or in one within it.", None)
    folders: list[_InFolder] = key("Comes from a source in one of these folders.", [])
    min_sources: Annotated[int, Of(values.whole(1, 1000))] = key("Comes from so many sources at least.", 1)

    def meant(self) -> SavedQuery:
        """The selection."""
        words = self.name.replace("-", " ")
        return SavedQuery(
            name=self.name,
            title=self.title or words[:1].upper() + words[1:],
            query=self.query,
            topics=tuple(dict.fromkeys([self.topic] if self.topic else self.topics)),
            languages=tuple(dict.fromkeys([self.language] if self.language else self.languages)),
            folders=tuple(dict.fromkeys([self.folder] if self.folder else self.folders)),
            min_sources=self.min_sources,
        )


_SAVED_FEEDS = {"feeds": (list[SavedFeed], key("Selections that the site has feeds of, a block each.", []))}

# The lists of these blocks in the file.
ON_MASTODON = ("hashtags", "accounts", "timelines", "trends")


def usual_limit(limit: Declared) -> str:
    """The key of `[polling]` that counts where a domain has no such limit of its own."""
    return f"`[polling] domain_{limit.name}`"


def _own_limit(limit: Declared) -> str:
    return f"{limit.key.own}; {usual_limit(limit)} if this is left out."


if TYPE_CHECKING:
    Domain = Table
else:
    Domain = with_own_keys("Domain", Table, settings.DomainLimit, _own_limit)


class File(Table):
    """The configuration of aggregator."""

    storage: Annotated[settings.Storage, AsTable(settings.Storage, "Storage")] = settings.Storage()
    polling: Annotated[settings.Polling, AsTable(settings.Polling, "Polling")] = settings.Polling()
    domains: dict[Annotated[str, Of(DOMAIN)], Domain] = key("Other limits for some domains.", {})
    network: Annotated[settings.Network, AsTable(settings.Network, "Network")] = settings.Network()
    mastodon: Annotated[settings.Mastodon, AsTable(settings.Mastodon, "Mastodon")] = settings.Mastodon()
    stories: Annotated[settings.Stories, AsTable(settings.Stories, "Stories")] = settings.Stories()
    articles: Annotated[settings.Articles, AsTable(settings.Articles, "Articles")] = settings.Articles()
    publish: Annotated[settings.Publish, AsTable(settings.Publish, "Publish", _SAVED_FEEDS)] = settings.Publish()
    briefs: Annotated[settings.Briefs, AsTable(settings.Briefs, "Briefs")] = settings.Briefs()
    http: Annotated[settings.Http, AsTable(settings.Http, "Http")] = settings.Http()
    cluster: Annotated[Cluster, AsTable(Cluster, "Cluster")] = Cluster()
    log: Annotated[settings.Logging, AsTable(settings.Logging, "Log")] = settings.Logging()
    feeds: list[Feed] = key("The feeds, a block each.", [])
    hashtags: list[Hashtags] = key("Hashtags, a block for each Mastodon server.", [])
    accounts: list[Accounts] = key("Accounts, a block for those that are asked for in one way.", [])
    timelines: list[Timelines] = key("Timelines of a user's own, a block for each token.", [])
    trends: list[Trends] = key("What trends, a block for each Mastodon server.", [])
    taxonomy: Taxonomy = Taxonomy.model_construct()  # by its defaults, and not made ready for it
    topics: dict[Slug, Topic] = key("Topics of your own, and changes to the shipped ones.", {})
    filters: list[Filter] = key("Which new posts are not stored, a block each.", [])
    notify: list[NotifyTable] = key("Whom to tell when something happens, a block for each.", [])
    digest: list[DigestTable] = key("What is told once a day, a block for each.", [])
