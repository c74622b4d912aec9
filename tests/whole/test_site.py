"""The site of a running daemon and of `aggregator publish`, as processes. Real HTTP on loopback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest

from tests.helpers.http_server import HttpServer
from tests.helpers.program import PATIENCE, Program, posts

# The last change that the site has seen. Briefs are written before it is built, and have a place of their own.
SEEN = "SELECT seq FROM consumers WHERE name = 'site'"


@pytest.fixture
def papers() -> Iterator[HttpServer]:
    with HttpServer() as server:
        yield server


@pytest.fixture
def program(tmp_path: Path, papers: HttpServer) -> Iterator[Program]:
    made = Program(tmp_path, papers)
    yield made
    made.close()


@pytest.fixture
def publishing(tmp_path: Path, papers: HttpServer) -> Iterator[Program]:
    made = Program(tmp_path, papers, extra=f'[publish]\npath = "{tmp_path}/site"\ninterval = "1s"\n')
    yield made
    made.close()


def test_the_daemon_builds_the_site_after_polls_and_keeps_it(publishing: Program, tmp_path: Path) -> None:
    front = tmp_path / "site" / "index.html"
    daemon = publishing.start("run")
    publishing.wait_for(lambda: posts(publishing) == 40 and front.exists())
    newest = "SELECT max(seq) FROM changes"
    publishing.wait_for(lambda: publishing.rows(SEEN) == publishing.rows(newest))
    daemon.terminate()
    assert daemon.wait(PATIENCE) == 0
    feed = feedparser.parse((tmp_path / "site" / "feeds" / "all.atom").read_bytes())
    assert not feed.bozo
    assert len(feed.entries) == publishing.rows("SELECT count(*) FROM stories")[0][0]
    assert not (tmp_path / "site" / ".aggregator-building").exists()


def test_a_folder_that_is_not_its_own_does_not_stop_the_daemon(publishing: Program, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.txt").write_text("mine")
    daemon = publishing.start("run")
    publishing.wait_for(lambda: any("was not built" in str(event) for event in publishing.events()))
    publishing.wait_for(lambda: posts(publishing) == 40)
    daemon.terminate()
    assert daemon.wait(PATIENCE) == 0
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["thesis.txt"]


def test_publish_builds_now_and_says_what_it_did(publishing: Program, tmp_path: Path) -> None:
    assert publishing.call("poll").returncode == 0
    first = publishing.call("publish")
    assert first.returncode == 0, first.stderr
    assert "All was built: there is none yet" in first.stdout
    assert (tmp_path / "site" / "index.html").exists()
    again = publishing.call("publish")
    assert "is up to date" in again.stdout
    assert "All was built" not in again.stdout


def test_publish_elsewhere_moves_no_cursor(publishing: Program, tmp_path: Path) -> None:
    publishing.call("poll")
    assert publishing.call("publish", "--path", str(tmp_path / "other")).returncode == 0
    assert (tmp_path / "other" / "index.html").exists()
    assert publishing.rows(SEEN) == []


def test_what_is_wrong_with_a_file_of_the_users_is_told_in_a_line(publishing: Program, tmp_path: Path) -> None:
    publishing.call("poll")
    own = tmp_path / "own"
    (own / "words").mkdir(parents=True)
    publishing.file.write_text(publishing.file.read_text().replace("[publish]", f'[publish]\ntemplates = "{own}"'))
    for name, text in (
        ("front.html", "{{ 1 / 0 }}"),
        ("words/en.toml", '[span]\nday = "{nobody}"\nmoment = "{nobody}"'),
    ):
        (own / name).write_text(text)
        done = publishing.call("publish")
        assert (done.returncode, done.stderr.count("\n"), "line " in done.stderr) == (6, 1, True), done.stderr
        assert done.stderr.startswith(f"error: {own / name}")
        (own / name).unlink()
    assert publishing.call("publish").returncode == 0


def test_publish_without_a_folder_says_what_to_do(program: Program) -> None:
    program.call("poll")
    done = program.call("publish")
    assert done.returncode == 2
    assert "[publish] path" in done.stderr


def test_without_a_site_the_daemon_does_not_load_what_makes_one(program: Program) -> None:
    """Briefs are written all the same, in the words of a catalogue, which no template has."""
    daemon = program.start("run")
    program.wait_for(lambda: posts(program) == 40 and program.rows("SELECT 1 FROM consumers WHERE name = 'briefs'"))
    daemon.terminate()
    assert daemon.wait(PATIENCE) == 0
    asked = "import sys, aggregator.engine.daemon, aggregator.engine.briefs.making; print('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True).stdout == "False\n"
