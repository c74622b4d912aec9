"""Stories in scripts without spaces, where a name is several pairs of letters."""

from __future__ import annotations

import pytest

from aggregator.stories.lexical import beyond_strongest, by_name, strongest
from tests.helpers.grouping import place_all, post

Report = tuple[str, str]

# Each line: two reports of one event, and one of another event around the same name.
EVENTS: dict[str, list[tuple[Report, Report, Report]]] = {
    "ja": [
        (
            ("ノルドマリン、フェリー「カモメ」6月に就航", "ノルドマリンは電気フェリーを6月に就航させる。"),
            ("電気フェリー「カモメ」6月就航へ ノルドマリン", "港で充電し、6月から走る。"),
            ("ノルドマリン、決算で赤字に転落", "燃料費が重荷となった。"),
        ),
        (
            ("グランドハーバー銀行、手数料を4月に引き上げ", "グランドハーバー銀行は振込の手数料を4月に上げる。"),
            ("振込手数料4月に引き上げ、グランドハーバー銀行", "窓口は300円になる。"),
            ("グランドハーバー銀行の頭取が辞任へ", "後任は未定という。"),
        ),
    ],
    "zh": [
        (
            ("海鸥轮船公司推出电动渡轮 六月投入运营", "海鸥轮船公司宣布电动渡轮六月投入运营。"),
            ("电动渡轮六月投入运营 海鸥轮船称可载客五百人", "渡轮在港口充电。"),
            ("海鸥轮船公司年报亏损 股价下跌", "燃油成本上涨。"),
        ),
        (
            ("港湾市长林海生宣布冻结房租两年", "市长林海生说房租冻结两年。"),
            ("港湾冻结房租两年 市长林海生称为保护租客", "房东协会表示反对。"),
            ("港湾市长林海生出访挪威 考察渔港", "代表团周三出发。"),
        ),
    ],
}


@pytest.mark.parametrize("language", EVENTS)
def test_a_name_alone_is_no_event(language: str) -> None:
    for report, _, other in EVENTS[language]:
        stories = place_all([post(1, *report, language=language), post(2, *other, language=language)])
        assert len(set(stories)) == 2, (report, other)


@pytest.mark.parametrize("language", EVENTS)
def test_two_reports_of_one_event_are_one_story(language: str) -> None:
    for report, again, other in EVENTS[language]:
        reports = [post(number, *each, language=language) for number, each in enumerate((report, other, again), 1)]
        first, apart, joined = place_all(reports)
        assert first == joined != apart, (report, again)


def test_pairs_that_run_on_are_one_name() -> None:
    title = "ノルドマの船が就航"
    found = [(0.1, "ノル"), (0.2, "ルド"), (0.1, "ドマ"), (0.3, "gpt"), (0.1, "就航")]
    assert sorted((round(product, 3), term) for product, term in by_name(found, title)) == [
        (0.1, "就航"), (0.3, "gpt"), (0.4, "ルド"),
    ]  # fmt: skip
    assert beyond_strongest(found, title, 1.0) == pytest.approx(0.4)


def test_words_with_spaces_stay_as_they_are() -> None:
    found = [(0.1, "ab"), (0.2, "bc"), (0.05, "gpt 5")]
    assert by_name(found, "abc gpt 5") is found
    assert strongest(found, "", 2.0) == pytest.approx(0.1)


def test_a_whole_title_that_runs_on_is_not_held_against_a_post() -> None:
    """Two agencies' words for one event are the same from end to end: that is no name."""
    title = "港湾桥梁检修至九月底封闭"
    assert len(set(place_all([post(number, title, "", language="zh") for number in (1, 2)]))) == 1
