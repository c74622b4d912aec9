"""What a person writes to search for, and what FTS5 makes of it."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.text.typed.search_words import Sought, sought

SIGNS = ("(", ")", '"', "*", "^", "-", ":")
PIECES = ("ferry", "C++", ".NET", "gpt-5", "AND", "OR", "NOT", "mod*", "title:x", "犬", *SIGNS)


@pytest.mark.parametrize(
    ("written", "expression", "signed"),
    [
        ("ferry harbour", '"ferry" "harbour"', ()),
        ("gpt-5", '"gpt-5"', ()),
        ("C++", '"C++"', ("C++",)),
        ("C#, F# and .NET", '"C#," "F#" "and" ".NET"', ("C#", "F#", ".NET")),
        ("A sentence. Another…", '"A" "sentence." "Another…"', ()),
        ('"C++ and C"', '"C++ and C"', ("C++",)),
        ("C++ OR Rust", '"C++" OR "Rust"', ()),
        ("mod*", '"mod"*', ()),
        ("title:gpt-5", 'title : "gpt-5"', ()),
        ("re:publica", '"re:publica"', ()),
        ('"AND"', '"AND"', ()),
        ("and not", '"and" "not"', ()),
        ("a AND NOT b", '"a" NOT "b"', ()),
        ("(a OR b) c", '( "a" OR "b" ) AND "c"', ()),
        (":-) ferry", '"ferry"', ()),
    ],
)
def test_what_is_made_of_it(written: str, expression: str, signed: tuple[str, ...]) -> None:
    found = sought(written)
    assert (found.expression.split(), found.signed) == (expression.split(), signed)


@pytest.fixture(scope="module")
def index() -> sqlite3.Connection:
    conn = sqlite3.connect(":memory:")
    conn.execute("CREATE VIRTUAL TABLE words USING fts5(text, title, attached)")
    return conn


def is_query(index: sqlite3.Connection, expression: str) -> bool:
    try:
        index.execute("SELECT 1 FROM words WHERE words MATCH ?", (expression,)).fetchall()
    except sqlite3.OperationalError:
        return False
    return True


def read(written: str) -> Sought | None:
    try:
        return sought(written)
    except ValueError:
        return None


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=7), st.sampled_from([" ", ""]))
def test_what_is_made_is_a_query_and_no_query_is_refused(
    index: sqlite3.Connection, pieces: list[str], between: str
) -> None:
    written = between.join(pieces)
    found = read(written)
    if found:
        assert is_query(index, found.expression)
    elif any(char.isalnum() for char in written):
        assert not is_query(index, written)
