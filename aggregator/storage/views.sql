-- The views are the promise to users: they stay while tables may move. docs/database.md shows each with a query.
-- HEADLINE of a row stands for what its post is called: the expression is in schema.py.
-- None reads a whole table that grows, and count(*) of each reads an index or a table of counts: what a column needs of
-- another table is looked up in the column, not joined (SQLite 3.40 makes a LEFT JOIN for count(*) too). There is no
-- ORDER BY in a view of a table that grows: for count(*) every column of every row would be worked out.
-- DuckDB writes the views anew before it asks SQLite: it knows no CROSS JOIN … ON, and SQLite not what it makes of count(*).

CREATE VIEW latest_posts AS
  -- A post a row, copies and gone posts left out; newest first by published_at DESC, id DESC. published_at is first_seen_at where the source says none;
  -- source: where it was seen first, folder: that of this source; source_count: how many carried it or a copy of it.
  SELECT
    p.id,
    p.sort_at AS published_at,
    HEADLINE(p) AS title,
    p.url,
    (SELECT coalesce(s.title, s.url) FROM sightings g JOIN sources s ON s.id = g.source_id
      WHERE g.post_id = p.id ORDER BY g.seen_at, g.source_id LIMIT 1) AS source,
    (SELECT count(DISTINCT g.source_id) FROM posts c JOIN sightings g ON g.post_id = c.id
      WHERE c.id = p.id OR c.copy_of = p.id) AS source_count,
    p.language,
    (SELECT group_concat(topic, ', ') FROM (SELECT topic FROM post_topics t
      WHERE t.post_id = p.id ORDER BY t.score DESC, t.topic)) AS topics,
    p.story_id,
    p.kind,
    p.author,
    p.article_url,
    p.content_warning,
    p.sensitive,
    p.indexable,
    (SELECT json_group_array(topic) FROM (SELECT topic FROM post_topics t
      WHERE t.post_id = p.id ORDER BY t.score DESC, t.topic)) AS topics_json,
    CAST(strftime('%s', p.sort_at) AS INTEGER) AS published_ts,
    (SELECT s.folder FROM sightings g JOIN sources s ON s.id = g.source_id
      WHERE g.post_id = p.id ORDER BY g.seen_at, g.source_id LIMIT 1) AS folder
  FROM posts p
  WHERE p.copy_of IS NULL AND p.gone_at IS NULL AND p.pruned_at IS NULL;

CREATE VIEW latest_amounts AS
  -- The money that posts speak of, an amount a row, copies and gone posts left out; newest first by published_at DESC,
  -- post_id DESC, position. kind: raised, valued, fined, price; NULL where the words near it do not say.
  SELECT
    a.post_id,
    a.position,
    p.sort_at AS published_at,
    HEADLINE(p) AS title,
    p.url,
    p.publisher,
    a.kind,
    a.value,
    a.currency,
    a.text,
    p.language,
    p.story_id
  FROM posts p
  JOIN amounts a ON a.post_id = p.id
  WHERE p.copy_of IS NULL AND p.gone_at IS NULL AND p.pruned_at IS NULL;

CREATE VIEW latest_stories AS
  -- A story a row; the one with the newest post first by last_at DESC, id DESC. Stories merged into others are left out.
  -- score: stories.score, halved after a day without a new post, a third after two, and so on. publishers: who spoke
  -- first stands first; one that nobody signed has no name here.
  SELECT
    s.id,
    s.slug,
    s.title,
    s.last_at,
    s.post_count,
    s.source_count,
    (SELECT group_concat(topic, ', ') FROM (SELECT t.topic FROM posts p JOIN post_topics t ON t.post_id = p.id
      WHERE p.story_id = s.id AND p.gone_at IS NULL GROUP BY t.topic
      ORDER BY count(1) DESC, max(t.score) DESC, t.topic)) AS topics,
    round(s.score / (1 + max(0, julianday('now') - julianday(s.last_at))), 3) AS score,
    s.language,
    s.first_at,
    s.pinned_at,
    (SELECT json_group_array(topic) FROM (SELECT t.topic FROM posts p JOIN post_topics t ON t.post_id = p.id
      WHERE p.story_id = s.id AND p.gone_at IS NULL GROUP BY t.topic
      ORDER BY count(1) DESC, max(t.score) DESC, t.topic)) AS topics_json,
    CAST(strftime('%s', s.last_at) AS INTEGER) AS last_ts,
    (SELECT group_concat(publisher, ', ') FROM (SELECT p.publisher FROM posts p
      WHERE p.story_id = s.id AND p.gone_at IS NULL AND p.publisher IS NOT NULL
      GROUP BY p.publisher ORDER BY min(p.sort_at), min(p.id))) AS publishers,
    -- The three that most of its posts speak of, those that are said to be something first, each as it is written shortest.
    (SELECT group_concat(said, ', ') FROM (SELECT coalesce(max(a.kind) || ' ', '')
        || substr(min(substr('00' || length(a.text), -3) || a.text), 4) AS said
      FROM posts p JOIN amounts a ON a.post_id = p.id WHERE p.story_id = s.id AND p.gone_at IS NULL
      GROUP BY a.currency, a.value ORDER BY max(a.kind) IS NULL, count(1) DESC, a.value DESC LIMIT 3)) AS amounts
  FROM stories s
  WHERE s.merged_into IS NULL AND s.post_count > 0;

CREATE VIEW story_posts AS
  -- The posts of each story, copies included, with the reason they are in it; oldest first by published_at, post_id.
  SELECT
    p.story_id,
    p.id AS post_id,
    p.sort_at AS published_at,
    HEADLINE(p) AS title,
    p.url,
    p.article_url,
    p.kind,
    p.author,
    p.publisher,
    p.language,
    p.story_because AS because,
    p.story_score AS score,
    p.copy_of,
    p.content_warning,
    p.sensitive,
    p.indexable,
    CAST(strftime('%s', p.sort_at) AS INTEGER) AS published_ts
  FROM posts p
  WHERE p.story_id IS NOT NULL AND p.gone_at IS NULL;

CREATE VIEW story_sources AS
  -- The sources that carried each story: with how many of its posts, when first, and where (the first post's address).
  SELECT
    c.story_id,
    c.source_id,
    (SELECT coalesce(s.title, s.url) FROM sources s WHERE s.id = c.source_id) AS source,
    (SELECT s.kind FROM sources s WHERE s.id = c.source_id) AS kind,
    (SELECT s.url FROM sources s WHERE s.id = c.source_id) AS source_url,
    c.post_count,
    (SELECT p.sort_at FROM posts p WHERE p.id = c.first_post_id) AS first_at,
    (SELECT p.url FROM posts p WHERE p.id = c.first_post_id) AS url,
    (SELECT s.folder FROM sources s WHERE s.id = c.source_id) AS folder
  FROM story_source_counts c;

CREATE VIEW story_topics AS
  -- What each story is about: how many of its posts have the topic, and their share (0..1).
  SELECT
    c.story_id,
    c.topic,
    (SELECT o.kind FROM topics o WHERE o.topic = c.topic) AS kind,
    c.post_count,
    round(c.post_count * 1.0 / (SELECT s.post_count FROM stories s WHERE s.id = c.story_id), 3) AS share,
    (SELECT max(t.score) FROM posts p CROSS JOIN post_topics t
      WHERE p.story_id = c.story_id AND p.gone_at IS NULL AND t.post_id = p.id AND t.topic = c.topic) AS score
  FROM story_topic_counts c;

CREATE VIEW earlier_coverage AS
  -- "As we reported on …": the older stories each story continues, four at most, and one at most that is background;
  -- surest first by kind DESC, similarity DESC.
  SELECT
    l.story_id,
    s.title,
    l.earlier_story_id,
    e.title AS earlier_title,
    e.slug AS earlier_slug,
    e.first_at AS earlier_at,
    l.kind,
    l.similarity,
    l.because
  FROM story_links l
  CROSS JOIN stories s
  CROSS JOIN stories e
  WHERE s.id = l.story_id AND e.id = l.earlier_story_id
  -- Posts that came later may have made one story begin earlier, or the other end later.
  -- What is left of a story whose posts are gone is no coverage.
    AND e.last_at < s.first_at AND e.post_count > 0
    -- It has no more links as good, or, of those that count, fewer are better.
    AND (iif(l.kind = 'background', 1, 4) >= (
      SELECT count(1) FROM story_links m
      WHERE m.story_id = l.story_id AND m.kind = l.kind AND m.similarity >= l.similarity)
    OR iif(l.kind = 'background', 1, 4) > (
      SELECT count(1) FROM story_links m CROSS JOIN stories f
      WHERE m.story_id = l.story_id AND m.kind = l.kind AND m.similarity >= l.similarity
        AND m.earlier_story_id <> l.earlier_story_id AND f.id = m.earlier_story_id
        AND f.last_at < s.first_at AND f.post_count > 0
        AND (m.similarity > l.similarity OR f.first_at > e.first_at OR f.first_at = e.first_at AND f.id < e.id)));

CREATE VIEW story_briefs AS
  -- What is told of a story, a sentence a row: part is happened, context (why it matters) or watch; sources: JSON of the
  -- ids of the posts it rests on. In a part by position.
  SELECT
    b.story_id,
    b.language,
    b.headline,
    t.part,
    t.position,
    t.text,
    t.posts AS sources,
    CASE t.made WHEN 'written' THEN coalesce(b.model, b.method) ELSE t.made END AS method,
    b.written_at,
    t.language AS text_language,
    t.stories AS earlier_stories,
    t.articles,
    t.due_from,
    t.due_until,
    t.due_as
  FROM briefs b
  JOIN brief_sentences t ON t.brief_id = b.id
  JOIN stories s ON s.id = b.story_id AND s.merged_into IS NULL;

CREATE VIEW agenda AS
  -- What sources say is to happen, by day: sentences of briefs that name one. due_until: the last day that the words may
  -- mean; due_as: how exactly that is said.
  SELECT
    t.due_from,
    t.due_until,
    t.due_as,
    t.text,
    t.language AS text_language,
    b.story_id,
    s.title,
    s.slug,
    b.language,
    t.posts AS sources
  FROM brief_sentences t
  JOIN briefs b ON b.id = t.brief_id
  CROSS JOIN stories s -- never first: there are many, and few have a day to come
  WHERE s.id = b.story_id AND t.due_from IS NOT NULL AND s.merged_into IS NULL;

CREATE VIEW copies AS
  -- Every post that duplicates another, with the post it points at, why, and who carried the copy.
  SELECT
    c.id AS post_id,
    c.copy_of,
    c.sort_at AS published_at,
    HEADLINE(c) AS title,
    c.url,
    (SELECT HEADLINE(o) FROM posts o WHERE o.id = c.copy_of) AS original_title,
    (SELECT o.url FROM posts o WHERE o.id = c.copy_of) AS original_url,
    c.copy_because AS because,
    c.copy_score AS score,
    (SELECT group_concat(coalesce(s.title, s.url), ', ') FROM sightings g JOIN sources s ON s.id = g.source_id
      WHERE g.post_id = c.id) AS sources
  FROM posts c
  WHERE c.copy_of IS NOT NULL AND c.gone_at IS NULL;

CREATE VIEW topic_counts_daily AS
  -- How many posts a day (UTC) each topic got, and in how many stories; copies and gone posts left out.
  SELECT
    c.day,
    c.topic,
    (SELECT o.kind FROM topics o WHERE o.topic = c.topic) AS kind,
    c.post_count,
    c.story_count
  FROM topic_day_counts c
  WHERE c.post_count > 0;

CREATE VIEW rising_topics AS
  -- Topics with more posts in the last seven days than in an average week of the four before, those that rose most first.
  -- rise: how many times the usual, each counted one higher, so that the first post of a rare topic is no sensation.
  SELECT
    t.topic,
    o.kind,
    sum(p.sort_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days')) AS this_week,
    round(sum(p.sort_at < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days')) / 4.0, 2) AS usual_week,
    round((sum(p.sort_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days')) + 1)
      / (sum(p.sort_at < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days')) / 4.0 + 1), 2) AS rise
  FROM posts p
  CROSS JOIN post_topics t
  JOIN topics o ON o.topic = t.topic
  WHERE t.post_id = p.id AND p.copy_of IS NULL AND p.gone_at IS NULL
    AND p.sort_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-35 days')
  GROUP BY t.topic
  HAVING rise > 1
  ORDER BY rise DESC, this_week DESC, t.topic;

CREATE VIEW topics_together AS
  -- Which topics posts have together: of the posts with the topic, how many have the other one too, and their share
  -- (0..1); lift: how many times as often as if the two had nothing to do with each other. Each pair stands twice.
  SELECT
    c.topic AS topic,
    c.other AS other,
    c.post_count,
    round(c.post_count * 1.0 / (SELECT n.post_count FROM topic_pair_counts n WHERE n.topic = c.topic AND n.other = c.topic), 3)
      AS share,
    round(c.post_count * 1.0 * (SELECT n.post_count FROM topic_pair_counts n WHERE n.topic = '' AND n.other = '')
      / ((SELECT n.post_count FROM topic_pair_counts n WHERE n.topic = c.topic AND n.other = c.topic)
        * (SELECT n.post_count FROM topic_pair_counts n WHERE n.topic = c.other AND n.other = c.other)), 2) AS lift
  FROM topic_pair_counts c
  WHERE c.topic <> c.other AND c.post_count > 0
  UNION ALL
  SELECT
    c.other AS topic,
    c.topic AS other,
    c.post_count,
    round(c.post_count * 1.0 / (SELECT n.post_count FROM topic_pair_counts n WHERE n.topic = c.other AND n.other = c.other), 3)
      AS share,
    round(c.post_count * 1.0 * (SELECT n.post_count FROM topic_pair_counts n WHERE n.topic = '' AND n.other = '')
      / ((SELECT n.post_count FROM topic_pair_counts n WHERE n.topic = c.topic AND n.other = c.topic)
        * (SELECT n.post_count FROM topic_pair_counts n WHERE n.topic = c.other AND n.other = c.other)), 2) AS lift
  FROM topic_pair_counts c
  WHERE c.topic <> c.other AND c.post_count > 0;

CREATE VIEW source_health AS
  -- Every source, those in trouble first: is it well, what is wrong in words, when it was asked and will be asked, what
  -- it brought. newest_post_at looks at the twenty posts that it brought last.
  SELECT
    s.id,
    s.kind,
    coalesce(s.title, s.shown_url, s.url) AS source,
    s.url,
    s.shown_url,
    s.status,
    s.last_error,
    s.warning,
    s.failures,
    s.last_poll_at,
    s.last_success_at,
    s.next_poll_at,
    (SELECT max(p.sort_at) FROM
      (SELECT g.post_id FROM sightings g WHERE g.source_id = s.id ORDER BY g.post_id DESC LIMIT 20) n
      JOIN posts p ON p.id = n.post_id) AS newest_post_at,
    coalesce((SELECT c.post_count FROM source_counts c WHERE c.source_id = s.id), 0) AS post_count,
    s.folder
  FROM sources s
  ORDER BY CASE s.status WHEN 'failing' THEN 0 WHEN 'gone' THEN 1 WHEN 'limited' THEN 2 WHEN 'new' THEN 3
    WHEN 'ok' THEN 4 ELSE 5 END, s.failures DESC, s.id;

CREATE VIEW changes_detail AS
  -- The change log with what each row is called now, by seq. title is NULL of what is gone; url is that of a post, slug
  -- that of a story; story_id: which the post is in, or where the story went.
  SELECT
    c.seq,
    c.changed_at,
    c.what,
    c.change,
    c.row_id,
    iif(c.what = 'post',
      (SELECT HEADLINE(p) FROM posts p WHERE p.id = c.row_id AND p.gone_at IS NULL AND p.pruned_at IS NULL),
      (SELECT s.title FROM stories s WHERE s.id = c.row_id)) AS title,
    iif(c.what = 'post', (SELECT p.url FROM posts p WHERE p.id = c.row_id AND p.gone_at IS NULL), NULL) AS url,
    iif(c.what = 'post', (SELECT p.story_id FROM posts p WHERE p.id = c.row_id),
      (SELECT coalesce(s.merged_into, s.id) FROM stories s WHERE s.id = c.row_id)) AS story_id,
    iif(c.what = 'story', (SELECT s.slug FROM stories s WHERE s.id = c.row_id), NULL) AS slug
  FROM changes c;

CREATE VIEW stories_atom AS
  -- The hundred stories with the newest posts as entries of an Atom feed, for datasette-atom: the content is a list of
  -- their articles. Statuses of people are not in it, and so no story that is called by one.
  SELECT
    'tag:aggregator.invalid,2026:story/' || s.id AS atom_id,
    s.title AS atom_title,
    s.last_at AS atom_updated,
    (SELECT p.url FROM posts p WHERE p.id = s.lead_post_id AND p.url LIKE 'http%') AS atom_link,
    '<ul>' || coalesce((SELECT group_concat('<li><a href="'
      || replace(replace(replace(p.url, '&', '&amp;'), '"', '&quot;'), '<', '&lt;') || '">'
      || replace(replace(replace(p.title, '&', '&amp;'), '<', '&lt;'), '>', '&gt;') || '</a> '
      || replace(replace(replace(coalesce(p.publisher, ''), '&', '&amp;'), '<', '&lt;'), '>', '&gt;') || '</li>', '')
      FROM (SELECT * FROM posts q WHERE q.story_id = s.id AND q.kind = 'article' AND q.copy_of IS NULL
        AND q.gone_at IS NULL AND q.url LIKE 'http%' AND q.title IS NOT NULL ORDER BY q.sort_at, q.id LIMIT 20) p), '')
      || '</ul>' AS atom_content_html
  FROM (SELECT * FROM stories t WHERE t.merged_into IS NULL AND t.post_count > 0
    ORDER BY t.last_at DESC, t.id DESC LIMIT 100) s
  WHERE EXISTS (SELECT 1 FROM posts p WHERE p.id = s.lead_post_id AND p.kind = 'article');
