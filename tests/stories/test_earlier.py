"""Earlier coverage: which older stories a new one continues."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from aggregator.model.post import OlderStory
from aggregator.stories.earlier import LEAST_SIMILARITY, MOST_LINKS, earlier_links
from aggregator.stories.evidence import USUAL_THRESHOLD
from aggregator.stories.index import StoryIndex
from aggregator.stories.overlay import Overlay
from aggregator.stories.story import StoryPost
from aggregator.text import word_vectors
from aggregator.text.words import words_of
from tests.helpers.build import NOW

DAY = timedelta(days=1)
ACME = frozenset({"acme"})


def vector(title: str, text: str, language: str) -> dict[str, float]:
    return word_vectors.vector(words_of(title, text), language)


def _overlay() -> Overlay:
    return Overlay(StoryIndex(timedelta(hours=72), USUAL_THRESHOLD))


def _post(post_id: int, title: str, days_ago: float = 0, entities: frozenset[str] = ACME) -> StoryPost:
    return StoryPost(
        post_id=post_id, source_id=1, title=title, language="en", terms=vector(title, "", "en"), entities=entities,
        at=NOW - days_ago * DAY, seen_at=NOW - days_ago * DAY, is_article=True,
    )  # fmt: skip


def _older(story_id: int, title: str, days_ago: float = 30, entities: frozenset[str] = ACME) -> OlderStory:
    at = NOW - days_ago * DAY
    return OlderStory(
        id=story_id, title=title, text="", language="en", first_at=at, last_at=at, entities=entities
    )  # fmt: skip


def _links(overlay: Overlay, post: StoryPost, *older: OlderStory) -> list[tuple[int, int]]:
    story = overlay.start(post.post_id, post)
    return [(link.story_id, link.earlier_story_id) for link in earlier_links(story, post, overlay, older)]


def test_the_same_matter_of_the_same_company_is_earlier_coverage() -> None:
    overlay = _overlay()
    post = _post(9, "Acme ferry pier opens after court ruling")
    story = overlay.start(9, post)
    [link] = earlier_links(story, post, overlay, [_older(3, "Court stops Acme ferry pier")])
    assert (link.story_id, link.earlier_story_id) == (9, 3)
    assert LEAST_SIMILARITY <= link.similarity <= 1
    assert "also about acme" in link.because
    assert "ferry" in link.because


def test_the_same_company_alone_is_not() -> None:
    assert _links(_overlay(), _post(9, "Acme ferry pier opens"), _older(3, "Quarterly dividend announced")) == []


def test_the_same_words_about_another_company_are_not() -> None:
    other = _older(3, "Acme ferry pier opens", entities=frozenset({"globex"}))
    assert _links(_overlay(), _post(9, "Acme ferry pier opens"), other) == []
    assert (
        _links(_overlay(), _post(9, "Acme ferry pier opens", entities=frozenset()), _older(3, "Acme ferry pier")) == []
    )


def test_the_last_day_is_the_same_news() -> None:
    assert _links(_overlay(), _post(9, "Acme ferry pier opens"), _older(3, "Acme ferry pier opens", 0.9)) == []


def test_stories_in_memory_are_found_and_none_twice() -> None:
    overlay = _overlay()
    overlay.start(3, _post(3, "Court stops Acme ferry pier", 5))
    assert _links(overlay, _post(9, "Acme ferry pier opens"), _older(3, "Court stops Acme ferry pier", 5)) == [(9, 3)]


def test_an_older_story_that_arrives_later_is_linked_from_the_newer_one() -> None:
    overlay = _overlay()
    assert _links(overlay, _post(3, "Acme ferry pier opens")) == []
    assert _links(overlay, _post(4, "Court stops Acme ferry pier", 40)) == [(3, 4)]


def test_also_when_the_newer_one_is_only_stored() -> None:
    newer = _older(3, "Acme ferry pier opens", 10)
    assert _links(_overlay(), _post(4, "Court stops Acme ferry pier", 40), newer) == [(3, 4)]


def test_the_nearest_few_come_first() -> None:
    older = [_older(number, "Acme ferry news " + "extra words here " * (number % 4)) for number in range(1, 12)]
    overlay = _overlay()
    post = _post(99, "Acme ferry news")
    links = earlier_links(overlay.start(99, post), post, overlay, older)
    assert len(links) == MOST_LINKS
    assert [link.similarity for link in links] == sorted((link.similarity for link in links), reverse=True)


def test_the_name_alone_is_no_matter_even_before_anything_was_seen() -> None:
    post = _post(9, "Acme hires a new head of marketing for its growing business in Europe")
    assert _links(_overlay(), post, _older(3, "Acme recalls two hundred faulty kettles from shops")) == []


def test_who_is_only_mentioned_is_not_what_a_post_is_about() -> None:
    older = replace(
        _older(3, "Harbour town plans a bridge"), text="Acme may build it instead of the ferry pier it runs."
    )
    assert _links(_overlay(), _post(9, "Acme ferry pier opens"), older) == []
