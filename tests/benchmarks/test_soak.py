"""A daemon told to stop and one that is killed, a few times each: what `benchmarks/soak` does in earnest."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from aiohttp import web
from multidict import CIMultiDict

from benchmarks.soak import clock, disk, kill, stop
from benchmarks.soak.room import ChangingFeeds, newsroom
from tests.helpers.http_server import Request


def ask(feeds: ChangingFeeds, etag: str = "") -> web.Response:
    return feeds(Request("/feed1", CIMultiDict({"If-None-Match": etag} if etag else {}), 1))


def test_feeds_grow_and_say_so_by_their_etag() -> None:
    feeds = ChangingFeeds(new=2, keep=3)
    first, second = ask(feeds), ask(feeds)
    sent = [feeds.sent[answer.headers["ETag"]] for answer in (first, second)]
    assert [len(ids) for ids in sent] == [2, 3]
    assert len(feeds.shown) == 4
    feeds.is_still = True
    assert ask(feeds, second.headers["ETag"]).status == 304
    assert ask(feeds, first.headers["ETag"]).status == 200


def test_a_busy_daemon_stops_also_when_told_twice() -> None:
    assert stop.main(["--rounds", "3", "--second", "2", "--most", "3"]) == 0


def test_kills_lose_and_double_nothing() -> None:
    assert kill.main(["--rounds", "3", "--seed", "1"]) == 0


def test_a_process_that_is_left_behind_is_found(tmp_path: Path) -> None:
    with newsroom(ChangingFeeds(), 1, database_in=tmp_path) as program:
        program.start("run").kill()
        assert stop._trouble(program, 0.1, [1], was_told_twice=False).endswith("left processes behind")


@pytest.mark.parametrize(
    ("kind", "missing", "says"),
    [("full", "mount", "needs mount"), ("read-only", "cc", "needs cc"), ("failed", "mkfs.ext4", "needs mkfs.ext4")],
)
def test_a_volume_for_which_a_program_is_missing_is_skipped_and_says_so(
    kind: str, missing: str, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: None if name == missing else f"/bin/{name}")
    assert disk.main(["--only", kind]) == 0
    assert capsys.readouterr().out.endswith(f"skipped: {says}\n")


def test_without_root_or_another_clock_it_is_skipped_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1)
    monkeypatch.setattr(clock, "LIBRARY", None)
    assert (disk.main([]), clock.main([])) == (0, 0)
    assert capsys.readouterr().out == "skipped: needs root to mount a volume\nskipped: needs libfaketime\n"
