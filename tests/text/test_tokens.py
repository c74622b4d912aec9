"""Folding, tokens in many scripts, and languages."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.text.language import language_of, stop_words
from aggregator.text.tokens import fold, is_spaceless, nfkc, tokens, without_links, without_links_tags_mentions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Ferry sails", ["the", "ferry", "sails"]),
        ("Acme's Acme’s don't", ["acme", "acme", "don't"]),
        ("l'IA d’Orsay, qu'un dell'arte", ["ia", "orsay", "un", "arte"]),
        ("aujourd'hui l'a", ["aujourd'hui", "l'a"]),
        ("GPT-5 costs $1.5bn", ["gpt", "5", "costs", "1", "5bn"]),
        ("snake_case #tag", ["snake", "case", "tag"]),
        ("ＦＵＬＬ ｗｉｄｔｈ ﬁne", ["full", "width", "fine"]),
        ("İstanbul STRASSE straße", ["istanbul", "strasse", "strasse"]),
        ("cafe\u0301 café", ["café", "café"]),
        ("Œuvre ŠKODA Ÿ", ["œuvre", "škoda", "ÿ"]),
        ("km² 1½ nº4 Acme™", ["km2", "11", "2", "no4", "acmetm"]),
        (
            "soft\u00adhyphen zero\u200bwidth non‑breaking a→b",
            ["soft", "hyphen", "zero", "width", "non", "breaking", "a", "b"],
        ),
        ("", []),
        ("… — !", []),
    ],
)
def test_tokens_of_scripts_with_spaces(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("हिन्दी में समाचार।", ["हिन्दी", "में", "समाचार"]),
        ("தமிழ் மொழி", ["தமிழ்", "மொழி"]),
        ("مُحَمَّد كتب", ["مُحَمَّد", "كتب"]),
        ("한국어 뉴스", ["한국어", "뉴스"]),
    ],
)
def test_marks_belong_to_their_words(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("人工智能", ["人工", "工智", "智能"]),
        ("人", ["人"]),
        ("OpenAI发布新模型GPT", ["openai", "发布", "布新", "新模", "模型", "gpt"]),
        ("ニュース", ["ニュ", "ュー", "ース"]),
        ("ข่าว", ["ข่", "่า", "าว"]),
    ],
)
def test_scripts_without_spaces_become_pairs(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_tokens_never_raise_and_hold_no_space(text: str) -> None:
    found = tokens(text)
    assert all(token and token == token.strip() for token in found)
    assert tokens(text) == found


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="abcXYZ éÅ\u0301人工", max_size=40))
def test_case_and_normal_form_do_not_matter(text: str) -> None:
    assert tokens(text.upper()) == tokens(text.lower())
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)


# What the quick way for Western letters takes, what it must leave alone, and marks that go together with letters.
SIGNS = (
    "aZ9 '’‘`´_-–—…•“”€ßẞİıſŸÿŠšŒœŽžƒˆ˜™ªº²³¹½µ¨¯¸·×éÉñ\x85\x81\xa0\xad\u0301\u0307\u0308\u0338\u200b\u200d\u2011\u2028"
    "→−\ufe0fﬁＡ，кな人\u20e3🚀#@.\n\t"
)


@settings(max_examples=400, deadline=None)
@given(st.text(st.sampled_from(SIGNS), max_size=24))
def test_words_are_the_same_beside_another_script(text: str) -> None:
    assert tokens(f"{text} и") == [*tokens(text), "и"]


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from(SIGNS), max_size=24), st.integers(0, 12))
def test_the_first_words_are_those_of_the_whole(text: str, most: int) -> None:
    assert tokens(text, most) == tokens(text)[:most]


@given(st.text(st.sampled_from("a１，：（）！？；～％／｜＂\u3000\xa0…人の\u0301\u3099é"), max_size=24))
def test_normal_form_is_the_standard_one(text: str) -> None:
    assert nfkc(text) == unicodedata.normalize("NFKC", text)


def test_spaceless_needs_more_than_a_stray_character() -> None:
    assert is_spaceless("東京の朝")
    assert not is_spaceless("The 人 sign")
    assert not is_spaceless("한국어 뉴스")


def test_links_tags_and_mentions_are_not_words() -> None:
    text = "Read https://news.example/a?b=1 or www.news.example by @ann@social.example #AI, C# and a@b"
    assert without_links(text).split() == ["Read", "or", "by", "@ann@social.example", "#AI,", "C#", "and", "a@b"]
    assert without_links_tags_mentions(text).split() == ["Read", "or", "by", ",", "C#", "and", "a@b"]


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        ("Short words", "de", "de"),
        ("Short", None, "en"),
        ("", "fr", "fr"),
        ("", None, None),
        ("🎉 12 34", None, None),
        ("The ministry said on Monday that the new ferry will sail every morning", "de", "en"),
        ("Das Ministerium teilte am Montag mit, dass die neue Fähre jeden Morgen fährt", "en", "de"),
        ("in der Verwaltung: Bund plant neues Amt", "en", "de"),
        ("Das ist nicht gut für den Hafen", "en", "de"),
        ("Les bateaux sont dans le port", "en", "fr"),
        ("Los barcos son para todos hoy", "en", "es"),
        ("The boat is not for all of us", "de", "en"),
        ("Die Hard is on TV tonight", "en", "en"),
        ("The war in der Ukraine goes on", "en", "en"),
        ("Watching La La Land tonight", "en", "en"),
        ("Neues Amt", "en", "en"),
        ("新しいフェリーは毎朝出港します", "en", "ja"),
        ("新的渡轮每天早上出发", "en", "zh"),
        ("새로운 여객선이 매일 아침 출항합니다", "en", "ko"),
    ],
)
def test_language(text: str, declared: str | None, expected: str | None) -> None:
    assert language_of(text, declared) == expected


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=80))
def test_a_language_is_a_code_of_two_letters(text: str) -> None:
    found = language_of(text, None)
    assert found is None or len(found) == 2


def test_stop_words_of_an_unknown_language_are_english() -> None:
    assert "the" in stop_words(None)
    assert "the" in stop_words("xx")
    assert "und" in stop_words("de")
    assert "the" not in stop_words("ja")
