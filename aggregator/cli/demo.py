"""`aggregator demo`: the real program against sample sources on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from aggregator import log
from aggregator.cli.app import App, pass_app, run_loop
from aggregator.cli.polling import poll_once
from aggregator.cli.tables import console, show
from aggregator.settings import Config, Logging
from aggregator.storage.queries import Reader

_LEFTOVERS = ("", "-wal", "-shm")

_QUESTIONS = (
    ("the latest stories", "SELECT title, source_count, topics FROM latest_stories LIMIT 5"),
    ("what is there on funding, and why", "SELECT p.title, t.because FROM post_topics t JOIN posts p "
     "ON p.id = t.post_id WHERE t.topic = 'funding'"),
    ("which posts are copies, of what, and why", "SELECT title, original_title, because FROM copies"),
    ("as we reported on …", "SELECT title, earlier_at, earlier_title FROM earlier_coverage"),
)  # fmt: skip


@click.command()
@click.option("--database", type=click.Path(path_type=Path), default="data/demo.db", show_default=True)
@pass_app
def demo(app: App, database: Path) -> None:
    """Poll sample feeds and a sample Mastodon server, both on this machine, into a database to look into.

    Needs no network and no configuration. A database of an earlier demo is replaced.
    """
    from aggregator.errors import DatabaseBusyError
    from aggregator.storage.lock import WriterLock

    if WriterLock(database).is_held():
        raise DatabaseBusyError(f"another process is writing to {database}")
    for ending in _LEFTOVERS:
        database.with_name(database.name + ending).unlink(missing_ok=True)
    log.configure(Logging(level="warning"))
    run_loop(_poll_samples(database))
    _show_result(database)


async def _poll_samples(database: Path) -> None:
    from aggregator.demo.server import DemoServer
    from aggregator.poller import utc_now

    async with DemoServer(utc_now()) as server:
        config = _config(server.url, database)
        polled = await poll_once(config)
    posts = sum(each.new for each in polled)
    click.echo(f"Polled {len(config.sources)} sample sources at {server.url}: {posts} posts.")


def _config(server_url: str, database: Path) -> Config:
    """The demo's configuration, through the same reader as a user's."""
    from aggregator.config import load_config
    from aggregator.demo.server import demo_config_toml

    file = database.with_suffix(".toml")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(demo_config_toml(server_url, database), encoding="utf-8")
    return load_config(file, {})


def _show_result(database: Path) -> None:
    with Reader(database) as reader:
        counts = reader.ask(
            "SELECT (SELECT count(*) FROM posts) AS posts, (SELECT count(*) FROM posts WHERE kind = 'status') "
            "AS statuses, (SELECT count(*) FROM copies) AS copies, (SELECT count(*) FROM sightings) AS sightings, "
            "(SELECT count(DISTINCT language) FROM posts) AS languages, "
            "(SELECT count(*) FROM latest_stories) AS stories, "
            "(SELECT count(*) FROM latest_stories WHERE source_count > 1) AS stories_of_several_sources, "
            "(SELECT count(DISTINCT topic) FROM post_topics) AS topics"
        )
        show(counts, "table")
        stories = reader.ask(
            "SELECT id, title, source_count AS sources, post_count AS posts, topics FROM latest_stories "
            "ORDER BY source_count DESC, last_at DESC LIMIT 12"
        )
        show(stories, "table", title="Stories that most sources carry")
    click.echo(f"Everything is in {database}. Look further with any SQLite client, or:\n")
    for title, query in _QUESTIONS:
        console().print(f'  # {title}\n  aggregator --database {database} sql "{query}"\n', soft_wrap=True)
    click.echo(f"  # one story with all its sources\n  aggregator --database {database} stories 1")
