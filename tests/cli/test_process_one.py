"""The command as process 1, as in a container: the kernel hands it no signal that it has no handler for."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers.process import children_of

PATIENCE = 30.0
_ALONE = ["unshare", "--map-root-user", "--pid", "--fork", "--kill-child"]


def _may_be_alone() -> bool:
    if sys.platform != "linux" or not shutil.which("unshare"):
        return False
    return subprocess.run([*_ALONE, "true"], capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not _may_be_alone(), reason="needs a namespace of its own for processes")


def holds_sigterm(process: int) -> bool:
    """Whether SIGTERM would wait."""
    found = re.search(r"^SigBlk:\s*([0-9a-f]+)$", Path(f"/proc/{process}/status").read_text("ascii"), re.MULTILINE)
    return bool(found and int(found[1], 16) & 1 << signal.SIGTERM - 1)


@contextmanager
def process_one(*words: str | Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A program as process 1, and its number here; SIGTERM waits at its start, as in the image."""
    command = [*_ALONE, "env", "--block-signal=TERM", *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as outside:
        until = time.monotonic() + PATIENCE
        while not ((found := children_of(outside.pid)) and holds_sigterm(found[0])):
            assert time.monotonic() < until
            time.sleep(0.01)
        try:
            yield outside, found[0]
        finally:
            outside.kill()


def test_a_command_that_is_told_to_stop_at_once_ends(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "aggregator", "demo", "--database", tmp_path / "demo.db"]
    with process_one(*words) as (outside, number):
        os.kill(number, signal.SIGTERM)
        assert outside.wait(PATIENCE) == 128 + signal.SIGTERM
    assert not (tmp_path / "demo.db").exists()


def test_another_program_does_not() -> None:
    """The control: what happens to one that has no handler."""
    with process_one(sys.executable, "-c", "import time; time.sleep(60)") as (outside, number):
        os.kill(number, signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            outside.wait(1)
