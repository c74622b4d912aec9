"""The workflow of releases: as GitHub reads it, with what it needs and no more, by the commands of this house."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.yaml_files import against, read_yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / ".github" / "workflows" / "release.yml"
TEXT = FILE.read_text("utf-8")
FLOW: dict[str, Any] = read_yaml(FILE)
JOBS: dict[str, dict[str, Any]] = FLOW["jobs"]
_PINNED = re.compile(r"^\s*- uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def steps() -> Iterator[dict[str, Any]]:
    for job in JOBS.values():
        yield from job["steps"]


def scripts() -> list[str]:
    return [step["run"] for step in steps() if "run" in step]


def test_it_is_a_workflow(tmp_path: Path) -> None:
    assert against("vendor.github-workflows", FILE)[0]
    wrong = tmp_path / "release.yml"
    for text in (TEXT.replace("runs-on:", "runs_on:"), TEXT.replace("packages: write", "packages: all")):
        wrong.write_text(text, "utf-8")
        assert text != TEXT and not against("vendor.github-workflows", wrong)[0]


def test_it_begins_with_a_tag_alone() -> None:
    assert FLOW["on"] == {"push": {"tags": ["v*"]}}


def test_what_others_wrote_is_named_by_its_commit() -> None:
    lines = [line for line in TEXT.splitlines() if "uses:" in line]
    assert len(lines) >= 8
    assert [line for line in lines if not _PINNED.match(line)] == []
    by_name: dict[str, set[str]] = {}
    for line in lines:
        name, _, version = line.split("uses: ")[1].partition("@")
        by_name.setdefault(name, set()).add(version)
    assert all(len(versions) == 1 for versions in by_name.values())


def test_it_has_no_secret_and_each_job_what_it_needs() -> None:
    assert not re.search(r"\bsecrets(\.\w|\[)", TEXT)
    assert FLOW["permissions"] == {}
    signs = {"id-token": "write", "attestations": "write"}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "files": {"contents": "read", **signs},
        "image": {"contents": "read", "packages": "write", **signs},
        "draft": {"contents": "write"},
    }
    checkouts = [step for step in steps() if step.get("uses", "").startswith("actions/checkout")]
    assert checkouts and all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_no_text_of_others_becomes_part_of_a_script() -> None:
    """Values come by the environment."""
    assert scripts() and not any("${{" in script for script in scripts())


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.split("\n")[0][:40])
def test_scripts_can_be_read_by_bash(script: str) -> None:
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_commands_and_files_that_are_named_are_there() -> None:
    together = "\n".join(scripts())
    targets = set(re.findall(r"\bmake ([\w./-]+)", together))
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert {"release", "audit", "container"} <= targets
    assert [target for target in targets if not re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE)] == []
    assert {name for name in re.findall(r"\.ci/\w+", together) if not (ROOT / name).exists()} == set()
    options = set(re.search(r'RELEASE="([^"]*)"', together)[1].split()) & {"--strict", "--no-image", "--notes"}  # type: ignore[index]
    assert options == {"--strict", "--no-image", "--notes"}
    assert all(f'"{option}"' in (ROOT / ".ci" / "release.py").read_text("utf-8") for option in options)


def test_the_image_is_for_both_and_says_where_it_came_from() -> None:
    [pushes] = [script for script in scripts() if "--push" in script]
    assert (
        "--platform linux/amd64,linux/arm64" in pushes and "--provenance=mode=max" in pushes and "--sbom=true" in pushes
    )
    [resolves] = [script for script in scripts() if "imagetools inspect" in script]
    assert 'PYTHON_IMAGE=$base@$digest" >> "$GITHUB_ENV"' in resolves


def test_nothing_is_pushed_before_its_tests() -> None:
    image = [step.get("run", step.get("uses", "")) for step in JOBS["image"]["steps"]]
    tested = next(place for place, step in enumerate(image) if "make container" in step)
    pushed = next(place for place, step in enumerate(image) if "--push" in step)
    assert tested < pushed
    assert JOBS["image"]["needs"] == "files" and JOBS["draft"]["needs"] == ["files", "image"]
    assert "--draft" in JOBS["draft"]["steps"][-1]["run"]


def test_the_first_base_image_of_the_dockerfile_is_the_one_that_is_resolved() -> None:
    """By the very command of the workflow, with an engine that says what it is asked."""
    [script] = [script for script in scripts() if "imagetools inspect" in script]
    said = 'docker() { echo \'"sha256:abc"\'; echo "$@" >&2; }\nGITHUB_ENV=/dev/stdout\n'
    environment = {"GITHUB_REPOSITORY": "Some/Where", "GITHUB_REF_NAME": "v1.2.3", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", "-e", "-c", said + script], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        "PYTHON_IMAGE=python:3.13-slim-bookworm@sha256:abc",
        "IMAGE=ghcr.io/some/where",
        "VERSION=1.2.3",
    ]
    assert "imagetools inspect python:3.13-slim-bookworm" in done.stderr
