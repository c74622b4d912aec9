"""`aggregator add`: finds a site's feeds, and writes one into the TOML file."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.app import App, pass_app, run_loop
from aggregator.cli.output import as_dicts, json_option, show, show_json, table_of
from aggregator.cli.subscriptions.pages import page_of
from aggregator.model.errors import AggregatorError, ConfigError, NotFoundError
from aggregator.model.settings import Config
from aggregator.model.source import Source
from aggregator.text.folders import names_of
from aggregator.text.secrets.open_addresses import (
    hidden,
    is_open_address,
    take_apart,
    told_address,
    without_mark,
    without_secrets,
)
from aggregator.text.urls import canonical_url

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
@json_option
@pass_app
def add(
    app: App, url: str, numbers: tuple[int, ...], is_all: bool, title: str | None, interval: str | None,
    folder: str | None, topics: tuple[str, ...], dry_run: bool, as_json: bool,
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
    rows = table_of(_COLUMNS, _rows(found.feeds))
    if not as_json:
        show(rows, "table", wrap=True, main="address", leaves=("newest", "entries"))
    written = Written()
    if not dry_run:
        chosen = [found.feeds[n - 1] for n in _chosen(found.feeds, numbers, is_all, may_ask=not as_json)]
        new = NewFeed(url="", title=title, interval=interval, folder=folder, topics=topics)
        written = write_feeds(config, [replace(new, url=each.url) for each in chosen], is_quiet=as_json)
    if as_json:
        show_json({"found": as_dicts(rows), **asdict(written)})


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


def _chosen(feeds: Sequence[FoundFeed], numbers: Sequence[int], is_all: bool, *, may_ask: bool) -> list[int]:
    count = len(feeds)
    if wrong := [n for n in numbers if not 1 <= n <= count]:
        raise click.UsageError(f"there is no number {wrong[0]}")
    if numbers:
        return list(dict.fromkeys(numbers))
    if is_all:
        return list(range(1, count + 1))
    if feeds[0].is_comments:  # they are the last
        raise click.UsageError("only feeds of comments were found; take one with --choose N")
    if count > 1 and may_ask and sys.stdin.isatty():
        return [click.prompt("Which one", type=click.IntRange(1, count), default=1)]
    if count > 1:
        others = "; what only has comments comes last" if feeds[-1].is_comments else ""
        click.echo(
            f"number 1 is taken, the first ({feeds[0].because}{others}): another with --choose N, all with --all",
            err=True,
        )
    return [1]


@dataclass(slots=True)
class Written:
    """Addresses, as they can be told: those that were written into the file, and those that are followed already.

    `elsewhere`: of these, the folder that was wanted, where the file sorts it into another one or none; that stays.
    """

    added: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)
    elsewhere: dict[str, str] = field(default_factory=dict)


def write_feeds(config: Config, wanted: Sequence[Any], *, is_quiet: bool = False) -> Written:
    """Write the feeds that are not followed yet into the file of the configuration; says which unless `is_quiet`.

    Raises:
        ConfigError: there is no such file, it can't be written, or there would be a mistake in it.
    """
    from aggregator.config.insert import add_feeds

    if config.file is None:
        raise ConfigError(["there is no configuration file to write to"])
    folders = _followed(config.sources)
    fresh, written = [], Written()
    for feed in wanted:
        key, told = _key(feed.url), told_address(feed.url)
        if key not in folders:
            folders[key] = feed.folder
            fresh.append(feed)
            continue
        written.followed.append(told)
        if feed.folder and names_of(feed.folder) != names_of(folders[key] or ""):
            written.elsewhere[told] = feed.folder
    if fresh:
        add_feeds(config.file, fresh, os.environ)
        written.added += [told_address(feed.url) for feed in fresh]
    if not is_quiet:
        _say(config.file, written)
    for feed in fresh:
        if not is_open_address(feed.url):
            click.echo(f"its key stands in {config.file} now: `aggregator config check` says what to do", err=True)
    return written


def _key(url: str) -> str:
    return canonical_url(url) or url


def _followed(sources: Sequence[Source]) -> dict[str, str | None]:
    """What is followed, as it is compared, and in which folder. An exported list has feeds without their keys: they are
    not to come back as others."""
    found = {_key(f"{page_of(source)}.rss"): source.folder for source in sources if source.kind != "feed"}
    for feed in (source for source in sources if source.kind == "feed"):
        found |= {_key(each): feed.folder for each in (feed.address or feed.url, without_mark(feed.url))}
    return found


def _say(file: Path, written: Written) -> None:
    for address in written.followed:
        folder = written.elsewhere.get(address)
        stays = (
            f"; it stays where it is, `folder = {json.dumps(folder, ensure_ascii=False)}` sorts it" if folder else ""
        )
        click.echo(f"followed already: {address}{stays}")
    for address in written.added:
        click.echo(f"added to {file}: {address}")
