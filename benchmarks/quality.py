"""How good the decisions are, measured on posts that people labelled.

python -m benchmarks.quality stories --data FOLDER [--predictions FILE]
python -m benchmarks.quality links --data FOLDER [--database FILE]
python -m benchmarks.quality briefs --data FILE [--predictions FILE] [--extra]
python -m benchmarks.quality topics --data FILE [--texts FILE …] [--predictions FILE] [--split SPLIT] [--no-errors]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from aggregator.cli.main import collect_rarely
from benchmarks import quality_briefs, quality_links, quality_stories, quality_topics


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one benchmark; the exit status is 0 unless the data cannot be read."""
    collect_rarely()  # as the program does
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="WHAT")
    quality_stories.register(commands)
    quality_links.register(commands)
    quality_briefs.register(commands)
    topics = commands.add_parser("topics", help="the topics that posts are given, against those labelled")
    topics.add_argument("--data", type=Path, required=True, help="JSON Lines: id, lang, title, text, url, topics")
    topics.add_argument(
        "--texts",
        type=Path,
        action="append",
        default=[],
        help="JSON Lines or a database with the texts of posts that stand in the data by address alone; repeatable",
    )
    topics.add_argument("--predictions", type=Path, help="write the topics of each post here, as JSON Lines")
    topics.add_argument(
        "--split",
        choices=quality_topics.SPLITS,
        default="all",
        help="a third of the posts, by a hash of the id, is held out from whoever writes rules",
    )
    topics.add_argument("--no-errors", action="store_true", help="print the scores only")
    topics.set_defaults(
        run=lambda given: quality_topics.run(
            given.data, given.texts, given.predictions, given.split, not given.no_errors
        )
    )
    given = parser.parse_args(arguments)
    return int(given.run(given))


if __name__ == "__main__":
    raise SystemExit(main())
