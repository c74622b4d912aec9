"""`--json` of the commands that do something: one JSON object on standard output, and nothing else there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer
from tests.helpers.newsroom import filled

ROOT = Path(__file__).parents[2]
# They go on until they are ended, show themselves, ask questions, or write a document of their own.
WITHOUT = {"run", "serve", "mcp", "demo", "init", "opml export", "config schema"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    filled(tmp_path / "news.db")
    file = tmp_path / "aggregator.toml"
    file.write_text(
        f'[storage]\npath = "{tmp_path}/news.db"\nbackup = "{tmp_path}/backups"\n[stories]\nsemantic = false\n'
        '[network]\nallow_private = ["127.0.0.0/8"]\n[[feeds]]\nurl = "https://two.example/feed"\nfolder = "Press"\n',
        "utf-8",
    )
    return file


@pytest.fixture
def site() -> Iterator[HttpServer]:
    with HttpServer() as server:
        entry = item("Ferry", "https://port.example/1", "Text", "Mon, 23 Nov 2026 10:00:00 GMT")
        server.page("/f", rss("Port", entry))
        yield server


def run(file: Path, *words: str, **more: Any) -> Result:
    return CliRunner().invoke(cli, ["--config", str(file), *words], **more)


def told(file: Path, *words: str, status: int = 0, **more: Any) -> Any:
    done = run(file, *words, "--json", **more)
    assert done.exit_code == status, done.output
    return json.loads(done.stdout)


def test_a_backup_and_back(file: Path) -> None:
    made = told(file, "backup")
    assert Path(made["file"]).stat().st_size == made["bytes"] and made["backups"] == 1
    back = told(file, "restore", made["file"])
    assert (back["file"], back["taken_back"]) == (made["file"], 0)
    assert back["posts"] > 0 and Path(back["replaced"]).exists()


def test_what_would_go_and_what_went(file: Path) -> None:
    expected = told(file, "prune", "--dry-run", "--keep", "30d")
    assert expected["all_posts"] > 0 and expected["bytes"] > 0 and "staying" in expected
    assert set(told(file, "prune", "--keep", "30d")) >= {"posts", "stories", "bytes", "bytes_before", "is_too_large"}


def test_a_configuration_that_is_good_and_one_that_is_not(file: Path) -> None:
    good = told(file, "config", "check")
    assert (good["is_good"], good["sources"], good["file"]) == (True, {"feed": 1}, str(file))
    file.write_text("[nonsense]\n", "utf-8")
    [mistake] = told(file, "config", "check", status=2)["mistakes"]
    assert "nonsense" in mistake


def test_health(file: Path) -> None:
    found = told(file, "health", status=1)
    assert found["is_well"] is False and "daemon" in found["words"]


def test_feeds_that_are_added(file: Path, site: HttpServer) -> None:
    address = f"{site.url}/f"
    looked = told(file, "add", address, "--dry-run")
    assert ([each["address"] for each in looked["found"]], looked["added"]) == ([address], [])
    assert told(file, "add", address)["added"] == [address]
    again = told(file, "add", address, "--folder", "Ports")
    assert (again["added"], again["followed"], again["elsewhere"]) == ([], [address], {address: "Ports"})


def test_a_list_that_is_taken_over(file: Path) -> None:
    listed = "https://one.example/f\nhttps://two.example/feed\ngopher://three.example/\n"
    found = told(file, "opml", "import", "-", status=1, input=listed)
    assert (found["added"], found["followed"]) == (["https://one.example/f"], ["https://two.example/feed"])
    assert len(found["left_out"]) == 1


def test_the_site_and_what_is_worked_out_again(file: Path, tmp_path: Path) -> None:
    built = told(file, "publish", "--path", str(tmp_path / "site"))
    assert (built["path"], built["pages"] > 0) == (str(tmp_path / "site"), True)
    again = told(file, "rebuild", "all")
    assert set(again) == {"topics", "copies", "stories", "counters", "briefs"}
    assert again["copies"]["looked_at"] > 0


def test_what_an_editor_does(file: Path) -> None:
    stories = [row["id"] for row in told(file, "stories")]
    assert told(file, "story", "pin", str(stories[0])) == {"story_id": stories[0], "is_pinned": True}
    assert told(file, "story", "rename", str(stories[0]), "Ferries") == {"story_id": stories[0], "title": "Ferries"}
    assert told(file, "story", "pin", "--off", str(stories[0]))["is_pinned"] is False
    [post, *_] = [row["id"] for row in told(file, "posts")]
    assert told(file, "post", "topic", "add", str(post), "funding")["is_about"] is True
    assert told(file, "post", "topic", "remove", str(post), "funding")["is_about"] is False
    assert told(file, "topics", "label", str(post), "funding", "--not")["is_about"] is False
    merged = told(file, "story", "merge", str(stories[1]), str(stories[2]))
    assert set(merged) == {"story_id", "merged_into"} and set(merged.values()) == set(stories[1:3])


def test_what_is_forgotten(file: Path) -> None:
    looked = told(file, "forget", "cy@far.example", "--dry-run")
    assert (looked["is_done"], looked["author"], looked["posts"]) == (False, "cy@far.example", 0)
    assert told(file, "forget", "cy@far.example", "--yes")["is_done"] is True
    refused = run(file, "forget", "bo@far.example", "--json")
    assert (refused.exit_code, refused.stdout) == (2, "")


@pytest.mark.parametrize(
    ("words", "said", "kind"),
    [
        (["stories"], "A JSON array of objects; with STORY an object.", list),
        (["stories", "1"], "A JSON array of objects; with STORY an object.", dict),
        (["story", "show", "1"], "A JSON object.", dict),
        (["explain", "1"], "A JSON object; of what filters kept out an array.", dict),
        (["forget", "--list"], "A JSON object; with --list an array of objects.", list),
        (["posts"], "A JSON array of objects.", list),
        (["topics"], "A JSON array of objects.", list),
    ],
)  # fmt: skip
def test_the_help_says_what_is_written(file: Path, words: list[str], said: str, kind: type) -> None:
    group = [word for word in words if word.isalpha()]
    helped = " ".join(CliRunner().invoke(cli, [*group, "--help"]).output.split())
    assert f"--json {said} --csv" in helped
    assert isinstance(told(file, *words), kind)


def _commands(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command, by all its words. Groups that work by themselves are among them."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            assert found is not None
            yield from _commands(found, f"{name} {each}".strip())
        if not command.invoke_without_command:
            return
    if name:
        yield name, command


def test_every_command_has_it_or_the_docs_say_that_it_has_not() -> None:
    without = {
        name
        for name, command in _commands(cli)
        if not any("--json" in option for each in command.params for option in each.opts)
    }
    assert without == WITHOUT
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    [line] = [line for line in page.splitlines() if line.startswith("Without `--json` are")]
    named = line.removeprefix("Without `--json` are ").partition(":")[0].replace(" and ", ", ")
    assert {name.strip("`") for name in named.split(", ")} == WITHOUT
