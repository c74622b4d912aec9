"""`aggregator add`: finds a site's feeds, and writes one into the TOML file."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.app import App, pass_app, run_loop
from aggregator.cli.output import show, table_of
from aggregator.cli.subscriptions.pages import page_of
from aggregator.model.errors import AggregatorError, ConfigError, NotFoundError
from aggregator.model.settings import Config
from aggregator.text.secrets.open_addresses import (
    hidden,
    is_open_address,
    take_apart,
    told_address,
    without_mark,
    without_secrets,
)

if TYPE_CHECKING:
    from aggregator.sources.feeds.finding.discover import FoundFeed

_COLUMNS = ("n", "title", "address", "entries", "newest", "found")


@click.command()
@click.argument("url")
@click.option("--choose", "-n", "numbers", type=int, multiple=True, help="Which of them, by number. May be repeated.")
@click.option("--all", "is_all", is_flag=True, help="All of the feeds that are found.")
@click.option("--title", help="What to call it; else the feed's own title, as it changes.")
@click.option("--interval", metavar="TIME", help='How often to poll it, such as "1h".')
@click.option("--folder", metavar="NAME", help='The folder to sort it into: "Press", or "Press/Ports".')
@click.option("--topic", "topics", multiple=True, help="What its posts are usually about. May be repeated.")
@click.option("--dry-run", is_flag=True, help="Only show what is found.")
@pass_app
def add(
    app: App, url: str, numbers: tuple[int, ...], is_all: bool, title: str | None, interval: str | None,
    folder: str | None, topics: tuple[str, ...], dry_run: bool,
) -> None:  # fmt: skip
    """Find the feeds of a site and write one into the configuration file.

    URL is a feed, or a page: the feeds it names are shown, or those at the usual places. Of several a terminal is
    asked; elsewhere the first is taken, and it is said why. Feeds of comments are taken only with --choose or --all.
    """
    from aggregator.config.insert import NewFeed

    if url.startswith("@") and url.count("@") == 2:
        raise click.UsageError(f'an account is followed by a block of the file: [[accounts]] accounts = ["{url}"]')
    config = app.config()
    found = run_loop(_discover(config, url))
    if not found.feeds:
        prove_online(found, url)
        typed = url if "://" in url else f"https://{url}"  # as it was asked; an address alone can be told
        raise NotFoundError(f"no feed found at {told_address(typed)}: {without_secrets(found.trouble or '')}")
    show(table_of(_COLUMNS, _rows(found.feeds)), "table", wrap=True, main="address", leaves=("newest", "entries"))
    if dry_run:
        return
    chosen = [found.feeds[n - 1] for n in _chosen(found.feeds, numbers, is_all)]
    new = NewFeed(url="", title=title, interval=interval, folder=folder, topics=topics)
    write_feeds(config, [replace(new, url=each.url) for each in chosen])


def _rows(feeds: Sequence[FoundFeed]) -> list[tuple[Any, ...]]:
    """What a person chooses from. Servers and pages repeat keys in titles and in what links are called."""
    rows = []
    for n, each in enumerate(feeds, 1):
        taken = take_apart(each.url)
        told = hidden(taken.keys if taken else ()).text
        newest = each.newest_at and f"{each.newest_at:%Y-%m-%d %H:%M}"
        title = each.title and told(each.title)
        rows.append((n, title, told_address(each.url), each.entries, newest, told(each.because)))
    return rows


def prove_online(found: Any, url: str) -> None:
    """Raises AggregatorError where no server was asked for want of a network, and the address may well be right."""
    from aggregator.cli.offline import Asked, words_of
    from aggregator.sources.http.way_out import has_way_out

    address = told_address(url if "://" in url else f"https://{url}")
    asked = Asked(address, found.unreached, not has_way_out(), without_secrets(found.trouble or ""))
    if words := words_of([asked]):
        raise AggregatorError(words)


async def _discover(config: Config, url: str) -> Any:
    from aggregator.engine.clock import utc_now
    from aggregator.sources.feeds.finding.discover import discover
    from aggregator.sources.http.client import Client

    async with Client(config.network) as client:
        return await discover(url, client, utc_now())


def _chosen(feeds: Sequence[FoundFeed], numbers: Sequence[int], is_all: bool) -> list[int]:
    count = len(feeds)
    if wrong := [n for n in numbers if not 1 <= n <= count]:
        raise click.UsageError(f"there is no number {wrong[0]}")
    if numbers:
        return list(dict.fromkeys(numbers))
    if is_all:
        return list(range(1, count + 1))
    if feeds[0].is_comments:  # they are the last
        raise click.UsageError("only feeds of comments were found; take one with --choose N")
    if count > 1 and sys.stdin.isatty():
        return [click.prompt("Which one", type=click.IntRange(1, count), default=1)]
    if count > 1:
        others = "; what only has comments comes last" if feeds[-1].is_comments else ""
        click.echo(
            f"number 1 is taken, the first ({feeds[0].because}{others}): another with --choose N, all with --all",
            err=True,
        )
    return [1]


def write_feeds(config: Config, wanted: Sequence[Any]) -> int:
    """Write the feeds that are not followed yet into the file of the configuration; how many those are.

    Raises:
        ConfigError: there is no such file, it can't be written, or there would be a mistake in it.
    """
    from aggregator.config.insert import add_feeds
    from aggregator.text.urls import canonical_url

    if config.file is None:
        raise ConfigError(["there is no configuration file to write to"])
    # An exported list has feeds without their keys: they are not to come back as others.
    addresses = {f"{page_of(source)}.rss" for source in config.sources if source.kind != "feed"}
    for feed in (source for source in config.sources if source.kind == "feed"):
        addresses |= {feed.address or feed.url, without_mark(feed.url)}
    followed = {canonical_url(each) or each for each in addresses}
    fresh = []
    for feed in wanted:
        key = canonical_url(feed.url) or feed.url
        if key in followed:
            click.echo(f"followed already: {told_address(feed.url)}")
        else:
            followed.add(key)
            fresh.append(feed)
    if fresh:
        add_feeds(config.file, fresh, os.environ)
        for feed in fresh:
            click.echo(f"added to {config.file}: {told_address(feed.url)}")
            if not is_open_address(feed.url):
                click.echo(f"its key stands in {config.file} now: `aggregator config check` says what to do", err=True)
    return len(fresh)
