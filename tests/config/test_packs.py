"""Packs of default topics: which rules a configuration has by them, and what is said of packs that can't be."""

import gc
from pathlib import Path
from time import process_time

import pytest

from aggregator.config import load_config
from aggregator.config.tables import PACKS
from aggregator.config.topics import default_rules, packs_of
from aggregator.model.errors import ConfigError
from aggregator.model.rules import Term
from aggregator.topics.taxonomy import Taxonomy

ALL = list(default_rules())


def topics(folder: Path, text: str) -> list[str]:
    (folder / "own.toml").write_text(text, "utf-8")
    return [rule.topic for rule in load_config(folder / "own.toml", {}).rules]


def mistakes(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as error:
        topics(folder, text)
    return "\n".join(error.value.problems).replace(str(folder / "own.toml"), "")


def test_without_a_word_all_packs_are_used(tmp_path: Path) -> None:
    for text in ("", "[taxonomy]\ndefault = true", '[taxonomy]\npacks = ["world", "ai", "business"]'):
        assert topics(tmp_path, text) == ALL
    assert set(packs_of()) == set(ALL)


def test_the_files_are_read_once_however_many_topics_are_unknown(tmp_path: Path) -> None:
    packs_of.cache_clear()
    many = ", ".join(f'"nothing-{n}"' for n in range(40))
    said = mistakes(tmp_path, f'[taxonomy]\npacks = ["ai"]\n[[filters]]\naction = "keep"\ntopics = [{many}]')
    assert said.count("there is no topic") == 40
    assert packs_of.cache_info().misses == 1


def test_the_file_that_is_shipped_names_them() -> None:
    shipped = (Path(__file__).parents[2] / "config" / "aggregator.toml").read_text("utf-8")
    assert f"# all if left out: {', '.join(PACKS)}\n" in shipped


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_has_its_topics_in_the_order_of_all(pack: str, tmp_path: Path) -> None:
    found = topics(tmp_path, f'[taxonomy]\npacks = ["{pack}"]')
    assert found == [name for name in ALL if pack in packs_of()[name]]
    assert 0 < len(found) < len(ALL)


def test_a_rule_of_a_pack_is_the_rule_of_all(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[taxonomy]\npacks = ["business"]')
    rules = {rule.topic: rule for rule in load_config(tmp_path / "own.toml", {}).rules}
    assert rules["funding"] == default_rules()["funding"]


@pytest.mark.parametrize("text", ["default = false", "packs = []", "default = false\npacks = []"])
def test_none_is_none(text: str, tmp_path: Path) -> None:
    assert topics(tmp_path, f"[taxonomy]\n{text}") == []


def test_one_topic_of_a_pack_that_is_left_out_can_be_taken_and_changed(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        '[taxonomy]\npacks = []\n[topics.energy]\n[topics.funding]\nany = ["ferry loan"]\n'
        '[topics.ferries]\nany = ["ferry"]\n[topics.health]\nenabled = false\n'
    )
    rules = {rule.topic: rule for rule in load_config(tmp_path / "own.toml", {}).rules}
    assert set(rules) == {"energy", "funding", "ferries"}
    assert rules["energy"] == default_rules()["energy"]
    assert rules["funding"].any == (*default_rules()["funding"].any, Term("ferry loan"))
    assert rules["ferries"].any == (Term("ferry"),)


def test_with_default_false_such_a_block_is_a_topic_of_its_own(tmp_path: Path) -> None:
    text = '[taxonomy]\ndefault = false\n[topics.funding]\nany = ["ferry loan"]'
    (tmp_path / "own.toml").write_text(text)
    [rule] = load_config(tmp_path / "own.toml", {}).rules
    assert [term.text for term in rule.any] == ["ferry loan"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('packs = ["buisness"]', 'did you mean "business"?'),
        ('packs = ["sport"]', 'one of "ai", "business", "world"'),
        ('packs = "ai"', "expected a list"),
        ('default = false\npacks = ["ai"]', "`default = false` in line 2 leaves all packs out"),
        ('default = true\npacks = ["ai"]', "`default = true` in line 2 takes all packs, and here only some"),
    ],
)
def test_what_can_not_be_is_said_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    found = mistakes(tmp_path, f"[taxonomy]\n{text}")
    assert said in found
    assert found.startswith(f":{text.count(chr(10)) + 2}: taxonomy.packs")


def test_a_topic_that_a_feed_leans_to_is_said_to_be_left_out_with_its_pack(tmp_path: Path) -> None:
    feed = '[[feeds]]\nurl = "https://press.example/feed"\ntopics = ["health"]\n'
    said = mistakes(tmp_path, f'{feed}[taxonomy]\npacks = ["ai"]')
    assert "there is no topic “health” here: it is in the pack “world”, which is left out" in said
    assert topics(tmp_path, f'{feed}[taxonomy]\npacks = ["world"]')


def test_a_pack_that_is_left_out_is_not_compiled(tmp_path: Path) -> None:
    """A pack has about a third of the terms: the time of compiling goes by those."""

    def seconds(text: str) -> float:
        (tmp_path / "own.toml").write_text(text)
        rules = load_config(tmp_path / "own.toml", {}).rules
        gc.collect()
        started = process_time()
        Taxonomy(rules)
        return process_time() - started

    assert seconds("[taxonomy]\npacks = []") < min(seconds("") for _ in range(3)) / 10
