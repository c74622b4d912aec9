"""`aggregator health`: is the daemon alive? For HEALTHCHECK and for monitoring."""

from __future__ import annotations

import sys

import click

from aggregator.cli.app import App, pass_app
from aggregator.storage.lock import Notice, WriterLock

# The daemon gives a sign of life every ten seconds. A transaction or a stalled disk may hold one up.
_SILENCE_SECONDS = 60


@click.command()
@pass_app
def health(app: App) -> None:
    """Exit status 0 if a daemon is at work on the database, else 1."""
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
    with app.reader() as reader:
        statuses = reader.source_statuses()
    counted = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    click.echo(f"at work; last sign of life {silence:.0f} s ago; sources: {counted or 'none'}")
