"""The programs that are compared, each run as a user would run it: by a command line.

`aggregator` runs as installed beside the benchmark, `words` is the same without the model of the extra `semantic`,
`newsboat` is that program, where it is installed, `naive` the script that people write, `reader` the library from PyPI,
in a venv of its own: none of the others is a dependency of this project.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

NAMES = ("aggregator", "words", "newsboat", "reader", "naive")
# Those that are this program.
OURS = ("aggregator", "words")

_FOLDER = Path(__file__).parent

# reader's own copy of feedparser imports sgmllib, which came with feedparser until 6.0.12 and no longer does.
_READER = ("reader", "sgmllib3k")


@dataclass(frozen=True, slots=True)
class Peer:
    """Something that polls. `command` gives the command line for a phase; `prepare` writes what it reads before.

    `texts`: what it stores of all its posts as titles and texts, an expression in SQL over its table; "": unknown.
    """

    name: str
    command: Callable[[str, Path], list[str]]
    prepare: Callable[[Path, Sequence[str]], None]
    posts_table: str
    phases: tuple[str, ...] = ("cold", "warm", "changed")
    texts: str = ""


# Quiet, as many at once as the others, and nothing of a user's own.
_NEWSBOAT = """reload-threads 16
auto-reload no
refresh-on-startup no
download-timeout 30
download-retries 1
use-proxy no
cleanup-on-quit no
notify-xterm no
"""


def write_config(folder: Path, urls: Sequence[str], extra: str = "") -> None:
    """`aggregator.toml` for these feeds on loopback, its database beside it as `posts.db`. `extra`: more of it."""
    feeds = "".join(f"[[feeds]]\nurl = {json.dumps(url)}\n\n" for url in urls)
    storage = f"[storage]\npath = {json.dumps(str(folder / 'posts.db'))}\n\n"
    settings = f'{storage}[network]\nallow_private = ["127.0.0.0/8"]\n\n{extra}'
    (folder / "aggregator.toml").write_text(f"{settings}\n{feeds}")


def _write_urls(folder: Path, urls: Sequence[str]) -> None:
    (folder / "urls.txt").write_text("\n".join(urls))


def _write_newsboat(folder: Path, urls: Sequence[str]) -> None:
    _write_urls(folder, urls)
    (folder / "config").write_text(_NEWSBOAT)


def make_peer(name: str, venv: Path, with_search: bool) -> Peer:
    """One of the peers by name. `with_search`: reader builds its search index as well, in a process of its own."""
    if name in OURS:
        return _ours(name)
    if name == "newsboat":
        command = ["newsboat", "-C", "{to}/config", "-u", "{to}/urls.txt", "-c", "{to}/posts.db", "-q", "-x", "reload"]
        texts = "coalesce(length(CAST(title AS BLOB)), 0) + coalesce(length(CAST(content AS BLOB)), 0)"
        # It keeps the validators of a feed that it knows already: only from the third reload on it is answered 304.
        return Peer(name, _filled(command), _write_newsboat, "rss_item", ("cold", "second", "warm", "changed"), texts)
    if name == "naive":
        command = [sys.executable, str(_FOLDER / "naive.py"), "{to}/posts.db", "{to}/urls.txt"]
        texts = "coalesce(length(CAST(title AS BLOB)), 0) + coalesce(length(CAST(text AS BLOB)), 0)"
        return Peer(name, _filled(command), _write_urls, "entries", texts=texts)
    if name == "reader":
        command = [
            str(venv / "bin" / "python"),
            str(_FOLDER / "reader_peer.py"),
            "{what}",
            "{to}/posts.db",
            "{to}/urls.txt",
        ]
        phases = ("cold", *(["search"] if with_search else []), "warm", "changed")
        texts = " + ".join(f"coalesce(length(CAST({column} AS BLOB)), 0)" for column in ("title", "summary", "content"))
        return Peer(name, _filled(command), _write_urls, "entries", phases, texts)
    raise SystemExit(f"no peer is called {name!r}; there are {', '.join(NAMES)}")


def _ours(name: str) -> Peer:
    def prepare(folder: Path, urls: Sequence[str]) -> None:
        write_config(folder, urls, "[stories]\nsemantic = false\n" if name == "words" else "")

    command = [sys.executable, "-m", "aggregator", "--config", "{to}/aggregator.toml", "poll"]
    # html that only repeats the text is stored as ''.
    texts = " + ".join(f"coalesce(length(CAST({column} AS BLOB)), 0)" for column in ("title", "text", "html"))
    return Peer(name, _filled(command), prepare, "posts", texts=texts)


def _filled(command: Sequence[str]) -> Callable[[str, Path], list[str]]:
    def fill(phase: str, to: Path) -> list[str]:
        what = "search" if phase == "search" else "update"
        return [word.format(to=to, what=what) for word in command]

    return fill


def install_reader(venv: Path) -> None:
    """Make the venv with `reader`, unless it is there. Raises CalledProcessError if it can't be installed."""
    if (venv / "installed").exists():
        return
    shutil.rmtree(venv, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", venv], check=True, capture_output=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *_READER], check=True, capture_output=True)
    (venv / "installed").touch()


def versions(names: Sequence[str], venv: Path) -> dict[str, str]:
    """Of the peers that are programs of others."""
    commands = {
        "newsboat": ["newsboat", "--version"],
        "reader": [str(venv / "bin" / "python"), "-c", "import reader; print('reader', reader.__version__)"],
    }
    found = {}
    for name in names:
        if name in commands:
            said = subprocess.run(commands[name], capture_output=True, text=True, check=False).stdout
            found[name] = said.partition("\n")[0].split()[1] if said.strip() else "unknown"
    return found
