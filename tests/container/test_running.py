"""The image at work: as any user, locked up, ended, and what goes wrong. Checks have controls, which must fail."""

from __future__ import annotations

import lzma
import time
from pathlib import Path

import pytest

from tests.helpers.container import LOCKED, SOON, USER, Container, Engine, configuration

pytestmark = [pytest.mark.container, pytest.mark.timeout(300)]

# One of the image, one that no passwd knows, one of the base image.
USERS = ["10001:10001", "4711:4711", "65534:65534"]
_QUICK = ("--health-interval", "1s", "--health-start-period", "60s")
_OLD = Path(__file__).parents[1] / "storage" / "released" / "0.1.0.db.xz"


@pytest.mark.parametrize("user", USERS)
def test_the_demo_as_any_user(engine: Engine, user: str) -> None:
    status, said = engine.once("demo", options=[*LOCKED, "--user", user])
    assert status == 0, said
    assert "Stories that most sources carry" in said and "Traceback" not in said


def test_it_becomes_healthy(engine: Engine, feeds: str, figures: dict[str, str]) -> None:
    config = engine.volume("/config", configuration(3))
    daemon = engine.start(
        options=[*LOCKED, *_QUICK, "--network", feeds, "--user", "4711:4711"], volumes={config: "/config:ro"}
    )
    daemon.wait_for(daemon.events, pause=0.05)
    figures["first line of the log after"] = f"{time.monotonic() - daemon.begun:.1f} s"
    daemon.wait_for(lambda: daemon.health() == "healthy", pause=0.1)
    figures["healthy after"] = f"{time.monotonic() - daemon.begun:.1f} s"
    daemon.wait_for(lambda: daemon.count("posts") >= 60)
    assert daemon.run("id", "-u").strip() == "4711"
    assert daemon.run("stat", "-c", "%u %a", "/data/aggregator.db").split() == ["4711", "644"]
    assert zombies(daemon) == []
    assert not daemon.state()["OOMKilled"]
    refused = daemon.run("sh", "-c", "echo >> /config/aggregator.toml", check=False, user=str(USER))
    assert "Read-only file system" in refused
    refused = daemon.run("touch", "/opt/aggregator/x", check=False, user="0")
    assert "Read-only file system" in refused


def zombies(daemon: Container) -> list[str]:
    """Processes that ended and that nobody asked about: what PID 1 has to do."""
    code = (
        "import pathlib\n"
        "for status in pathlib.Path('/proc').glob('[0-9]*/status'):\n"
        "    try:\n        text = status.read_text()\n    except OSError:\n        continue\n"
        "    if 'State:\\tZ' in text: print(text.splitlines()[0])"
    )
    return daemon.python(code).splitlines()


def test_zombies_would_be_seen(engine: Engine) -> None:
    code = "import os, time\nif os.fork() == 0: os._exit(0)\ntime.sleep(60)"
    careless = engine.start("-c", code, entrypoint="python")
    careless.wait_for(lambda: zombies(careless))


@pytest.mark.parametrize("semantic", [False, True])
def test_it_stops_within_three_seconds_while_busy(
    engine: Engine, feeds: str, figures: dict[str, str], semantic: bool
) -> None:
    more = f"[stories]\nsemantic = {str(semantic).lower()}\n"
    config = engine.volume("/config", configuration(150, more))
    daemon = engine.start(options=[*LOCKED, "--network", feeds], volumes={config: "/config:ro"})
    daemon.wait_for(lambda: daemon.logs().count('"outcome": "ok"') >= 60)
    seconds = daemon.seconds_to_stop()
    figures[f"stopped while busy{', with the model' * semantic} after"] = f"{seconds:.1f} s"
    assert seconds < SOON
    assert daemon.state()["ExitCode"] == 0
    assert daemon.events()[-1]["event"] in ("stopped", "ended without waiting any longer for what still runs")


@pytest.mark.parametrize("command", [[], [], ["demo"], ["serve"]])
def test_a_stop_right_after_the_start_is_not_lost(engine: Engine, command: list[str]) -> None:
    """Process 1 has no handler yet, and would not get it: it must wait for one."""
    begun = engine.start(*command, options=LOCKED)
    assert begun.seconds_to_stop() < SOON
    assert begun.state()["ExitCode"] in (0, 143)  # asked to end, or ended by the signal before it could be asked


def test_one_that_does_not_stop_would_be_noticed(engine: Engine) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(90)"
    deaf = engine.start("-c", code, entrypoint="python")
    deaf.wait_for(lambda: "deaf" in deaf.logs())
    assert deaf.seconds_to_stop() > SOON


def test_a_folder_of_root_is_told(engine: Engine) -> None:
    volume = engine.volume_of_root("/data")
    status, said = engine.once(options=LOCKED, volumes={volume: "/data"})
    assert status == 3
    assert "/data/aggregator.db.lock: can't be written: Permission denied" in said
    assert "Is the folder writable for uid 10001?" in said and "Traceback" not in said


def test_a_broken_configuration_is_told(engine: Engine) -> None:
    config = engine.volume("/config", {"aggregator.toml": b'[polling]\nintervall = "10m"\n'})
    status, said = engine.once(options=LOCKED, volumes={config: "/config:ro"})
    assert status == 2
    assert "/config/aggregator.toml:2: polling.intervall" in said and 'did you mean "interval"?' in said


def test_a_database_of_the_release_before(engine: Engine, feeds: str) -> None:
    data = engine.volume("/data", {"aggregator.db": lzma.decompress(_OLD.read_bytes())})
    config = engine.volume("/config", configuration(1))
    volumes = {config: "/config:ro", data: "/data"}
    status, said = engine.once("sql", "--csv", "SELECT count(*) FROM posts", options=LOCKED, volumes=volumes)
    assert status == 0, said
    before = int(said.split()[-1])
    assert before > 50
    daemon = engine.start(options=[*LOCKED, *_QUICK, "--network", feeds], volumes=volumes)
    daemon.wait_for(lambda: daemon.health() == "healthy")
    daemon.wait_for(lambda: daemon.count("posts") >= before + 20)
    assert "aggregator.db.before-" in daemon.run("ls", "/data")
    assert daemon.seconds_to_stop() < SOON


def test_killed_and_started_again_it_goes_on(engine: Engine, feeds: str) -> None:
    data, config = engine.volume("/data"), engine.volume("/config", configuration(2))
    options, volumes = [*LOCKED, *_QUICK, "--network", feeds], {config: "/config:ro", data: "/data"}
    daemon = engine.start(options=options, volumes=volumes)
    daemon.wait_for(lambda: daemon.count("posts") >= 40)
    status, said = engine.once(options=options, volumes=volumes)
    assert status == 4, said  # a second one on the same file, in a container of its own
    before = daemon.count("posts")
    daemon.signal("KILL")
    assert daemon.status() == 137
    again = engine.start(options=options, volumes=volumes)
    again.wait_for(lambda: again.health() == "healthy")
    assert again.count("posts") >= before


def test_the_web_server_answers(engine: Engine, feeds: str) -> None:
    config = engine.volume("/config", configuration(2))
    settings = ["-e", "AGGREGATOR_SITE=/data/site", "-e", "AGGREGATOR_LISTEN=0.0.0.0:8000"]
    data = engine.volume("/data")
    volumes = {config: "/config:ro", data: "/data"}
    daemon = engine.start(options=[*LOCKED, *settings, "--network", feeds], volumes=volumes)
    daemon.wait_for(lambda: asked(daemon, 8000, "/health").startswith("200"))
    daemon.wait_for(lambda: asked(daemon, 8000, "/").startswith("200"))
    assert "aggregator_posts" in asked(daemon, 8000, "/metrics")
    assert asked(daemon, 8000, "/changes").startswith("403")  # no token is set
    # As the profile `site` of compose.yaml: a second container beside the daemon.
    beside = engine.start(
        "serve", "--listen", "0.0.0.0:8010", options=[*LOCKED, *settings, "--network", feeds], volumes=volumes
    )
    beside.wait_for(lambda: asked(beside, 8010, "/").startswith("200"))
    assert asked(beside, 8011, "/") == "nobody"
    assert beside.seconds_to_stop() < SOON


def asked(container: Container, port: int, path: str) -> str:
    """The status and the beginning of an answer, as one in the container gets it."""
    code = (
        "import urllib.error, urllib.request\n"
        f"try:\n    answer = urllib.request.urlopen('http://127.0.0.1:{port}{path}', timeout=10)\n"
        "except urllib.error.HTTPError as error:\n    print(error.code)\n"
        "except OSError:\n    print('nobody')\n"
        "else:\n    print(answer.status, answer.read(20000).decode())"
    )
    return container.python(code).strip()
