CREATE TABLE outages (
  -- When no server could be reached, which is an outage of this machine's network: no source is blamed for it.
  id       INTEGER PRIMARY KEY,
  began_at TEXT NOT NULL,
  tried_at TEXT NOT NULL,                           -- when a source was asked last and could not be reached
  ended_at TEXT,                                    -- when a server answered again; NULL: it goes on
  detail   TEXT NOT NULL                            -- the trouble of the source that was asked last, in words
) STRICT;
