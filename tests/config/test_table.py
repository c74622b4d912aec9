"""Tables of the file, made of settings classes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest

from aggregator.config.table import declared
from aggregator.model.keys import Whole, key, spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    most: Annotated[int, Whole(1, 9)] = key(3, "How many.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    folder: Path | None = key(None, "Where.", name="path")
    names: tuple[Annotated[int, Whole(1, 9)], ...] = key((), "Which.")
    limits: Limits = spread(Limits(), prefix="room_")
    counted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundless:
    count: int = key(3, "How many.")


def test_the_keys_of_a_class_are_its_declared_fields_those_of_spread_ones_included() -> None:
    found = [(each.name, each.is_list, each.default) for each in declared(Room)]
    assert found == [("path", False, None), ("names", True, ()), ("room_most", False, 3)]


def test_a_type_that_nothing_reads_is_named_with_its_key() -> None:
    with pytest.raises(TypeError, match=r"Boundless\.count: no kind of value is known for <class 'int'>.*bounds"):
        list(declared(Boundless))
