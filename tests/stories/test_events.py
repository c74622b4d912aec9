"""What is one event and what is not: reports as newsrooms write them, among other news of these days."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from aggregator.stories.merging import Merge, second_thoughts
from aggregator.stories.overlay import Overlay
from tests.helpers.build import NOW
from tests.helpers.grouping import new_index, place_all, post

HOUR = timedelta(hours=1)
Report = tuple[str, str]

OTHER_NEWS = [
    "Council approves school budget after long night", "Museum buys forty old clocks from a private collection",
    "Bakers on strike for better pay at night in the capital", "Bridge closed for repairs until the end of September",
    "Orchard owners count their losses after late frost", "Harbour fees rise again this autumn",
    "Court stops felling of lime trees at the station", "Hospital trains nurses in a ward of its own",
    "Library lends out tools and sewing machines", "Train drivers agree on a new timetable",
    "Vineyards report the earliest harvest in decades", "University opens laboratory for batteries",
    "Police find stolen violin in a left luggage locker", "Swimming pool stays shut for a third summer",
    "Startup grows mushrooms in former coal mine", "Theatre sells out its first season under new director",
    "Fishermen catch a sturgeon of two metres", "Village votes against wind turbines on its hill",
    "Airport tests baggage robots", "Zoo shows its first snow leopard cub",
]  # fmt: skip

MODEL: list[Report] = [
    (
        "Zephyrion releases Kestrel, a small open model",
        "The weights of Kestrel can be downloaded, and it runs on a laptop.",
    ),
    ("Small model Kestrel by Zephyrion runs on laptops", "The weights can be downloaded."),
]
BUILDER: list[Report] = [
    (
        "Zephyrion opens agent builder Heron to developers",
        "Developers put agents together from parts, without writing code.",
    ),
    (
        "Heron lets developers build agents, says Zephyrion",
        "The builder needs no code and costs nothing until autumn.",
    ),
]
PRICES: list[Report] = [
    (
        "Mobile data to cost half from July",
        "Telmark lowers the price of mobile data by half, the company said on Monday. A gigabyte costs two crowns.",
    ),
    (
        "Telmark halves its prices for mobile data",
        "Customers of Telmark pay two crowns for a gigabyte from July on, half of today's price.",
    ),
    (
        "Cheaper surfing on the phone: Telmark cuts data prices",
        "The market leader reacts to a new rival. A gigabyte of mobile data is two crowns from July.",
    ),
    (
        "Price war over mobile data: Telmark cuts by 50 percent",
        "Two crowns for a gigabyte: with that the company answers its new rival.",
    ),
    (
        "Telmark customers to pay half for a gigabyte",
        "Mobile data gets cheaper in July, says Telmark, whose shares fell by four percent.",
    ),
    (
        "Shares of Telmark fall after price cut for mobile data",
        "Investors fear a price war. From July a gigabyte costs two crowns, half as much as now.",
    ),
]
BRISE: Report = (
    "Mistral publishes Brise",
    "The weights of the small model Brise can be downloaded, and it runs on a phone, says Mistral.",
)
RAISED: list[Report] = [
    (
        "Mistral raises 900 million for computing centres of its own",
        "The French company gets 900 million euros from investors and builds two computing centres.",
    ),
    (
        "Fresh capital: 900 million euros for Mistral",
        "Investors give Mistral 900 million euros. It wants to build computing centres.",
    ),
    (
        "With 900 million Mistral stops renting: two data centres planned",
        "Mistral builds centres of its own with the 900 million euros of its investors.",
    ),
    (
        "Mistral's round of 900 million: who is in",
        "Pension funds are among the investors that give Mistral 900 million euros.",
    ),
]
DRIFTS: list[Report] = [
    ("Grain ship drifts towards reef off Ostermoor", ""),
    ("Crew leaves drifting grain ship off Ostermoor", ""),
    ("Storm: freighter with grain adrift near Ostermoor reef", ""),
]
IN_TOW: list[Report] = [
    ("Tug takes disabled freighter in tow at Ostermoor reef", ""),
    ("Freighter with grain at Ostermoor: tug boat has it on the line", ""),
]
ELECTION: list[list[Report]] = [
    [
        (
            "Polls close in Norrland: turnout higher than four years ago",
            "By eight in the evening 71 percent had voted in Norrland, the election office says.",
        ),
        (
            "Norrland votes: long queues and a high turnout",
            "The election office counts 71 percent, more than four years ago.",
        ),
        (
            "High turnout in the election in Norrland",
            "71 percent voted, says the election office, more than last time.",
        ),
    ],
    [
        (
            "Lindqvist and Berg clash over hospitals in last debate",
            "In the last debate before the election in Norrland the two argued about hospitals for an hour.",
        ),
        (
            "Last television debate: Berg attacks Lindqvist over hospitals",
            "Before the election in Norrland the candidates argued about closed hospitals.",
        ),
        (
            "Debate on hospitals: no winner between Lindqvist and Berg",
            "Viewers saw neither candidate ahead, a survey says.",
        ),
    ],
    [
        (
            "Recount ordered in Kirunavaara after boxes went missing",
            "Two ballot boxes of the election were found in a school. A judge wants all votes counted again.",
        ),
        (
            "Missing ballot boxes: judge orders recount in Kirunavaara",
            "The boxes had been left in a school after the election.",
        ),
        (
            "Boxes found in school, Kirunavaara counts again",
            "All votes of the town are counted a second time, a judge decided.",
        ),
    ],
    [
        (
            "Berg offers Greens talks on a coalition",
            "After her victory in the election Berg wants to talk with the Greens first.",
        ),
        ("Coalition in Norrland: Greens say yes to talks with Berg", "The party will meet Berg on Thursday."),
        ("Greens and Berg to talk about a coalition on Thursday", "The Greens demand a railway to the coast."),
    ],
    [
        (
            "Lindqvist steps down as party leader after defeat",
            "After the lost election in Norrland Lindqvist gives up the lead of her party.",
        ),
        ("Defeat in Norrland: Lindqvist resigns", "Her deputy leads the party until spring."),
        ("Lindqvist resigns as leader of the Conservatives", "She takes the blame for the lost election."),
    ],
]


def _told(reports: Sequence[Report], hours: Sequence[int] = ()) -> tuple[list[int], list[Merge]]:
    """The stories of reports of as many publishers, an hour apart; and what second thoughts merge afterwards.

    `hours`: when each was written, instead.
    """
    index = new_index()
    place_all([post(1000 + number, title) for number, title in enumerate(OTHER_NEWS)], index)
    at = [NOW + hour * HOUR for hour in hours or range(len(reports))]
    posts = [
        post(number, title, text, at=at[number - 1], seen_at=at[number - 1])
        for number, (title, text) in enumerate(reports, 1)
    ]
    return place_all(posts, index), second_thoughts(Overlay(index), 0)


def test_two_things_of_one_company_on_one_day_are_two_stories() -> None:
    """What one title names the other story does not have."""
    reports = [MODEL[0], BUILDER[0], MODEL[1], BUILDER[1]]
    assert _told(reports) == ([1, 2, 1, 2], [])


def test_two_reports_of_one_thing_in_other_words_are_one_story() -> None:
    for both in (MODEL, BUILDER, PRICES[:2], RAISED[:2]):
        assert _told(both) == ([1, 1], [])


def test_six_reports_of_one_price_in_different_words_are_one_story() -> None:
    assert _told(PRICES) == ([1] * 6, [])
    assert _told(PRICES[::-1]) == ([1] * 6, [])


def test_nothing_is_merged_by_one_shared_name() -> None:
    """Neither what the company did fourteen hours before with its round, nor the round with that."""
    reports, hours = [BRISE, *RAISED], [-14, 0, 1, 2, 3]
    assert _told(reports, hours) == ([1, 2, 2, 2, 2], [])
    assert _told([(title, "") for title, _ in reports], hours) == ([1, 2, 2, 2, 2], [])


def test_two_stories_that_grew_are_merged_where_they_tell_one_event() -> None:
    index = new_index()
    overlay = Overlay(index)
    for story_id, reports in ((1, DRIFTS), (10, IN_TOW)):
        for number, (title, text) in enumerate(reports, story_id):
            each = post(number, title, text)
            overlay.join(story_id, each) if story_id in overlay.stories else overlay.start(story_id, each)
    index.accept(overlay)
    [merge] = second_thoughts(Overlay(index), 0)
    assert (merge.story_id, merge.into) == (10, 1)
    assert merge.because.startswith("second thoughts: one with story 1, one event (")
    assert {"ostermoor", "freighter"} <= {word.split(" ")[0] for word in _words(merge.because)}


def test_events_of_one_election_stay_several_stories() -> None:
    """However many posts there are, and however they come."""
    one_after_another = [report for event in ELECTION for report in event]
    expected = [1] * 3 + [4] * 3 + [7] * 3 + [10] * 3 + [13] * 3
    assert _told(one_after_another) == (expected, [])
    mixed = [event[number] for number in range(3) for event in ELECTION]
    assert _told(mixed) == ([1, 2, 3, 4, 5] * 3, [])


def test_the_reason_names_what_is_strongest_and_ends_with_the_words() -> None:
    overlay = Overlay(new_index())
    overlay.start(1, post(1, *PRICES[1]))
    nearest = overlay.nearest(post(2, *PRICES[2]))
    assert nearest is not None
    what, colon, _ = nearest.because.rpartition(": ")
    assert colon and what.startswith(f"one event ({nearest.similarity:.2f}) by ")
    assert 1 <= len(what.partition(" by ")[2].split(" and ")) <= 2
    assert [word.rpartition(" ")[0] for word in _words(nearest.because)] == [word for word, _ in nearest.shared]


def _words(because: str) -> list[str]:
    return because.rpartition(": ")[2].split(", ")


def test_posts_that_share_only_common_words_gather_in_no_story() -> None:
    """Words as frequent as in any language (Zipf), and no events: what grew by chance must not draw in more."""
    dice = random.Random(7)
    words, weights = [f"wo{k}rd" for k in range(3000)], [1 / (k + 5) for k in range(3000)]

    def text(size: int) -> str:
        return " ".join(dict.fromkeys(dice.choices(words, weights, k=size)))

    posts = [post(n, text(8), text(25), at=NOW - timedelta(minutes=n)) for n in range(1, 1501)]
    assert max(Counter(place_all(posts)).values()) < 60  # 1,044 of 1,500 where nothing holds it


def test_a_name_of_two_words_is_one_name() -> None:
    """What shares nothing else is two events; what shares more is one."""
    hired = ("Osprey Labs hires a head of safety", "The company wants to review its systems before they are sold.")
    sued = ("Osprey Labs sued by newspapers over training data", "Six publishers ask a court in Lille for damages.")
    again = (
        "Osprey Labs taken to court by six newspapers",
        "The publishers in Lille ask for damages over training data.",
    )
    assert len(set(_told([hired, sued])[0])) == 2
    assert len(set(_told([sued, again])[0])) == 1
    assert len(set(_told([("Harbour court opens", ""), ("Harbour court opens today", "")])[0])) == 1
