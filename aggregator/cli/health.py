"""`aggregator health`: is the daemon alive, and does it get on? For HEALTHCHECK and for monitoring."""

from __future__ import annotations

import sys

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.output import json_option, show_json
from aggregator.engine.health import judge


@click.command()
@json_option
@pass_app
def health(app: App, as_json: bool) -> None:
    """Exit status 0 if a daemon is at work on the database and its polls end, or it upgrades the file; else 1."""
    # A configuration that is wrong is told of and judges nobody: the daemon goes on with the one it read before.
    found = judge(app.path_to_read())
    if as_json:
        show_json(
            {"is_well": found.is_well, "words": found.words, "lines": found.lines, "sources": dict(found.sources)}
        )
    else:
        click.echo(found.words, err=not found.is_well)
        for line in found.lines:
            click.echo(line)
    if not found.is_well:
        sys.exit(1)
