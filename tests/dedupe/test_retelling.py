"""One article told by two publishers, and floods: what is a copy, and what is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.dedupe import retelling
from aggregator.dedupe.candidates import Candidates
from aggregator.dedupe.told import Told
from aggregator.dedupe.verdict import New, verdict
from aggregator.model.post import Neighbours
from aggregator.text.words import words_of
from tests.helpers.build import NOW, make_enriched
from tests.helpers.stored import HERE, THERE, known_of, stored_as

TITLE = "Harbour town gets its ferry back after eleven years"
ONE = (
    "The ferry of Port Marlow sails again from May on, six times a day. Pupils ride for free, says the council, and a "
    "second boat follows in autumn."
)
OTHER = (
    "Six sailings a day, free for pupils: from May on Port Marlow has a ferry again, the council said. A second boat "
    "may follow in the autumn."
)


def _title_keys(title: str, language: str) -> tuple[int, ...]:
    return retelling.title_keys(words_of(title, ""), language)


def _copy_of(
    title: str, text: str, *, later: timedelta = timedelta(0), source: object = THERE, url: str | None = None
) -> tuple[int, str] | None:
    stored = make_enriched("1", title=TITLE, text=ONE)
    new = make_enriched("2", title=title, text=text, url=url, published_at=NOW + later)
    known = Candidates(Neighbours())
    known.add(stored_as(1, stored, HERE, at=NOW), HERE.id, "1", stored.bands)
    found = verdict(new, source, known)  # type: ignore[arg-type]
    assert isinstance(found, New)
    return (found.copy_of.post_id, found.copy_of.because) if found.copy_of else None


@pytest.mark.parametrize("title", [TITLE, "After eleven years the harbour town has its ferry back"])
def test_one_article_told_by_another_publisher_without_address_is_a_copy(title: str) -> None:
    found = _copy_of(title, OTHER)
    assert found is not None
    assert found[0] == 1
    assert found[1].startswith("same article retold: ")


@pytest.mark.parametrize(
    ("name", "title", "text", "options"),
    [
        ("another matter of the same town", "Harbour town elects its mayor after eleven years", "Ann Olden won.", {}),
        ("the next instalment", TITLE, OTHER, {"later": timedelta(days=6)}),
        ("the same source again", TITLE, OTHER, {"source": HERE}),
        ("an address of its own", TITLE, OTHER, {"url": "https://other.example/2"}),
        ("an equal title over another text", TITLE, "The mayor opened the flower show and praised its roses.", {}),
        ("an equal title over none", TITLE, "", {}),
        ("other numbers", "Harbour town gets its ferry 2 back after eleven years", OTHER, {}),
    ],
)  # fmt: skip
def test_what_is_not_the_same_article_is_no_copy(name: str, title: str, text: str, options: dict[str, object]) -> None:
    assert _copy_of(title, text, **options) is None, name  # type: ignore[arg-type]


def test_columns_of_one_name_are_no_copies() -> None:
    texts = [
        ONE,
        "Gardeners compare notes on slugs, snails, early frost and beans, then share seedlings and rhubarb wine.",
    ]
    one, other = (Told("Morning briefing", text, "en") for text in texts)
    assert not retelling.likeness(one, other).is_same
    assert retelling.likeness(one, Told("Morning briefing", OTHER, "en")).is_same


@pytest.mark.parametrize(
    ("title", "one", "other", "expected"),
    [
        # A long title that both texts speak of, in words of their own.
        (
            "Why I stopped keeping bees on my balcony",
            "Neighbours, swarms and a landlord: after four summers an amateur gave his bees away.",
            "An essay on what city people get wrong about bees, and on honey that nobody wanted.",
            True,
        ),
        # As long, but the name of a column, and the texts speak of nothing that it names.
        (
            "What we are reading this week about gardens",
            "A novel on lighthouse keepers, an essay on bread, and a comic from Peru.",
            "Diffusion papers, a robotics talk and three posts on compilers.",
            False,
        ),
        ("Weekly garden news roundup", "Slugs won in Leeds, and roses in Bath were judged.", "Rain. More rain.", False),
    ],
)
def test_texts_bear_out_an_equal_title(title: str, one: str, other: str, expected: bool) -> None:
    texts = (Told(title, text, "en") for text in (one, other))
    assert retelling.likeness(*texts).is_same is expected


def test_where_little_else_is_there_stop_words_count() -> None:
    text = "The terminal program of Gull writes the code, runs the tests and asks before it deletes anything."
    one, other = (Told(title, text, "en") for title in ("Gull Code on-the-go", "Gull Code and What Comes Next"))
    assert not retelling.likeness(one, other).is_same
    assert retelling.likeness(one, one._replace(title="Gull Code, on the go")).is_same


def test_like_titles_agree_in_a_key_and_others_do_not() -> None:
    mine = set(_title_keys(TITLE, "en"))
    assert mine & set(_title_keys("After eleven years the harbour town has its ferry back", "en"))
    assert not mine & set(_title_keys("Council approves the school budget for next year", "en"))
    assert _title_keys("Ferry", "en") == ()


def test_a_bot_that_posts_one_text_with_varying_links_is_one_post_and_copies() -> None:
    text = "Win a week on the islands with our lucky draw, only today and only for those who follow this link: "
    first = make_enriched("1", kind="status", text=f"{text}https://draw.example/a")
    known = known_of((first, HERE))
    for number in range(2, 5):
        again = make_enriched(f"{number}", kind="status", text=f"{text}https://draw{number}.example/b")
        found = verdict(again, HERE, known)
        assert isinstance(found, New) and found.copy_of is not None
        assert found.copy_of.post_id == 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("A critical look at the ferry", "A Critical Look at the Ferry!", True),
        ("A critical look at the ferry", "A critical look at the harbour", False),
        ("The week in ferries", "The week in ferries", False),
    ],
)
def test_a_long_title_is_that_of_one_article(one: str, other: str, expected: bool) -> None:
    assert retelling.is_same_long_title(one, other) is expected
