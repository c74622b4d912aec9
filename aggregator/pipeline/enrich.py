"""One parsed post → its language, fingerprint, topics and story vector. Needs no other post and no state."""

from __future__ import annotations

from dataclasses import replace

from aggregator.dedupe.details import content_digest, details
from aggregator.dedupe.passed_on import headline_keys
from aggregator.dedupe.retelling import title_keys
from aggregator.dedupe.shingles import bands, shingles
from aggregator.model.post import EnrichedPost, Post, Quote
from aggregator.model.source import Source
from aggregator.text.attached import attached_words, called_else
from aggregator.text.headline import headline, says_something, told
from aggregator.text.language import language_of
from aggregator.text.money.amounts import amounts
from aggregator.text.tokens import is_spaceless
from aggregator.text.urls import canonical_url, is_home_page, publisher_of
from aggregator.text.word_vectors import vector
from aggregator.text.words import words_of
from aggregator.topics.fields import source_name
from aggregator.topics.taxonomy import Taxonomy

# What title and text together show of the language.
_LANGUAGE_SAMPLE = 400


def enrich(post: Post, source: Source, taxonomy: Taxonomy, own_title: str | None = None) -> EnrichedPost:
    """All that can be worked out of the post alone. `own_title`: what the source calls itself."""
    enriched = _enrich(post, source, taxonomy, own_title)
    if post.quote is None or not post.quote.has_words:
        return enriched
    return replace(enriched, unquoted=_enrich(_unquoted(post, post.quote), source, taxonomy, own_title))


def _enrich(post: Post, source: Source, taxonomy: Taxonomy, own_title: str | None) -> EnrichedPost:
    title, text = told(post.title, post.text, post.attached)
    if post.attached and says_something(post.title, post.text):  # what is attached may be in another language
        sample = f"{post.title}\n{post.text[:_LANGUAGE_SAMPLE]}"
    else:
        sample = f"{title}\n{text[:_LANGUAGE_SAMPLE]}"
    language = language_of(sample, post.declared_language or source.language)
    # Whether it is a copy goes by its own words alone; which event it is about, by those that are attached too.
    words = words_of(post.title, post.text)
    publisher = _publisher(post, source)
    return EnrichedPost(
        post=post,
        headline=_headline(post),
        language=language,
        article_key=_article_key(post),
        publisher=publisher,
        digest=digest(post),
        bands=(*bands(shingles(words)), *title_keys(words, language), *headline_keys(post, publisher, language)),
        terms=vector(words_of(title, text) if post.attached else words, language),
        topics=taxonomy.match(post, source.topics, source_name(source.title or own_title, source.url)),
        topics_version=taxonomy.version,
        spaceless=is_spaceless(f"{sample}\n{post.attached}"),
        details=details(post.kind, post.author, post.tags, (file.url for file in post.enclosures)),
        amounts=amounts(post.title, post.text, language),
    )


def _unquoted(post: Post, quote: Quote) -> Post:
    """The post without what it quotes; the address stays."""
    bare = Quote(uri=quote.uri, url=quote.url)
    return replace(post, quote=bare, attached=attached_words(post.card, bare, post.options, post.enclosures))


def requoted(enriched: EnrichedPost, quote: Quote) -> EnrichedPost:
    """The post with the words of what it quotes, which its source does not show. Its topics are those of its own."""
    post = enriched.post
    attached = attached_words(post.card, quote, post.options, post.enclosures)
    post = replace(post, quote=quote, attached=attached)
    spaceless = enriched.spaceless or is_spaceless(attached)
    return replace(enriched, post=post, headline=_headline(post), spaceless=spaceless)


def with_page(post: Post, page: str) -> Post:
    """The post as it would be if its feed had said, too, how its page begins. For topics, language and story alone."""
    return replace(post, text=f"{post.text}\n{page}".strip()) if page else post


def _headline(post: Post) -> str:
    return headline(post.title, post.text, post.url, warning=post.content_warning, others=called_else(post))


def digest(post: Post) -> bytes:
    """The digest of what the post says."""
    return content_digest(
        post.title, post.text, url=post.url, canonical_url=post.canonical_url, article_key=_article_key(post),
        content_warning=post.content_warning,
    )  # fmt: skip


def _publisher(post: Post, source: Source) -> str | None:
    if post.kind == "status":
        return post.author
    return publisher_of(post.origin or "") or publisher_of(post.url or "") or publisher_of(source.url)


def _article_key(post: Post) -> str | None:
    """The page that a status points at; a home page is no article."""
    if not post.article_url or is_home_page(post.article_url):
        return None
    return canonical_url(post.article_url)
