"""The programs that are compared, each run as a user would run it: by a command line.

`aggregator` runs as installed beside the benchmark, `naive` is the script that people write, `reader` the library from
PyPI, in a venv of its own: it is no dependency of this project.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

NAMES = ("aggregator", "naive", "reader")

_FOLDER = Path(__file__).parent

# reader's own copy of feedparser imports sgmllib, which came with feedparser until 6.0.12 and no longer does.
_READER = ("reader", "sgmllib3k")


@dataclass(frozen=True, slots=True)
class Peer:
    """Something that polls. `command` gives the command line for a phase; `prepare` writes what it reads before."""

    name: str
    command: Callable[[str, Path], list[str]]
    prepare: Callable[[Path, Sequence[str]], None]
    posts_table: str
    phases: tuple[str, ...] = ("cold", "warm", "changed")


def _write_config(folder: Path, urls: Sequence[str]) -> None:
    feeds = "".join(f"[[feeds]]\nurl = {json.dumps(url)}\n\n" for url in urls)
    storage = f"[storage]\npath = {json.dumps(str(folder / 'posts.db'))}\n\n"
    (folder / "aggregator.toml").write_text(f'{storage}[network]\nallow_private = ["127.0.0.0/8"]\n\n{feeds}')


def _write_urls(folder: Path, urls: Sequence[str]) -> None:
    (folder / "urls.txt").write_text("\n".join(urls))


def make_peer(name: str, venv: Path, with_search: bool) -> Peer:
    """One of the peers by name. `with_search`: reader builds its search index as well, in a process of its own."""
    match name:
        case "aggregator":
            command = [sys.executable, "-m", "aggregator", "--config"]
            return Peer(name, lambda _, to: [*command, f"{to}/aggregator.toml", "poll"], _write_config, "posts")
        case "naive":
            command = [sys.executable, str(_FOLDER / "naive.py")]
            return Peer(name, lambda _, to: [*command, f"{to}/posts.db", f"{to}/urls.txt"], _write_urls, "entries")
        case "reader":
            command = [str(venv / "bin" / "python"), str(_FOLDER / "reader_peer.py")]
            return Peer(
                name,
                lambda phase, to: [
                    *command,
                    "search" if phase == "search" else "update",
                    f"{to}/posts.db",
                    f"{to}/urls.txt",
                ],
                _write_urls,
                "entries",
                ("cold", *(["search"] if with_search else []), "warm", "changed"),
            )
    raise SystemExit(f"no peer is called {name!r}; there are aggregator, naive and reader")


def install_reader(venv: Path) -> None:
    """Make the venv with `reader`, unless it is there. Raises CalledProcessError if it can't be installed."""
    if (venv / "installed").exists():
        return
    shutil.rmtree(venv, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", venv], check=True, capture_output=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *_READER], check=True, capture_output=True)
    (venv / "installed").touch()
