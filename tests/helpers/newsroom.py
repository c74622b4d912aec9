"""A small newsroom: what `newsroom_posts` holds, decided and saved as a daemon would.

`now` is handed in, so that queries that ask for "this week" find something.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.model.changes import Changes
from aggregator.model.poll import Collected, Outcome
from aggregator.model.rules import Term, TopicRule
from aggregator.model.source import Source, SourceMemory
from aggregator.pipeline.decide import Settings, decide
from aggregator.pipeline.enrich import enrich
from aggregator.storage.database import Database
from aggregator.storage.neighbours import load_neighbours
from aggregator.storage.save import save_changes
from aggregator.storage.sources import load_memories, sync_sources, sync_topics
from aggregator.stories.earlier.keys import Rarity
from aggregator.stories.evidence import USUAL_THRESHOLD
from aggregator.stories.index import StoryIndex
from aggregator.stories.overlay import Overlay
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.newsroom_polls import SOURCES, Poll
from tests.helpers.newsroom_posts import ALL_POLLS

NOW = datetime(2026, 4, 5, 12, 0, tzinfo=UTC)


def _rule(topic: str, label: str, *terms: str, kind: str = "topic") -> TopicRule:
    return TopicRule(topic=topic, label=label, kind=kind, any=tuple(Term(term) for term in terms))


RULES = (
    _rule("funding", "Funding", "raises", "funding round", "Finanzierungsrunde", "資金調達"),
    _rule("regulation", "Regulation", "labelling", "Kennzeichnung", "AI Office"),
    _rule("research", "Research", "study", "Studie", "研究"),
    _rule("security", "Security", "leak", "breach"),
    _rule("chips", "Chips", "chip", "chips", "半導体"),
    _rule("mistral", "Mistral", "Mistral", "ミストラル", kind="company"),
    _rule("kettle", "Kettle Robotics", "Kettle Robotics", kind="company"),
)
TAXONOMY = Taxonomy(RULES)


@dataclass
class Newsroom:
    """Feeds a database with polls, as the poller does; keeps the open stories between them."""

    database: Database
    now: datetime = NOW
    taxonomy: Taxonomy = TAXONOMY
    sources: dict[str, Source] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = StoryIndex(timedelta(hours=72), USUAL_THRESHOLD)
        self.settings = Settings(timedelta(hours=6), {rule.topic: rule.kind for rule in self.taxonomy.rules})
        synced = sync_sources(self.database.conn, SOURCES, self.now)
        self.sources = {source.url: source for source in synced}
        sync_topics(self.database.conn, ((rule.topic, rule.label, rule.kind) for rule in self.taxonomy.rules))

    def poll(self, *polls: Poll) -> Changes:
        """Decide and save these polls in one transaction."""
        at = self.now - min(poll.ago for poll in polls)
        overlay = Overlay(self.index)
        with self.database.write():
            batch = [self._collected(poll) for poll in polls]
            neighbours = load_neighbours(self.database.conn, batch, Rarity(overlay.rarity))
            changes = decide(batch, neighbours, overlay, self.settings, at, lambda: 0.0)
            save_changes(self.database.conn, changes)
        self.index.accept(overlay)
        return changes

    def _collected(self, poll: Poll) -> Collected:
        source = self.sources[poll.source.url]
        at = self.now - poll.ago
        published_at = self.now - (poll.edit_of or poll.ago) - timedelta(hours=1)
        edited_at = at - timedelta(minutes=30) if poll.edit_of else None
        dated = (replace(post, published_at=published_at, edited_at=edited_at) for post in poll.posts)
        return Collected(
            source=source,
            outcome=poll.outcome,
            memory=load_memories(self.database.conn, [source.id]).get(source.id, SourceMemory()),
            started_at=at,
            elapsed=timedelta(milliseconds=250),
            posts=tuple(enrich(post, source, self.taxonomy) for post in dated),
            detail=poll.detail,
            http_status=200 if poll.outcome is Outcome.OK else 503,
            bytes_read=4096,
        )


def fill(database: Database, now: datetime = NOW) -> Newsroom:
    """The whole half year: about forty posts."""
    newsroom = Newsroom(database, now)
    for polls in ALL_POLLS:
        newsroom.poll(*polls)
    return newsroom


def filled(path: Path) -> Path:
    """A database file with all of that in it, closed."""
    database = Database(path)
    fill(database)
    database.close()
    return path
