"""docs/operations.md: every command has its place, and every trouble that can be tried has a row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from aggregator.cli.main import _COMMANDS, cli
from tests.helpers.hostile import SCENARIOS

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
COMMANDS = PAGE[PAGE.index("## Commands") : PAGE.index("## Exit status")]


@pytest.mark.parametrize("command", _COMMANDS)
def test_every_command_is_described(command: str) -> None:
    assert re.search(rf"`{command}\b", COMMANDS)


def options(command: click.Command) -> Iterator[str]:
    """The long options that its help shows, and those of the commands within it."""
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            yield next(name for name in option.opts if name.startswith("--"))
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from options(command.commands[name])


@pytest.mark.parametrize("command", _COMMANDS)
def test_every_option_stands_in_the_docs(command: str) -> None:
    docs = "\n".join(page.read_text("utf-8") for page in (Path(__file__).parents[2] / "docs").glob("*.md"))
    found = cli.get_command(click.Context(cli), command)
    assert found
    assert [name for name in options(found) if not re.search(rf"{name}\b", docs)] == []


def test_scenarios_that_the_page_names_can_be_tried() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE[PAGE.index("## Troubles") :], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z0-9.-]+)`", row)}
    assert len(named) > 40
    assert named - SCENARIOS.keys() == set()


def test_what_the_image_is_made_of_goes_to_the_builder() -> None:
    """`.dockerignore` leaves out all that it does not name."""
    root = Path(__file__).parents[2]
    let_in = {line[1:] for line in (root / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    lines = re.findall(r"^COPY (?!--from)(.*)$", (root / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    copied = {source for line in lines for source in line.split()[:-1]}
    assert len(copied) >= 6
    assert {source for source in copied if source.removeprefix("./") not in let_in} == set()
    assert all((root / source).exists() for source in copied)
