"""A file is written at once or stays as it was."""

from __future__ import annotations

import os
import resource
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aggregator.config.files.whole import write_whole

OLD, NEW = "old = 1\n", "new = 2\n" * 4000


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """So many bytes a file and no more, as on a disk that is full."""
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
        signal.signal(signal.SIGXFSZ, heard)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "own.toml"
    file.write_text(OLD, "utf-8")
    return file


def test_another_file_takes_its_place_and_those_who_may_read_it_stay(file: Path) -> None:
    file.chmod(0o640)
    before = file.stat().st_ino
    write_whole(file, NEW)
    assert file.read_text("utf-8") == NEW and file.stat().st_ino != before
    assert stat.S_IMODE(file.stat().st_mode) == 0o640 and list(file.parent.iterdir()) == [file]


def test_a_link_stays_one(file: Path) -> None:
    link = file.with_name("link.toml")
    link.symlink_to(file.name)
    write_whole(link, NEW)
    assert link.is_symlink() and file.read_text("utf-8") == NEW


def test_where_there_is_no_room_it_stays_as_it_was(file: Path) -> None:
    with room_for(100), pytest.raises(OSError, match="File too large"):
        write_whole(file, NEW)
    assert file.read_text("utf-8") == OLD and list(file.parent.iterdir()) == [file]
    with room_for(len(NEW)):
        write_whole(file, NEW)
    assert file.read_text("utf-8") == NEW


def test_what_is_no_plain_file_is_written_in_place(file: Path) -> None:
    write_whole(Path(os.devnull), NEW)
    assert not Path(os.devnull).is_file()
    with pytest.raises(OSError, match="No such file"):
        write_whole(file.parent / "no" / "own.toml", NEW)
