"""What reading pages costs: pages a CPU second, and the memory of the process that reads them. Asks nobody.

python -m benchmarks.articles [--pages 300] [--seed 1]

The pages are made by the benchmark, as large as those of the press: an article of 3 to 40 paragraphs among navigation,
related articles, comments and scripts. Then come hostile ones, each by itself: what became of it, and in what time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
from collections.abc import Sequence
from datetime import timedelta

from aggregator.model.article import ReadPage
from aggregator.sources.articles.page import prepared
from aggregator.sources.processes.pool import Pool

_CPU = timedelta(seconds=20)
_URL = "https://paper.example/news/ferry"
_WORDS = [
    "ferry", "harbour", "island", "council", "winter", "fares", "company", "captain", "storm", "rudder", "ministry",
    "ticket", "passengers", "week", "mayor", "line", "budget", "repair", "tide", "market", "school", "bridge", "report",
    "says", "after", "before", "under", "which", "because", "two", "many",
]  # fmt: skip

HOSTILE = {
    "100,000 elements in one another": "<html><body>" + "<div>" * 100_000 + "word " * 200,
    "90,000 paragraphs": "<html><body>" + "<p>a b c d e f g h i j</p>" * 90_000,
    "60,000 links": "<html><body>" + "<a href=/x>some text</a> " * 60_000,
    "20,000 tables in one another": "<table>" * 20_000 + "<tr><td>text",
    "one word of 4 MB": "<p>" + "x" * 4_000_000,
    "4 MB of comments that never end": "<!--" * 1_000_000,
    "data of 200,000 brackets": "<script type='application/ld+json'>" + "[" * 200_000 + "</script><p>text",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.articles", description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    dice = random.Random(given.seed)
    pages = [page(dice).encode() for _ in range(given.pages)]
    size = sum(map(len, pages)) / len(pages) / 1024
    begun, empty = asyncio.run(_read([b"<p>a page with which all is loaded</p>"]))
    cpu, found = asyncio.run(_read(pages))
    good = sum(read.trouble is None and len(read.text) > 200 for read in found)
    print(f"{len(pages)} pages of {size:.0f} KB: {len(pages) / (cpu - begun):.0f} a CPU second, {good} with their text")
    print(f"starting the process: {begun:.2f} s of CPU; its peak memory: {_peak():.0f} MB")
    for name, html in HOSTILE.items():
        took, [read] = asyncio.run(_read([html.encode()]))
        what = read.trouble or f"{len(read.text):,} characters"
        print(f"  {name}: {what}, {took - begun:.1f} s of CPU; peak {_peak():.0f} MB")
    return 0 if empty else 1


def page(dice: random.Random) -> str:
    """One page as a paper writes it."""

    def sentence() -> str:
        return " ".join(dice.choices(_WORDS, k=dice.randint(7, 24))).capitalize() + "."

    def paragraph() -> str:
        return "<p>" + " ".join(sentence() for _ in range(dice.randint(2, 5))) + "</p>"

    title = sentence()
    data = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": title, "isAccessibleForFree": True}
    related = "".join(f'<li><a href="/news/{number}">{sentence()}</a></li>' for number in range(dice.randint(20, 150)))
    scripts = "".join(f"<script>var v{n}={json.dumps([dice.random() for _ in range(900)])}</script>" for n in range(6))
    body = "".join(paragraph() for _ in range(dice.randint(3, 40)))
    comments = "".join(f'<div class="comment"><p>{sentence()}</p></div>' for _ in range(dice.randint(0, 60)))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} - The Paper</title>'
        f'<link rel="canonical" href="{_URL}"><script type="application/ld+json">{json.dumps(data)}</script>{scripts}'
        f"</head><body><nav><ul>{related[:4000]}</ul></nav><main><article><h1>{title}</h1>{body}</article>"
        f"<aside><ul>{related}</ul></aside><section id=comments>{comments}</section></main>"
        "<footer><p>Imprint, jobs, terms, cookies</p></footer></body></html>"
    )


async def _read(pages: Sequence[bytes]) -> tuple[float, list[ReadPage]]:
    """Read them in a process of their own: the CPU time that it took, in seconds, and what they say."""
    before = _cpu()
    pool: Pool[ReadPage] = Pool(prepared, (), _given_up, _CPU, most=1, what="page")
    async with pool:
        found = [await pool.read(body, "text/html; charset=utf-8", _URL, {}) for body in pages]
    return _cpu() - before, found


def _given_up(problem: str) -> ReadPage:
    return ReadPage(trouble=problem)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _peak() -> float:
    """Of the largest process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


if __name__ == "__main__":
    raise SystemExit(main())
