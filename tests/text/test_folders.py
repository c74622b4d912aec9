"""Paths of folders: names within names, each folder by one path."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.folders import MOST_CHARACTERS, is_within, names_of, path_of


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("Press", ("Press",)),
        ("Press/Ports", ("Press", "Ports")),
        (" /Press // Ports/ ", ("Press", "Ports")),
        (r"AI\/ML/Papers", ("AI/ML", "Papers")),
        (r"C:\\News", ("C:\\News",)),
        (r"C:\News", ("C:\\News",)),
        ("Eins\nzwei", ("Eins zwei",)),
        ("/", ()),
        ("", ()),
    ],
)
def test_a_path_names_folders(path: str, names: tuple[str, ...]) -> None:
    assert names_of(path) == names


@given(st.lists(st.text(st.sampled_from("aB/\\ é"), min_size=1, max_size=6), max_size=5))
def test_each_folder_has_one_path(names: list[str]) -> None:
    clean = tuple(name for name in (" ".join(name.split()) for name in names) if name)
    assert names_of(path_of(names)) == clean


def test_of_a_path_too_long_the_outermost_folders_are_kept() -> None:
    assert path_of(["Press", "x" * 150, "y" * 60, "z"]) == f"Press/{'x' * 150}"
    assert len(path_of(["x" * 199])) == MOST_CHARACTERS - 1
    assert path_of(["x" * 199, "y"]) == "x" * 199
    assert path_of(["x" * 198, "y"]) == f"{'x' * 198}/y"


def test_of_a_name_too_long_the_beginning_is_kept() -> None:
    assert path_of(["x" * 300, "y"]) == "x" * MOST_CHARACTERS
    assert path_of([f"{'x' * 199} y"]) == "x" * 199
    assert names_of(path_of(["/" * 1000])) == ("/" * (MOST_CHARACTERS // 2),)


def test_a_name_has_one_form_however_it_is_written() -> None:
    assert path_of(["Ha\u0308fen"]) == path_of(["H\u00e4\u200bfen\u202e"]) == "Häfen"
    assert names_of("\u2066Ha\u0308fen") == ("Häfen",) and is_within("Häfen/Ost", "HA\u0308FEN")
    assert path_of(["\u0628\u200c\u0628"]) == "\u0628\u200c\u0628"


@pytest.mark.parametrize(
    ("path", "folder", "is_in"),
    [
        ("Press", "press", True),
        ("Press/Ports", "Press", True),
        ("Press/Ports", "Press/Ports/", True),
        ("Press", "Press/Ports", False),
        ("Pressure", "Press", False),
        (r"Press\/Ports", "Press", False),
        (None, "Press", False),
        ("Press", "", False),
    ],
)
def test_a_folder_holds_those_within_it(path: str | None, folder: str, is_in: bool) -> None:
    assert is_within(path, folder) is is_in
