"""`aggregator new`: what came since the last time, stories that began and stories that grew."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.folders import folder_option
from aggregator.cli.output import as_dicts, counted, output_options, put, put_head, short_time, show

if TYPE_CHECKING:
    from aggregator.storage.listings.news import News

_LOST = {
    "pruned": "what changed since {since} is no longer all in the log ([storage] keep_changes)",
    "restored": "the file is older than the last look at {since}: a copy was put in its place",
}
# So many names say who carries a story; the rest is a number.
_NAMES = 5
_LONGEST_NAME = 100


@click.command()
@click.option(
    "--name", metavar="NAME", help="Whose last time: each name has its own. Without it, that of all who give none."
)
@click.option("--peek", "--keep", "is_peek", is_flag=True, help="Only look: the next time shows the same, and more.")
@folder_option("what came from sources")
@output_options
@pass_app
def new(app: App, name: str | None, is_peek: bool, folder: str | None, form: str) -> None:
    """What came since the last time: new stories, and stories that grew, with when they began.

    The first time: what is of the last 24 hours. How far you are is noted in the database (`consumers`) when all has
    been written, not before; of each folder by itself.
    """
    from aggregator.engine.clock import utc_now
    from aggregator.storage.listings.news import load_news, move_cursor

    if name is not None and not (0 < len(name) <= _LONGEST_NAME and name.isprintable()):
        raise click.BadParameter(f"expected 1 to {_LONGEST_NAME} characters that can be seen", param_hint="--name")
    now = utc_now()
    path = app.path_to_read()
    with app.reader() as reader:
        found = load_news(reader, name, now, folder)
    if found.lost:
        since = short_time(f"{found.since:%Y-%m-%dT%H:%M:%SZ}")
        click.echo(f"{_LOST[found.lost].format(since=since)}; this goes by when posts were first seen", err=True)
    if form == "table":
        _show(found)
    else:
        show(found.rows, form)
    sys.stdout.flush()  # a reader who has gone is told of here, and has not been told all
    if not is_peek:
        _move(lambda: move_cursor(path, name, found.up_to, now, folder))


def _move(move: Callable[[], None]) -> None:
    from aggregator.model.errors import StorageError

    try:
        move()
    except StorageError as error:
        raise StorageError(
            f"how far you are can't be noted, so the next time shows the same: {error}. "
            "`new --peek` and `stories --since TIME` note nothing"
        ) from error


def _show(found: News) -> None:
    rows = as_dicts(found.rows)
    began = [row for row in rows if row["news"] == "new"]
    grown = [row for row in rows if row["news"] == "grown"]
    since = f"since {short_time(f'{found.since:%Y-%m-%dT%H:%M:%SZ}')}" if found.since else "of the last 24 hours"
    if not rows:
        put(f"Nothing new {since}.")
        return
    posts = counted(sum(row["new_posts"] for row in rows), "post")
    put(f"{posts} {since}: {counted(len(began), 'new story', 'new stories')}, {len(grown)} that grew.")
    for title, part in (("New stories", began), ("Stories that grew", grown)):
        if part:
            put_head(title)
        for row in part:
            _show_story(row)


def _show_story(row: Mapping[str, Any]) -> None:
    put(str(row["title"]), "      ", first=f"  [{row['id']}] ", bold=True)
    many = row["post_count"] > 1
    if row["news"] == "new":
        whole = f"{counted(row['post_count'], 'post')} of " if many else ""
        facts = [short_time(row["last_at"]), f"{whole}{_names(row['publishers'])}"]
    else:
        by = _names(row["new_publishers"])
        facts = [
            f"began {short_time(row['first_at'])[:10]}", f"{counted(row['new_posts'], 'new post')} by {by}",
            f"now {counted(row['post_count'], 'post')} of {counted(row['source_count'], 'publisher')}",
        ]  # fmt: skip
    put("; ".join([*facts, *([row["topics"]] if row["topics"] else [])]), "      ")
    if row["earlier_at"]:
        day = short_time(row["earlier_at"])[:10]
        put(f"as reported on {day}: {row['earlier_title']} [{row['earlier_story_id']}]", "      ")


def _names(listed: str | None) -> str:
    names: Sequence[str] = (listed or "").split(", ") if listed else ["somebody"]
    more = len(names) - _NAMES
    return ", ".join(names) if more <= 1 else f"{', '.join(names[:_NAMES])} and {more} more"
