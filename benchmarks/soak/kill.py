"""Does `kill -9` lose or double anything? `python -m benchmarks.soak.kill [--rounds 10] [--seed 7]`

20 feeds and two hashtags are polled every second. They change all the time: each time that it is asked a feed has a
new entry, one with the text of another feed's, an edited one, one less, or none of that; posts with the hashtags
come, are edited and deleted. The daemon is killed 0.3 to 3.5 s after its start and started again, so many rounds; many
kills meet its start.

Promised, after each kill: the file is sound (`benchmarks.soak.sound`: integrity, references, search, counts, nothing
told twice); no validator is saved without all entries of the document it belongs to, in that wording; no cursor is
ahead of a post that is there and not stored. At the end a last poll, when nothing changes any more, completes all that
is shown: each entry once in its newest wording, each post with a hashtag that was not deleted.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence

from aggregator.sources.mastodon.cursor import read_cursor
from aggregator.sources.mastodon.ids import order
from benchmarks.soak.press import TAGS, Hashtags, Press
from benchmarks.soak.room import newsroom, pause, told, verdict
from benchmarks.soak.sound import unsound
from tests.helpers.program import Program

FEEDS = 20
_EARLIEST, _LATEST = 0.3, 3.5
# A budget of requests is not what is tried here.
_SETTINGS = '[mastodon]\nbudget = 100000\n[[hashtags]]\nserver = "{url}"\ntags = {tags}\n'

_TEXTS = "SELECT g.native_id, p.text FROM sightings g JOIN posts p ON p.id = g.post_id WHERE g.source_id IN ({})"
_FEEDS = "SELECT id FROM sources WHERE kind = 'feed'"
_HASHTAGS = "SELECT id FROM sources WHERE kind = 'hashtag'"


def stored(program: Program) -> list[str]:
    """The ids of all entries that were saved, as often as they were."""
    return [str(row[0]) for row in program.rows("SELECT native_id FROM sightings")]


def validators_ahead(program: Program, press: Press) -> Iterator[str]:
    """Documents that would be answered by "not modified", and that were not saved whole."""
    have = dict(program.rows(_TEXTS.format(_FEEDS)))
    for url, tag in program.rows("SELECT url, etag FROM sources WHERE kind = 'feed' AND etag IS NOT NULL"):
        missing = [link for link, text in press.sent.get(tag, {"unknown": ""}).items() if have.get(link) != text]
        if missing:
            yield f"validator ahead: {url}: {len(missing)} entries, {missing[0]}"


def cursors_ahead(program: Program, server: Hashtags) -> Iterator[str]:
    """Posts that a timeline has below its cursor, and that were not saved."""
    have = {row[0] for row in program.rows(f"SELECT native_id FROM sightings WHERE source_id IN ({_HASHTAGS})")}
    for url, text in program.rows("SELECT url, cursor FROM sources WHERE kind = 'hashtag' AND cursor IS NOT NULL"):
        if cursor := read_cursor(text):
            kept = [each.id for each in server.kept(url.rpartition("/")[2]) if order(each.id) <= order(cursor.newest)]
            if missing := set(kept) - have:
                yield f"cursor ahead: {url}: {len(missing)} posts, {min(missing)}"


def lost(program: Program, press: Press, server: Hashtags) -> Iterator[str]:
    """What is there to be read and is not stored as it is; to be asked when nothing changes any more."""
    have = dict(program.rows(_TEXTS.format(_FEEDS)))
    for link, text in press.shown().items():
        if have.get(link) != text:
            yield f"lost: {link}: {'an edit' if link in have else 'an entry'}"
    posts = dict(program.rows(_TEXTS.format(_HASHTAGS)))
    for each in {each.id: each for tag in TAGS for each in server.kept(tag)}.values():
        if each.id not in posts:
            yield f"lost: post {each.id} with a hashtag"
    waiting = program.rows("SELECT count(*) FROM posts WHERE story_id IS NULL AND gone_at IS NULL")
    if waiting != [(0,)]:
        yield f"posts without a story: {waiting}"


def kill_once(program: Program, seconds: float) -> bool:
    """Start it and kill it after so long; whether it had begun to poll by then."""
    asked = len(program.site.asked)
    daemon = program.start("run")
    pause(seconds)
    daemon.kill()
    daemon.wait()
    return len(program.site.asked) > asked


def look(program: Program, press: Press, server: Hashtags) -> list[str]:
    """All that is wrong just after a kill."""
    return [*unsound(program.database), *validators_ahead(program, press), *cursors_ahead(program, server)]


def report(program: Program, press: Press, server: Hashtags, rounds: int, begun: int) -> None:
    """Print what there was."""
    counts = ", ".join(f"{count} {name}" for name, count in press.counts.items())
    [(posts, gone)] = program.rows("SELECT count(*), count(gone_at) FROM posts")
    [(polls,)] = program.rows("SELECT count(*) FROM polls")
    deleted = sum(each.deleted_at is not None for each in server.entries)
    told(f"kills {rounds}, of which {begun} while it polled; polls saved {polls}")
    told(f"entries: {counts}; posts with hashtags: {len(server.entries)}, {deleted} deleted")
    told(f"posts stored {posts}, {gone} of them gone; entries and posts still shown: all compared")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 if anything was lost, doubled or damaged."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.kill", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="kills (default: 10)")
    parser.add_argument("--seed", type=int, default=7, help="of the moments, and of what happens (default: 7)")
    given = parser.parse_args(arguments)
    dice, press, broken, begun = random.Random(given.seed), Press(given.seed), list[str](), 0
    with Hashtags(given.seed) as server:
        more = _SETTINGS.format(url=server.url, tags=list(TAGS))
        with newsroom(press, FEEDS, more=more) as program:
            for number in range(1, given.rounds + 1):
                begun += kill_once(program, dice.uniform(_EARLIEST, _LATEST))
                broken += [f"after kill {number}: {each}" for each in look(program, press, server)]
            press.is_still = server.is_still = True
            last = program.call("poll")
            if last.returncode:
                broken.append(f"the last poll ended with {last.returncode}: {last.stderr[-300:]}")
            broken += [*look(program, press, server), *lost(program, press, server)]
            report(program, press, server, given.rounds, begun)
    return verdict(broken)


if __name__ == "__main__":
    raise SystemExit(main())
