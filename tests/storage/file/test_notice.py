"""Why nothing is polled, told to other processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from aggregator.model.errors import Obstacle
from aggregator.storage.file.notice import Notice

SHOW = """
import pathlib, sys
from aggregator.model.errors import Obstacle
from aggregator.storage.file.notice import Notice
notice = Notice(pathlib.Path(sys.argv[1]))
notice.open()
for line in sys.stdin:
    notice.show(Obstacle(line.strip()) if line.strip() else None)
    print("shown", flush=True)
"""


def test_another_process_tells_why_it_polls_nothing_until_it_ends(tmp_path: Path) -> None:
    database = tmp_path / "news.db"
    assert Notice(database).read() is None
    other = subprocess.Popen(
        [sys.executable, "-c", SHOW, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert other.stdout
    assert other.stdin
    for shown in (None, *Obstacle, None, Obstacle.READ_ONLY):
        other.stdin.write(f"{shown or ''}\n")
        other.stdin.flush()
        assert other.stdout.readline() == "shown\n"
        assert Notice(database).read() is shown
        assert Notice(database).read() is shown
    other.kill()
    other.wait()
    other.stdout.close()
    other.stdin.close()
    assert Notice(database).read() is None
    assert (tmp_path / "news.db.paused").stat().st_size == 0


def test_whoever_shows_it_may_read_it_and_goes_on_showing_it(tmp_path: Path) -> None:
    database = tmp_path / "news.db"
    notice = Notice(database)
    notice.open()
    notice.show(Obstacle.DISK_FULL)
    assert Notice(database).read() is Obstacle.DISK_FULL
    look = (
        "import pathlib, sys; from aggregator.storage.file.notice import Notice;"
        "print(Notice(pathlib.Path(sys.argv[1])).read())"
    )
    other = subprocess.run([sys.executable, "-c", look, str(database)], capture_output=True, text=True, check=True)
    notice.close()
    assert other.stdout.strip() == str(Obstacle.DISK_FULL)
    assert Notice(database).read() is None


def test_a_notice_that_has_no_file_is_harmless(tmp_path: Path) -> None:
    notice = Notice(tmp_path / "gone" / "news.db")
    notice.open()
    notice.show(Obstacle.DISK_FULL)
    notice.close()
    assert notice.read() is None


LOOK = """
import fcntl, sys
file = open(sys.argv[1])
fcntl.lockf(file, fcntl.LOCK_SH)
print("looking", flush=True)
sys.stdin.read()
"""


def looker(notice: Path) -> subprocess.Popen[str]:
    """A health check that looks at all of the file and is held up in the middle of it."""
    process = subprocess.Popen(
        [sys.executable, "-c", LOOK, str(notice)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "looking\n"
    return process


def read_elsewhere(database: Path) -> str:
    code = (
        "import pathlib, sys; from aggregator.storage.file.notice import Notice\n"
        "print(Notice(pathlib.Path(sys.argv[1])).read())"
    )
    done = subprocess.run([sys.executable, "-c", code, str(database)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_what_could_not_be_shown_while_somebody_looked_is_shown_again(tmp_path: Path) -> None:
    database = tmp_path / "news.db"
    notice = Notice(database)
    notice.open()
    with looker(tmp_path / "news.db.paused") as looking:
        notice.show(Obstacle.DISK_FULL)
        looking.communicate()
    assert read_elsewhere(database) == "None"
    notice.show_again()
    assert read_elsewhere(database) == Obstacle.DISK_FULL
    notice.show(None)
    notice.show_again()
    assert read_elsewhere(database) == "None"
    notice.close()


def test_a_file_that_could_not_be_made_is_made_when_it_can(tmp_path: Path) -> None:
    database = tmp_path / "later" / "news.db"
    notice = Notice(database)
    notice.open()
    notice.show(Obstacle.READ_ONLY)
    database.parent.mkdir()
    notice.show_again()
    assert read_elsewhere(database) == Obstacle.READ_ONLY
    notice.close()
    notice.show_again()
    assert read_elsewhere(database) == "None"
