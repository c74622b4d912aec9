"""Text in one line: for people, with the characters that their letters need; of machines, with what is seen alone."""

from __future__ import annotations

import pytest

from aggregator.text.terminal.characters import one_line, seen_line


@pytest.mark.parametrize(
    ("text", "seen", "kept"),
    [
        ("down for\n  an hour\r\n", "down for an hour", "down for an hour"),
        ("\x1b[31mred\x07", "[31mred", "[31mred"),
        ("half \ud800 a pair", "half a pair", "half a pair"),
        ("turned \u202e round", "turned round", "turned \u202e round"),
        ("na\u00efve – 日本", "na\u00efve – 日本", "na\u00efve – 日本"),
    ],
)
def test_lines(text: str, seen: str, kept: str) -> None:
    assert (seen_line(text), one_line(text)) == (seen, kept)
