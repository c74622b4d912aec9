"""`aggregator health`: is the daemon alive, and does it get on? For HEALTHCHECK and for monitoring."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import click

from aggregator.cli.app import App, pass_app
from aggregator.storage.file.lock import WriterLock
from aggregator.storage.file.notice import Notice

# The daemon gives a sign of life every ten seconds. A transaction or a stalled disk may hold one up.
_SILENCE_SECONDS = 60

# A look at what is due ends every second, also where limits of domains let nothing be asked; one that waits for a
# source that does not answer lasts no longer than that source may take, a quarter of an hour (`engine.deadlines`).
_NO_POLL = timedelta(minutes=20)


@click.command()
@pass_app
def health(app: App) -> None:
    """Exit status 0 if a daemon is at work on the database and its polls end, else 1."""
    lock = WriterLock(app.database_path())
    silence = lock.seconds_since_beat()
    if not lock.is_held():
        click.echo(f"no daemon is at work on {app.database_path()}", err=True)
        sys.exit(1)
    if obstacle := Notice(app.database_path()).read():
        click.echo(f"a daemon is there and polls nothing: {obstacle}; it goes on by itself when that is over", err=True)
        sys.exit(1)
    if abs(silence) > _SILENCE_SECONDS:  # a sign from the future: the clock was set back, and nothing came since
        click.echo(f"the daemon gave its last sign of life {silence:.0f} s ago", err=True)
        sys.exit(1)
    since_poll = lock.seconds_since_poll()
    with app.reader() as reader:
        statuses = reader.source_statuses()
        overdue = reader.count_overdue(datetime.now(UTC) - _NO_POLL)
    if overdue and abs(since_poll) > _NO_POLL.total_seconds():
        minutes = _NO_POLL.total_seconds() / 60
        click.echo(
            f"no poll has ended for {since_poll / 60:.0f} min, and sources have been due for more than {minutes:.0f} "
            f"min: {overdue}; the daemon is stuck, start it again",
            err=True,
        )
        sys.exit(1)
    counted = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    click.echo(
        f"at work; last sign of life {silence:.0f} s ago; a poll ended last {max(since_poll, 0):.0f} s ago; "
        f"sources: {counted or 'none'}"
    )
