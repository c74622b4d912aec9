"""What the nouns of the site say of themselves."""

from __future__ import annotations

from tests.publish.feeds.builder import BRUECKE, make_post, make_story


def test_publishers_stand_in_order_of_arrival() -> None:
    posts = (make_post(1), make_post(2, BRUECKE), make_post(3))
    assert [voice.name for voice in make_story(posts=posts).publishers] == ["Harbour Ledger", "Signalbrücke"]
