"""What tests of addresses share: an article's address, the same inside another, and rows of cases."""

from __future__ import annotations

from urllib.parse import quote

import pytest

ARTICLE = "https://example.org/2025/news"
# Written otherwise, as the parameter of a redirect.
GO = quote("http://www.example.org/2025/news?utm_source=x", safe="")


def named(*rows: tuple[object, ...]) -> list[object]:
    """Rows for parametrize: the first cell is the row's name."""
    return [pytest.param(*row[1:], id=str(row[0])) for row in rows]
