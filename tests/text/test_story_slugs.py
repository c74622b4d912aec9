"""What stories are called in addresses: words that read, in ASCII."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.story_slugs import slug, words_in, words_of_any


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Ferry returns!", "ferry-returns-7"),
        ("Ünïcode & Co. — straße", "unicode-co-strasse-7"),
        ("", "story-7"),
        ("1984", "1984-7"),
        ("a b c d e f g h i j", "a-b-c-d-e-f-g-h-7"),
        ("x" * 5000, "x" * 200 + "-7"),
        ("x" * 199 + " yes", "x" * 199 + "-7"),
    ],
)
def test_slugs(title: str, expected: str) -> None:
    assert slug(title, 7) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Российский центр открыл новую модель", "rossiyskiy-tsentr-otkryl-novuyu-model-7"),
        ("Кіотська угода про клімат: що далі", "kiotska-ugoda-pro-klimat-shcho-dali-7"),
        ("Νέο μοντέλο τεχνητής νοημοσύνης", "neo-montelo-technitis-noimosynis-7"),
        ("한국은행이 금리를 인상했다", "hangugeunhaengi-geumlileul-insanghaessda-7"),
        ("中国发布新规则", "zhong-guo-fa-bu-xin-gui-ze-7"),
        ("Tromsø og Łódź", "tromso-og-lodz-7"),
        ("Яндекс и OpenAI", "yandeks-i-openai-7"),
        # Signs that are read otherwise in Japanese, and scripts that leave out vowels.
        ("日本銀行が利上げを決定", "story-7"),
        ("オープンエーアイ", "story-7"),
        ("محمد يعلن نموذجا جديدا", "story-7"),
        ("नमस्ते दुनिया", "story-7"),
        ("2026年の予算", "story-7"),
        # What is in Latin letters can be read all the same.
        ("OpenBoxが新しい翻訳装置を発表", "openbox-7"),
        ("نموذج GPT-5 من OpenAI", "gpt-5-openai-7"),
    ],
)
def test_other_scripts_are_read_where_that_reads(title: str, expected: str) -> None:
    assert slug(title, 7) == expected


def test_a_japanese_title_without_kana_is_known_by_its_language() -> None:
    assert slug("日銀利上決定", 7, "ja") == "story-7"
    assert slug("央行加息决定", 7, "zh") == "yang-xing-jia-xi-jue-ding-7"


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("openbox-6", "OpenBoxが新しい翻訳装置を発表"),  # as it was written before other scripts were read
        ("iphone-6", "iPhone의 미래"),
        ("gpt-6", "GPT-модель"),
        ("troms-og-odz-6", "Tromsø og Łódź"),
        ("6", "港町"),
        ("story-6", "港町"),
        ("gang-ting-6", "港町"),
        ("rossiyskiy-tsentr-6", "Российский центр"),
    ],
)
def test_an_address_of_any_version_tells_what_its_title_says(address: str, title: str) -> None:
    assert set(words_in(address)) <= words_of_any(title)
    assert not words_in(address) or not set(words_in(address)) <= words_of_any("Another ferry")  # near


@given(st.text(max_size=60))
def test_every_title_has_an_address(title: str) -> None:
    found = slug(title, 7)
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", found)
    assert found.endswith("-7")
    assert len(found) <= 200 + len("-7")
    assert set(words_in(found)[:-1]) <= words_of_any(title)
