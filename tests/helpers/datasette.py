"""Datasette as the docs start it, on a database. It is a program of others: where it is missing, tests are skipped."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.helpers.ports import free_port, wait_for

ROOT = Path(__file__).parents[2]


def datasettes() -> dict[str, str]:
    """Version ("0.65", "1.0") → program.

    AGGREGATOR_TEST_DATASETTE names some, parted as in PATH; else what .ci/tools has installed, or what is called so.
    """
    named = os.environ.get("AGGREGATOR_TEST_DATASETTE", "").split(os.pathsep)
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "aggregator-tests"
    found = [
        *filter(None, named),
        *map(str, sorted(cache.glob("datasette-*/bin/datasette"))),
        shutil.which("datasette"),
    ]
    versions = {}
    for program in filter(None, found):
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
        if version := re.search(r"version (\d+\.\d+)", said):
            versions.setdefault(version[1], program)
    return versions


def has_plugin(version: str, name: str) -> bool:
    """Is this plugin installed beside the Datasette of this version?"""
    said = subprocess.run([datasettes()[version], "plugins"], capture_output=True, text=True, check=True).stdout
    return name in {each["name"] for each in json.loads(said)}


def documented(version: str) -> list[str]:
    """The words behind `datasette data/aggregator.db` that docs/database.md has for the version."""
    text = (ROOT / "docs" / "database.md").read_text("utf-8").replace("\\\n", " ")
    for line in re.findall(r"^ *(datasette data/aggregator.db .*)$", text, re.MULTILINE):
        words = shlex.split(line)
        if ("-c" in words) == (version == "1.0"):
            return words[2:]
    raise AssertionError(f"docs/database.md does not say how to start Datasette {version}")


@contextmanager
def serving(version: str, database: Path) -> Iterator[str]:
    """Datasette of this version with the words of the docs; where it answers, ending with `/`."""
    port = free_port()
    command = [datasettes()[version], str(database), *documented(version), "-p", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(process, port, "datasette")
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()
