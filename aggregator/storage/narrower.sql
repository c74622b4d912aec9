-- Migration `narrower`: the same in fewer bytes. What stands in `post_words` is packed anew row by row, by the migration.

-- One index by time. Copies and what is gone are few: with them in the index of what readers ask for, a second one of
-- all posts, 32 bytes each, has nothing to say.
DROP INDEX posts_sort_at;
DROP INDEX posts_latest;
-- What readers ask for most. It holds the columns that they filter by, so that only the rows shown are read.
CREATE INDEX posts_latest ON posts (sort_at, id, copy_of, gone_at, pruned_at, story_id, language);

CREATE TABLE post_words_anew (
  -- What recent posts are known by among the open stories; old rows are removed.
  post_id INTEGER PRIMARY KEY REFERENCES posts (id),
  words   BLOB NOT NULL                             -- words by lines, a zero byte, weights of two bytes each, low first
) STRICT;
