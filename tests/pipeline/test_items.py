"""Which entry is which stored post, document after document: nothing is stored twice, nothing overwrites another."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.one_feed import EDITED, HOME, LONG, OneFeed, at, is_settled, item, poll_all
from tests.helpers.poller_room import NOW

# ---------------------------------------------------------------- entries without an id of their own


@pytest.mark.parametrize(
    "each",
    [
        lambda n: {"title": "Shipping news", "enclosure": f"https://cdn.example/{n}.mp3", "pubDate": at(9 - n)},
        lambda n: {"title": "Shipping news", "enclosure": f"https://cdn.example/get?id={n}"},
        lambda n: {"title": "Shipping news", "pubDate": at(9 - n)},
        lambda n: {"title": "Update", "link": HOME, "description": f"Part {n} of the harbour was swept."},
        lambda n: {"title": "Update", "link": HOME, "description": "All calm.", "pubDate": at(9 - n)},
        lambda n: {"guid": "log", "link": f"{HOME}log", "title": f"Entry {n}", "pubDate": at(9 - n)},
        lambda n: {"guid": HOME, "link": f"{HOME}log/{n}", "title": "Log"},
        lambda n: {"description": f"Number {n} has no title.", "pubDate": at(9 - n)},
    ],
)
@pytest.mark.parametrize("window", [2, 3])
async def test_a_growing_feed_has_each_once(feed: OneFeed, each: Any, window: int) -> None:
    shown: list[str] = []
    for number in range(6):
        shown = [item(**each(number)), *shown][:window]
        await feed.poll(*shown)
        assert feed.column("SELECT count(*) FROM posts") == [number + 1]
        assert await is_settled(feed, shown)
    assert feed.column("SELECT count(*) FROM post_revisions") == [0]
    assert len(feed.column("SELECT DISTINCT url FROM post_enclosures")) in (0, 6)


async def test_a_date_that_is_that_of_the_run_is_no_new_entry(feed: OneFeed) -> None:
    for _ in range(4):
        now = feed.room.now
        await feed.poll(*(item(title="Log", link=HOME, description=f"Part {n}.", pubDate=now) for n in range(3)))
    assert feed.column("SELECT count(*) FROM posts") == feed.column("SELECT count(*) FROM sightings") == [3]
    assert feed.column("SELECT DISTINCT published_at FROM posts") == [f"{NOW:%Y-%m-%dT%H:%M:%SZ}"]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"description": "The light is of."}, {"description": "The light is off."}),
        ({"description": "Open till five."}, {"description": "Closed today, sorry."}),
        ({"description": LONG, "pubDate": None}, {"description": LONG.replace("Friday", "Monday"), "pubDate": None}),
        ({"title": "Harbor log"}, {"title": "Harbour log"}),
    ],
)
async def test_a_corrected_entry_without_an_id_is_the_same(
    feed: OneFeed, before: dict[str, Any], now: dict[str, Any]
) -> None:
    fields = {"title": "Log", "link": HOME, "pubDate": at(1), "description": "Quiet."}
    other = item(title="Other", link=HOME, description="Nothing of the kind.", pubDate=at(2))
    await poll_all(feed, [item(**{**fields, **before}), other], [item(**{**fields, **now}), other])
    assert feed.column("SELECT count(*) FROM posts") == [2]
    assert feed.column("SELECT count(*) FROM post_revisions") == [1]
    assert await is_settled(feed, [item(**{**fields, **now}), other])


async def test_the_same_words_at_one_address_are_one_whatever_their_dates(feed: OneFeed) -> None:
    fields = {"title": "Log", "link": f"{HOME}log", "description": "All calm."}
    shown = [item(**fields, pubDate=at(n)) for n in (1, 2, 3)]
    await poll_all(feed, shown[1:], shown, shown[:1])
    assert feed.column("SELECT count(*) FROM posts") == [1]
    assert feed.column(EDITED) == [0]


async def test_but_not_what_comes_beside_it(feed: OneFeed) -> None:
    fields = {"title": "Log", "link": HOME}
    old = item(**fields, description="The light is off.", pubDate=at(2))
    await poll_all(feed, [old], [item(**fields, description="The light is on.", pubDate=at(1)), old])
    assert feed.column("SELECT text FROM posts ORDER BY id") == ["The light is off.", "The light is on."]


# ---------------------------------------------------------------- as earlier versions named them


@pytest.mark.parametrize(
    ("names", "items"),
    [
        (  # the site's address alone, then with digests of what differed
            [HOME, f"{HOME} 0123456789abcdef"],
            [
                item(title="Log", link=HOME, description=f"Part {n} was swept at {n}.", pubDate=at(9 - n))
                for n in range(2)
            ],
        ),
        (
            ["g", "g https://gazette.example/1"],
            [item(guid="g", link=f"{HOME}{n}", title=f"Note {n}", pubDate=at(9 - n)) for n in range(2)],
        ),
    ],
)
async def test_what_is_stored_under_older_names_is_found(feed: OneFeed, names: list[str], items: list[str]) -> None:
    await feed.poll(*items)
    with feed.room.database.write():
        conn = feed.room.database.conn
        conn.execute("DELETE FROM sightings WHERE rowid NOT IN (SELECT min(rowid) FROM sightings GROUP BY post_id)")
        for number, name in enumerate(names, 1):
            conn.execute("UPDATE sightings SET native_id = ? WHERE post_id = ?", (name, number))
    polled = await feed.poll(*items)
    assert (polled.new, polled.edited) == (0, 0)
    assert await is_settled(feed, items)


# ---------------------------------------------------------------- what is said of files


def film(description: str = "") -> str:
    """An item with a file of Media RSS that is described so."""
    said = f"<media:description>{description}</media:description>"
    content = f'<media:content url="https://cdn.example/1.mp4" type="video/mp4">{said}</media:content>'
    inner = f'<media:group xmlns:media="http://search.yahoo.com/mrss/">{content}</media:group></item>'
    return item(guid="a", link=f"{HOME}1", title="The ebb", description="It runs out.").replace("</item>", inner)


@pytest.mark.parametrize(
    ("documents", "description"),
    [
        ([film(), film("A ferry")], "A ferry"),
        ([film("A fery"), film("A ferry")], "A ferry"),
        ([film("A ferry"), film()], None),
    ],
)
async def test_a_description_of_a_file_may_come_later(
    feed: OneFeed, documents: list[str], description: str | None
) -> None:
    await poll_all(feed, *([each] for each in documents))
    assert feed.rows("SELECT url, description FROM post_enclosures") == [("https://cdn.example/1.mp4", description)]
    assert feed.column(EDITED) == [0]
    assert await is_settled(feed, documents[-1:])


# ---------------------------------------------------------------- any feed


def _kinds(rng: random.Random) -> Any:
    """Makes the items of a feed of some kind, by number."""
    has_guid, has_link, has_file = (
        rng.choice(["own", "shared", "none"]),
        rng.choice(["own", "home"]),
        rng.random() < 0.5,
    )
    has_date, has_title = rng.random() < 0.7, rng.random() < 0.7
    words = ["tide", "rope", "lamp", "mast", "keel", "crane", "gull", "sand", "oar", "buoy", "fog", "net"]

    def make(number: int) -> str:
        picked = random.Random(number)
        text = " ".join(picked.choice(words) for _ in range(9)) + f" {number}"
        return item(
            guid={"own": f"id-{number}", "shared": "feed", "none": None}[has_guid],
            link=f"{HOME}{number}" if has_link == "own" else HOME,
            title=f"Note {number}" if has_title else None,
            description=text,
            enclosure=f"https://cdn.example/{number}.mp3" if has_file else None,
            pubDate=at(60 - number) if has_date else None,
        )

    return make


@pytest.mark.parametrize("seed", range(24))
async def test_a_feed_of_any_kind_in_any_windows_has_each_item_once(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    feed, make = OneFeed(tmp_path, batch_posts=rng.choice([2, 300])), _kinds(rng)
    seen: set[int] = set()
    newest = 0
    for _ in range(8):
        newest += rng.choice([0, 1, 1, 2, 5])
        shown = list(range(max(0, newest - rng.randrange(1, 8)), newest + 1))
        rng.choice([list.reverse, rng.shuffle, lambda _: None])(shown)
        seen.update(shown)
        document = [make(number) for number in shown]
        await feed.poll(*document)
        assert feed.column("SELECT count(*) FROM posts") == [len(seen)]
        assert await is_settled(feed, document)
    assert feed.column("SELECT count(*) FROM post_revisions") == [0]
    feed.close()
