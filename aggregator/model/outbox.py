"""What goes out: messages to the targets of `[[notify]]` and `[[digest]]`, and what comes of sending one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

# What a [[notify]] is `on`, and what an item of a message is then: a source dies, or is back.
On = Literal["story", "grown", "post", "source"]
Kind = Literal["story", "grown", "post", "died", "back"]

# A row of a view, by the names of its columns.
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a target knows of a story: since when, and how many posts and publishers of it it was told of."""

    at: datetime
    posts: int
    publishers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to tell. Rows have the keys of the views.

    `row`: of `latest_stories` (story, grown), `latest_posts` (post) or `source_health` (died, back). `posts`: rows of
    `story_posts`, the oldest first: those that the target was not told of yet. `earlier`: the surest row of
    `earlier_coverage`, if there is one. `told`: what it was told of the story before, None at the first time.
    `link`: where to read it: its page on the site, else the post itself; None where there is neither.
    """

    kind: Kind
    row: Row
    posts: tuple[Row, ...] = ()
    earlier: Row | None = None
    told: Told | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent at once to one target.

    `id`: the same when it is sent again, so that whoever gets it can tell. `items`: in the order in which they were
    noted, at least one; a test may have none. `left_out`: how many more there are that found no room. `language`: of
    the program's own words, and `timezone`: of the hours in them. `is_test`: somebody tries whether it arrives
    (`aggregator notify test`). `words`: the folder of the user's own catalogues, as the site has them.
    """

    id: str
    target: str
    at: datetime
    items: tuple[Item, ...]
    left_out: int = 0
    language: str = "en"
    is_test: bool = False
    timezone: str = "UTC"
    words: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came of sending a message. `error` is None where the target took it, else why not, in words without secrets.

    `is_final`: it will not take this message ever (a 400, 410, 413, 415, 422): others may go on. `retry_at`: when it
    wants to be asked again.
    """

    error: str | None = None
    is_final: bool = False
    retry_at: datetime | None = None

    @property
    def is_sent(self) -> bool:
        """The target took it."""
        return self.error is None


class Channel(Protocol):
    """A way to a target. Knows nothing of the database; expected trouble is a `Delivery`, never an exception."""

    async def send(self, message: Message, now: datetime) -> Delivery:
        """Send it, once; within a time that the channel bounds itself. Cancelling cuts it off."""
        ...


# ---------------------------------------------------------------- what is configured


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A POST of JSON. `url` may hold a secret and is never shown; `shown`: what is said instead (the origin, or the
    name of the variable). `secret` signs it."""

    url: str = field(repr=False)
    shown: str
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Apprise:
    """Addresses as Apprise takes them, which hold secrets and are never shown; `shown`: their kinds (`ntfy`)."""

    urls: tuple[str, ...] = field(repr=False)
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program and its arguments, run without a shell, with the JSON of the message on its standard input."""

    argv: tuple[str, ...]

    @property
    def shown(self) -> str:
        """What it is called."""
        return self.argv[0]


Target = Webhook | Apprise | Command


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """Between `begin` and `end`, in minutes after midnight in `timezone`, nothing is sent. `begin` may be the later,
    as in 22:00–07:00."""

    begin: int
    end: int
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Of which stories or posts: all conditions named must hold, of the values of one it is enough that one does.

    `words`: as `aggregator search` takes them. `min_score` is of `latest_stories.score`, 0 of any.
    """

    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    words: str | None = None
    folders: tuple[str, ...] = ()
    min_score: float = 0.0
    min_sources: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """A `[[notify]]`: what to tell whom, and when.

    `on`: of what: posts, or sources, or stories, that began, that grew, or both.
    `grown_by`: a story has grown when so many publishers more speak of it than the target was told of. `dead_after`: a
    source has died when it failed for so long, or its server says that it is gone. `digest`: one message for all of so
    long a time; None: each by itself.
    """

    name: str
    on: tuple[On, ...]
    target: Target
    wanted: Wanted = field(default_factory=Wanted)
    grown_by: int = 3
    dead_after: timedelta = timedelta(days=3)
    digest: timedelta | None = None
    quiet: QuietHours | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """How a digest is mailed. `server` has no secret in it; `password` is never shown."""

    to: tuple[str, ...]
    sender: str
    server: str
    port: int
    security: Literal["tls", "starttls", "none"] = "tls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    unsubscribe: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A `[[digest]]`: once a day, at `at` (minutes after midnight in `timezone`), what came since the last one, as a
    mail, as a file in the folder `path`, or both. `days`: on which days of the week, 0 is Monday; `most`: so many
    stories."""

    name: str
    at: int
    timezone: str = "UTC"
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    wanted: Wanted = field(default_factory=Wanted)
    most: int = 30
    mail: Mail | None = None
    path: str | None = None
