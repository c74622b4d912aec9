"""What is wrong with rows: each kind is found where it is, told with its remedy, and mended where that is safe.

The file is a newsroom's; it is changed as another program might, past triggers and references.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.model.finding import Level
from aggregator.storage.checkup.integrity import check_pages
from aggregator.storage.checkup.looking import Look
from aggregator.storage.checkup.mending import FIXES, opened_to_mend
from aggregator.storage.checkup.opened import untouched
from aggregator.storage.checkup.orphans import ORPHANS
from aggregator.storage.counters.counters import COUNTERS
from aggregator.storage.database import Database
from tests.helpers.checkup import change, command, found_in, troubles_in
from tests.helpers.new_database import new_database
from tests.helpers.newsroom import fill

NOW = datetime(2026, 4, 6, 12, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = new_database(tmp_path / "news.db", fill)
    made.close()
    return made.path


CHECK = "aggregator check https://gazette.example/feed"

# What is done to the file, which check finds it, in which table, and what mends it.
DAMAGE = [
    ("UPDATE stories SET post_count = post_count + 1 WHERE id = 1", "counts", "stories", "stories"),
    ("UPDATE stories SET source_count = 0 WHERE id = 1", "counts", "stories", "stories"),
    ("UPDATE source_counts SET post_count = 99 WHERE source_id = 1", "counts", "source_counts", "counters"),
    ("DELETE FROM topic_posts", "counts", "topic_posts", "counters"),
    ("INSERT INTO story_topic_counts VALUES (999, 'funding', 3)", "counts", "story_topic_counts", "counters"),
    ("DELETE FROM posts_fts_docsize WHERE id = 3", "search", "posts_fts", "search"),
    ("INSERT INTO posts_fts (rowid, text) VALUES (9999, 'nobody wrote this')", "search", "posts_fts", "search"),
    ("INSERT INTO posts_fts_cjk (rowid, text) VALUES (1, 'no such script')", "search", "posts_fts_cjk", "search"),
    (
        "INSERT INTO posts_fts (posts_fts, rowid, text, title, attached) "
        "SELECT 'delete', id, 'other words than those', title, attached FROM posts WHERE id = 3",
        "search", "posts_fts", "search",
    ),
    ("UPDATE posts_fts_data SET block = zeroblob(9) WHERE id > 10", "search", "posts_fts", "search"),
    ("INSERT INTO post_bands VALUES (5, 9999)", "orphans", "post_bands", "orphans"),
    (
        "INSERT INTO missing_statuses VALUES (1, 'nowhere', '2026', NULL, '2026')",
        "orphans", "missing_statuses", "orphans",
    ),
    ("INSERT INTO first_polls VALUES (8000, 9000, '2026', '2026')", "orphans", "first_polls", "orphans"),
    ("INSERT INTO post_words VALUES (9999, x'00')", "references", "post_words", "orphans"),
    ("INSERT INTO post_tags VALUES (9999, 'lost')", "references", "post_tags", "orphans"),
    ("INSERT INTO post_vectors VALUES (9999, 'm', '1', x'00', x'00')", "references", "post_vectors", "orphans"),
    ("INSERT INTO story_links VALUES (1, 9999, .5, 'so', 'continues')", "references", "story_links", "orphans"),
    (
        "INSERT INTO briefs (id, story_id, language, headline, method, input_digest, written_at) "
        "VALUES (77, 9999, 'en', 'Nothing', 'extracted', '', '2026')",
        "references", "briefs", "orphans",
    ),
    (
        "INSERT INTO brief_figures VALUES (9999, 1, 1, 'ten', 10, 'people', 'en', '[]')",
        "references", "brief_figures", "orphans",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "check", "table", "fix"), DAMAGE, ids=[each[0][:60] for each in DAMAGE])
def test_it_is_found_and_mended(path: Path, statement: str, check: str, table: str, fix: str) -> None:
    assert troubles_in(path) == []
    change(path, statement)
    found = troubles_in(path)
    assert [(each.check, each.where, each.fix) for each in found] == [(check, table, fix)], found
    assert found[0].command == "aggregator doctor --fix" and found[0].remedy
    with opened_to_mend(path, NOW) as mender:
        mender.mend(fix)
    assert troubles_in(path) == []


def test_a_near_miss_is_well(path: Path) -> None:
    """A count of 0 is as good as none, a first poll goes on, a post of another script is in one index alone."""
    change(
        path,
        "INSERT INTO source_counts VALUES (999, 0)",
        "INSERT INTO first_polls VALUES (8000, NULL, '2026', NULL)",
        "INSERT INTO topic_day_counts VALUES ('2001-01-01', 'funding', 0, 0)",
    )
    assert troubles_in(path) == []


def test_what_an_editor_did_is_told_of_and_left(path: Path) -> None:
    change(
        path,
        "INSERT INTO corrections (made_at, what, post_id, value) VALUES ('2026', 'topic_add', 9999, 'funding')",
        "INSERT INTO topic_labels VALUES (9999, 'funding', 1, '2026')",
    )
    found = troubles_in(path)
    assert [(each.where, each.fix, each.command) for each in found] == [
        ("corrections", None, ""),
        ("topic_labels", None, ""),
    ]
    with opened_to_mend(path, NOW) as mender:
        for fix in FIXES:
            mender.mend(fix)
    assert troubles_in(path) == found


@pytest.mark.parametrize(
    ("statement", "table", "command"),
    [
        ("UPDATE posts SET copy_of = 9999 WHERE id = 2", "posts", "aggregator rebuild copies"),
        ("UPDATE posts SET story_id = 9999 WHERE id = 2", "posts", "aggregator rebuild stories"),
        ("INSERT INTO post_topics VALUES (2, 'nonsense', 1, 'so')", "post_topics", "aggregator rebuild topics"),
    ],
)
def test_what_is_worked_out_otherwise_names_what_does_it(path: Path, statement: str, table: str, command: str) -> None:
    change(path, "DROP TRIGGER posts_count_story", "DROP TRIGGER posts_count_topics", statement)
    found = [each for each in troubles_in(path) if each.check == "references"]
    assert [(each.where, each.command, each.fix) for each in found] == [(table, command, None)]


def test_sentences_of_briefs_that_cite_what_is_gone(path: Path) -> None:
    change(
        path,
        "INSERT INTO briefs (id, story_id, language, headline, method, input_digest, written_at) "
        "VALUES (77, 1, 'xx', 'News', 'extracted', '', '2026')",
        "INSERT INTO brief_sentences (brief_id, part, position, text, made, posts, stories) "
        "VALUES (77, 'happened', 1, 'So it was.', 'quoted', '[1, 9999]', '[9999]')",
    )
    found = troubles_in(path)
    assert [(each.check, each.where, each.command) for each in found] == 2 * [
        ("orphans", "brief_sentences", "aggregator rebuild briefs")
    ]


def test_an_index_that_is_not_what_its_table_says(path: Path) -> None:
    change(
        path,
        "CREATE INDEX extra ON posts (author)",
        "UPDATE sqlite_master SET sql = 'CREATE INDEX extra ON posts (publisher)' WHERE name = 'extra'",
    )
    [found] = troubles_in(path)
    assert (found.check, found.fix) == ("integrity", "indexes")
    assert "missing from index extra" in found.what
    with opened_to_mend(path, NOW) as mender:
        mender.mend("indexes")
    assert troubles_in(path) == []


def test_many_faults_of_indexes_are_no_promise_of_the_rest(path: Path) -> None:
    change(
        path,
        "CREATE INDEX extra ON posts (author)",
        "UPDATE sqlite_master SET sql = 'CREATE INDEX extra ON posts (publisher)' WHERE name = 'extra'",
    )
    with untouched(path, is_in_use=False) as opened:
        [found] = check_pages(Look(opened.conn, path, True, 0, NOW, command), most=3)
    assert (found.check, found.fix) == ("integrity", None)


class _Newer:
    """A connection of SQLite 3.44 or later, whose own check asks FTS5, too, and has this to say."""

    def __init__(self, said: str) -> None:
        self._said = said

    def execute(self, sql: str) -> object:
        return self if "page" in sql else [(self._said,)]

    def fetchone(self) -> tuple[int]:
        return (4096,)


@pytest.mark.parametrize(
    "said",
    [
        "malformed inverted index for FTS5 table main.posts_fts",
        "unable to validate the inverted index for FTS5 table main.posts_fts: database is locked",
        'fts5: corruption found reading blob 137438953472 from table "posts_fts"',  # SQLite 3.51.1
    ],
)
def test_what_newer_versions_say_of_the_search_is_left_to_the_check_of_it(path: Path, said: str) -> None:
    [found] = check_pages(Look(_Newer(said), path, True, 0, NOW, command))  # type: ignore[arg-type]
    assert found.level is Level.WELL


def test_stories_that_are_counted_anew_are_logged_as_edited(path: Path) -> None:
    change(path, "UPDATE stories SET post_count = 99 WHERE id = 1")
    with opened_to_mend(path, NOW) as mender:
        assert mender.mend("stories") == "stories counted anew: 1"
    database = Database(path)
    [last] = database.query("SELECT what, row_id, change FROM changes ORDER BY seq DESC LIMIT 1")
    database.close()
    assert tuple(last) == ("story", 1, "edited")


def test_words_are_not_compared_without_room_for_a_copy(path: Path) -> None:
    found = [each for each in found_in(path, temporary=10) if each.check == "search"]
    assert {each.level for each in found} == {Level.NOTE}
    assert all("were not compared" in each.what and "SQLITE_TMPDIR" in each.remedy for each in found)


def test_every_column_that_names_a_row_is_looked_at(path: Path) -> None:
    """Where a table does not declare it, it is among the orphans, or is a count, which is compared with its source."""
    database = Database(path)
    tables = [
        row[0]
        for row in database.query("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%fts5%'")
    ]
    open_ones: set[tuple[str, str]] = set()
    for table in tables:
        columns = {row[1] for row in database.query(f"PRAGMA table_info({table})")}
        declared = {row[3] for row in database.query(f"PRAGMA foreign_key_list({table})")}
        open_ones |= {(table, column) for column in columns - declared if column.endswith("_id")}
    database.close()
    looked_at = {(table, column) for table, column in open_ones if table in {each.table for each in ORPHANS}}
    looked_at |= {(table, column) for table, column in open_ones if table in {each.table for each in COUNTERS}}
    # Ids of other programs and servers; the log tells also of what is long gone; how far a rework came; where other
    # rules begin, which may be the post to come; FTS5's own. What a target was told stays when a story was merged, and
    # a message has an id for others.
    others = {("sources", "native_id"), ("sightings", "native_id"), ("filtered_posts", "native_id")}
    others |= {("changes", "row_id"), ("reworks", "after_id"), ("topic_rules", "from_id")}
    others |= {("outbox", "row_id"), ("outbox", "message_id")}
    assert open_ones - looked_at == others


@pytest.mark.parametrize(
    ("changed", "level", "said", "command"),
    [
        (
            "status = 'failing', last_success_at = '2026-04-05T11:00:00Z'",
            Level.TROUBLE,
            "HTTP 500",
            CHECK,
        ),
        ("status = 'failing', last_success_at = NULL", Level.TROUBLE, "never read", CHECK),
        ("status = 'failing', last_success_at = '2026-04-05T13:00:00Z'", Level.NOTE, "HTTP 500", ""),
        ("status = 'limited', last_success_at = NULL", Level.NOTE, "limited", ""),
        ("status = 'gone', last_success_at = '2026-04-05T13:00:00Z'", Level.TROUBLE, "gone", ""),
    ],
)
def test_sources_in_trouble_with_their_words(path: Path, changed: str, level: Level, said: str, command: str) -> None:
    change(
        path,
        "UPDATE sources SET status = 'ok', last_error = NULL",
        f"UPDATE sources SET last_error = 'HTTP 500', failures = 3, title = 'Gazette', "
        f"url = 'https://gazette.example/feed', {changed} WHERE id = 2",
    )
    [found] = [each for each in found_in(path) if each.check == "sources"]
    assert (found.level, found.where, found.command) == (level, "Gazette", command)
    assert said in found.what and "3 times in a row" in found.what


def test_sources_that_left_the_configuration_are_in_no_trouble(path: Path) -> None:
    change(path, "UPDATE sources SET status = 'failing', removed_at = '2026-04-05T11:00:00Z'")
    assert [each.level for each in found_in(path) if each.check == "sources"] == [Level.WELL]


def test_many_sources_in_trouble_are_counted(path: Path) -> None:
    rows = ", ".join(f"('feed', 'https://{n}.example', 600, 'failing', 'refused')" for n in range(40))
    change(path, f"INSERT INTO sources (kind, url, interval_seconds, status, last_error) VALUES {rows}")
    found = [each for each in found_in(path) if each.check == "sources"]
    assert len(found) == 21 and found[-1].command == "aggregator sources" and "more are in trouble" in found[-1].what
