"""Is the file whole? Pages and indexes, and rows that point at rows that are not there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from aggregator.model.finding import Finding, trouble, well
from aggregator.model.quantities import size_in_words
from aggregator.storage.checkup.looking import Look, examples
from aggregator.storage.copies.backups import OF_SEARCH
from aggregator.storage.words.parts import OF_A_VERSION

# From this size on indexes are not compared with their tables, unless all is asked for: that takes ten times as long.
LARGE = 256 * 1024 * 1024

# An index has a line for each of its rows that is wrong. SQLite stops at so many; then more may be wrong than those.
_MOST_FAULTS = 100_000

# What making the indexes anew mends: the tables themselves are whole.
_OF_INDEXES = re.compile(
    r"(row \d+ missing from index \w+|wrong # of entries in index \w+|non-unique entry in index \w+)"
)

# Rows of these only say more of the row that they point at. Where that is not there, they say nothing.
_OF_POSTS = (
    *OF_A_VERSION, "post_revisions", "post_vectors", "post_words", "post_details", "sightings", "outbox_posts",
)  # fmt: skip
_OF_STORIES = ("story_links", "briefs", "brief_tasks", "model_requests")
_OF_SOURCES = ("polls", "polls_daily", "filtered_posts", "missing_statuses")
REMOVABLE = frozenset(
    [(table, "posts") for table in _OF_POSTS]
    + [(table, "stories") for table in _OF_STORIES]
    + [(table, "sources") for table in _OF_SOURCES]
    + [("brief_sentences", "briefs"), ("brief_figures", "briefs"), ("outbox_posts", "outbox")]
)
# What works the others out again, and why nothing is done about the rest.
_WORKED_OUT = {
    ("posts", "posts"): "copies",
    ("posts", "stories"): "stories",
    ("stories", "posts"): "stories",
    ("stories", "stories"): "stories",
    ("post_topics", "topics"): "topics",
}
_BY_HAND = frozenset({"corrections", "topic_labels"})


def size_of(look: Look) -> int:
    """Of the database as this connection sees it, in bytes."""
    pages, size = (look.conn.execute(f"PRAGMA {each}").fetchone()[0] for each in ("page_count", "page_size"))
    return int(pages * size)


def check_pages(look: Look, most: int = _MOST_FAULTS) -> Iterator[Finding]:
    """Pages, indexes and values: SQLite's own check, the quick one where the file is large. `most`: faults that it
    looks for."""
    size = size_of(look)
    is_quick = size >= LARGE and not look.whole
    pragma = "quick_check" if is_quick else "integrity_check"
    found = [str(row[0]) for row in look.conn.execute(f"PRAGMA {pragma}({most})")]
    faults = [each for each in found if each != "ok" and not OF_SEARCH.fullmatch(each)]
    if not faults:
        left_out = "; indexes were not compared with their tables, which --full does" if is_quick else ""
        yield well("integrity", f"{size_in_words(size)}, every page is as it should be{left_out}", str(look.path))
    elif len(faults) < most and all(map(_OF_INDEXES.fullmatch, faults)):
        words = f"indexes are not what their tables say: {examples(faults)}"
        remedy = "Stop the daemon; they are made anew."
        yield trouble("integrity", words, str(look.path), remedy, look.command("doctor", "--fix"), fix="indexes")
    else:
        words = f"the file is damaged: {examples(' '.join(each.split()) for each in faults)}"
        yield trouble("integrity", words, str(look.path), *look.restored())


def check_references(look: Look) -> Iterator[Finding]:
    """Rows whose declared references lead nowhere."""
    found: Counter[tuple[str, str]] = Counter()
    rows: dict[tuple[str, str], list[int]] = {}
    for table, row, parent, _ in look.conn.execute("PRAGMA foreign_key_check"):
        found[table, parent] += 1
        if row is not None and found[table, parent] <= 4:
            rows.setdefault((table, parent), []).append(row)
    if not found:
        yield well("references", "no row points at one that is not there")
    for (table, parent), count in sorted(found.items()):
        named = f" ({examples(rows[table, parent])})" if (table, parent) in rows else ""
        words = f"rows that point at {parent} that are not there: {count:,}{named}"
        yield _lost(table, parent, words, look)


def _lost(table: str, parent: str, words: str, look: Look) -> Finding:
    if (table, parent) in REMOVABLE:
        remedy = "They say something of nothing: they are removed."
        return trouble("references", words, table, remedy, look.command("doctor", "--fix"), fix="orphans")
    if what := _WORKED_OUT.get((table, parent)):
        return trouble("references", words, table, "Work it out again.", look.command("rebuild", what))
    if table in _BY_HAND:
        remedy = "An editor decided this: it is left alone. They do no harm; a backup may have what they point at."
        return trouble("references", words, table, remedy)
    return trouble("references", words, table, *look.restored())
