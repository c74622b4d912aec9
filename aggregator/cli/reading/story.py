"""`aggregator story`: one story with all that is known of it, and the editor's hand: merge, split, rename, pin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.output import json_option, output_options, tell
from aggregator.cli.reading.query import show_one

if TYPE_CHECKING:
    from aggregator.storage.corrections import Editor


class _StoryGroup(click.Group):
    """A word that is no command is a story: `aggregator story 17`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            return "show", self.commands["show"], args
        return super().resolve_command(ctx, args)


@click.group(cls=_StoryGroup)
def story() -> None:
    """One story (`aggregator story ID`), or what an editor does to it.

    What is done by hand stays: a rebuild and second thoughts respect it. A running daemon notices.
    """


@story.command()
@click.argument("name", metavar="ID")
@output_options
@pass_app
def show(app: App, name: str, form: str) -> None:
    """All that is known of a story, by its id or slug: brief, sources, posts with reasons, topics, earlier coverage."""
    show_one(app, name, form)


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


@story.command()
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


@story.command()
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


@story.command()
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


@story.command()
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
