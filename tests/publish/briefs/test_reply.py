"""What models answer: briefs in all sorts of wrapping, and what is none, with the reason in words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aggregator.model.brief import DraftSentence, Refused
from aggregator.publish.briefs.reply import Reading, ReplyError, read_draft, read_follows

KNOWN = (1, 2, 3, 40)
GOOD: dict[str, Any] = {
    "headline": "Ferries stay in port",
    "happened": [{"text": "Two lines stay in port.", "sources": [1, 2]}],
    "context": [{"text": "As we reported on 30 June 2026, it has a new rudder.", "sources": [40]}],
    "watch": [],
}
WRITTEN = json.dumps(GOOD)


def read(content: str) -> Reading:
    return read_draft(content, "en", KNOWN)


def happened(*told: Any) -> Reading:
    return read(json.dumps({"headline": "Ferries", "happened": [{"text": "Good.", "sources": [1]}, *told]}))


def test_a_brief() -> None:
    draft, refused = read(WRITTEN)
    assert not refused
    assert (draft.language, draft.headline) == ("en", "Ferries stay in port")
    assert draft.parts["happened"] == (DraftSentence("Two lines stay in port.", (1, 2)),)
    assert [each.sources for each in draft.parts["context"]] == [(40,)]
    assert draft.parts["watch"] == ()


@pytest.mark.parametrize(
    "content",
    [
        f"```json\n{WRITTEN}\n```",
        f"Here is the brief:\n\n```\n{WRITTEN}\n```\nI hope this helps! {{}}",
        f'<think>The {{sources}} say {{"headline": 1}} …</think>\n{WRITTEN}',
        f'{{"thoughts": "none"}} {WRITTEN}',
        f"\ufeff {WRITTEN}",
        json.dumps(GOOD, indent=2),
    ],
)
def test_what_stands_around_it_is_passed_over(content: str) -> None:
    assert read(content) == read(WRITTEN)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "the answer is empty"),
        ("   \n", "the answer is empty"),
        ("I can't help with that.", "there is no JSON object in the answer"),
        (WRITTEN[:60], "it is not JSON: "),
        ("[1, 2]", "there is no JSON object in the answer"),
        ('{"brief": "none"}', "expected a JSON object with headline, happened, context, watch"),
        ('{"headline": "x"}', "it has no sentences"),
        ('{"headline": "x", "happened": []}', "it has no sentences"),
        ('{"happened": "all"}', "it has no sentences"),
        ("{" * 100_000, "it is not JSON: "),
        ('{"happened": ' + "[" * 100_000, "its JSON is nested too deeply"),
        ('{"happened": ' + "9" * 10_000 + "}", "it is not JSON: "),
        ("x" * 200_001, "the answer is longer than 200,000 characters"),
    ],
)
def test_what_is_no_brief(content: str, why: str) -> None:
    with pytest.raises(ReplyError, match="^" + why.replace("(", "\\(")):
        read(content)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("a text", 'expected a sentence as {"text": "…", "sources": [1]}'),
        ({"sources": [1]}, 'expected a sentence as {"text": "…", "sources": [1]}'),
        ({"text": " \u200b ", "sources": [1]}, 'expected a sentence as {"text": "…", "sources": [1]}'),
        ({"text": "No source.", "sources": []}, "it names no source"),
        ({"text": "No source."}, "sources is no list of numbers"),
        ({"text": "No source.", "sources": 1}, "sources is no list of numbers"),
        ({"text": "No source.", "sources": [True]}, "sources is no list of numbers"),
        ({"text": "No source.", "sources": ["Courier"]}, "sources is no list of numbers"),
        ({"text": "No source.", "sources": [1.5]}, "sources is no list of numbers"),
        ({"text": "Invented.", "sources": [1, 99, 7]}, "there is no source 99, 7"),
        ({"text": "x" * 601, "sources": [1]}, "it is longer than 600 characters"),
    ],
)
def test_a_sentence_that_is_none_is_left_out_and_told(told: Any, why: str) -> None:
    draft, refused = happened(told)
    assert draft.parts["happened"] == (DraftSentence("Good.", (1,)),)
    assert [(each.part, each.why) for each in refused] == [("happened", why)]


def test_numbers_are_numbers_however_they_are_written() -> None:
    draft, refused = happened({"text": "Good too.", "sources": ["2", "[3]", 40.0, 2]})
    assert not refused
    assert draft.parts["happened"][1].sources == (2, 3, 40)


def test_text_is_one_clean_line_without_numbers_of_sources() -> None:
    told = {"text": " Two\n lines\u200b stay [1], \x00 and one [2, 3] sails【1】. In [2026] too. ", "sources": [1]}
    draft, _ = happened(told)
    assert draft.parts["happened"][1].text == "Two lines stay, and one sails. In [2026] too."


def test_a_part_has_not_too_many_sentences() -> None:
    draft, refused = happened(*[{"text": f"Number {n}.", "sources": [1]} for n in range(500)])
    assert len(draft.parts["happened"]) == 6
    assert refused == (Refused("happened", "Number 5.", "more than 6 sentences in one part"),)


@pytest.mark.parametrize(
    ("headline", "why"),
    [(None, "there is no headline"), ("", "there is no headline"), ("x" * 201, "it is longer than 200")],
)
def test_a_headline_that_is_none(headline: str | None, why: str) -> None:
    draft, [refused] = read(json.dumps({**GOOD, "headline": headline}))
    assert draft.headline == ""
    assert refused.why.startswith(why)


def test_a_part_that_is_no_list() -> None:
    draft, [refused] = read(json.dumps({**GOOD, "watch": "nothing"}))
    assert (draft.parts["watch"], refused.part, refused.why) == ((), "watch", "expected a list of sentences")


def test_whether_statements_follow() -> None:
    assert read_follows('```{"follows": [true, false]}```', 2) == (True, False)
    for content, why in (
        ('{"follows": [true]}', "expected 2 times true or false, not 1"),
        ('{"follows": ["yes", "no"]}', "expected a list of true and false"),
        ("yes", "there is no JSON object"),
    ):
        with pytest.raises(ReplyError, match=why):
            read_follows(content, 2)
