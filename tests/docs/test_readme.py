"""The README is short, and what it shows is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from aggregator.cli.main import _COMMANDS, cli
from aggregator.config import load_config
from aggregator.config.topics import default_rules
from aggregator.model.post import Post
from aggregator.topics.taxonomy import Taxonomy

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_it_is_short() -> None:
    assert len(README.splitlines()) < 150


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(links) >= 6
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_its_pictures_are_there_and_small() -> None:
    shown = set(re.findall(r'src(?:set)?="([^"]+)"', README)) - {"docs/figures/peers.svg"}  # by `make performance`
    kept = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "pictures").iterdir()}
    kept -= {name for name in kept if "/datasette-" in name or "/digest" in name}  # of docs/database.md, docs/digest.md
    assert len(shown) == 8 and shown == kept  # by `make pictures`
    assert all((ROOT / name).read_bytes().startswith(b"\x89PNG") for name in shown)
    assert all((ROOT / name).stat().st_size <= 150_000 for name in shown)
    assert len(re.findall(r'<img [^>]*alt="[^"]{10,}"', README)) == 5
    assert 'src="docs/figures/peers.svg"' in README
    assert (ROOT / "docs/figures/peers.svg").stat().st_size <= 20_000


def test_it_counts_topics_and_entities_right() -> None:
    kinds = [rule.kind for rule in default_rules().values()]
    topics, entities = kinds.count("topic"), len(kinds) - kinds.count("topic")
    assert f"{topics} topics and {entities} companies" in README


def test_every_page_of_the_docs_can_be_reached() -> None:
    pages = {ROOT / "README.md": README, **{page: page.read_text("utf-8") for page in (ROOT / "docs").glob("*.md")}}
    linked = {
        (page.parent / link).resolve()
        for page, text in pages.items()
        for link in re.findall(r"\]\(([^)#]+)", text)
        if ":" not in link
    }
    assert {page for page in pages if page.name != "README.md"} <= linked


def test_its_ten_lines_follow_a_beat_and_tag_a_post(tmp_path: Path) -> None:
    [example] = blocks("toml")
    assert len([line for line in example.splitlines() if line.strip()]) == 10
    file = tmp_path / "aggregator.toml"
    file.write_text(example, encoding="utf-8")
    config = load_config(file, {})
    assert [source.kind for source in config.sources] == ["feed", "hashtag", "hashtag"]
    assert [rule.topic for rule in config.rules] == ["ferries"]
    rules = Taxonomy(config.rules)
    [match] = rules.match(Post(kind="article", native_id="1", title="Storm: no ferries to Norderney"))
    assert match.topic == "ferries"
    assert rules.match(Post(kind="article", native_id="2", title="A bridge to Norderney")) == ()


def test_its_queries_run_on_the_demo(tmp_path: Path) -> None:
    database = str(tmp_path / "demo.db")
    assert CliRunner().invoke(cli, ["demo", "--database", database]).exit_code == 0
    queries = blocks("sql") + re.findall(r'sql "([^"]+)"', README)
    assert len(queries) >= 3
    for query in queries:
        done = CliRunner().invoke(cli, ["--database", database, "sql", "--csv", query], catch_exceptions=False)
        assert len(done.output.splitlines()) > 1, query


@pytest.mark.parametrize("target", ["run", "demo", "test", "browser", "lint", "setup"])
def test_make_knows_the_targets(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_the_commands_it_names_exist() -> None:
    named = set(re.findall(r"`(?:aggregator )?([a-z]+)(?: [a-z]+)?`", README)) & {"poll", "stories", "posts", "topics"}
    assert named == {"poll", "stories", "posts", "topics"}
    assert named <= set(_COMMANDS)
