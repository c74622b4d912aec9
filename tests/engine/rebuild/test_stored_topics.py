"""Which stored posts were not looked at by the rules in force, and their topics in steps, as `rebuild topics` gives."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from aggregator.engine.rebuild.stored_topics import StoredTopics
from aggregator.engine.rebuild.topics import leanings_of, rebuild_topics
from aggregator.model.rules import Term, TopicRule
from aggregator.model.settings import Config
from aggregator.storage.database import Database
from aggregator.storage.sources import sync_topics
from aggregator.storage.topic_rules import Span, count_not_looked_at, load_not_looked_at, note_applied, note_rules
from aggregator.topics.taxonomy import Taxonomy, version_of
from tests.helpers.newsroom import RULES, fill
from tests.helpers.poller_room import NOW
from tests.helpers.released import VERSIONS, unpack

BEFORE = version_of(RULES)
FERRIES = TopicRule(topic="ferries", label="Ferries", any=(Term("the"),))
# Funding left the rules, ferries came.
OTHERS = (*(rule for rule in RULES if rule.topic != "funding"), FERRIES)
TOPICS = "SELECT post_id, topic, score, because FROM post_topics ORDER BY 1, 2"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "news.db")
    fill(database)
    use(database, RULES)
    yield database
    database.close()


def use(database: Database, rules: tuple[TopicRule, ...]) -> None:
    """These come into force, as when a poller is made."""
    with database.write():
        sync_topics(database.conn, ((rule.topic, rule.label, rule.kind) for rule in rules))
        note_rules(database.conn, version_of(rules))


def rows(database: Database, sql: str = TOPICS) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in database.query(sql)]


def rebuilt(folder: Path) -> list[tuple[Any, ...]]:
    """The topics that `rebuild topics` gives."""
    other = Database(folder / "other.db")
    fill(other)
    use(other, OTHERS)
    rebuild_topics(other, Taxonomy(OTHERS), leanings_of((), {}), NOW, lambda _: None)
    found = rows(other)
    assert count_not_looked_at(other.conn) == 0
    other.close()
    return found


# ---------------------------------------------------------------- spans


def spans(database: Database) -> list[Span]:
    return load_not_looked_at(database.conn)


def test_what_came_under_other_rules_was_not_looked_at(database: Database) -> None:
    [[last]] = rows(database, "SELECT max(id) FROM posts")
    assert spans(database) == []
    with database.write():
        note_rules(database.conn, "b")
    assert spans(database) == [Span(1, last, BEFORE)]
    [[there]] = rows(database, "SELECT count(*) FROM posts WHERE gone_at IS NULL")
    assert count_not_looked_at(database.conn) == there
    with database.write():
        note_rules(database.conn, BEFORE)  # and back, before anything came
    assert spans(database) == []


def test_a_part_that_was_looked_at_is_left_out(database: Database) -> None:
    [[last]] = rows(database, "SELECT max(id) FROM posts")
    with database.write():
        note_rules(database.conn, "b")
        note_applied(database.conn, 5, 9, "b")
        assert spans(database) == [Span(1, 4, BEFORE), Span(10, last, BEFORE)]
        note_applied(database.conn, 1, 4, "b")
        assert spans(database) == [Span(10, last, BEFORE)]
        note_applied(database.conn, 10, last, "b")
    assert spans(database) == []
    assert rows(database, "SELECT from_id, version FROM topic_rules") == [(1, "b")]


def test_rules_that_were_applied_and_are_not_in_force_are_others(database: Database) -> None:
    """`rebuild topics` with an edited file, before the daemon has read it."""
    with database.write():
        sync_topics(database.conn, ((rule.topic, rule.label, rule.kind) for rule in OTHERS))
    rebuild_topics(database, Taxonomy(OTHERS), {}, NOW, lambda _: None)
    [[last]] = rows(database, "SELECT max(id) FROM posts")
    assert spans(database) == [Span(1, last, version_of(OTHERS))]
    use(database, OTHERS)
    assert spans(database) == []


# ---------------------------------------------------------------- steps


async def test_the_steps_give_what_rebuild_gives(database: Database, tmp_path: Path) -> None:
    use(database, OTHERS)
    topics = StoredTopics()
    with capture_logs() as logs:
        topics.use(database, Config(rules=OTHERS, apply_topics_to_stored=True))
        await topics.go_on(asyncio.Event())
    assert rows(database) == rebuilt(tmp_path)
    assert not topics.is_wanted() and spans(database) == []
    assert [log["event"] for log in logs] == [
        "working out the topics of stored posts", "topics of stored posts are worked out",
    ]  # fmt: skip
    assert rows(database, "SELECT topic FROM topics WHERE topic IN ('funding', 'ferries')") == [("ferries",)]


async def test_it_goes_on_where_it_was_cut_off(database: Database, tmp_path: Path) -> None:
    use(database, OTHERS)
    with database.write():
        note_applied(database.conn, 5, 9, "c")  # by still others: three spans, each a step at least
    config, seconds = Config(rules=OTHERS, apply_topics_to_stored=True), count(0, 0.04)
    first = StoredTopics(timer=lambda: next(seconds))  # each step takes as long as it may
    first.use(database, config)
    await first.go_on(asyncio.Event(), timedelta(seconds=0.1))
    left = count_not_looked_at(database.conn)
    assert first.is_wanted() and 0 < left < rows(database, "SELECT count(*) FROM posts")[0][0]
    again = StoredTopics()
    with capture_logs() as logs:
        again.use(database, config)
    assert logs[0]["posts"] == left
    await again.go_on(asyncio.Event())
    assert rows(database) == rebuilt(tmp_path)


async def test_without_apply_it_is_only_said(database: Database) -> None:
    before = rows(database)
    use(database, OTHERS)
    topics = StoredTopics()
    with capture_logs() as logs:
        topics.use(database, Config(rules=OTHERS))
        await topics.go_on(asyncio.Event())
    [said] = logs
    assert (said["event"], said["remedy"]) == ("stored posts not looked at", "aggregator rebuild topics")
    assert not topics.is_wanted() and rows(database) == before


async def test_nothing_is_said_where_the_rules_are_the_same(database: Database) -> None:
    label = replace(RULES[0], label="Money for companies")  # what people read gives no post another topic
    use(database, (label, *RULES[1:]))
    with capture_logs() as logs:
        StoredTopics().use(database, Config(rules=(label, *RULES[1:])))
    assert logs == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_of_a_released_version_waits_for_the_rules_of_today(version: str, tmp_path: Path) -> None:
    database = Database(unpack(version, tmp_path))
    [[there]] = rows(database, "SELECT count(*) FROM posts WHERE gone_at IS NULL")
    use(database, RULES)
    assert count_not_looked_at(database.conn) == there
    database.close()
