"""How good the checks of a brief are that a model wrote, on briefs of which some sentences were made wrong on purpose.

    python -m benchmarks.quality briefs --data FILE [--predictions FILE] [--extra]

FILE has JSON Lines: `id`, `language`, `now`, `sources` (n, publisher, kind, language, at, text), `earlier` (n, at,
kind, title), `brief` (headline, and the parts happened, matters and watch with text and sources), `labels` for each
sentence: `ok`, or `wrong:` and the kind. Without labels nothing is printed but how many are kept. Predictions are
written as `{"id", "kept": {"headline": true, "happened": [true, false], …}, "why": {…}}`.

What a wrong sentence is called says how it was made; one that is dropped for another reason is dropped as well.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from aggregator.model.brief import Draft, DraftSentence, EarlierNote, Evidence, Part
from aggregator.publish.briefs.checks.check import Checked, check
from aggregator.publish.briefs.checks.names import names_of
from aggregator.stories.encoder import encoder_for
from benchmarks.live_stream import shipped_config
from benchmarks.scores import ratio

# The parts in the data, and what they are called in the program.
PARTS: Mapping[str, Part] = {"happened": "happened", "matters": "context", "watch": "watch"}
MECHANICAL = ("number", "unit", "name", "date", "quote", "source", "earlier", "injection")


def register(subparsers: Any) -> None:
    """Add the sub-command `briefs` to `python -m benchmarks.quality`."""
    parser = subparsers.add_parser("briefs", help="the checks of briefs", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="JSON Lines, as told above")
    parser.add_argument("--predictions", type=Path, help="write what is kept here, as JSON Lines")
    parser.add_argument("--extra", action="store_true", help="by meaning too: with the extra `semantic`")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Check every brief, and print how that agrees with the labels."""
    with given.data.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    encoder = encoder_for("auto") if given.extra else None
    print("with the extra `semantic`" if encoder else "by words alone: the extra `semantic` is not used")
    if encoder:
        encoder.encode(["loads the model"])
    names = names_of(shipped_config().rules)
    seconds, verdicts = [], []
    for row in rows:
        inputs = draft_of(row), evidence_of(row), earlier_of(row)
        started = time.perf_counter()
        checked = check(*inputs, date.fromisoformat(row["now"]), names, encoder)
        seconds.append(time.perf_counter() - started)
        verdicts.append(verdict(row, checked))
    if given.predictions:
        lines_out = (json.dumps(each, ensure_ascii=False) + "\n" for each in verdicts)
        given.predictions.write_text("".join(lines_out), encoding="utf-8")
    print(f"{len(rows)} briefs, {1000 * sum(seconds) / max(1, len(seconds)):.1f} ms each, "
          f"the slowest {1000 * max(seconds, default=0):.1f} ms")  # fmt: skip
    report(rows, verdicts)
    return 0


def draft_of(row: Mapping[str, Any]) -> Draft:
    """The brief of a row."""
    parts = {
        part: [DraftSentence(each["text"], tuple(each["sources"])) for each in row["brief"].get(name, ())]
        for name, part in PARTS.items()
    }
    return Draft(row["language"], row["brief"]["headline"], parts)


def evidence_of(row: Mapping[str, Any]) -> list[Evidence]:
    """The numbered sentences of a row."""
    return [
        Evidence(
            each["n"], each["publisher"], each["kind"], each["language"], datetime.fromisoformat(each["at"]),
            each["text"], is_title=bool(each.get("is_title")),
        )
        for each in row["sources"]
    ]  # fmt: skip


def earlier_of(row: Mapping[str, Any]) -> list[EarlierNote]:
    """The earlier coverage of a row."""
    return [
        EarlierNote(each["n"], date.fromisoformat(each["at"]), each["title"], each["kind"], each.get("language"))
        for each in row["earlier"]
    ]


def verdict(row: Mapping[str, Any], checked: Checked) -> dict[str, Any]:
    """What is kept, by the keys of the data, and why the rest is not."""
    reasons = {(each.part, each.text): each.why for each in checked.refused}
    kept: dict[str, Any] = {"headline": checked.headline_ok}
    why: dict[str, Any] = {"headline": reasons.get(("headline", row["brief"]["headline"]))}
    for name, part in PARTS.items():
        found = [reasons.get((part, each["text"])) for each in row["brief"].get(name, ())]
        kept[name], why[name] = [reason is None for reason in found], found
    return {"id": row["id"], "kept": kept, "why": why}


def report(rows: Sequence[Mapping[str, Any]], verdicts: Sequence[Mapping[str, Any]]) -> None:
    """Print how many wrong sentences are caught and how many honest ones refused, by kind and by language."""
    seen: Counter[tuple[str, str]] = Counter()
    dropped: Counter[tuple[str, str]] = Counter()
    refused, missed = [], []
    for row, given in zip(rows, verdicts, strict=True):
        for label, text, is_kept, why in _told(row, given):
            for key in ((row["language"], label), ("all", label)):
                seen[key] += 1
                dropped[key] += not is_kept
            if label == "ok" and not is_kept:
                refused.append(f"  {row['id']} {text}\n       {why}")
            elif label != "ok" and is_kept:
                missed.append(f"  {row['id']} {label} {text}")
    if not seen:
        kept = sum(bool(each) for given in verdicts for each in _flat(given["kept"]))
        print(f"no labels; {kept} of {sum(len(_flat(given['kept'])) for given in verdicts)} sentences kept")
        return
    for language in ("all", *sorted({language for language, _ in seen} - {"all"})):
        _print_language(language, seen, dropped)
    print("\nhonest, refused:", *refused, sep="\n")
    print("\nwrong, kept:", *missed, sep="\n")


def _print_language(language: str, seen: Counter[tuple[str, str]], dropped: Counter[tuple[str, str]]) -> None:
    def line(what: str, labels: Sequence[str]) -> None:
        of, part = sum(seen[language, each] for each in labels), sum(dropped[language, each] for each in labels)
        if of:
            print(f"  {what}: {part} of {of} ({100 * ratio(part, of):.0f} %)")

    print(f"\n{language}")
    kinds = sorted({label for of, label in seen if of == language and label != "ok"})
    mechanical = [f"wrong:{kind}" for kind in MECHANICAL]
    line("honest, refused", ["ok"])
    line("wrong, mechanical, dropped", mechanical)
    line("wrong, others, dropped", [kind for kind in kinds if kind not in mechanical])
    for kind in kinds:
        line(f"  {kind.removeprefix('wrong:')}", [kind])


def _told(row: Mapping[str, Any], given: Mapping[str, Any]) -> list[tuple[str, str, bool, str]]:
    """Label, text, kept, why of each sentence with a label."""
    labels = row.get("labels") or {}
    found = []
    if "headline" in labels:
        found.append(
            (labels["headline"], row["brief"]["headline"], given["kept"]["headline"], given["why"]["headline"])
        )
    for name in PARTS:
        found += [
            (label, each["text"], is_kept, why)
            for label, each, is_kept, why in zip(
                labels.get(name, ()), row["brief"].get(name, ()), given["kept"][name], given["why"][name], strict=False
            )
        ]
    return found


def _flat(kept: Mapping[str, Any]) -> list[bool]:
    return [kept["headline"], *(each for name in PARTS for each in kept[name])]
