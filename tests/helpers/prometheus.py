"""Prometheus, as Debian has it: a process on loopback, with its data in a folder of the test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.ports import free_port

CONFIG = Path(__file__).parents[2] / "config"
RULES = CONFIG / "prometheus" / "alerts.yml"
# Generous: the machine may be busy. What is waited for usually takes some seconds.
PATIENCE = 60.0


def where(name: str) -> str:
    """Where `prometheus` or `promtool` is: installed, or where .ci/tools unpacks it. Skips the test where it is not."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "aggregator-tests" / "prometheus"
    found = shutil.which(name) or shutil.which(name, path=str(cache / "usr" / "bin"))
    if found is None:
        pytest.skip(f"there is no {name}: run .ci/tools, or apt-get install prometheus")
    return found


def promtool(*words: str, told: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [where("promtool"), *words], input=told, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def wait_until(condition: Callable[[], Any], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, f"waited in vain until {what}"
        time.sleep(0.1)


class Prometheus:
    """Scrapes what listens at `target` every second, by the rules of this repository. `folder`: its own."""

    def __init__(self, folder: Path, target: str) -> None:
        folder.mkdir()
        self.port = free_port()
        file = folder / "prometheus.yml"
        shown = (CONFIG / "prometheus" / "prometheus.yml").read_text("utf-8")
        text = (
            shown.replace("30s", "1s")
            .replace('["127.0.0.1:8000"]', f'["{target}"]')
            .replace("- al", f"- {RULES.parent}/al")
        )
        assert text.count(target) == 1
        assert text.count(str(RULES)) == 1
        file.write_text(text, "utf-8")
        self._log = folder / "log"
        command = [
            where("prometheus"), f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]  # fmt: skip
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()

    def get(self, path: str, **query: str) -> Any:
        """What its API says; the error in words, where there is one."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as reply:
                return json.load(reply)["data"]
        except urllib.error.HTTPError as error:
            if error.code == 503:  # it begins
                raise
            with error:
                raise AssertionError(f"{query}: {json.load(error)['error']}") from None

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series that an expression has now."""
        found = self.get("query", query=expression)
        assert found["resultType"] == "vector"
        return list(found["result"])

    def wait_for(self, expression: str) -> None:
        """Until the expression has a series; also while it begins to listen."""

        def is_there() -> bool:
            assert self.process.poll() is None, self._log.read_text()
            try:
                return bool(self.query(expression))
            except OSError:
                return False

        wait_until(is_there, f"{expression} has a series")
