"""`aggregator post topic`: topics put on posts and taken away by hand."""

from __future__ import annotations

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.editing.story import editing


@click.group()
def post() -> None:
    """What an editor does to a post."""


@post.group()
def topic() -> None:
    """Topics by hand; `rebuild topics` and newer versions of the post respect them."""


@topic.command()
@click.argument("post_id", metavar="POST", type=int)
@click.argument("name", metavar="TOPIC")
@pass_app
def add(app: App, post_id: int, name: str) -> None:
    """POST is about TOPIC."""
    with editing(app) as editor:
        editor.topic(post_id, name, is_there=True)
    click.echo(f"post {post_id} is about {name} now")


@topic.command()
@click.argument("post_id", metavar="POST", type=int)
@click.argument("name", metavar="TOPIC")
@pass_app
def remove(app: App, post_id: int, name: str) -> None:
    """POST is not about TOPIC."""
    with editing(app) as editor:
        editor.topic(post_id, name, is_there=False)
    click.echo(f"post {post_id} is not about {name} any more")
