-- Migration `attached_words`: words that come with a post and are not in its text.

ALTER TABLE posts ADD COLUMN attached /* words of its card, quoted post, poll, pictures, a line each: for search */ TEXT;
ALTER TABLE post_enclosures ADD COLUMN description /* what it shows or says, as its author put it */ TEXT;

CREATE TABLE post_cards (
  -- What a server found on the page that a status links to. Words of that page, not of the status's author.
  post_id      INTEGER PRIMARY KEY REFERENCES posts (id),
  url          TEXT NOT NULL,
  title        TEXT,
  description  TEXT,
  provider     TEXT,                                -- what the site calls itself
  authors      TEXT,                                -- names, parted by commas
  published_at TEXT                                 -- as the page says
) STRICT;

CREATE TABLE post_quotes (
  -- The status that a status quotes. NULLs where its author asks programs to stay away.
  post_id         INTEGER PRIMARY KEY REFERENCES posts (id),
  uri             TEXT,                             -- its ActivityPub id, as in posts.uri
  url             TEXT,
  author          TEXT,                             -- name@server
  content_warning TEXT,
  text            TEXT
) STRICT;
CREATE INDEX post_quotes_uri ON post_quotes (uri) WHERE uri IS NOT NULL;
CREATE INDEX post_quotes_author ON post_quotes (author COLLATE NOCASE) WHERE author IS NOT NULL;

CREATE TABLE post_options (
  -- What a poll lets one choose from.
  post_id  INTEGER NOT NULL REFERENCES posts (id),
  position INTEGER NOT NULL,                        -- from 1 on
  title    TEXT NOT NULL,
  PRIMARY KEY (post_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE post_emojis (
  -- Names in a text that are pictures of its server, not words: `blobcat` of ":blobcat:".
  post_id INTEGER NOT NULL REFERENCES posts (id),
  name    TEXT NOT NULL,
  PRIMARY KEY (post_id, name)
) STRICT, WITHOUT ROWID;

-- A column can't be added to an index: both are made anew, from the texts in the file.
DROP TRIGGER posts_fts_insert;
DROP TRIGGER posts_fts_update;
DROP TRIGGER posts_fts_delete;
DROP TRIGGER posts_fts_cjk_insert;
DROP TRIGGER posts_fts_cjk_update;
DROP TRIGGER posts_fts_cjk_delete;
DROP TABLE posts_fts;
DROP TABLE posts_fts_cjk;
DROP VIEW spaceless_posts;

-- Full-text search. The double quotes after content= are how Datasette and sqlite-utils find the index of a table.
CREATE VIRTUAL TABLE posts_fts USING fts5 (
  title, text, attached, content="posts", content_rowid="id", tokenize="unicode61 remove_diacritics 2"
);
CREATE VIEW spaceless_posts AS
  -- The posts in scripts without spaces between words: those that posts_fts_cjk indexes.
  SELECT id, title, text, attached FROM posts WHERE spaceless = 1;
CREATE VIRTUAL TABLE posts_fts_cjk USING fts5 (
  title, text, attached, content="spaceless_posts", content_rowid="id", tokenize="trigram"
);
INSERT INTO posts_fts (posts_fts) VALUES ('rebuild');
INSERT INTO posts_fts_cjk (posts_fts_cjk) VALUES ('rebuild');

CREATE TRIGGER posts_fts_insert AFTER INSERT ON posts BEGIN
  INSERT INTO posts_fts (rowid, title, text, attached) VALUES (new.id, new.title, new.text, new.attached);
END;
CREATE TRIGGER posts_fts_update AFTER UPDATE OF title, text, attached ON posts BEGIN
  INSERT INTO posts_fts (posts_fts, rowid, title, text, attached)
    VALUES ('delete', old.id, old.title, old.text, old.attached);
  INSERT INTO posts_fts (rowid, title, text, attached) VALUES (new.id, new.title, new.text, new.attached);
END;
CREATE TRIGGER posts_fts_delete AFTER DELETE ON posts BEGIN
  INSERT INTO posts_fts (posts_fts, rowid, title, text, attached)
    VALUES ('delete', old.id, old.title, old.text, old.attached);
END;
CREATE TRIGGER posts_fts_cjk_insert AFTER INSERT ON posts WHEN new.spaceless BEGIN
  INSERT INTO posts_fts_cjk (rowid, title, text, attached) VALUES (new.id, new.title, new.text, new.attached);
END;
CREATE TRIGGER posts_fts_cjk_update AFTER UPDATE OF title, text, attached, spaceless ON posts
WHEN old.spaceless OR new.spaceless BEGIN
  INSERT INTO posts_fts_cjk (posts_fts_cjk, rowid, title, text, attached)
    SELECT 'delete', old.id, old.title, old.text, old.attached WHERE old.spaceless;
  INSERT INTO posts_fts_cjk (rowid, title, text, attached)
    SELECT new.id, new.title, new.text, new.attached WHERE new.spaceless;
END;
CREATE TRIGGER posts_fts_cjk_delete AFTER DELETE ON posts WHEN old.spaceless BEGIN
  INSERT INTO posts_fts_cjk (posts_fts_cjk, rowid, title, text, attached)
    VALUES ('delete', old.id, old.title, old.text, old.attached);
END;
