"""The money that posts speak of is stored with them, follows their corrections, and goes with them."""

from datetime import timedelta

from aggregator.storage.deletions import forget
from aggregator.storage.keeping.posts import Kept, prune_stories
from tests.helpers.one_feed import OneFeed, item
from tests.helpers.poller_room import NOW

AMOUNTS = "SELECT value, currency, text, kind FROM amounts ORDER BY post_id, position"
RAISED = (13e9, "USD", "$13B", "raised")


def funding(amount: str, **more: str) -> str:
    fields = {"guid": "f-1", "link": "https://gazette.example/f/1", "title": f"Kettle raises {amount} for ferries"}
    return item(**{**fields, "pubDate": NOW - timedelta(hours=5), **more})


async def test_they_are_those_of_the_newest_version(feed: OneFeed) -> None:
    await feed.poll(funding("$13B", description="At a valuation of $50 billion."))
    assert feed.rows(AMOUNTS) == [RAISED, (5e10, "USD", "$50 billion", "valued")]
    await feed.poll(funding("€2 million", description="At a valuation of $50 billion."))
    assert feed.rows(AMOUNTS) == [(2e6, "EUR", "€2 million", "raised"), (5e10, "USD", "$50 billion", "valued")]
    await feed.poll(funding("nothing", description="Calm seas."))
    assert feed.rows(AMOUNTS) == []


async def test_the_view_leaves_copies_out_and_names_the_story(feed: OneFeed) -> None:
    await feed.poll(funding("$13B"), funding("$13B", guid="f-2", link="https://gazette.example/f/1?utm_source=x"))
    rows = feed.rows("SELECT post_id, position, title, publisher, value, text, kind, story_id FROM latest_amounts")
    assert rows == [(1, 1, "Kettle raises $13B for ferries", "gazette.example", 13e9, "$13B", "raised", 1)]
    assert feed.column("SELECT amounts FROM latest_stories") == ["raised $13B"]


async def test_a_story_has_each_amount_once_as_it_is_written_shortest(feed: OneFeed) -> None:
    lead = "Kettle raises 13 billion dollars for ferries on the northern route"
    first = item(guid="f-1", link="https://gazette.example/f/1", title=lead, pubDate=NOW - timedelta(hours=5))
    await feed.poll(first, funding("$13B", guid="f-2", link="https://gazette.example/f/1?utm_source=x"))
    assert feed.rows("SELECT post_count, amounts FROM latest_stories") == [(2, "raised $13B")]


async def test_they_go_with_a_post_that_is_forgotten(feed: OneFeed) -> None:
    await feed.poll(funding("$13B"), funding("$5M", guid="f-2", link="https://gazette.example/f/2"))
    with feed.room.database.write():
        forget(feed.room.database.conn, None, ["https://gazette.example/f/2"], NOW)
    assert feed.rows(AMOUNTS) == [RAISED]


async def test_they_go_with_a_story_that_is_too_old(feed: OneFeed) -> None:
    await feed.poll(funding("$13B"))
    later = NOW + timedelta(days=90)
    with feed.room.database.write():
        prune_stories(feed.room.database.conn, 0, 10, later - timedelta(days=30), later, Kept())
    assert feed.rows("SELECT count(*) FROM posts") == [(0,)]
    assert feed.rows(AMOUNTS) == []
