"""An aggregator's entry and its article are one post, where the source's name and the title say so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest

from aggregator.dedupe.passed_on import is_signed
from aggregator.engine.rebuild.copies import rebuild_copies
from tests.helpers.poller_room import NOW, PollerRoom, url_of

HEADLINE = "Ferry line buys three electric ships"
TEXT = "The line ordered three ships from a yard in Turku. They will sail from 2028 and replace boats with diesel."
BECAUSE = "passes on an article of harbour.example: its headline, with the publisher's name"
AT = NOW - timedelta(hours=3)


def entry(
    title: str, at: datetime | None = AT, *, name: str = "Harbour Times", site: str = "https://www.harbour.example"
) -> str:
    """As Google News has it: an address that tells nothing, and the source's name in three places."""
    key = abs(hash((title, at))) % 10**9
    return (
        f"<item><title>{escape(title)} - {name}</title><link>https://news.google.com/rss/articles/CBMi{key}?oc=5</link>"
        f"<guid isPermaLink='false'>CBMi{key}</guid>{dated(at)}<source url={quoteattr(site)}>{name}</source>"
        f"<description>&lt;a href='https://news.google.com/x'&gt;{escape(title)}&lt;/a&gt; {name}</description></item>"
    )


def own(title: str, at: datetime | None = AT, *, name: str = "a", text: str = TEXT) -> str:
    return (
        f"<item><title>{escape(title)}</title><link>https://harbour.example/{name}</link><guid>h-{name}</guid>"
        f"{dated(at)}<description>{escape(text)}</description></item>"
    )


def dated(at: datetime | None) -> str:
    return f"<pubDate>{at:%Y-%m-%dT%H:%M:%SZ}</pubDate>" if at else ""


class TwoFeeds:
    """The publisher's own feed, and one of an aggregator."""

    def __init__(self, folder: Path) -> None:
        self.room = PollerRoom(folder, "harbour", "found")

    async def poll(self, harbour: str = "", found: str = "") -> None:
        """What each has now; the feeds that have nothing are not asked."""
        self.room.collect.begin_anew()
        for name, items in (("harbour", harbour), ("found", found)):
            if items:
                document = f'<rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>'
                self.room.collect.document(url_of(name), document.encode())
        await self.room.poll()
        self.room.now += timedelta(minutes=15)

    def copies(self) -> list[tuple[object, ...]]:
        """Of the aggregator's posts: the address of the article that they copy."""
        return self.room.rows(
            "SELECT (SELECT url FROM posts o WHERE o.id = p.copy_of) FROM posts p "
            "WHERE p.url LIKE '%google%' ORDER BY p.published_at, p.id"
        )


@pytest.fixture
def feeds(tmp_path: Path) -> Iterator[TwoFeeds]:
    made = TwoFeeds(tmp_path)
    yield made
    made.room.database.close()


@pytest.mark.parametrize("first", ["harbour", "found", "both"])
async def test_whichever_comes_first(feeds: TwoFeeds, first: str) -> None:
    documents = {"harbour": own(HEADLINE), "found": entry(HEADLINE)}
    if first != "both":
        await feeds.poll(**{first: documents[first]})
    await feeds.poll(**documents)
    expected = [("https://harbour.example/a", BECAUSE)]
    copies = (
        "SELECT (SELECT url FROM posts o WHERE o.id = p.copy_of), copy_because FROM posts p WHERE copy_of IS NOT NULL"
    )
    assert feeds.room.rows(copies) == expected
    assert feeds.room.rows("SELECT count(*), count(DISTINCT story_id) FROM posts") == [(2, 1)]
    await feeds.poll(**documents)
    rebuild_copies(feeds.room.database, feeds.room.now, lambda _: None)
    assert feeds.room.rows(copies) == expected


async def test_it_speaks_for_its_publisher(feeds: TwoFeeds) -> None:
    await feeds.poll(found=entry(HEADLINE))
    assert feeds.room.rows("SELECT publisher FROM posts") == [("harbour.example",)]


async def test_what_an_earlier_version_stored_learns_its_publisher(feeds: TwoFeeds) -> None:
    await feeds.poll(found=entry(HEADLINE))
    with feeds.room.database.write():
        feeds.room.database.conn.execute("UPDATE posts SET publisher = 'google.com'")
        feeds.room.database.conn.execute("UPDATE sightings SET said = NULL")  # as after each upgrade
    await feeds.poll(found=entry(HEADLINE))
    assert feeds.room.rows("SELECT publisher FROM posts") == [("harbour.example",)]
    assert feeds.room.rows("SELECT count(*) FROM post_revisions") == [(0,)]
    await feeds.poll(harbour=own(HEADLINE), found=entry(HEADLINE))
    assert feeds.copies() == [("https://harbour.example/a",)]
    changes = feeds.room.rows("SELECT max(seq) FROM changes")
    await feeds.poll(harbour=own(HEADLINE), found=entry(HEADLINE))
    assert feeds.room.rows("SELECT max(seq) FROM changes") == changes


async def test_a_column_of_every_day(feeds: TwoFeeds) -> None:
    """Each day's briefing is its own article, whose text is another."""
    days = [AT - timedelta(days=day) for day in (2, 1, 0)]
    texts = ["Ice in the north of the bay.", "A crane has turned over.", "Bakers want another tariff."]
    articles = [
        own("Morning briefing", at, name=f"b{n}", text=text)
        for n, (at, text) in enumerate(zip(days, texts, strict=True))
    ]
    await feeds.poll(harbour="".join(articles[:2]))
    await feeds.poll(found=entry("Morning briefing", days[2]))
    assert feeds.copies() == [(None,)]  # its article has not come yet
    await feeds.poll(harbour="".join(articles), found=entry("Morning briefing", days[1] + timedelta(minutes=20)))
    assert feeds.copies() == [("https://harbour.example/b1",), ("https://harbour.example/b2",)]
    assert feeds.room.rows("SELECT count(*) FROM posts WHERE url LIKE '%harbour.example%' AND copy_of IS NULL") == [
        (3,)
    ]


async def test_a_morning_and_an_evening(feeds: TwoFeeds) -> None:
    morning, evening = AT - timedelta(hours=9), AT
    await feeds.poll(
        own("Stock market today", morning, name="m", text="Rope is dearer than in spring.")
        + own("Stock market today", evening, name="e", text="Sails fell by a tenth.")
    )
    await feeds.poll(found=entry("Stock market today", evening - timedelta(minutes=5)))
    assert feeds.copies() == [("https://harbour.example/e",)]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(entry(HEADLINE, name="Bay Post", site="https://bay.example"), id="another publisher's"),
        pytest.param(entry(f"{HEADLINE} and a fourth"), id="another headline"),
        pytest.param(entry(HEADLINE, AT - timedelta(days=1)), id="of another day"),
        pytest.param(entry(HEADLINE).replace("<source", "<old").replace("</source", "</old"), id="without a source"),
        pytest.param(entry(HEADLINE).replace(">Harbour Times</source>", ">Harbour</source>"), id="signed otherwise"),
    ],
)
async def test_what_does_not_say_so_is_another_post(feeds: TwoFeeds, other: str) -> None:
    await feeds.poll(harbour=own(HEADLINE, text="Ships of the line are charged at night, by the wind of the cape."))
    await feeds.poll(found=other)
    assert feeds.copies() == [(None,)]


@pytest.mark.parametrize(
    ("article", "passed_on", "is_one"),
    [
        (HEADLINE, f"{HEADLINE} | Harbour Times", True),
        (f"{HEADLINE} - Harbour Times", HEADLINE, True),
        (f"{HEADLINE}", f"{HEADLINE} \u2013 again", False),
        (HEADLINE, f"{HEADLINE}: Harbour", True),
        (HEADLINE, f"{HEADLINE} harbour", False),
    ],
)
async def test_a_title_with_the_name_once_more(feeds: TwoFeeds, article: str, passed_on: str, is_one: bool) -> None:
    await feeds.poll(harbour=own(article))
    await feeds.poll(found=entry(passed_on))
    assert feeds.copies() == [("https://harbour.example/a",) if is_one else (None,)]


@pytest.mark.parametrize("is_entry", [True, False])
async def test_without_a_date_only_what_names_no_column(feeds: TwoFeeds, is_entry: bool) -> None:
    mine, theirs = (AT, None) if is_entry else (None, AT)
    await feeds.poll(harbour=own(HEADLINE, mine) + own("Ferries of today", mine, name="f"))
    await feeds.poll(found=entry(HEADLINE, theirs) + entry("Ferries of today", theirs))
    assert sorted(feeds.copies(), key=str) == [("https://harbour.example/a",), (None,)]


async def test_the_same_day_without_a_time(feeds: TwoFeeds) -> None:
    await feeds.poll(harbour=own(HEADLINE, AT.replace(hour=0)))
    await feeds.poll(found=entry(HEADLINE, AT.replace(hour=18)))
    assert feeds.copies() == [("https://harbour.example/a",)]


async def test_a_headline_that_is_cut_off(feeds: TwoFeeds) -> None:
    whole = "Ferry line buys three electric ships from a yard in Turku and will replace all its boats by 2030"
    await feeds.poll(harbour=own(whole))
    await feeds.poll(found=entry(f"{whole[:70]} ...") + entry("Ferry line buys ...", AT + timedelta(minutes=1)))
    assert feeds.copies() == [("https://harbour.example/a",), (None,)]


def test_signed() -> None:
    assert is_signed("The storm\u2019s over - Harbour\u00a0Times", "Harbour Times")
    assert not is_signed("News of the Harbour Times", "Harbour Times")
    assert not is_signed(" - Harbour Times", "Harbour Times")
    assert not is_signed("Storm - ", "")
