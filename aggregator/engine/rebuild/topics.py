"""Topics worked out anew from the stored posts, with the rules of today. Runs beside a daemon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from aggregator.engine.rebuild.progress import Progress, Rebuilt
from aggregator.model.source import Source
from aggregator.storage.database import Database
from aggregator.storage.ids import last_id
from aggregator.storage.stored_posts import SavedText, load_saved_texts, save_topics
from aggregator.storage.topic_rules import note_applied
from aggregator.topics.taxonomy import Taxonomy

# Topics are worked out before the transaction, which only writes what differs.
_TEXTS = 1000

# Source id → topics that its posts lean towards.
Leanings = Mapping[int, tuple[str, ...]]


def leanings_of(sources: Iterable[Source], ids: Mapping[str, int]) -> Leanings:
    """The leanings of the sources that are stored. `ids`: address → source id."""
    return {ids[source.url]: source.topics for source in sources if source.url in ids}


def rebuild_topics(
    database: Database, taxonomy: Taxonomy, leanings: Leanings, now: datetime, progress: Progress
) -> Rebuilt:
    """Apply the rules to every stored post.

    Texts are read and matched outside of a transaction, so that a daemon writes meanwhile; a post that it edits in
    between is left to it.
    """
    after = posts = changed = 0
    while True:
        # Before the look: what comes after it has topics by other rules, maybe.
        last = last_id(database.conn, "posts")
        batch = load_saved_texts(database.conn, after, _TEXTS)
        if not batch:
            break
        changed += apply_rules(database, taxonomy, leanings, batch, (after + 1, batch[-1].id), now)
        after = batch[-1].id
        posts += len(batch)
        progress(len(batch))
    if after < last:  # the last ones are gone
        with database.write():
            note_applied(database.conn, after + 1, last, taxonomy.version)
    return Rebuilt(posts, changed)


def apply_rules(
    database: Database, taxonomy: Taxonomy, leanings: Leanings, batch: Sequence[SavedText], span: tuple[int, int],
    now: datetime,
) -> int:  # fmt: skip
    """Apply the rules to these posts, all there are of this span of ids; how many came out otherwise."""
    found = {saved.id: taxonomy.match(saved.post, leanings.get(saved.source_id, ()), saved.source) for saved in batch}
    with database.write():
        digests = {saved.id: saved.digest for saved in batch}
        changed = save_topics(database.conn, found, digests, taxonomy.version, now)
        note_applied(database.conn, *span, taxonomy.version)
    return len(changed)
