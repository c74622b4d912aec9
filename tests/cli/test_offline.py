"""Without a network: that once, and not an error for each source."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from aggregator.cli.offline import Asked, words_of

OFFLINE = "this machine is offline (no way to the internet)"
NO_NAMES = "no name server answered for a.example"

A = Asked("https://a.example/feed", unreached=True, offline=False, why=NO_NAMES)
B = Asked("https://b.example/feed", unreached=True, offline=False, why="no name server answered for b.example")
OWN = Asked("http://localhost:8000/feed", unreached=False, offline=True, why="")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ([A._replace(offline=True)], f"{OFFLINE}: https://a.example/feed was not reached"),
        ([A._replace(offline=True), B._replace(offline=True)], f"{OFFLINE}: none of 2 sources was reached"),
        ([A._replace(offline=True), OWN], f"{OFFLINE}: https://a.example/feed was not reached"),
        ([A, B], f"none of 2 sources was reached, as if this machine were offline: {NO_NAMES}"),
        ([A], ""),  # one may be dead
        ([A, A._replace(url="https://a.example/other")], ""),  # and so may its server
        ([A, B._replace(unreached=False, why="HTTP 503")], ""),  # somebody answered
        ([OWN], ""),
        ([], ""),
    ],
)
def test_what_is_said(asked: list[Asked], words: str) -> None:
    assert words_of(asked) == words


@cache
def _alone() -> tuple[str, ...]:
    """What runs a program as on a machine that has no network, not even to itself; nothing where that may not be."""
    words = ("unshare", "--map-root-user", "--net")
    try:
        done = subprocess.run([*words, "true"], capture_output=True, check=False)
    except OSError:
        return ()
    return () if done.returncode else words


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    if not _alone():
        pytest.skip("no network namespaces here")
    program = [sys.executable, "-m", "aggregator", "--config", str(folder / "aggregator.toml"), *words]
    return subprocess.run([*_alone(), *program], capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    feeds = "".join(f'[[feeds]]\nurl = "https://paper{n}.example/feed"\n' for n in range(3))
    head = f'[storage]\npath = "{tmp_path}/news.db"\n[stories]\nsemantic = false\n[log]\nformat = "json"\n'
    (tmp_path / "aggregator.toml").write_text(f"{head}{feeds}", "utf-8")
    return tmp_path


def test_a_poll_says_it_once_and_blames_nobody(folder: Path) -> None:
    first = run(folder, "poll")
    assert (first.returncode, first.stdout) == (1, "")
    assert first.stderr.count("this machine is offline;") == 1
    assert "paper" not in first.stderr
    again = run(folder, "poll")
    assert (again.stdout, again.stderr) == ("", f"{OFFLINE}: none of 3 sources was reached\n")
    sources = json.loads(run(folder, "sources", "--json").stdout)
    assert [each["status"] for each in sources] == ["new"] * 3
    rows = run(folder, "poll", "paper1", "--csv")  # a program that reads the rows gets them
    assert "no name server answered for paper1.example" in rows.stdout
    assert rows.stderr == f"{OFFLINE}: https://paper1.example/feed was not reached\n"


def test_check_and_add_say_it_too(folder: Path) -> None:
    check = run(folder, "check")
    assert (check.returncode, check.stdout) == (1, "")
    assert check.stderr.splitlines()[0] == f"{OFFLINE}: none of 3 sources was reached"
    add = run(folder, "add", "paper.example")
    assert (add.returncode, add.stderr) == (1, f"error: {OFFLINE}: https://paper.example was not reached\n")
    own = run(folder, "add", "http://127.0.0.1:9/feed")  # that is no matter of the internet
    assert own.returncode == 5
    assert "offline" not in own.stderr
