"""Briefs without a model: how many stories have each part, what they cost, and some of them to read.

python -m benchmarks.briefs --database FILE [--stream FILE] [--read 20] [--seed 1] [--language en]

FILE is a database of this program, such as one that a poll left; nothing is written into it. With --stream it is made
first, of a file of dated posts such as ai_news_stream.jsonl. Counted are stories of two publishers or more.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from aggregator.engine.briefs.making import Maker
from aggregator.model.brief import PARTS, Brief
from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory
from aggregator.storage.database import Database
from aggregator.storage.site.brief_rows import BriefRows
from benchmarks.live_stream import shipped_config, stream_into
from benchmarks.story_stream import load_items


def made(path: Path, settings: Publish) -> tuple[list[ShownStory], dict[int, Brief], float]:
    """The stories of two publishers or more, their briefs, and the CPU seconds that these took."""
    with BriefRows(path, settings) as rows:
        stories = [story for story in rows.stories.load(rows.lists.all_paged()) if len(story.publishers) > 1]
    maker = Maker(path, settings)
    begun = time.process_time()
    # In a language that no stored brief has, none is the same as before.
    made = maker.make([story.id for story in stories], datetime.now(UTC), is_anew=True)
    seconds = time.process_time() - begun
    found = {brief.story_id: brief for brief in made.briefs}
    with BriefRows(path, settings) as rows:
        return stories, rows.told([story.id for story in stories]) | found, seconds


def print_shares(stories: Sequence[ShownStory], briefs: dict[int, Brief], seconds: float) -> None:
    """Which share of the stories has which part."""
    total = max(len(stories), 1)
    print(f"{len(stories)} stories of two publishers or more; {1000 * seconds / total:.2f} CPU ms a brief")
    sizes = Counter(len(brief.part("happened")) for brief in briefs.values())
    for part in PARTS:
        having = sum(bool(brief.part(part)) for brief in briefs.values())
        print(f"{part:9} {having / total:6.1%}")
    print(f"three     {sizes[3] / total:6.1%} have three sentences of what happened")
    print(f"all three {sum(all(map(brief.part, PARTS)) for brief in briefs.values()) / total:6.1%}")
    dated = sum(any(each.due for each in brief.sentences) for brief in briefs.values())
    print(f"dated     {dated / total:6.1%} name a day to come")
    print(f"differ    {sum(bool(brief.amounts) for brief in briefs.values()) / total:6.1%} have figures that differ")
    patterns = Counter(each.pattern for brief in briefs.values() for each in brief.part("context"))
    print("context   " + ", ".join(f"{pattern} {count}" for pattern, count in patterns.most_common()))


def show(stories: Sequence[ShownStory], briefs: dict[int, Brief], count: int, seed: int) -> None:
    """So many briefs to read, drawn by the seed."""
    for story in random.Random(seed).sample(stories, min(count, len(stories))):
        if story.id in briefs:
            _print(story, briefs[story.id])


def _print(story: ShownStory, brief: Brief) -> None:
    names = {post.id: post.voice.name for post in story.posts}
    print(f"\n## {story.id} {story.title} ({story.language}, {story.last_at:%Y-%m-%d})")
    for each in brief.sentences:
        due = f" <{each.due.first} – {each.due.last}>" if each.due else ""
        whose = ", ".join(names.get(post, "?") for post in each.posts[:4])
        print(f"  {each.part:8} {each.text}{due} [{each.pattern or whose}]")


def main() -> None:
    """Print the shares, and briefs to read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", type=Path, help="a database with posts")
    parser.add_argument("--stream", type=Path, help="a file of dated posts, to make the database of")
    parser.add_argument("--read", type=int, default=20, help="so many briefs are printed")
    parser.add_argument("--seed", type=int, default=1, help="which")
    parser.add_argument("--language", default="en")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.database or Path(folder) / "news.db"
        if given.stream:
            database = Database(path)
            stream_into(database, shipped_config(), load_items(given.stream))
            database.close()
        stories, briefs, seconds = made(path, Publish(language=given.language))
        print_shares(stories, briefs, seconds)
        show(stories, briefs, given.read, given.seed)


if __name__ == "__main__":
    main()
