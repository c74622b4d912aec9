"""The house: who may look at whom, and how large and how well described its rooms are. Read with `ast`.

`LAYERS` is the plan. A room is a module, or a package with everything in it. To add one, write it where it belongs: it
may import the rooms named beside it, and those they stand on where `also` would be long.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "aggregator"

MOST_LINES = 300
MOST_FUNCTION_LINES = 40

# What every room may use: values and words, no work.
NOUNS = {"model", "meaning", "timelines", "errors", "rules", "changes", "__init__"}

# Each leaf works on plain values and sees what stands beside it.
LEAVES: dict[str, set[str]] = {
    "settings": set(),
    "garbage": set(),
    "log": {"settings"},
    "expressions": set(),
    "url_policy": set(),
    "url_wrappers": {"url_policy"},
    "urls": {"url_policy", "url_wrappers"},
    "text": set(),
    "words": {"text"},
    "html": set(),
    "forms": {"text"},
    "terms": {"forms", "text", "expressions"},
    "pieces": {"forms", "terms"},
    "phrases": {"pieces", "forms", "terms", "expressions"},
    "weighing": set(),
    "similarity": {"words"},
    "vectors": {"text", "words"},
    "evidence": set(),
    "semantic": set(),
    "sense": set(),
    "extra": {"semantic", "sense", "settings"},
    "postings": set(),
    "arrivals": set(),
    "retold": {"text", "words"},
    "furniture": {"text"},
    "known": set(),
    "schedule": set(),
    "politeness": {"settings", "urls"},
    "opml": {"urls"},
    "budget": set(),
}

# What knows about news, one thing each.
TRADES: dict[str, set[str]] = {
    "places": {"forms", "text"},
    "finder": {"phrases", "pieces", "forms", "terms", "places"},
    "topics": {"finder", "forms", "places", "weighing"},
    "filters": {"finder", "places"},
    "polled": {"schedule"},
    "dedupe": {"known", "retold", "similarity", "text", "words"},
    "stories": {"evidence", "furniture", "sense", "vectors"},
    "by_meaning": {"evidence", "stories", "vectors"},
    "story_index": {"evidence", "stories", "furniture", "postings", "arrivals", "sense"},
    "draft": {"stories", "by_meaning", "story_index", "furniture", "postings", "arrivals", "sense", "vectors"},
    "second_thoughts": {"evidence", "stories", "by_meaning", "arrivals", "draft", "vectors"},
    "coverage": {"stories", "draft", "vectors", "words"},
    "placing": {"stories", "draft"},
}

# Post by itself; posts together. Pure both.
BRAINS: dict[str, set[str]] = {
    "enrich": {"urls", "text", "words", "retold", "similarity", "vectors", "places", "topics"},
    "decide": {"known", "dedupe", "extra", "stories", "draft", "coverage", "placing", "polled", "filters"},
}

# The outside world, and the only rooms that do input and output. Blind to each other.
EDGES: dict[str, set[str]] = {
    "sources": {"enrich", "topics", "text", "html", "urls", "settings", "schedule"},
    "storage": {"similarity", "stories", "text", "vectors"},
    "config": {"settings", "topics", "terms", "urls", "text", "expressions", "extra"},
}

# What brings them together.
ORDER: dict[str, set[str]] = {
    "meant": {"storage", "text", "filters"},
    "memory": {"storage", "arrivals", "extra", "stories", "story_index", "decide", "settings"},
    "rebuild": {"storage", "topics", "known", "dedupe", "retold", "similarity", "words", "settings"},
    "regrouping": {
        "memory",
        "storage",
        "extra",
        "sense",
        "placing",
        "coverage",
        "stories",
        "story_index",
        "draft",
        "second_thoughts",
        "decide",
        "vectors",
        "words",
        "settings",
    },
    "underway": set(),
    "slices": set(),
    "rebuild_stories": {"regrouping", "rebuild", "meant", "extra", "storage", "settings"},
    "saver": {
        *(
            "meant",
            "slices",
            "storage",
            "memory",
            "decide",
            "filters",
            "draft",
            "story_index",
            "second_thoughts",
            "politeness",
            "settings",
        ),
    },
    "poller": {"saver", "sources", "storage", "politeness", "budget", "settings", "underway"},
    "daemon": {"poller", "memory", "arrivals", "extra", "storage", "sources", "config", "topics", "settings", "log"},
    "demo": {"html", "urls"},
}

LAYERS = {**{noun: set() for noun in NOUNS}, **LEAVES, **TRADES, **BRAINS, **EDGES, **ORDER}

# May import everything; nothing imports them.
TOP = {"cli", "__main__"}

# Data in a package: a docstring is all the code there is.
DATA = {"taxonomy"}

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
    assert {_room(path) for path in MODULES} - TOP - DATA <= set(LAYERS)


def test_the_plan_has_no_stairs_that_go_up() -> None:
    done = set(NOUNS)
    waiting = {room: needs for room, needs in LAYERS.items() if room not in done}
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
    allowed = LAYERS.get(room, set()) | NOUNS | {room}
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
    pure = {*LEAVES, *TRADES, *BRAINS} - {"log", "settings"}
    for path in MODULES:
        if _room(path) in pure:
            called = {
                node.func.attr
                for node in ast.walk(_tree(path))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            }
            assert not called & forbidden, f"{_name(path)} calls {sorted(called & forbidden)}"
