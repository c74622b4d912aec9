"""The index for searching the built pages: made where Pagefind is installed, gone where it is not."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from aggregator.engine.site import index as site_index
from aggregator.engine.site.index import can_index, has_index, index_site
from aggregator.model.errors import PublishError

PAGE = '<!DOCTYPE html><html lang="en"><title>One</title><body><main data-pagefind-body>ferry {}</main></body></html>'

with_pagefind = pytest.mark.skipif(not can_index(), reason="needs the extra `search`")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "stories").mkdir()
    (tmp_path / "stories" / "index.html").write_text(PAGE.format("rudder"), encoding="utf-8")
    return tmp_path


@with_pagefind
def test_it_is_made_and_made_anew(site: Path) -> None:
    index_site(site)
    assert (site / "pagefind" / "pagefind.js").is_file()
    first = {path.name for path in (site / "pagefind").rglob("*.pf_fragment")}
    (site / "stories" / "index.html").write_text(PAGE.format("storm"), encoding="utf-8")
    index_site(site)
    second = {path.name for path in (site / "pagefind").rglob("*.pf_fragment")}
    assert len(first) == len(second) == 1
    assert first != second
    assert [path.name for path in site.iterdir() if path.name.startswith(".")] == []


@with_pagefind
def test_where_it_fails_the_old_one_stays_and_it_is_said(site: Path) -> None:
    index_site(site)
    (site / "stories" / "index.html").unlink()
    with pytest.raises(PublishError, match="pagefind"):
        index_site(site)
    assert (site / "pagefind" / "pagefind.js").is_file()


def test_without_pagefind_none_is_left(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for one that somebody else keeps: that is younger."""
    (site / "pagefind").mkdir()
    program = site / "pagefind" / "pagefind.js"
    program.touch()
    monkeypatch.setattr(site_index, "can_index", lambda: False)
    assert not index_site(site)
    assert has_index(site)
    os.utime(program, (time.time() - 90_000,) * 2)
    assert not has_index(site)
    assert not (site / "pagefind").exists()


# Holds a lock on a file for as long as it lives, and would live long.
PROGRAM = """
import fcntl, sys, time
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("begun", file=file, flush=True)
time.sleep(60)
"""


def is_over(file: Path) -> bool:
    with file.open() as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def ends(file: Path) -> bool:
    """It does, though the system may take a moment to take a process away."""
    until = time.monotonic() + 10
    while not is_over(file) and time.monotonic() < until:
        time.sleep(0.01)
    return is_over(file)


def test_at_a_stop_the_program_ends(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark, folder = site / "mark", site / "pagefind"
    folder.mkdir()
    monkeypatch.setattr(site_index, "can_index", lambda: True)
    monkeypatch.setattr(site_index, "_command", lambda site: [sys.executable, "-c", PROGRAM, str(mark)])

    def is_stopped() -> bool:
        return mark.is_file() and mark.read_text() == "begun\n" and not is_over(mark)

    assert not index_site(site, is_stopped)
    assert ends(mark)
    assert folder.is_dir()


def test_it_ends_when_whoever_began_it_is_no_more(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    mark.touch()
    command = [sys.executable, "-m", "aggregator.engine.site.beside", sys.executable, "-c", PROGRAM, str(mark)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as beside:
        while not mark.read_text():
            assert beside.poll() is None
        assert not is_over(mark)
        assert beside.stdin
        beside.stdin.close()  # as it is when a process is killed
        beside.wait(20)
    assert is_over(mark)


def test_what_it_says_and_how_it_ends_comes_through(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_index, "can_index", lambda: True)
    says = "import os, sys; print('nice', os.nice(0)); sys.exit(3)"
    monkeypatch.setattr(site_index, "_command", lambda site: [sys.executable, "-c", says])
    with pytest.raises(PublishError, match=f"pagefind: nice {min(19, os.nice(0) + 10)}$"):
        index_site(site)
