"""What the image is made of: its labels, nothing of where it was built, nothing that another user could change."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aggregator import __version__
from tests.helpers.container import Engine, docker, new_name

pytestmark = [pytest.mark.container, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
[BASE] = re.findall(r"^ARG PYTHON_IMAGE=(.+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
_LABEL = "org.opencontainers.image."
# Of the base image; sticky, so that nobody can take another's file.
_FOR_ALL = {"/tmp", "/var/tmp", "/run/lock", "/data"}
_FIND = """
import os, stat
for folder, folders, files in os.walk('/'):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in ('/proc', '/sys', '/dev')]
    for name in folders + files:
        status = os.lstat(os.path.join(folder, name))
        if stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode):
            print(oct(status.st_mode), status.st_uid, os.path.join(folder, name))
"""
# A host that no registry has.
_HOST = "registry-of-the-builder.invalid"


def inspected(image: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads(docker("image", "inspect", image))
    return found[0]


def modes(engine: Engine, prepare: str = "") -> Iterator[tuple[int, int, str]]:
    """Of every file and folder: its mode, its owner, its path. `prepare`: what root does before."""
    code = prepare + _FIND
    status, said = engine.once("-c", code, options=["--user", "0"], entrypoint="python")
    assert status == 0, said
    for line in said.splitlines():
        mode, owner, path = line.split(maxsplit=2)
        yield int(mode, 8), int(owner), path


def for_anybody(engine: Engine, prepare: str = "") -> set[str]:
    """What user 10001, or anybody, may change."""
    return {path for mode, owner, path in modes(engine, prepare) if mode & 0o002 or owner == 10001}


def test_labels_say_what_it_is(engine: Engine) -> None:
    labels = inspected(engine.image)["Config"]["Labels"]
    assert labels[f"{_LABEL}title"] == "aggregator"
    assert labels[f"{_LABEL}version"] == __version__
    assert labels[f"{_LABEL}licenses"] == "MIT"
    assert labels[f"{_LABEL}description"]
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", labels[f"{_LABEL}revision"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", labels[f"{_LABEL}created"])
    assert labels[f"{_LABEL}base.name"].startswith("python:") or "/python:" in labels[f"{_LABEL}base.name"]
    assert {f"{_LABEL}source", f"{_LABEL}base.digest"} <= labels.keys()  # empty where nobody said


def test_the_program_says_the_version_of_the_label(engine: Engine) -> None:
    status, said = engine.once("--version")
    assert (status, said.strip()) == (0, f"aggregator, version {__version__}")


def test_how_it_runs(engine: Engine) -> None:
    config = inspected(engine.image)["Config"]
    assert config["User"] == "10001:10001"
    assert config["Healthcheck"]["Test"] == ["CMD", "aggregator", "health"]
    assert config["Entrypoint"][-1] == "aggregator" and config["Cmd"] == ["run"]
    assert set(config["Volumes"]) == {"/data"}


def test_nothing_can_be_changed_but_the_data(engine: Engine) -> None:
    assert for_anybody(engine) == _FOR_ALL
    opened = for_anybody(engine, "import os; os.chmod('/opt/aggregator/bin/aggregator', 0o777)\n")
    assert opened - _FOR_ALL == {"/opt/aggregator/bin/aggregator"}  # it would be found


def test_no_program_gives_the_rights_of_root(engine: Engine) -> None:
    found = {path for mode, _, path in modes(engine) if stat.S_ISREG(mode) and mode & 0o6000}
    assert found == set()
    opened = modes(engine, "import os; os.chmod('/bin/true', 0o4755)\n")
    assert [path for mode, _, path in opened if stat.S_ISREG(mode) and mode & 0o6000] == ["/usr/bin/true"]


def test_nothing_tells_where_it_was_built(engine: Engine) -> None:
    """Settings of pip, and the hosts that they name, stay in the stage that installs."""
    base, image, builder = os.environ.get("BUILD_IMAGE", BASE), new_name(), new_name()
    text = f"FROM {base}\nENV PIP_TRUSTED_HOST={_HOST}\nRUN echo '# {_HOST}' >> /etc/pip.conf\n"
    environment = {**os.environ, "BUILD_IMAGE": builder}
    try:
        docker("build", "--network", "none", "-t", builder, "-", given=text.encode())
        subprocess.run(
            [ROOT / ".ci" / "image", image, "-q", "--build-arg", "SEMANTIC=0"], env=environment, check=True,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        assert names_host(builder) == {"a file", "the history", "the settings"}  # it would be found
        assert names_host(image) == set()
    finally:
        docker("image", "rm", "-f", image, builder)
    assert names_host(engine.image) == set()


def names_host(image: str) -> set[str]:
    """Where in an image the host is named."""
    where = {"the history": docker("history", "--no-trunc", image), "the settings": docker("image", "inspect", image)}
    found = {name for name, text in where.items() if _HOST in text}
    return found | ({"a file"} if is_in_a_file(image) else set())


def is_in_a_file(image: str) -> bool:
    wanted, rest = _HOST.encode(), b""
    made = docker("create", image, "true").strip().splitlines()[-1]
    try:
        with subprocess.Popen(["docker", "export", made], stdout=subprocess.PIPE) as export:
            assert export.stdout
            found = False
            while block := export.stdout.read(1 << 22):
                found = found or wanted in rest + block
                rest = block[-len(wanted) :]
            return found
    finally:
        docker("rm", made)


def test_what_installs_is_not_in_it(engine: Engine) -> None:
    status, said = engine.once("-m", "pip", "--version", entrypoint="/opt/aggregator/bin/python")
    assert status == 1 and "No module named pip" in said
