"""The index with which the built pages are searched without a server: made by Pagefind, where that is installed.

Pagefind (extra `search`) is a program that reads the pages and writes an index in small parts beside them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from aggregator.model.errors import PublishError

FOLDER = "pagefind"
_NEW, _OLD = ".pagefind-new", ".pagefind-old"

# Of 8,000 pages it takes seconds. One that hangs must not hold up the site.
_SECONDS = 600
_LONGEST_COMPLAINT = 300


def can_index() -> bool:
    """Is Pagefind there, with its program?"""
    has_program = any(find_spec(f"pagefind_bin{kind}") for kind in ("", "_extended"))
    return has_program and find_spec("pagefind") is not None


def index_site(site: Path) -> None:
    """Make the index of a built site anew, or take it away where Pagefind is not installed.

    Raises:
        PublishError: Pagefind failed; says with what. The index that was there stays.
    """
    if not can_index():
        shutil.rmtree(site / FOLDER, ignore_errors=True)
        return
    shutil.rmtree(site / _NEW, ignore_errors=True)
    command = [sys.executable, "-m", "pagefind", "--quiet", "--site", str(site), "--output-path", str(site / _NEW)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
        if done.returncode:
            said = " ".join((done.stderr or done.stdout).split())[-_LONGEST_COMPLAINT:]
            raise PublishError(f"the pages can't be indexed for search: pagefind: {said or done.returncode}")
        _put_in_place(site)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PublishError(f"the pages can't be indexed for search: {error}") from error
    finally:
        shutil.rmtree(site / _NEW, ignore_errors=True)


def _put_in_place(site: Path) -> None:
    """The new index in place of the old one: who searches meanwhile may have to search again."""
    shutil.rmtree(site / _OLD, ignore_errors=True)
    with suppress(FileNotFoundError):
        (site / FOLDER).rename(site / _OLD)
    (site / _NEW).rename(site / FOLDER)
    shutil.rmtree(site / _OLD, ignore_errors=True)
