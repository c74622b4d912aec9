"""Where the database is, told from a file that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config.wrong.database import database_path


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "aggregator.toml"


@pytest.mark.parametrize(
    "text",
    [
        '[storage]\npath = "news.db"\npaht = 3\n',
        '[polling]\ninterval = 10 m\n[storage]  # here\n  path = "news.db" # ours\n[log]\nlevel = \n',
        "[log\n[ storage ]\r\npath = 'news.db'\r\n[[feeds]]\nurl = \"\n",
        'storage.path = "news.db"\n[log]\nlevel = loud\n',
        'storage = { path = "news.db" }\n[log]\nlevel = loud\n',
        '\ufeff[storage]\npath = "news.db"\nsnapshot = "a\n',
    ],
)
def test_the_place_is_found_beside_mistakes(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
    assert database_path(file, "") == Path("news.db")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[storage]\npath = news.db\n",
        "[storage]\npath = 7\n",
        '[storage]\npath = " "\n',
        "storage = 7\n",
        '[publish]\npath = "site"\n[log\n',  # another table's
        '[[storage]]\npath = "news.db"\n[log\n',
        '# path = "news.db"\n[log\n',
    ],
)
def test_without_one_it_is_the_usual_place(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
    assert database_path(file, "") == Path("data/aggregator.db")


def test_bytes_that_are_no_text_hide_nothing(file: Path) -> None:
    file.write_bytes(b'# \xff\n[storage]\npath = "news.db"\n')
    assert database_path(file, "") == Path("news.db")


def test_the_environment_comes_first(file: Path) -> None:
    file.write_text('[storage]\npath = "news.db"\n')
    assert database_path(file, " other.db ") == Path("other.db")


def test_without_a_file_there_must_be_a_database(file: Path) -> None:
    assert database_path(file, "") is None
    Path("data").mkdir()
    Path("data/aggregator.db").touch()
    assert database_path(file, "") == Path("data/aggregator.db")
