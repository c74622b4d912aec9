-- The tables, as migration `initial` makes them. SQLite keeps the comments inside CREATE statements, so
-- `.schema` in any client shows them. Times are UTC text, YYYY-MM-DDTHH:MM:SSZ; scores are 0..1.

CREATE TABLE sources (
  -- What is polled: feeds, and hashtags on Mastodon servers; with their health and schedule.
  id               INTEGER PRIMARY KEY,
  kind             TEXT NOT NULL CHECK (kind IN ('feed', 'hashtag')),
  url              TEXT NOT NULL UNIQUE,            -- the feed's address, or https://server/tags/tag
  title            TEXT,                            -- from the configuration, else what the source calls itself
  site_url         TEXT,                            -- the site it belongs to
  language         TEXT,                            -- as configured
  interval_seconds INTEGER NOT NULL,                -- how often it is polled
  status           TEXT NOT NULL DEFAULT 'new'
                   CHECK (status IN ('new', 'ok', 'failing', 'limited', 'gone', 'removed')),
  last_poll_at     TEXT,
  last_success_at  TEXT,                            -- last poll that the source answered well
  next_poll_at     TEXT,                            -- the schedule is data: when it is due
  failures         INTEGER NOT NULL DEFAULT 0,      -- polls since the last success
  last_error       TEXT,                            -- the last trouble in words, NULL after a success
  removed_at       TEXT,                            -- when it left the configuration; its posts stay
  etag             TEXT,                            -- validator, exactly as the server sent it
  last_modified    TEXT,                            -- validator, exactly as the server sent it
  body_digest      BLOB,                            -- tells an unchanged body without validators
  cursor           TEXT,                            -- where on a hashtag timeline reading goes on: JSON
  recheck_since    TEXT,                            -- its posts since then …
  recheck_before   TEXT,                            -- … that it has not shown since then are to be asked after
  new_at           TEXT,                            -- when it brought a new post last: quiet, or just not well?
  post_gap_seconds INTEGER,                         -- the usual time between two of its posts
  wait_seconds     INTEGER NOT NULL DEFAULT 0,      -- the shortest wait between polls that the feed itself asks for
  skip_hours       TEXT,                            -- hours (0-23, UTC) without news, as the feed says: 0,1,2
  skip_days        TEXT,                            -- days without news, as the feed says, 0 is Monday: 5,6
  full_at          TEXT,                            -- when a whole body came last, not "not modified"
  moved_to         TEXT,                            -- where permanent redirects lead; asked there once that has held
  moved_polls      INTEGER NOT NULL DEFAULT 0,      -- for how many polls in a row they have led there
  moved_at         TEXT,                            -- since when
  missing_at       TEXT                             -- since when it is not found (404); after a while it is gone
) STRICT;

CREATE TABLE stories (
  -- The posts about one event.
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  slug          TEXT NOT NULL UNIQUE,               -- for addresses: words of the first title, and the id
  title         TEXT NOT NULL,
  lead_post_id  INTEGER REFERENCES posts (id) DEFERRABLE INITIALLY DEFERRED,
  language      TEXT,                               -- of the lead post
  first_at      TEXT NOT NULL,                      -- time of the first post
  last_at       TEXT NOT NULL,                      -- time of the last post
  post_count    INTEGER NOT NULL DEFAULT 0,         -- posts, copies included
  source_count  INTEGER NOT NULL DEFAULT 0,         -- different publishers, not feeds
  score         REAL NOT NULL DEFAULT 0,            -- 0..1, how widely carried and answered; see docs/database.md
  merged_into   INTEGER REFERENCES stories (id),    -- the story that took this one over
  given_title   TEXT,                               -- an editor's title; then `title` is the same
  pinned_at     TEXT,                               -- an editor wants it to stay as it is, and seen
  story_version INTEGER NOT NULL                    -- version of the grouping that made it
) STRICT;
CREATE INDEX stories_last_at ON stories (last_at);
-- Foreign keys without an index on this side are checked by reading the whole table, here once for every new post.
CREATE INDEX stories_lead_post_id ON stories (lead_post_id);
CREATE INDEX stories_merged_into ON stories (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE posts (
  -- One row for every entry and status; a copy points at the post it duplicates. The long texts stand last, so that
  -- a query that does not need them does not read them.
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  kind              TEXT NOT NULL CHECK (kind IN ('article', 'status')),
  title             TEXT,                           -- NULL where the source gave none (statuses)
  url               TEXT,                           -- the post's own address
  author            TEXT,
  publisher         TEXT,                           -- site of an article, account of a status: who speaks
  language          TEXT,                           -- ISO 639-1: detected from the text, else as declared
  declared_language TEXT,                           -- what the source says; often wrong on Mastodon
  published_at      TEXT,                           -- what the source says; NULL where it is not plausible
  edited_at         TEXT,                           -- last edit, as the source says
  first_seen_at     TEXT NOT NULL,                  -- when this program first saw it
  -- Not a generated column: an index with one never answers a query by itself (SQLite 3.40).
  sort_at           TEXT NOT NULL,                  -- published_at, else first_seen_at: order by this
  gone_at           TEXT,                           -- deleted by its author, or forgotten; the row is a tombstone
  pruned_at         TEXT,                           -- emptied by retention; the row stays as a tombstone
  copy_of           INTEGER REFERENCES posts (id),  -- the first post with this link or text
  story_id          INTEGER REFERENCES stories (id),
  spaceless         INTEGER NOT NULL DEFAULT 0,     -- 1: Chinese, Japanese, Thai …: also in posts_fts_cjk
  bot               INTEGER NOT NULL DEFAULT 0,     -- 1: the account says that it is automatic
  noindex           INTEGER NOT NULL DEFAULT 0,     -- 1: the account asks programs to stay away
  indexable         INTEGER,                        -- whether the account agreed to be searched; NULL: not known
  sensitive         INTEGER NOT NULL DEFAULT 0,     -- 1: its author marked it so
  boosts            INTEGER,                        -- newest seen
  favourites        INTEGER,                        -- newest seen
  replies           INTEGER,                        -- newest seen
  visibility        TEXT,                           -- of a status: public, unlisted
  content_warning   TEXT,
  article_url       TEXT,                           -- the page that a status points at
  canonical_url     TEXT,                           -- key for comparing addresses; not an address to fetch
  article_key       TEXT,                           -- canonical form of article_url
  uri               TEXT,                           -- ActivityPub id of a status; id of a feed entry if it is a URI
  reply_to          TEXT,                           -- native id of the status it answers
  copy_because      TEXT,                           -- why it is a copy, readable
  copy_score        REAL,                           -- how sure that is
  story_because     TEXT,                           -- why it is in that story, readable
  story_score       REAL,                           -- how near it is to that story
  digest            BLOB NOT NULL,                  -- changes when title, text or link change
  fingerprint       BLOB,                           -- keys under which near-identical texts are looked up
  topics_version    TEXT NOT NULL,                  -- digest of the rules that gave its topics
  text              TEXT,                           -- plain text; NULL where there is none, or the post was pruned
  html              TEXT                            -- sanitised; NULL where the source gave plain text
) STRICT;
CREATE UNIQUE INDEX posts_status_uri ON posts (uri) WHERE kind = 'status' AND uri IS NOT NULL;
CREATE INDEX posts_canonical_url ON posts (canonical_url) WHERE canonical_url IS NOT NULL;
CREATE INDEX posts_article_key ON posts (article_key) WHERE article_key IS NOT NULL;
CREATE INDEX posts_sort_at ON posts (sort_at);
CREATE INDEX posts_first_seen_at ON posts (first_seen_at);
CREATE INDEX posts_story_id ON posts (story_id, gone_at);
CREATE INDEX posts_copy_of ON posts (copy_of) WHERE copy_of IS NOT NULL;
CREATE INDEX posts_gone_at ON posts (gone_at) WHERE gone_at IS NOT NULL;
CREATE INDEX posts_spaceless ON posts (sort_at) WHERE spaceless = 1;
-- What readers ask for most. It holds the columns that they filter by, so that only the rows shown are read.
CREATE INDEX posts_latest ON posts (sort_at, id, copy_of, gone_at, pruned_at, story_id, language)
  WHERE copy_of IS NULL AND gone_at IS NULL;

CREATE TABLE sightings (
  -- Where each post was seen: one row for each source that carried it.
  source_id INTEGER NOT NULL REFERENCES sources (id),
  native_id TEXT NOT NULL,                          -- the guid of an entry, the id of a status on that server
  post_id   INTEGER NOT NULL REFERENCES posts (id),
  seen_at   TEXT NOT NULL,                          -- first time it was seen there
  last_seen_at TEXT,                                -- last time, for statuses; NULL: not since the first
  PRIMARY KEY (source_id, native_id)
) STRICT;                                           -- with rowid: native ids are long, and each index would repeat them
CREATE INDEX sightings_post_id ON sightings (post_id, source_id);
CREATE INDEX sightings_source_id ON sightings (source_id, post_id);

CREATE TABLE post_revisions (
  -- What an edited post said before.
  id          INTEGER PRIMARY KEY,
  post_id     INTEGER NOT NULL REFERENCES posts (id),
  replaced_at TEXT NOT NULL,                        -- when this program saw the newer version
  title       TEXT,
  text        TEXT,
  url         TEXT
) STRICT;
CREATE INDEX post_revisions_post_id ON post_revisions (post_id);

CREATE TABLE post_tags (
  -- What the author wrote on it: hashtags, categories.
  post_id INTEGER NOT NULL REFERENCES posts (id),
  tag     TEXT NOT NULL,
  PRIMARY KEY (post_id, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_tags_tag ON post_tags (tag COLLATE NOCASE);

CREATE TABLE post_mentions (
  -- Accounts a status speaks to.
  post_id INTEGER NOT NULL REFERENCES posts (id),
  account TEXT NOT NULL,                            -- name@server
  PRIMARY KEY (post_id, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE post_enclosures (
  -- Files that belong to a post: podcast episodes, images.
  post_id    INTEGER NOT NULL REFERENCES posts (id),
  url        TEXT NOT NULL,
  media_type TEXT,
  length     INTEGER,                               -- bytes, as the source says
  PRIMARY KEY (post_id, url)
) STRICT, WITHOUT ROWID;

CREATE TABLE topics (
  -- The closed vocabulary: what a post can be about.
  topic TEXT PRIMARY KEY,                           -- the slug
  label TEXT NOT NULL,
  kind  TEXT NOT NULL                               -- 'topic', 'company', 'lab', 'model', 'person', …
) STRICT, WITHOUT ROWID;

CREATE TABLE post_topics (
  -- What each post is about, and which rule says so.
  post_id INTEGER NOT NULL REFERENCES posts (id),
  topic   TEXT NOT NULL REFERENCES topics (topic),
  score   REAL NOT NULL,
  because TEXT NOT NULL,                            -- the terms found, and where
  PRIMARY KEY (post_id, topic)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_topics_topic ON post_topics (topic, post_id);

CREATE TABLE post_bands (
  -- Look-up keys of recent texts, for finding near-identical ones; old rows are removed.
  band    INTEGER NOT NULL,
  post_id INTEGER NOT NULL REFERENCES posts (id),
  PRIMARY KEY (band, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_bands_post_id ON post_bands (post_id);

CREATE TABLE post_vectors (
  -- What posts mean, as an embedding model sees them, to find one event in several languages. Only with the extra
  -- `semantic`.
  post_id INTEGER PRIMARY KEY REFERENCES posts (id),
  model   TEXT NOT NULL,                            -- its name
  version TEXT NOT NULL,                            -- vectors of another model or version are not compared
  vector  BLOB NOT NULL,                            -- a signed byte for each dimension: a unit vector times 400
  digest  BLOB NOT NULL                             -- of the version of the post that was encoded
) STRICT;

CREATE TABLE post_words (
  -- What recent posts are known by among the open stories; old rows are removed.
  post_id INTEGER PRIMARY KEY REFERENCES posts (id),
  words   TEXT NOT NULL                             -- JSON: word → weight when it came, in ten thousandths
) STRICT;

CREATE TABLE story_links (
  -- Earlier coverage: the older stories that a story continues.
  story_id         INTEGER NOT NULL REFERENCES stories (id),
  earlier_story_id INTEGER NOT NULL REFERENCES stories (id),
  similarity       REAL NOT NULL,
  because          TEXT NOT NULL,
  PRIMARY KEY (story_id, earlier_story_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX story_links_earlier ON story_links (earlier_story_id);

CREATE TABLE corrections (
  -- What an editor decided by hand, in order; the latest on a matter counts. Rebuilds and second thoughts respect it.
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  made_at      TEXT NOT NULL,
  what         TEXT NOT NULL CHECK (what IN ('place', 'rename', 'pin', 'unpin', 'topic_add', 'topic_remove')),
  story_id     INTEGER REFERENCES stories (id),     -- renamed, pinned
  post_id      INTEGER REFERENCES posts (id),       -- placed, or given or denied a topic
  with_post_id INTEGER REFERENCES posts (id),       -- placed in the story of this post; itself: it stands for its story
  value        TEXT                                 -- the title, the topic
) STRICT;
CREATE INDEX corrections_post_id ON corrections (post_id, what);
CREATE INDEX corrections_with_post_id ON corrections (with_post_id);
CREATE INDEX corrections_story_id ON corrections (story_id, what);

CREATE TABLE topic_labels (
  -- A user's word on whether a post is about a topic, to measure the rules by. Changes no topic.
  post_id     INTEGER NOT NULL REFERENCES posts (id),
  topic       TEXT NOT NULL,                        -- of the rules; one that left them stays here
  is_about    INTEGER NOT NULL CHECK (is_about IN (0, 1)),
  labelled_at TEXT NOT NULL,
  PRIMARY KEY (post_id, topic)
) STRICT, WITHOUT ROWID;

CREATE TABLE briefs (
  -- The written summary of a story, in three parts.
  story_id   INTEGER PRIMARY KEY REFERENCES stories (id),
  happened   TEXT NOT NULL,                         -- what happened
  matters    TEXT,                                  -- why it matters
  watch_next TEXT,                                  -- what to watch next
  language   TEXT,
  written_at TEXT NOT NULL,
  written_by TEXT NOT NULL                          -- method and version
) STRICT;

CREATE TABLE polls (
  -- One row for every poll of a source.
  id          INTEGER PRIMARY KEY,
  source_id   INTEGER NOT NULL REFERENCES sources (id),
  started_at  TEXT NOT NULL,
  duration_ms INTEGER NOT NULL,
  outcome     TEXT NOT NULL,                        -- ok, not_modified, rate_limited, gone, failed
  http_status INTEGER,
  bytes_read  INTEGER NOT NULL,
  entries     INTEGER NOT NULL,                     -- posts in the reply
  new         INTEGER NOT NULL,
  edited      INTEGER NOT NULL,
  copies      INTEGER NOT NULL,                     -- of the new ones
  filtered    INTEGER NOT NULL DEFAULT 0,           -- kept out by the [[filters]] of the configuration
  gone        INTEGER NOT NULL DEFAULT 0,           -- posts found to be deleted
  requests    INTEGER NOT NULL DEFAULT 0,           -- to a Mastodon server: they count against its limit
  detail      TEXT                                  -- trouble and warnings, in words
) STRICT;
CREATE INDEX polls_source_id ON polls (source_id, started_at);

CREATE TABLE filtered_posts (
  -- Posts that the [[filters]] of the configuration kept out: not stored, for a month known by their title.
  source_id INTEGER NOT NULL REFERENCES sources (id),
  native_id TEXT NOT NULL,                          -- the guid of an entry, the id of a status on that server
  seen_at   TEXT NOT NULL,                          -- last time a poll brought it
  title     TEXT NOT NULL,
  url       TEXT,
  filter    TEXT NOT NULL,                          -- the name of the filter
  because   TEXT NOT NULL,                          -- what in the post met it, or did not
  PRIMARY KEY (source_id, native_id)
) STRICT;
CREATE INDEX filtered_posts_seen_at ON filtered_posts (seen_at);
CREATE INDEX filtered_posts_url ON filtered_posts (url);

CREATE TABLE forgotten (
  -- Authors whose posts are not stored any more, on request (`aggregator forget`).
  author       TEXT PRIMARY KEY COLLATE NOCASE,     -- as in posts.author
  forgotten_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE changes (
  -- What happened to posts and stories. A consumer keeps the last seq it saw and asks for more.
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  changed_at TEXT NOT NULL,
  what       TEXT NOT NULL CHECK (what IN ('post', 'story')),
  row_id     INTEGER NOT NULL,                      -- posts.id or stories.id
  change     TEXT NOT NULL CHECK (change IN ('new', 'edited', 'gone', 'moved', 'merged'))
) STRICT;

-- Full-text search. The double quotes after content= are how Datasette and sqlite-utils find the index of a table.
CREATE VIRTUAL TABLE posts_fts USING fts5 (
  title, text, content="posts", content_rowid="id", tokenize="unicode61 remove_diacritics 2"
);
CREATE VIEW spaceless_posts AS
  -- The posts in scripts without spaces between words: those that posts_fts_cjk indexes.
  SELECT id, title, text FROM posts WHERE spaceless = 1;
CREATE VIRTUAL TABLE posts_fts_cjk USING fts5 (
  title, text, content="spaceless_posts", content_rowid="id", tokenize="trigram"
);

CREATE TRIGGER posts_fts_insert AFTER INSERT ON posts BEGIN
  INSERT INTO posts_fts (rowid, title, text) VALUES (new.id, new.title, new.text);
END;
CREATE TRIGGER posts_fts_update AFTER UPDATE OF title, text ON posts BEGIN
  INSERT INTO posts_fts (posts_fts, rowid, title, text) VALUES ('delete', old.id, old.title, old.text);
  INSERT INTO posts_fts (rowid, title, text) VALUES (new.id, new.title, new.text);
END;
CREATE TRIGGER posts_fts_delete AFTER DELETE ON posts BEGIN
  INSERT INTO posts_fts (posts_fts, rowid, title, text) VALUES ('delete', old.id, old.title, old.text);
END;
CREATE TRIGGER posts_fts_cjk_insert AFTER INSERT ON posts WHEN new.spaceless BEGIN
  INSERT INTO posts_fts_cjk (rowid, title, text) VALUES (new.id, new.title, new.text);
END;
CREATE TRIGGER posts_fts_cjk_update AFTER UPDATE OF title, text, spaceless ON posts
WHEN old.spaceless OR new.spaceless BEGIN
  INSERT INTO posts_fts_cjk (posts_fts_cjk, rowid, title, text)
    SELECT 'delete', old.id, old.title, old.text WHERE old.spaceless;
  INSERT INTO posts_fts_cjk (rowid, title, text) SELECT new.id, new.title, new.text WHERE new.spaceless;
END;
CREATE TRIGGER posts_fts_cjk_delete AFTER DELETE ON posts WHEN old.spaceless BEGIN
  INSERT INTO posts_fts_cjk (posts_fts_cjk, rowid, title, text) VALUES ('delete', old.id, old.title, old.text);
END;
