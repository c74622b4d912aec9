"""What is written about the configuration is true: the schema, the page, and its examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aggregator.config import json_schema, load_config
from aggregator.config.environment import CONFIG, VARIABLES
from aggregator.config.reference import with_tables
from aggregator.model.errors import ConfigError
from aggregator.model.settings import Config

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "configuration.md").read_text("utf-8")
SCHEMA = json_schema()

# ---------------------------------------------------------------- the schema


def test_the_shipped_schema_is_fresh():
    shipped = (ROOT / "config" / "aggregator.schema.json").read_text("utf-8")
    assert shipped == json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n", "make it anew: make reference"


def test_the_shipped_file_names_the_schema_in_its_first_line():
    first = (ROOT / "config" / "aggregator.toml").read_text("utf-8").split("\n")[0]
    assert first == "#:schema ./aggregator.schema.json"


def tables(node: dict[str, Any] = SCHEMA) -> Iterator[tuple[str, dict[str, Any]]]:
    """The tables of the schema with their names."""
    yield "File", node
    yield from node["$defs"].items()


@pytest.mark.parametrize(("name", "table"), list(tables()))
def test_every_key_is_described_and_unknown_ones_are_refused(name, table):
    assert table["additionalProperties"] is False
    assert table["description"].endswith(".")
    assert all("$ref" in key or key["description"].endswith(".") for key in table["properties"].values())


@pytest.mark.parametrize(
    ("table", "key", "good", "bad"),
    [
        ("Polling", "interval", ["15m", "1h30m", "1w2d"], ["15", "15 min", "1.5h", "", "m"]),
        ("Network", "max_size", ["15MiB", "1 GiB", "500kB"], ["15", "15 megabytes", "MiB"]),
        ("Feed", "url", ["https://example.org/f"], ["example.org", "ftp://example.org"]),
        ("Feed", "language", ["en", "pt-BR"], ["english", "en_US"]),
        (
            "Hashtags",
            "server",
            ["https://mastodon.social", "http://127.0.0.1:8000/"],
            ["mastodon.social", "https://a/b"],
        ),
    ],
)
def test_editors_are_told_what_values_look_like(table, key, good, bad):
    schema = SCHEMA["$defs"][table]["properties"][key]

    def fits(value: str) -> bool:
        return bool(re.search(schema["pattern"], value)) and len(value) >= schema.get("minLength", 0)

    assert all(map(fits, good))
    assert not any(map(fits, bad))


def test_defaults_are_written_as_in_the_file():
    storage, network = SCHEMA["$defs"]["Storage"]["properties"], SCHEMA["$defs"]["Network"]["properties"]
    assert storage["path"]["default"] == "data/aggregator.db"
    assert storage["snapshot_interval"]["default"] == "1h"
    assert network["max_size"]["default"] == "15MiB"
    assert network["allow_private"]["default"] == []
    assert "default" not in network["contact"]
    assert "null" not in json.dumps(SCHEMA)


# ---------------------------------------------------------------- the page

PLACES = {
    "Storage": "[storage]",
    "Polling": "[polling]",
    "Domain": "[domains.NAME]",
    "Network": "[network]",
    "Mastodon": "[mastodon]",
    "Stories": "[stories]",
    "Articles": "[articles]",
    "Publish": "[publish]",
    "SavedFeed": "[[publish.feeds]]",
    "Briefs": "[briefs]",
    "Http": "[http]",
    "Cluster": "[cluster]",
    "Log": "[log]",
    "Feed": "[[feeds]]",
    "Secret": "a header's value",
    "Hashtags": "[[hashtags]]",
    "Accounts": "[[accounts]]",
    "Timelines": "[[timelines]]",
    "Trends": "[[trends]]",
    "Topic": "[topics.NAME]",
    "Taxonomy": "[taxonomy]",
    "WeightedTerm": "a term in `any`",
    "Filter": "[[filters]]",
    "NotifyTable": "[[notify]]",
    "DigestTable": "[[digest]]",
}


def rows(place: str) -> dict[str, str]:
    """The table of the page for a table of the file: key → default."""
    heading = place if place.startswith("a ") else f"in `{place}`"
    (found,) = re.findall(rf"^\| key (?:of )?{re.escape(heading)} .*\n\|---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    cells = (line.split("|") for line in found.splitlines())
    return {row[1].strip(" `"): row[2].strip(" `") for row in cells}


def test_the_page_has_every_table():
    assert set(PLACES) == set(SCHEMA["$defs"])


@pytest.mark.parametrize("table", PLACES)
def test_the_page_has_every_key_with_its_default_and_no_other(table):
    properties, shown = SCHEMA["$defs"][table]["properties"], rows(PLACES[table])
    assert list(shown) == list(properties)
    for key, schema in properties.items():
        if "default" in schema:
            assert shown[key] == json.dumps(schema["default"]), key
        elif key in SCHEMA["$defs"][table].get("required", []):
            assert shown[key] == "needed", key


def test_what_the_page_says_of_the_settings_is_fresh():
    assert with_tables(PAGE) == PAGE, "make it anew: make reference"
    marked = re.findall(r"^<!-- keys of (.+): made by", PAGE, re.MULTILINE)
    settings = ["[storage]", "[polling]", "[domains.NAME]", "[network]", "[mastodon]", "[stories]", "[articles]"]
    assert marked == ["packs", *settings, "[publish]", "[briefs]", "[http]", "[cluster]", "[log]"]


def test_the_page_has_every_environment_variable_and_no_other():
    shown = re.findall(r"^\| `(AGGREGATOR_\w+)` \| (.*) \|$", PAGE, re.MULTILINE)
    assert [name for name, _ in shown] == [CONFIG, *VARIABLES]
    for name, place in shown[1:]:
        assert place.startswith(f"`[{VARIABLES[name].table}] {VARIABLES[name].key}`")


def blocks() -> list[tuple[str, str]]:
    """The fenced blocks of the page: what is written behind the fence, and the text."""
    return re.findall(r"^```(.*)\n((?:.*\n)*?)```$", PAGE, re.MULTILINE)


SECRETS = {
    "MASTODON_TOKEN": "abc", "MEMBERS_PASSWORD": "abc", "MEMBERS_KEY": "abc", "NEWS_TOKEN": "abc",
    "DESK_SECRET": "abc", "SMTP_PASSWORD": "abc",
    "PODCAST_FEED": "https://radio.example/feed?token=ab12",
}  # fmt: skip


@pytest.mark.parametrize("text", [text for kind, text in blocks() if kind == "toml"])
def test_the_examples_load(tmp_path, text):
    file = tmp_path / "aggregator.toml"
    file.write_text(text, "utf-8")
    assert load_config(file, SECRETS) != Config(file=file)


def test_the_wrong_examples_give_the_output_that_is_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pairs = [(text, shown) for (kind, text), (_, shown) in zip(blocks(), blocks()[1:], strict=False) if "wrong" in kind]
    assert len(pairs) == 2
    for text, shown in pairs:
        Path("aggregator.toml").write_text(text, "utf-8")
        with pytest.raises(ConfigError) as caught:
            load_config(Path("aggregator.toml"), {})
        assert f"{caught.value}\n" == shown


TERMS = re.search(r"^\| written \| finds .*\n\|---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)


@pytest.mark.parametrize("row", TERMS[1].splitlines() if TERMS else [])
def test_terms_find_what_the_page_says(row):
    from aggregator.topics.matcher import TermFinder
    from aggregator.topics.normal_forms import normalise

    term, found, missed = (cell.strip(" `") for cell in row.split("|")[1:4])
    finder = TermFinder([json.loads(term)])
    assert all(list(finder.find(normalise(text))) for text in found.split("; ") if text)
    assert not any(list(finder.find(normalise(text))) for text in missed.split("; "))


# ---------------------------------------------------------------- the shipped file


def test_the_shipped_file_shows_every_setting_with_its_default(tmp_path: Path) -> None:
    text = (ROOT / "config" / "aggregator.toml").read_text("utf-8")
    tables = {
        match[1]: match[2] for match in re.finditer(r"^\[(\w+)\]\n(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)
    }
    for table in (
        "storage",
        "polling",
        "network",
        "mastodon",
        "stories",
        "articles",
        "publish",
        "briefs",
        "http",
        "log",
    ):
        keys = SCHEMA["$defs"][table.capitalize()]["properties"].keys() - {"feeds"}
        assert set(re.findall(r"^(?:#|# )?(\w+) =", tables[table], re.MULTILINE)) == set(keys), table
    defaults = "\n".join(
        re.sub(r"^#(\w+ =)", r"\1", f"[{name}]\n{rest}", flags=re.MULTILINE) for name, rest in tables.items()
    )
    file, empty = tmp_path / "defaults.toml", tmp_path / "empty.toml"
    file.write_text(defaults.replace('fetch = "stories"', 'fetch = "never"'), "utf-8")  # the one that is no default
    empty.write_text("", "utf-8")
    assert replace(load_config(file, {}), file=empty) == load_config(empty, {})


# ---------------------------------------------------------------- the shipped sources


def test_the_page_accounts_for_every_shipped_feed():
    shipped = (ROOT / "config" / "aggregator.toml").read_text("utf-8")
    comments = re.findall(r'^\[\[feeds\]\]  # (.*)\nurl = "(.*)"$', shipped, re.MULTILINE)
    assert len(comments) == shipped.count("\n[[feeds]]")
    section = PAGE[PAGE.index("## The shipped sources") :]
    assert "None of them was fetched" in section
    for comment, url in comments:
        if comment.startswith(("several programs", "the form")):
            assert f"<{url}>" in section
        else:
            for name in comment.split(", "):
                assert f"- [{name}](https://github.com/{name}): " in section


def test_the_page_counts_right():
    shipped = load_config(ROOT / "config" / "aggregator.toml", {}).sources
    feeds = sum(source.kind == "feed" for source in shipped)
    assert f"follows {feeds} feeds and {len(shipped) - feeds} hashtags" in PAGE
