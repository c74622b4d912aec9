"""How a paper is called whose feeds are parts of its site."""

from __future__ import annotations

from pathlib import Path

from aggregator.model.settings import Publish
from aggregator.storage.site.rows import SiteRows
from tests.helpers.story_rows import NOW, StoryRows


def _called(tmp_path: Path, publisher: str, sources: list[tuple[str, str, str]], by: int) -> str:
    """The name of who speaks in a post that the source number `by` brought."""
    room = StoryRows(tmp_path)
    conn = room.database.conn
    conn.execute("DELETE FROM sources")
    for number, (title, site, url) in enumerate(sources, 1):
        conn.execute(
            "INSERT INTO sources (id, kind, url, title, site_url, interval_seconds) VALUES (?, 'feed', ?, ?, ?, 900)",
            (number, url, title, site),
        )
    story = room.story(NOW, posts=1, publisher=publisher)
    conn.execute("UPDATE sightings SET source_id = ?", (by,))
    with SiteRows(room.database.path, Publish()) as rows:
        [shown] = rows.stories.load([story])
    return shown.lead.voice.name


PARTS = [
    ("Marlow Times in Norse", "https://www.marlow.com/norse/topics/x", "https://feeds.example/1"),
    ("Marlow Times - Home", "https://www.marlow.co.uk/news/", "https://feeds.example/2"),
    ("Links of the day", "https://links.example/", "https://links.example/feed"),
]


def test_a_paper_is_called_as_the_feed_that_brought_the_post(tmp_path: Path) -> None:
    assert _called(tmp_path, "marlow.com", PARTS, by=2) == "Marlow Times - Home"


def test_a_feed_of_others_names_nobody(tmp_path: Path) -> None:
    assert _called(tmp_path, "marlow.com", PARTS, by=3) == "marlow.com"


def test_the_front_of_a_site_names_it(tmp_path: Path) -> None:
    assert _called(tmp_path, "links.example", PARTS, by=1) == "Links of the day"
