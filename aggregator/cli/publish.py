"""`aggregator publish`: build the site now."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.app import App, pass_app, run_loop
from aggregator.cli.output import json_option, show_json

if TYPE_CHECKING:
    from aggregator.model.settings import Publish
    from aggregator.publish.building.build import Built


@click.command()
@click.option("--path", type=click.Path(path_type=Path), help="The folder of the site; [publish] path if left out.")
@click.option("--full", is_flag=True, help="Build every page anew, not only what changed.")
@json_option
@pass_app
def publish(app: App, path: Path | None, full: bool, as_json: bool) -> None:
    """Build the site from what is in the database: pages for readers and feeds of every selection, as plain files.

    Only what changed since the last time is built. A running daemon with [publish] path does this by itself.
    """
    from aggregator.engine.site.publisher import build_site, note_built
    from aggregator.model.errors import ConfigError
    from aggregator.storage.database import Database

    settings = app.config().publish
    is_own = path is None or (settings.path is not None and path.absolute() == settings.path.absolute())
    settings = replace(settings, path=settings.path if is_own else path)
    if settings.path is None:
        raise ConfigError(["no folder for the site: set [publish] path in the configuration, or give --path DIR"])
    begun = time.process_time()
    _write_briefs(app.database_path(), settings)
    built = build_site(app.database_path(), settings, is_full=full or not is_own, will_index=True)
    if is_own:
        database = Database(app.database_path())
        try:
            note_built(database, built)
        finally:
            database.close()
    _index(app, settings, built)
    seconds = time.process_time() - begun
    if as_json:
        values = {"pages": built.pages, "written": built.written, "removed": built.removed}
        show_json(
            {"path": str(settings.path), **values, "because": built.because or None, "seconds": round(seconds, 3)}
        )
    else:
        _tell(settings.path, built, seconds, is_asked=full)


def _write_briefs(path: Path, settings: Publish) -> None:
    """What the pages tell of stories; left as it is in a database that can only be read."""
    from aggregator.engine.briefs.writer import write_briefs
    from aggregator.model.errors import DatabaseUnwritableError, StorageError
    from aggregator.storage.database import Database

    if not path.exists():
        raise StorageError(f"{path}: no database there yet; `aggregator poll` or `run` makes it")
    with suppress(DatabaseUnwritableError):
        database = Database(path)
        try:
            run_loop(write_briefs(database, settings))
        finally:
            database.close()


def _index(app: App, settings: Publish, built: Built) -> None:
    """Make the index for search anew, where something is new."""
    from aggregator.engine.site.index import has_index, index_site
    from aggregator.engine.site.publisher import build_site
    from aggregator.model.errors import PublishError

    assert settings.path is not None
    try:
        if built.written or built.removed or not has_index(settings.path):
            index_site(settings.path)
    except PublishError:
        if not has_index(settings.path):
            build_site(app.database_path(), settings)  # the search page is to be the one without it
        raise


def _tell(path: Path, built: Built, seconds: float, *, is_asked: bool) -> None:
    if not built.written and not built.removed:
        click.echo(f"{path} is up to date ({seconds:.1f} s of CPU).")
        return
    removed = f", {built.removed} removed" if built.removed else ""
    why = f" All was built: {built.because}." if built.because and not is_asked else ""
    others = built.written - built.pages
    click.echo(f"{path}: {built.pages} pages and {others} other files written{removed}, {seconds:.1f} s of CPU.{why}")
    click.echo(f"Look at it with `aggregator serve`, or let a web server show {path}.")
