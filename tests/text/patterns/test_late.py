"""Patterns that are compiled when they are first asked."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

import aggregator
from aggregator.text.patterns.late import compile_all, late_pattern


def test_a_late_pattern_answers_as_a_compiled_one() -> None:
    late, plain = late_pattern(r"(\w)(\d+)", re.IGNORECASE), re.compile(r"(\w)(\d+)", re.IGNORECASE)
    text = "a1 B22 -- c333"
    for _ in range(2):
        assert late.findall(text) == plain.findall(text)
        assert late.sub(r"\2\1", text) == plain.sub(r"\2\1", text)
        assert [found.span() for found in late.finditer(text)] == [found.span() for found in plain.finditer(text)]
        assert late.search("--") is None and late.match("b5 c") and not late.fullmatch("b5 c")
        assert (late.pattern, late.flags, late.groups) == (plain.pattern, plain.flags, plain.groups)
        assert late.split(text) == plain.split(text)


def test_nothing_is_compiled_before_it_is_asked() -> None:
    wrong = late_pattern("(")
    with pytest.raises(re.error, match="unterminated"):
        wrong.search("x")
    with pytest.raises(AttributeError):
        wrong.nothing_of_a_pattern  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(re.error, match="unterminated"):
        compile_all()


def test_all_that_wait_are_compiled_at_once() -> None:
    compile_all()
    late = late_pattern("a+")
    assert "search" not in vars(late)
    compile_all()
    assert "search" in vars(late)
    assert vars(late)["search"]("xaa").group() == "aa"


def test_there_is_no_mistake_in_any_of_the_programs_own() -> None:
    root = Path(aggregator.__file__).parent
    using = [path for path in root.rglob("*.py") if "= late_pattern(" in path.read_text()]
    assert len(using) > 10
    for path in using:
        import_module(".".join(("aggregator", *path.relative_to(root).with_suffix("").parts)))
    compile_all()
