"""Every command that the README and the docs print is run, or stands in a list of those that can't be, with the reason.

They run in a folder as a reader has it after `make demo`: `aggregator` on the path, a configuration, a database, a
backup. What they name elsewhere is here: sites and servers on loopback, posts of the demo. A command that is in neither
fails.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from aggregator.cli.main import cli
from tests.helpers.documented import ROOT, Command, commands_of, documented_commands, inline_commands
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer

COMMANDS, INLINE = documented_commands(), inline_commands()
PAGES = list(dict.fromkeys(command.page for command in COMMANDS))

# What is not run here, and why. Each of these must meet a command.
CANNOT = {
    r"docker (build|run -d|stop|start|rm|image|compose)\b": "needs a container engine: tests/container",
    r"(python3 -m venv \S+ && )?(\S*python3?) -m pip\b|python3 -m venv ": "fetches packages, or makes a place for them",
    r"(pipx|uv) ": "fetches packages, or removes what they were",
    r"(systemctl|useradd|cp|mkdir -p /etc|rm /etc|rm -r /opt|sudo)\b": "changes the machine, as root",
    r"echo \"whsec_": "is another program's, and says another secret each time",
    r"source ": "is the shell's own, for the next lines",
    r"curl .*127\.0\.0\.1:8000/changes": "asks a daemon with a token: tests/engine/web/test_doors.py does",
    r"datasette ": "is another program's: tests/docs/test_datasette.py starts it so, where it is installed",
    r"sqlite-utils ": "is another program's: tests/clients runs it",
    r"dask ": "runs for ever: tests/engine/cluster/test_dask.py starts both",
    r"ollama |rsync ": "is another program's, and talks to other machines",
    r'BUILD="docker buildx build" ': "pushes an image: tests/release/test_image_script.py runs the script",
}  # fmt: skip

# How else a command may end, and why.
MAY_END = {
    r"aggregator( --\S+ \S+)* doctor\b": (1, "it looks for something to do, and may find it"),
    r"aggregator( --\S+ \S+)* forget\b": (5, "whom the docs name is in no database"),
    r"aggregator( --\S+ \S+)* forget [^-]": (2, "it asks, and nobody can be asked here"),
}
# These go on until they are told to end.
UNTIL_ENDED = re.compile(r"aggregator( --\S+ \S+)* (serve|run|changes .*--follow)\b")
RUN = re.compile(r"(\.venv/bin/)?aggregator |sqlite3 |mkdir -p [a-z]+$|(rm -f|mv) news\.db")
MAKE, BENCHMARK = re.compile(r"make (\S+)"), re.compile(r"python -m (benchmarks\.\w+)")
_IN_THE_IMAGE = re.compile(r"docker (exec|run --rm) aggregator (aggregator )?")


def kind_of(text: str) -> str:
    """run, make or benchmark, or the reason why it is not run; empty: it is in no list."""
    text = _IN_THE_IMAGE.sub("aggregator ", text)
    for name, pattern in (("run", RUN), ("make", MAKE), ("benchmark", BENCHMARK)):
        if pattern.match(text):
            return name
    return next((reason for pattern, reason in CANNOT.items() if re.match(pattern, text)), "")


def test_every_command_is_in_a_list() -> None:
    assert len(COMMANDS) > 60
    unknown = [str(command) for command in COMMANDS if not kind_of(command.text)]
    assert unknown == [], "neither run nor named in CANNOT; what is no command stands in a fence: ```text"


@pytest.mark.parametrize("pattern", CANNOT)
def test_every_reason_is_needed(pattern: str) -> None:
    assert [command for command in COMMANDS if re.match(pattern, command.text)]


class TestFinding:
    """What is a command, and what is in no list."""

    @pytest.mark.parametrize(
        "text", ["    frobnicate --all", "```\nfrobnicate\n```", "```console\n$ frobnicate\nsaid\n```"]
    )
    def test_a_new_command_is_found_and_in_no_list(self, text: str) -> None:
        [command] = commands_of(f"Type\n\n{text}\n")
        assert kind_of(command.text) == ""

    def test_what_a_command_says_and_what_has_a_language_is_none(self) -> None:
        page = (
            "```console\n$ aggregator poll\n1 post\n```\n\n```text\naggregator said\n```\n\n```toml\n    a = 1\n```\n"
        )
        assert [command.text for command in commands_of(page)] == ["aggregator poll"]

    def test_continued_lines_are_one(self) -> None:
        [command] = commands_of("Type\n\n    docker run \\\n      -d aggregator\n\nand so on\n")
        assert (command.text, command.line) == ("docker run -d aggregator", 3)

    def test_what_goes_on_in_a_list_is_none(self) -> None:
        assert commands_of("- A point\n    that goes on\n") == []

    @pytest.mark.parametrize(("text", "kind"), [
        ("aggregator new --since 1d", "run"), ("docker exec aggregator aggregator stories", "run"),
        ("rm -r data", ""), ("mkdir -p /srv", ""), ("make demo", "make"), ("wget https://example.org", ""),
    ])  # fmt: skip
    def test_what_is_done_with_one(self, text: str, kind: str) -> None:
        assert kind_of(text) == kind


# ---------------------------------------------------------------- running them


@dataclass(frozen=True, slots=True)
class Room:
    """A folder as a reader of the docs has it, and what the addresses of the docs are in it."""

    folder: Path
    site: str
    posts: tuple[str, str]

    def meant(self, text: str) -> str:
        """The command, with what is here for what it names."""
        text = _IN_THE_IMAGE.sub("aggregator ", text)
        number, address = self.posts
        for pattern, here in (
            (r"@mastodon\.(example|social)\b", f"@{self.site}"),
            (r"https://port\.example/news\.xml", f"{self.site}/news.xml"),
            (r"https://example\.org/a\b", address),
            (r"https://example\.org/blog/", f"{self.site}/"),
            (r"https://example\.org\b", self.site),
            (r"(?<= )4711\b", number),
            (r"(?<!\S)/backups/", f"{self.folder}/backups/"),
        ):
            text = re.sub(pattern, here, text)
        return text

    def run(self, text: str) -> tuple[int, str]:
        """Its exit status, and what it said."""
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", text], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    def run_until_it_serves(self, text: str) -> tuple[int, str]:
        """The same of one that goes on: told to end when it has said that it serves, or its first line."""
        listen = "" if "--follow" in text else " --listen 127.0.0.1:0"
        process = subprocess.Popen(
            ["bash", "-c", f"exec {text}{listen}"], cwd=self.folder, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert process.stdout
        said = process.stdout.readline()
        process.send_signal(signal.SIGTERM if "serving http://" in said or said.startswith("{") else signal.SIGKILL)
        rest, _ = process.communicate(timeout=60)
        return process.returncode, said + rest

    @property
    def environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("AGGREGATOR_")}
        return {**own, "PATH": f"{self.folder / 'bin'}{os.pathsep}{own['PATH']}", "HOME": str(self.folder)}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `make demo` leaves in `data`."""
    folder = tmp_path_factory.mktemp("demo")
    assert CliRunner().invoke(cli, ["demo", "--database", str(folder / "data" / "demo.db")]).exit_code == 0
    return folder


@pytest.fixture(scope="module")
def site() -> Iterator[HttpServer]:
    """A port's site, which links its feed, and a Mastodon server where nobody has posted yet."""
    with HttpServer() as server:
        server.page("/api/v1/timelines/tag/ferry", "[]", "application/json")
        entry = item(
            "The ferry to Norderney lies idle", "https://port.example/1", "Text", "Mon, 23 Nov 2026 10:00:00 GMT"
        )
        address = server.page("/news.xml", rss("Port", entry))
        link = f'<link rel="alternate" type="application/rss+xml" href="{address}">'
        for path in ("/", "/blog/"):
            server.page(path, f"<!doctype html><head>{link}</head>", "text/html")
        yield server


@pytest.fixture
def room(tmp_path: Path, demo: Path, site: HttpServer) -> Room:
    shutil.copytree(demo / "data", tmp_path / "data", ignore=shutil.ignore_patterns("*.weights"))
    for folder, name in (
        ("data", "aggregator.db"),
        ("backups", "aggregator-20270301T040000Z.db"),
        ("", "news.db.before-NAME"),
    ):
        (tmp_path / folder).mkdir(exist_ok=True)
        shutil.copy(demo / "data" / "demo.db", tmp_path / folder / name)
    for folder in ("bin", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
        program = tmp_path / folder / "aggregator"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m aggregator "$@"\n', "utf-8")
        program.chmod(0o755)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "aggregator.toml").write_text(
        f'[[feeds]]\nurl = "{site.url}/news.xml"\n[network]\nallow_private = ["127.0.0.0/8"]\n', "utf-8"
    )
    (tmp_path / "question.sql").write_text("SELECT count(*) AS posts FROM posts", "utf-8")
    (tmp_path / "post.txt").write_text("Acme raises $30 million\n\nto build robots", "utf-8")
    room = Room(tmp_path, site.url, ("", ""))
    status, said = room.run("aggregator sql --csv 'SELECT id, url FROM posts WHERE url IS NOT NULL LIMIT 1'")
    assert status == 0
    number, _, address = said.splitlines()[1].partition(",")
    return Room(tmp_path, site.url, (number, address))


@pytest.mark.parametrize("page", [page for page in PAGES if any(
    kind_of(command.text) == "run" for command in COMMANDS if command.page == page)])  # fmt: skip
def test_the_commands_of_a_page_run_one_after_the_other(room: Room, page: str) -> None:
    for command in (each for each in COMMANDS if each.page == page and kind_of(each.text) == "run"):
        text = room.meant(command.text)
        others = re.findall(r"(?:^|\| )(jq|sqlite3) ", text)
        if not all(map(shutil.which, others)):
            continue  # there are machines without it
        plain = re.sub(r"\s+#.*", "", text)
        status, said = room.run_until_it_serves(plain) if UNTIL_ENDED.match(text) else room.run(text)
        other_ends = {end for pattern, (end, _) in MAY_END.items() if re.match(pattern, text)}
        assert status in {0, *other_ends}, f"{command}\n{text}\n{said}"


def test_one_that_fails_is_noticed(room: Room) -> None:
    assert room.run("aggregator stories --no-such-option")[0] == 2
    assert room.run("aggregator sql 'SELECT 1' | false")[0] == 1
    assert room.run_until_it_serves("aggregator --config nowhere.toml serve")[0] != 0


def of_kind(kind: str) -> list[Command]:
    """Commands of this kind, of blocks and of the text."""
    return [each for each in (*COMMANDS, *INLINE) if kind_of(each.text) == kind]


@pytest.mark.parametrize("command", of_kind("make"), ids=str)
def test_make_knows_it(command: Command) -> None:
    found = MAKE.match(command.text)
    assert found and re.search(rf"^{found[1]}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("command", of_kind("benchmark"), ids=str)
def test_a_benchmark_is_there_and_has_these_options(command: Command) -> None:
    found = BENCHMARK.match(command.text)
    spec = found and find_spec(found[1])
    assert spec and spec.origin
    source = Path(spec.origin)
    sources = source.parent.glob("*.py") if source.name == "__init__.py" else [source]
    text = "".join(each.read_text("utf-8") for each in sources)
    assert [option for option in re.findall(r"--[a-z-]+", command.text) if f'"{option}"' not in text] == []


@pytest.mark.parametrize("command", [each for each in COMMANDS if re.search(r"\bpip\b|pipx|uv ", each.text)], ids=str)
def test_what_is_installed_has_these_extras_and_files(command: Command) -> None:
    provided = set(distribution("aggregator").metadata.get_all("Provides-Extra") or ())
    named = {extra for group in re.findall(r"\[([a-z,]+)\]'", command.text) for extra in group.split(",")}
    assert named <= provided
    assert all((ROOT / name).exists() for name in re.findall(r"-r (\S+)", command.text))


# ---------------------------------------------------------------- what stands in the text


def options_of(command: click.Command) -> set[str]:
    return {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help", "-h"}


def wrong_in(text: str) -> str | None:
    """What of `aggregator … COMMAND … --option` is not there; None where all is."""
    command: click.Command = cli
    options, before = options_of(cli), ""
    for word in (word.strip("[]…,") for word in text.split()[1:]):
        if word.startswith("-") and word.strip("-"):
            if word.partition("=")[0] not in options:
                return word
        elif isinstance(command, click.Group) and re.fullmatch(r"[a-z]+", word) and not before.startswith("--"):
            found = command.get_command(click.Context(command), word)
            if found is None and not command.invoke_without_command:
                return word
            if found is not None:
                command, options = found, options | options_of(found)
        before = word
    return None


@pytest.mark.parametrize("command", [each for each in INLINE if each.text.startswith(".ci/")], ids=str)
def test_a_script_in_the_text_is_there(command: Command) -> None:
    assert (ROOT / command.text.split()[0]).exists()


def test_what_contributors_type_is_looked_at() -> None:
    looked_at = {
        command.text.partition(" #")[0].strip() for command in (*COMMANDS, *INLINE) if "CONTRIB" in command.page
    }
    assert {"make setup", "make lock", ".ci/run", "python -m benchmarks.views"} <= looked_at


@pytest.mark.parametrize("command", [each for each in INLINE if each.text.startswith("aggregator ")], ids=str)
def test_a_command_in_the_text_is_there_with_its_options(command: Command) -> None:
    assert wrong_in(command.text) is None


@pytest.mark.parametrize(("text", "wrong"), [
    ("aggregator frobnicate", "frobnicate"), ("aggregator poll --frobnicate", "--frobnicate"),
    ("aggregator config frobnicate", "frobnicate"), ("aggregator --config FILE config check", None),
    ("aggregator stories --json", None), ("aggregator topics test TEXT --topic funding", None),
])  # fmt: skip
def test_and_one_that_is_not_is_found(text: str, wrong: str | None) -> None:
    assert wrong_in(text) == wrong
