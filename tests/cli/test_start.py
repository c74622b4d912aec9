"""What a command does not need it does not import: whoever asks in a shell waits for it, a poll pays for it each time.

`sys.modules` is asked and not the clock; docs/architecture.md has what each costs.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from aggregator.cli.main import _COMMANDS, _LazyGroup, cli
from tests.helpers.http_server import HttpServer
from tests.helpers.program import PATIENCE, Program

_CODE = """
import sys
from aggregator.cli.main import cli
try:
    cli.main(sys.argv[1:], standalone_mode=False)
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""

_HEAVY = {
    "aiohttp",
    "asyncio",
    "pydantic",
    "requests",
    "rich",
    "sqlite3",
    "sqlite_utils",
    "ssl",
    "structlog",
    "tomllib",
}
# What only what is polled, or published, needs.
_OF_READERS = {
    "aggregator.engine.poller", "aggregator.publish.words", "aggregator.storage.database", "aggregator.text.tokens",
    "aggregator.topics.taxonomy", "aiohttp", "asyncio", "feedparser", "numpy", "requests", "rich.console", "rich.table",
    "sqlite_utils", "structlog",
}  # fmt: skip
# What a poll needs where something came.
_OF_NEWS = {
    "aggregator.engine.articles.judging", "aggregator.engine.briefs.writer", "aggregator.engine.deciding",
    "aggregator.engine.rebuild.first_polls", "aggregator.pipeline.decide", "aggregator.sources.feeds.parse",
    "aggregator.sources.feeds.reader_pool", "aggregator.stories.index", "apscheduler", "babel", "feedparser",
    "mastodon", "multiprocessing", "nh3", "requests", "rich", "selectolax", "sqlite_utils", "trafilatura",
}  # fmt: skip


def loaded(*words: str) -> set[str]:
    command = [sys.executable, "-c", _CODE, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    return set(done.stderr.split())


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with HttpServer() as site:
        yield Program(tmp_path, site)


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["-h"]])
def test_version_and_help_load_no_command(words: list[str]) -> None:
    found = loaded(*words)
    assert found & _HEAVY == set()
    ours = {name for name in found if name.startswith("aggregator")}
    assert {name.split(".")[1] for name in ours if "." in name} == {"cli", "model"}
    assert {name for name in ours if name.startswith("aggregator.cli.")} == {
        "aggregator.cli.main",
        "aggregator.cli.app",
    }


def test_commands_that_read_load_what_reads(program: Program) -> None:
    loaded("--config", str(program.file), "poll")
    for words in (["stories"], ["posts", "--json"], ["sources"], ["sql", "SELECT 1"]):
        assert loaded("--config", str(program.file), *words) & _OF_READERS == set(), words


def test_a_poll_without_news_loads_nothing_that_reads_documents(program: Program) -> None:
    first = loaded("--config", str(program.file), "poll")
    assert {"aggregator.sources.feeds.reader_pool", "sqlite_utils"} <= first
    assert loaded("--config", str(program.file), "poll") & _OF_NEWS == set()


class _AsClickDoes(_LazyGroup):
    """Imports each command to ask for its help."""

    format_commands = click.Group.format_commands


@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_help_is_what_the_commands_say(width: int) -> None:
    asked = [click.Context(group, info_name="aggregator") for group in (cli, _AsClickDoes(commands=cli.commands))]
    shown = []
    for context in asked:
        formatter = click.HelpFormatter(width=width, max_width=width)
        context.command.format_commands(context, formatter)  # type: ignore[attr-defined]
        shown.append(formatter.getvalue())
    assert shown[0] == shown[1]
    assert all(f"\n  {name} " in shown[0] for name in _COMMANDS)


def test_a_new_file_is_made_without_numpy(tmp_path: Path) -> None:
    """Which sqlite-utils imports where it is installed; afterwards it can be had."""
    code = (
        f"import sys; from pathlib import Path; from aggregator.storage.database import Database; "
        f"Database(Path({str(tmp_path / 'news.db')!r})).close(); "
        "print('sqlite_utils' in sys.modules, 'numpy' in sys.modules); import numpy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.stdout.split() == ["True", "False"]
    if find_spec("numpy"):
        assert done.returncode == 0, done.stderr
