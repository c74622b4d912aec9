"""Commands that poll: `run`, the daemon, and `poll`, once and now."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import click

from aggregator.cli.app import App, pass_app, run_loop
from aggregator.cli.folders import configured, folder_option
from aggregator.cli.output import counted, output_options, say_not_looked_at
from aggregator.engine import log
from aggregator.engine.signals import Signals, held
from aggregator.model.changes import PolledSource
from aggregator.model.errors import NotFoundError, PublishError, StorageError
from aggregator.model.poll import Outcome
from aggregator.model.settings import Config, Logging, LogLevel
from aggregator.model.source import Source
from aggregator.text.secrets.open_addresses import without_secrets

# For what an upgrade left to be worked out again, after each poll: who has no daemon gets it done too.
_REWORKING = _PRUNING = timedelta(seconds=5)
# For pages that posts lead to, where the configuration wants some read. The others are read after the next poll.
_READING = timedelta(minutes=1)

_COLUMNS = ("source", "outcome", "new", "edited", "copies", "filtered", "seconds", "detail")
# What leaves a table that is too wide, the first first.
_LEAVE = ("seconds", "filtered", "copies", "edited")


def _begin_reading(*, decides: bool) -> None:
    """Fork what forks the processes that read documents, while there are no threads, no secrets and nothing open.

    `decides`: there will be posts to decide on; what that takes is shared with these processes.
    """
    log.prepare(Logging())  # before the engine is imported: see there
    import aggregator.engine.poller
    import aggregator.sources.collect  # what a poll needs anyway is imported once for both
    from aggregator.sources.processes.forks import begin_early

    if decides:
        import aggregator.engine.deciding
        import aggregator.engine.rebuild.first_polls  # noqa: F401

    begin_early()


@click.command()
@pass_app
def run(app: App) -> None:
    """Run the daemon: poll what is due, until SIGTERM or Ctrl-C. SIGHUP reads the configuration again."""
    with ExitStack() as stack:
        with held():
            _begin_reading(decides=True)
            # From the first moment on: the default of SIGHUP would end the program.
            signals = stack.enter_context(Signals())
        config = app.config()
        log.configure(config.log, sources=config.sources)
        import structlog

        from aggregator.engine.daemon import Daemon
        from aggregator.storage.file.lock import WriterLock

        lock = WriterLock(config.storage.path)
        try:
            run_loop(Daemon(config, app.load_config).run(lock, signals))
            structlog.get_logger("daemon").info("stopped")
        finally:
            lock.release()  # when nothing of the daemon is left: another may begin then


@click.command()
@click.argument("sources", nargs=-1)
@folder_option("sources")
@output_options
@pass_app
def poll(app: App, sources: tuple[str, ...], folder: str | None, form: str) -> None:
    """Poll once, now: all sources, or those named by id, or by part of their title or address.

    Exit status 1 if none of them answered.
    """
    _begin_reading(decides=False)
    config = app.config()
    # The closing table says what went well; on the way only trouble is worth a line.
    quiet: LogLevel = "warning" if config.log.level == "info" else config.log.level
    log.configure(replace(config.log, level=quiet), sources=config.sources)
    for warning in config.warnings:
        click.echo(f"warning: {warning}", err=True)
    before = _outage_of(app)
    polled = run_loop(poll_once(config, sources, folder))
    polled = merged(polled)
    with app.reader() as reader:
        titles = reader.source_titles()
    from aggregator.cli.offline import Asked, show_asked

    found = [each.collected for each in polled]
    asked = [Asked(each.source.url, each.unreached, each.offline, each.detail) for each in found]
    rows = [_row(each, titles) for each in polled]
    is_told = _outage_of(app) not in (None, before)  # the log has said that it began
    show_asked(_COLUMNS, rows, asked, form, is_told=is_told, main="detail", leaves=_LEAVE)
    if polled and all(_is_trouble(each) for each in polled):
        sys.exit(1)


def _outage_of(app: App) -> datetime | None:
    """Since when no server can be reached; None where some can, and where there is no database yet."""
    try:
        with app.reader() as reader:
            outage = reader.outage(datetime.now(UTC))
    except StorageError:
        return None
    return outage.began_at if outage else None


async def poll_once(config: Config, names: Sequence[str] = (), folder: str | None = None) -> list[PolledSource]:
    """Poll the named sources, or all of them, or of either those in a folder, whether due or not; how each ended.

    Raises:
        NotFoundError: a name fits no source, or none stands in the folder.
        DatabaseBusyError, StorageError: the database can't be used.
    """
    from aggregator.engine.embed import model_for
    from aggregator.engine.poller import Poller
    from aggregator.engine.rebuild.reworks import nothing_to_do
    from aggregator.sources.collect import Collector
    from aggregator.storage.database import Database
    from aggregator.storage.file.lock import WriterLock
    from aggregator.topics.taxonomy import Taxonomy

    lock = WriterLock(config.storage.path)
    lock.acquire()
    try:
        database = Database(config.storage.path, timedelta(seconds=1))
        try:
            nothing_to_do(database)
            _begin_telling(database, config)
            with database.guarded():
                async with Collector(
                    config.network, config.mastodon, Taxonomy(config.rules, at_once=False), config.polling.parse_timeout
                ) as collector:
                    poller = Poller(database, config, collector, encoder=model_for(config), rest=collector.rest)
                    wanted = pick(configured(poller.sources, folder), names)
                    with Signals() as signals:
                        return await _poll_shown(database, config, poller, wanted, signals)
        finally:
            database.close()
    finally:
        lock.release()


async def _poll_shown(
    database: Any, config: Config, poller: Any, wanted: Sequence[Source], signals: Signals
) -> list[PolledSource]:
    from aggregator.engine.rebuild.reworks import go_on

    stop = asyncio.Event()
    tell = asyncio.get_running_loop().call_soon_threadsafe
    signals.listen(lambda: tell(stop.set))
    polled: list[PolledSource] = []
    with _progress(len(wanted)) as advance:

        def on_polled(each: PolledSource) -> None:
            # What a table says of it; its posts are saved, and are not to be held until the last source is done.
            polled.append(replace(each, collected=replace(each.collected, posts=(), seen=(), gone=())))
            advance()

        await poller.poll(wanted, stop=stop, on_polled=on_polled)
    await go_on(database, stop, turn=_REWORKING)
    await _look_at_topics(database, config, stop)
    await _keep_house(database, config, stop)
    await _read_pages(database, config, poller, stop)
    await _tell(database, config, stop)
    await _write_briefs(database, config, stop)
    if stop.is_set():
        click.echo("stopped; what was collected is saved", err=True)
    places = {source.id: number for number, source in enumerate(wanted)}  # they were saved in another order
    return sorted(polled, key=lambda each: places[each.collected.source.id])


def _begin_telling(database: Any, config: Config) -> None:
    """Who is to be told from now on is told of what this poll brings."""
    if config.notify or config.digests:
        from aggregator.engine.clock import utc_now
        from aggregator.engine.outbox.beginning import begin_all  # here: most configurations tell nobody

        begin_all(database, config.notify, config.digests, utc_now())


async def _tell(database: Any, config: Config, stop: asyncio.Event) -> None:
    """Send what is due to those who are to be told, once."""
    if not (config.notify or config.digests) or stop.is_set():
        return
    from aggregator.engine.outbox.once import tell_once

    if sent := await tell_once(database, config, stop):
        click.echo(f"sent {counted(sent, 'message')}: `aggregator notify list`", err=True)


async def _look_at_topics(database: Any, config: Config, stop: asyncio.Event) -> None:
    """Stored posts that were not looked at by the rules of today: they are, for a while, or that is said."""
    from aggregator.storage.topic_rules import count_not_looked_at

    posts = count_not_looked_at(database.conn)
    if posts and config.apply_topics_to_stored:
        from aggregator.engine.rebuild.stored_topics import StoredTopics  # here: hardly a poll needs it

        topics = StoredTopics()
        topics.use(database, config)
        await topics.go_on(stop, _REWORKING)
        posts = count_not_looked_at(database.conn)
    say_not_looked_at(posts)


async def _keep_house(database: Any, config: Config, stop: asyncio.Event) -> None:
    """What a daemon does once an hour, once a day, for a while: the next poll goes on with it."""
    from aggregator.engine.clock import utc_now
    from aggregator.storage.keeping.space import is_noted

    if stop.is_set() or is_noted(database.conn, utc_now()):
        return
    from aggregator.engine.keeping.housekeeping import drop_old  # here: most polls need none of it
    from aggregator.engine.keeping.retention import Retention

    drop_old(database, config, utc_now())
    await Retention(database).go_on(config.storage.keeping, config.stories.window, utc_now(), stop, _PRUNING)


async def _read_pages(database: Any, config: Config, poller: Any, stop: asyncio.Event) -> None:
    """Read pages that are due, for a while."""
    from aggregator.engine.articles.open import open_pages

    async with AsyncExitStack() as stack:
        if pages := await open_pages(config, poller.sources, stack):
            from aggregator.engine.articles.reader import ArticleReader

            reader = ArticleReader(database, stop)
            reader.use(config, poller, pages)
            await reader.go_on(_READING)


async def _write_briefs(database: Any, config: Config, stop: asyncio.Event) -> None:
    """Write the briefs that changed. Where nothing did, what writes them is not loaded: that takes longer than a poll
    without news. What other settings made is made anew with the next news, or by `aggregator publish`."""
    from aggregator.storage.briefs.rows import has_news

    if not has_news(database.conn):
        return
    from aggregator.engine.briefs.writer import write_briefs

    try:
        await write_briefs(database, config.publish, stop.is_set)
    except PublishError as error:  # the posts are saved
        click.echo(f"no briefs were written: {error}", err=True)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """A progress bar on a terminal; nothing elsewhere. Gives the function that moves it on."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=total, label="polling", file=sys.stderr, show_pos=True) as shown:
        yield lambda: shown.update(1)


def pick(sources: Sequence[Source], names: Sequence[str]) -> list[Source]:
    """The sources that are meant by names: ids, or parts of titles or addresses; all if there are none.

    Raises:
        NotFoundError: a name fits no source.
    """
    if not names:
        return list(sources)
    picked: dict[str, Source] = {}
    for name in names:
        found = _meant(sources, name) or [source for source in sources if source.address == name]
        if not found:
            near = _near(sources, name)
            hint = f"; did you mean {near!r}?" if near else "; `aggregator sources` lists them"
            raise NotFoundError(f"no source is called {without_secrets(name)!r}{hint}")
        picked.update({source.url: source for source in found})
    return list(picked.values())


def _near(sources: Sequence[Source], name: str) -> str | None:
    """The source whose title, or some words of it, or a part of whose address, is spelled nearly so."""
    from aggregator.text.typed.nearest import nearest

    parts: dict[str, str] = {}
    for source in sources:
        title, length = source.title or source.url, len(name.split())
        words, host = title.split(), urlsplit(source.url).hostname or ""
        some = (" ".join(words[first : first + length]) for first in range(len(words) - length + 1))
        for part in (title, *some, host, *host.split(".")):
            parts.setdefault(part, title)
    found = nearest(name, parts)
    return parts[found] if found else None


def _meant(sources: Sequence[Source], name: str) -> list[Source]:
    """The source with this id; else those with this title; else those with it in their title or address."""
    if by_id := [source for source in sources if name == str(source.id)]:
        return by_id
    folded = name.casefold()
    if by_title := [source for source in sources if (source.title or "").casefold() == folded]:
        return by_title
    return [source for source in sources if folded in f"{source.title or ''} {source.url}".casefold()]


def merged(polled: Sequence[PolledSource]) -> list[PolledSource]:
    """The steps of each source as one: how the last one ended, and what all of them brought."""
    found: dict[int, PolledSource] = {}
    for each in polled:
        before = found.get(each.collected.source.id)
        found[each.collected.source.id] = _after(before, each) if before else each
    return list(found.values())


def _after(before: PolledSource, step: PolledSource) -> PolledSource:
    return replace(
        step,
        new=before.new + step.new,
        edited=before.edited + step.edited,
        copies=before.copies + step.copies,
        gone=before.gone + step.gone,
        collected=replace(
            step.collected,
            elapsed=before.collected.elapsed + step.collected.elapsed,
            warnings=tuple(dict.fromkeys((*before.collected.warnings, *step.collected.warnings))),
        ),
    )


def _is_trouble(polled: PolledSource) -> bool:
    return polled.collected.outcome not in (Outcome.OK, Outcome.NOT_MODIFIED)


def _row(polled: PolledSource, titles: Mapping[int, str]) -> tuple[Any, ...]:
    collected = polled.collected
    name = titles.get(collected.source.id, collected.source.url)
    seconds = round(collected.elapsed.total_seconds(), 2)
    detail = "; ".join(text for text in (collected.detail, *collected.warnings) if text)
    return name, str(collected.outcome), polled.new, polled.edited, polled.copies, polled.filtered, seconds, detail
