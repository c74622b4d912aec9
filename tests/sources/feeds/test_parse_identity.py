"""Entries that share an id in one document: all are kept, under names that stay the same from poll to poll."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aggregator.model.post import Post
from aggregator.sources.feeds.parse import parse_feed

pytestmark = pytest.mark.usefixtures("either_parser")

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def posts(*items: tuple[str, str, str]) -> tuple[Post, ...]:
    """The posts of (guid, link, title)."""
    inner = "".join(
        f'<item><guid isPermaLink="false">{guid}</guid><link>{link}</link><title>{title}</title></item>'
        for guid, link, title in items
    )
    return parse_feed(
        f'<rss version="2.0"><channel>{inner}</channel></rss>'.encode(), None, "https://p.example/f", NOW
    ).posts


def ids(*items: tuple[str, str, str]) -> dict[str, str]:
    """Title → native id, which must differ."""
    found = posts(*items)
    assert len({post.native_id for post in found}) == len(found) == len(items)
    return {post.title: post.native_id for post in found}


OTHERS = tuple((f"id-{number}", f"https://p.example/{number}", f"Other {number}") for number in range(5))


@pytest.mark.parametrize("others", [OTHERS, OTHERS[:1], ()])
def test_an_id_that_two_have_names_neither_however_many_others_there_are(others: tuple[tuple[str, str, str]]) -> None:
    found = ids(*others, ("x", "https://p.example/a", "A"), ("x", "https://p.example/b", "B"))
    assert (found["A"], found["B"]) == ("x https://p.example/a", "x https://p.example/b")


def test_one_id_and_one_link_are_told_apart_by_the_title() -> None:
    found = ids(*OTHERS, ("x", "https://p.example/a", "A"), ("x", "https://p.example/a", "B"))
    turned = ids(("x", "https://p.example/a", "B"), ("x", "https://p.example/a", "A"))
    assert found["A"].startswith("x ")
    assert found["B"].startswith("x ")
    assert turned == {title: found[title] for title in "AB"}


@pytest.mark.parametrize("link", ["https://p.example/{title}", "https://p.example/news", ""])
def test_an_id_that_all_have_names_none_of_them(link: str) -> None:
    """A new entry on top must not take the name of the one that was there before."""

    def entries(titles: str) -> list[tuple[str, str, str]]:
        return [("https://p.example/", link.format(title=title), title) for title in titles]

    before, after = ids(*entries("CBA")), ids(*entries("DCB"))
    assert {title: before[title] for title in "CB"} == {title: after[title] for title in "CB"}
    assert after["D"] not in before.values()


def test_links_go_into_names_as_keys() -> None:
    [one, _] = posts(("x", "http://www.p.example/a/?utm_source=rss", "A"), ("x", "https://p.example/b", "B"))
    assert one.native_id == "x https://p.example/a"


def test_true_repetitions_are_counted() -> None:
    found = [post.native_id for post in posts(("x", "", "A"), ("x", "", "A"), ("x #2", "", "B"), ("x", "", "A"))]
    assert len(set(found)) == 4
    assert found[0] == "x"


def test_an_id_that_several_have_is_no_uri() -> None:
    uri = "urn:uuid:1"
    assert [post.uri for post in posts((uri, "", "A"), (uri, "", "B"), ("urn:uuid:2", "", "C"))] == [
        None,
        None,
        "urn:uuid:2",
    ]


def test_many_repetitions_take_little_time() -> None:
    same = [("x", "https://p.example/a", "A")] * 1000
    assert len({post.native_id for post in posts(*same)}) == 1000
