"""`aggregator init`: a file of one's own from options or three answers, which the next command in that folder finds."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.config import load_config
from aggregator.config.load import usual_file
from aggregator.model.errors import ConfigError
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer

FERRIES = ("--topic", "Ferries: ferry, ferries", "--feed", "https://port.example/feed.xml")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, and nothing that names a file elsewhere."""
    monkeypatch.chdir(tmp_path)
    for name in ("AGGREGATOR_CONFIG", "AGGREGATOR_DATABASE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def port() -> Iterator[HttpServer]:
    with HttpServer() as server:
        entry = item(
            "The ferry to Norderney lies idle", "https://port.example/1", "Text", "Mon, 23 Nov 2026 10:00:00 GMT"
        )
        server.page("/feed.xml", rss("Port", entry))
        yield server


def call(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def test_the_next_poll_in_the_folder_finds_it(port: HttpServer) -> None:
    done = call("init", "--topic", "Ferries: ferry", "--feed", f"{port.url}/feed.xml")
    assert done.exit_code == 0 and "aggregator.toml: written, with 1 topic, 1 feed" in done.output
    assert call("config", "check").output.startswith("aggregator.toml: good: 1 feed, 0 hashtags, 1 topic\n")
    assert call("poll").exit_code == 0
    posts = call("sql", "--csv", "SELECT title, topics FROM latest_posts").output.splitlines()
    assert posts == ["title,topics", "The ferry to Norderney lies idle,ferries"]
    assert call("publish").exit_code == 0
    assert "<title>Ferries" in Path("data/site/index.html").read_text("utf-8")


def test_each_command_that_it_prints_is_there() -> None:
    printed = re.findall(r"^  \S+ (\w+) +# ", call("init", *FERRIES).output, re.MULTILINE)
    assert printed == ["check", "poll", "stories", "publish", "serve", "run"]
    for command in printed:
        assert call(command, "--help").exit_code == 0


def test_the_commands_that_it_prints_name_the_file_where_one_was_named() -> None:
    done = call("--config", "my beat/ferries.toml", "init", *FERRIES)
    assert "--config 'my beat/ferries.toml' poll" in done.output
    assert load_config(Path("my beat/ferries.toml"), {}).file == Path("my beat/ferries.toml")


def test_a_file_that_is_there_stays_as_it_is() -> None:
    Path("aggregator.toml").write_text("# mine\n", "utf-8")
    done = call("init", *FERRIES)
    assert isinstance(done.exception, ConfigError) and "is there already, and stays as it is" in str(done.exception)
    assert Path("aggregator.toml").read_text("utf-8") == "# mine\n"


def test_a_link_to_nowhere_is_there_too() -> None:
    Path("aggregator.toml").symlink_to("elsewhere.toml")
    assert isinstance(call("init", *FERRIES).exception, ConfigError)
    assert not Path("elsewhere.toml").exists()


def test_every_mistake_is_told_at_once_and_nothing_written() -> None:
    done = call("init", *FERRIES, "--feed", "port", "--topic", "ferries: x", "--hashtag", "ferry")
    assert isinstance(done.exception, ConfigError)
    assert [each.partition(":")[0] for each in done.exception.problems] == ["--topic", "--feed", "--hashtag"]
    assert not Path("aggregator.toml").exists()


def test_a_title_that_the_file_may_not_have_is_told_and_nothing_written() -> None:
    done = call("init", *FERRIES, "--title", "x" * 81, "--feed", "port")
    assert isinstance(done.exception, ConfigError)
    assert [each.partition(", not")[0] for each in done.exception.problems] == [
        "--title: publish.title: expected a title of at most 80 characters",
        '--feed: feeds.url: expected an http or https address such as "https://example.org/feed.xml"',
    ]
    assert not Path("aggregator.toml").exists()
    assert call("init", *FERRIES, "--title", "x" * 80).exit_code == 0
    assert call("config", "check").exit_code == 0


@pytest.mark.parametrize(("words", "said"), [
    ((), "no terminal to ask on: say what you want to follow with --topic, --feed and --hashtag"),
    (("--topic", "Ferries"), "nothing would be followed: name a --feed or a --hashtag"),
])  # fmt: skip
def test_what_is_missing_is_named(words: tuple[str, ...], said: str) -> None:
    done = call("init", *words)
    assert done.exit_code == 2 and said in done.output
    assert not Path("aggregator.toml").exists()


def test_printed_it_writes_nothing() -> None:
    Path("aggregator.toml").write_text("# mine\n", "utf-8")
    done = call("--database", "/data/news.db", "init", "--print", *FERRIES)
    assert 'path = "/data/news.db"' in done.output
    Path("printed.toml").write_text(done.output, "utf-8")
    assert [source.kind for source in load_config(Path("printed.toml"), {}).sources] == ["feed"]


class TestWhereItIsLookedFor:
    def test_ones_own_goes_before_what_is_shipped(self) -> None:
        assert usual_file({}) == Path("aggregator.toml")
        Path("config").mkdir()
        Path("config/aggregator.toml").touch()
        assert usual_file({}) == Path("config/aggregator.toml")
        Path("aggregator.toml").touch()
        assert usual_file({}) == Path("aggregator.toml")

    def test_the_environment_goes_before_both(self) -> None:
        Path("aggregator.toml").touch()
        assert usual_file({"AGGREGATOR_CONFIG": "other.toml"}) == Path("other.toml")
        assert usual_file({"AGGREGATOR_CONFIG": " "}) == Path("aggregator.toml")

    def test_where_none_is_there_init_is_named(self) -> None:
        done = call("poll")
        assert isinstance(done.exception, ConfigError) and "`aggregator init` writes one" in str(done.exception)

    def test_init_writes_where_the_environment_says(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AGGREGATOR_CONFIG", "etc/beat.toml")
        assert call("init", *FERRIES).exit_code == 0
        assert Path("etc/beat.toml").exists() and not Path("aggregator.toml").exists()


def asked(*answers: str) -> tuple[int, str]:
    """The program on a terminal, where somebody types these lines: its exit status and all that stands there."""
    ours, theirs = pty.openpty()
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
    process = subprocess.Popen([sys.executable, "-m", "aggregator", "init"], stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # nobody has the other end any more
        while part := os.read(ours, 4096):
            shown += part
    os.close(ours)
    return process.wait(timeout=30), shown.decode().replace("\r\n", "\n")


class TestQuestions:
    def test_three_answers_make_a_file(self) -> None:
        status, shown = asked("Ferries: ferry, Fähre*", "", "port.example/feed.xml", "", "ferry@mastodon.social", "")
        assert status == 0 and "1 topic, 1 feed, 1 hashtag" in shown
        config = load_config(Path("aggregator.toml"), {})
        assert [source.url for source in config.sources] == [
            "https://port.example/feed.xml",
            "https://mastodon.social/tags/ferry",
        ]
        assert [rule.topic for rule in config.rules] == ["ferries"]

    def test_a_wrong_answer_is_told_and_asked_for_again(self) -> None:
        status, shown = asked("Ferries: a|b", "Ferries: ferry", "", "nonsense", "https://port.example/f", "", "")
        assert status == 0 and "write two terms" in shown and "expected an http or https address" in shown
        assert len(load_config(Path("aggregator.toml"), {}).sources) == 1

    def test_of_several_addresses_in_a_line_the_right_ones_are_taken(self) -> None:
        status, shown = asked(
            "Ferries: ferry", "", "https://a.example/f, b.example/f https://a.example/f c.example/f", "", ""
        )
        assert status == 0 and "https://a.example/f is there already" in shown and "3 feeds" in shown

    def test_who_names_no_source_is_asked_again(self) -> None:
        status, shown = asked("Ferries: ferry", "", "", "", "https://port.example/f", "")
        assert status == 0 and "Nothing would be followed: a feed, please." in shown

    def test_who_leaves_leaves_nothing(self) -> None:
        status, _ = asked("Ferries: ferry", "", "\x04")  # Ctrl-D
        assert status == 1 and not Path("aggregator.toml").exists()
