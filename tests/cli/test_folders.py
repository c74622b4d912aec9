"""Folders: from the file into the database, and `--folder` of the commands that read or ask sources."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.config import load_config
from aggregator.model.brief import Brief, BriefSentence, Due
from aggregator.model.errors import ConfigError, NotFoundError
from aggregator.storage.briefs.rows import save_brief
from aggregator.storage.changelog import log_changes
from aggregator.storage.database import Database
from aggregator.storage.finding.folders import no_such_folder
from aggregator.storage.sources import sync_sources
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer
from tests.helpers.poller_room import NOW

# Name of a feed → its folder.
FOLDERS = {"ferry": "Press/Ports", "bay": "press", "steel": "Pressure", "lone": None}

COMMANDS = ["sources", "posts", "stories", "poll", "check", "new", "agenda", "changes"]


def block(url: str, folder: str | None) -> str:
    return f"[[feeds]]\nurl = {json.dumps(url)}\n" + (f"folder = {json.dumps(folder)}\n" if folder else "")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Four feeds with a post each, and one post that two of them have."""
    file = tmp_path / "aggregator.toml"
    with HttpServer() as server:
        blocks = []
        for name, folder in FOLDERS.items():
            entry = item(f"The {name} is late", f"https://{name}.example/1", "Text", "Mon, 23 Nov 2026 10:00:00 GMT")
            both = item("Both say it", "https://both.example/1", "Text", "Mon, 23 Nov 2026 11:00:00 GMT")
            entries = entry + both if name in ("ferry", "lone") else entry
            blocks.append(block(server.page(f"/{name}", rss(name.title(), entries)), folder))
        file.write_text(
            f'[storage]\npath = "{tmp_path}/news.db"\n[network]\nallow_private = ["127.0.0.0/8"]\n'
            f"[stories]\nsemantic = false\n{''.join(blocks)}",
            "utf-8",
        )
        yield file


def call(file: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--config", str(file), *words])


def listed(file: Path, *words: str) -> list[dict[str, Any]]:
    done = call(file, *words, "--json")
    assert done.exit_code == 0, done.output
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_what_stands_in_a_folder_is_shown_alone(file: Path) -> None:
    assert call(file, "poll").exit_code == 0
    assert [(row["source"], row["folder"]) for row in listed(file, "sources")] == [
        ("Ferry", "Press/Ports"), ("Bay", "press"), ("Steel", "Pressure"), ("Lone", None),
    ]  # fmt: skip
    assert [row["source"] for row in listed(file, "sources", "--folder", "PRESS")] == ["Ferry", "Bay"]
    assert [row["title"] for row in listed(file, "posts", "--folder", "Press/Ports")] == [
        "Both say it", "The ferry is late",
    ]  # fmt: skip
    assert len(listed(file, "posts", "-f", "Press")) == 3
    assert {row["title"] for row in listed(file, "stories", "--folder", "Press")} == {
        "Both say it", "The ferry is late", "The bay is late",
    }  # fmt: skip
    assert {row["title"] for row in listed(file, "search", "late", "--folder", "Press")} == {
        "The ferry is late", "The bay is late",
    }  # fmt: skip
    assert listed(file, "search", "both", "--folder", "Pressure") == []
    assert [row["title"] for row in listed(file, "stories", "--folder", "Pressure")] == ["The steel is late"]


def titles(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(row["title"] for row in rows)


def test_what_is_new_in_a_folder_is_noted_for_that_folder_alone(file: Path) -> None:
    """The posts are older than what is told to who never asked: so each asks, and then there are posts."""
    looks = ["new", "new --folder Pressure", "new --folder Press", "new --name desk --folder Pressure"]
    with closing(Database(file.parent / "news.db")) as database, database.write():
        sync_sources(database.conn, load_config(file, {}).sources, NOW)
    assert [listed(file, *words.split()) for words in looks] == [[], [], [], []]
    call(file, "poll")
    assert titles(listed(file, "new", "--folder", "Pressure")) == ["The steel is late"]
    assert listed(file, "new", "--folder", "pressure/") == []  # the same folder, and nothing came since
    assert titles(listed(file, "new", "--folder", "Press")) == ["Both say it", "The bay is late", "The ferry is late"]
    assert len(listed(file, "new")) == 5  # who looks at all of them has seen none of it
    assert titles(listed(file, "new", "--name", "desk", "--folder", "Pressure")) == ["The steel is late"]


def changed(file: Path, *words: str) -> list[dict[str, Any]]:
    done = call(file, "changes", *words, "--json")
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_changes_of_a_folder(file: Path) -> None:
    call(file, "poll")
    everything = changed(file, "--since", "0")
    steel = [row for row in everything if row["title"] == "The steel is late"]
    assert changed(file, "--since", "0", "--folder", "Pressure") == steel
    assert {row["what"] for row in steel} == {"post", "story"}
    assert changed(file, "--folder", "Pressure", "-n", "1") == steel[-1:]  # the latest of the folder
    assert changed(file, "--name", "desk", "--since", "0", "--folder", "Pressure") == steel
    last = everything[-1]["seq"]
    with closing(Database(file.parent / "news.db")) as database:
        [(seen,)] = database.query("SELECT seq FROM consumers WHERE name = 'desk'")
        assert seen == last  # what others brought is not looked at again
        with database.write():
            log_changes(database.conn, NOW, "post", "gone", [9_999])  # nobody knows any more where it came from
            log_changes(database.conn, NOW, "post", "edited", [everything[0]["row_id"]])
    assert [row["row_id"] for row in changed(file, "--name", "desk", "--folder", "Pressure")] == [9_999]


def test_the_agenda_of_a_folder(file: Path) -> None:
    call(file, "poll")
    with closing(Database(file.parent / "news.db")) as database:
        for title in ("The steel is late", "The bay is late"):
            [(story, post)] = database.query("SELECT story_id, id FROM posts WHERE title = ?", (title,))
            day = date(2030, 1, 2)
            said = BriefSentence(
                part="watch",
                text=f"{title} again.",
                language="en",
                made="quoted",
                posts=(post,),
                due=Due(day, day, "day"),
            )
            brief = Brief(
                story_id=story, language="en", headline="", sentences=(said,), method="extracted", digest="1",
                written_at=NOW,
            )  # fmt: skip
            with database.write():
                save_brief(database.conn, brief)
    assert [row["text"] for row in listed(file, "agenda", "--folder", "Pressure")] == ["The steel is late again."]
    assert len(listed(file, "agenda")) == 2


def test_the_sources_of_a_folder_are_asked_alone(file: Path) -> None:
    assert len(listed(file, "check", "--folder", "Press")) == 2
    assert [row["source"] for row in listed(file, "poll", "--folder", "Press/Ports")] == ["Ferry"]
    assert len(listed(file, "posts")) == 2
    assert isinstance(call(file, "poll", "--folder", "Press", "steel").exception, NotFoundError)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_is_not_there_is_said_with_the_nearest(file: Path, command: str) -> None:
    call(file, "poll")
    done = call(file, command, "--folder", "Presure")
    assert isinstance(done.exception, NotFoundError)
    assert str(done.exception) == "there is no folder 'Presure'; did you mean 'Pressure'?"


@pytest.mark.parametrize(("folder", "hint"), [
    ("pres", "did you mean 'Press'?"),  # nothing stands in it itself but in one within it
    ("Press/Prots", "did you mean 'Press/Ports'?"),
    ("Sport", "`aggregator sources` lists them"),  # has the letters of "Ports", and is another word
])  # fmt: skip
def test_a_folder_is_near_by_the_same_measure_as_all_that_is_typed(folder: str, hint: str) -> None:
    assert str(no_such_folder(folder, ["Press/Ports", "Pressure", "Ports"])).endswith(f"; {hint}")


def test_where_there_are_none_it_is_said_how_to_make_one(tmp_path: Path) -> None:
    file = tmp_path / "aggregator.toml"
    file.write_text(block("https://a.example/f", None), "utf-8")
    done = call(file, "check", "--folder", "Press")
    assert isinstance(done.exception, NotFoundError) and "the key `folder`" in str(done.exception)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("folder", ["", "/", " "])
def test_a_folder_without_a_name_is_not_all_of_them(file: Path, command: str, folder: str) -> None:
    call(file, "poll")
    assert isinstance(call(file, command, "--folder", folder).exception, NotFoundError)


def test_without_folders_no_column_takes_room(file: Path) -> None:
    assert call(file, "poll").exit_code == 0
    assert "folder" in call(file, "sources").stdout
    file.write_text("".join(line for line in file.read_text("utf-8").splitlines(True) if "folder" not in line), "utf-8")
    assert call(file, "poll").exit_code == 0
    assert "folder" not in call(file, "sources").stdout


def test_another_folder_in_the_file_is_another_in_the_database(tmp_path: Path) -> None:
    file, database = tmp_path / "aggregator.toml", Database(tmp_path / "news.db")
    more = '[[hashtags]]\nserver = "https://a.example"\ntags = ["x"]\nfolder = "Tags"\n'
    seen = []
    for folder in (" Press // Ports/", "Trade", None):
        file.write_text(block("https://a.example/f", folder) + more, "utf-8")
        with database.write():
            sync_sources(database.conn, load_config(file, {}).sources, NOW)
        seen.append(database.conn.execute("SELECT folder FROM source_health ORDER BY id").fetchall())
    database.close()
    assert seen == [[("Press/Ports",), ("Tags",)], [("Trade",), ("Tags",)], [(None,), ("Tags",)]]


@pytest.mark.parametrize(
    ("written", "folder"),
    [
        (f'"{"x" * 200}"', "x" * 200),
        (f"'{chr(92) * 100}'", chr(92) * 100),
        ('"Ha\\u0308fen"', "Häfen"),
        ('"\\u202ePorts"', "Ports"),
        ("'C:\\Own'", r"C:\\Own"),
    ],
)
def test_a_folder_is_stored_in_one_form(tmp_path: Path, written: str, folder: str) -> None:
    file = tmp_path / "aggregator.toml"
    file.write_text(f'[[feeds]]\nurl = "https://a.example/f"\nfolder = {written}\n', "utf-8")
    [source] = load_config(file, {}).sources
    assert source.folder == folder


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('""', 'expected a folder such as "Press"'),
        ('" / "', "there is no name in it"),
        ("7", "text stands in quotes"),
        ('"a\\nb"', "expected a folder"),
        (f'"{"x" * 201}"', "more than 200 characters"),
        ("'" + r"Press/\x" * 28 + "'", "more than 200 characters"),
        ("'" + r"\a" * 99 + "'", "more than 200 characters"),
        ('["Press", "Ports"]', "expected a folder"),
    ],
)
def test_what_is_no_folder_is_a_mistake_with_its_line(tmp_path: Path, written: str, said: str) -> None:
    file = tmp_path / "aggregator.toml"
    file.write_text(f'[[feeds]]\nurl = "https://a.example/f"\nfolder = {written}\n', "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(file, {})
    assert f"{file}:3: feeds.folder: " in str(caught.value) and said in str(caught.value)


@pytest.mark.parametrize(("width", "has_folder"), [("60", False), ("160", True)])
def test_a_long_folder_takes_no_room_from_what_is_wrong(
    file: Path, monkeypatch: pytest.MonkeyPatch, width: str, has_folder: bool
) -> None:
    call(file, "poll")
    conn = sqlite3.connect(file.with_name("news.db"))
    with conn:
        conn.execute("UPDATE sources SET folder = 'Newspapers of all countries/Harbours and ferries'")
        conn.execute("UPDATE sources SET status = 'failing', last_error = ? WHERE id = 1", ("overloaded " * 6,))
    conn.close()
    monkeypatch.setenv("COLUMNS", width)
    head = call(file, "sources").stdout.splitlines()[0].split()
    assert ("trouble" in head, "folder" in head) == (True, has_folder)
