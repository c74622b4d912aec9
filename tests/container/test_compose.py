"""compose.yaml by Compose itself, where there is one: it reads the file, and what is made of our image runs."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.container.conftest import ROOT
from tests.helpers.container import PATIENCE, SOON, Container, Engine, docker, new_name
from tests.helpers.yaml_files import read_yaml

pytestmark = [pytest.mark.container, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def compose(engine: Engine) -> list[str]:
    """The words that call it, of either kind."""
    assert engine
    if "Docker Compose" in docker("compose", "version", check=False):
        return ["docker", "compose"]
    if found := shutil.which("docker-compose"):
        return [found]
    pytest.skip("no Docker Compose")


def call(compose: list[str], *words: str | Path, status: int = 0) -> str:
    command = [*compose, *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=2 * PATIENCE)
    assert done.returncode == status, done.stderr
    return done.stdout


def test_it_reads_the_file(compose: list[str], tmp_path: Path) -> None:
    profiles = [word for name in ("site", "datasette", "metrics") for word in ("--profile", name)]
    found = call(compose, *profiles, "config", "--services").split()
    assert {"aggregator", "site", "datasette", "prometheus", "grafana"} <= set(found)
    wrong = tmp_path / "compose.yaml"
    wrong.write_text((ROOT / "compose.yaml").read_text("utf-8").replace("mem_limit:", "memory_limit:"), "utf-8")
    assert subprocess.run([*compose, "-f", wrong, "config"], capture_output=True, check=False).returncode != 0


@pytest.fixture
def project(compose: list[str], engine: Engine, tmp_path: Path) -> Iterator[list[str]]:
    """The daemon and its site, on a network that leads nowhere and that both share; all else as the file has it."""
    whole = read_yaml(ROOT / "compose.yaml")
    services = {name: whole["services"][name] for name in ("aggregator", "site")}
    for service in services.values():
        service.pop("ports", None)
        service.pop("build", None)
        service["image"] = engine.image
    services["aggregator"]["network_mode"] = "none"
    services["site"]["network_mode"] = "service:aggregator"
    services["site"]["command"] = ["serve", "--listen", "127.0.0.1:8010"]  # the port of the daemon is taken there
    file, name = tmp_path / "compose.yaml", new_name()
    with file.open("w", encoding="utf-8") as out:
        YAML(typ="safe", pure=True).dump({"version": "3.9", "services": services, "volumes": {"data": None}}, out)
    words = [*compose, "-p", name, "--project-directory", str(ROOT), "-f", str(file), "--profile", "site"]
    yield words
    call(words, "down", "-v", "-t", "5")


def test_the_profile_site(project: list[str]) -> None:
    call(project, "up", "-d", "--no-build")
    names = {
        json.loads(docker("inspect", "-f", "{{json .Config.Cmd}}", name))[0]: name
        for name in call(project, "ps", "-q").split()
    }
    assert names.keys() == {"run", "serve"}
    daemon, site = Container(names["run"], 0), Container(names["serve"], 0)
    daemon.wait_for(lambda: daemon.run("aggregator", "health", check=False).startswith("at work"))
    limits = json.loads(docker("inspect", "-f", "{{json .HostConfig}}", daemon.name))
    assert limits["ReadonlyRootfs"] and limits["CapDrop"] == ["ALL"] and limits["Memory"] == 768 * 2**20
    assert limits["LogConfig"]["Config"] == {"max-file": "3", "max-size": "10m"}
    code = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8010/').read()[:15])"
    site.wait_for(lambda: "doctype html" in site.run("python", "-c", code, check=False).lower())
    assert daemon.seconds_to_stop() < SOON
