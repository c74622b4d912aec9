CREATE TABLE topic_rules (
  -- Which rules gave stored posts their topics: those from this post on, up to the next row's, by these. The last row's
  -- rules are in force. Edited posts have topics by the rules of that day: posts.topics_version.
  from_id INTEGER PRIMARY KEY,                      -- posts.id, or the next one
  version TEXT NOT NULL                             -- as posts.topics_version; '': by several
) STRICT;
INSERT INTO topic_rules (from_id, version)
  SELECT 1, iif(
    (SELECT 1 FROM posts p WHERE p.topics_version <> n.topics_version AND p.gone_at IS NULL AND p.pruned_at IS NULL
      LIMIT 1),
    '', n.topics_version)
  FROM (SELECT topics_version FROM posts WHERE gone_at IS NULL AND pruned_at IS NULL ORDER BY id DESC LIMIT 1) n;
