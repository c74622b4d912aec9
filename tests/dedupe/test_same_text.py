"""Posts that share their text: one article at two addresses, or different news from one template."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.dedupe.document import Document
from aggregator.dedupe.verdict import New, Same, verdict
from aggregator.model.post import Enclosure
from tests.helpers.build import NOW, make_enriched
from tests.helpers.stored import HERE, THERE, known_of, stored_as

LONG = (
    "The harbour town gets its ferry back after eleven years. From May on it sails six times a day, the council said, "
    "and pupils ride for free. A second boat follows in autumn if enough people use the first one. The old boat was "
    "sold to an island further north when the bridge was opened, and since then whoever works on the other side has "
    "driven for an hour. The council pays for half of the new service from the tolls of the bridge, and the region for "
    "the rest. Shops on both quays expect visitors to come back, and the school will send its classes to the museum."
)
TEMPLATE = (
    "We are hiring in {place}. You will build boats with a small crew that looks after forty harbours. We offer a "
    "canteen, a pension, a room with a view and two weeks at sea. Write to us and say what you have built so far."
)


def _copy_id(found: New | Same) -> int | None:
    assert isinstance(found, New)
    return found.copy_of.post_id if found.copy_of else None


def _is_copy(one: dict[str, object], other: dict[str, object], *, at_one_source: bool) -> bool:
    common: dict[str, object] = {"title": "Ferry returns", "published_at": NOW}
    first = make_enriched("1", **{"url": "https://harbour.example/1", **common, **one})  # type: ignore[arg-type]
    second = make_enriched("2", **{"url": "https://gazette.example/2", **common, **other})  # type: ignore[arg-type]
    return _copy_id(verdict(second, HERE if at_one_source else THERE, known_of((first, HERE)))) is not None


# ---------------------------------------------------------------- one source

SHORT = "From May on the ferry sails six times a day, the council said."


@pytest.mark.parametrize(
    ("name", "one", "other", "expected"),
    [
        ("a slug corrected: the same words at the same moment", {"text": SHORT}, {"text": SHORT}, True),
        (
            "the same words a day later",
            {"text": SHORT},
            {"text": SHORT, "published_at": NOW + timedelta(days=1)},
            False,
        ),
        ("a page moved: a long text", {"text": LONG}, {"text": LONG, "published_at": NOW + timedelta(days=1)}, True),
        ("last year's", {"text": LONG, "published_at": NOW - timedelta(days=365)}, {"text": LONG}, False),
        ("one number changed", {"text": f"{LONG} 2025"}, {"text": f"{LONG} 2026"}, False),
        ("another title over a long text", {"text": LONG}, {"text": LONG, "title": "Bridge closed"}, False),
        ("one word changed", {"text": SHORT}, {"text": SHORT.replace("May", "June")}, False),
        ("a teaser and the whole", {"text": LONG[:200]}, {"text": LONG}, True),
        ("too few words", {"text": "New photos"}, {"text": "New photos"}, False),
    ],
)
def test_one_source_says_an_article_again(
    name: str, one: dict[str, object], other: dict[str, object], expected: bool
) -> None:
    assert _is_copy(one, other, at_one_source=True) is expected, name
    # So it is with two feeds of one site, but that nobody knows what the other one shows now.
    site = {"url": "https://harbour.example/2"}
    assert _is_copy(one, {**other, **site}, at_one_source=False) is (expected and "moved" not in name), name


@pytest.mark.parametrize(
    ("titles", "texts"),
    [
        (["Boat builder", "Sail maker", "Rigger"], [TEMPLATE.format(place=p) for p in ("Varna", "Kiel", "Brest")]),
        (["Boat builder"] * 3, [TEMPLATE.format(place=place) for place in ("Varna", "Kiel", "Brest")]),
        (
            ["Kestrel", "Osprey", "Heron guide"],
            ["Link: see the page. Comments: none. Votes: few. Be the first one."] * 3,
        ),
        (
            [f"Storm warning for {name} district" for name in ("Adler", "Bergen", "Corvo")],
            [
                f"The weather office warns of storms in {name} district until Sunday. Stay away from sea walls, tie "
                "down what may fly, and do not drive unless you must. Trains may stand still. Boats stay in port."
                for name in ("Adler", "Bergen", "Corvo")
            ],
        ),
    ],
)
def test_posts_of_one_template_are_no_copies(titles: list[str], texts: list[str]) -> None:
    posts = [
        make_enriched(f"{n}", title=title, text=text, url=f"https://board.example/{n}", published_at=NOW)
        for n, (title, text) in enumerate(zip(titles, texts, strict=True))
    ]
    for number, post in enumerate(posts):
        assert _copy_id(verdict(post, HERE, known_of(*((before, HERE) for before in posts[:number])))) is None
        # Nor at two publishers who use it.
        moved = make_enriched("x", title=titles[number], text=texts[number], url="https://other.example/x")
        if number and titles[number] != titles[0]:
            assert _copy_id(verdict(moved, THERE, known_of((posts[0], HERE)))) is None


def test_episodes_with_one_description_are_no_copies() -> None:
    first, second, again = (
        {"text": LONG, "enclosures": (Enclosure(url=f"https://cdn.example/{name}.mp3"),)} for name in ("a", "b", "a")
    )
    assert not _is_copy(first, second, at_one_source=True)
    assert _is_copy(first, again, at_one_source=True)


def test_much_news_of_one_template_at_once_replaces_nothing() -> None:
    texts = [TEMPLATE.format(place=place) for place in ("Varna", "Kiel")]
    stored = make_enriched("1", title="Boat builder", text=texts[0], url="https://board.example/1", published_at=NOW)
    new = make_enriched(
        "2", title="Boat builder", text=texts[1], url="https://board.example/2", published_at=NOW + timedelta(days=1)
    )
    assert isinstance(verdict(new, HERE, known_of((stored, HERE)), is_flood=True), New)
    moved = make_enriched("2", title="Boat builder", text=texts[0], url="https://b.example/2", published_at=NOW)
    assert isinstance(verdict(moved, HERE, known_of((stored, HERE)), is_flood=True), Same)


NOTE = "The ferry to the northern islands sails again from Monday on, tickets are sold at the quay and on board"


# ---------------------------------------------------------------- two publishers


@pytest.mark.parametrize(
    ("name", "one", "other", "expected"),
    [
        ("an agency's text", {"text": LONG}, {"text": LONG, "title": "Harbour town has its ferry back"}, True),
        ("cut", {"text": LONG}, {"text": LONG[:230]}, True),
        ("lightly edited", {"text": LONG}, {"text": LONG.replace("region", "county")}, True),
        ("another number", {"text": LONG}, {"text": LONG.replace("eleven", "twelve")}, False),
        ("months later", {"text": LONG}, {"text": LONG, "published_at": NOW + timedelta(days=90)}, False),
        ("short, and the same", {"text": SHORT}, {"text": SHORT}, True),
        ("short, and nearly the same", {"text": SHORT}, {"text": SHORT.replace("six", "nine")}, False),
        ("an equal title alone", {"title": "The ferry returns to Port Marlow after eleven years"},
         {"title": "The ferry returns to Port Marlow after eleven years"}, False),
        ("what every post carries", {"text": TEMPLATE}, {"text": TEMPLATE, "title": "Choir sings on Sunday"}, False),
        ("another number in the title", {"text": LONG, "title": "Ferry 1"}, {"text": LONG, "title": "Ferry 2"}, False),
    ],
)  # fmt: skip
def test_two_addresses_are_one_article_by_their_text_alone(
    name: str, one: dict[str, object], other: dict[str, object], expected: bool
) -> None:
    assert _is_copy(one, other, at_one_source=False) is expected, name


def test_two_reports_of_one_event_with_like_titles_are_no_copies() -> None:
    one = "Gull is in early talks to sell shares at a value of five billion, people who know of it say."
    other = (
        "The sale would let people who work for Gull cash out, at a value of five billion, a third more than before."
    )
    title = "Gull in talks to sell shares at five billion"
    assert not _is_copy({"title": title, "text": one}, {"title": title, "text": other}, at_one_source=False)


ROAD = (
    "{road} will be closed from Monday to Friday while the {firm} lays new pipes below. Buses go by the ring road, and "
    "who lives there can reach the houses on foot. The council asks drivers to leave more time for their way to work."
)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("one title, two places", {"title": "Notice of closure", "text": ROAD.format(road="Mill Lane", firm="town")},
         {"title": "Notice of closure", "text": ROAD.format(road="Castle Street", firm="town")}),
        ("no titles", {"title": "", "text": ROAD.format(road="Mill Lane", firm="town")},
         {"title": "", "text": ROAD.format(road="Castle Street", firm="town")}),
        ("a place in one title", {"title": "Road closed", "text": LONG},
         {"title": "Road closed in Baker County", "text": LONG}),
        ("in Chinese", {"text": "东湖路从周一到周五封闭施工，公交车改道环城路，附近居民可以步行回家，请司机提前出门。"},
         {"text": "西山街从周一到周五封闭施工，公交车改道环城路，附近居民可以步行回家，请司机提前出门。"}),
        ("other news over the same background", {"text": f"Gull is in talks to buy Tern, people say. {LONG}"},
         {"text": f"After months of talks the shareholders of Tern agreed on Friday to be taken over. {LONG}"}),
        ("a teaser quoted", {"text": LONG[:230]},
         {"text": f"Good news from the far north: {LONG[:230]} {NOTE} So I packed at once. {TEMPLATE}"}),
        ("one description, other files", {"text": LONG, "enclosures": (Enclosure(url="https://a.example/1.mp3"),)},
         {"text": LONG, "enclosures": (Enclosure(url="https://b.example/2.mp3"),)}),
    ],
)  # fmt: skip
def test_words_that_are_swapped_are_the_news(name: str, one: dict[str, object], other: dict[str, object]) -> None:
    assert not _is_copy(one, other, at_one_source=False), name


def test_two_that_stand_side_by_side_are_two() -> None:
    def decided(*posts: dict[str, object]) -> list[int | None]:
        enriched = [
            make_enriched(f"{n}", **{"title": "Engineer", "published_at": NOW, **post})  # type: ignore[arg-type]
            for n, post in enumerate(posts, 1)
        ]
        known = known_of()
        document = Document(enriched, HERE, known)
        copies: list[int | None] = []
        for post_id, post in enumerate(enriched, 1):
            copies.append(_copy_id(verdict(post, HERE, known, document=document)))
            known.add(stored_as(post_id, post), HERE.id, post.post.native_id, post.bands)
            document.note(post_id)
        return copies

    teaser = "We look for somebody who mends boats and likes the sea, in a town by the bay."
    urls = [{"url": f"https://board.example/{n}"} for n in range(2)]
    assert decided(*({"text": teaser, **url} for url in urls)) == [None, None]
    # A page at length that a document has twice is one page.
    assert decided(*({"text": LONG, **url} for url in urls)) == [None, 1]
    assert decided(*({"text": LONG, "published_at": NOW - timedelta(days=n), **url} for n, url in enumerate(urls))) == [
        None, None,
    ]  # fmt: skip


def test_a_typing_error_is_corrected_with_the_slug() -> None:
    assert _is_copy({"title": "Ferry retruns to the bay", "text": SHORT},
                    {"title": "Ferry returns to the bay", "text": SHORT}, at_one_source=True)  # fmt: skip
    assert not _is_copy({"title": "Eastern ferry returns", "text": SHORT},
                        {"title": "Western ferry returns", "text": SHORT}, at_one_source=True)  # fmt: skip


# ---------------------------------------------------------------- statuses


@pytest.mark.parametrize(
    ("name", "one", "other", "expected"),
    [
        ("two accounts, the same words", {"author": "ann@a.example"}, {"author": "bo@b.example"}, True),
        ("two accounts, nearly the same", {"author": "ann@a.example"},
         {"author": "bo@b.example", "text": f"{NOTE} as well"}, True),
        ("one account says it again", {"author": "ann@a.example"}, {"author": "ann@a.example"}, True),
        ("one account's template", {"author": "ann@a.example"},
         {"author": "ann@a.example", "text": NOTE.replace("northern", "southern")}, False),
        ("one account says it again ten days later", {"author": "ann@a.example", "published_at": NOW},
         {"author": "ann@a.example", "published_at": NOW + timedelta(days=10)}, False),
        ("one account, another picture",
         {"author": "ann@a.example", "enclosures": (Enclosure(url="https://a.example/1.png"),)},
         {"author": "ann@a.example", "enclosures": (Enclosure(url="https://a.example/2.png"),)}, False),
        ("two bots with one template", {"author": "ann@a.example"},
         {"author": "bo@b.example", "text": NOTE.replace("northern", "southern")}, False),
        ("one account, two pages", {"author": "ann@a.example", "article_url": "https://paper.example/1"},
         {"author": "ann@a.example", "article_url": "https://paper.example/2"}, False),
        ("two accounts, two shorteners", {"author": "ann@a.example", "article_url": "https://sho.example/1"},
         {"author": "bo@b.example", "article_url": "https://rt.example/2"}, True),
    ],
)  # fmt: skip
def test_statuses_of_the_same_words(
    name: str, one: dict[str, object], other: dict[str, object], expected: bool
) -> None:
    first, second = (
        make_enriched(f"{n}", kind="status", **{"text": NOTE, "url": f"https://s.example/{n}", **given})  # type: ignore[arg-type]
        for n, given in enumerate((one, other))
    )
    assert (_copy_id(verdict(second, THERE, known_of((first, HERE)))) is not None) is expected, name
