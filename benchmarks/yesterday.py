"""Is the file of an older version taken along?

    python -m benchmarks.yesterday --commit 1b6a19c --corpus FOLDER [--out FILE] [--limit N] [--cache FOLDER]

Has the program of the commit poll a replay of the feeds in FOLDER (a folder `feeds` in it, or the feeds themselves), as
they are and twice more with new entries; the commit's tree and its venv are made outside of the repository. `--out`
keeps that file. Then today's program polls the same over it, and what it makes of posts that are stored already is
counted; beside it the same by the commit's own program, on another copy, for what differs with any restart.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.polling import Control, replaying

_ROOT = Path(__file__).parent.parent
_CACHE = Path("~/.cache/aggregator-benchmarks/yesterday").expanduser()
_SHARE_CHANGED = 0.1


@dataclass(frozen=True, slots=True)
class Post:
    """What must stay of a stored post."""

    story_id: int | None
    copy_of: int | None
    first_seen_at: str
    because: str | None

    @property
    def was_copy(self) -> bool:
        """It was hidden as a copy under older rules, and is in a story of its own since it came back."""
        return "was taken for a copy of post" in (self.because or "")


@dataclass(frozen=True, slots=True)
class State:
    """A file, as far as it is compared. `seq`: the last change told."""

    posts: dict[int, Post]
    merged: dict[int, int]
    seq: int

    def story(self, story_id: int | None) -> int | None:
        """The story that a story is part of by now."""
        while story_id in self.merged:
            story_id = self.merged[story_id]
        return story_id


def make_program(commit: str, cache: Path) -> Path:
    """The Python of a venv that has the program of this commit, with the dependencies of its own lock."""
    name = _output("git", "rev-parse", "--short=12", f"{commit}^{{commit}}")
    tree = cache / name
    if not (tree / ".venv" / "ready").exists():
        shutil.rmtree(tree, ignore_errors=True)
        tree.mkdir(parents=True)
        packed = subprocess.run(["git", "archive", name], cwd=_ROOT, capture_output=True, check=True).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(tree, filter="data")
        subprocess.run(["make", "setup"], cwd=tree, check=True, stdout=sys.stderr)
    return tree / ".venv" / "bin" / "python"


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True).stdout.strip()


def write_config(database: Path, urls: Sequence[str]) -> Path:
    """A configuration beside the database, that every version can read."""
    file = database.with_suffix(".toml")
    feeds = "".join(f"[[feeds]]\nurl = {json.dumps(url)}\n\n" for url in urls)
    storage = f"[storage]\npath = {json.dumps(str(database))}\n\n"
    file.write_text(f'{storage}[network]\nallow_private = ["127.0.0.0/8"]\n\n{feeds}')
    return file


def poll(python: Path, config: Path) -> None:
    """Poll everything once. Where no source answers well the program ends with status 1."""
    command = [str(python), "-m", "aggregator", "--config", str(config), "poll", "--json"]
    subprocess.run(command, cwd=config.parent, check=True, stdout=subprocess.DEVNULL)


def read_state(database: Path) -> State:
    """What stands in a file now."""
    with closing(sqlite3.connect(database)) as conn:
        posts = {
            row[0]: Post(*row[1:])
            for row in conn.execute("SELECT id, story_id, copy_of, first_seen_at, story_because FROM posts")
        }
        merged = dict(conn.execute("SELECT id, merged_into FROM stories WHERE merged_into IS NOT NULL"))
        [(seq,)] = conn.execute("SELECT coalesce(max(seq), 0) FROM changes")
    return State(posts, merged, seq)


def forget_validators(database: Path) -> None:
    """Have every document sent, read and decided again."""
    with closing(sqlite3.connect(database)) as conn:
        conn.execute("UPDATE sources SET etag = NULL, last_modified = NULL, body_digest = NULL")
        conn.commit()


def rename_items(database: Path) -> None:
    """Have every entry come under an id that is not known, as if entries were named by another rule now."""
    with closing(sqlite3.connect(database)) as conn:
        conn.execute("UPDATE sightings SET native_id = 'before: ' || native_id")
        conn.commit()


def compare(before: State, database: Path, expected: int) -> dict[str, Any]:
    """What a poll did to posts that were there before. `expected`: so many entries were new."""
    after = read_state(database)
    kept = {post_id: post for post_id, post in before.posts.items() if post_id in after.posts}
    pairs = [(post, after.posts[post_id]) for post_id, post in kept.items()]
    moved = [other for one, other in pairs if after.story(one.story_id) != after.story(other.story_id)]
    with closing(sqlite3.connect(database)) as conn:
        told = conn.execute("SELECT what, change, row_id FROM changes WHERE seq > ?", (before.seq,)).fetchall()
        outcomes = conn.execute("SELECT outcome FROM polls WHERE id IN (SELECT max(id) FROM polls GROUP BY source_id)")
        answers = Counter(row[0] for row in outcomes)
    known = Counter(f"{what} {change}" for what, change, row_id in told if what == "story" or row_id in before.posts)
    return {
        "posts before": len(before.posts),
        "posts lost": len(before.posts) - len(kept),
        "new entries served": expected,
        "posts stored": len(after.posts) - len(kept),
        "stored twice": len(after.posts) - len(kept) - expected,
        "first seen anew": sum(one.first_seen_at != other.first_seen_at for one, other in pairs),
        "in another story": sum(not other.was_copy for other in moved),
        "former copies in stories of their own": sum(other.was_copy for other in moved),
        "stories merged": len(after.merged) - len(before.merged),
        "became copies": sum(one.copy_of is None and other.copy_of is not None for one, other in pairs),
        "copies that came back": sum(one.copy_of is not None and other.copy_of is None for one, other in pairs),
        "old posts told as new": sum(what == "post" and change == "new" and row in kept for what, change, row in told),
        "other changes told": dict(known),
        "answers": dict(answers),
    }


def build(python: Path, control: Control, folder: Path) -> Path:
    """The file of a replay, by this program: the feeds as they are, and twice with new entries in a tenth of them."""
    database = folder / "yesterday.db"
    config = write_config(database, control.get("feeds"))
    control.post("reset")
    poll(python, config)
    for seed in (1, 2):
        control.post(f"change?seed={seed}&share={_SHARE_CHANGED}")
        poll(python, config)
    with closing(sqlite3.connect(database)) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return database


def over(programs: dict[str, Path], control: Control, yesterday: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Each program polls over a copy of the file: as it is, with every document read again, with new entries; last with
    no id known, so that addresses and texts alone tell what is stored."""
    found: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in programs}
    for name in programs:
        shutil.copy(yesterday, yesterday.with_name(f"{name}.db"))
    for phase in ("unchanged", "read again", "changed", "no id known"):
        changed = control.post(f"change?seed=3&share={_SHARE_CHANGED}") if phase == "changed" else []
        for name, python in programs.items():
            database = yesterday.with_name(f"{name}.db")
            config = write_config(database, control.get("feeds"))
            before = read_state(database)
            if phase in ("read again", "no id known"):
                forget_validators(database)
            if phase == "no id known":
                rename_items(database)
            poll(python, config)
            found[name][phase] = compare(before, database, len(changed))
    return found


def _table(name: str, found: dict[str, dict[str, Any]]) -> str:
    rows = [[key, *(each[key] for each in found.values())] for key in next(iter(found.values()))]
    lines = [[name, *found], ["--", *("--:" for _ in found)], *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: Any) -> str:
    return (
        ", ".join(f"{key} {count}" for key, count in sorted(value.items())) if isinstance(value, dict) else f"{value}"
    )


def is_taken_along(found: dict[str, dict[str, Any]], by_itself: dict[str, dict[str, Any]]) -> bool:
    """Nothing lost, stored twice, moved or told anew; what comes under new ids no worse than by the older program."""
    zero = ("posts lost", "stored twice", "first seen anew", "in another story", "old posts told as new")
    return not any(
        each[key] > (by_itself[phase][key] if phase == "no id known" else 0)
        for phase, each in found.items()
        for key in zero
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what differs; exit status 1 if a post was lost, stored twice, moved or told anew."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.yesterday", description=__doc__.splitlines()[0])
    parser.add_argument("--commit", required=True, help="the older version")
    parser.add_argument("--corpus", type=Path, required=True, help="folder with one feed a file")
    parser.add_argument("--out", type=Path, help="keep the older version's file here")
    parser.add_argument("--limit", type=int, default=0, help="so many of the feeds, evenly spaced (default: all)")
    parser.add_argument("--cache", type=Path, default=_CACHE, help=f"where older versions are made (default: {_CACHE})")
    given = parser.parse_args(arguments)
    feeds = given.corpus / "feeds" if (given.corpus / "feeds").is_dir() else given.corpus
    old = make_program(given.commit, given.cache)
    with tempfile.TemporaryDirectory(prefix="aggregator-yesterday-") as name, replaying(feeds, given.limit) as control:
        yesterday = build(old, control, Path(name))
        if given.out:
            shutil.copy(yesterday, given.out)
        found = over({"today": Path(sys.executable), "itself": old}, control, yesterday)
    print(_table(f"today's program over the file of {given.commit}", found["today"]), end="\n\n")
    print(_table(f"{given.commit} itself over it", found["itself"]))
    return int(not is_taken_along(found["today"], found["itself"]))


if __name__ == "__main__":
    raise SystemExit(main())
