-- Migration `counters`: what the views on topics, stories and sources would count each time they are asked. Triggers
-- keep these tables, whoever writes. They refer to no other table: what they count does. A post counts
--   for its story          while it is not gone, copies too;
--   for days and topics    while it is neither gone nor a copy.

CREATE TABLE story_topic_counts (
  -- How many posts of each story have each topic.
  story_id   INTEGER NOT NULL,
  topic      TEXT NOT NULL,
  post_count INTEGER NOT NULL,
  PRIMARY KEY (story_id, topic)
) STRICT, WITHOUT ROWID;

CREATE TABLE story_source_counts (
  -- How many posts of each story each source carried, and the first of them.
  story_id      INTEGER NOT NULL,
  source_id     INTEGER NOT NULL,
  post_count    INTEGER NOT NULL,
  first_post_id INTEGER NOT NULL,                   -- the one with the smallest sort_at, and of these the smallest id
  PRIMARY KEY (story_id, source_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE source_counts (
  -- How many posts were seen in each source.
  source_id  INTEGER PRIMARY KEY,
  post_count INTEGER NOT NULL
) STRICT;

CREATE TABLE topic_posts (
  -- The posts of each topic in the order of time; copies and gone posts left out.
  topic   TEXT NOT NULL,
  sort_at TEXT NOT NULL,                            -- posts.sort_at
  post_id INTEGER NOT NULL,
  PRIMARY KEY (topic, sort_at, post_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE topic_day_counts (
  -- How many posts each topic got a day, and in how many stories. Days that lost all of them have 0.
  day         TEXT NOT NULL,                        -- UTC: 2026-04-05
  topic       TEXT NOT NULL,
  post_count  INTEGER NOT NULL,
  story_count INTEGER NOT NULL,
  PRIMARY KEY (day, topic)
) STRICT, WITHOUT ROWID;

CREATE TABLE topic_pair_counts (
  -- How many posts have both topics; of twice the same topic: how many have that one; of '' and '': how many have any.
  topic      TEXT NOT NULL,                         -- of the two the one that sorts first
  other      TEXT NOT NULL,
  post_count INTEGER NOT NULL,
  PRIMARY KEY (topic, other)
) STRICT, WITHOUT ROWID;

INSERT INTO story_topic_counts (story_id, topic, post_count)
  SELECT p.story_id, t.topic, count(*) FROM posts p CROSS JOIN post_topics t
  WHERE t.post_id = p.id AND p.story_id IS NOT NULL AND p.gone_at IS NULL GROUP BY 1, 2;
INSERT INTO story_source_counts (story_id, source_id, post_count, first_post_id)
  SELECT p.story_id, g.source_id, count(DISTINCT p.id),
    CAST(substr(min(p.sort_at || printf('%019d', p.id)), -19) AS INTEGER)
  FROM posts p CROSS JOIN sightings g
  WHERE g.post_id = p.id AND p.story_id IS NOT NULL AND p.gone_at IS NULL GROUP BY 1, 2;
INSERT INTO source_counts (source_id, post_count) SELECT source_id, count(*) FROM sightings GROUP BY 1;
INSERT INTO topic_posts (topic, sort_at, post_id)
  SELECT t.topic, p.sort_at, p.id FROM posts p CROSS JOIN post_topics t
  WHERE t.post_id = p.id AND p.copy_of IS NULL AND p.gone_at IS NULL ORDER BY 1, 2, 3;
INSERT INTO topic_day_counts (day, topic, post_count, story_count)
  SELECT substr(p.sort_at, 1, 10), t.topic, count(*), count(DISTINCT p.story_id) FROM posts p CROSS JOIN post_topics t
  WHERE t.post_id = p.id AND p.copy_of IS NULL AND p.gone_at IS NULL GROUP BY 1, 2;
INSERT INTO topic_pair_counts (topic, other, post_count)
  SELECT a.topic, b.topic, count(*) FROM posts p CROSS JOIN post_topics a CROSS JOIN post_topics b
  WHERE a.post_id = p.id AND b.post_id = p.id AND b.topic >= a.topic AND p.copy_of IS NULL AND p.gone_at IS NULL
  GROUP BY 1, 2;
INSERT INTO topic_pair_counts (topic, other, post_count)
  SELECT '', '', count(*) FROM posts p
  WHERE p.copy_of IS NULL AND p.gone_at IS NULL AND EXISTS (SELECT 1 FROM post_topics t WHERE t.post_id = p.id);

CREATE INDEX story_topic_counts_topic ON story_topic_counts (topic);
CREATE INDEX topic_day_counts_topic ON topic_day_counts (topic);
CREATE INDEX topic_pair_counts_other ON topic_pair_counts (other);

-- Of a story's posts, that it is the first with a topic on its day is found by reading them: stories are small.
CREATE TRIGGER post_topics_count_insert AFTER INSERT ON post_topics BEGIN
  INSERT INTO story_topic_counts (story_id, topic, post_count)
    SELECT story_id, new.topic, 1 FROM posts WHERE id = new.post_id AND story_id IS NOT NULL AND gone_at IS NULL
    ON CONFLICT DO UPDATE SET post_count = post_count + 1;
  INSERT INTO topic_posts (topic, sort_at, post_id)
    SELECT new.topic, sort_at, id FROM posts WHERE id = new.post_id AND copy_of IS NULL AND gone_at IS NULL;
  INSERT INTO topic_day_counts (day, topic, post_count, story_count)
    SELECT substr(p.sort_at, 1, 10), new.topic, 1, p.story_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM posts q CROSS JOIN post_topics u
      WHERE q.story_id = p.story_id AND q.gone_at IS NULL AND q.id <> p.id AND q.copy_of IS NULL
        AND substr(q.sort_at, 1, 10) = substr(p.sort_at, 1, 10) AND u.post_id = q.id AND u.topic = new.topic)
    FROM posts p WHERE p.id = new.post_id AND p.copy_of IS NULL AND p.gone_at IS NULL
    ON CONFLICT DO UPDATE SET post_count = post_count + 1, story_count = story_count + excluded.story_count;
  INSERT INTO topic_pair_counts (topic, other, post_count)
    SELECT min(t.topic, new.topic), max(t.topic, new.topic), 1 FROM posts p CROSS JOIN post_topics t
    WHERE p.id = new.post_id AND p.copy_of IS NULL AND p.gone_at IS NULL AND t.post_id = new.post_id
    UNION ALL SELECT '', '', 1 FROM posts p
    WHERE p.id = new.post_id AND p.copy_of IS NULL AND p.gone_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM post_topics t WHERE t.post_id = new.post_id AND t.topic <> new.topic)
    ON CONFLICT DO UPDATE SET post_count = post_count + 1;
END;
CREATE TRIGGER post_topics_count_delete AFTER DELETE ON post_topics BEGIN
  UPDATE story_topic_counts SET post_count = post_count - 1
    WHERE topic = old.topic AND story_id = (SELECT story_id FROM posts WHERE id = old.post_id AND gone_at IS NULL);
  DELETE FROM story_topic_counts
    WHERE topic = old.topic AND story_id = (SELECT story_id FROM posts WHERE id = old.post_id) AND post_count = 0;
  DELETE FROM topic_posts WHERE topic = old.topic AND post_id = old.post_id
    AND sort_at = (SELECT sort_at FROM posts WHERE id = old.post_id);
  INSERT INTO topic_day_counts (day, topic, post_count, story_count)
    SELECT substr(p.sort_at, 1, 10), old.topic, -1, -(p.story_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM posts q CROSS JOIN post_topics u
      WHERE q.story_id = p.story_id AND q.gone_at IS NULL AND q.id <> p.id AND q.copy_of IS NULL
        AND substr(q.sort_at, 1, 10) = substr(p.sort_at, 1, 10) AND u.post_id = q.id AND u.topic = old.topic))
    FROM posts p WHERE p.id = old.post_id AND p.copy_of IS NULL AND p.gone_at IS NULL
    ON CONFLICT DO UPDATE SET post_count = post_count - 1, story_count = story_count + excluded.story_count;
  INSERT INTO topic_pair_counts (topic, other, post_count)
    SELECT min(t.topic, old.topic), max(t.topic, old.topic), -1 FROM posts p CROSS JOIN post_topics t
    WHERE p.id = old.post_id AND p.copy_of IS NULL AND p.gone_at IS NULL AND t.post_id = old.post_id
    UNION ALL SELECT old.topic, old.topic, -1 FROM posts p
    WHERE p.id = old.post_id AND p.copy_of IS NULL AND p.gone_at IS NULL
    UNION ALL SELECT '', '', -1 FROM posts p
    WHERE p.id = old.post_id AND p.copy_of IS NULL AND p.gone_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM post_topics t WHERE t.post_id = old.post_id)
    ON CONFLICT DO UPDATE SET post_count = post_count - 1;
END;
CREATE TRIGGER post_topics_count_update BEFORE UPDATE OF post_id, topic ON post_topics BEGIN
  SELECT raise(ABORT, 'post_topics: delete the row and insert another, so that it is counted');
END;

CREATE TRIGGER sightings_count_insert AFTER INSERT ON sightings BEGIN
  INSERT INTO source_counts (source_id, post_count) VALUES (new.source_id, 1)
    ON CONFLICT DO UPDATE SET post_count = post_count + 1;
  INSERT INTO story_source_counts (story_id, source_id, post_count, first_post_id)
    SELECT p.story_id, new.source_id, 1, p.id FROM posts p
    WHERE p.id = new.post_id AND p.story_id IS NOT NULL AND p.gone_at IS NULL AND NOT EXISTS (
      SELECT 1 FROM sightings g
      WHERE g.post_id = new.post_id AND g.source_id = new.source_id AND g.rowid <> new.rowid)
    ON CONFLICT DO UPDATE SET post_count = post_count + 1, first_post_id = (
      SELECT id FROM posts WHERE id IN (first_post_id, excluded.first_post_id) ORDER BY sort_at, id LIMIT 1);
END;
CREATE TRIGGER sightings_count_delete AFTER DELETE ON sightings BEGIN
  UPDATE source_counts SET post_count = post_count - 1 WHERE source_id = old.source_id;
  UPDATE story_source_counts SET post_count = post_count - 1
    WHERE source_id = old.source_id AND story_id = (SELECT story_id FROM posts WHERE id = old.post_id AND gone_at IS NULL)
      AND NOT EXISTS (SELECT 1 FROM sightings g WHERE g.post_id = old.post_id AND g.source_id = old.source_id);
  DELETE FROM story_source_counts
    WHERE source_id = old.source_id AND story_id = (SELECT story_id FROM posts WHERE id = old.post_id)
      AND post_count = 0;
  UPDATE story_source_counts SET first_post_id = (
      SELECT p.id FROM posts p CROSS JOIN sightings g
      WHERE p.story_id = story_source_counts.story_id AND p.gone_at IS NULL AND g.post_id = p.id
        AND g.source_id = old.source_id ORDER BY p.sort_at, p.id LIMIT 1)
    WHERE source_id = old.source_id AND story_id = (SELECT story_id FROM posts WHERE id = old.post_id)
      AND first_post_id = old.post_id;
END;
CREATE TRIGGER sightings_count_update AFTER UPDATE OF source_id, post_id ON sightings
WHEN old.source_id <> new.source_id OR old.post_id <> new.post_id
BEGIN  -- nothing of ours does so: the stories are counted anew
  UPDATE source_counts SET post_count = post_count - 1 WHERE source_id = old.source_id;
  INSERT INTO source_counts (source_id, post_count) VALUES (new.source_id, 1)
    ON CONFLICT DO UPDATE SET post_count = post_count + 1;
  DELETE FROM story_source_counts WHERE story_id IN (SELECT story_id FROM posts WHERE id IN (old.post_id, new.post_id));
  INSERT INTO story_source_counts (story_id, source_id, post_count, first_post_id)
    SELECT p.story_id, g.source_id, count(DISTINCT p.id),
      CAST(substr(min(p.sort_at || printf('%019d', p.id)), -19) AS INTEGER)
    FROM posts p CROSS JOIN sightings g
    WHERE g.post_id = p.id AND p.gone_at IS NULL
      AND p.story_id IN (SELECT story_id FROM posts WHERE id IN (old.post_id, new.post_id)) GROUP BY 1, 2;
END;

CREATE TRIGGER posts_count_story AFTER UPDATE OF story_id, gone_at, sort_at ON posts
WHEN (old.story_id IS NOT NULL OR new.story_id IS NOT NULL) AND (old.story_id IS NOT new.story_id
  OR (old.gone_at IS NULL) <> (new.gone_at IS NULL) OR old.sort_at <> new.sort_at)
BEGIN
  UPDATE story_topic_counts SET post_count = post_count - 1
    WHERE old.gone_at IS NULL AND story_id = old.story_id
      AND topic IN (SELECT topic FROM post_topics WHERE post_id = old.id);
  DELETE FROM story_topic_counts WHERE story_id = old.story_id AND post_count = 0;
  INSERT INTO story_topic_counts (story_id, topic, post_count)
    SELECT new.story_id, topic, 1 FROM post_topics
    WHERE post_id = new.id AND new.story_id IS NOT NULL AND new.gone_at IS NULL
    ON CONFLICT DO UPDATE SET post_count = post_count + 1;
  UPDATE story_source_counts SET post_count = post_count - 1
    WHERE old.gone_at IS NULL AND story_id = old.story_id
      AND source_id IN (SELECT source_id FROM sightings WHERE post_id = old.id);
  DELETE FROM story_source_counts WHERE story_id = old.story_id AND post_count = 0;
  UPDATE story_source_counts SET first_post_id = (
      SELECT p.id FROM posts p CROSS JOIN sightings g
      WHERE p.story_id = old.story_id AND p.gone_at IS NULL AND p.id <> old.id AND g.post_id = p.id
        AND g.source_id = story_source_counts.source_id ORDER BY p.sort_at, p.id LIMIT 1)
    WHERE story_id = old.story_id AND first_post_id = old.id;
  INSERT INTO story_source_counts (story_id, source_id, post_count, first_post_id)
    SELECT DISTINCT new.story_id, source_id, 1, new.id FROM sightings
    WHERE post_id = new.id AND new.story_id IS NOT NULL AND new.gone_at IS NULL
    ON CONFLICT DO UPDATE SET post_count = post_count + 1, first_post_id = (
      SELECT id FROM posts WHERE id IN (first_post_id, excluded.first_post_id) ORDER BY sort_at, id LIMIT 1);
END;
CREATE TRIGGER posts_count_topics AFTER UPDATE OF copy_of, gone_at, sort_at, story_id ON posts
WHEN (old.copy_of IS NULL AND old.gone_at IS NULL OR new.copy_of IS NULL AND new.gone_at IS NULL)
  AND ((old.copy_of IS NULL) <> (new.copy_of IS NULL) OR (old.gone_at IS NULL) <> (new.gone_at IS NULL)
    OR old.sort_at <> new.sort_at OR old.story_id IS NOT new.story_id)
BEGIN
  DELETE FROM topic_posts WHERE post_id = old.id AND sort_at = old.sort_at
    AND topic IN (SELECT topic FROM post_topics WHERE post_id = old.id)
    AND (new.copy_of IS NOT NULL OR new.gone_at IS NOT NULL OR new.sort_at <> old.sort_at);
  INSERT INTO topic_posts (topic, sort_at, post_id)
    SELECT topic, new.sort_at, new.id FROM post_topics
    WHERE post_id = new.id AND new.copy_of IS NULL AND new.gone_at IS NULL
      AND (old.copy_of IS NOT NULL OR old.gone_at IS NOT NULL OR new.sort_at <> old.sort_at);
  INSERT INTO topic_day_counts (day, topic, post_count, story_count)
    SELECT substr(old.sort_at, 1, 10), t.topic, -1, -(old.story_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM posts q CROSS JOIN post_topics u
      WHERE q.story_id = old.story_id AND q.gone_at IS NULL AND q.id <> old.id AND q.copy_of IS NULL
        AND substr(q.sort_at, 1, 10) = substr(old.sort_at, 1, 10) AND u.post_id = q.id AND u.topic = t.topic))
    FROM post_topics t WHERE t.post_id = old.id AND old.copy_of IS NULL AND old.gone_at IS NULL
    ON CONFLICT DO UPDATE SET post_count = post_count - 1, story_count = story_count + excluded.story_count;
  INSERT INTO topic_day_counts (day, topic, post_count, story_count)
    SELECT substr(new.sort_at, 1, 10), t.topic, 1, new.story_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM posts q CROSS JOIN post_topics u
      WHERE q.story_id = new.story_id AND q.gone_at IS NULL AND q.id <> new.id AND q.copy_of IS NULL
        AND substr(q.sort_at, 1, 10) = substr(new.sort_at, 1, 10) AND u.post_id = q.id AND u.topic = t.topic)
    FROM post_topics t WHERE t.post_id = new.id AND new.copy_of IS NULL AND new.gone_at IS NULL
    ON CONFLICT DO UPDATE SET post_count = post_count + 1, story_count = story_count + excluded.story_count;
  INSERT INTO topic_pair_counts (topic, other, post_count)
    SELECT a.topic, b.topic, iif(new.copy_of IS NULL AND new.gone_at IS NULL, 1, -1)
    FROM post_topics a CROSS JOIN post_topics b
    WHERE a.post_id = new.id AND b.post_id = new.id AND b.topic >= a.topic
      AND (old.copy_of IS NULL AND old.gone_at IS NULL) <> (new.copy_of IS NULL AND new.gone_at IS NULL)
    UNION ALL SELECT '', '', iif(new.copy_of IS NULL AND new.gone_at IS NULL, 1, -1)
    WHERE EXISTS (SELECT 1 FROM post_topics t WHERE t.post_id = new.id)
      AND (old.copy_of IS NULL AND old.gone_at IS NULL) <> (new.copy_of IS NULL AND new.gone_at IS NULL)
    ON CONFLICT DO UPDATE SET post_count = post_count + excluded.post_count;
END;

-- For the views: copies in the order of time, and how surely stories are linked. Scripts without spaces get their time.
CREATE INDEX posts_copies ON posts (sort_at, copy_of, gone_at) WHERE copy_of IS NOT NULL;
DROP VIEW spaceless_posts;
CREATE VIEW spaceless_posts AS
  -- The posts in scripts without spaces between words: those that posts_fts_cjk indexes.
  SELECT id, title, text, attached, sort_at AS published_at FROM posts WHERE spaceless = 1;
