"""What a hashtag source asks for: several tags at once, halves of a timeline, and how its address is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import INTERVAL, Follower, queries


async def test_combined_tags_are_asked_for_on_every_page_and_checked_here(server: Fediverse, tmp_path: Path) -> None:
    """The server of these tests passes over `all[]`, `none[]` and the flags, as GoToSocial does."""
    wanted = server.post(
        tags=("ai", "Fähre"), media_attachments=[{"type": "image", "url": "https://far.example/1.png"}]
    )
    server.post(tags=("ai", "ferry"))
    server.post(tags=("ai", "faehre"))
    server.post(tags=("ai", "FÄHRE", "ad"))
    server.post(tags=("ai", "fähre"))
    room = Follower(tmp_path, server, "AI?all%5B%5D=f%C3%A4hre&none%5B%5D=Ad&only_media=true")
    await room.poll()
    await room.poll(INTERVAL)
    assert room.ids() == [wanted]
    assert all(query["all[]"] == ["fähre"] and query["none[]"] == ["Ad"] for query in queries(server))
    room.database.close()


@pytest.mark.parametrize(("query", "kept"), [("local=true", "ada"), ("remote=true", "bo@other.example")])
async def test_halves_of_a_timeline(query: str, kept: str, server: Fediverse, tmp_path: Path) -> None:
    host = server.url.partition("://")[2].partition(":")[0]
    server.post(account={"acct": "ada", "url": f"{server.url}/@ada"})
    server.post(account={"acct": "bo@other.example"})
    room = Follower(tmp_path, server, f"AI?{query}")
    await room.poll()
    assert room.rows("SELECT author FROM posts") == [(kept if "@" in kept else f"{kept}@{host}",)]
    room.database.close()


async def test_any_of_several_tags(server: Fediverse, tmp_path: Path) -> None:
    one, other = server.post(tags=("ai",)), server.post(tags=("ki",))
    server.post(tags=("else",))
    room = Follower(tmp_path, server, "AI?any%5B%5D=KI")
    await room.poll()
    assert room.ids() == [one, other]
    room.database.close()


async def test_a_tag_can_be_read_beside_the_address_that_names_it(server: Fediverse, tmp_path: Path) -> None:
    room = Follower(tmp_path, server, "K%C3%BCnstlicheIntelligenz")
    assert room.rows("SELECT url, shown_url FROM sources") == [
        (f"{server.url}/tags/K%C3%BCnstlicheIntelligenz", f"{server.url}/tags/KünstlicheIntelligenz")
    ]
    assert room.rows("SELECT source FROM source_health") == [(f"{server.url}/tags/KünstlicheIntelligenz",)]
    room.database.close()
