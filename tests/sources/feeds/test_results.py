"""Posts come from the process that reads them as they were there."""

from __future__ import annotations

import pickle

import pytest

from aggregator.model.post import Enclosure, EnrichedPost, Quote, TopicMatch
from aggregator.sources.feeds.results import ParsedFeed, ReadFeed
from tests.helpers.build import make_enriched, make_taxonomy

PICTURE = Enclosure(url="https://news.example/a.png", length=5, description="A ferry")


@pytest.mark.parametrize(
    "post",
    [
        make_enriched(title="Acme sails", text="GPT 5 don't ßé 人工智能", taxonomy=make_taxonomy(acme=("Acme",))),
        make_enriched(title="", text="", published_at=None, enclosures=(PICTURE,), tags=("ferry",)),
        make_enriched(kind="status", text="Look", quote=Quote(url="https://a.example/1", text="The ferry"), boosts=3),
    ],
)
def test_a_post_is_the_same_in_another_process(post: EnrichedPost) -> None:
    there = ReadFeed(ParsedFeed(title="News", said={"1": b"x"}), (post, post))
    here = pickle.loads(pickle.dumps(there))
    assert here == there
    assert [list(each.terms.items()) for each in here.posts] == [list(post.terms.items())] * 2
    assert all(type(match) is TopicMatch for each in here.posts for match in each.topics)


def test_a_document_that_could_not_be_read_comes_without_posts() -> None:
    assert pickle.loads(pickle.dumps(ReadFeed(ParsedFeed(problem="no feed")))) == ReadFeed(
        ParsedFeed(problem="no feed")
    )
