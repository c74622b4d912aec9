"""The house: how large and how well described its rooms are, and what import contracts can't see. Read with `ast`.

Who may import whom, and which modules a pure room may not import, stands in pyproject.toml; `lint-imports` holds it.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "aggregator"

# A longer module asks whether it is one job.
MOST_LINES = 400
MOST_MODULES = 20
MOST_FUNCTION_LINES = 40

PURE = {"model", "text", "topics", "dedupe", "stories", "pipeline"}

# Modules outside `storage` with SQL in them: questions that the demo shows its user to ask. This list only shrinks.
HAVE_SQL = {"cli/demo/command.py"}

# The commands are imported when they are asked for.
IMPORT_BY_NAME = {"cli/main.py"}

_SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|PRAGMA|BEGIN|COMMIT|WITH)\s+[\w(\"*]")
_CLOCK_AND_DICE = {"now", "utcnow", "today", "time", "monotonic", "perf_counter", "random"}

MODULES = sorted(ROOT.rglob("*.py"))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _definitions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node


def _public(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Public functions and classes, methods included; nested functions are nobody's business."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body)


def _is_overload(node: ast.AST) -> bool:
    return any(isinstance(name, ast.Name) and name.id == "overload" for name in getattr(node, "decorator_list", ()))


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_modules_are_short_and_say_what_they_are(path: Path) -> None:
    assert ast.get_docstring(_tree(path))
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_functions_are_short(path: Path) -> None:
    long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in _definitions(path)
        if not isinstance(node, ast.ClassDef) and node.end_lineno is not None
    }
    assert {name: lines for name, lines in long.items() if lines > MOST_FUNCTION_LINES} == {}


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_everything_public_says_what_it_is(path: Path) -> None:
    silent = [node.name for node in _public(_tree(path).body) if not ast.get_docstring(node) and not _is_overload(node)]
    assert silent == []


def _strings(path: Path) -> Iterator[str]:
    """The string constants of a module and the beginnings of its f-strings; docstrings left out."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(_tree(path))
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def _called(path: Path) -> set[str]:
    """The names of all functions and methods that a module calls."""
    functions = (node.func for node in ast.walk(_tree(path)) if isinstance(node, ast.Call))
    return {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in functions
        if isinstance(node, ast.Attribute | ast.Name)
    }


def test_the_rooms_are_few() -> None:
    entries = {path.name for path in ROOT.iterdir()} - {"__init__.py", "__main__.py", "py.typed", "__pycache__"}
    assert len(entries) <= 12
    assert all((ROOT / entry).is_dir() for entry in entries)


def test_no_folder_has_more_modules_than_can_be_read_at_a_glance() -> None:
    folders = Counter(path.parent for path in MODULES if path.name != "__init__.py")
    assert {str(folder): modules for folder, modules in folders.items() if modules > MOST_MODULES} == {}


@pytest.mark.parametrize("path", [path for path in MODULES if _room(path) in PURE], ids=_name)
def test_pure_rooms_open_no_file_and_ask_for_no_clock_and_no_chance(path: Path) -> None:
    assert not _called(path) & (_CLOCK_AND_DICE | {"open"})


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_nothing_is_imported_by_name(path: Path) -> None:
    if _name(path) not in IMPORT_BY_NAME:
        assert not _called(path) & {"import_module", "__import__"}


def test_sql_stands_in_storage_alone() -> None:
    with_sql = {_name(path) for path in MODULES if any(_SQL.match(text) for text in _strings(path))}
    assert {name for name in with_sql if not name.startswith("storage/")} == HAVE_SQL
