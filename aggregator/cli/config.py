"""Commands about the configuration."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.output import counted, json_option, show_json
from aggregator.model.errors import ConfigError

if TYPE_CHECKING:
    from aggregator.model.settings import Config

_CALLED = {"home": "home timeline", "bookmarks": "bookmarks timeline", "trends": "trends list"}
# Kinds of sources that are only counted where there are any.
_RARER = ("account", "home", "list", "bookmarks", "trends")


@click.group()
def config() -> None:
    """Check the configuration, or print its schema."""


@config.command()
@json_option
@pass_app
def check(app: App, as_json: bool) -> None:
    """Report every mistake in the configuration; exit status 2 if there is one."""
    if as_json:
        _check_for_programs(app)
    else:
        _tell(app.config())


def _check_for_programs(app: App) -> None:
    try:
        found = app.config()
    except ConfigError as error:
        show_json({"is_good": False, "mistakes": list(error.problems)})
        sys.exit(2)
    sources = dict(Counter(source.kind for source in found.sources))
    show_json({
        "is_good": True, "file": found.file and str(found.file), "database": str(found.storage.path.absolute()),
        "sources": sources, "topics": len(found.rules),
        "targets": len(found.notify), "digests": len(found.digests), "warnings": list(found.warnings),
    })  # fmt: skip


def _tell(found: Config) -> None:
    kinds = [source.kind for source in found.sources]
    followed = [counted(kinds.count("feed"), "feed"), counted(kinds.count("hashtag"), "hashtag")]
    followed += [counted(kinds.count(kind), _CALLED.get(kind, kind)) for kind in _RARER if kind in kinds]
    followed.append(counted(len(found.rules), "topic"))
    told = (("target", found.notify), ("digest", found.digests))
    followed += [counted(len(each), what) for what, each in told if each]
    click.echo(f"{found.file}: good: {', '.join(followed)}")
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
