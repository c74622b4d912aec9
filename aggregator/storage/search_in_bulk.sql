-- Migration `search_in_bulk`: new posts come into the search a transaction at a time, and both indexes get smaller.

-- The bands of a post are in its fingerprint: an index by post was as large as the table. So posts are not referred to,
-- since removing one by hand would read the whole table.
CREATE TABLE post_bands_anew (
  -- Look-up keys of recent texts, for finding near-identical ones; old rows are removed.
  band    INTEGER NOT NULL,
  post_id INTEGER NOT NULL,
  PRIMARY KEY (band, post_id)
) STRICT, WITHOUT ROWID;
INSERT INTO post_bands_anew (band, post_id) SELECT band, post_id FROM post_bands ORDER BY band, post_id;
DROP TABLE post_bands;
ALTER TABLE post_bands_anew RENAME TO post_bands;

-- The text is the first column now: FTS5 notes the column of a word, two bytes for each post with it, but for the first.
DROP TRIGGER posts_fts_insert;
DROP TRIGGER posts_fts_update;
DROP TRIGGER posts_fts_delete;
DROP TRIGGER posts_fts_cjk_insert;
DROP TRIGGER posts_fts_cjk_update;
DROP TRIGGER posts_fts_cjk_delete;
DROP TABLE posts_fts;
DROP TABLE posts_fts_cjk;

-- Full-text search. The double quotes after content= are how Datasette and sqlite-utils find the index of a table.
CREATE VIRTUAL TABLE posts_fts USING fts5 (
  text, title, attached, content="posts", content_rowid="id", tokenize="unicode61 remove_diacritics 2"
);
CREATE VIRTUAL TABLE posts_fts_cjk USING fts5 (
  text, title, attached, content="spaceless_posts", content_rowid="id", tokenize="trigram"
);
INSERT INTO posts_fts (posts_fts) VALUES ('rebuild');
INSERT INTO posts_fts_cjk (posts_fts_cjk) VALUES ('rebuild');

-- No triggers for new rows: at the end of the transaction all of them are added by one statement, which makes one part
-- of the index and not one a post (`aggregator.storage.words.indexed`). Until then a row has no line in
-- posts_fts_docsize, and what changes there must not be taken out of the index: its words would be taken from others.
CREATE TRIGGER posts_fts_update AFTER UPDATE OF title, text, attached ON posts
WHEN EXISTS (SELECT 1 FROM posts_fts_docsize WHERE id = old.id) BEGIN
  INSERT INTO posts_fts (posts_fts, rowid, text, title, attached)
    VALUES ('delete', old.id, old.text, old.title, old.attached);
  INSERT INTO posts_fts (rowid, text, title, attached) VALUES (new.id, new.text, new.title, new.attached);
END;
CREATE TRIGGER posts_fts_delete AFTER DELETE ON posts
WHEN EXISTS (SELECT 1 FROM posts_fts_docsize WHERE id = old.id) BEGIN
  INSERT INTO posts_fts (posts_fts, rowid, text, title, attached)
    VALUES ('delete', old.id, old.text, old.title, old.attached);
END;
CREATE TRIGGER posts_fts_cjk_update AFTER UPDATE OF title, text, attached, spaceless ON posts
WHEN old.spaceless OR new.spaceless BEGIN
  INSERT INTO posts_fts_cjk (posts_fts_cjk, rowid, text, title, attached)
    SELECT 'delete', old.id, old.text, old.title, old.attached
    WHERE EXISTS (SELECT 1 FROM posts_fts_cjk_docsize WHERE id = old.id);
  INSERT INTO posts_fts_cjk (rowid, text, title, attached)
    SELECT new.id, new.text, new.title, new.attached
    WHERE new.spaceless AND EXISTS (SELECT 1 FROM posts_fts_docsize WHERE id = new.id);
END;
CREATE TRIGGER posts_fts_cjk_delete AFTER DELETE ON posts
WHEN EXISTS (SELECT 1 FROM posts_fts_cjk_docsize WHERE id = old.id) BEGIN
  INSERT INTO posts_fts_cjk (posts_fts_cjk, rowid, text, title, attached)
    VALUES ('delete', old.id, old.text, old.title, old.attached);
END;
