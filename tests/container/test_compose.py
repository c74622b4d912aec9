"""compose.yaml by Compose itself, where there is one: it reads the file, and what is made of our image runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.container.conftest import ROOT
from tests.helpers.container import PATIENCE, SOON, USER, Container, Engine, build, docker, new_name, server_of_feeds
from tests.helpers.yaml_files import read_yaml

FEEDS = [f"paper-{number}.example" for number in range(6)]
CLUSTER = (
    '[polling]\ninterval = "1s"\nmax_interval = "1s"\ndomain_spacing = "0s"\n'
    '[network]\nallow_private = ["127.0.0.0/8"]\n[log]\nformat = "json"\n'
    '[cluster]\nscheduler = "tls://scheduler:8786"\nca_file = "/cluster/ca.pem"\n'
    'cert_file = "/cluster/cert.pem"\nkey_file = "/cluster/key.pem"\n'
    + "".join(f'[[feeds]]\nurl = "http://{name}:9000/feed/{number}"\n' for number, name in enumerate(FEEDS))
)
# How many run in a container, but for the one that counts.
PROCESSES = "import os; print(sum(name.isdigit() for name in os.listdir('/proc')) - 1)"

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
    profiles = [word for name in ("site", "cluster", "datasette", "metrics") for word in ("--profile", name)]
    found = call(compose, *profiles, "config", "--services").split()
    assert {"aggregator", "site", "scheduler", "worker-1", "worker-2", "datasette", "prometheus", "grafana"} <= set(
        found
    )
    wrong = tmp_path / "compose.yaml"
    wrong.write_text((ROOT / "compose.yaml").read_text("utf-8").replace("mem_limit:", "memory_limit:"), "utf-8")
    assert subprocess.run([*compose, "-f", wrong, "config"], capture_output=True, check=False).returncode != 0


def services_of(image: str, *names: str) -> dict[str, Any]:
    """What the file says of these services, of this image and with no port of this machine."""
    whole = read_yaml(ROOT / "compose.yaml")
    services: dict[str, Any] = {name: whole["services"][name] for name in names}
    for service in services.values():
        for word in ("ports", "build", "networks"):
            service.pop(word, None)
        service["image"] = image
    return services


@contextmanager
def composed(
    compose: list[str], services: Mapping[str, Any], profile: str, project: Path, tmp_path: Path
) -> Iterator[list[str]]:
    """The words that call Compose on these services, whose files are in `project`; what was started is taken down."""
    file = tmp_path / "compose.yaml"
    with file.open("w", encoding="utf-8") as out:
        YAML(typ="safe", pure=True).dump({"version": "3.9", "services": services, "volumes": {"data": None}}, out)
    words = [*compose, "-p", new_name(), "--project-directory", str(project), "-f", str(file), "--profile", profile]
    try:
        yield words
    finally:
        call(words, "down", "-v", "-t", "5")


@pytest.fixture
def project(compose: list[str], engine: Engine, tmp_path: Path) -> Iterator[list[str]]:
    """The daemon and its site, on a network that leads nowhere and that both share; all else as the file has it."""
    services = services_of(engine.image, "aggregator", "site")
    services["aggregator"]["network_mode"] = "none"
    services["site"]["network_mode"] = "service:aggregator"
    services["site"]["command"] = ["serve", "--listen", "127.0.0.1:8010"]  # the port of the daemon is taken there
    with composed(compose, services, "site", ROOT, tmp_path) as words:
        yield words


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


def make_keys(folder: Path) -> None:
    """What `cluster/certificates` makes there, for the user of the image to read."""
    folder.mkdir()
    shutil.copy(ROOT / "cluster" / "certificates", folder)
    subprocess.run([folder / "certificates"], check=True, capture_output=True)
    for kind in ("scheduler", "worker", "daemon"):
        for path in (folder / kind, *(folder / kind).iterdir()):
            os.chown(path, USER, USER)


@pytest.fixture
def cluster(compose: list[str], engine: Engine, tmp_path: Path) -> Iterator[list[str]]:
    """The profile, of an image that has the extra, with keys of `cluster/certificates`, on one network that leads
    nowhere: there are the feeds too, whose names are none of the machine's own, so that workers get them."""
    if os.getuid() or not shutil.which("openssl"):
        pytest.skip("keys for the user of the image need root and openssl")
    image = f"{engine.image}-cluster"
    build(image, "--build-arg", "CLUSTER=1")
    make_keys(tmp_path / "cluster")
    config = tmp_path / "config"
    config.mkdir()
    (config / "aggregator.toml").write_text(CLUSTER, "utf-8")
    services = services_of(image, "aggregator", "scheduler", "worker-1", "worker-2")
    services["feeds"] = {"image": image, "entrypoint": ["python", "-c", server_of_feeds()], "command": []}
    for service in services.values():
        service["network_mode"] = "service:scheduler"
    services["scheduler"]["network_mode"] = "none"
    services["scheduler"]["extra_hosts"] = ["scheduler:127.0.0.1", *(f"{name}:127.0.0.1" for name in FEEDS)]
    with composed(compose, services, "cluster", tmp_path, tmp_path) as words:
        yield words


def test_the_profile_cluster(cluster: list[str]) -> None:
    call(cluster, "up", "-d", "--no-build")
    found = {
        name: Container(call(cluster, "ps", "-q", name).strip(), 0)
        for name in ("aggregator", "scheduler", "worker-1", "worker-2")
    }
    daemon = found["aggregator"]
    daemon.wait_for(
        lambda: any(event["event"] == "workers collect" and event["workers"] == 2 for event in daemon.events())
    )
    daemon.wait_for(lambda: daemon.count("posts") >= 20 * len(FEEDS))
    for name in ("worker-1", "worker-2"):
        # What reads documents is forked from a process that a worker starts with its first task.
        found[name].wait_for(lambda name=name: int(found[name].python(PROCESSES)) > 1)  # type: ignore[misc]
        mounts = json.loads(docker("inspect", "-f", "{{json .HostConfig.Binds}}", found[name].name))
        assert [mount.partition(":")[2] for mount in mounts] == ["/cluster:ro"]
    assert "the scheduler answers" in daemon.run("aggregator", "doctor")
    assert not [event for event in daemon.events() if event.get("level") in ("error", "critical")]
    assert daemon.seconds_to_stop() < SOON
