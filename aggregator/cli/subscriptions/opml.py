"""`aggregator opml`: takes over the subscriptions of a feed reader, and hands ours over."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.output import counted, json_option, tell
from aggregator.cli.subscriptions.add import write_feeds
from aggregator.cli.subscriptions.pages import page_of
from aggregator.config.files.whole import write_whole
from aggregator.model.errors import ConfigError, StorageError
from aggregator.model.source import Source

if TYPE_CHECKING:
    from aggregator.sources.feeds.opml.values import Subscription

# What a server of Mastodon has a feed of, and where a reader puts that whose block names no folder.
_FOLDERS = {"hashtag": "Hashtags", "account": "Accounts"}


@click.group()
def opml() -> None:
    """Take over subscriptions from another reader, or hand them over."""


@opml.command("export")
@click.argument("target", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), required=False)
@pass_app
def export(app: App, target: Path | None) -> None:
    """Write the configured sources as OPML to TARGET, or to standard output ("-", or no TARGET).

    Folders become folders. A hashtag or an account is written as the feed that its server has of it, in the folder
    Hashtags or Accounts if its block names none; of a hashtag with conditions that is the tag's feed without them. Left
    out, and named on standard error, is what no other reader could ask for (a user's own timelines, and trends). A feed
    with a key in its address is written without the key, which is said.
    """
    from aggregator.engine.clock import utc_now
    from aggregator.sources.feeds.opml.texts import shown
    from aggregator.sources.feeds.opml.writing import write_opml
    from aggregator.text.secrets.open_addresses import without_secrets

    sources = []
    for source in app.config().sources:
        if source.kind in ("feed", *_FOLDERS):
            sources.append(source)
        else:
            name = shown(without_secrets(source.title or source.url))
            click.echo(f"left out: {name}: no other reader can ask for it", err=True)
    if keyed := [source.url for source in sources if source.address]:
        click.echo(f"without their keys, which are secret: {', '.join(keyed)}", err=True)
    text = write_opml(_subscriptions(app, sources), "aggregator", utc_now())
    if target is None or str(target) == "-":
        click.echo(text.encode(), nl=False)  # in UTF-8, as it says, whatever the terminal speaks
        return
    try:
        write_whole(target, text)
    except OSError as error:
        raise click.FileError(str(target), error.strerror) from None


def _subscriptions(app: App, sources: Sequence[Source]) -> list[Subscription]:
    from aggregator.sources.feeds.opml.values import Subscription
    from aggregator.text.folders import names_of
    from aggregator.text.secrets.open_addresses import without_mark

    known = {}
    try:
        with app.reader() as reader:
            known = reader.source_sites()
    except StorageError:
        pass  # not polled yet: there is what the configuration says
    found = []
    for source in sources:
        title, site = known.get(source.url, (None, None))
        folder = _FOLDERS.get(source.kind)
        found.append(
            Subscription(
                url=f"{page_of(source)}.rss" if folder else without_mark(source.url), title=source.title or title or "",
                site_url=page_of(source) if folder else _open(source.site_url or site),
                folders=names_of(source.folder) if source.folder else (folder,) if folder else (),
            )
        )  # fmt: skip
    return found


def _open(url: str | None) -> str | None:
    from aggregator.text.secrets.open_addresses import is_open_address

    return url if url and is_open_address(url) else None


@opml.command("import")
@click.argument("file", type=click.File("rb"))
@json_option
@pass_app
def import_(app: App, file: IO[bytes], as_json: bool) -> None:
    """Write the feeds of an OPML FILE ("-": standard input) that are not followed yet into the configuration.

    A list of addresses, one a line, is taken too. Folders are kept; one that is called like a topic, by its short name
    or its label, leans the feed's posts towards it. Feeds that are followed already stay as they are, in their folders;
    where the list has another one that is said. What can't be taken is named on standard error with its line, the
    others are taken, and the exit status is 1.
    """
    from aggregator.config.insert import NewFeed
    from aggregator.sources.feeds.opml.reading import MOST_BYTES, read_opml
    from aggregator.sources.feeds.opml.values import OpmlError
    from aggregator.text.folders import path_of

    config = app.config()
    try:
        read = read_opml(file.read(MOST_BYTES + 1))
    except OpmlError as error:
        raise ConfigError([f"{getattr(file, 'name', '-')}: can't be read as OPML: {error}"]) from None
    if not as_json:
        _tell_of(read.notes, read.left_out)
    topics = {name.casefold(): rule.topic for rule in config.rules for name in (rule.topic, rule.label)}
    wanted = [
        NewFeed(
            url=each.url, title=each.title or None, site_url=each.site_url, folder=path_of(each.folders) or None,
            topics=tuple(dict.fromkeys(topics[name.casefold()] for name in each.folders if name.casefold() in topics)),
        )
        for each in read.found
    ]  # fmt: skip
    written = write_feeds(config, wanted, is_quiet=as_json)
    rest = f", {len(read.left_out)} left out" if read.left_out else ""
    words = f"{len(written.added)} of {counted(len(read.found), 'feed')} added{rest}"
    tell(words, {**asdict(written), "twice": read.notes, "left_out": read.left_out}, as_json=as_json)
    if read.left_out:
        sys.exit(1)


def _tell_of(notes: Sequence[str], left_out: Sequence[str]) -> None:
    for line in notes:
        click.echo(f"twice: {line}")
    for line in left_out:
        click.echo(f"left out: {line}", err=True)
