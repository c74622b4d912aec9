"""The index with which the built pages are searched without a server: made by Pagefind, where that is installed.

Pagefind (extra `search`) is a program that reads the pages and writes an index in small parts beside them. Whoever
builds the site without it leaves the index of another alone: the search page is the one that suits what is there.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from aggregator.model.errors import PublishError

FOLDER = "pagefind"
_PROGRAM = "pagefind.js"
_NEW, _OLD = ".pagefind-new", ".pagefind-old"

# Of 8,000 pages it takes seconds. One that hangs must not go on for ever.
_SECONDS = 600
_LOOK_SECONDS = 0.1
_END_SECONDS = 0.5
_LONGEST_COMPLAINT = 300
# Whoever keeps an index makes it anew within an hour of a change. An older one nobody keeps any more.
_KEPT_SECONDS = 24 * 60 * 60


def can_index() -> bool:
    """Is Pagefind there, with its program?"""
    has_program = any(find_spec(f"pagefind_bin{kind}") for kind in ("", "_extended"))
    return has_program and find_spec("pagefind") is not None


def has_index(site: Path) -> bool:
    """Does an index lie beside the pages? One that is old is taken away first, where Pagefind is not installed: what it
    finds may have been deleted since."""
    program = site / FOLDER / _PROGRAM
    try:
        age = time.time() - program.stat().st_mtime
    except OSError:
        return False
    if age > _KEPT_SECONDS and not can_index():
        shutil.rmtree(site / FOLDER, ignore_errors=True)
    return program.is_file()


def index_site(site: Path, is_stopped: Callable[[], bool] = lambda: False) -> bool:
    """Make the index of a built site anew; False where Pagefind is not installed, or it was told to stop.

    Raises:
        PublishError: Pagefind failed; says with what. The index that was there stays.
    """
    if not can_index():
        return False
    shutil.rmtree(site / _NEW, ignore_errors=True)
    try:
        if not _run(_command(site), is_stopped):
            return False
        _put_in_place(site)
    except OSError as error:
        raise PublishError(f"the pages can't be indexed for search: {error}") from error
    finally:
        shutil.rmtree(site / _NEW, ignore_errors=True)
    return True


def _command(site: Path) -> list[str]:
    return [sys.executable, "-m", "pagefind", "--quiet", "--site", str(site), "--output-path", str(site / _NEW)]


def _run(command: list[str], is_stopped: Callable[[], bool]) -> bool:
    """Run the program to its end, beside all else; False where it was told to stop. It never outlives this one."""
    beside = [sys.executable, "-m", "aggregator.engine.site.beside", *command]
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(
            beside, stdin=subprocess.PIPE, stdout=said, stderr=subprocess.STDOUT, process_group=0
        ) as program:
            try:
                is_done = _has_ended(program, is_stopped)
            finally:
                _end(program)
        if is_done and program.returncode:
            said.seek(0)
            words = " ".join(said.read().decode("utf-8", "replace").split())[-_LONGEST_COMPLAINT:]
            raise PublishError(f"the pages can't be indexed for search: pagefind: {words or program.returncode}")
    return is_done


def _has_ended(program: subprocess.Popen[bytes], is_stopped: Callable[[], bool]) -> bool:
    given_up_at = time.monotonic() + _SECONDS
    while not is_stopped():
        with suppress(subprocess.TimeoutExpired):
            program.wait(_LOOK_SECONDS)
            return True
        if time.monotonic() >= given_up_at:
            raise PublishError(f"the pages can't be indexed for search: pagefind took longer than {_SECONDS} s")
    return False


def _end(program: subprocess.Popen[bytes]) -> None:
    """End it with all that it began."""
    if program.poll() is not None:
        return
    for how in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(program.pid, how)
        with suppress(subprocess.TimeoutExpired):
            program.wait(_END_SECONDS)
            break


def _put_in_place(site: Path) -> None:
    """The new index in place of the old one: who searches meanwhile may have to search again."""
    shutil.rmtree(site / _OLD, ignore_errors=True)
    with suppress(FileNotFoundError):
        (site / FOLDER).rename(site / _OLD)
    (site / _NEW).rename(site / FOLDER)
    shutil.rmtree(site / _OLD, ignore_errors=True)
