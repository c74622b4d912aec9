"""What containers are made and started with: the Dockerfile, compose.yaml and the lines that the docs show."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from aggregator.cli.main import _COMMANDS
from aggregator.config.environment import VARIABLES
from tests.helpers.documented import documented_runs
from tests.helpers.yaml_files import against, read_yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "compose.yaml"
SERVICES: dict[str, dict[str, Any]] = read_yaml(COMPOSE)["services"]
PROFILES = {
    "site": {"site"}, "datasette": {"datasette"}, "metrics": {"prometheus", "grafana"},
    "cluster": {"scheduler", "worker-1", "worker-2"},
}  # fmt: skip
# What the page about metrics brings.
OF_METRICS = {"./config/prometheus", "./config/dashboards"}

DOCUMENTED = documented_runs()


def lint(text: str) -> tuple[int, str]:
    """What hadolint says of a Dockerfile."""
    tool = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([tool, "-"], input=text, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_hadolint_finds_nothing() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert lint(text) == (0, "")
    status, said = lint(f"{text}RUN cd /tmp && sudo apt-get install curl\n")
    assert status == 1 and {"DL3003", "DL3004"} <= set(re.findall(r"DL\d{4}", said))


def test_nothing_of_it_is_ignored() -> None:
    assert "hadolint" not in (ROOT / "Dockerfile").read_text("utf-8")
    assert not [path for path in ROOT.iterdir() if "hadolint" in path.name]


def test_compose_fits_its_specification(tmp_path: Path) -> None:
    assert against("vendor.compose-spec", COMPOSE) == (True, "ok -- validation done\n")
    wrong = tmp_path / "compose.yaml"
    wrong.write_text(COMPOSE.read_text("utf-8").replace("mem_limit:", "memory_limit:"), "utf-8")
    assert not against("vendor.compose-spec", wrong)[0]


def test_profiles() -> None:
    found: dict[str, set[str]] = {}
    for name, service in SERVICES.items():
        for profile in service.get("profiles", []):
            found.setdefault(profile, set()).add(name)
    assert found == PROFILES
    assert [name for name, service in SERVICES.items() if "profiles" not in service] == ["aggregator"]


@pytest.mark.parametrize("name", SERVICES)
def test_each_is_locked_up_and_bounded(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert service["mem_limit"]
    assert "privileged" not in service and "network_mode" not in service
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert ":" in service["image"] or service["image"] == "aggregator"  # a version, no "latest"


def test_what_is_mounted_is_there() -> None:
    mounts = [mount.split(":") for service in SERVICES.values() for mount in service["volumes"]]
    files = {mount[0] for mount in mounts if mount[0].startswith(".")}
    assert {path for path in files - OF_METRICS if not (ROOT / path).exists()} == set()
    assert files >= OF_METRICS
    assert all(mount[-1] == "ro" for mount in mounts if mount[0].startswith("."))
    assert {mount[0] for mount in mounts} - files == read_yaml(COMPOSE)["volumes"].keys()


def test_settings_and_commands_that_are_named_exist() -> None:
    for service in SERVICES.values():
        named = {name for name in service.get("environment", {}) if name.startswith("AGGREGATOR_")}
        assert named <= VARIABLES.keys()
    assert SERVICES["site"]["command"][0] in _COMMANDS
    commented = re.findall(r"# (AGGREGATOR_\w+):", COMPOSE.read_text("utf-8"))
    assert commented and set(commented) <= VARIABLES.keys()


def test_datasette_is_started_as_the_docs_do() -> None:
    command = SERVICES["datasette"]["command"]
    assert command[command.index("--metadata") + 1] == "/config/datasette.json"
    assert (ROOT / "config" / "datasette.json").exists()
    assert Path(command[command.index("8001") + 1]).stem in (ROOT / "config" / "datasette.json").read_text("utf-8")


def test_keys_of_a_cluster_go_where_they_belong() -> None:
    """Into no image, no archive, and no container but that of their owner."""
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in ignored and not [line for line in ignored if line.startswith("!cluster")]
    assert ignored.index("config/cluster") > ignored.index("!config")  # the last line that fits is the one that counts
    built = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["sdist"]
    assert [each for each in built["include"] if each.startswith("/cluster")] == ["/cluster/certificates"]
    assert "/config/cluster" in built["exclude"]
    seen = {name: [each for each in service["volumes"] if "cluster" in each] for name, service in SERVICES.items()}
    assert {name: mounts for name, mounts in seen.items() if mounts} == {
        "aggregator": ["./cluster/daemon:/cluster:ro"],
        "scheduler": ["./cluster/scheduler:/cluster:ro"],
        "worker-1": ["./cluster/worker:/cluster:ro"],
        "worker-2": ["./cluster/worker:/cluster:ro"],
    }
    assert not [each for each in (ROOT / "config").rglob("*") if each.suffix in {".pem", ".key"}]


@pytest.mark.parametrize("folder", ["scheduler", "worker", "daemon"])
def test_folders_of_keys_are_there_without_keys(folder: str) -> None:
    """Docker makes a folder that is not there, as root's. And nothing of them is ever committed."""
    assert (ROOT / "cluster" / folder / ".gitignore").read_text("utf-8") == "*\n!.gitignore\n"
    assert "/authority/" in (ROOT / "cluster" / ".gitignore").read_text("utf-8").splitlines()


def test_workers_share_a_network_with_the_scheduler_alone() -> None:
    networks = {name: set(service.get("networks", ["default"])) for name, service in SERVICES.items()}
    reached = {name for name in SERVICES if networks[name] & networks["worker-1"]}
    assert reached == {"scheduler", "worker-1", "worker-2"}
    assert networks["scheduler"] & networks["aggregator"]
    assert read_yaml(COMPOSE)["networks"].keys() == {"workers"}


def test_dask_answers_over_http_to_its_own_machine_alone() -> None:
    """It does so without a dashboard as well, without TLS and to everybody, if it is not told."""
    lines = [" ".join(SERVICES[name]["entrypoint"]) for name in ("scheduler", "worker-1", "worker-2")]
    text = (ROOT / "docs" / "scale.md").read_text("utf-8").replace("\\\n", " ")
    lines += (shown := re.findall(r"^ *dask .*$", text, re.MULTILINE))
    assert len(shown) == 2
    assert [line for line in lines if "--dashboard-address 127.0.0.1:0" not in line] == []


def test_grafana_asks_prometheus_and_shows_the_folder_of_dashboards() -> None:
    [source] = read_yaml(ROOT / "config" / "grafana" / "prometheus.yaml")["datasources"]
    assert source["url"] == "http://prometheus:9090" and "prometheus" in SERVICES
    [provider] = read_yaml(ROOT / "config" / "grafana" / "dashboards.yaml")["providers"]
    assert f"./config/dashboards:{provider['options']['path']}:ro" in SERVICES["grafana"]["volumes"]


def test_lines_of_the_docs_are_for_docker_20_too() -> None:
    """A relative folder on the left of -v is a name of a volume there, and a wrong one."""
    assert len(DOCUMENTED) >= 3
    for line in DOCUMENTED:
        words = shlex.split(line)
        mounts = [words[place + 1] for place, word in enumerate(words) if word == "-v"]
        assert mounts == ["aggregator-data:/data", "$PWD/config:/config:ro"], line
        assert "--read-only" in words and "--cap-drop" in words
        assert '"$PWD/config:/config:ro"' in line  # a folder may have a space in its name


def test_prometheus_asks_the_daemon_by_the_name_of_its_service() -> None:
    folder = ROOT / "config" / "prometheus"
    alone, composed = (read_yaml(folder / f"{name}.yml") for name in ("prometheus", "compose"))
    assert "--config.file=/etc/prometheus/compose.yml" in SERVICES["prometheus"]["command"]
    [job], [other] = alone["scrape_configs"], composed["scrape_configs"]
    assert other["static_configs"] == [{"targets": ["aggregator:8000"]}] and "aggregator" in SERVICES
    assert composed | {"scrape_configs": [other | {"static_configs": job["static_configs"]}]} == alone
