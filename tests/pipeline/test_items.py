"""Which entry is which stored post, document after document: nothing is stored twice, nothing overwrites another."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.one_feed import OneFeed, item
from tests.helpers.poller_room import NOW

HOME = "https://gazette.example/"
DAY = timedelta(days=1)
EDITED = "SELECT count(*) FROM changes WHERE what = 'post' AND change = 'edited'"
LONG = (
    "Keepers of the northern light were told on Friday to move their lamps inland before the cliff gives way, and the "
    "path along the shore is closed until engineers have looked at every step of it."
)


@pytest.fixture
def feed(tmp_path: Path) -> Iterator[OneFeed]:
    feed = OneFeed(tmp_path)
    yield feed
    feed.close()


def at(days: int) -> datetime:
    """A moment so many days before the first poll, with a time of day."""
    return NOW - days * DAY - timedelta(minutes=17)


async def poll_all(feed: OneFeed, *documents: list[str]) -> None:
    for document in documents:
        await feed.poll(*document)


async def is_settled(feed: OneFeed, document: list[str]) -> bool:
    """The same document once more changes nothing."""
    before = feed.state()
    await feed.poll(*document)
    return feed.state() == before


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


# ---------------------------------------------------------------- new ids at one link


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


# ---------------------------------------------------------------- another name, and no link


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


# ---------------------------------------------------------------- the id stays


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


# ---------------------------------------------------------------- under another id, or the same id again


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
