"""How good the links to earlier coverage are, against pairs labelled as an editor would link them.

    python -m benchmarks.quality links --data FOLDER [--database FILE] [--lexical]

FOLDER has `ai_news_stream.jsonl`, whose items go through the live code into a database (FILE, else one that is thrown
away; the native id of a post is its item's), and `links.jsonl`: pairs of a newer and an older item with `label`
(`continues`, `background`, `none`), `debatable`, and `best`, the one to print. A pair is linked when the newer item's
story has the older item's story as earlier coverage (the view `earlier_coverage`).

What the labels are not: complete. For each of some ninety newer items a few older ones were looked at; a link to
another item is unknown, counts nowhere, and has to be read. `none` is a pair that somebody looked at and would not
print. Where a story has several of the labelled items, each pair counts.

Printed for all pairs, and for a part of them held out by a hash of the newer item's id: choose nothing by that one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aggregator.storage.database import Database
from aggregator.stories.encoder import encoder_for
from benchmarks.live_stream import shipped_config, stories_of_items, stream_into
from benchmarks.scores import ratio
from benchmarks.story_stream import load_items

KINDS = ("continues", "background")

# Of three newer items one is held out.
_HELD_OUT_OF = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """A labelled pair of items."""

    newer: str
    older: str
    label: str
    debatable: bool
    best: bool

    @property
    def is_right(self) -> bool:
        """Would an editor link it?"""
        return self.label in KINDS

    @property
    def held_out(self) -> bool:
        """Is it in the part by which nothing is chosen?"""
        return int(hashlib.sha256(self.newer.encode()).hexdigest(), 16) % _HELD_OUT_OF == 0


@dataclass(frozen=True, slots=True)
class Linked:
    """What was found: item → story, and story → its earlier coverage with kinds, best first."""

    story_of: Mapping[str, int]
    earlier: Mapping[int, Mapping[int, str]]

    def kind(self, pair: Pair) -> str | None:
        """The kind of link from the newer item's story to the older one's; None: no link."""
        older = self.story_of.get(pair.older)
        return self.earlier.get(self.story_of.get(pair.newer, 0), {}).get(older or 0)


def register(subparsers: Any) -> None:
    """Add the sub-command `links` to `python -m benchmarks.quality`."""
    parser = subparsers.add_parser("links", help="links to earlier coverage", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a folder with the files named above")
    parser.add_argument("--database", type=Path, help="keep the database here; a file that is there already is read")
    parser.add_argument("--lexical", action="store_true", help="without the extra, also where it is installed")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Stream the items, and print how the links agree with the labels."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(given.database or Path(folder) / "links.db")
        try:
            if not database.query("SELECT 1 FROM posts LIMIT 1"):
                fill(database, given.data, lexical=given.lexical)
            linked = load_linked(database)
            pairs = load_pairs(given.data / "links.jsonl")
            links = sum(map(len, linked.earlier.values()))
            in_all = len(set(linked.story_of.values()))
            print(f"{links} links of {len(linked.earlier)} stories, of {in_all} in all")
        finally:
            database.close()
    report("all pairs", pairs, linked)
    report("the part held out", [pair for pair in pairs if pair.held_out], linked)
    return 0


def fill(database: Database, data: Path, *, lexical: bool) -> None:
    """Save the stream into an empty database."""
    encoder = None if lexical else encoder_for("auto")
    print("with the extra `semantic`" if encoder else "by words alone: the extra `semantic` is not used")
    started = time.process_time()
    items = load_items(data / "ai_news_stream.jsonl")
    stream_into(database, shipped_config(), items, encoder)
    print(f"{len(items)} items in {time.process_time() - started:.0f} s of CPU")


def load_pairs(path: Path) -> list[Pair]:
    """The labelled pairs."""
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    return [
        Pair(row["id"], row["older"], row["label"], bool(row.get("debatable")), bool(row.get("best"))) for row in rows
    ]


def load_linked(database: Database) -> Linked:
    """The stories of all items, and the links of all stories."""
    story_of = stories_of_items(database)
    columns = {row[1] for row in database.query("PRAGMA table_info(earlier_coverage)")}
    kind = "kind" if "kind" in columns else "'continues'"
    earlier: dict[int, dict[int, str]] = defaultdict(dict)
    rows = database.query(f"SELECT story_id, earlier_story_id, {kind} FROM earlier_coverage")
    for story_id, earlier_id, of_kind in rows:
        earlier[story_id][earlier_id] = of_kind
    return Linked(story_of, earlier)


def report(name: str, pairs: Sequence[Pair], linked: Linked) -> None:
    """Print how the links agree with these pairs."""
    # Two items in one story can't be linked, whatever the label.
    open_pairs = [pair for pair in pairs if linked.story_of[pair.newer] != linked.story_of[pair.older]]
    found = [(pair, kind) for pair in open_pairs if (kind := linked.kind(pair))]
    right = [(pair, kind) for pair, kind in found if pair.is_right]
    sure = [(pair, kind) for pair, kind in found if not pair.debatable]
    print(f"\n{name}: {len(pairs)} pairs of {len({pair.newer for pair in pairs})} newer items, "
          f"{len(pairs) - len(open_pairs)} in one story")  # fmt: skip
    _print("precision", len(right), len(found))
    _print("precision without debatable pairs", sum(pair.is_right for pair, _ in sure), len(sure))
    wanted = [pair for pair in pairs if pair.is_right]
    _print("recall", len(right), len(wanted))
    for kind in KINDS:
        _print(f"recall of {kind}", sum(pair.label == kind for pair, _ in right),
               sum(pair.label == kind for pair in wanted))  # fmt: skip
        _print(f"found as {kind}, the right kind", sum(pair.label == kind == given for pair, given in right),
               sum(given == kind for _, given in right))  # fmt: skip
    _print_by_item(pairs, linked)


def _print_by_item(pairs: Iterable[Pair], linked: Linked) -> None:
    of_item: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        of_item[pair.newer].append(pair)
    firsts = []
    for newer, labelled in of_item.items():
        shown = linked.earlier.get(linked.story_of[newer], {})
        judged = {linked.story_of[pair.older]: pair for pair in sorted(labelled, key=lambda pair: pair.is_right)}
        if firsts_of := [judged[each] for each in shown if each in judged][:1]:
            firsts.append((firsts_of[0], next(iter(shown)) in judged))
    right = [first for first, _ in firsts if first.is_right]
    _print("first labelled link right", len(right), len(firsts))
    best = {pair.newer: linked.story_of[pair.older] for labelled in of_item.values() for pair in labelled if pair.best}
    with_best = [first for first, _ in firsts if first.newer in best]
    is_best = sum(linked.story_of[first.older] == best[first.newer] for first in with_best)
    _print("first labelled link the best, where one is and any is linked", is_best, len(with_best))
    _print("the same, over all items with a best", is_best, len(best))
    nothing = [newer for newer, labelled in of_item.items() if not any(pair.is_right for pair in labelled)]
    anyway = sum(any(linked.kind(pair) for pair in of_item[newer]) for newer in nothing)
    unlabelled = sum(bool(linked.earlier.get(linked.story_of[newer])) for newer in nothing)
    _print("nothing right, one of its pairs linked anyway", anyway, len(nothing))
    _print("nothing right, anything linked", unlabelled, len(nothing))


def _print(what: str, part: int, whole: int) -> None:
    print(f"  {what}: {ratio(part, whole):.2f} ({part} of {whole})")
