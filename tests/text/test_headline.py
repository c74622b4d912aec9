"""What a post is called."""

from __future__ import annotations

import pytest

from aggregator.text.headline import headline


@pytest.mark.parametrize(
    ("title", "text", "url", "expected"),
    [
        ("A title", "A text", "https://a.example/", "A title"),
        ("", "Two\nlines", None, "Two lines"),
        ("", "", "https://a.example/", "https://a.example/"),
        ("", "", None, "(no title)"),
        ("", "word " * 60, None, ("word " * 24).strip() + " …"),
    ],
)
def test_headlines(title: str, text: str, url: str | None, expected: str) -> None:
    assert headline(title, text, url) == expected
