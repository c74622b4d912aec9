"""The default topics, and how the user's blocks change them."""

from __future__ import annotations

import shutil
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from aggregator.config.tables import PACKS, Topic
from aggregator.config.topics import MADE, default_rules, made, merged, problems, term_problem
from aggregator.model.rules import DEFAULT_THRESHOLD, Term, TopicRule
from aggregator.topics.matcher import TermFinder

DEFAULTS = {
    "law": TopicRule(
        topic="law",
        label="Law",
        any=(Term("law"), Term("open-source licence", 0.5), Term("=ACT")),
        all=(Term("must"),),
        not_=(Term("in-law"),),
        threshold=0.4,
    ),
    "sport": TopicRule(topic="sport", label="Sport", any=(Term("goal"),)),
}


def rules_with(text: str) -> dict[str, TopicRule]:
    document = tomllib.loads(text)
    assert not list(problems(DEFAULTS, document))
    topics = {name: Topic.model_validate(block) for name, block in document["topics"].items()}
    return {rule.topic: rule for rule in merged(DEFAULTS, topics)}


# ---------------------------------------------------------------- the user's blocks


def test_lists_are_added_and_the_rest_stays():
    text = '[topics.law]\nany = ["court", { term = "judge", weight = -0.5 }]\nall = ["a"]\nnot = ["b"]'
    law = rules_with(text)["law"]
    assert law.any == (*DEFAULTS["law"].any, Term("court"), Term("judge", -0.5))
    assert [term.text for term in law.all] == ["must", "a"]
    assert [term.text for term in law.not_] == ["in-law", "b"]
    assert (law.label, law.kind, law.threshold) == ("Law", "topic", 0.4)


def test_label_kind_and_threshold_take_the_place_of_the_default_ones():
    law = rules_with('[topics.law]\nlabel = "Recht"\nkind = "place"\nthreshold = 0.9')["law"]
    assert (law.label, law.kind, law.threshold) == ("Recht", "place", 0.9)
    assert law.any == DEFAULTS["law"].any


def test_dropped_terms_go_however_they_are_spelled():
    law = rules_with('[topics.law]\ndrop = ["LAW", "Open Source Licence", "must", "In-Law"]')["law"]
    assert (law.any, law.all, law.not_) == ((Term("=ACT"),), (), ())


def test_case_matters_where_a_term_says_so():
    assert [p.place for p in problems(DEFAULTS, {"topics": {"law": {"drop": ["=act"]}}})] == [
        ("topics", "law", "drop", 0)
    ]


def test_replacing_starts_from_nothing():
    law = rules_with('[topics.law]\nreplace = true\nany = ["x"]')["law"]
    assert law == TopicRule(topic="law", label="Law", any=(Term("x"),), threshold=DEFAULT_THRESHOLD)


def test_a_topic_can_be_switched_off():
    assert list(rules_with("[topics.law]\nenabled = false")) == ["sport"]


def test_a_topic_of_ones_own_can_be_switched_off_too():
    assert "mine" not in rules_with('[topics.mine]\nany = ["x"]\nenabled = false')


def test_new_topics_come_after_the_default_ones_and_get_a_label():
    rules = rules_with('[topics.deep-sea]\nany = ["x"]\n[topics.law]\nany = ["y"]')
    assert list(rules) == ["law", "sport", "deep-sea"]
    assert (rules["deep-sea"].label, rules["deep-sea"].kind) == ("Deep sea", "topic")


def test_a_term_that_stands_there_twice_counts_once_with_the_last_weight():
    text = '[topics.law]\nany = ["Law", "new", { term = "NEW", weight = 0.3 }, { term = "law", weight = 0.2 }]'
    assert rules_with(text)["law"].any == (Term("law", 0.2), *DEFAULTS["law"].any[1:], Term("NEW", 0.3))


@pytest.mark.parametrize("term", ["c++", "c#", "/politik/", "a.i.", "what is tea?", "=OR", "save $", "l'action", "é*"])
def test_signs_that_are_part_of_words_are_no_mistake(term):
    assert term_problem(term) is None


# ---------------------------------------------------------------- the shipped topics

SHIPPED = sorted(
    (entry for entry in files("aggregator.topics.default").iterdir() if entry.name.endswith(".toml")),
    key=lambda entry: entry.name,
)


@pytest.mark.parametrize("entry", SHIPPED, ids=lambda entry: entry.name)
def test_the_shipped_topics_have_no_mistake(entry):
    document = tomllib.loads(entry.read_text("utf-8"))
    assert set(document) == {"topics", "packs"}
    for name, block in document["topics"].items():
        packs = block.pop("packs", document["packs"])
        assert packs and set(packs) <= set(PACKS), name
        topic = Topic.model_validate(block)
        assert topic.any, name
        assert not topic.drop and not topic.replace and topic.enabled, name
    assert not list(problems({}, document))


def test_no_topic_is_in_two_files():
    names = [name for entry in SHIPPED for name in tomllib.loads(entry.read_text("utf-8"))["topics"]]
    assert len(names) == len(set(names))


def test_the_shipped_topics_become_rules():
    rules = default_rules()
    assert rules
    for name, rule in rules.items():
        assert (rule.topic, bool(rule.label)) == (name, True)
    TermFinder({term.text for rule in rules.values() for term in (*rule.any, *rule.all, *rule.not_)})


def test_reading_the_shipped_topics_unchecked_gives_what_checking_gives():
    for entry in SHIPPED:
        blocks = tomllib.loads(entry.read_text("utf-8"))["topics"]
        own = {name: {key: block[key] for key in block if key != "packs"} for name, block in blocks.items()}
        topics = {name: Topic.model_validate(block) for name, block in own.items()}
        for rule in merged({}, topics):
            unchecked = default_rules()[rule.topic]
            assert {term.text for term in rule.any} <= {term.text for term in unchecked.any}
            assert (rule.label, rule.kind, rule.threshold) == (unchecked.label, unchecked.kind, unchecked.threshold)


# ---------------------------------------------------------------- as they are read


def test_what_is_read_is_what_is_written() -> None:
    """Made anew by `make reference`."""
    assert MADE.read_text("utf-8") == made()


def test_a_changed_topic_counts_before_the_file_to_be_read_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(MADE.parent, tmp_path / "default")
    monkeypatch.setattr("aggregator.config.topics._FOLDER", tmp_path / "default")
    monkeypatch.setattr("aggregator.config.topics.MADE", tmp_path / "default" / MADE.name)
    as_shipped = default_rules.__wrapped__()
    assert (as_shipped, repr(as_shipped)) == (default_rules(), repr(default_rules()))
    (tmp_path / "default" / "topics-zoo.toml").write_text('[topics.zoo]\nany = ["zoo"]\n')
    assert default_rules.__wrapped__() == {**as_shipped, "zoo": TopicRule(topic="zoo", label="Zoo", any=(Term("zoo"),))}


@pytest.mark.parametrize("found", [None, "", "[]", '{"digest": "0", "topics": []}', "not JSON"])
def test_without_the_file_to_be_read_the_written_ones_are(
    found: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "made.json"
    if found is not None:
        file.write_text(found)
    monkeypatch.setattr("aggregator.config.topics.MADE", file)
    assert default_rules.__wrapped__() == default_rules()
