"""The lines of the docs, as an operator types them in a checkout: each starts a daemon that is healthy."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
from pathlib import Path

import pytest

from aggregator.config import load_config
from tests.container.conftest import ROOT
from tests.helpers.container import PATIENCE, SOON, Container, Engine, new_name
from tests.helpers.documented import documented_commands, documented_runs

pytestmark = [pytest.mark.container, pytest.mark.timeout(300)]


def typed(line: str, image: str) -> Container:
    """A container that the line started, under a name, a volume and a network of the test's own, to nowhere."""
    name = new_name()
    line = line.replace("--name aggregator", f"--name {name} --network none")
    line = line.replace("-v aggregator-data:", f"-v {name}:")
    assert line.endswith(" aggregator")
    line = line.removesuffix("aggregator") + shlex.quote(image)
    begun = time.monotonic()
    subprocess.run(line, shell=True, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, timeout=PATIENCE)
    return Container(name, begun)


@pytest.mark.skipif(
    not os.environ.get("DOCKER_HOST", "unix:").startswith("unix:"),
    reason="the engine is elsewhere: it sees no folder of ours",
)
@pytest.mark.parametrize("line", documented_runs())
def test_a_line_of_the_docs(engine: Engine, line: str) -> None:
    daemon = typed(line, engine.image)
    daemon.wait_for(lambda: daemon.run("aggregator", "health", check=False).startswith("at work"))
    owner = str((ROOT / "config" / "aggregator.toml").stat().st_uid)
    refused = daemon.run("sh", "-c", "echo >> /config/aggregator.toml", check=False, user=owner)
    assert "Read-only file system" in refused
    told = daemon.run("aggregator", "sources", "--json")
    sources = json.loads(told[told.index("[") :])  # behind what standard error says: there is no network
    assert len(sources) > 50  # those of the file that is shipped
    assert daemon.seconds_to_stop() < SOON
    assert daemon.state()["ExitCode"] == 0


@pytest.mark.parametrize(
    "line", [each.text for each in documented_commands() if each.text.startswith("docker run --rm aggregator init ")]
)
def test_a_file_of_ones_own_out_of_the_image(engine: Engine, line: str, tmp_path: Path) -> None:
    (tmp_path / "beat").mkdir()
    typed = line.replace("--rm aggregator", f"--rm --network none {shlex.quote(engine.image)}")
    subprocess.run(typed, shell=True, check=True, cwd=tmp_path, timeout=PATIENCE)
    config = load_config(tmp_path / "beat" / "aggregator.toml", {})
    assert [source.kind for source in config.sources] == ["feed"] and [rule.topic for rule in config.rules] == [
        "ferries"
    ]
