"""What can be worked out of one post alone."""

from __future__ import annotations

import pickle

from aggregator.model.post import Quote
from aggregator.pipeline.enrich import digest, enrich
from tests.helpers.build import NO_TOPICS, make_enriched, make_post, make_source, make_taxonomy


def test_what_a_post_says_is_worked_out() -> None:
    enriched = make_enriched(
        title="Acme opens a ferry line",
        text="The new line across the bay starts in May and runs six times a day.",
        taxonomy=make_taxonomy(acme=("Acme",)),
    )
    assert enriched.language == "en"
    assert enriched.publisher == "news.example"
    assert [match.topic for match in enriched.topics] == ["acme"]
    assert {"acme", "ferry", "bay"} <= set(enriched.terms)
    assert enriched.bands
    assert not enriched.spaceless


def test_the_source_says_the_language_of_short_posts() -> None:
    post = make_post(title="Neu", declared_language=None)
    assert enrich(post, make_source(language="de"), NO_TOPICS).language == "de"
    assert (
        enrich(make_post(title="Neu", declared_language="nl"), make_source(language="de"), NO_TOPICS).language == "nl"
    )


def test_a_status_speaks_for_its_account_and_points_at_a_page() -> None:
    enriched = make_enriched(kind="status", article_url="https://www.news.example/ferry/?utm_source=x#top")
    assert enriched.publisher == "ann@social.example"
    assert enriched.article_key == "https://news.example/ferry"


def test_what_a_quoting_post_is_without_the_quoted_words() -> None:
    quote = Quote(uri="https://far.example/9", author="bo@far.example", text="Acme opens a ferry line")
    taxonomy = make_taxonomy(acme=("Acme",))
    enriched = make_enriched(kind="status", title="", text="Look", quote=quote, attached=quote.text, taxonomy=taxonomy)
    bare = enriched.unquoted
    assert bare
    assert (len(enriched.topics), bare.topics, bare.post.attached) == (1, (), "")
    assert ("ferry" in enriched.terms, "ferry" in bare.terms) == (True, False)
    assert bare.post.quote == Quote(uri="https://far.example/9")
    assert make_enriched(quote=Quote(uri="https://far.example/9")).unquoted is None


def test_a_home_page_is_no_article() -> None:
    assert make_enriched(kind="status", article_url="https://news.example/").article_key is None


def test_on_platforms_of_many_the_writer_publishes() -> None:
    assert make_enriched(url="https://ann.substack.com/p/1").publisher == "ann.substack.com"


def test_a_post_without_address_is_published_by_its_source() -> None:
    assert make_enriched(url=None).publisher == "feed1.example"


def test_the_digest_follows_what_is_said() -> None:
    post = make_post(text="One")
    same = digest(post)
    assert digest(make_post(text="Two")) != same
    assert digest(make_post(text="One", title="Other")) != same
    assert digest(make_post(text="One", url="https://news.example/other")) != same
    assert digest(make_post(text="One", content_warning="Ferries")) != same


def test_the_digest_ignores_what_changes_by_itself() -> None:
    same = digest(make_post(text="One"))
    assert digest(make_post(text="One", boosts=5, favourites=1, tags=("ai",))) == same
    assert digest(make_post(text="One", url="https://news.example/1?utm_source=rss")) == same
    assert digest(make_post(text="\ud800")) != same


def test_enriched_posts_travel_between_processes() -> None:
    enriched = make_enriched(text="Some text")
    assert pickle.loads(pickle.dumps(enriched)) == enriched
