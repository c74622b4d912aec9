"""An entry under another id: the same post where its words, link or moment say so, else a new one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.helpers.one_feed import HOME, LONG, OneFeed, at, is_settled, item, poll_all


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"description": "No wind is expected."}, {"description": "A gale comes up from the west tonight."}),
        ({"title": "Water is low"}, {"title": "Flood on the quay"}),
        ({"title": "Kestrel 1.4 is out"}, {"title": "Kestrel 1.5 is out"}),
        ({"link": f"{HOME}changes#v2.1"}, {"link": f"{HOME}changes#v2.2"}),
        ({"link": f"{HOME}changes#v2.1", "guid": None}, {"link": f"{HOME}changes#v2.2", "guid": None}),
    ],
)
async def test_a_new_id_at_the_same_link_with_other_words_is_a_new_post(
    feed: OneFeed, before: dict[str, Any], now: dict[str, Any]
) -> None:
    fields = {"link": f"{HOME}now", "title": "Now", "description": "Calm."}
    first = item(**{**fields, "guid": "now-2026050306", "pubDate": at(1), **before})
    second = item(**{**fields, "guid": "now-2026050406", "pubDate": at(0), **now})
    await poll_all(feed, [first], [second])
    assert feed.column("SELECT count(*) FROM posts") == [2]
    assert feed.column("SELECT count(*) FROM post_revisions") == [0]
    assert await is_settled(feed, [second])


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"guid": "a1"}, {"guid": "b2"}),  # sent out anew
        ({"guid": f"{HOME}now#0"}, {"guid": f"{HOME}now#4", "description": "Calm, they say."}),  # its place
        ({"guid": "a1", "link": f"{HOME}now#item-0"}, {"guid": "a2", "link": f"{HOME}now#item-4"}),
        ({"guid": "http://gazette.example/now", "link": "http://gazette.example/now"}, {"guid": f"{HOME}now/"}),
        ({"guid": "a1", "description": LONG}, {"guid": "b2", "description": LONG.replace("Friday", "Monday")}),
    ],
)
async def test_a_new_id_for_the_same_words_is_none(feed: OneFeed, before: dict[str, Any], now: dict[str, Any]) -> None:
    fields = {"link": f"{HOME}now", "title": "Now", "description": "Calm.", "pubDate": at(1)}
    await poll_all(feed, [item(**{**fields, **before})], [item(**{**fields, **now})])
    assert feed.column("SELECT count(*) FROM posts") == [1]


WORDS = ("The ebb runs out.", "A seal on the slip.", "Ropes are mended.")


def episodes(guid: str | None, file: str | None, *, text: str | None = None, **more: Any) -> list[str]:
    """Three, of which `guid` and `file` are patterns for a number."""
    return [
        item(
            guid=guid and guid.format(n=n), title=f"Part {n}: {WORDS[n]}", description=text or WORDS[n],
            pubDate=at(n + 1), enclosure=file and file.format(n=n), **more,
        )
        for n in range(3)
    ]  # fmt: skip


CDN, NEW_CDN = "https://cdn.example/{n}.mp3", "https://files.example/{n}.mp3"


@pytest.mark.parametrize(
    "documents",
    [
        [episodes("old{n}", CDN, text="Weekly."), episodes("new{n}", NEW_CDN, text="Weekly.")],  # the host moved
        [episodes("old{n}", CDN, link=HOME), episodes("new{n}", CDN, link=HOME)],
        [episodes("old{n}", CDN, text="Weekly."), episodes("new{n}", NEW_CDN, text="Weekly, on tides.")],
        [episodes(f"{{n}}-{poll}", None) for poll in (100, 200, 300)],
        [episodes(f"{CDN}?sig={poll}", f"{CDN}?sig={poll}") for poll in ("aa", "bb", "cc")],
        [episodes(None, CDN), episodes(None, NEW_CDN)],
        [episodes(None, CDN), episodes("e{n}", CDN)],  # ids come later
    ],
)
@pytest.mark.parametrize("batch_posts", [2, 300])
async def test_another_name_for_what_has_no_link_is_no_new_post(
    tmp_path: Path, documents: list[list[str]], batch_posts: int
) -> None:
    feed = OneFeed(tmp_path, batch_posts=batch_posts)
    await poll_all(feed, *documents)
    assert feed.column("SELECT count(*) FROM posts") == [3]
    assert await is_settled(feed, documents[-1])
    feed.close()


LONGER = f"{LONG} Walkers are asked to stay inland, and to keep their dogs on the lead."


TOWNS = ("Oslo", "Bergen", "Bodo", "Narvik")


ALERTS = (
    "River levels in Adams county are rising fast, move to higher ground.",
    "Snow closes the pass at Baker, and drivers turn back at the gate.",
    "Two trees lie across the road to Clay, which is shut until noon.",
    "A gale is expected along the shore of Dane, so secure your boats.",
)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"description": LONG}, {"description": LONG.replace("engineers", "enginers")}),  # a typing error
        ({"description": LONGER, "title": "Lamp keepers mvoe"}, {"description": LONGER, "title": "Lamp keepers move"}),
        ({"description": None}, {"description": None}),
        (  # the host moved, and more is said
            {"enclosure": "https://cdn.example/9.mp3"},
            {"enclosure": "https://files.example/9.mp3", "description": "With guests."},
        ),
    ],
)
async def test_a_correction_of_the_same_moment_is_the_same_under_another_id(
    feed: OneFeed, before: dict[str, Any], now: dict[str, Any]
) -> None:
    fields = {"title": "Noon", "description": "All calm.", "pubDate": at(1)}
    second = [item(guid="b", **{**fields, **now})]
    await poll_all(feed, [item(guid="a", **{**fields, **before})], second)
    assert feed.column("SELECT count(*) FROM posts") == [1]
    assert await is_settled(feed, second)


async def test_an_undated_file_is_the_same_under_another_id(feed: OneFeed) -> None:
    fields = {"title": "Noon", "description": "All calm.", "enclosure": "https://cdn.example/7.mp3"}
    await poll_all(feed, [item(guid="a", **fields)], [item(guid="b", **fields)])
    assert feed.column("SELECT count(*) FROM posts") == [1]


@pytest.mark.parametrize(
    "each",
    [
        lambda n: {"pubDate": at(9 - n), "enclosure": f"https://cdn.example/{n}.mp3"},
        lambda n: {"pubDate": at(9 - n), "enclosure": "https://cdn.example/latest.mp3"},
        lambda n: {"pubDate": at(9 - n)},
        lambda n: {"enclosure": f"https://cdn.example/get?media={'abcdef'[n] * 16}"},
        lambda n: {"pubDate": at(1), "title": f"Flood at {'abcdef'[n]}"},  # of one minute, one form
        lambda n: {"pubDate": at(1), "description": ALERTS[n]},
        lambda n: {"pubDate": at(1), "description": LONGER, "title": f"Vacancy in {TOWNS[n]}"},
        lambda n: {"pubDate": at(1), "description": TOWNS[n], "enclosure": f"https://cdn.example/{TOWNS[n]}.mp3"},
    ],
)
@pytest.mark.parametrize("window", [1, 2])
async def test_the_next_of_the_same_words_without_a_link_is_new(feed: OneFeed, each: Any, window: int) -> None:
    fields = {"title": "Noon", "description": "All calm."}
    shown: list[str] = []
    for number in range(4):
        shown = [item(guid=f"n{number}", **{**fields, **each(number)}), *shown][:window]
        await feed.poll(*shown)
        assert await is_settled(feed, shown)
    assert feed.column("SELECT count(*) FROM latest_posts") == [4]


async def test_a_new_id_with_another_date_and_title_is_another_post(feed: OneFeed) -> None:
    page = f"{HOME}warnings"
    for number, river in enumerate(("Severn", "Thames", "Tyne")):
        await feed.poll(
            item(
                guid=f"w{number}",
                title=f"{river} flood warning in force",
                description=LONG,
                link=page,
                pubDate=at(9 - number),
            )
        )
    assert feed.rows("SELECT count(*) FROM posts") == [(3,)]


async def test_a_typing_error_under_a_new_id_at_the_same_moment_is_no_other_post(feed: OneFeed) -> None:
    for number, title in enumerate(("Severn flod warning in force", "Severn flood warning in force")):
        await feed.poll(item(guid=f"w{number}", title=title, description=LONG, link=f"{HOME}warnings", pubDate=at(9)))
    assert feed.rows("SELECT count(*) FROM posts") == [(1,)]
