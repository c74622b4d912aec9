"""The beginning of a text, cut as a reader would."""

from __future__ import annotations

import pytest

from aggregator.text.excerpt import shortened


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("The ferry returns", "The ferry returns"),
        ("The ferry returns to Port Marlow after eleven years of repairs", "The ferry…"),
        ("The ferry, which was away for eleven years, is back again", "The ferry…"),
        ("ferryferryferryferryferryferryferryferryferryferry", "ferryfer…"),
        ("fe\u0301rry" * 20, ("fe\u0301rry" * 20)[:9] + "…"),  # never between a letter and its accent
        ("abcdefge\u0301\u0316" + "x" * 60, "abcdefge\u0301\u0316…"),
    ],
)
def test_a_long_text_ends_with_a_word(text: str, cut: str) -> None:
    assert shortened(text, 8) == cut
