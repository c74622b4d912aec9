"""Nothing that was worked out of quoted words outlives them: topics, words among the stories, vectors, reasons."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.deciding import Retagger
from aggregator.model.rules import Term, TopicRule
from aggregator.storage.corrections import topic_by_hand
from aggregator.storage.deletions import forget
from aggregator.storage.words.packed import unpack_words
from aggregator.storage.words.unquoted import _without
from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import NOW, Follower

HOUR = timedelta(hours=1)
BO = {"acct": "bo@far.example", "url": "https://far.example/@bo"}
URI = "https://far.example/users/bo/statuses/9"
MINE = "<p>Captain Ada sees a ferry near the quay. #sea</p>"
SECRET = "<p>The xylophone of the lighthouse is gone, and the marmalade</p>"
REVOKED = {"state": "revoked", "quoted_status": None}
EDITED = "SELECT count(*) FROM changes WHERE what = 'post' AND change = 'edited' AND row_id = 1"


def quote(**changes: Any) -> dict[str, Any]:
    status = {"id": "9", "uri": URI, "url": "https://far.example/@bo/9", "visibility": "public", "account": BO}
    return {"state": "accepted", "quoted_status": {**status, "content": SECRET, **changes}}


def rule(topic: str, term: str, kind: str = "topic") -> TopicRule:
    return TopicRule(topic=topic, label=topic.title(), kind=kind, any=(Term(term),))


@pytest.fixture
def tagged(room: Follower) -> Follower:
    room.tag(rule("shipping", "ferry"), rule("music", "xylophone"), rule("breakfast", "marmalade", "product"))
    return room


def words(room: Follower, post_id: int = 1) -> dict[str, float]:
    return unpack_words(room.rows(f"SELECT words FROM post_words WHERE post_id = {post_id}")[0][0])


def topics(room: Follower) -> list[str]:
    return [topic for (topic,) in room.rows("SELECT topic FROM post_topics WHERE post_id = 1 ORDER BY topic")]


def is_clean(room: Follower) -> bool:
    """Does post 1 have what its own words give, and no more?"""
    index = room.poller._stories.index
    held = {word for story in index.stories.values() for word in story.vector} if index else set()
    about = {name for story in index.stories.values() for name in story.entities} if index else set()
    left = {"xylophone", "lighthouse", "marmalade"}
    weights = words(room)
    return (
        topics(room) == ["shipping"]
        and not left & (weights.keys() | held)
        and not about
        and {"captain", "ferry"} <= weights.keys()
        and sum(weight**2 for weight in weights.values()) == pytest.approx(1, rel=0.01)
        and room.rows("SELECT count(*) FROM post_vectors WHERE post_id = 1") == [(0,)]
    )


async def test_a_quote_that_is_withdrawn(server: Fediverse, tagged: Follower) -> None:
    post_id = server.post(content=MINE, quote=quote())
    await tagged.poll()
    assert topics(tagged) == ["breakfast", "music", "shipping"] and "xylophone" in words(tagged)
    server.by_id[post_id].changes |= {"quote": REVOKED}
    await tagged.poll(HOUR)
    assert is_clean(tagged)
    assert tagged.rows(EDITED) == [(1,)]
    version = tagged.rows("SELECT topics_version FROM posts")
    tagged.restart()
    server.post(content="<p>Another ferry</p>")
    await tagged.poll(HOUR)
    assert is_clean(tagged)
    assert version == [(tagged.taxonomy.version,)]


async def test_one_that_is_withdrawn_while_its_post_is_edited(server: Fediverse, tagged: Follower) -> None:
    post_id = server.post(content=MINE, quote=quote())
    await tagged.poll()
    server.edit(post_id, content=MINE.replace("near", "at"), quote=REVOKED)
    await tagged.poll(HOUR)
    assert is_clean(tagged)
    assert tagged.rows("SELECT text LIKE '% at the quay%' FROM posts") == [(1,)]


async def test_a_quoted_post_that_is_deleted(server: Fediverse, tagged: Follower) -> None:
    secret = server.post(id_time=NOW - HOUR / 2, content=SECRET)
    server.post(content=MINE, quote=quote(uri=server.by_id[secret].uri))
    await tagged.poll()
    [(mine,)] = tagged.rows("SELECT post_id FROM post_quotes")
    server.delete(secret)
    await tagged.poll(2 * HOUR)
    await tagged.poll(2 * HOUR)
    assert tagged.rows("SELECT count(*) FROM posts WHERE gone_at IS NOT NULL") == [(1,)]
    assert tagged.rows("SELECT post_id, topic FROM post_topics") == [(mine, "shipping")]
    assert not words(tagged, mine).keys() & {"xylophone", "lighthouse"}


async def test_a_quoted_author_who_is_forgotten(server: Fediverse, tagged: Follower) -> None:
    server.post(content=MINE, quote=quote())
    await tagged.poll()
    retag = Retagger(tagged.database, tagged.config.rules, tagged.config.sources)
    with tagged.database.write():
        forget(tagged.database.conn, "bo@far.example", [], NOW, retag)
    tagged.restart()
    assert is_clean(tagged)
    assert tagged.rows(EDITED) == [(1,)]


async def test_without_rules_topics_wait_for_them_and_an_editors_stay(server: Fediverse, tagged: Follower) -> None:
    server.post(content=MINE, quote=quote())
    await tagged.poll()
    with tagged.database.write():
        topic_by_hand(tagged.database.conn, 1, "music", is_there=True, now=NOW)
    with tagged.database.write():
        forget(tagged.database.conn, "bo@far.example", [], NOW)
    assert topics(tagged) == ["music"]
    assert tagged.rows("SELECT topics_version FROM posts") == [("",)]
    with tagged.database.write():
        Retagger(tagged.database, tagged.config.rules, tagged.config.sources)([1])
    assert topics(tagged) == ["music", "shipping"]


async def test_a_post_that_said_nothing_else_keeps_what_its_card_says(server: Fediverse, tagged: Follower) -> None:
    card = {"url": "https://paper.example/1", "type": "link", "title": "Ferry for Ostermoor", "description": ""}
    first = server.post(content="<p>#sea</p>", quote=quote(), card=card, id_time=NOW - HOUR)
    ids = [first, server.post(content="<p></p>", quote=quote())]
    await tagged.poll()
    for post_id in ids:
        server.by_id[post_id].changes |= {"quote": REVOKED}
    await tagged.poll(HOUR)
    assert {"ferry", "ostermoor"} <= words(tagged, 1).keys() and any(words(tagged, 1).values())
    assert not words(tagged, 1).keys() & {"xylophone", "marmalade"}
    assert topics(tagged) == ["shipping"]
    assert words(tagged, 2) == {}


async def test_the_reason_for_its_story_and_briefs_name_none_of_it(server: Fediverse, tagged: Follower) -> None:
    server.post(content=SECRET)
    post_id = server.post(content="<p>#ai</p>", quote=quote(), id_time=NOW + timedelta(seconds=1))
    await tagged.poll()
    [(number, because)] = tagged.rows("SELECT id, story_because FROM posts WHERE story_because LIKE '%: %'")
    assert "xylophone" in because
    server.by_id[post_id].changes |= {"quote": REVOKED}
    await tagged.poll(HOUR)
    [(after,)] = tagged.rows(f"SELECT story_because FROM posts WHERE id = {number}")
    assert after == because.partition(":")[0]


@pytest.mark.parametrize(
    ("because", "after"),
    [
        ("one event (0.91) by similar text: ferry 0.20, quay 0.11", None),
        (
            "one event (0.91) by similar text and words that others lack: ferry 0.20, gpt 5 0.11",
            "one event (0.91) by similar text and words that others lack",
        ),
        (
            "second thoughts: one with story 3, one event (0.91) by similar text: jam 0.20, ferry 0.11",
            "second thoughts: one with story 3, one event (0.91) by similar text",
        ),
        ("second thoughts: one with story 3, one event (0.91) by similar text: quay 0.20, ferry 0.11", None),
        ("similar text (0.31): ferry 0.20, gpt 5 0.11", "similar text (0.31)"),
        (
            "same event in another language (similarity 0.61); shared names: ada, jam",
            "same event in another language (similarity 0.61)",
        ),
        ("shares a link with post 7", None),
        ("", None),
    ],
)
def test_reasons(because: str, after: str | None) -> None:
    assert _without(because, {"gpt 5", "jam"}) == (because if after is None else after)


def test_nobody_needs_a_good_configuration_to_forget(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from aggregator.cli.main import cli
    from aggregator.storage.database import Database

    Database(tmp_path / "news.db").close()
    broken = tmp_path / "aggregator.toml"
    broken.write_text("[nonsense]\n", "utf-8")
    options = ["--config", str(broken), "--database", str(tmp_path / "news.db")]
    found = CliRunner().invoke(cli, [*options, "forget", "--yes", "bo@far.example"])
    assert found.output == "forgotten: 0 posts; nothing new of bo@far.example is stored from now on\n"
