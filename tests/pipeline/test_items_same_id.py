"""An id that stays: an edit of its post, or the place of one item after the other."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.helpers.one_feed import EDITED, HOME, LONG, OneFeed, at, is_settled, item, poll_all

STABLE = [
    "6e0b1d52-4a3c-4a0e-9a5f-0b1f1f6c2a10",
    "tag:gazette.example,2026:keepers",
    f"{HOME}keepers-told",
    "story-904417",
    "k-77",
]


@pytest.mark.parametrize("guid", STABLE)
@pytest.mark.parametrize("text", [LONG.replace("told", "ordered"), "Cliffs crumble: the coast path is shut for good."])
async def test_headline_and_slug_rewritten_under_one_id_are_an_edit(feed: OneFeed, guid: str, text: str) -> None:
    other = item(guid="k-1", link=f"{HOME}old", title="Old", pubDate=at(5))
    first = item(guid=guid, link=f"{HOME}keepers-told", title="Keepers told to move", description=LONG, pubDate=at(1))
    second = item(guid=guid, link=f"{HOME}coast-path", title="Coast path shut", description=text, pubDate=at(1))
    await poll_all(feed, [first, other], [second, other])
    assert feed.column("SELECT title FROM latest_posts ORDER BY published_at DESC") == ["Coast path shut", "Old"]
    assert feed.column("SELECT title FROM latest_stories ORDER BY last_at DESC") == ["Coast path shut", "Old"]
    assert feed.column("SELECT title FROM post_revisions") == ["Keepers told to move"]
    assert await is_settled(feed, [second, other])


def places(*numbers: int, day: int = 0) -> list[str]:
    """A list whose ids are the places on it."""
    return [
        item(
            guid=f"{place}", link=f"{HOME}{number}/matter", title=f"Matter {number} of {'abcdefghij'[number] * 4}",
            description=f"All about {'abcdefghij'[number] * 5} and {'abcdefghij'[number] * 6}.", pubDate=at(9 - number),
        )
        for place, number in enumerate(numbers)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "documents",
    [
        [(2, 1, 0), (3, 2, 1), (5, 4, 3)],  # one comes, then all are new
        [(0,), (1,), (2,), (3,)],  # one place
        [(3, 2, 1, 0), (4, 3, 2, 1), (4, 2, 1)],  # one is taken out
    ],
)
async def test_ids_that_are_places_are_used_again(feed: OneFeed, documents: list[tuple[int, ...]]) -> None:
    for numbers in documents:
        await feed.poll(*places(*numbers))
        assert await is_settled(feed, places(*numbers))
    wanted = sorted({f"{HOME}{number}/matter" for numbers in documents for number in numbers})
    assert feed.column("SELECT url FROM latest_posts ORDER BY url") == wanted
    assert feed.column("SELECT count(*) FROM post_revisions") == [0]


async def test_a_link_that_others_share_for_a_while_is_no_edit(feed: OneFeed) -> None:
    link = "http://www.gazette.example/log?utm_source=rss"
    old = item(guid="a", link=link, title="Quiet", pubDate=at(2))
    beside = item(guid="b", link=link, title="Loud", pubDate=at(1))
    await poll_all(feed, [old], [beside, old], [old])
    assert feed.column("SELECT count(*) FROM posts") == [2]
    assert feed.column(EDITED) == [0]


async def test_a_constant_id_names_each_of_what_it_had(feed: OneFeed) -> None:
    for number in range(4):
        [shown] = places(number)
        await feed.poll(shown.replace('<guid isPermaLink="false">0<', '<guid isPermaLink="false">latest<'))
    assert feed.column("SELECT count(*) FROM posts") == [4]


@pytest.mark.parametrize(
    ("guid", "date", "posts"),
    [
        ("54321", at(2), 1), (f"{HOME}?p=77", at(2), 1), ("3", at(2), 2),
        (f"{HOME}?id=1234", at(2), 1), (f"{HOME}?id=1", at(2), 2), (f"{HOME}?a=b&id=12", at(2), 2),
        (f"{HOME}?id=1234", None, 1), (f"{HOME}?id=12", None, 2), (f"{HOME}?p=1", None, 1),
    ],
)  # fmt: skip
async def test_a_large_number_stays_with_its_article(
    feed: OneFeed, guid: str, date: datetime | None, posts: int
) -> None:
    fields = {"guid": guid, "description": "", "pubDate": date}
    await feed.poll(item(**fields, title="Mayor resigns", link=f"{HOME}mayor-resigns"))
    await feed.poll(item(**fields, title="City hall in turmoil", link=f"{HOME}city-hall-turmoil"))
    assert feed.rows("SELECT count(*) FROM posts") == [(posts,)]
