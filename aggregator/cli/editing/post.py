"""`aggregator post topic`: topics put on posts and taken away by hand."""

from __future__ import annotations

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.editing.story import editing
from aggregator.cli.output import json_option, tell


@click.group()
def post() -> None:
    """What an editor does to a post."""


@post.group()
def topic() -> None:
    """Topics by hand; `rebuild topics` and newer versions of the post respect them."""


@topic.command()
@click.argument("post_id", metavar="POST", type=int)
@click.argument("name", metavar="TOPIC")
@json_option
@pass_app
def add(app: App, post_id: int, name: str, as_json: bool) -> None:
    """POST is about TOPIC."""
    with editing(app) as editor:
        editor.topic(post_id, name, is_there=True)
    values = {"post_id": post_id, "topic": name, "is_about": True}
    tell(f"post {post_id} is about {name} now", values, as_json=as_json)


@topic.command()
@click.argument("post_id", metavar="POST", type=int)
@click.argument("name", metavar="TOPIC")
@json_option
@pass_app
def remove(app: App, post_id: int, name: str, as_json: bool) -> None:
    """POST is not about TOPIC."""
    with editing(app) as editor:
        editor.topic(post_id, name, is_there=False)
    values = {"post_id": post_id, "topic": name, "is_about": False}
    tell(f"post {post_id} is not about {name} any more", values, as_json=as_json)
