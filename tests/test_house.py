"""The house: who may look at whom, and how large and how well described its rooms are. Read with `ast`.

`LAYERS` is the plan. A room is a package with everything in it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "aggregator"

MOST_LINES = 300
MOST_FUNCTION_LINES = 40

# Each room may import those named beside it; rooms that are not named are blind to each other.
LAYERS: dict[str, set[str]] = {
    "model": set(),
    "text": {"model"},
    "topics": {"model", "text"},
    "dedupe": {"model", "text"},
    "stories": {"model", "text"},
    "pipeline": {"model", "text", "topics", "dedupe", "stories"},
    "sources": {"model", "text", "topics", "pipeline"},
    "storage": {"model", "text", "dedupe", "stories"},
    "config": {"model", "text", "topics", "stories"},
    "engine": {"model", "text", "topics", "dedupe", "stories", "pipeline", "sources", "storage", "config"},
}

PURE = {"model", "text", "topics", "dedupe", "stories", "pipeline"}

# May import everything; nothing imports them.
TOP = {"cli", "__main__", "__init__"}

MODULES = sorted(ROOT.rglob("*.py"))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imported_rooms(path: Path) -> set[str]:
    """The rooms of ours that a module imports, wherever in the module."""
    found: set[str] = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{_name(path)}: relative import"
            if node.module == "aggregator":
                found |= {name.name for name in node.names}
            elif node.module and node.module.startswith("aggregator."):
                found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {name.name.split(".")[1] for name in node.names if name.name.startswith("aggregator.")}
    return {room for room in found if not room.startswith("__")}


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


def test_every_room_is_in_the_plan() -> None:
    assert {_room(path) for path in MODULES} - TOP == set(LAYERS)


def test_the_plan_has_no_stairs_that_go_up() -> None:
    done: set[str] = set()
    waiting = dict(LAYERS)
    while waiting:
        ready = {room for room, needs in waiting.items() if needs <= done}
        assert ready, f"these import each other in a circle: {sorted(waiting)}"
        done |= ready
        waiting = {room: needs for room, needs in waiting.items() if room not in ready}


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_imports_go_down(path: Path) -> None:
    room = _room(path)
    if room in TOP:
        return
    allowed = LAYERS[room] | {room}
    assert _imported_rooms(path) <= allowed, f"{_name(path)} may import {sorted(allowed)}"


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


def test_the_pure_core_asks_for_no_clock_and_no_chance() -> None:
    forbidden = {"now", "utcnow", "today", "time", "monotonic", "random"}
    for path in MODULES:
        if _room(path) in PURE:
            called = {
                node.func.attr
                for node in ast.walk(_tree(path))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            }
            assert not called & forbidden, f"{_name(path)} calls {sorted(called & forbidden)}"
