"""Which new posts the user's filters keep out, why, and that it is counted and can be looked up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.rules import PostFilter
from aggregator.pipeline.filters import Filters
from tests.helpers.build import make_enriched, make_source, make_taxonomy
from tests.helpers.poller_room import PollerRoom, article, url_of

SOURCE = make_source(1, title="Gazette")


def why(post: dict[str, Any], **given: Any) -> str | None:
    """Why a post is kept out by a filter, None if it is not."""
    values = {"name": "mine", "action": "drop", **given}
    enriched = make_enriched(taxonomy=make_taxonomy(acme=("Acme",)), **{"title": "Acme opens a shop", **post})
    found = Filters([PostFilter(**values)]).why_out(enriched, replace(SOURCE, folder="Press/Ports"))
    return found[1] if found else None


OUT = {
    "term": ({}, {"terms": ("opens … shop",)}, "term “opens a shop”"),
    "topic": ({}, {"topics": ("acme",)}, "topic acme"),
    "language": ({}, {"languages": ("en",)}, "language en"),
    "language-of-a-region": ({}, {"languages": ("en-GB",)}, "language en-GB"),
    "author": ({"author": "newsbot@social.example"}, {"authors": ("*BOT@*",)}, "author newsbot@social.example"),
    "kind": ({}, {"kinds": ("article",)}, "kind article"),
    "source": ({}, {"sources": ("gazet",)}, "every post of this source"),
    "folder": ({}, {"folders": ("Bay", "press")}, "every post of this folder"),
    "in-a-folder": (
        {},
        {"action": "keep", "folders": ("Press/Ports",), "languages": ("de",)},
        "not kept: languages none of de",
    ),
    "all-conditions": ({}, {"topics": ("acme",), "kinds": ("article",)}, "topic acme; kind article"),
    "not-kept": ({}, {"action": "keep", "languages": ("de", "fr")}, "not kept: languages none of de, fr"),
}
IN = {
    "no-such-term": ({}, {"terms": ("closes",)}),
    "one-condition-unmet": ({}, {"topics": ("acme",), "kinds": ("status",)}),
    "another-source": ({}, {"sources": ("courier",), "topics": ("acme",)}),
    "another-folder": ({}, {"folders": ("Pres", "Ports")}),
    "the-folder-of-another-source": ({}, {"sources": ("courier",), "folders": ("Press",)}),
    "whole-name-of-the-author": ({"author": "Anna"}, {"authors": ("Ann",)}),
    "no-author": ({}, {"authors": ("Ann",)}),
    "kept": ({}, {"action": "keep", "terms": ("shop", "bakery")}),
    "kept-elsewhere": ({}, {"action": "keep", "sources": ("courier",), "languages": ("de",)}),
}


@pytest.mark.parametrize(("post", "given", "because"), OUT.values(), ids=OUT.keys())
def test_kept_out(post: dict[str, Any], given: dict[str, Any], because: str) -> None:
    assert why(post, **given) == because


@pytest.mark.parametrize(("post", "given"), IN.values(), ids=IN.keys())
def test_stored(post: dict[str, Any], given: dict[str, Any]) -> None:
    assert why(post, **given) is None


def test_the_first_filter_that_keeps_a_post_out_is_named() -> None:
    filters = Filters(
        [
            PostFilter(name="a", action="keep", languages=("en",)),
            PostFilter(name="b", action="drop", terms=("shop",)),
            PostFilter(name="c", action="drop", kinds=("article",)),
        ]
    )
    found = filters.why_out(make_enriched(title="A shop"), SOURCE)
    assert found == ("b", "term “shop”")


def test_without_filters_everything_is_stored() -> None:
    assert not Filters()
    assert Filters().why_out(make_enriched(), SOURCE) is None


async def test_filtered_posts_are_counted_and_named_and_stored_ones_stay(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette")
    room.collect.posts(url_of("gazette"), [article("a", "Old ferry")])
    later = [article("a", "Old ferry sold"), article("b", "New ferry"), article("c", "Bread")]
    room.collect.posts(url_of("gazette"), later)
    await room.poll()
    room.config = replace(room.config, filters=(PostFilter(name="boats", action="drop", terms=("ferry",)),))
    room.poller = room.new_poller()
    (polled,) = await room.poll()
    assert (polled.new, polled.edited, polled.filtered) == (1, 1, 1)
    assert room.rows("SELECT title FROM posts ORDER BY id") == [("Old ferry sold",), ("Bread",)]
    assert room.rows("SELECT new, filtered FROM polls ORDER BY id DESC LIMIT 1") == [(1, 1)]
    assert room.rows("SELECT title, filter, because FROM filtered_posts") == [("New ferry", "boats", "term “ferry”")]
