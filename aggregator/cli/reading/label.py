"""`aggregator topics label` and `topics test --labelled`: the rules measured by a user's own word on posts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.output import json_option, table_of, tell
from aggregator.model.errors import NotFoundError

if TYPE_CHECKING:
    from aggregator.model.settings import Config
    from aggregator.storage.queries import Reader
    from aggregator.storage.result import Result
    from aggregator.topics.taxonomy import Judgement


@dataclass(frozen=True, slots=True)
class Labelled:
    """A post that a user labelled: whether it is about the topic, and what the rules of now make of it."""

    post_id: int
    title: str
    topic: str
    is_about: bool
    judgement: Judgement | None

    @property
    def is_given(self) -> bool:
        """The rules give the topic."""
        return self.judgement is not None and self.judgement.is_given


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


def labelled(reader: Reader, config: Config) -> Iterator[Labelled]:
    """Every label, with what the rules make of its post; those of posts without text are left out."""
    from aggregator.model.source import Source
    from aggregator.storage.explain import load_reasons
    from aggregator.topics.fields import source_name
    from aggregator.topics.taxonomy import Taxonomy

    taxonomy = Taxonomy(config.rules)
    by_url = {source.url: source for source in config.sources}
    labels: defaultdict[int, list[tuple[str, bool]]] = defaultdict(list)
    for post_id, topic, is_about in reader.labels():
        labels[post_id].append((topic, is_about))
    for post_id, of_post in labels.items():
        stored = load_reasons(reader, post_id)
        if stored.saved is None:
            continue
        url = stored.source_url or ""
        source = by_url.get(url) or Source(kind="feed", url=url)
        own_title = stored.sightings.rows[0][0] if stored.sightings.rows else None
        judged = taxonomy.judge(stored.saved.post, source.topics, source_name(source.title or own_title, url))
        by_topic = {each.topic: each for each in judged}
        for topic, is_about in of_post:
            yield Labelled(post_id, str(stored.head["title"]), topic, is_about, by_topic.get(topic))


def scores(found: Iterable[Labelled]) -> Result:
    """A line for each topic: how often its rules are right, wrong, or miss a post."""
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for each in found:
        count = counts[each.topic]
        count[0] += 1
        count[1] += each.is_given and each.is_about
        count[2] += each.is_given and not each.is_about
        count[3] += each.is_about and not each.is_given
    rows = [
        (topic, labels, right, wrong, missed, _share(right, wrong), _share(right, missed))
        for topic, (labels, right, wrong, missed) in sorted(counts.items())
    ]
    return table_of(("topic", "labels", "right", "wrong", "missed", "precision", "recall"), rows)


def errors(found: Iterable[Labelled]) -> Result:
    """A line for each label with which the rules don't agree, with their reasons."""
    rows: list[tuple[Any, ...]] = []
    for each in found:
        if each.is_given != each.is_about:
            judged = each.judgement
            because = "; ".join((*judged.evidence, *judged.stopped_by)) if judged else ""
            what = "wrong" if each.is_given else "missed"
            rows.append((each.post_id, each.title, each.topic, what, judged.score if judged else 0.0, because))
    return table_of(("post", "title", "topic", "what", "score", "because"), rows)


def _share(right: int, other: int) -> float | None:
    return round(right / (right + other), 3) if right + other else None
