"""Whatever stands in a feed, a terminal gets words: no control, no turned direction, nothing that can't be seen."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.poller_room import PollerRoom, article
from tests.helpers.site_room import STORM, polled
from tests.helpers.terminal import STYLE, controls_in, on_terminal

EVIL = (
    "Ferry \x1b[31mHalcyon\x1b[0m \u202egnp.exe\u202c \x9b2Jsails\u200b \x1b]0;owned\x07 "
    "\U000e0041\u2066x\u2069 in the storm"
)
SEEN = "Ferry \ufffd[31mHalcyon\ufffd[0m gnp.exe \ufffd2Jsails \ufffd]0;owned\ufffd x in the storm"

_LOG = """
import sys
from aggregator.cli.guard import guard_terminals
guard_terminals()
from aggregator.engine import log
from aggregator.model.settings import Logging
import logging, structlog
log.configure(Logging(format=sys.argv[1]))
words = json.loads(sys.argv[2])
structlog.get_logger("test").warning(words, source=words, several=[words])
logging.getLogger("a_library").warning("odd: %s", words)
try:
    raise ValueError(words)
except ValueError:
    structlog.get_logger("test").exception("bug")
print(words, file=sys.stderr)
"""


@pytest.fixture
async def room(tmp_path: Path) -> Iterator[PollerRoom]:  # type: ignore[misc]
    room = PollerRoom(tmp_path, "gazette", "courier")
    evil = replace(article("halcyon", "Ferry", STORM), title=EVIL, author=EVIL)
    await polled(room, gazette=evil, courier=article("tugs", "Halcyon towed by tugs", STORM, host="courier"))
    with room.database.write():  # as former versions, or other programs, may have stored it
        room.database.conn.execute("UPDATE posts SET title = ?1, author = ?1, story_because = ?1 WHERE id = 1", (EVIL,))
        room.database.conn.execute("UPDATE stories SET title = ? WHERE lead_post_id = 1 OR id = 1", (EVIL,))
        room.database.conn.execute("UPDATE sources SET title = ?1, last_error = ?1 WHERE id = 1", (EVIL,))
    yield room
    room.database.close()


@pytest.mark.parametrize(
    "words",
    [
        "stories", "story 1", "story 1 --csv", "story 1 --json", "posts", "posts --json", "posts --csv", "explain 1",
        "sources", "sql SELECT*FROM(stories) --csv", "sql SELECT(title)FROM(stories)", "search ferry",
        "doctor", "agenda", "new --peek",
    ],
)  # fmt: skip
async def test_no_command_passes_a_control_on(words: str, room: PollerRoom) -> None:
    shown = on_terminal(["--database", str(room.config.storage.path), *words.split()])
    assert controls_in(shown) == set()
    assert "Traceback" not in shown


async def test_a_title_full_of_controls_is_read_as_its_words(room: PollerRoom) -> None:
    shown = on_terminal(["--database", str(room.config.storage.path), "stories"], width=120)
    assert SEEN in shown


async def test_messages_pass_none_on_either(room: PollerRoom) -> None:
    path = str(room.config.storage.path)
    for words in (["stories", EVIL], ["posts", "--topic", EVIL], [EVIL], ["sql", f'SELECT "{EVIL}" FROM none']):
        shown = on_terminal(["--database", path, *words])
        assert controls_in(shown) == set(), words
        assert "owned" in shown or "no such table" in shown


async def test_a_pipe_gets_csv_as_it_is_stored(room: PollerRoom) -> None:
    words = ["--database", str(room.config.storage.path), "sql", "SELECT title FROM stories WHERE id = 1", "--csv"]
    done = subprocess.run([sys.executable, "-m", "aggregator", *words], capture_output=True, text=True, check=True)
    assert done.stdout == f"title\n{EVIL}\n"


def test_questions_pass_none_on() -> None:
    code = (
        "import json, sys, click; from aggregator.cli.guard import guard_terminals; guard_terminals(); "
        "print('answer', click.prompt(json.loads(sys.argv[1]), type=int))"
    )
    shown = on_terminal([json.dumps(EVIL)], program=["-c", code], typed=b"7\n", width=200)
    assert SEEN in shown and "answer 7" in shown
    assert controls_in(shown) == set()


async def test_a_dumb_terminal_gets_no_codes_at_all(room: PollerRoom) -> None:
    words = ["--database", str(room.config.storage.path), "story", "1"]
    assert "\x1b[1m" in on_terminal(words)
    assert "\x1b" not in on_terminal(words, term="dumb")


@pytest.mark.parametrize("form", ["pretty", "json"])
def test_the_log_passes_none_on(form: str) -> None:
    shown = on_terminal([form, json.dumps(EVIL)], program=["-c", f"import json{_LOG}"], width=200)
    assert controls_in(STYLE.sub("", shown)) == set()
    assert shown.count("owned") >= 5
    assert "\x1b[31mHalcyon" not in shown


def test_a_log_as_json_loses_nothing() -> None:
    command = [sys.executable, "-c", f"import json{_LOG}", "json", json.dumps(EVIL)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    first = json.loads(done.stderr.splitlines()[0])
    assert first["event"] == first["source"] == first["several"][0] == EVIL
