"""`aggregator doctor` on a volume that is read-only. Needs a mount of its own, as Linux may allow."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.helpers.new_database import new_database
from tests.helpers.newsroom import fill
from tests.helpers.program import PATIENCE

_UNSHARE = ["unshare", "--map-root-user", "--mount"]
_STEPS = """
mount -t tmpfs none "$1" && cp "$2"* "$1/" && mount -o remount,ro "$1" || exit 99
"$3" -m aggregator --database "$1/news.db" doctor
"""


def _may_mount() -> bool:
    if sys.platform != "linux" or not shutil.which("unshare"):
        return False
    with suppress(OSError):
        command = [*_UNSHARE, "mount", "-t", "tmpfs", "none", "/mnt"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


@pytest.mark.skipif(not _may_mount(), reason="needs mounts in a namespace of its own")
@pytest.mark.parametrize("has_log", [False, True])
def test_all_is_looked_at_and_the_volume_is_named(tmp_path: Path, has_log: bool) -> None:
    made = new_database(tmp_path / "news.db", fill)
    volume = tmp_path / "volume"
    volume.mkdir()
    with made.write():
        made.conn.execute("UPDATE sources SET status = 'ok'")
        made.conn.execute("DELETE FROM topic_posts")
    if not has_log:
        made.close()
    for name in ("news.db-shm",) if has_log else ():
        (tmp_path / name).exists()  # it is copied too, as of a daemon that is at work elsewhere
    command = [*_UNSHARE, "sh", "-c", _STEPS, "sh", str(volume), str(tmp_path / "news.db"), sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, env={**os.environ})
    made.conn.close()
    words = " ".join(done.stdout.split())
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr + done.stdout
    assert "the volume is read-only" in words and "every page is as it should be" in words
    assert "[topic_posts]" in words
