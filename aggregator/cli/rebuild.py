"""`aggregator rebuild`: topics, copies, stories and briefs worked out again from the stored posts."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from aggregator.cli.app import App, pass_app, run_loop
from aggregator.cli.output import counted, json_option, show_json

if TYPE_CHECKING:
    from aggregator.engine.rebuild.progress import Progress, Rebuilt
    from aggregator.model.embedding import Encoder
    from aggregator.model.settings import Config
    from aggregator.storage.database import Database


# What can be worked out again, in this order, and what then changed: one, several.
_WORDS = {
    "topics": ("post",),
    "copies": ("post",),
    "stories": ("story", "stories"),
    "counters": ("count",),
    "briefs": ("brief",),
}


@click.command()
@click.argument("what", type=click.Choice([*_WORDS, "all"]))
@json_option
@pass_app
def rebuild(app: App, what: str, as_json: bool) -> None:
    """Work out WHAT again from the stored posts, after the rules or the program changed.

    A daemon may run meanwhile; it loads anew what it keeps in memory. Stories keep their ids where most of their posts
    stay together; one that another took over points at its successor. Counters are what the views count: they are right
    already, unless something else wrote to the file.
    """
    from aggregator.model.errors import StorageError
    from aggregator.storage.database import Database
    from aggregator.storage.stored_posts import count_posts

    config = app.config()
    if not config.storage.path.exists():
        raise StorageError(f"{config.storage.path}: no database there yet; `aggregator poll` or `run` makes it")
    database, results = Database(config.storage.path), {}
    try:
        for step in _WORDS if what == "all" else (what,):
            terminal = getattr(sys.stderr, "unguarded", sys.stderr)  # a bar goes back to where its line began
            with database.guarded():
                total = count_posts(database.conn)
                hidden = not terminal.isatty()
                with click.progressbar(length=total, label=step, file=terminal, hidden=hidden) as bar:
                    done = _STEPS[step](database, config, bar.update)
            results[step] = {"looked_at": done.posts, "changed": done.changed}
            if as_json:
                continue
            changed = counted(done.changed, *_WORDS[step])
            looked_at = counted(done.posts, *(_WORDS["stories"] if step == "briefs" else ("post",)))
            click.echo(f"{step}: {looked_at} looked at, {changed} changed")
    finally:
        database.close()
    if as_json:
        show_json(results)


def _topics(database: Database, config: Config, progress: Progress) -> Rebuilt:
    from aggregator.engine.clock import utc_now
    from aggregator.engine.rebuild.topics import leanings_of, rebuild_topics
    from aggregator.storage.sources import load_source_ids, sync_topics
    from aggregator.topics.taxonomy import Taxonomy

    vocabulary = [(rule.topic, rule.label, rule.kind) for rule in config.rules]
    with database.write():
        sync_topics(database.conn, vocabulary)
    leanings = leanings_of(config.sources, load_source_ids(database.conn, [source.url for source in config.sources]))
    done = rebuild_topics(database, Taxonomy(config.rules), leanings, utc_now(), progress)
    with database.write():  # topics that left the vocabulary are used by no post any more
        sync_topics(database.conn, vocabulary)
    return done


def _copies(database: Database, config: Config, progress: Progress) -> Rebuilt:
    from aggregator.engine.clock import utc_now
    from aggregator.engine.rebuild.copies import rebuild_copies

    return rebuild_copies(database, utc_now(), progress)


def _stories(database: Database, config: Config, progress: Progress) -> Rebuilt:
    from aggregator.engine.clock import utc_now
    from aggregator.engine.rebuild.stories import rebuild_stories

    return rebuild_stories(database, config.stories, utc_now(), progress, usable_model(config))


def usable_model(config: Config) -> Encoder | None:
    """The model by which stories are found across languages, where there is one that works; else that is said."""
    from aggregator.engine.embed import model_for
    from aggregator.engine.extras.model import import_trouble, told

    found = model_for(config, lambda: import_trouble() is None)
    if found is None or found.is_usable:
        return found
    click.echo(told(config.stories.semantic), err=True)
    return None


def _briefs(database: Database, config: Config, progress: Progress) -> Rebuilt:
    from aggregator.engine.briefs.writer import BriefWriter
    from aggregator.engine.rebuild.progress import Rebuilt

    writer = BriefWriter(database)
    writer.keeps_models = config.briefs.is_asked
    writer.use(config.publish)
    done = run_loop(writer.rewrite())
    return Rebuilt(done.looked_at, done.written + done.dropped)


def _counters(database: Database, config: Config, progress: Progress) -> Rebuilt:
    from aggregator.engine.rebuild.counters import rebuild_counters

    return rebuild_counters(database, progress)


_STEPS: dict[str, Callable[[Database, Config, Progress], Rebuilt]] = {
    "topics": _topics,
    "copies": _copies,
    "stories": _stories,
    "briefs": _briefs,
    "counters": _counters,
}
