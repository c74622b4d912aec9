"""What more a source says of a stored post than its words."""

from __future__ import annotations

from typing import Any

import pytest

from aggregator.dedupe.identity import has_other_files
from aggregator.model.post import Enclosure
from aggregator.model.source import Source
from tests.helpers.build import make_enriched, make_source
from tests.helpers.stored import HERE, stored_as

FILE = Enclosure(url="https://cdn.example/a.mp3", media_type="audio/mpeg", length=5)


@pytest.mark.parametrize(
    ("said", "is_other"),
    [
        (FILE, False),
        (Enclosure(url=FILE.url, media_type="audio/mpeg", length=6), True),
        (Enclosure(url=FILE.url, media_type="audio/mpeg", length=5, description="A ferry at dawn"), True),
        (Enclosure(url=f"{FILE.url}?sig=b", media_type="audio/mpeg", length=5), True),
        (None, True),
    ],
)
def test_files_are_what_a_feed_says_of_them(said: Enclosure | None, is_other: bool) -> None:
    stored = stored_as(1, make_enriched(enclosures=(FILE,)), details=b"d")
    found = make_enriched(enclosures=(said,) if said else ())
    assert has_other_files(found.post, HERE, stored) is is_other


@pytest.mark.parametrize(
    ("source", "overrides"),
    [
        (make_source(2, kind="trends", url="https://social.example/explore/links"), {}),
        (HERE, {"details": None}),
        (HERE, {"is_gone": True}),
    ],
)
def test_but_not_what_a_list_of_links_says_nor_of_what_is_not_kept(source: Source, overrides: dict[str, Any]) -> None:
    stored = stored_as(1, make_enriched(enclosures=(FILE,)), **{"details": b"d", **overrides})
    assert not has_other_files(make_enriched().post, source, stored)
