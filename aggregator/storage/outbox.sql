CREATE TABLE outbox (
  -- What is to be told, and what was, to each target that the configuration names: a [[notify]] or a [[digest]].
  -- One row for a target and a thing, however often it is told of it.
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  target     TEXT NOT NULL,                         -- the name of the [[notify]] or [[digest]]
  kind       TEXT NOT NULL CHECK (kind IN ('story', 'grown', 'post', 'died', 'back', 'digest')),
  row_id     INTEGER NOT NULL,                      -- stories.id, posts.id or sources.id; of a digest its day, 20261130
  state      TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')), -- failed: given up; `aggregator notify retry`
  noted_at   TEXT NOT NULL,                         -- when this was found to be told
  due_at     TEXT NOT NULL,                         -- not sent before: grouping, quiet hours, the pause after a failure
  message_id TEXT,                                  -- of the message it went out in; a repetition has the same
  attempts   INTEGER NOT NULL DEFAULT 0,            -- how often that message was begun to be sent
  tried_at   TEXT,                                  -- the last time that was
  sent_at    TEXT,                                  -- when the target last took one
  times      INTEGER NOT NULL DEFAULT 0,            -- how many it took: a story that grew again, a source that died again
  error      TEXT,                                  -- why the last attempt failed, in words
  left_out   INTEGER NOT NULL DEFAULT 0,            -- of a digest: how many stories found no room in it
  UNIQUE (target, kind, row_id)
) STRICT;
CREATE INDEX outbox_waiting ON outbox (target, due_at) WHERE state = 'waiting';
CREATE INDEX outbox_message ON outbox (message_id) WHERE message_id IS NOT NULL;

CREATE TABLE outbox_posts (
  -- The posts of which a target was told, or will be by what waits: by these a story is known that was merged or split,
  -- and what is new in one since the target was told.
  target    TEXT NOT NULL,
  post_id   INTEGER NOT NULL REFERENCES posts (id),
  outbox_id INTEGER NOT NULL REFERENCES outbox (id), -- which told, or tells, of it first
  noted_at  TEXT NOT NULL,
  PRIMARY KEY (target, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_posts_post ON outbox_posts (post_id);
CREATE INDEX outbox_posts_outbox ON outbox_posts (outbox_id);

CREATE TABLE outbox_targets (
  -- Each target since when, and how it is doing. How far it has come in the log of changes: its row of `consumers`.
  target      TEXT PRIMARY KEY,
  begun_at    TEXT NOT NULL,                        -- when it was first configured: nothing from before is told
  begun_post  INTEGER NOT NULL,                     -- posts with this id and lower ones were there then
  failures    INTEGER NOT NULL DEFAULT 0,           -- attempts that failed in a row
  not_before  TEXT,                                 -- it is left in peace until then
  last_error  TEXT,
  sent_at     TEXT                                  -- when it last took a message
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox_handed (
  -- To whom a digest has been handed already, so that nobody is sent it again when another one has to wait.
  outbox_id INTEGER NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
  taker     TEXT NOT NULL,                          -- 'file', or a digest of a mail address: this file is passed on
  handed_at TEXT NOT NULL,
  refused   TEXT,                                   -- why it will not be taken, ever, in words; NULL: it was taken
  PRIMARY KEY (outbox_id, taker)
) STRICT, WITHOUT ROWID;
