"""The editor's hand on a story, commands of `aggregator story`: merge, split, rename, pin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.output import json_option, tell

if TYPE_CHECKING:
    from aggregator.storage.corrections import Editor


@contextmanager
def editing(app: App) -> Iterator[Editor]:
    """The database, for changing it by hand."""
    from aggregator.engine.clock import utc_now
    from aggregator.storage.corrections import Editor
    from aggregator.storage.database import Database

    database = Database(app.database_path())
    try:
        yield Editor(database, utc_now())
    finally:
        database.close()


@click.command()
@click.argument("name", metavar="ID")
@click.argument("other", metavar="INTO")
@json_option
@pass_app
def merge(app: App, name: str, other: str, as_json: bool) -> None:
    """Story ID is the same event as INTO: its posts go there, its row points there."""
    with editing(app) as editor:
        story_id, into = editor.merge(name, other)
    values = {"story_id": story_id, "merged_into": into}
    tell(f"story {story_id} is part of story {into} now", values, as_json=as_json)


@click.command()
@click.argument("name", metavar="ID")
@click.argument("posts", metavar="POST…", nargs=-1, required=True, type=int)
@json_option
@pass_app
def split(app: App, name: str, posts: tuple[int, ...], as_json: bool) -> None:
    """These posts of story ID are another event: they become a story of their own."""
    with editing(app) as editor:
        new_id = editor.split(name, posts)
    words = f"story {new_id} has {len(posts)} posts of story {name} now"
    tell(words, {"story_id": new_id, "posts": posts}, as_json=as_json)


@click.command()
@click.argument("name", metavar="ID")
@click.argument("title", required=False)
@json_option
@pass_app
def rename(app: App, name: str, title: str | None, as_json: bool) -> None:
    """Give story ID this TITLE; without one, its lead post's again."""
    with editing(app) as editor:
        story_id = editor.rename(name, title)
    words = f"story {story_id}: {title or 'has the title of its lead post again'}"
    tell(words, {"story_id": story_id, "title": title}, as_json=as_json)


@click.command()
@click.argument("name", metavar="ID")
@click.option("--off", is_flag=True, help="No longer.")
@json_option
@pass_app
def pin(app: App, name: str, off: bool, as_json: bool) -> None:
    """Story ID stays as it is (title, lead, not merged) and is marked for being seen: `pinned_at`."""
    with editing(app) as editor:
        story_id = editor.pin(name, not off)
    words = f"story {story_id} is {'no longer ' if off else ''}pinned"
    tell(words, {"story_id": story_id, "is_pinned": not off}, as_json=as_json)
