"""A poll that brings nothing new is cheap: it does not even load what writes briefs and reads pages."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer
from tests.helpers.program import PATIENCE, Program

_POLL = """
import sys
from aggregator.cli.main import cli
cli.main(["--config", sys.argv[1], "poll", "--json"], standalone_mode=False)
print(*sorted(sys.modules), file=sys.stderr)
"""
_OF_BRIEFS = {"aggregator.engine.briefs.writer", "aggregator.publish.words", "babel", "markupsafe"}
_OF_PAGES = {"aggregator.engine.articles.reader", "aggregator.sources.articles.fetch", "protego"}


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with HttpServer() as site:
        yield Program(tmp_path, site)


def poll(program: Program) -> tuple[int, set[str]]:
    """How many posts came, and what was loaded for it."""
    done = subprocess.run(
        [sys.executable, "-c", _POLL, str(program.file)], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    return sum(each["new"] for each in json.loads(done.stdout)), set(done.stderr.split())


def test_what_writes_briefs_is_loaded_where_something_happened(program: Program) -> None:
    new, loaded = poll(program)
    assert new == 40 and loaded >= _OF_BRIEFS
    new, loaded = poll(program)
    assert new == 0 and not loaded & _OF_BRIEFS
    program.site.page("/feed0", rss("Paper0", item("A lock opens", "https://paper0.example/lock", "It opened.", "")))
    new, loaded = poll(program)
    assert new == 1 and loaded >= _OF_BRIEFS
    newest = "SELECT count(*) FROM consumers WHERE name = 'briefs' AND seq = (SELECT max(seq) FROM changes)"
    assert program.rows(newest) == [(1,)]


def test_what_reads_pages_is_loaded_where_some_are_to_be_read(program: Program) -> None:
    assert not poll(program)[1] & _OF_PAGES
    program.write_config(2, '[articles]\nfetch = "stories"\n')
    assert poll(program)[1] >= _OF_PAGES
