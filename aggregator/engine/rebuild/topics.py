"""Topics worked out anew from the stored posts, with the rules of today. Runs beside a daemon."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aggregator.engine.rebuild.progress import Progress, Rebuilt
from aggregator.storage.database import Database
from aggregator.storage.stored_posts import load_saved_texts, save_topics
from aggregator.topics.taxonomy import Taxonomy

# Topics are worked out before the transaction, which only writes what differs.
_TEXTS = 1000


def rebuild_topics(
    database: Database, taxonomy: Taxonomy, leanings: Mapping[int, tuple[str, ...]], now: datetime, progress: Progress
) -> Rebuilt:
    """Apply the rules to every stored post. `leanings`: source id → topics that its posts lean towards.

    Texts are read and matched outside of a transaction, so that a daemon writes meanwhile; a post that it edits in
    between is left to it.
    """
    after = posts = changed = 0
    while batch := load_saved_texts(database.conn, after, _TEXTS):
        topics = {
            saved.id: taxonomy.match(saved.post, leanings.get(saved.source_id, ()), saved.source) for saved in batch
        }
        with database.write():
            digests = {saved.id: saved.digest for saved in batch}
            changed += len(save_topics(database.conn, topics, digests, taxonomy.version, now))
        after = batch[-1].id
        posts += len(batch)
        progress(len(batch))
    return Rebuilt(posts, changed)
