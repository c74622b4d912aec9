"""docs/operations.md, "Doctor": the checks in their order, with the remedies that the code names, and `--fix`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.engine.doctor.examine import CHECKS
from aggregator.engine.doctor.mend import WEIGHTS
from aggregator.storage.checkup.mending import FIXES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
SECTION = PAGE[PAGE.index("## Doctor") : PAGE.index("## Stopping")]
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", SECTION, re.MULTILINE))

MODULES = [*(ROOT / "aggregator/engine/doctor").glob("*.py"), *(ROOT / "aggregator/storage/checkup").glob("*.py")]


def test_the_checks_have_a_row_each_in_their_order() -> None:
    assert list(ROWS) == list(CHECKS)


def findings() -> Iterator[tuple[str, ast.Call]]:
    """Where the code makes a finding of trouble or a note: the name of its check, if it is said there."""
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if name in ("trouble", "note", "found") and isinstance(node, ast.Call) and node.args:
                check = node.args[0]
                if isinstance(check, ast.Constant) and isinstance(check.value, str):
                    yield check.value, node


def test_every_finding_is_of_a_check() -> None:
    named = {check for check, _ in findings()}
    assert named == set(CHECKS)


def test_what_fix_mends_stands_in_the_row_of_its_check() -> None:
    fixes: dict[str, set[str]] = {}
    for check, call in findings():
        for keyword in call.keywords:
            if keyword.arg == "fix" and isinstance(keyword.value, ast.Constant):
                fixes.setdefault(check, set()).add(str(keyword.value.value))
    assert set().union(*fixes.values()) == {*FIXES, WEIGHTS} - {"statistics"}
    missing = [(check, fix) for check, found in fixes.items() for fix in found if f"(`{fix}`" not in ROWS[check]
               and f", `{fix}`)" not in ROWS[check]]  # fmt: skip
    assert missing == []


def test_fixes_are_listed_and_which_are_refused_beside_a_daemon() -> None:
    told = SECTION[SECTION.index("**`--fix`**") :]
    first, refused = told.split("Nothing that an", 1)
    assert set(re.findall(r"`(\w+)`", first)) == {*FIXES, WEIGHTS}
    named = refused[: refused.index("are refused")]
    assert set(re.findall(r"`(\w+)`", named)) == {name for name, fix in FIXES.items() if fix.needs_alone}


def commands() -> set[str]:
    """The commands of this program that remedies name."""
    found: set[str] = set()
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            name = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
            plain = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if "command" in (name, plain) and isinstance(node, ast.Call) and isinstance(node.args[0], ast.Constant):
                found.add(str(node.args[0].value))
    return found - {"doctor"}


@pytest.mark.parametrize("command", sorted(commands()))
def test_commands_of_remedies_are_named(command: str) -> None:
    assert f"`aggregator {command}" in SECTION


def test_remedies_are_found_in_the_code() -> None:
    assert {"restore", "rebuild", "check", "backup", "publish", "health", "config"} <= commands()
