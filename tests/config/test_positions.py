"""In which line each key of a TOML text stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.positions import line_of, positions

DOCUMENT = '''\
title = "x"
a.b."c d" = 1

[storage]  # with a comment
path = "x"
text = """
[not] = "a table"
feeds = 1
"""

[[feeds]]
url = "one"
topics = [
  "a",  # ]
  { term = "b", weight = 1 },
]
[feeds.more]
key = 'x'

[[feeds]]
url = "two"
[[feeds.deep]]
x = 1
[[feeds.deep]]
x = { y = { z = 1 } }
[topics . "open-source"]
not = [1979-05-27 07:32:00, 2]
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("title",), 1),
        (("a",), 2),
        (("a", "b", "c d"), 2),
        (("storage",), 4),
        (("storage", "text"), 6),
        (("feeds",), 11),
        (("feeds", 0), 11),
        (("feeds", 0, "url"), 12),
        (("feeds", 0, "topics", 0), 14),
        (("feeds", 0, "topics", 1, "weight"), 15),
        (("feeds", 0, "more", "key"), 18),
        (("feeds", 1, "url"), 21),
        (("feeds", 1, "deep", 1, "x", "y", "z"), 25),
        (("topics", "open-source", "not", 1), 27),
    ],
)
def test_each_key_has_its_line(place, line):
    assert positions(DOCUMENT)[place] == line


def test_what_is_missing_has_the_line_of_the_table_around_it():
    found = positions(DOCUMENT)
    assert line_of(found, ("feeds", 1, "title")) == 20
    assert line_of(found, ("nowhere", "at", "all")) == 1
    assert line_of({}, ("x",)) == 1


def places(value: object, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a document, as tomllib sees it."""
    if place:
        yield place
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*place, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from places(inner, (*place, i))


VALUES = st.sampled_from(
    [
        *('"a"', '""', '"\\""', '"\\\\"', "'a'", "''", "'\\'", '"# ]"', "-1_000", "0xff", "1e5", "inf", "true"),
        *("1979-05-27", "1979-05-27 07:32:00", "1979-05-27T07:32:00-07:00", "07:32:00"),
        *('"""\n[x]\nb = 1\n"""', '"""a\\"""b"""', '"""a"""""', '""""a"""', '""""""', '"""\\\n  """'),
        *("'''\n# no\n[[y]]'''", "''''a'''''", "''''''"),
        *("[]", "[1, 2]", '[\n  "a", # ]\n  [ [], "]" ],\n]', "[\n# nothing\n]", "[ { a = 1 }, {} ]"),
        *("{}", "{ a = 1, b.c = '}' }", '{ "k 1" = [1, { d = 2 }] }'),
    ]
)
KEYS = st.sampled_from(["k", "k-1", '"a.b"', "'# ='", "x . y", 'x."y"', '"\\u00e9"'])
SPACES = st.sampled_from(["", " ", "\t", "  "])
HEADERS = st.sampled_from(["[{}]", "[[{}]]", "[ {} ]", "[{}.deep]", '[{}."e f".g]', "[{}] # [[x]]"])
FILLERS = st.sampled_from(["", "\n", "# [comment]\n", "\t# x = 1\n"])


@st.composite
def documents(draw) -> tuple[str, dict[tuple[str | int, ...], int]]:
    """A TOML text, and the lines of its headers and keys."""
    text, lines = "", {}
    for i in range(draw(st.integers(0, 5))):
        table = f"t{i}"
        for _ in range(draw(st.integers(1, 3))):
            text += draw(FILLERS)
            header = draw(HEADERS) if (table,) not in lines else "[[{}]]" if (table, 0) in lines else None
            if header is None:
                break
            lines.setdefault((table,), text.count("\n") + 1)
            if header == "[[{}]]":
                index = sum(1 for place in lines if len(place) == 2 and place[0] == table)
                lines[(table, index)] = text.count("\n") + 1
            text += header.format(table) + "\n"
            for j in range(draw(st.integers(0, 3))):
                text += draw(FILLERS) + draw(SPACES)
                key, value = draw(KEYS), draw(VALUES)
                text += f"n{j}.{key}{draw(SPACES)}={draw(SPACES)}{value}{draw(SPACES)}# x\n"
    return text, lines


@given(documents())
def test_every_place_that_the_parser_sees_is_found_and_no_other(document):
    text, lines = document
    found = positions(text)
    assert set(found) == set(places(tomllib.loads(text)))
    assert {place: found[place] for place in lines} == lines


@given(VALUES, st.integers(0, 5))
def test_what_a_value_hides_does_not_move_the_lines_behind_it(value, blank):
    text = "\n" * blank + f"a = {value}\nlast = 1\n"
    assert positions(text)[("a",)] == blank + 1
    assert positions(text)[("last",)] == text.count("\n")
