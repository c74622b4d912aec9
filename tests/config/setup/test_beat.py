"""The first file of one's own: answers of many shapes, what is wrong with one in words, and a file that is right."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.config import load_config
from aggregator.config.setup.beat import Beat, written
from aggregator.topics.matcher import TermFinder
from aggregator.topics.normal_forms import normalise


@pytest.mark.parametrize(("answer", "name", "label", "terms"), [
    ("Ferries: ferry, ferries, Fähre*", "ferries", "Ferries", ("ferry", "ferries", "Fähre*")),
    ('Lost luggage: "lost luggage", lost luggage,', "lost-luggage", "Lost luggage", ("lost luggage",)),
    ("ferry", "ferry", "ferry", ("ferry",)),
    ("ferry, ferries", "ferry", "ferry", ("ferry", "ferries")),
    ("渡船: 渡船, フェリー", "du-chuan", "渡船", ("渡船", "フェリー")),
])  # fmt: skip
def test_a_topic(answer: str, name: str, label: str, terms: tuple[str, ...]) -> None:
    [topic] = Beat().with_topic(answer).topics
    assert (topic.name, topic.label, topic.terms) == (name, label, terms)


@pytest.mark.parametrize(("answer", "feed"), [
    (" https://port.example/feed.xml", "https://port.example/feed.xml"),
    ("port.example/feed.xml", "https://port.example/feed.xml"),
    ("port.example:8443/feed.xml", "https://port.example:8443/feed.xml"),
    ("127.0.0.1:8000/feed.xml", "http://127.0.0.1:8000/feed.xml"),
    ("localhost:8000/feed.xml", "http://localhost:8000/feed.xml"),
    ("1.1.1.1/feed.xml", "https://1.1.1.1/feed.xml"),
])  # fmt: skip
def test_a_feed(answer: str, feed: str) -> None:
    assert Beat().with_feed(answer).feeds == (feed,)


SOCIAL = "https://mastodon.social"


@pytest.mark.parametrize(("answer", "hashtags"), [
    ("ferry@mastodon.social", [(SOCIAL, "ferry")]),
    ("#ferry@mastodon.social", [(SOCIAL, "ferry")]),
    ("#Ferry #Fähre mastodon.social", [(SOCIAL, "Ferry"), (SOCIAL, "Fähre")]),
    ("ferry, port @mastodon.social", [(SOCIAL, "ferry"), (SOCIAL, "port")]),
    ("ferry@mastodon.social port", [(SOCIAL, "ferry"), (SOCIAL, "port")]),
    ("https://mastodon.social/tags/F%C3%A4hre", [(SOCIAL, "Fähre")]),
    ("mastodon.social/tags/ferry", [(SOCIAL, "ferry")]),
    ("ferry http://127.0.0.1:8000/", [("http://127.0.0.1:8000", "ferry")]),
])  # fmt: skip
def test_hashtags(answer: str, hashtags: list[tuple[str, str]]) -> None:
    assert Beat().with_hashtags(answer).hashtags == tuple(hashtags)


FERRIES = Beat().with_topic("Ferries: ferry").with_feed("https://a.example/f").with_hashtags("ferry@a.example")


@pytest.mark.parametrize(("take", "answer", "said"), [
    (FERRIES.with_topic, ": ferry", "expected a name and words"),
    (FERRIES.with_topic, "Ferries:", "expected a name and words"),
    (FERRIES.with_topic, "ferries: tug", "there is a topic “ferries” already"),
    (FERRIES.with_topic, "Tugs: tug|boat", "write two terms"),
    (FERRIES.with_feed, "port", "expected an http or https address such as"),
    (FERRIES.with_feed, "ftp://port.example/f", "expected an http or https address"),
    (FERRIES.with_feed, "https://me:secret@port.example/f", "it has a user or password in it"),
    (FERRIES.with_feed, "https://a.example/f", "https://a.example/f is there already"),
    (FERRIES.with_feed, "http://a.example/f", "the same feed as above, written another way"),
    (FERRIES.with_feed, " ", "expected the address of a feed"),
    (FERRIES.with_hashtags, "ferry", "expected a hashtag and its server"),
    (FERRIES.with_hashtags, "mastodon.social", "expected a hashtag and its server"),
    (FERRIES.with_hashtags, "a-b@mastodon.social", "expected a hashtag of letters"),
    (FERRIES.with_hashtags, "Ferry@a.example", "is followed already, above"),
])  # fmt: skip
def test_what_is_wrong_with_an_answer_is_said_at_once(take: object, answer: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        take(answer)  # type: ignore[operator]
    assert "secret" not in str(caught.value) and "line" not in str(caught.value)


@pytest.mark.parametrize(("labels", "title"), [
    (("a" * 26, "b" * 26, "c" * 24), f"{'a' * 26}, {'b' * 26}, {'c' * 24}"),  # 80 characters
    (("a" * 26, "b" * 26, "c" * 25), f"{'a' * 26}, {'b' * 26}"),
    (("a" * 80, "b"), "a" * 80),
])  # fmt: skip
def test_the_site_is_called_as_many_of_its_topics_as_a_title_has_room_for(
    labels: tuple[str, ...], title: str, tmp_path: Path
) -> None:
    beat = replace(FERRIES, topics=())
    for label in labels:
        beat = beat.with_topic(f"{label}: ferry")
    file = tmp_path / "aggregator.toml"
    file.write_text(written(beat), "utf-8")
    assert load_config(file, {}).publish.title == title


def test_a_label_that_is_too_long_is_told_as_that() -> None:
    with pytest.raises(ValueError, match="expected a name for people of at most 80 characters"):
        Beat().with_topic(f"{'a' * 81}: ferry")


def test_the_file_follows_what_was_said_and_nothing_else(tmp_path: Path) -> None:
    beat = Beat(title='The "Ferry" Desk').with_topic("Ferries: ferry, Fähre*").with_topic("Tunnels: tunnel~")
    beat = beat.with_feed("https://a.example/f").with_feed("https://b.example/f").with_hashtags("ferry port a.example")
    file = tmp_path / "aggregator.toml"
    file.write_text(written(beat), "utf-8")
    config = load_config(file, {})
    assert [source.kind for source in config.sources] == ["feed", "feed", "hashtag", "hashtag"]
    assert [(rule.topic, rule.label) for rule in config.rules] == [("ferries", "Ferries"), ("tunnels", "Tunnels")]
    assert config.publish.path == Path("data/site") and config.publish.title == 'The "Ferry" Desk'
    assert config.storage.path == Path("data/aggregator.db")
    assert config.network.allow_private == ()


def test_what_the_file_offers_in_comments_is_right_too(tmp_path: Path) -> None:
    text = re.sub(r"^# (\[|interval|max_interval|fetch|action|topics)", r"\1", written(FERRIES), flags=re.MULTILINE)
    file = tmp_path / "aggregator.toml"
    file.write_text(text, "utf-8")
    given = load_config(file, {})
    file.write_text(written(FERRIES), "utf-8")
    left_out = load_config(file, {})
    assert given.polling == left_out.polling  # the defaults are shown
    assert (given.articles.fetch, left_out.articles.fetch) == ("stories", "never")
    assert left_out.filters == ()
    [only] = given.filters
    assert (only.action, only.topics) == ("keep", ("ferries",))
    signs = re.search(
        r"`(ferry)` is that word,\n# `(Fähr\*)` all that begin so, `(\*fähre)` all that end so, `(tunnel~)`", text
    )
    assert signs
    for term, found in zip(signs.groups(), ("ferry", "Fährhafen", "Elektrofähre", "tunnels"), strict=True):
        assert list(TermFinder([term]).find(normalise(found)))


def test_without_topics_those_that_come_with_the_program_are_used(tmp_path: Path) -> None:
    file = tmp_path / "aggregator.toml"
    file.write_text(written(Beat().with_feed("https://a.example/f")), "utf-8")
    assert len(load_config(file, {}).rules) > 100


@pytest.mark.parametrize(("feed", "allowed"), [
    ("http://127.0.0.1:8000/f", ["127.0.0.1/32"]),
    ("http://localhost/f", ["127.0.0.1/32", "::1/128"]),
    ("http://[fd00::1]/f", ["fd00::1/128"]),
    ("https://192.168.1.20/f", ["192.168.1.20/32"]),
    ("https://1.1.1.1/f", []),
    ("https://port.example/f", []),
])  # fmt: skip
def test_who_names_a_source_inside_their_network_may_have_it_asked(
    tmp_path: Path, feed: str, allowed: list[str]
) -> None:
    file = tmp_path / "aggregator.toml"
    file.write_text(written(Beat().with_feed(feed)), "utf-8")
    assert [str(each) for each in load_config(file, {}).network.allow_private] == allowed
