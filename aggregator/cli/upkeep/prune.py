"""`aggregator prune`: what is too old goes now, or is only counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.output import counted, json_option, show_json
from aggregator.model.quantities import size_in_words

if TYPE_CHECKING:
    from aggregator.engine.keeping.forecast import Forecast
    from aggregator.engine.keeping.retention import Gone
    from aggregator.model.keeping import Keeping

_REASONS = {
    "younger": "go on: one of their posts is younger",
    "edited": "were edited since",
    "editor": "an editor pinned, named, changed or labelled",
    "topics": "have a topic of keep_topics",
    "sources": "come from a source of keep_sources",
    "forgotten": "are empty, and remembered as forgotten",
}


def _value(name: str) -> Callable[[Any, Any, str | None], Any]:
    """Reads an option as the key of `[storage]` is read."""

    def read(ctx: Any, param: Any, value: str | None) -> Any:
        if value is None:
            return None
        from aggregator.config.kinds import WrongValue
        from aggregator.config.table import declared
        from aggregator.model.keeping import Keeping

        [key] = [each for each in declared(Keeping) if each.name == name]
        try:
            return key.kind.read(value)
        except WrongValue as error:
            meant = f"; did you mean {error.meant}?" if error.meant else ""
            raise click.BadParameter(f"expected {key.kind.expected}{meant}") from None

    return read


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--keep", callback=_value("keep"), metavar="TIME", help="Instead of [storage] keep, this once: 400d.")
@click.option(
    "--max-size", callback=_value("max_size"), metavar="SIZE", help="Instead of [storage] max_size, this once: 5GiB."
)
@json_option
@pass_app
def prune(app: App, dry_run: bool, keep: timedelta | None, max_size: int | None, as_json: bool) -> None:
    """Take away what is older than [storage] keep, and the oldest where the file is larger than max_size.

    A daemon does so by itself, once an hour; it may run meanwhile. Pinned stories, what an editor touched, keep_topics
    and keep_sources stay. What went does not come back as new.
    """
    from aggregator.engine.clock import utc_now
    from aggregator.engine.keeping.forecast import forecast

    config = app.config()
    keeping = config.storage.keeping
    keeping = replace(keeping, posts=keep or keeping.posts, max_size=max_size or keeping.max_size)
    if not keeping.is_limited:
        click.echo(
            "Nothing limits how long posts are kept: [storage] keep and max_size do, or --keep and --max-size.",
            err=as_json,
        )
    if dry_run:
        with app.reader() as reader:
            _tell_if_early(reader.conn, utc_now(), as_json=as_json)
            found = forecast(reader, keeping, utc_now())
            show_json(_expected(found)) if as_json else _show_forecast(found, keeping)
    else:
        _prune(app, keeping, as_json=as_json)


def _prune(app: App, keeping: Keeping, *, as_json: bool) -> None:
    from aggregator.engine.clock import utc_now
    from aggregator.engine.keeping.retention import Gone, Retention
    from aggregator.model.errors import StorageError
    from aggregator.storage.database import Database
    from aggregator.storage.keeping.space import space_of

    path = app.config().storage.path
    if not path.exists():
        raise StorageError(f"{path}: no database there yet; `aggregator poll` or `run` makes it")
    database, gone = Database(path), Gone()
    try:
        before = space_of(database.conn).whole
        _tell_if_early(database.conn, utc_now(), as_json=as_json)
        try:
            for _ in Retention(database).steps(keeping, utc_now(), gone):
                pass
        finally:  # also of what went before another program locked the file
            after = space_of(database.conn).whole
            show_json(_went(gone, before, after)) if as_json else _show_gone(gone, before, after)
    finally:
        database.close()


def _tell_if_early(conn: Any, now: datetime, *, as_json: bool) -> None:
    from aggregator.storage.keeping.keys import believed

    if believed(conn, now) is None:
        click.echo("Nothing counts as old yet: no poll is a day old, so the clock may be wrong.", err=as_json)


def _went(gone: Gone, before: int, after: int) -> dict[str, Any]:
    """What `_show_gone` says, for programs."""
    names = ("posts", "stories", "polls", "changes", "revisions", "is_too_large")
    return {name: getattr(gone, name) for name in names} | {"bytes": after, "bytes_before": before}


def _expected(found: Forecast) -> dict[str, Any]:
    """What `_show_forecast` says, for programs."""
    names = ("all_posts", "posts", "stories", "surplus_posts", "surplus_stories", "polls", "changes", "is_too_large")
    values = {name: getattr(found, name) for name in names}
    return values | {"bytes": found.space.whole, "bytes_freed": found.bytes_freed, "staying": dict(found.staying)}


def _show_gone(gone: Gone, before: int, after: int) -> None:
    click.echo(f"{counted(gone.posts, 'post')} went, in {counted(gone.stories, 'story', 'stories')}")
    if gone.polls or gone.changes or gone.revisions:
        click.echo(
            f"{counted(gone.polls, 'poll')} summed up by day; {counted(gone.changes, 'old change')} and "
            f"{counted(gone.revisions, 'surplus version')} dropped"
        )
    if gone.is_too_large:
        click.echo(
            "The file is larger than max_size: what is left is younger than a week, or kept by an editor or keys"
        )
    click.echo(f"The file takes {size_in_words(after)}, and took {size_in_words(before)}")


def _show_forecast(found: Forecast, keeping: Keeping) -> None:
    size = size_in_words(found.space.whole)
    click.echo(f"The file takes {size}, with {counted(found.all_posts, 'post')}. There would go:")
    if keeping.posts is not None:
        click.echo(f"  as too old: {counted(found.posts, 'post')} in {counted(found.stories, 'story', 'stories')}")
    if keeping.max_size is not None:
        surplus = counted(found.surplus_posts, "post")
        click.echo(f"  for max_size: {surplus} in {counted(found.surplus_stories, 'story', 'stories')}")
    if keeping.is_limited:
        click.echo(f"  with them about {size_in_words(found.bytes_freed)}")
    click.echo(f"  {counted(found.polls, 'poll')}, summed up by day; {counted(found.changes, 'line')} of changes")
    for reason, words in _REASONS.items():
        if found.staying[reason]:
            click.echo(
                f"  There stay, though as old, {counted(found.staying[reason], 'story', 'stories')} that {words}"
            )
    if found.is_too_large:
        click.echo("  The file would still be larger than max_size")
