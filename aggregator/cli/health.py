"""`aggregator health`: is the daemon alive, and does it get on? For HEALTHCHECK and for monitoring."""

from __future__ import annotations

import sys

import click

from aggregator.cli.app import App, pass_app
from aggregator.engine.health import judge


@click.command()
@pass_app
def health(app: App) -> None:
    """Exit status 0 if a daemon is at work on the database and its polls end, or it upgrades the file; else 1."""
    found = judge(app.database_path())
    click.echo(found.words, err=not found.is_well)
    if found.waiting:
        click.echo(found.waiting)
    if not found.is_well:
        sys.exit(1)
