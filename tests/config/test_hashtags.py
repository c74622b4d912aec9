"""Combined tags, wishes, and one tag in many spellings."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config import load_config
from aggregator.model.errors import ConfigError
from aggregator.model.settings import Config, Mastodon
from aggregator.model.timelines import Keep
from aggregator.storage.database import Database
from aggregator.storage.sources import sync_sources
from aggregator.text.tokens import fold_tag
from tests.helpers.build import NOW


def load(folder: Path, text: str) -> Config:
    file = folder / "aggregator.toml"
    file.write_text(text, "utf-8")
    return load_config(file, {})


def block(*lines: str, tags: str = '"AI"') -> str:
    return "\n".join(['[[hashtags]]\nserver = "https://mastodon.example"', f"tags = [{tags}]", *lines, ""])


def test_combined_tags_are_in_the_address_and_the_title(tmp_path: Path) -> None:
    config = load(tmp_path, block('all = ["Mistral"]', 'none = ["ad", "Crypto"]', "local = true", "only_media = true"))
    [source] = config.sources
    assert source.tag == "AI"
    assert source.server == "https://mastodon.example"
    assert source.query == (
        ("all[]", "Mistral"), ("none[]", "ad"), ("none[]", "Crypto"), ("local", "true"), ("only_media", "true"),
    )  # fmt: skip
    assert source.title == "#AI with #Mistral without #ad without #Crypto on mastodon.example, local, only media"


def test_the_same_tag_narrowed_down_is_another_source(tmp_path: Path) -> None:
    config = load(tmp_path, block() + block('all = ["Mistral"]') + block("remote = true"))
    assert len({source.url for source in config.sources}) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (block(tags='"Künstliche", "kunstliche"'), "is followed already"),
        (block('all = ["Café"]') + block('all = ["cafe"]'), "is followed already"),
        (block("local = true", "remote = true"), "expected local or remote, not both"),
        (block('all = ["a", "b", "c", "d", "e"]'), "expected at most 4, not 5"),
        (block('any = ["b", "c", "d", "e"]'), "expected at most 3, not 4"),
        ('[mastodon]\nrescan_window = "10"', "expected a length of time"),
    ],
)
def test_mistakes(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert words in str(caught.value)


def test_wishes_are_those_of_the_block_where_it_has_any(tmp_path: Path) -> None:
    config = load(tmp_path, "[mastodon]\nbots = false\nnoindex = true\n" + block("bots = true") + block(tags='"KI"'))
    assert [source.keep for source in config.sources] == [Keep(noindex=True), Keep(noindex=True, bots=False)]
    assert config.mastodon == Mastodon(keep=Keep(noindex=True, bots=False))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Künstliche", "kunstliche"),
        ("Café", "CAFE"),
        ("ＡＩ", "ai"),
        ("Łódź", "lodz"),
        ("#AI", "ai"),
        ("Straße", "STRASSE"),
    ],
)
def test_tags_are_folded_as_servers_do(one: str, other: str) -> None:
    assert fold_tag(one) == fold_tag(other)


@pytest.mark.parametrize(("one", "other"), [("が", "か"), ("हिन्दी", "हनद"), ("AI", "IA")])
def test_marks_of_other_scripts_stay(one: str, other: str) -> None:
    assert fold_tag(one) != fold_tag(other)


def test_a_tag_in_another_spelling_is_the_same_source(tmp_path: Path) -> None:
    database = Database(tmp_path / "news.db")
    first = sync_sources(database.conn, load(tmp_path, block(tags='"Künstliche"')).sources, NOW)
    again = sync_sources(database.conn, load(tmp_path, block(tags='"kunstliche"')).sources, NOW)
    assert [source.id for source in first] == [source.id for source in again]
    assert database.query("SELECT count(*), sum(status = 'removed') FROM sources")[0][:] == (1, 0)
    database.close()
