"""The user's own catalogue in messages: its words, another language, and what is wrong in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aggregator.publish.messages.telling import body, title
from tests.helpers.messages import grown, message, story

USUAL = "Mistral raises €900 million — 10 publishers"


def words(folder: Path, said: str, language: str = "en") -> str:
    (folder / "words").mkdir(exist_ok=True)
    (folder / "words" / f"{language}.toml").write_text(said, "utf-8")
    return str(folder / "words")


HOUSES = '[count]\npublishers = { one = "{n} house", other = "{n} houses" }\n'


def test_its_words_are_said_and_those_that_it_lacks_are_the_shipped_ones(tmp_path: Path) -> None:
    own = words(tmp_path, HOUSES)
    assert title(message(story(), words=own)) == "Mistral raises €900 million — 10 houses"
    assert title(message(story(), words=own, is_test=True)).startswith("Test: ")
    assert title(message(story())) == USUAL


def test_a_language_of_the_users(tmp_path: Path) -> None:
    own = words(tmp_path, HOUSES.replace("houses", "hus"), "sv")
    assert title(message(story(), words=own, language="sv")) == "Mistral raises €900 million — 10 hus"
    assert title(message(story(), words=own, language="sv-FI")) == "Mistral raises €900 million — 10 hus"
    assert title(message(story(), words=own, language="fr")) == USUAL


def test_a_catalogue_that_was_changed_is_read_again(tmp_path: Path) -> None:
    own = words(tmp_path, HOUSES)
    assert "houses" in title(message(story(), words=own))
    words(tmp_path, HOUSES.replace("house", "paper"))
    os.utime(Path(own) / "en.toml", ns=(1, 1))
    assert "papers" in title(message(story(), words=own))


@pytest.mark.parametrize(
    "wrong",
    [
        "this is no TOML",
        HOUSES.replace("{n} houses", "{number} houses"),
        '[date]\ndate = "QQQQQQQ qq"\n[message]\nsince = "{nothing}"\n',
    ],
)
def test_a_message_goes_out_whatever_stands_there(tmp_path: Path, wrong: str) -> None:
    own = words(tmp_path, wrong)
    assert title(message(story(), words=own)) == USUAL
    for kind in ("plain", "markdown"):
        assert body(message(grown(), words=own), kind) == body(message(grown()), kind)
