"""The image with too little: memory that suffices and memory that does not, and a daemon that stands still."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.helpers.container import LOCKED, SOON, Container, Engine, configuration

pytestmark = [pytest.mark.container, pytest.mark.timeout(300)]

# Of a daemon at work, in seconds: it gives a sign of life every twenty, and is believed for a minute.
_SILENCE = 100.0
_WORDS = "[stories]\nsemantic = false\n"


@pytest.fixture(scope="module")
def frozen(engine: Engine, feeds: str) -> Iterator[Container]:
    """A daemon that was healthy, and was then stopped by SIGSTOP; the other tests of the module run meanwhile."""
    config = engine.volume("/config", configuration(2))
    quick = ["--health-interval", "1s", "--health-retries", "2"]
    daemon = engine.start(options=[*LOCKED, *quick, "--network", feeds], volumes={config: "/config:ro"})
    daemon.wait_for(lambda: daemon.health() == "healthy")
    daemon.signal("STOP")
    yield daemon
    daemon.signal("KILL")


@pytest.mark.usefixtures("frozen")
def test_a_hundred_sources_by_words_with_little_memory(engine: Engine, feeds: str, figures: dict[str, str]) -> None:
    config = engine.volume("/config", configuration(100, _WORDS))
    memory = ["--memory", "256m", "--memory-swap", "256m"]
    daemon = engine.start(options=[*LOCKED, *memory, "--network", feeds], volumes={config: "/config:ro"})
    daemon.wait_for(lambda: len(polled(daemon)) == 100)
    state = daemon.state()
    assert state["Running"] and not state["OOMKilled"]
    figures["memory of 100 sources that all change, by words, at most"] = peak(daemon)
    assert daemon.seconds_to_stop() < SOON


def polled(daemon: Container) -> set[str]:
    return {event["source"] for event in daemon.events() if event.get("outcome") == "ok"}


def peak(container: Container) -> str:
    """The most memory that the container had, as its cgroup says."""
    code = (
        "import pathlib\n"
        "for path in ('/sys/fs/cgroup/memory/memory.max_usage_in_bytes', '/sys/fs/cgroup/memory.peak'):\n"
        "    if pathlib.Path(path).exists(): print(int(pathlib.Path(path).read_text()) // 1000000, 'MB')"
    )
    return container.python(code).strip() or "not told by this engine"


def test_memory_that_does_not_suffice_is_noticed(engine: Engine) -> None:
    memory = ["--memory", "24m", "--memory-swap", "24m"]
    hungry = engine.start(options=[*LOCKED, *memory])
    assert hungry.status() != 0
    assert hungry.state()["OOMKilled"] or hungry.state()["ExitCode"] == 137


def test_a_daemon_that_stands_still_becomes_unhealthy(frozen: Container) -> None:
    """The control of the health check; waits for the minute that a daemon may be silent, less what others took."""
    frozen.wait_for(lambda: frozen.health() == "unhealthy", patience=_SILENCE, pause=1.0)
    said = frozen.state()["Health"]["Log"][-1]["Output"]
    assert "the daemon gave its last sign of life" in said
    frozen.signal("CONT")
    begun = time.monotonic()
    frozen.wait_for(lambda: frozen.health() == "healthy")
    assert time.monotonic() - begun < _SILENCE
