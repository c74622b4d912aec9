"""Files that a disk has spoilt, each in a way of its own: all are told of, none is changed, and nothing is raised."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from aggregator.engine.doctor.mend import mend_all
from aggregator.engine.doctor.subject import Subject
from aggregator.model.finding import Level
from tests.helpers.checkup import NOW, found_in
from tests.helpers.new_database import new_database
from tests.helpers.newsroom import fill

_PAGE = 4096


def spoilt(content: bytes, dice: random.Random) -> tuple[str, bytes]:
    """How, and what is left."""
    made, pages = bytearray(content), len(content) // _PAGE
    how = dice.choice(["bytes", "noise", "cut", "swapped", "zeros"])
    first, second = (dice.randrange(1, pages) * _PAGE for _ in range(2))
    if how == "bytes":
        for _ in range(dice.choice([1, 5, 50])):
            made[dice.randrange(len(made))] = dice.randrange(256)
    elif how == "noise":
        made[first : first + _PAGE] = dice.randbytes(_PAGE)
    elif how == "cut":
        del made[dice.randrange(len(made)) :]
    elif how == "swapped":
        one, other = made[first : first + _PAGE], made[second : second + _PAGE]
        made[first : first + _PAGE], made[second : second + _PAGE] = other, one
    else:
        made[first : first + _PAGE] = bytes(_PAGE)
    return how, bytes(made)


@pytest.mark.parametrize("seed", range(12))
def test_spoilt_files(tmp_path: Path, seed: int) -> None:
    made = new_database(tmp_path / "news.db", fill)
    made.close()
    content = made.path.read_bytes()
    dice, told = random.Random(seed), 0
    for _ in range(10):
        how, left = spoilt(content, dice)
        made.path.write_bytes(left)
        found = found_in(made.path, whole=True)
        assert made.path.read_bytes() == left
        assert how == "bytes" or left == content or any(each.level is Level.TROUBLE for each in found), how
        told += any(each.level is Level.TROUBLE for each in found)
        assert not any("report it" in each.remedy for each in found), found
        list(mend_all(Subject(made.path, NOW, whole=True), found))
    assert told > 3
