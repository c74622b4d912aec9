"""What is attached to a post gives it topics; it never speaks against its author."""

from __future__ import annotations

from aggregator.model.post import Post
from aggregator.model.rules import Term, TopicRule
from aggregator.text.headline import BYLINE
from aggregator.topics.taxonomy import Taxonomy


def topics(text: str, attached: str, *tags: str) -> dict[str, str]:
    rules = (
        TopicRule(topic="sea", label="Sea", any=(Term("ferry"), Term("harbour")), not_=(Term("toy"),)),
        TopicRule(topic="tea", label="Tea", any=(Term("tea"),)),
    )
    post = Post(kind="status", native_id="1", text=text, attached=attached, tags=tags)
    taxonomy = Taxonomy(rules)
    found = taxonomy.match(post)
    judged = [each for each in taxonomy.judge(post) if each.is_given]
    assert [(each.topic, each.score) for each in judged] == [(match.topic, match.score) for match in found]
    return {match.topic: match.because for match in found}


def test_a_post_that_says_nothing_is_about_what_it_passes_on() -> None:
    found = topics("https://paper.example/1\n\n#News", "The ferry sails\nwith tea", "News")
    assert found == {"sea": "title “ferry”", "tea": "lead “tea”"}


def test_beside_an_authors_words_it_says_so() -> None:
    assert topics("I like tea", "The ferry sails", "News") == {"tea": "text “tea”", "sea": "attached “ferry”"}


def test_it_takes_no_topic_away() -> None:
    assert topics("The ferry sails", "A toy") == {"sea": "text “ferry”"}


def test_what_the_author_excludes_is_not_brought_back() -> None:
    assert topics("My toy is back", "The ferry sails") == {}


def test_whose_page_it_is_is_no_evidence() -> None:
    assert topics("", f"A film\n{BYLINE}Ferry Channel") == {}


def test_a_term_for_texts_counts_there_too_and_one_for_titles_does_not() -> None:
    rules = tuple(
        TopicRule(topic=place, label=place, any=(Term("ferry", where=(place,)),)) for place in ("title", "text", "tags")
    )
    post = Post(kind="status", native_id="1", text="Hello", attached="The ferry sails")
    assert [match.topic for match in Taxonomy(rules).match(post)] == ["text"]


def test_names_of_emoji_are_no_words() -> None:
    assert topics("Good morning :tea: to all", "") == {}
