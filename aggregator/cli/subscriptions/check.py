"""`aggregator check`: what each source would get, asked now and stored nowhere."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import click

from aggregator.cli.app import App, pass_app, run_loop
from aggregator.cli.folders import configured, folder_option
from aggregator.cli.output import counted, output_options
from aggregator.cli.run import pick
from aggregator.model.poll import Collected, Outcome
from aggregator.model.settings import Config
from aggregator.model.source import Source, SourceMemory

if TYPE_CHECKING:
    from aggregator.sources.collect import Collector

# A look is no hurry, and servers are asked side by side.
_AT_ONCE = 4

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@click.command()
@click.argument("sources", nargs=-1)
@folder_option("sources")
@output_options
@pass_app
def check(app: App, sources: tuple[str, ...], folder: str | None, form: str) -> None:
    """Ask every source, or those named, and say in words what it would get. Stores nothing.

    Exit status 1 if one of them would get nothing.
    """
    from aggregator.cli.offline import Asked, show_asked
    from aggregator.sources.http.way_out import has_way_out

    config = app.config()
    picked = pick(configured(config.sources, folder), sources)
    found = run_loop(_look_at_all(config, picked))
    offline = not has_way_out()
    both = [*zip(picked, found, strict=True)]
    asked = [Asked(source.url, each.unreached, offline, each.words) for source, each in both]
    rows = [(source.title or source.url, "yes" if each.is_good else "no", each.words) for source, each in both]
    show_asked(("source", "good", "gets"), rows, asked, form, wrap=True, main="gets")
    from aggregator.engine.articles.forecast import forecast
    from aggregator.engine.extras.model import told

    click.echo(told(config.stories.semantic), err=True)
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
