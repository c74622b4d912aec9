"""What of a text may reach a terminal, and JSON that may."""

from __future__ import annotations

import json
import random
import unicodedata

import pytest

from aggregator.text.terminal.controls import escaped, visible, visible_styled

RANGES = (
    range(0x300), range(0x2000, 0x2100), range(0xDC00, 0xE000), range(0xE0000, 0xE0200), (0x61C, 0xFEFF, 0xFE0F),
)  # fmt: skip
FAMILY = "👨\u200d👩\u200d👧"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Port \x1b[31mopens\x1b[0m", "Port \ufffd[31mopens\ufffd[0m"),
        ("\x9b2Jgone\x07", "\ufffd2Jgone\ufffd"),
        ("tab\tline\r\nnext\u2028last\x85", "tab line next last "),
        ("photo\u202egnp.exe\u202c", "photognp.exe"),
        ("\u2066a\u2069\u2067b\u2068c\u202ad\u202be\u202cf\u202dg", "abcdefg"),
        ("\u200ba\u200e\u200f\u061c\ufeff\u2060\xad b\u034f", "a b"),
        ("hidden\U000e0041\U000e0042\U000e007f", "hidden"),
        ("a\u200db\u200cc", "abc"),  # joins neither emoji nor letters that join
        ("سلام\u200c\u200c دنیا", "سلام دنیا"),
        ("❤\ufe0f\ufe0f\ufe01", "❤\ufe0f"),
        ("x\U000e0101", "x"),
        ("\udcff", "\ufffd"),
    ],
)
def test_what_steers_or_hides_does_not_reach_a_terminal(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Fähre fährt – endlich", "猫の鳴き声", "e\u0301toile", FAMILY, "👩🏽\u200d💻", "❤\ufe0f\u200d🔥",
        SCOTLAND, "1\ufe0f\u20e3", "می\u200cخواهم",
        "क्\u200dष", "വന്\u200d", "葛\U000e0100飾", "שלום עולם", "a\xa0b", "",
    ],
)  # fmt: skip
def test_what_a_reader_would_miss_stays(text: str) -> None:
    assert visible(text) == text


def test_lines_stay_where_they_are_wanted() -> None:
    assert visible("a\tb\r\nc\x0bd\x1b", lines=True) == "a\tb\nc\nd\ufffd"


def test_own_styles_stay_and_those_of_others_do_not() -> None:
    text = "\x1b[1mhead\x1b[0m \x1b[31mred\u202e \x1b]0;title\x07"
    assert visible_styled(text) == "\x1b[1mhead\x1b[0m \ufffd[31mred \ufffd]0;title\ufffd"
    assert visible_styled(text, any_style=True) == "\x1b[1mhead\x1b[0m \x1b[31mred \ufffd]0;title\ufffd"


def test_json_is_the_same_and_has_no_control() -> None:
    dice = random.Random(22)
    for _ in range(300):
        text = "".join(chr(dice.choice(RANGES[dice.randrange(len(RANGES))])) for _ in range(20))
        made = escaped(json.dumps({text: [text]}, ensure_ascii=False, indent=2))
        assert json.loads(made) == {text: [text]}
        assert {unicodedata.category(char) for char in made.replace("\n", "")} & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()
    assert escaped(json.dumps("猫 é", ensure_ascii=False)) == '"猫 é"'
