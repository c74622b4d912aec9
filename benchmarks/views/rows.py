"""A file of so many posts, as a daemon leaves it: the same rate all the time, so that more posts are more days.

Rows are written by bulk SQL into the real schema, so that its triggers keep the search index and the counts. What is
typical was taken from 318 real feeds: 94 of 100 posts begin a story, 55 have a topic, 2 are copies, 3 name an
amount of money, one in five hundred posts is about a given small company.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aggregator.storage.database import Database
from aggregator.storage.times import to_text
from aggregator.storage.words.packed import pack_words

# As 318 feeds bring them.
POSTS_A_DAY = 1440
_SOURCES = 318
_POLLS_A_DAY = 1000  # only of the last week, as housekeeping leaves them

_TOPICS = ("funding", "mistral", *(f"subject-{number}" for number in range(190)))
_WORDS = ("mistral", "pension", "funds", *(f"word{number}" for number in range(3000)))
_AT_ONCE = 1000

_TABLES = {
    "stories": "id slug title lead_post_id language first_at last_at post_count source_count score story_version",
    "posts": (
        "id kind title url author publisher language published_at first_seen_at sort_at gone_at copy_of story_id "
        "spaceless canonical_url article_key copy_because copy_score story_because story_score digest topics_version "
        "text html"
    ),
    "sightings": "source_id native_id post_id seen_at",
    "post_topics": "post_id topic score because",
    "post_tags": "post_id tag",
    "post_enclosures": "post_id url description",
    "post_cards": "post_id url title",
    "post_quotes": "post_id uri text",
    "post_options": "post_id position title",
    "post_revisions": "post_id replaced_at title text",
    "amounts": "post_id position value currency text kind",
    "post_vectors": "post_id model version vector digest",
    "story_links": "story_id earlier_story_id similarity because kind",
    "changes": "changed_at what row_id change",
    "polls": "source_id started_at duration_ms outcome bytes_read entries new edited copies",
}


@dataclass
class Maker:
    """Makes the rows of one post after the other, the last of them now. `filler`: bytes of HTML a post."""

    posts: int
    filler: int
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {name: [] for name in _TABLES})

    def __post_init__(self) -> None:
        self._dice = random.Random(self.posts)
        self._stories: list[list[Any]] = []
        self._markup = "<p>" + "x" * self.filler

    def write(self, database: Database) -> None:
        """All rows, a thousand posts in a transaction."""
        with database.write():
            self._write_around(database)
        for first in range(1, self.posts + 1, _AT_ONCE):
            for post_id in range(first, min(first + _AT_ONCE, self.posts + 1)):
                self._post(post_id)
            with database.write():
                self._flush(database)
        with database.write():
            counts = ((story[6], story[7], story[8], story[0]) for story in self._stories)
            database.conn.executemany(
                "UPDATE stories SET last_at = ?, post_count = ?, source_count = ? WHERE id = ?", counts
            )
            database.conn.execute("INSERT INTO post_words VALUES (1, ?)", (pack_words({"ferry": 0.9}),))

    def _flush(self, database: Database) -> None:
        for name, columns in _TABLES.items():
            marks = ", ".join("?" * len(columns.split()))
            named = ", ".join(columns.split())
            database.conn.executemany(f"INSERT OR IGNORE INTO {name} ({named}) VALUES ({marks})", self.rows[name])
            self.rows[name].clear()

    def _write_around(self, database: Database) -> None:
        """Sources, topics, and the polls of the last week."""
        database.conn.executemany(
            "INSERT INTO sources (id, kind, url, shown_url, title, interval_seconds, status) "
            "VALUES (?1, 'feed', ?2, ?2, ?3, 900, 'ok')",
            ((number, f"https://paper{number}.example/feed", f"Paper {number}") for number in range(1, _SOURCES + 1)),
        )
        database.conn.executemany(
            "INSERT INTO topics VALUES (?1, ?1, ?2)",
            ((topic, "topic" if number % 2 == 0 else "company") for number, topic in enumerate(_TOPICS)),
        )
        days = min(7, self.posts // POSTS_A_DAY)
        for number in range(days * _POLLS_A_DAY):
            at = to_text(self.now - timedelta(days=days) + timedelta(days=1) * (number / _POLLS_A_DAY))
            self.rows["polls"].append((number % _SOURCES + 1, at, 300, "ok", 20000, 30, 1, 0, 0))

    def _post(self, post_id: int) -> None:
        dice = self._dice
        at = to_text(self.now - timedelta(days=1) * ((self.posts - post_id) / POSTS_A_DAY))
        # The quietest brings forty in the smallest file: of each source `source_health` reads twenty.
        source = min(int(dice.expovariate(2) * _SOURCES), _SOURCES - 1) + 1
        story = self._story(post_id, at)
        is_copy, is_gone, is_status = (
            story[7] > 1 and dice.random() < 0.4,
            dice.random() < 0.005,
            dice.random() < 0.15,
        )
        is_spaceless = dice.random() < 0.04
        about = "資金調達" if dice.random() < 0.01 else "天気"
        text = f"今日の{about}の話、" * 20 if is_spaceless else " ".join(self._words())
        url = f"https://paper{source}.example/{post_id}"
        self.rows["posts"].append((
            post_id, "status" if is_status else "article", None if is_status else text[:60], url,
            f"who{post_id % 999}@social.example" if is_status else None, f"paper{source}.example",
            dice.choices(("en", "de", "ja"), (80, 15, 5))[0], at, at, at, at if is_gone else None,
            story[3] if is_copy and story[3] != post_id else None, story[0], is_spaceless, url,
            f"https://paper{source}.example/{max(1, post_id - dice.randint(1, 300))}" if is_status else None,
            "same text" if is_copy else None, 0.9 if is_copy else None, "similar words", 0.7, b"digest", "1", text,
            self._markup,
        ))  # fmt: skip
        self.rows["sightings"].append((source, f"{post_id}", post_id, at))
        if not is_gone:
            self._parts(post_id, at, is_status=is_status)
        self.rows["changes"].append((at, "post", post_id, "new"))

    def _story(self, post_id: int, at: str | None) -> list[Any]:
        """A story for the post: one in sixteen joins one of the last ones."""
        dice = self._dice
        if self._stories and dice.random() < 0.06:
            story = self._stories[-1 - int(dice.expovariate(0.01)) % min(len(self._stories), 400)]
            story[6], story[7], story[8] = at, story[7] + 1, story[8] + 1
            return story
        story_id = len(self._stories) + 1
        story = [story_id, f"story-{story_id}", f"Story {story_id}", post_id, "en", at, at, 1, 1, 0.3, 1]
        self._stories.append(story)
        self.rows["stories"].append(tuple(story))
        self.rows["changes"].append((at, "story", story_id, "new"))
        if dice.random() < 0.04 and story_id > 2000:
            for _ in range(dice.randint(1, 5)):
                earlier = story_id - 1000 - int(dice.random() * min(story_id - 1001, 50000))
                self.rows["story_links"].append((story_id, earlier, dice.random(), "shared words", "continues"))
        return story

    def _words(self) -> Iterator[str]:
        for _ in range(80):
            number = int(self._dice.paretovariate(0.6)) if self._dice.random() > 0.0001 else 0
            yield _WORDS[min(number + 2, len(_WORDS) - 1)] if number else self._dice.choice(_WORDS[:3])

    def _parts(self, post_id: int, at: str | None, *, is_status: bool) -> None:
        dice = self._dice
        if dice.random() < 0.55:
            count = min(int(dice.expovariate(0.8)) + 1, 9)
            numbers = {min(int(dice.expovariate(0.02)) + 2, len(_TOPICS) - 1) for _ in range(count)}
            numbers |= {0} if dice.random() < 0.009 else set()
            numbers |= {1} if dice.random() < 0.007 else set()
            self.rows["post_topics"].extend((post_id, _TOPICS[each], dice.random(), "title") for each in numbers)
        self.rows["post_tags"].extend(
            (post_id, f"tag{int(dice.paretovariate(0.5)) % 5000}") for _ in range(dice.randint(0, 1))
        )
        if dice.random() < 0.05:
            self.rows["post_enclosures"].append(
                (post_id, "https://x.example/p.jpg", "a picture" if is_status else None)
            )
        if is_status:
            self.rows["post_cards"].append((post_id, "https://x.example/", "A page"))
            if dice.random() < 0.05:
                self.rows["post_quotes"].append((post_id, f"https://social.example/{post_id}", "what was said"))
                self.rows["post_options"].append((post_id, 1, "yes"))
        if dice.random() < 0.01:
            self.rows["post_revisions"].append((post_id, at, "Before", "What it said before"))
        if dice.random() < 0.03:
            self.rows["amounts"].append(
                (post_id, 1, 9e8, "EUR", "€900 million", dice.choice(("raised", "valued", None)))
            )
        if self.posts - post_id < 5000:
            self.rows["post_vectors"].append((post_id, "model", "1", b"\0" * 512, b"digest"))


def make_file(path: Path, posts: int, filler: int) -> None:
    """Write a database with so many posts to `path`, unless it is there."""
    if path.exists():
        return
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    database = Database(part)
    Maker(posts, filler).write(database)
    database.close()
    part.rename(path)
