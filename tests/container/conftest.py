"""The image, built once, and what it is run with. Where no Docker engine answers all of it is skipped, and says so.

AGGREGATOR_TEST_IMAGE names an image that is there already, as a release does; else `.ci/image` builds one, with
PYTHON_IMAGE, BUILD_IMAGE and DOCKER_BUILD_NETWORK from the environment.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.container import Engine, build, docker, has_engine, remove_all

ROOT = Path(__file__).parents[2]
_FIGURES = pytest.StashKey[dict[str, str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_FIGURES] = {}


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> dict[str, str]:
    """What was measured; told at the end."""
    return request.config.stash[_FIGURES]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for what, figure in config.stash[_FIGURES].items():
        terminalreporter.write_line(f"container: {what}: {figure}")


@pytest.fixture(scope="session")
def engine(figures: dict[str, str]) -> Iterator[Engine]:
    if not has_engine():
        pytest.skip("no Docker engine answers")
    image = os.environ.get("AGGREGATOR_TEST_IMAGE", "")
    if not image:
        image = "aggregator-test"
        build(image)
    size = int(docker("image", "inspect", "-f", "{{.Size}}", image))
    base = docker("image", "inspect", "-f", "{{.Size}}", os.environ.get("PYTHON_IMAGE", "-"), check=False).strip()
    ours = f", {(size - int(base)) / 1e6:.0f} MB of it ours" if base.isdigit() else ""
    figures["image, unpacked"] = f"{size / 1e6:.0f} MB{ours}"
    try:
        yield Engine(image)
    finally:
        remove_all()


@pytest.fixture(scope="session")
def feeds(engine: Engine) -> Iterator[str]:
    """The network with feeds that change all the time, as `--network` has it."""
    with engine.feeds() as network:
        yield network
