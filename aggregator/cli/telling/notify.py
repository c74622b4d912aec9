"""`aggregator notify`: the targets of `[[notify]]` and `[[digest]]`, trying one, and sending again what failed."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.app import App, pass_app, run_loop
from aggregator.cli.output import counted, json_option, output_options, show, show_json, table_of
from aggregator.model.errors import NotFoundError
from aggregator.storage.times import to_text

if TYPE_CHECKING:
    from aggregator.model.outbox import Digest
    from aggregator.model.settings import Config
    from aggregator.storage.outbox.listing import Standing

_TARGETS = (
    "target", "on", "channel", "since", "waiting", "sent", "failed", "last_sent_at", "next_try_at", "failures",
    "last_error",
)  # fmt: skip
# Rows that wait or failed, in a table for people: the first of them.
_MOST_ROWS = 50


@click.group()
def notify() -> None:
    """Who is told when something happens, and what waits for them."""


@notify.command("list")
@click.option("--rows", "with_rows", is_flag=True, help="What waits or failed, a row each, instead of the targets.")
@output_options
@pass_app
def list_(app: App, with_rows: bool, form: str) -> None:
    """Each target: since when, what waits, was sent and failed, the last error, and when it is tried next.

    A target without a channel is not configured any more: what waits for it stays for a week.
    """
    from aggregator.storage.outbox.listing import load_open, load_standing

    config = app.config_for_reading()
    with app.reader() as reader:
        standing = load_standing(reader)
        rows = load_open(reader, -1 if form != "table" else _MOST_ROWS) if standing else None
    if with_rows:
        if rows:
            show(rows, form, main="title", leaves=("row_id", "noted_at", "tried_at", "due_at"), empty="(nothing waits)")
        elif form == "json":
            click.echo("[]")
        return
    found = table_of(_TARGETS, _rows(config, standing))
    leaves = ("since", "failures", "on", "last_sent_at")
    show(
        found, form, main="last_error", leaves=leaves, empty="(nobody is told: a [[notify]] in the configuration does)"
    )
    if form == "table":
        _add_what_to_do(config, standing)


def _add_what_to_do(config: Config | None, standing: list[Standing]) -> None:
    if config:
        told = {each.name for each in config.notify} | {each.name for each in config.digests}
        if former := [each.name for each in standing if each.name not in told]:
            click.echo(f"not in the configuration any more: {', '.join(former)}")
    if waiting := sum(each.waiting for each in standing):
        click.echo(f"{counted(waiting, 'thing')} waiting: `aggregator notify list --rows`")
    if failed := sum(each.failed for each in standing):
        click.echo(f"{counted(failed, 'thing')} given up: `aggregator notify retry` has them sent again")


def _rows(config: Config | None, standing: list[Standing]) -> list[tuple[Any, ...]]:
    """A row for each target that is configured or was, the configured first."""
    from aggregator.engine.outbox.digests.when import next_moment

    known = {each.name: each for each in standing}
    shown: dict[str, tuple[str | None, str | None]] = {}
    for each in config.notify if config else ():
        shown[each.name] = ", ".join(each.on), each.target.shown
    for digest in config.digests if config else ():
        ways = [*(["mail"] if digest.mail else []), *(["file"] if digest.path else [])]
        shown[digest.name] = "digest", ", ".join(ways)
        if (its := known.get(digest.name)) and its.next_at is None:
            known[digest.name] = replace(its, next_at=next_moment(digest, its.begun_at, datetime.now(UTC)))
    for name in known:
        shown.setdefault(name, (None, None))
    return [_row(name, on, channel, known.get(name)) for name, (on, channel) in shown.items()]


def _row(name: str, on: str | None, channel: str | None, found: Standing | None) -> tuple[Any, ...]:
    if found is None:  # the next poll begins with it
        return name, on, channel, None, 0, 0, 0, None, None, 0, None
    return (
        name, on, channel, to_text(found.begun_at), found.waiting, found.sent, found.failed, to_text(found.sent_at),
        to_text(found.next_at), found.failures, found.last_error,
    )  # fmt: skip


@notify.command()
@click.argument("name")
@click.option("--preview", is_flag=True, help="Of a digest: print what it would tell now, and send nothing.")
@json_option
@pass_app
def test(app: App, name: str, preview: bool, as_json: bool) -> None:
    """Send the target NAME a message that is marked as a test, now, and say what came back.

    Exit status 1 where it did not take it. Quiet hours don't count, and nothing is noted.
    """
    from aggregator.engine import log
    from aggregator.engine.outbox.once import try_target

    config = app.config()
    log.configure(config.log, sources=config.sources)
    if digest := next((each for each in config.digests if each.name == name), None):
        _test_digest(digest, config, preview, as_json)
        return
    found = next((each for each in config.notify if each.name == name), None)
    if found is None:
        raise _no_such(name, [*(each.name for each in config.notify), *(each.name for each in config.digests)])
    if preview:
        raise click.UsageError("--preview is of digests")
    delivery = run_loop(try_target(found, config, datetime.now(UTC)))
    if as_json:
        show_json([{"target": name, "taker": found.target.shown, "taken": delivery.error is None,
                    "error": delivery.error}])  # fmt: skip
    elif delivery.error is None:
        click.echo(f"{name}: {found.target.shown} took it")
    else:
        again = "; it is refused for good" if delivery.is_final else "; it would be tried again"
        again += _when(delivery.retry_at)
        click.echo(f"{name}: {found.target.shown} did not take it: {delivery.error}{again}", err=True)
    if delivery.error is not None:
        sys.exit(1)


def _test_digest(digest: Digest, config: Config, is_preview: bool, as_json: bool) -> None:
    """A digest's test: as a file, by mail, or on the terminal."""
    from aggregator.engine.outbox.digests.trying import preview, try_digest

    now = datetime.now(UTC)
    if is_preview:
        click.echo(preview(digest, config, now) or "there are no stories yet")
        return
    tried = run_loop(try_digest(digest, config, now))
    if as_json:
        show_json([{"target": digest.name, "taker": taker, "taken": error is None, "error": error}
                   for taker, error in tried])  # fmt: skip
    for taker, error in () if as_json else tried:
        click.echo(f"{digest.name}: {taker}: {error or 'taken'}", err=error is not None)
    if not tried:
        click.echo(f"{digest.name}: there are no stories yet, and nothing was sent", err=True)
    if not tried or any(error for _, error in tried):
        sys.exit(1)


def _when(at: datetime | None) -> str:
    return f" at {to_text(at)}" if at else ""


@notify.command()
@click.argument("name", required=False)
@click.option("--id", "outbox_id", type=int, help="This row alone, with those of its message: `notify list --rows`.")
@json_option
@pass_app
def retry(app: App, name: str | None, outbox_id: int | None, as_json: bool) -> None:
    """Have what failed sent again, to the target NAME or to all: the daemon, or the next `aggregator poll`, does it."""
    from aggregator.storage.database import Database
    from aggregator.storage.outbox.listing import load_standing
    from aggregator.storage.outbox.taking import retry as again

    with app.reader() as reader:  # a file that is not there is not made
        known = [each.name for each in load_standing(reader)]
    if name is not None and name not in known:
        raise _no_such(name, known)
    database = Database(app.database_path())
    try:
        with database.write():
            count = again(database.conn, datetime.now(UTC), name, outbox_id)
    finally:
        database.close()
    if as_json:
        show_json({"waiting": count})
    else:
        click.echo(f"waiting again: {counted(count, 'thing')}" if count else "nothing failed")
    if outbox_id is not None and not count:
        sys.exit(1)


def _no_such(name: str, known: list[str]) -> NotFoundError:
    from aggregator.text.typed.nearest import nearest

    near = nearest(name, known)
    hint = f"did you mean {near!r}?" if near else "`aggregator notify list` lists them"
    return NotFoundError(f"no target is called {name!r}; {hint}")
