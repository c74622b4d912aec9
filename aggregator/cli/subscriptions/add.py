"""Commands that write sources into the TOML file: `add` finds a site's feeds, `opml` takes over a reader's list."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from aggregator.cli.app import App, pass_app, run_loop
from aggregator.cli.output import show, table_of
from aggregator.model.errors import AggregatorError, ConfigError, NotFoundError, StorageError
from aggregator.model.settings import Config
from aggregator.model.source import Source

_COLUMNS = ("n", "title", "address", "entries", "newest", "found")


@click.command()
@click.argument("url")
@click.option("--choose", "-n", "numbers", type=int, multiple=True, help="Which of them, by number. May be repeated.")
@click.option("--all", "is_all", is_flag=True, help="All of the feeds that are found.")
@click.option("--title", help="What to call it; else the feed's own title, as it changes.")
@click.option("--interval", metavar="TIME", help='How often to poll it, such as "1h".')
@click.option("--topic", "topics", multiple=True, help="What its posts are usually about. May be repeated.")
@click.option("--dry-run", is_flag=True, help="Only show what is found.")
@pass_app
def add(
    app: App, url: str, numbers: tuple[int, ...], is_all: bool, title: str | None, interval: str | None,
    topics: tuple[str, ...], dry_run: bool,
) -> None:  # fmt: skip
    """Find the feeds of a site and write one into the configuration file.

    URL is a feed, or a page: the feeds it links are shown, or those at the usual places. Several are asked about.
    """
    from aggregator.config.insert import NewFeed

    if url.startswith("@") and url.count("@") == 2:
        raise click.UsageError(f'an account is followed by a block of the file: [[accounts]] accounts = ["{url}"]')
    config = app.config()
    found = run_loop(_discover(config, url))
    if not found.feeds:
        prove_online(found, url)
        raise NotFoundError(f"no feed found at {url}: {found.trouble}")
    rows = [
        (n, each.title, each.url, each.entries, each.newest_at and f"{each.newest_at:%Y-%m-%d %H:%M}", each.because)
        for n, each in enumerate(found.feeds, 1)
    ]
    show(table_of(_COLUMNS, rows), "table")
    if dry_run:
        return
    chosen = [found.feeds[n - 1] for n in _chosen(len(rows), numbers, is_all)]
    _write(config, [NewFeed(url=each.url, title=title, interval=interval, topics=topics) for each in chosen])


def prove_online(found: Any, url: str) -> None:
    """Raises AggregatorError where no server was asked for want of a network, and the address may well be right."""
    from aggregator.cli.offline import Asked, words_of
    from aggregator.sources.http.way_out import has_way_out

    asked = Asked(url if "://" in url else f"https://{url}", found.unreached, not has_way_out(), found.trouble)
    if words := words_of([asked]):
        raise AggregatorError(words)


async def _discover(config: Config, url: str) -> Any:
    from aggregator.engine.clock import utc_now
    from aggregator.sources.feeds.discover import discover
    from aggregator.sources.http.client import Client

    async with Client(config.network) as client:
        return await discover(url if "://" in url else f"https://{url}", client, utc_now())


def _chosen(count: int, numbers: Sequence[int], is_all: bool) -> list[int]:
    if wrong := [n for n in numbers if not 1 <= n <= count]:
        raise click.UsageError(f"there is no number {wrong[0]}")
    if numbers:
        return list(dict.fromkeys(numbers))
    if is_all or count == 1:
        return list(range(1, count + 1))
    if not sys.stdin.isatty():
        raise click.UsageError("several feeds were found; say which with --choose N, or --all")
    return [click.prompt("Which one", type=click.IntRange(1, count), default=1)]


def _write(config: Config, wanted: Sequence[Any]) -> int:
    """Write the feeds that are not followed yet into the file of the configuration; how many those are."""
    from aggregator.config.insert import add_feeds
    from aggregator.text.urls import canonical_url

    if config.file is None:
        raise ConfigError(["there is no configuration file to write to"])
    followed = {canonical_url(source.url) or source.url for source in config.sources if source.kind == "feed"}
    fresh = []
    for feed in wanted:
        key = canonical_url(feed.url) or feed.url
        if key in followed:
            click.echo(f"followed already: {feed.url}")
        else:
            followed.add(key)
            fresh.append(feed)
    if fresh:
        add_feeds(config.file, fresh, os.environ)
        for feed in fresh:
            click.echo(f"added to {config.file}: {feed.url}")
    return len(fresh)


# ---------------------------------------------------------------- OPML


@click.group()
def opml() -> None:
    """Take over subscriptions from another reader, or hand them over."""


@opml.command("export")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path), required=False)
@pass_app
def export(app: App, target: Path | None) -> None:
    """Write the configured sources as OPML to TARGET, or to standard output.

    A hashtag or an account is written as the feed that its server has of it. Timelines of a user's own have none.
    """
    from aggregator.engine.clock import utc_now
    from aggregator.sources.feeds.opml import write_opml

    text = write_opml(_subscriptions(app), "aggregator", utc_now())
    if target is None:
        click.echo(text, nl=False)
        return
    try:
        target.write_text(text, "utf-8")
    except OSError as error:
        raise click.FileError(str(target), error.strerror) from None


def _subscriptions(app: App) -> list[Any]:
    from aggregator.sources.feeds.opml import Subscription

    known = {}
    try:
        with app.reader() as reader:
            known = reader.source_sites()
    except StorageError:
        pass  # not polled yet: there is what the configuration says
    found = []
    for source in app.config().sources:
        if source.kind not in ("feed", *_FOLDERS):
            continue  # a user's own: no other reader could ask for it
        title, site = known.get(source.url, (None, None))
        folder = _FOLDERS.get(source.kind)
        found.append(
            Subscription(
                url=f"{_page_of(source)}.rss" if folder else source.url, title=source.title or title or "",
                site_url=_page_of(source) if folder else site, folders=(folder,) if folder else (),
            )
        )  # fmt: skip
    return found


# What a server of Mastodon has a feed of, and where a reader puts that.
_FOLDERS = {"hashtag": "Hashtags", "account": "Accounts"}


def _page_of(source: Source) -> str:
    """The page that a hashtag or an account has; an account has it, and its feed, on its own server alone."""
    if source.kind != "account" or "@" not in source.url.rpartition("/@")[2]:
        return source.url
    name, _, host = source.account.partition("@")
    return f"https://{host}/@{name}"


@opml.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
@pass_app
def import_(app: App, file: Any) -> None:
    """Write the feeds of an OPML FILE ("-": standard input) that are not followed yet into the configuration.

    A folder that is called like a topic, by its short name or its label, leans the feed's posts towards it.
    """
    from aggregator.config.insert import NewFeed
    from aggregator.sources.feeds.opml import OpmlError, read_opml

    config = app.config()
    try:
        found, troubles = read_opml(file.read())
    except (OpmlError, UnicodeDecodeError) as error:
        raise ConfigError([f"{file.name}: can't be read as OPML: {error}"]) from None
    for trouble in troubles:
        click.echo(f"left out: {trouble}", err=True)
    topics = {name.casefold(): rule.topic for rule in config.rules for name in (rule.topic, rule.label)}
    wanted = [
        NewFeed(
            url=each.url, title=each.title or None,
            topics=tuple(dict.fromkeys(topics[name.casefold()] for name in each.folders if name.casefold() in topics)),
        )
        for each in found
    ]  # fmt: skip
    click.echo(f"{_write(config, wanted)} of {len(found)} feeds added")
