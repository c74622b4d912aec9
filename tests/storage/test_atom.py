"""The view `stories_atom`: a feed for everybody, so that words of people are not in it."""

from __future__ import annotations

import pytest

from aggregator.storage.queries import Reader
from tests.helpers.newsroom import filled


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return Reader(filled(tmp_path_factory.mktemp("atom") / "news.db"))


def test_a_story_that_a_status_leads_is_not_in_it(reader: Reader) -> None:
    led_by = "SELECT count(*) FROM stories s JOIN posts p ON p.id = s.lead_post_id WHERE p.kind = ?"
    assert reader.ask(led_by, ("status",)).rows[0][0] > 0
    articles = reader.ask(led_by, ("article",)).rows[0][0]
    assert reader.ask("SELECT count(*) FROM stories_atom").rows == ((articles,),)
    assert reader.ask(
        "SELECT count(*) FROM stories_atom a JOIN posts p ON p.url = a.atom_link WHERE p.kind = 'status'"
    ).rows == ((0,),)


def test_it_goes_through_the_newest_stories_alone(reader: Reader) -> None:
    plan = [row[3] for row in reader.ask("EXPLAIN QUERY PLAN SELECT * FROM stories_atom").rows]
    assert any("USING INDEX stories_last_at" in step for step in plan), plan
    assert not [step for step in plan if step.startswith("SCAN posts")], plan
