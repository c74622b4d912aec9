"""`aggregator demo`: the real program against sample sources on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from aggregator.cli.app import App, pass_app, program_name, run_loop
from aggregator.cli.output import show
from aggregator.cli.run import poll_once
from aggregator.engine import log
from aggregator.model.settings import Config, Logging
from aggregator.storage.queries import Reader

_FILES = ("", "-wal", "-shm", ".lock", ".paused")

# The first line of the configuration that a demo writes beside its database: how a later demo knows it for its own.
_MARK = "# Written by `aggregator demo`, which replaces it and the database beside it."

_DATABASE = Path("data/demo.db")

_QUESTIONS = (
    ("the latest stories", "SELECT title, source_count, topics FROM latest_stories ORDER BY last_at DESC LIMIT 5"),
    ("what is there on funding, and why", "SELECT p.title, t.because FROM post_topics t JOIN posts p "
     "ON p.id = t.post_id WHERE t.topic = 'funding'"),
    ("which posts are copies, of what, and why", "SELECT title, original_title, because FROM copies"),
    ("as we reported on …", "SELECT title, earlier_at, earlier_title FROM earlier_coverage ORDER BY kind DESC"),
)  # fmt: skip


@click.command()
@click.option("--database", type=click.Path(path_type=Path), help=f"Where to; {_DATABASE} if left out.")
@pass_app
def demo(app: App, database: Path | None) -> None:
    """Poll sample feeds and a sample Mastodon server, both on this machine, into a database to look into.

    Needs no network and no configuration. Replaces the database of an earlier demo, and refuses any other file.
    """
    database = database or app.database or _DATABASE
    _make_room(database)
    log.configure(Logging(level="warning"))
    config = run_loop(_poll_samples(database))
    _build_site(config)
    _show_result(database)
    _show_site(config, database)


def _make_room(database: Path) -> None:
    """Remove what an earlier demo left.

    Raises:
        StorageError: something else is there.
        DatabaseBusyError: another process is writing to it.
    """
    from aggregator.model.errors import DatabaseBusyError, StorageError
    from aggregator.storage.file.lock import WriterLock

    if WriterLock(database).is_held():
        raise DatabaseBusyError(f"another process is writing to {database}")
    config = _config_file(database)
    is_ours = config.is_file() and config.read_text(encoding="utf-8", errors="replace").startswith(_MARK)
    if not is_ours and (database.exists() or config.exists()):
        raise StorageError(f"{database} is not the database of an earlier demo; name a file that is not there yet")
    for ending in _FILES:
        database.with_name(database.name + ending).unlink(missing_ok=True)


def _config_file(database: Path) -> Path:
    return database.with_name(database.name + ".toml")


async def _poll_samples(database: Path) -> Config:
    from aggregator.cli.demo.server import DemoServer
    from aggregator.engine.clock import utc_now

    async with DemoServer(utc_now()) as server:
        config = _config(server.url, database)
        polled = await poll_once(config)
        await poll_once(config, server.correct())  # a paper corrects itself, and what it said before is kept
    posts = sum(each.new for each in polled)
    click.echo(f"Polled {len(config.sources)} sample sources at {server.url}: {posts} posts.")
    return config


def _config(server_url: str, database: Path) -> Config:
    """The demo's configuration, through the same reader as a user's."""
    from aggregator.cli.demo.server import demo_config_toml
    from aggregator.config import load_config

    file = _config_file(database)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{_MARK}\n{demo_config_toml(server_url, database)}", encoding="utf-8")
    return load_config(file, {})


def _show_result(database: Path) -> None:
    with Reader(database) as reader:
        counts = reader.totals()
        show(counts, "table")
        stories = reader.widest_stories(12)
        show(stories, "table", title="Stories that most sources carry", wrap=True)
    click.echo(f"\nEverything is in {database}. Look further with any SQLite client, or:\n")
    program = f"{program_name()} --database {database}"
    for title, query in _QUESTIONS:
        click.echo(f'  # {title}\n  {program} sql "{query}"\n')
    [(widest, *_), *_] = stories.rows
    click.echo(f"  # one story with all its sources\n  {program} stories {widest}")


def _build_site(config: Config) -> None:
    from aggregator.engine.site.publisher import build_site, note_built
    from aggregator.storage.database import Database

    # Whatever an earlier demo built: this database is another one.
    built = build_site(config.storage.path, config.publish, is_full=True)
    database = Database(config.storage.path)
    try:
        note_built(database, built)
    finally:
        database.close()


def _show_site(config: Config, database: Path) -> None:
    path = config.publish.path
    click.echo(f"\nWhat readers see is in {path}: pages and feeds, as plain files. Look at them in a browser:\n")
    click.echo(f"  {program_name()} --config {_config_file(database)} serve")
