"""What deciding needs of posts, made of stored ones."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.dedupe.passed_on import headline_keys
from aggregator.dedupe.retelling import title_keys
from aggregator.dedupe.shingles import bands, shingles
from aggregator.model.post import EnrichedPost
from aggregator.pipeline.enrich import with_page
from aggregator.storage.stored_posts import SavedPost
from aggregator.stories.earlier.telling import terms_of
from aggregator.stories.story import StoryPost, story_post
from aggregator.text.headline import told
from aggregator.text.words import words_of


def story_post_of(saved: SavedPost, embedding: bytes | None) -> StoryPost:
    """What grouping needs. `embedding`: its vector as it is stored."""
    post = with_page(saved.post, saved.page)
    title, text = told(post.title, post.text, post.attached)
    return story_post(
        post_id=saved.id, source_id=saved.source_id, kind=post.kind, title=saved.headline,
        language=saved.language, terms=terms_of(title, text, saved.language, saved.headline),
        entities=saved.entities, at=post.published_at or saved.seen_at, seen_at=saved.seen_at, voice=saved.publisher,
        vector=embedding,
    )  # fmt: skip


def with_bands(saved: SavedPost) -> EnrichedPost:
    """What deciding on copies needs: its look-up keys, as today's version makes them."""
    words = words_of(saved.post.title, saved.post.text)
    headline = headline_keys(saved.post, saved.publisher, saved.language)
    return enriched_of(saved, (*bands(shingles(words)), *title_keys(words, saved.language), *headline))


def enriched_of(saved: SavedPost, found: Sequence[int] = ()) -> EnrichedPost:
    """The same with these look-up keys, without its words and topics."""
    return EnrichedPost(
        post=saved.post,
        headline=saved.headline,
        language=saved.language,
        article_key=saved.article_key,
        publisher=saved.publisher,
        digest=saved.digest,
        bands=tuple(found),
        terms={},
        topics=(),
        topics_version=saved.topics_version,
        spaceless=False,
    )
