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


def test_a_notice_that_has_no_file_is_harmless(tmp_path: Path) -> None:
    notice = Notice(tmp_path / "gone" / "news.db")
    notice.open()
    notice.show(Obstacle.DISK_FULL)
    notice.close()
    assert notice.read() is None
