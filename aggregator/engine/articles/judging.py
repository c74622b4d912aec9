"""What a page says counts for an article whose feed brings a teaser: its topics, its language, its story.

Decided by the code that decides on posts, as words would be that came late with an edit: a story of that post alone may
turn out to be another's, one with others stays. The text of the post stays as its feed has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from aggregator.engine.open_stories import OpenStories
from aggregator.engine.rebuild.stored import story_post_of
from aggregator.model.changes import LateWords
from aggregator.model.embedding import Encoder
from aggregator.model.settings import Config
from aggregator.model.source import Source
from aggregator.pipeline.enrich import enrich, with_page
from aggregator.storage.articles.judged import note_judged, save_language
from aggregator.storage.changelog import log_changes
from aggregator.storage.database import Database
from aggregator.storage.embeddings import load_vectors
from aggregator.storage.open_stories import save_words
from aggregator.storage.stored_posts import SavedPost, give_topics, load_posts
from aggregator.storage.stories import merge_story, recount_stories
from aggregator.storage.words.late import may_move
from aggregator.stories.assign import place_again
from aggregator.stories.overlay import Overlay
from aggregator.topics.taxonomy import Taxonomy


class Judge:
    """Judges posts by their pages. `sources` with their ids; `stories`: the open ones, in memory."""

    def __init__(
        self, database: Database, config: Config, sources: Sequence[Source], stories: OpenStories,
        encoder: Encoder | None = None,
    ) -> None:  # fmt: skip
        self._database, self._config, self._stories, self._encoder = database, config, stories, encoder
        self._sources = {source.id: source for source in sources}

    def __call__(self, article_id: int, now: datetime) -> set[int]:
        """Judge the posts of this page anew, inside the transaction that is open; the stories that are to be read again
        by whoever keeps them in memory, when it is committed."""
        conn = self._database.conn
        touched: set[int] = set()
        for saved in load_posts(conn, note_judged(conn, article_id)):
            touched |= self._judge(saved, now)
        return touched

    def _judge(self, saved: SavedPost, now: datetime) -> set[int]:
        conn = self._database.conn
        source = self._sources.get(saved.source_id) or Source(kind="feed", url="", id=saved.source_id)
        enriched = enrich(with_page(saved.post, saved.page), source, self._taxonomy)
        give_topics(conn, {saved.id: enriched.topics}, enriched.topics_version)
        if enriched.language != saved.language:
            save_language(conn, saved.id, enriched.language)
        log_changes(conn, now, "post", "edited", [saved.id])
        if saved.story_id is None or saved.copy_of is not None:
            return set()
        kinds = {rule.topic: rule.kind for rule in self._config.rules}
        entities = frozenset(match.topic for match in enriched.topics if kinds.get(match.topic, "topic") != "topic")
        return self._place(replace(saved, language=enriched.language, entities=entities), saved.story_id, now)

    def _place(self, saved: SavedPost, story_id: int, now: datetime) -> set[int]:
        conn = self._database.conn
        vectors = load_vectors(conn, self._encoder, [saved.id]) if self._encoder else {}
        post = story_post_of(saved, vectors.get(saved.id))._replace(is_again=True)
        overlay = Overlay(self._stories.at(now, is_needed=True))
        words = overlay.words(post)
        there = place_again(post, story_id, overlay, None)
        save_words(conn, [(saved.id, words)])
        if there is None or not may_move(conn, saved.id, LateWords(story_id=story_id, words=words)):
            return {story_id}
        merge_story(conn, story_id, there.story_id, f"its page: {there.because}", there.score, now)
        recount_stories(conn, [there.story_id])
        return {story_id, there.story_id}

    @cached_property
    def _taxonomy(self) -> Taxonomy:
        return Taxonomy(self._config.rules)  # where no page is judged it is not needed
