-- Migration `cheaper_counters`: a post that gets its first story, as most do in a first poll, is counted by three statements
-- and not by twelve. It has left no story, and about half of the posts have no topic: a condition of a trigger costs less
-- than a statement that finds nothing. SQLite promises no order of the triggers of one row: each is right at any place.

DROP TRIGGER posts_count_story;
CREATE TRIGGER posts_count_first_story AFTER UPDATE OF story_id ON posts
WHEN old.story_id IS NULL AND new.story_id IS NOT NULL AND new.gone_at IS NULL BEGIN
  INSERT INTO story_source_counts (story_id, source_id, post_count, first_post_id)
    SELECT DISTINCT new.story_id, source_id, 1, new.id FROM sightings WHERE post_id = new.id
    ON CONFLICT DO UPDATE SET post_count = post_count + 1, first_post_id = (
      SELECT id FROM posts WHERE id IN (first_post_id, excluded.first_post_id) ORDER BY sort_at, id LIMIT 1);
END;
CREATE TRIGGER posts_count_first_story_topics AFTER UPDATE OF story_id ON posts
WHEN old.story_id IS NULL AND new.story_id IS NOT NULL AND new.gone_at IS NULL
  AND EXISTS (SELECT 1 FROM post_topics WHERE post_id = new.id) BEGIN
  INSERT INTO story_topic_counts (story_id, topic, post_count)
    SELECT new.story_id, topic, 1 FROM post_topics WHERE post_id = new.id
    ON CONFLICT DO UPDATE SET post_count = post_count + 1;
  -- Counted for its day already, but without a story; unless it changes otherwise too, which counts all of it.
  UPDATE topic_day_counts SET story_count = story_count + 1
    WHERE old.copy_of IS NULL AND new.copy_of IS NULL AND old.gone_at IS NULL AND old.sort_at = new.sort_at
      AND day = substr(new.sort_at, 1, 10) AND topic IN (
        SELECT t.topic FROM post_topics t WHERE t.post_id = new.id AND NOT EXISTS (
          SELECT 1 FROM posts q CROSS JOIN post_topics u
          WHERE q.story_id = new.story_id AND q.gone_at IS NULL AND q.id <> new.id AND q.copy_of IS NULL
            AND substr(q.sort_at, 1, 10) = substr(new.sort_at, 1, 10) AND u.post_id = q.id AND u.topic = t.topic));
END;
CREATE TRIGGER posts_count_story AFTER UPDATE OF story_id, gone_at, sort_at ON posts
WHEN old.story_id IS NOT NULL AND (old.story_id IS NOT new.story_id
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

DROP TRIGGER posts_count_topics;
CREATE TRIGGER posts_count_topics AFTER UPDATE OF copy_of, gone_at, sort_at, story_id ON posts
WHEN (old.copy_of IS NULL AND old.gone_at IS NULL OR new.copy_of IS NULL AND new.gone_at IS NULL)
  AND ((old.copy_of IS NULL) <> (new.copy_of IS NULL) OR (old.gone_at IS NULL) <> (new.gone_at IS NULL)
    OR old.sort_at <> new.sort_at OR old.story_id IS NOT NULL AND old.story_id IS NOT new.story_id)
  AND EXISTS (SELECT 1 FROM post_topics WHERE post_id = new.id)
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
    WHERE (old.copy_of IS NULL AND old.gone_at IS NULL) <> (new.copy_of IS NULL AND new.gone_at IS NULL)
    ON CONFLICT DO UPDATE SET post_count = post_count + excluded.post_count;
END;
