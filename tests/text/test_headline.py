"""What a post is called."""

from __future__ import annotations

import pytest

from aggregator.text.headline import BYLINE, headline, own_words, told

LINK = "https://paper.example/2026/11/the-ferry-sails?utm_source=x"


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Hashtags amid words are words; a line of them is none.
        ("Die #Fähre nach #Ostermoor: so fährt #Europa", "Die Fähre nach Ostermoor: so fährt Europa"),
        ("#Ferries are back\n\n#Harbour #Sea #News", "Ferries are back"),
        ("#Harbour #Sea\n\nThe ferry is back in Ostermoor", "The ferry is back in Ostermoor"),
        ("The ferry is back. #Sea #Harbour", "The ferry is back."),
        ("The ferry is back! #Sea", "The ferry is back!"),
        (f"The ferry is back. #Sea\n\n{LINK}", "The ferry is back."),
        (f"The ferry is back. #Sea\n{LINK}\n#News #Harbour", "The ferry is back."),
        ("What I saw: #Ferries\nwere back, and everybody came", "What I saw: Ferries were back, and everybody came"),
        ("A film about #Ferries", "A film about Ferries"),
        ("The ferry is back #Sea #Harbour #News", "The ferry is back"),
        ("C# and F# are languages, #1 is a number", "C# and F# are languages, #1 is a number"),
        ("＃フェリーが再び運航", "フェリーが再び運航"),
        # Links are not read.
        (f"The ferry sails again {LINK}", "The ferry sails again"),
        (f"The ferry sails again: {LINK} #Sea", "The ferry sails again"),
        (f"New on our pages:\n\n{LINK}\n\nThe ferry sails again", "New on our pages: The ferry sails again"),
        (f"The ferry sails ({LINK}), they say.", "The ferry sails, they say."),
        (f"The ferry → {LINK}", "The ferry"),
        ("The ferry https://en.wiki.example/Ferry_(boat) sails", "The ferry sails"),
        (f"The ferry sails, see {LINK}. All of it", "The ferry sails, see. All of it"),
        (f"The ferry sails {LINK} #Sea", "The ferry sails"),
        (f"The ferry sails\nSource: {LINK}\nTags: #Sea #News", "The ferry sails"),
        # The line of a quote.
        ("RE: https://far.example/@ada/4\n\nThat is good news for the bay", "That is good news for the bay"),
        ("That is good news for the bay\n\nRE: https://far.example/@ada/4", "That is good news for the bay"),
        # A server's own emoji.
        (":ferry: The ferry sails :verified: #Sea", "The ferry sails"),
        ("The ferry :ferry:! It sails :)", "The ferry! It sails :)"),
        ("It sails at 12:30:45, ratio 1:2:3", "It sails at 12:30:45, ratio 1:2:3"),
        # Those spoken to.
        ("@ada have you seen the ferry?", "@ada have you seen the ferry?"),
        ("@ada@far.example have you seen the ferry?", "@ada have you seen the ferry?"),
        ("@ada @bob@far.example have you seen the ferry?", "have you seen the ferry?"),
        # A first paragraph is a headline, a short one or one that announces is not yet.
        ("The ferry to Ostermoor sails again\n\nIt was in the dock.", "The ferry to Ostermoor sails again"),
        ("Hello!\n\nThe ferry sails again.", "Hello! The ferry sails again."),
        ("Three things today:\n1. Tea\n2. Ferries", "Three things today: 1. Tea 2. Ferries"),
    ],
)  # fmt: skip
def test_a_status_is_called_by_the_words_of_its_author(text: str, expected: str) -> None:
    assert headline("", text, "https://social.example/@ada/1") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Marks and joiners are parts of words.
        ("#เรือข้ามฟาก #ท่าเรือ\n\nThe ferry is back", "The ferry is back"),
        ("#می‌رود #کشتی\n\nThe ferry is back", "The ferry is back"),
        ("#हिन्दी #नदी\n\nThe ferry is back", "The ferry is back"),
        ("#கப்பல் #செய்தி\n\nThe ferry is back", "The ferry is back"),
        ("क्या #नदी पर नाव चलती है", "क्या नदी पर नाव चलती है"),
        # Chinese has no spaces before a tag; Latin letters before it make it none.
        ("渡轮停航两个星期#新闻", "渡轮停航两个星期新闻"),
        ("渡轮停航两个星期。#新闻#港口", "渡轮停航两个星期。"),
        ("The anchor is page#Top of it", "The anchor is page#Top of it"),
        # Tags at the end that the words speak of; others.
        ("Today I compare #Vue #React", "Today I compare Vue React"),
        ("A long evening full of news about #Ships #Docks", "A long evening full of news about Ships Docks"),
        ("A long and very quiet evening #Ships #Docks", "A long and very quiet evening"),
        ("Good morning #Sea #Sun #Wind #Waves", "Good morning"),
        # A tag that says again what the line says.
        ("New pages about sqlite #SQLite", "New pages about sqlite"),
        ("I write open source #OpenSource", "I write open source"),
        ("All of sqlite is about #sqlite", "All of sqlite is about sqlite"),
        ("New pages about sqlite #Databases", "New pages about sqlite Databases"),
        # Words that only say that a link follows.
        (f"The bay is closed #harbour\nsee {LINK}", "The bay is closed harbour"),
        (f"The ferry is back. Read more: {LINK}", "The ferry is back."),
        (f"Die Fähre fährt wieder. Mehr dazu: {LINK} #Fähre", "Die Fähre fährt wieder."),
        (f"The ferry is back (via {LINK})", "The ferry is back"),
        (f"A ship that you want to see {LINK}", "A ship that you want to see"),
        (f"Nobody tells me more {LINK}", "Nobody tells me more"),
        # Links that are words of a sentence.
        (f"According to {LINK}, ferries sail again", "According to paper.example, ferries sail again"),
        ("www.Paper.example/foo is down", "paper.example is down"),
        (f"Read all about it at {LINK}", "Read all about it at paper.example"),
        (f"{LINK} The ferry is down", "The ferry is down"),
        (f"Ferry captains, macht alle mit {LINK}", "Ferry captains, macht alle mit"),
        # Pictographs beside tags.
        ("The ferry is back\n🏷️ #IT #KI", "The ferry is back"),
        ("The ferry to Ostermoor is back. 🏷️ #IT #KI", "The ferry to Ostermoor is back."),
        ("🚢 The ferry is back", "🚢 The ferry is back"),
        # Markup.
        ("**Back again:** the `ferry` to Ostermoor", "Back again: the ferry to Ostermoor"),
        ("## The ferry is back", "The ferry is back"),
        ("# 1 of all ferries is back", "# 1 of all ferries is back"),
        (f"Read [the whole story]({LINK}) of the ferry", "Read the whole story of the ferry"),
        ("2**3**4 is more than 2 * 3 * 4, and [so] on", "2**3**4 is more than 2 * 3 * 4, and [so] on"),
    ],
)
def test_tags_links_and_markup_amid_words(text: str, expected: str) -> None:
    assert headline("", text, "https://social.example/@ada/1") == expected


@pytest.mark.parametrize(
    "text",
    [
        "🏷️ #IT #KI",
        "#เรือข้ามฟาก #ท่าเรือ",
        "#می‌رود #کشتی",
        "#हिन्दी",
        "",
        "#Sea",
        LINK,
        f"{LINK}\n\n#Sea",
        ":ferry:",
        "RE: https://far.example/@ada/4",
        "…",
    ],
)
def test_where_nothing_is_said_by_what_comes_with_it(text: str) -> None:
    assert headline("", text, "https://a.example/", others=["", "A ferry at dawn", "Other"]) == "A ferry at dawn"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#Sea #Harbour", "Sea, Harbour"),
        (f"#Sea #Harbour\n\n{LINK}", "Sea, Harbour"),
        (f"{LINK}\n\n#Sea", LINK.removeprefix("https://")),
        ("🙂", "🙂"),
    ],
)
def test_where_nothing_comes_with_it_by_its_tags_or_its_link(text: str, expected: str) -> None:
    assert headline("", text, "https://a.example/") == expected


@pytest.mark.parametrize(
    ("warning", "expected"),
    [
        ("film spoiler", "CW: film spoiler"),
        ("CW: film spoiler", "CW: film spoiler"),
        ("cw", "CW: cw"),
        ("cw politics", "CW: politics"),
        ("cw's discussion meta", "CW: cw's discussion meta"),
        ("film :popcorn:", "CW: film"),
        (":popcorn:", "CW: :popcorn:"),
    ],
)
def test_behind_a_warning_it_is_called_by_that_alone(warning: str, expected: str) -> None:
    for title in ("", "The captain did it"):
        found = headline(title, "The captain did it", "https://a.example/", warning=warning, others=["The captain"])
        assert found == expected


def test_what_has_no_spaces_is_cut_between_characters() -> None:
    thumbs = "👍🏽" * 100
    assert headline("", "の" * 118 + thumbs, None) == "の" * 118 + "👍🏽 …"
    assert headline("", "の" * 119 + thumbs, None) == "の" * 119 + " …"


def test_own_words() -> None:
    text = f"RE: https://far.example/@ada/4\n\n@bob the #Ferry :ferry: sails {LINK}"
    assert own_words(text).split() == ["the", "sails"]


def test_own_words_are_no_tags_of_any_script() -> None:
    for tags in ("#เรือข้ามฟาก #ท่าเรือ", "#می‌رود", "#हिन्दी", "＃フェリー"):
        assert own_words(tags).strip() == ""
    assert own_words("渡轮停航#新闻 page#Top").split() == ["渡轮停航", "page#Top"]


def test_what_is_attached_comes_behind_the_authors_words() -> None:
    attached = f"The ferry sails\nIt was in the dock\n{BYLINE}Ostermoor Post, Ada"
    assert told("", "Good news", "") == ("", "Good news")
    assert told("", "Good news", attached) == ("", "Good news\n\nThe ferry sails\nIt was in the dock")
    assert told("", f"#Sea {LINK}", attached) == ("The ferry sails", "It was in the dock")
    assert told("A title", "", attached) == ("A title", "\n\nThe ferry sails\nIt was in the dock")
