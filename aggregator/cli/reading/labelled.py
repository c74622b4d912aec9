"""`aggregator topics test --labelled`: the rules measured by a user's own word on posts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aggregator.cli.output import table_of

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
