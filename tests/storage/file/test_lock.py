import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aggregator.model.errors import DatabaseBusyError, StorageError
from aggregator.storage.file.lock import WriterLock

HOLD = """
import pathlib, sys
from aggregator.storage.file.lock import WriterLock
WriterLock(pathlib.Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "news.db"


def test_held_by_one_at_a_time(database: Path) -> None:
    one, two = WriterLock(database), WriterLock(database)
    one.acquire()
    with pytest.raises(DatabaseBusyError, match=f"process {os.getpid()}"):
        two.acquire()
    one.release()
    two.acquire()
    two.release()


def test_another_process_is_named_and_its_end_frees_the_lock(database: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout and other.stdin
    assert other.stdout.readline() == "held\n"
    lock = WriterLock(database)
    with pytest.raises(DatabaseBusyError, match=f"process {other.pid}"):
        lock.acquire()
    other.kill()
    other.wait()
    other.stdout.close()
    other.stdin.close()
    lock.acquire()
    lock.release()


def test_whether_it_is_held(database: Path) -> None:
    lock, looker = WriterLock(database), WriterLock(database)
    assert not looker.is_held()
    lock.acquire()
    assert looker.is_held()
    lock.release()
    assert not looker.is_held()


def test_who_only_looks_is_not_in_the_way(database: Path) -> None:
    """A health check that looks at the moment of the start must not stop the daemon."""
    once = WriterLock(database)
    once.acquire()
    once.release()
    looking = os.open(once.path, os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_SH | fcntl.LOCK_NB)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            os.close(looking)

    lock = WriterLock(database, pause=pause)
    lock.acquire()
    lock.release()


def test_releasing_twice_or_never_held_does_nothing(database: Path) -> None:
    lock = WriterLock(database)
    lock.release()
    lock.beat()
    lock.acquire()
    lock.release()
    lock.release()


def test_signs_of_life(database: Path) -> None:
    lock = WriterLock(database)
    assert lock.seconds_since_beat() == float("inf")
    lock.acquire()
    os.utime(lock.path, (0, 0))
    assert lock.seconds_since_beat() > 3600
    lock.beat()
    assert lock.seconds_since_beat() < 60
    lock.release()


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, not a folder")
    with pytest.raises(StorageError, match="can't be written"):
        WriterLock(tmp_path / "data" / "news.db").acquire()


def test_a_link_to_the_file_is_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "news.db").symlink_to(tmp_path / "disk" / "news.db")
    lock = WriterLock(tmp_path / "disk" / "news.db")
    lock.acquire()
    with pytest.raises(DatabaseBusyError):
        WriterLock(tmp_path / "news.db", pause=lambda _: None).acquire()
    assert WriterLock(tmp_path / "news.db").is_held()
    lock.release()
