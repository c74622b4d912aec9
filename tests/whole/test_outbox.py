"""The outbox under `kill -9`, and what it costs while nothing happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.soak import outbox


def test_each_story_is_told_once_though_the_daemon_is_killed_and_the_webhook_fails(tmp_path: Path) -> None:
    assert outbox.run(tmp_path, kills=3, stories=9, seed=3) == []


@pytest.mark.soak
def test_a_hundred_stories_and_twenty_kills(tmp_path: Path) -> None:
    assert outbox.run(tmp_path, kills=20, stories=100, seed=7) == []
