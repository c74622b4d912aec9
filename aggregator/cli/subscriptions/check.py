"""`aggregator check`: what each source would get, asked now and stored nowhere. `forget`: what must go."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import click

from aggregator.cli.app import App, pass_app, run_loop
from aggregator.cli.output import counted, output_options
from aggregator.cli.run import pick
from aggregator.model.errors import ConfigError, NotFoundError
from aggregator.model.poll import Collected, Outcome
from aggregator.model.settings import Config
from aggregator.model.source import Source, SourceMemory
from aggregator.stories.encoder import in_words

if TYPE_CHECKING:
    from aggregator.sources.collect import Collector
    from aggregator.storage.database import Database
    from aggregator.storage.words.unquoted import Retag

# A look is no hurry, and servers are asked side by side.
_AT_ONCE = 4

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@click.command()
@click.argument("sources", nargs=-1)
@output_options
@pass_app
def check(app: App, sources: tuple[str, ...], form: str) -> None:
    """Ask every source, or those named, and say in words what it would get. Stores nothing.

    Exit status 1 if one of them would get nothing.
    """
    from aggregator.cli.offline import Asked, show_asked
    from aggregator.sources.http.way_out import has_way_out

    config = app.config()
    picked = pick(config.sources, sources)
    found = run_loop(_look_at_all(config, picked))
    offline = not has_way_out()
    both = [*zip(picked, found, strict=True)]
    asked = [Asked(source.url, each.unreached, offline, each.words) for source, each in both]
    rows = [(source.title or source.url, "yes" if each.is_good else "no", each.words) for source, each in both]
    show_asked(("source", "good", "gets"), rows, asked, form)
    from aggregator.engine.articles.forecast import forecast
    from aggregator.engine.extras.model import import_trouble

    click.echo(in_words(config.stories.semantic, trouble=import_trouble), err=True)
    click.echo(forecast(config, datetime.now(UTC)), err=True)
    if words := model_in_words(config):
        click.echo(words, err=True)
    if not all(each.is_good for each in found):
        sys.exit(1)


def model_in_words(config: Config) -> str:
    """What a language model is asked for, and how much of it a day at most; empty where none is. It is not asked."""
    briefs = config.briefs
    if not briefs.base_url or not briefs.model:
        return ""
    parts = urlsplit(briefs.base_url)
    topics = f" about {', '.join(briefs.topics)}" if briefs.topics else ""
    is_open = briefs.api_key and parts.scheme == "http" and parts.hostname not in _LOOPBACK
    return (
        f"briefs are written by {briefs.model} at {parts.netloc}, in the language "
        f"{briefs.language or config.publish.language}, of stories of {counted(briefs.min_publishers, 'publisher')} or "
        f"more{topics}: at most {briefs.per_hour:,} requests an hour, {briefs.per_day:,} and "
        f"{briefs.tokens_per_day:,} tokens a day" + ("; its key goes there unencrypted" if is_open else "")
    )


class _Seen(NamedTuple):
    """What a source would get, in words."""

    is_good: bool
    words: str
    unreached: bool = False


async def _look_at_all(config: Config, sources: Sequence[Source]) -> list[_Seen]:
    from aggregator.sources.collect import Collector
    from aggregator.topics.taxonomy import Taxonomy

    at_once = asyncio.Semaphore(_AT_ONCE)

    async def look(source: Source) -> _Seen:
        async with at_once:
            return await _look_at(source, config, collector)

    async with Collector(config.network, config.mastodon, Taxonomy(())) as collector:
        return list(await asyncio.gather(*map(look, sources)))


async def _look_at(source: Source, config: Config, collector: Collector) -> _Seen:
    now = datetime.now(UTC)
    if source.kind == "feed":
        collected = await collector(source, SourceMemory(), now)
        return _Seen(*_of_feed(collected), unreached=collected.unreached)
    from aggregator.sources.mastodon.look import look_at

    known = {each.server for each in config.sources if each.kind != "feed"}
    access = await asyncio.to_thread(look_at, source, config.network, now, known)
    return _Seen(access.is_good, access.words, access.unreached)


def _of_feed(found: Collected) -> tuple[bool, str]:
    if found.outcome is not Outcome.OK:
        return False, found.detail or str(found.outcome)
    dates = [enriched.post.published_at for enriched in found.posts if enriched.post.published_at]
    newest = f", the newest of {max(dates):%-d %B %Y}" if dates else ""
    return True, "; ".join([f"a feed with {counted(len(found.posts), 'entry', 'entries')}{newest}", *found.warnings])


@click.command()
@click.argument("whom", metavar="AUTHOR|URL")
@pass_app
def forget(app: App, whom: str) -> None:
    """Empty every post of an author, or the one at an address, as if they had been deleted; no way back.

    AUTHOR as in `aggregator posts`: name@server, with or without a leading @, or the address of a profile. Nothing new
    of that author is stored from then on. A daemon may run meanwhile.
    """
    from aggregator.storage import deletions
    from aggregator.storage.database import Database
    from aggregator.text.urls import canonical_url

    author = author_of(whom)
    addresses = [each for each in (whom, canonical_url(whom)) if each] if "://" in whom else []
    database = Database(app.database_path())
    try:
        with database.write():
            count = deletions.forget(database.conn, author, addresses, datetime.now(UTC), _retag(app, database))
    finally:
        database.close()
    if not count and not (author and "@" in author):
        raise NotFoundError(f"there is no post of or at {whom!r}")
    rest = f"; nothing new of {author} will be stored" if author else ""
    click.echo(f"forgotten: {count} post{'' if count == 1 else 's'}{rest}")


def _retag(app: App, database: Database) -> Retag:
    """What gives topics to posts that quoted what is forgotten. Without a good configuration there are no rules for it:
    to forget does not wait for that."""
    from aggregator.engine.deciding import Retagger
    from aggregator.storage.words.unquoted import leave_to_others

    try:
        config = app.config()
    except ConfigError:
        return leave_to_others
    return Retagger(database, config.rules, config.sources)


def author_of(written: str) -> str | None:
    """The author that a person means by @name@server, https://server/@name or https://server/users/name; else None."""
    if "://" not in written:
        return written.strip().removeprefix("@")
    parts = urlsplit(written)
    path: Any = parts.path.strip("/")
    name = path.removeprefix("users/").removeprefix("@")
    if name == path or "/" in name or not name:
        return None
    return name if "@" in name else f"{name}@{parts.hostname}"
