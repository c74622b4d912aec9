"""Commands about the configuration."""

from __future__ import annotations

import json

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.output import counted

_CALLED = {"home": "home timeline", "bookmarks": "bookmarks timeline", "trends": "trends list"}
# Kinds of sources that are only counted where there are any.
_RARER = ("account", "home", "list", "bookmarks", "trends")


@click.group()
def config() -> None:
    """Check the configuration, or print its schema."""


@config.command()
@pass_app
def check(app: App) -> None:
    """Report every mistake in the configuration; exit status 2 if there is one."""
    found = app.config()
    kinds = [source.kind for source in found.sources]
    followed = [counted(kinds.count("feed"), "feed"), counted(kinds.count("hashtag"), "hashtag")]
    followed += [counted(kinds.count(kind), _CALLED.get(kind, kind)) for kind in _RARER if kind in kinds]
    click.echo(f"{found.file}: good: {', '.join(followed)}, {counted(len(found.rules), 'topic')}")
    click.echo(f"database: {found.storage.path.absolute()}")
    if not kinds:
        click.echo("nothing is followed yet: add [[feeds]], [[hashtags]] or [[accounts]]")
    for warning in found.warnings:
        click.echo(f"warning: {warning}")


@config.command()
def schema() -> None:
    """Print the JSON Schema of the configuration, for editors that check and complete TOML."""
    from aggregator.config import json_schema

    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))
