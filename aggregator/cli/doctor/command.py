"""`aggregator doctor`: what is wrong with this installation, where, and what to do; `--fix` does what is safe."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.output import counted, output_options, show, table_of, width_of_text

if TYPE_CHECKING:
    from aggregator.engine.doctor.mend import Mended
    from aggregator.engine.doctor.subject import Subject
    from aggregator.model.finding import Finding
    from aggregator.model.settings import Config

_COLUMNS = ("check", "level", "what", "where", "remedy", "command", "fix")
# Level and check stand before what was found.
_INDENT = 24
_NARROWEST = 60


@click.command()
@click.option("--fix", "is_fixing", is_flag=True, help="Do what is safe, tell of each, and look again.")
@click.option(
    "--full", "is_whole", is_flag=True, help="Look at all of a large file too, and through the newest backup."
)
@output_options
@pass_app
def doctor(app: App, is_fixing: bool, is_whole: bool, form: str) -> None:
    """Look for what is wrong: the file, the machine, the configuration; with what to do about each.

    Changes nothing without --fix, and may be used beside a daemon. Exit status 0 if all is well, 1 if something is to
    be done.
    """
    from aggregator.engine.doctor.examine import examine
    from aggregator.model.finding import Level

    # What is mended is worked out from what is there: that must be known to be right.
    subject = _subject(app, is_whole or is_fixing)
    found = examine(subject)
    if is_fixing:
        from aggregator.engine.doctor.mend import mend_all

        for each in mend_all(subject, found):
            click.echo(_fixed(each), err=form != "table")
        found = examine(subject)
    if form == "table":
        _show(found)
    else:
        show(table_of(_COLUMNS, [_row(each) for each in found]), form)
    if any(each.level is Level.TROUBLE for each in found):
        sys.exit(1)


def _subject(app: App, is_whole: bool) -> Subject:
    from aggregator.engine.clock import utc_now
    from aggregator.engine.doctor.subject import Subject
    from aggregator.model.errors import ConfigError

    config: Config | None = None
    problems: tuple[str, ...] = ()
    try:
        config = None if _needs_none(app) else app.config()
    except ConfigError as error:
        problems = error.problems
    path = config.storage.path if config else _path_without_config(app)
    options: list[str] = []
    for option, value in (("--config", app.config_file), ("--database", app.database)):
        options += [option, str(value)] if value else []
    return Subject(path.absolute(), utc_now(), config, problems, tuple(options), is_whole, os.geteuid())


def _path_without_config(app: App) -> Path:
    """Where the database is, though the configuration can't be used: by the option, the environment, or that line."""
    from aggregator.config.wrong.database import database_path
    from aggregator.model.settings import Storage

    return app.database or database_path(app.named_file(), os.environ.get("AGGREGATOR_DATABASE", "")) or Storage().path


def _needs_none(app: App) -> bool:
    """The database was named, no configuration was, and there is none at the usual place: so none is missing."""
    from aggregator.config.environment import CONFIG

    is_named = app.config_file is not None or os.environ.get(CONFIG, "").strip()
    return app.database is not None and not is_named and not app.named_file().exists()


def _row(found: Finding) -> tuple[object, ...]:
    return (
        found.check, str(found.level), found.what, found.where or None, found.remedy or None, found.command or None,
        found.fix,
    )  # fmt: skip


def _show(found: Sequence[Finding]) -> None:
    """A paragraph each: how it is, what it is, where; below, what to do, and a line to be copied, which stays whole."""
    from aggregator.model.finding import Level

    width = max(_NARROWEST, width_of_text())
    for each in found:
        head = f"{_called(each.level):<9}{each.check:<{_INDENT - 9}}"
        where = f" [{each.where}]" if each.where and each.level is not Level.WELL else ""
        click.echo(_filled(f"{each.what}{where}", head, width))
        if each.remedy:
            click.echo(_filled(f"→ {each.remedy}", " " * _INDENT, width))
        if each.command:
            click.echo(f"{' ' * _INDENT}  {each.command}")
    levels = [each.level for each in found]
    troubles = levels.count(Level.TROUBLE)
    fixable = sum(each.fix is not None for each in found)
    words = f"{counted(troubles, 'trouble')}, {counted(levels.count(Level.NOTE), 'note')}"
    click.echo(
        f"\n{words if troubles or fixable else f'all is well ({words})'}"
        + (f"; {fixable} of them `aggregator doctor --fix` mends" if fixable else "")
    )


def _called(level: str) -> str:
    return level.upper() if level == "trouble" else level


def _filled(words: str, head: str, width: int) -> str:
    return textwrap.fill(
        words, width, initial_indent=head, subsequent_indent=" " * _INDENT, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def _fixed(mended: Mended) -> str:
    return f"{'mended' if mended.is_done else 'left'}: {mended.fix}: {mended.words}"
