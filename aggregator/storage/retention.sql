-- Migration `retention`: what keeps a file small, and how it grows.

CREATE TABLE tombstones (
  -- What is left of posts that retention took away: while a source still shows one it does not come back as new.
  key INTEGER PRIMARY KEY                           -- a digest: of source, native id and title; of address, title and
                                                    -- date; of the uri or the address of a status
) STRICT;

CREATE TABLE polls_daily (
  -- The polls of a day (UTC) summed up, once they are older than a week; `polls` has the younger ones.
  source_id    INTEGER NOT NULL REFERENCES sources (id),
  day          TEXT NOT NULL,                       -- YYYY-MM-DD
  polls        INTEGER NOT NULL,
  not_modified INTEGER NOT NULL,                    -- of these, that found nothing changed
  failed       INTEGER NOT NULL,                    -- of these, that brought no answer to use: failed, limited, gone
  duration_ms  INTEGER NOT NULL,                    -- all together, as what follows
  bytes_read   INTEGER NOT NULL,
  entries      INTEGER NOT NULL,
  new          INTEGER NOT NULL,
  edited       INTEGER NOT NULL,
  copies       INTEGER NOT NULL,
  filtered     INTEGER NOT NULL,
  gone         INTEGER NOT NULL,
  requests     INTEGER NOT NULL,
  detail       TEXT,                                -- the last trouble or warning of that day
  PRIMARY KEY (source_id, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE database_sizes (
  -- How the file grows, a row a day (UTC).
  day   TEXT PRIMARY KEY,                           -- YYYY-MM-DD
  bytes INTEGER NOT NULL DEFAULT 0,                 -- in use at the end of that day; 0: not looked at yet
  posts INTEGER NOT NULL DEFAULT 0,                 -- stored then, copies included
  gone  INTEGER NOT NULL DEFAULT 0,                 -- posts that retention took away on it
  search_merged INTEGER NOT NULL DEFAULT 0          -- 1: and the search was written together without those of before
) STRICT, WITHOUT ROWID;
