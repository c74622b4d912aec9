"""`aggregator topics label`: a user's own word on what a post is about."""

from __future__ import annotations

from collections.abc import Iterable

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.output import json_option, tell
from aggregator.model.errors import NotFoundError


@click.command()
@click.argument("name", metavar="POST")
@click.argument("topic")
@click.option("--not", "is_not", is_flag=True, help="The post is not about it.")
@click.option("--forget", is_flag=True, help="Take the label back.")
@json_option
@pass_app
def label(app: App, name: str, topic: str, is_not: bool, forget: bool, as_json: bool) -> None:
    """Say that POST (an id or an address) is about TOPIC, to measure the rules by: `topics test --labelled`.

    The post's topics stay as they are; `aggregator post topic add` changes them.
    """
    from aggregator.engine.clock import utc_now
    from aggregator.storage.corrections import save_label
    from aggregator.storage.database import Database
    from aggregator.storage.explain import find_post

    known = [rule.topic for rule in app.config().rules]
    if topic not in known and not forget:
        raise NotFoundError(no_topic(topic, known))
    with app.reader() as reader:
        post_id = find_post(reader, name)
    if post_id is None:
        raise NotFoundError(f"there is no post {name!r}")
    database = Database(app.database_path())
    try:
        with database.write():
            save_label(database.conn, post_id, topic, None if forget else not is_not, utc_now())
    finally:
        database.close()
    said = f"has no label for {topic} any more" if forget else f"is{' not' if is_not else ''} about {topic}"
    values = {"post_id": post_id, "topic": topic, "is_about": None if forget else not is_not}
    tell(f"post {post_id} {said}", values, as_json=as_json)


def no_topic(name: str, known: Iterable[str]) -> str:
    """What to say of a topic that the rules don't have."""
    from aggregator.text.typed.nearest import nearest

    near = nearest(name, known)
    return f"there is no topic {name!r}" + (f"; did you mean {near!r}?" if near else "")
