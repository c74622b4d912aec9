"""docs/operations.md: every command has its place, and every trouble that can be tried has a row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aggregator.cli.main import _COMMANDS
from tests.helpers.hostile import SCENARIOS

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
COMMANDS = PAGE[PAGE.index("## Commands") : PAGE.index("## Exit status")]


@pytest.mark.parametrize("command", _COMMANDS)
def test_every_command_is_described(command: str) -> None:
    assert re.search(rf"`{command}\b", COMMANDS)


def test_scenarios_that_the_page_names_can_be_tried() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE[PAGE.index("## Troubles") :], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z0-9.-]+)`", row)}
    assert len(named) > 40
    assert named - SCENARIOS.keys() == set()
