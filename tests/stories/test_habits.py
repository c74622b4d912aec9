"""What a publisher's newest posts repeat, counted in the window of the open stories."""

from __future__ import annotations

from aggregator.stories.earlier.habits import NEWEST
from aggregator.stories.index import StoryIndex
from aggregator.stories.overlay import Overlay
from tests.helpers.grouping import new_index, post

QUAY = "quay.example"


def _having(index: StoryIndex, titles: list[str], first_id: int = 1, voice: str = QUAY) -> Overlay:
    """The posts of a publisher, each a story; the last ones not accepted yet."""
    for number, title in enumerate(titles, first_id):
        overlay = Overlay(index)
        overlay.start(number, post(number, title, voice=voice))
        index.accept(overlay)
    return Overlay(index)


def test_how_many_of_its_posts_have_a_word() -> None:
    overlay = _having(new_index(), ["Tug offers", "Wendel tug offers", "Marlow fog"])
    assert {word: overlay.habits(QUAY)[word] for word in ("tug", "wendel", "fog", "pier")} == {
        "tug": 2, "wendel": 1, "fog": 1, "pier": 0,
    }  # fmt: skip


def test_what_others_say_is_not_its_habit() -> None:
    index = new_index()
    _having(index, ["Tug race"], voice="courier.example")
    overlay = _having(index, ["Marlow fog"], first_id=9)
    assert overlay.habits(QUAY)["tug"] == 0
    assert overlay.habits("nobody.example") == {}


def test_what_this_batch_brought_counts_too() -> None:
    overlay = _having(new_index(), ["Tug offers"])
    overlay.start(9, post(9, "Tug fair", voice=QUAY))
    assert overlay.habits(QUAY)["tug"] == 2


def test_only_its_newest_posts_count() -> None:
    overlay = _having(new_index(), ["Tug offers", *(f"Fog report {chr(97 + n % 26)}{n}" for n in range(NEWEST))])
    assert overlay.habits(QUAY)["tug"] == 0
    assert overlay.habits(QUAY)["fog"] == NEWEST


def test_what_is_gone_counts_no_more() -> None:
    index = new_index()
    _having(index, ["Tug offers", "Tug fair"])
    index.arrivals.leave_out(1)
    assert Overlay(index).habits(QUAY)["tug"] == 1
    index.arrivals.leave_out(2)
    assert Overlay(index).habits(QUAY) == {}
