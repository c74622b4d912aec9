"""Posts that a worker gave the model: their vectors are those that would be made here, or they are made here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web as aiohttp_web

from aggregator.engine.cluster.task import Answer
from tests.helpers.cluster_room import ClusterRoom
from tests.helpers.domains import Domains, many_domains
from tests.helpers.fake_encoder import FakeEncoder
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import Request

_VECTORS = "SELECT post_id, model, version, hex(vector) FROM post_vectors"
_AT = "Mon, 04 May 2026 10:00:00 GMT"


@pytest.fixture
def web() -> Iterator[Domains]:
    with many_domains() as found:
        yield found


def serve(web: Domains, *titles: str) -> None:
    """Every feed has entries with these titles, the first under the same id as ever."""

    def answer(request: Request) -> aiohttp_web.Response:
        name = f"{request.host.partition(':')[0]}{request.path}"
        entries = [item(title, f"https://{name}/{n}", f"{title}, says {name}.", _AT) for n, title in enumerate(titles)]
        return aiohttp_web.Response(body=rss(name, *entries).encode(), content_type="application/rss+xml")

    web.server.answer = answer


async def test_vectors_made_there_are_those_that_are_made_here(tmp_path: Path, web: Domains) -> None:
    made = []
    for name in ("here", "there"):
        serve(web, "The ferry lost its rudder in a storm", "The museum of clocks is closed")
        here, there = FakeEncoder(), FakeEncoder()
        async with ClusterRoom(
            tmp_path / name, web, sources=2, domains=2, is_local=name == "here", encoder=here, there=there
        ) as room:
            await room.tick()
            made.append(room.rows(_VECTORS))
            assert (here.asked, there.asked) == (([2, 2], []) if name == "here" else ([], [2, 2]))
    assert len(made[0]) == 4 and made[0] == made[1]


async def test_only_what_is_new_is_given_to_the_model_there(tmp_path: Path, web: Domains) -> None:
    serve(web, "The ferry lost its rudder in a storm")
    here, there = FakeEncoder(), FakeEncoder()
    async with ClusterRoom(tmp_path, web, sources=1, domains=1, encoder=here, there=there) as room:
        await room.tick()
        [before] = room.rows(_VECTORS)
        serve(web, "The ferry lost both its rudders in a storm", "A crane in the harbour is idle")  # an edit, and news
        await room.tick(room.config.polling.interval * 2)
        assert (there.asked, here.asked) == ([1, 1], [])
        assert room.rows(_VECTORS)[0] == before and len(room.rows(_VECTORS)) == 2
        assert room.rows("SELECT count(*) FROM post_revisions") == [(1,)]


async def test_where_the_worker_has_another_model_it_is_asked_here(tmp_path: Path, web: Domains) -> None:
    serve(web, "The ferry lost its rudder in a storm")
    here, there = FakeEncoder("2"), FakeEncoder("1")
    async with ClusterRoom(tmp_path, web, sources=1, domains=1, encoder=here, there=there) as room:
        await room.tick()
        assert (here.asked, there.asked) == ([1], [])
        assert [row[2] for row in room.rows(_VECTORS)] == ["2"]


async def test_what_was_encoded_in_other_company_is_encoded_again(tmp_path: Path, web: Domains) -> None:
    """A post came through another source meanwhile: here it would not be given to the model with the others."""
    serve(web, "The ferry lost its rudder in a storm", "A crane in the harbour is idle")
    here, there = FakeEncoder(), FakeEncoder()
    async with ClusterRoom(tmp_path, web, sources=1, domains=1, encoder=here, there=there) as room:
        room.worker.fault = lambda task, answer: _with_one_more(answer())
        await room.tick()
        assert here.asked == [2]
        assert len(room.rows(_VECTORS)) == 2


def _with_one_more(answer: Answer) -> Answer:
    if answer.collected is None:
        return answer
    encoded = (*(answer.collected.encoded or ()), "another")
    return replace(answer, collected=replace(answer.collected, encoded=encoded))
