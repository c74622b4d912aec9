"""What the tables were up to the end of 2026: those of the first version (schema.sql), and each later change, a named
function below it. Finished: a new change stands in `aggregator.storage.upgrade.migrations`.

They are applied by `aggregator.storage.upgrade.migrate` with sqlite-utils, each in a transaction of its own and after a
copy of the file was made.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aggregator.storage.upgrade.scripts import packaged, run_script
from aggregator.storage.upgrade.steps import Steps

if TYPE_CHECKING:
    import sqlite_utils

migrations = Steps("aggregator")


@migrations()
def initial(db: sqlite_utils.Database) -> None:
    """All tables, indexes, search tables and triggers of the first version."""
    run_script(db.conn, packaged("schema.sql"))


@migrations()
def reworks(db: sqlite_utils.Database) -> None:
    """How far the stored rows have been worked out again after an upgrade."""
    run_script(
        db.conn,
        """
CREATE TABLE reworks (
  -- What a later version works out again of stored rows, bit by bit while the daemon runs, and how far that has come.
  name       TEXT PRIMARY KEY,
  after_id   INTEGER NOT NULL,                      -- the rows up to this id are done
  changed    INTEGER NOT NULL,                      -- rows that came out otherwise
  started_at TEXT NOT NULL,
  ended_at   TEXT                                   -- NULL: there is more to do
) STRICT, WITHOUT ROWID;
""",
    )


@migrations()
def details(db: sqlite_utils.Database) -> None:
    """By what it is noticed that a source corrected tags, files or author. No column of `posts`: it would stand behind
    the long texts."""
    run_script(
        db.conn,
        """
CREATE TABLE post_details (
  -- By what it is noticed that a source corrected tags, files or author. Posts of older versions have no row at first.
  post_id INTEGER PRIMARY KEY REFERENCES posts (id),
  details BLOB NOT NULL                             -- changes when one of these does
) STRICT;
""",
    )


# Kinds of sources, in the check that the first version made and in that of today.
_FIRST_KINDS, _KINDS = "('feed', 'hashtag')", "('feed', 'hashtag', 'account', 'list', 'home', 'bookmarks', 'trends')"
_MORE_OF_SOURCES = """
  -- Of sources on Mastodon servers.
  , native_id      TEXT                             -- id of its account or list on its server, looked up once
  , publish        INTEGER NOT NULL DEFAULT 0       -- as configured; 1: what is only seen with a token may be shown
)"""


@migrations()
def mastodon_sources(db: sqlite_utils.Database) -> None:
    """More kinds of sources than feeds and hashtags, and what was only seen with an access token."""
    conn = db.conn
    made = conn.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'sources'").fetchone()[0]
    columns = ", ".join(row[1] for row in conn.execute("PRAGMA table_info(sources)"))
    indexes = conn.execute("SELECT sql FROM sqlite_master WHERE tbl_name = 'sources' AND type <> 'table' AND sql <> ''")
    others = [row[0] for row in indexes.fetchall()]
    # A check can't be changed: the table is made anew, from its own text, with the columns that it has.
    head = re.sub(r'CREATE TABLE "?sources"?', "CREATE TABLE sources_anew", made, count=1).replace(_FIRST_KINDS, _KINDS)
    conn.execute(re.sub(r"\s*\)(?=[^)]*$)", _MORE_OF_SOURCES, head))
    conn.execute(f"INSERT INTO sources_anew ({columns}) SELECT {columns} FROM sources")
    conn.execute("DROP TABLE sources")
    conn.execute("ALTER TABLE sources_anew RENAME TO sources")
    for sql in others:
        conn.execute(sql)
    conn.execute("ALTER TABLE sightings ADD COLUMN by_token INTEGER /* 1: only with a token */ NOT NULL DEFAULT 0")


@migrations()
def missing_statuses(db: sqlite_utils.Database) -> None:
    """One server's 404 is not believed at once, and a post that is shown again comes back."""
    run_script(
        db.conn,
        """
CREATE TABLE missing_statuses (
  -- Statuses that a server says it has not, and that are not believed to be deleted yet.
  source_id INTEGER NOT NULL REFERENCES sources (id),
  native_id TEXT NOT NULL,                          -- the id of the status on that server, as in sightings
  since     TEXT NOT NULL,                          -- when it said so first
  shown_at  TEXT,                                   -- when its home server, or another one, showed it still
  again_at  TEXT NOT NULL,                          -- when it is asked after again
  PRIMARY KEY (source_id, native_id)
) STRICT, WITHOUT ROWID;
ALTER TABLE posts ADD COLUMN gone_because TEXT;
ALTER TABLE sources ADD COLUMN warning TEXT;
""",
    )


@migrations()
def shown_urls(db: sqlite_utils.Database) -> None:
    """Addresses of sources as people read them, beside those that name them."""
    from aggregator.text.urls import readable  # here: what it knows of addresses is read when it is imported

    run_script(db.conn, "ALTER TABLE sources ADD COLUMN shown_url TEXT;")
    rows = db.conn.execute("SELECT id, url FROM sources").fetchall()
    db.conn.executemany(
        "UPDATE sources SET shown_url = ? WHERE id = ?", ((readable(url), row_id) for row_id, url in rows)
    )


@migrations()
def headlines(db: sqlite_utils.Database) -> None:
    """What a post without a title is called, worked out once. The rework of this name fills it for stored posts."""
    db.conn.execute("ALTER TABLE posts ADD COLUMN headline /* what one without a title is called, for readers */ TEXT")


@migrations()
def attached_words(db: sqlite_utils.Database) -> None:
    """Cards, quoted posts, polls, descriptions of pictures, emoji; and search that finds their words."""
    run_script(db.conn, packaged("attached_words.sql"))


@migrations()
def consumers(db: sqlite_utils.Database) -> None:
    """Who follows the change log, and how far they are."""
    run_script(
        db.conn,
        """
CREATE TABLE consumers (
  -- Who follows `changes`, and the last one that each has seen: the site, and whoever asks in its name.
  name       TEXT PRIMARY KEY,
  seq        INTEGER NOT NULL,                      -- changes.seq
  updated_at TEXT NOT NULL                          -- when it moved on last
) STRICT, WITHOUT ROWID;
""",
    )


@migrations()
def first_polls(db: sqlite_utils.Database) -> None:
    """Which posts came together in a first poll: their stories are decided when it has ended, in the order of time."""
    run_script(
        db.conn,
        """
CREATE TABLE first_polls (
  -- Posts that came together in the first poll of a source: their stories are decided when it has ended, in the order
  -- of their times. A post waits for that while it has no story.
  first_id   INTEGER PRIMARY KEY,                   -- posts.id: from this one
  last_id    INTEGER,                               -- to this one; NULL while the poll goes on
  started_at TEXT NOT NULL,
  at         TEXT                                   -- when it ended, and all of them count as come
) STRICT;
""",
    )


@migrations()
def kinds_of_links(db: sqlite_utils.Database) -> None:
    """Two kinds of earlier coverage. Links of older versions all say that a matter goes on."""
    db.conn.execute(
        "ALTER TABLE story_links ADD COLUMN kind TEXT NOT NULL DEFAULT 'continues' "
        "CHECK (kind IN ('continues', 'background')) /* background: another matter of the story's main actor */"
    )


_BRIEFS = """
DROP TABLE briefs;

CREATE TABLE briefs (
  -- The written summary of a story in one language. Its sentences: brief_sentences; the view story_briefs has both.
  id           INTEGER PRIMARY KEY,
  story_id     INTEGER NOT NULL REFERENCES stories (id),
  language     TEXT NOT NULL,
  headline     TEXT NOT NULL,
  method       TEXT NOT NULL CHECK (method IN ('extracted', 'model')), -- extracted: without any model
  model        TEXT,                                -- which model wrote it
  input_digest TEXT NOT NULL,                       -- of what it was made of: written anew where that is another
  refused      TEXT NOT NULL DEFAULT '[]',          -- JSON: {part, text, why} of what a model wrote and was not kept
  trouble      TEXT,                                -- why a model's brief that is asked for is not here
  tokens_in    INTEGER NOT NULL DEFAULT 0,          -- what the model read for it
  tokens_out   INTEGER NOT NULL DEFAULT 0,          -- and wrote
  written_at   TEXT NOT NULL,
  UNIQUE (story_id, language)
) STRICT;

CREATE TABLE brief_sentences (
  -- The sentences of briefs, each with what it rests on.
  brief_id  INTEGER NOT NULL REFERENCES briefs (id) ON DELETE CASCADE,
  part      TEXT NOT NULL CHECK (part IN ('happened', 'context', 'watch')),
  position  INTEGER NOT NULL,                       -- within its part, from 1 on
  text      TEXT NOT NULL,
  language  TEXT,                                   -- of this sentence; a quoted one keeps its own
  made      TEXT NOT NULL CHECK (made IN ('quoted', 'counted', 'written')), -- counted: from the database
  pattern   TEXT,                                   -- what was counted
  posts     TEXT NOT NULL DEFAULT '[]',             -- JSON: ids of the posts it rests on
  articles  TEXT NOT NULL DEFAULT '[]',             -- JSON: ids of the articles that were read
  stories   TEXT NOT NULL DEFAULT '[]',             -- JSON: ids of the earlier stories that it names
  due_from  TEXT,                                   -- what it says is to happen: the first day that it may mean
  due_until TEXT,                                   -- and the last
  due_as    TEXT CHECK (due_as IN ('day', 'week', 'month', 'season', 'year')), -- how exactly that is said
  PRIMARY KEY (brief_id, part, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX brief_sentences_due ON brief_sentences (due_from) WHERE due_from IS NOT NULL;

CREATE TABLE amounts (
  -- Figures of a story that its sources give differently: a row for each version.
  brief_id INTEGER NOT NULL REFERENCES briefs (id) ON DELETE CASCADE,
  matter   INTEGER NOT NULL,                        -- which figure of the story, from 1 on
  position INTEGER NOT NULL,                        -- the version that most say first
  text     TEXT NOT NULL,                           -- as a source writes it
  value    REAL,                                    -- NULL: the words say it only about
  unit     TEXT NOT NULL,                           -- EUR, percent, people, ...
  language TEXT,
  posts    TEXT NOT NULL,                           -- JSON: ids of the posts that say so
  PRIMARY KEY (brief_id, matter, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE brief_tasks (
  -- Briefs that a model is still to write, and those to be looked at anew though no change tells of it.
  story_id INTEGER NOT NULL REFERENCES stories (id),
  language TEXT NOT NULL,
  why      TEXT NOT NULL CHECK (why IN ('model', 'article')), -- model: it is to write it; article: one was read
  due_at   TEXT NOT NULL,                           -- not before
  attempts INTEGER NOT NULL DEFAULT 0,
  trouble  TEXT,                                    -- of the last attempt
  PRIMARY KEY (story_id, language, why)
) STRICT, WITHOUT ROWID;
"""


@migrations()
def briefs(db: sqlite_utils.Database) -> None:
    """Briefs anew, in several languages and sentence by sentence; nothing has written the former table."""
    run_script(db.conn, _BRIEFS)


_ARTICLES = """
CREATE TABLE articles (
  -- The pages that posts lead to, as they were read. NEVER to be published in full, by nobody: the texts are their
  -- publishers'. They serve briefs, which quote single sentences with the address, and topics and stories.
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  canonical_url TEXT NOT NULL UNIQUE,               -- posts.canonical_url of articles, posts.article_key of statuses
  url           TEXT NOT NULL,                      -- the address that is asked for
  queued_at     TEXT NOT NULL,                      -- since when it is to be read
  next_at       TEXT,                               -- when it is asked for; NULL: not again
  attempts      INTEGER NOT NULL DEFAULT 0,         -- that failed since it was read
  fetched_at    TEXT,                               -- when it was asked for last; NULL: not yet
  http_status   INTEGER,                            -- of the last answer
  final_url     TEXT,                               -- where redirects led
  declared_url  TEXT,                               -- key of the address that it gives as its own, if another
  etag          TEXT,                               -- validator, exactly as the server sent it
  last_modified TEXT,                               -- validator, exactly as the server sent it
  title         TEXT,
  author        TEXT,
  published     TEXT,                               -- the day that it names, YYYY-MM-DD
  language      TEXT,                               -- of its text
  licence       TEXT,                               -- address or name of the licence that it names
  rights        TEXT NOT NULL DEFAULT '[]',         -- JSON: noarchive, nosnippet, noai, tdm-reservation
  wall          TEXT CHECK (wall IN ('paywall', 'consent')), -- what stands before its text
  trouble       TEXT,                               -- why there is no text, or not all of it, in words
  length        INTEGER,                            -- characters of its text, also when that is gone
  judged        INTEGER NOT NULL DEFAULT 0,         -- 1: its beginning counts for topics and story of its article
  emptied_at    TEXT,                               -- when its text went: retention
  text          TEXT                                -- never to be published in full
) STRICT;
CREATE INDEX articles_next_at ON articles (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX articles_fetched_at ON articles (fetched_at) WHERE fetched_at IS NOT NULL;
CREATE INDEX articles_declared_url ON articles (declared_url) WHERE declared_url IS NOT NULL;
"""


@migrations()
def articles(db: sqlite_utils.Database) -> None:
    """The pages that posts lead to."""
    run_script(db.conn, _ARTICLES)


@migrations()
def model_requests(db: sqlite_utils.Database) -> None:
    """What language models were asked for, from which the budgets are counted."""
    run_script(
        db.conn,
        """
CREATE TABLE model_requests (
  -- What language models were asked for, a row a request, of the last month. Nothing of what was sent is in it.
  id           INTEGER PRIMARY KEY,
  at           TEXT NOT NULL,                       -- when it was sent
  story_id     INTEGER NOT NULL REFERENCES stories (id),
  language     TEXT NOT NULL,                       -- which it was to write
  model        TEXT NOT NULL,
  wanted       TEXT NOT NULL CHECK (wanted IN ('draft', 'repair', 'question')), -- repair: with what was wrong
  outcome      TEXT NOT NULL DEFAULT 'asked',       -- asked, ok, refused, unusable, format, limited, no_access, lost,
                                                    -- failed
  detail       TEXT,                                -- what is wrong, in words
  input_digest TEXT NOT NULL,                       -- of the sentences that it was shown
  tokens_in    INTEGER NOT NULL,                    -- what it read; guessed until it has answered
  tokens_out   INTEGER NOT NULL DEFAULT 0,          -- and wrote
  duration_ms  INTEGER
) STRICT;
CREATE INDEX model_requests_at ON model_requests (at);
CREATE INDEX model_requests_story_id ON model_requests (story_id);
""",
    )


@migrations()
def counters(db: sqlite_utils.Database) -> None:
    """What views would count each time they are asked, kept by triggers; filled from the stored rows. About ten seconds
    for half a million posts, less than the copy of such a file takes."""
    run_script(db.conn, packaged("counters.sql"))


@migrations()
def search_in_bulk(db: sqlite_utils.Database) -> None:
    """New posts come into the search a transaction at a time; a smaller index, made anew; no index of bands by post."""
    run_script(db.conn, packaged("search_in_bulk.sql"))


@migrations()
def said(db: sqlite_utils.Database) -> None:
    """What the entry of a sighting said, so that nothing need be made of it while it says the same."""
    run_script(
        db.conn,
        """
ALTER TABLE sightings ADD COLUMN said BLOB /* digest of the entry, while its post is what it says; NULL: not known */;
-- What changes a post otherwise, whoever does, makes its entries be looked at again.
CREATE TRIGGER posts_said AFTER UPDATE OF kind, title, url, published_at, edited_at, gone_at, pruned_at, canonical_url,
  uri, digest, text ON posts BEGIN
  UPDATE sightings SET said = NULL WHERE post_id = old.id AND said IS NOT NULL;
END;
""",
    )


@migrations()
def cheaper_counters(db: sqlite_utils.Database) -> None:
    """The same counts by fewer statements: other triggers, no row changes."""
    run_script(db.conn, packaged("counter_triggers.sql"))


@migrations()
def shorter_keys(db: sqlite_utils.Database) -> None:
    """Look-up keys of texts have 32 bits, not 64: those of recent posts are folded, as `aggregator.dedupe.shingles`
    does with the fingerprints of stored posts, which stay."""
    run_script(
        db.conn,
        """
CREATE TABLE post_bands_anew (
  -- Look-up keys of recent texts, for finding near-identical ones; old rows are removed.
  band    INTEGER NOT NULL,
  post_id INTEGER NOT NULL,
  PRIMARY KEY (band, post_id)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO post_bands_anew (band, post_id)
  SELECT iif(band < 0, -1 - folded, folded), post_id FROM (
    SELECT band, post_id,
      (((band & 0x7fffffffffffffff) >> 31) * 0x3c6ef373 + (band & 0x7fffffff)) % 0x7fffffff AS folded
    FROM post_bands)
  ORDER BY 1, 2;
DROP TABLE post_bands;
ALTER TABLE post_bands_anew RENAME TO post_bands;
""",
    )


@migrations()
def retention(db: sqlite_utils.Database) -> None:
    """What is left of posts that went, polls by day, and how the file grows. Housekeeping sums up the polls."""
    run_script(db.conn, packaged("retention.sql"))


@migrations()
def outages(db: sqlite_utils.Database) -> None:
    """When no server could be reached, so that every process can say so, and a restart knows it."""
    run_script(db.conn, packaged("outages.sql"))
