"""Posts that lost what they quote get the topics of what is left, in the transaction in which they lost it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from aggregator.model.rules import TopicRule
from aggregator.model.source import Source
from aggregator.storage.database import Database
from aggregator.storage.sources import load_source_ids
from aggregator.storage.stored_posts import give_topics, load_texts_of

if TYPE_CHECKING:
    from aggregator.topics.taxonomy import Taxonomy


class Retagger:
    """Gives posts their topics by these rules; `posts`: the ids of those that it was called for."""

    def __init__(self, database: Database, rules: Sequence[TopicRule], sources: Sequence[Source]) -> None:
        self._database, self._rules, self._sources = database, rules, sources
        self.posts: set[int] = set()

    def __call__(self, ids: Collection[int]) -> None:
        """Work out the topics of these posts anew. Expects an open transaction."""
        if not ids:
            return
        self.posts |= set(ids)
        conn = self._database.conn
        known = load_source_ids(conn, [source.url for source in self._sources])
        leanings = {known[source.url]: source.topics for source in self._sources if source.url in known}
        found = {
            saved.id: self._taxonomy.match(saved.post, leanings.get(saved.source_id, ()), saved.source)
            for saved in load_texts_of(conn, ids)
        }
        give_topics(conn, found, self._taxonomy.version)

    def taken(self) -> set[int]:
        """`posts`, which are forgotten with that."""
        taken, self.posts = self.posts, set()
        return taken

    @cached_property
    def _taxonomy(self) -> Taxonomy:
        from aggregator.topics.taxonomy import Taxonomy

        return Taxonomy(self._rules)  # rarely needed: quotes are seldom taken back
