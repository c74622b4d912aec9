"""Whatever is written, in whatever order: the counts are what counting gives."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.rebuild.copies import rebuild_copies
from aggregator.engine.rebuild.counters import rebuild_counters
from aggregator.engine.rebuild.stories import rebuild_stories
from aggregator.engine.rebuild.topics import rebuild_topics
from aggregator.model.changes import (
    Back,
    Changes,
    CopyOf,
    EditedPost,
    Grouped,
    Membership,
    NewPost,
    Sighting,
    StoryHead,
)
from aggregator.model.post import EnrichedPost, TopicMatch
from aggregator.model.settings import Stories
from aggregator.model.timelines import GoneBecause
from aggregator.storage.corrections import Editor
from aggregator.storage.counters.check import check_counters
from aggregator.storage.database import Database
from aggregator.storage.deletions import bury, forget
from aggregator.storage.first_polls.grouped import save_grouped
from aggregator.storage.ids import next_id
from aggregator.storage.keeping.posts import Kept, prune_stories
from aggregator.storage.save import save_changes
from aggregator.storage.sources import sync_sources, sync_topics
from aggregator.storage.stored_posts import save_found_copies
from aggregator.storage.stories import merge_story, recount_stories, save_memberships
from tests.helpers.build import NOW, make_enriched, make_source, make_taxonomy
from tests.helpers.new_database import new_database
from tests.helpers.released import VERSIONS, unpack

TOPICS = ("acme", "banks", "chips", "dams", "elms")
TAXONOMY = make_taxonomy(**{topic: (topic,) for topic in TOPICS})
STEPS = 120


class Writer:
    """Writes at random, by the functions that the program writes with."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database, self.conn, self.dice = database, database.conn, random.Random(seed)
        self.number = 0
        sync_sources(self.conn, [make_source(number) for number in range(1, 5)], NOW)
        sync_topics(self.conn, [(topic, topic.title(), "company") for topic in TOPICS])

    # ------------------------------------------------------------ what there is

    def ids(self, where: str, table: str = "posts") -> list[int]:
        return [row[0] for row in self.conn.execute(f"SELECT id FROM {table} WHERE {where} ORDER BY id")]

    def pick(self, where: str, table: str = "posts") -> int:
        """One of these rows; 0 where there is none."""
        found = self.ids(where, table)
        return self.dice.choice(found) if found else 0

    def story(self) -> tuple[int, bool]:
        """A story for a post, and whether it is a new one."""
        if self.dice.random() < 0.4 or not (found := self.pick("merged_into IS NULL", "stories")):
            return next_id(self.conn, "stories"), True
        return found, False

    def enriched(self) -> EnrichedPost:
        """A post of some day, with some topics; its words are its own."""
        self.number += 1
        topics = sorted(self.dice.sample(TOPICS, self.dice.choice((0, 1, 1, 2, 3))))
        made = make_enriched(
            f"{self.number}", title=f"Report {self.number} of {' '.join(topics) or 'nothing'}",
            published_at=NOW - timedelta(hours=self.dice.randrange(72)),
        )  # fmt: skip
        return replace(made, topics=tuple(TopicMatch(each, self.dice.random(), "title") for each in topics))

    def save(self, **changes: Any) -> None:
        save_changes(self.conn, Changes(now=NOW, **changes))

    # ------------------------------------------------------------ what is done

    def poll(self) -> None:
        post_id, (story_id, is_new) = next_id(self.conn, "posts"), self.story()
        waits, enriched = self.dice.random() < 0.2, self.enriched()
        original = self.pick("copy_of IS NULL AND gone_at IS NULL") if self.dice.random() < 0.3 else 0
        head = StoryHead(id=story_id, title="S", lead_post_id=post_id, language=None, at=NOW, is_new=True)
        new = NewPost(
            id=post_id, source_id=self.dice.randint(1, 4), enriched=enriched, first_seen_at=NOW,
            copy_of=CopyOf(original, "same link", 1.0) if original else None,
            membership=None if waits else Membership(story_id, "because", 0.5), words={},
        )  # fmt: skip
        self.save(new=(new,), stories=() if waits or not is_new else (head,))

    def see_again(self) -> None:
        if post_id := self.pick("1"):
            self.number += 1
            self.save(sightings=(Sighting(
                source_id=self.dice.randint(1, 4), native_id=f"again {self.number}", post_id=post_id, seen_at=NOW,
            ),))  # fmt: skip

    def edit(self) -> None:
        if post_id := self.pick("gone_at IS NULL"):
            enriched = self.enriched()
            self.save(edited=(EditedPost(id=post_id, enriched=enriched, seen_at=NOW, headline="New"),))

    def bring_back(self) -> None:
        if post_id := self.pick("gone_at IS NOT NULL"):
            original = self.pick(f"copy_of IS NULL AND gone_at IS NULL AND id <> {post_id}")
            copy = CopyOf(original, "same link", 1.0) if original and self.dice.random() < 0.3 else None
            [(story_id,)] = self.conn.execute("SELECT story_id FROM posts WHERE id = ?", (post_id,)).fetchall()
            enriched, back = self.enriched(), Back(copy_of=copy, story_id=story_id, words={})
            self.save(edited=(EditedPost(id=post_id, enriched=enriched, seen_at=NOW, headline="Back", back=back),))

    def become_copy(self) -> None:
        if (post_id := self.pick("copy_of IS NULL")) and (of := self.pick(f"copy_of IS NULL AND id <> {post_id}")):
            self.save(became_copies=((post_id, CopyOf(of, "same text", 0.9)),))

    def be_no_copy(self) -> None:
        if post_id := self.pick("copy_of IS NOT NULL"):
            save_found_copies(self.conn, {post_id: None}, NOW)

    def go(self) -> None:
        if post_id := self.pick("gone_at IS NULL"):
            self.save(gone={post_id: GoneBecause.DELETED}, empties_gone=self.dice.random() < 0.7)

    def forget(self) -> None:
        if post_id := self.pick("gone_at IS NULL"):
            forget(self.conn, None, [f"https://news.example/{post_id}"], NOW)
            recount_stories(self.conn, bury(self.conn, [post_id], NOW).stories)

    def group(self) -> None:
        if waiting := self.ids("story_id IS NULL AND gone_at IS NULL"):
            story_id, is_new = self.story()
            head = StoryHead(id=story_id, title="S", lead_post_id=waiting[0], language=None, at=NOW, is_new=True)
            there = tuple((each, Membership(story_id, "waited", 0.5)) for each in waiting[:3])
            stories = (head,) if is_new else ()
            grouped = Grouped(memberships=there, words={}, copies=(), stories=stories, links=())
            save_grouped(self.conn, grouped, NOW)

    def move(self) -> None:
        if (post_id := self.pick("story_id IS NOT NULL")) and (to := self.pick("merged_into IS NULL", "stories")):
            recount_stories(self.conn, save_memberships(self.conn, [(post_id, Membership(to, "moved", 0.5))]))

    def merge(self) -> None:
        story_id, into = (self.pick("merged_into IS NULL", "stories") for _ in range(2))
        if story_id != into:
            merge_story(self.conn, story_id, into, "the same", 0.9, NOW)

    def prune(self) -> None:
        """The oldest stories go, all of their posts with them; some stay for a topic."""
        later = NOW + timedelta(days=30)
        kept = Kept(topics=self.dice.sample(TOPICS, 2))
        prune_stories(self.conn, 0, self.dice.randint(1, 4), later - timedelta(days=7), later, kept)

    def outside(self) -> None:
        """What has transactions of its own: the editor, and rebuilding."""
        editor = Editor(self.database, NOW)
        post_id = self.pick("1")
        several = self.pick(
            "merged_into IS NULL AND (SELECT count(*) FROM posts p WHERE p.story_id = stories.id) > 2", "stories"
        )
        match self.dice.randrange(6):
            case 0 | 1 if several:
                editor.split(f"{several}", self.ids(f"story_id = {several}")[:2])
            case 2 | 3 if post_id:
                editor.topic(post_id, self.dice.choice(TOPICS), is_there=self.dice.random() < 0.5)
            case 4:
                rebuild_topics(self.database, TAXONOMY, {}, NOW, lambda _: None)
            case _ if self.dice.random() < 0.3:
                rebuild_copies(self.database, NOW, lambda _: None)
                rebuild_stories(self.database, Stories(), NOW, lambda _: None)

    def step(self) -> str:
        """One of these; its name."""
        done: Callable[[], None] = self.dice.choice((
            self.poll, self.poll, self.poll, self.see_again, self.edit, self.bring_back, self.become_copy,
            self.be_no_copy, self.go, self.forget, self.group, self.move, self.merge, self.prune, self.outside,
        ))  # fmt: skip
        if done == self.outside:
            done()
        else:
            with self.database.write():
                done()
        return done.__name__


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path / "news.db")
    yield database
    database.close()


def write(database: Database, seed: int) -> None:
    writer = Writer(database, seed)
    for _ in range(STEPS):
        writer.step()


def wrong(database: Database) -> list[str]:
    return [str(each) for each in check_counters(database.conn)]


@pytest.mark.parametrize("seed", range(8))
def test_counts_are_what_counting_gives(database: Database, seed: int) -> None:
    writer = Writer(database, seed)
    done = []
    for _ in range(STEPS):
        done.append(writer.step())
        assert wrong(database) == [], done
    assert database.query("SELECT count(*) FROM posts WHERE copy_of IS NOT NULL AND gone_at IS NULL")[0][0]
    assert rebuild_counters(database, lambda _: None).changed == 0


# What the views said before there were counts.
COUNTED = {
    "story_sources": (
        "SELECT p.story_id, s.id, coalesce(s.title, s.url), s.kind, s.url, count(DISTINCT p.id), min(p.sort_at), "
        "(SELECT f.url FROM posts f JOIN sightings h ON h.post_id = f.id WHERE f.story_id = p.story_id "
        "AND h.source_id = s.id AND f.gone_at IS NULL ORDER BY f.sort_at, f.id LIMIT 1), s.folder "
        "FROM posts p JOIN sightings g ON g.post_id = p.id JOIN sources s ON s.id = g.source_id "
        "WHERE p.story_id IS NOT NULL AND p.gone_at IS NULL GROUP BY p.story_id, s.id"
    ),
    "story_topics": (
        "SELECT p.story_id, t.topic, o.kind, count(*), round(count(*) * 1.0 / s.post_count, 3), max(t.score) "
        "FROM posts p JOIN stories s ON s.id = p.story_id JOIN post_topics t ON t.post_id = p.id "
        "JOIN topics o ON o.topic = t.topic WHERE p.gone_at IS NULL GROUP BY p.story_id, t.topic"
    ),
    "topic_counts_daily": (
        "SELECT substr(p.sort_at, 1, 10) AS day, t.topic, o.kind, count(*), count(DISTINCT p.story_id) "
        "FROM posts p JOIN post_topics t ON t.post_id = p.id JOIN topics o ON o.topic = t.topic "
        "WHERE p.copy_of IS NULL AND p.gone_at IS NULL GROUP BY day, t.topic"
    ),
    "topics_together": (
        "WITH had AS (SELECT t.post_id, t.topic FROM posts p JOIN post_topics t ON t.post_id = p.id "
        "WHERE p.copy_of IS NULL AND p.gone_at IS NULL), "
        "counted AS (SELECT topic, count(*) AS n FROM had GROUP BY topic) "
        "SELECT a.topic, b.topic, count(*), round(count(*) * 1.0 / ca.n, 3), "
        "round(count(*) * 1.0 * (SELECT count(DISTINCT post_id) FROM had) / (ca.n * cb.n), 2) "
        "FROM had a JOIN had b ON b.post_id = a.post_id AND b.topic <> a.topic "
        "JOIN counted ca ON ca.topic = a.topic JOIN counted cb ON cb.topic = b.topic GROUP BY a.topic, b.topic"
    ),
    "(SELECT id, post_count FROM source_health)": (
        "SELECT s.id, (SELECT count(*) FROM sightings g WHERE g.source_id = s.id) FROM sources s"
    ),
}


@pytest.mark.parametrize("seed", range(3))
def test_views_say_what_counting_says(database: Database, seed: int) -> None:
    write(database, 100 + seed)
    for view, sql in COUNTED.items():
        shown = [tuple(row) for row in database.query(f"SELECT * FROM {view}")]
        assert shown and sorted(shown) == sorted(tuple(row) for row in database.query(sql)), view


def test_wrong_counts_are_found_and_mended(database: Database) -> None:
    write(database, 7)
    with database.write():
        for sql in (
            "UPDATE story_topic_counts SET post_count = post_count + 1 WHERE topic = 'acme'",
            "DELETE FROM story_source_counts WHERE source_id = 1",
            "INSERT INTO topic_day_counts VALUES ('2001-01-01', 'acme', 2, 1)",
            "DELETE FROM topic_posts WHERE topic = 'chips'",
            "UPDATE topic_pair_counts SET post_count = 9 WHERE topic IN ('', 'banks')",
            "UPDATE source_counts SET post_count = 0",
        ):
            database.conn.execute(sql)
    found = wrong(database)
    assert {each.split(":")[0] for each in found} == {
        "story_topic_counts", "story_source_counts", "topic_day_counts", "topic_posts", "topic_pair_counts",
        "source_counts",
    }  # fmt: skip
    assert rebuild_counters(database, lambda _: None).changed == len(found)
    assert wrong(database) == []


def test_a_sighting_that_is_moved_or_taken_away_is_counted(database: Database) -> None:
    write(database, 8)
    with database.write():
        database.conn.execute("UPDATE sightings SET source_id = 2 WHERE source_id = 1")
        database.conn.execute("UPDATE sightings SET post_id = (SELECT min(id) FROM posts) WHERE rowid % 5 = 0")
        database.conn.execute("DELETE FROM sightings WHERE rowid % 3 = 0")
    assert wrong(database) == []


def test_the_topic_of_a_row_is_not_changed_in_place(database: Database) -> None:
    write(database, 9)
    with pytest.raises(sqlite3.IntegrityError, match="so that it is counted"), database.write():
        database.conn.execute("UPDATE post_topics SET topic = 'elms' WHERE topic = 'acme'")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_file_of_a_released_version_is_counted(version: str, tmp_path: Path) -> None:
    database = Database(unpack(version, tmp_path))
    assert wrong(database) == []
    for view in ("story_topics", "story_sources", "topic_counts_daily", "topics_together"):
        assert database.query(f"SELECT count(*) FROM {view}")[0][0] > 0
    database.close()
