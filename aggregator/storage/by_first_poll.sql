ALTER TABLE sightings ADD COLUMN by_first_poll INTEGER /* 1: it was there when the source was polled first */ NOT NULL DEFAULT 0;

-- Of stored posts that goes as it was told until now: what came in the time of a first poll came by it, but for what a feed
-- showed then of which two polls had gone well by then, or which had shown something before.
WITH begun AS MATERIALIZED (SELECT source_id, min(seen_at) AS at FROM sightings GROUP BY source_id)
UPDATE sightings SET by_first_poll = 1 WHERE rowid IN (
  SELECT g.rowid FROM first_polls f
  JOIN posts p ON p.id BETWEEN f.first_id AND coalesce(f.last_id, p.id)
  JOIN sightings g ON g.post_id = p.id AND g.seen_at <= coalesce(f.at, g.seen_at)
  JOIN sources s ON s.id = g.source_id
  JOIN begun b ON b.source_id = g.source_id
  WHERE s.kind <> 'feed' OR b.at >= f.started_at AND (SELECT count(1) FROM (
    SELECT 1 FROM polls o WHERE o.source_id = g.source_id AND o.started_at <= g.seen_at
    AND o.outcome IN ('ok', 'not_modified') LIMIT 2)) < 2);
