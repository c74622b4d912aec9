"""`aggregator backup` and `aggregator restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.output import counted, json_option, tell
from aggregator.model.quantities import size_in_words

if TYPE_CHECKING:
    from aggregator.model.settings import Storage

# More than anybody keeps.
_ALL = 1_000_000


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--keep", type=click.IntRange(1), help="Keep so many, and remove older ones ([storage] backup_keep).")
@json_option
@pass_app
def backup(app: App, folder: Path | None, keep: int | None, as_json: bool) -> None:
    """Write a whole, checked copy of the database into FOLDER, or where [storage] backup says.

    A daemon may run meanwhile. Where a disk is full or the database damaged, no backup that is there goes.
    """
    from aggregator.engine.clock import utc_now
    from aggregator.storage.copies.backups import backups_of, make_backup

    path = app.database_path()
    storage = _storage(app, folder)
    folder, keep = folder or storage.backup, keep or storage.backup_keep
    if folder is None:
        raise click.UsageError("name a folder, or set [storage] backup")
    made = make_backup(path, folder, utc_now(), keep=keep)
    number, size = len(backups_of(path, folder)), made.stat().st_size
    words = f"{made}: {size_in_words(size)}, whole; {counted(number, 'backup')} there"
    tell(words, {"file": str(made), "bytes": size, "backups": number}, as_json=as_json)


def _storage(app: App, folder: Path | None) -> Storage:
    """What is configured of backups. With database and folder named no configuration is needed, as for commands that
    read; of one that is wrong it is not known how many it keeps, and so none goes."""
    from aggregator.model.settings import Storage

    if not (app.database and folder):
        return app.config().storage
    if config := app.config_for_reading():
        return config.storage
    return Storage(backup_keep=_ALL) if app.has_config_file() else Storage()


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@pass_app
def restore(app: App, file: Path, as_json: bool) -> None:
    """Put a copy of FILE, a backup or a snapshot, in the database's place; the file that was there is kept.

    Stop the daemon first. The next poll fetches what the sources still have of the time since.
    """
    from aggregator.engine.clock import utc_now
    from aggregator.storage.copies.restore import restore as put_back

    path = app.database_path()
    found = put_back(file, path, utc_now())
    newest = f", the newest seen at {found.newest_at}" if found.newest_at else ""
    lines = [f"{path}: restored from {file}; posts: {found.posts:,}{newest}"]
    if found.taken_back:
        lines.append(f"Emptied again, as they were taken back since: {counted(found.taken_back, 'post')}")
    if found.replaced:
        lines.append(f"The file that was there: {found.replaced}; remove it when all is well")
    replaced = str(found.replaced) if found.replaced else None
    values = {"database": str(path), "file": str(file), **found._asdict(), "replaced": replaced}
    tell(lines, values, as_json=as_json)
