"""Feeds bent out of shape at random: whatever comes, the reader gives an outcome and no exception.

    python -m benchmarks.fuzz [--inputs 10000] [--seconds 900] [--seed 1]

Takes the feeds of AGGREGATOR_TEST_CORPUS if that is set, else the demo's, and the small ones of
tests/helpers/hostile_documents.py. Each input is one of them with a few mutations; the same seed gives the same inputs.
What goes wrong is written to fuzz-failures/ and told; the exit status is then 1. `make fuzz` runs it.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import random
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from aggregator.model.source import Source
from aggregator.sources.feeds.read import read_feed
from aggregator.sources.feeds.results import ReadFeed
from aggregator.topics.taxonomy import Taxonomy

ROOT = Path(__file__).parent.parent
FAILURES = Path("fuzz-failures")
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "https://paper.example/feed.xml"
# Larger ones cost time and bend the same way.
MOST_BYTES = 40_000
# Longer is a finding too: such a document would be given up on.
SLOW_SECONDS = 20.0

_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_WHITE = re.compile(r"[\t\r\n]")
_TAG = re.compile(rb"<[^<>]{1,200}>")
_PIECES = (
    b"<![CDATA[", b"]]>", b"&", b"&#0;", b"&#xD800;", b"&amp;", b"&nosuch;", b"<", b">", b"\x00", b"\xff\xfe",
    b"\xed\xa0\x80", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"<!--", b"-->", b"<?xml version='1.0' encoding='utf-7'?>",
    b"xml:base='//['", b"<item>", b"</entry>", b"<script>", b"javascript:x", b"http://[::1", b"9999-99-99T99:99:99Z",
    b"{}", b"[", b'"', b"\xe2\x80\xae", b"%", b"<link href=''/>", b"<guid/>", b"<content type='xhtml'>",
    b"encoding='utf-16'", b"1e999", b"null", b"-1",
)  # fmt: skip

_TYPES = (None, "text/xml; charset=latin-1", "application/json")

Mutation = Callable[[bytes, random.Random], bytes]


def _span(body: bytes, dice: random.Random, most: int = 2_000) -> tuple[int, int]:
    start = dice.randrange(len(body) + 1)
    return start, min(len(body), start + dice.randrange(1, most))


def _flip(body: bytes, dice: random.Random) -> bytes:
    changed = bytearray(body)
    for _ in range(dice.randrange(1, 20)):
        if changed:
            changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def _cut(body: bytes, dice: random.Random) -> bytes:
    start, end = _span(body, dice)
    return body[:start] + body[end:]


def _break_off(body: bytes, dice: random.Random) -> bytes:
    return body[: dice.randrange(len(body) + 1)]


def _repeat(body: bytes, dice: random.Random) -> bytes:
    start, end = _span(body, dice, 300)
    return body[:start] + body[start:end] * dice.randrange(2, 60) + body[end:]


def _move(body: bytes, dice: random.Random) -> bytes:
    start, end = _span(body, dice)
    rest = body[:start] + body[end:]
    at = dice.randrange(len(rest) + 1)
    return rest[:at] + body[start:end] + rest[at:]


def _insert(body: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(body) + 1)
    return body[:at] + dice.choice(_PIECES) * dice.choice((1, 1, 1, 500)) + body[at:]


def _swap_tags(body: bytes, dice: random.Random) -> bytes:
    tags = list(_TAG.finditer(body))
    if len(tags) < 2:
        return body
    one, other = sorted(dice.sample(tags, 2), key=lambda tag: tag.start())
    return b"".join([body[: one.start()], other[0], body[one.end() : other.start()], one[0], body[other.end() :]])


def _drop_tag(body: bytes, dice: random.Random) -> bytes:
    tags = list(_TAG.finditer(body))
    tag = dice.choice(tags) if tags else None
    return body[: tag.start()] + body[tag.end() :] if tag else body


def _recode(body: bytes, dice: random.Random) -> bytes:
    return body.decode("utf-8", "replace").encode(
        dice.choice(("utf-16", "latin-1", "utf-7", "cp037", "utf-32")), "replace"
    )


MUTATIONS: Sequence[Mutation] = (_flip, _cut, _break_off, _repeat, _move, _insert, _swap_tags, _drop_tag, _recode)


def samples() -> list[bytes]:
    """The documents to begin with."""
    from tests.helpers.hostile_documents import DOCUMENTS, feed, item

    corpus = os.environ.get("AGGREGATOR_TEST_CORPUS")
    folder = Path(corpus) / "feeds" if corpus else ROOT / "aggregator" / "cli" / "demo" / "samples"
    others = (".csv", ".md", ".toml")
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.suffix not in others)
    own = [
        make() for name, make in DOCUMENTS.items() if not re.search(r"mb$|50000|10000|bomb|attribute|nest|deep", name)
    ]
    own += [feed(*(item(n) for n in range(20)))]
    return [body for body in [*(file.read_bytes() for file in files), *own] if len(body) > 0]


def mutated(body: bytes, dice: random.Random) -> bytes:
    """The document with some mutations, a long one only in part."""
    if len(body) > MOST_BYTES:
        body = body[: MOST_BYTES // 2] + body[-MOST_BYTES // 2 :]
    for _ in range(dice.randrange(1, 6)):
        body = dice.choice(MUTATIONS)(body, dice)
    return body


def faults(found: ReadFeed) -> list[str]:
    """What is wrong with a result that came without an exception."""
    told = []
    for each in found.posts:
        post = each.post
        texts = (post.title, post.text, post.html or "", post.author or "", post.native_id, *post.tags)
        told += [f"unfit characters in {text[:60]!r}" for text in texts if _UNFIT.search(_WHITE.sub("", text))]
        urls = filter(None, (post.url, post.canonical_url, *(file.url for file in post.enclosures)))
        told += [f"no address: {url[:60]!r}" for url in urls if urlsplit(url).scheme not in ("http", "https")]
        if post.html and "<script" in post.html.lower():
            told.append(f"a program in {post.html[:60]!r}")
        if post.published_at and not datetime(1995, 1, 1, tzinfo=UTC) <= post.published_at <= NOW + timedelta(days=1):
            told.append(f"an impossible date: {post.published_at}")
    if len({each.post.native_id for each in found.posts}) != len(found.posts):
        told.append("two posts with one id")
    pickle.dumps(found)
    return told


def main() -> int:
    """Fuzz; 1 if anything was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=900)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    begin, documents, taxonomy = time.monotonic(), samples(), Taxonomy(())
    source = Source(kind="feed", url=URL)
    outcomes: Counter[str] = Counter()
    bad, slowest, count = 0, 0.0, 0
    for count in range(1, options.inputs + 1):
        dice = random.Random(f"{options.seed} {count}")
        body = mutated(dice.choice(documents), dice)
        started = time.monotonic()
        try:
            found = read_feed(
                body, dice.choice((None, "text/xml; charset=latin-1", "application/json")), URL, source, taxonomy, NOW
            )
            told = faults(found)
            outcomes[_kind(found)] += 1
        except Exception:  # what this program is for
            told = [traceback.format_exc()]
        took = time.monotonic() - started
        slowest = max(slowest, took)
        if told or took > SLOW_SECONDS:
            bad += 1
            FAILURES.mkdir(exist_ok=True)
            (FAILURES / f"{options.seed}-{count}").write_bytes(body)
            print(f"input {count}, {took:.1f} s: {told[0] if told else 'slow'}", flush=True)
        if time.monotonic() - begin > options.seconds:
            break
    seconds = time.monotonic() - begin
    print(f"{count} inputs in {seconds:.0f} s from {len(documents)} documents, the slowest {slowest:.1f} s; {bad} bad")
    print(json.dumps(dict(outcomes.most_common()), indent=2, ensure_ascii=False))
    return 1 if bad else 0


def _kind(found: ReadFeed) -> str:
    problem = found.parsed.problem
    if problem:
        return re.split(r"[:(“;<]|\d", problem)[0].strip() or "some entries, none readable"
    return "read, with warnings" if found.parsed.warnings else "read"


if __name__ == "__main__":
    sys.exit(main())
