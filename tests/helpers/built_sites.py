"""Sites as readers get them: the demo's, made by the program itself, and two of posts written for tests; a server."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any

from aggregator.engine.site.index import index_site
from aggregator.engine.site.publisher import build_site
from aggregator.model.post import Post
from aggregator.model.rules import SavedQuery
from aggregator.model.settings import Publish, Stories
from tests.helpers.hostile_posts import TITLES, hostile_posts, right_to_left_posts
from tests.helpers.poller_room import PollerRoom, url_of
from tests.helpers.ports import free_port, wait_for

ADDRESS = "https://news.example/below/"


@dataclass(frozen=True, slots=True)
class Served:
    """A built site: its folder, and where it is served, ending with `/`."""

    folder: Path
    url: str

    def path(self, page: Path) -> str:
        """Of a page: where it is in the folder."""
        return page.relative_to(self.folder).as_posix()

    def pages(self) -> list[Path]:
        return sorted(self.folder.rglob("*.html"))


class _Files(SimpleHTTPRequestHandler):
    """As any web server shows a folder."""

    extensions_map = {  # noqa: RUF012
        ".html": "text/html", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json",
        ".js": "text/javascript", ".atom": "application/atom+xml", ".opml": "text/x-opml", ".xml": "application/xml",
        "": "application/octet-stream",
    }  # fmt: skip

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what was asked is the test's business."""


@contextmanager
def served(folder: Path, below: str = "") -> Iterator[Served]:
    """The folder as plain files, over HTTP on loopback. `below`: the folder of that name in it is the site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(folder))) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield Served(folder / below, f"http://127.0.0.1:{server.server_port}/{below}")
        server.shutdown()
        thread.join()


@contextmanager
def demo_site(folder: Path) -> Iterator[Served]:
    """`aggregator demo`, and then what it tells its user to do: `aggregator serve`."""
    _run(folder, "demo", "--database", "demo.db")
    port = free_port()
    serve = [*_PROGRAM, "--config", "demo.db.toml", "serve", "--listen", f"127.0.0.1:{port}"]
    with subprocess.Popen(serve, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(process, port, "aggregator serve")
            yield Served(folder / "demo-site", f"http://127.0.0.1:{port}/")
        finally:
            process.terminate()


_PROGRAM = (sys.executable, "-m", "aggregator")


def _run(folder: Path, *words: str) -> None:
    done = subprocess.run(
        [*_PROGRAM, *words], cwd=folder, env={**os.environ}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def hostile_site(folder: Path) -> Path:
    """A site of hostile titles, texts, names and addresses; its own title and words are such, too. The folder it is in
    is to be served: the site is the folder `below` in it, as its address says."""
    saved = SavedQuery(name="ferries", title=TITLES["attribute"], query="ferry")
    settings = Publish(
        path=folder / "below", title=f"The {TITLES['image']}", about=f"{TITLES['script']}\n\n{TITLES['entities']}",
        address=ADDRESS, page_for=0.0, feeds=(saved,),
    )  # fmt: skip
    # Their titles are made of the same few words: what shares no more is no story.
    _site_of(folder, hostile_posts(), settings, Stories(threshold=0.9))
    return folder


def right_to_left_site(folder: Path) -> Path:
    """A site in Arabic, by a catalogue of the user's (in English words: what is asked is where they stand)."""
    words = folder / "own" / "words"
    words.mkdir(parents=True)
    shipped = files("aggregator.publish") / "words" / "en.toml"
    # Arabic has no short names of weekdays and months.
    arabic = shipped.read_text("utf-8").replace('weekday = "EEE"', 'weekday = "EEEEE"')
    arabic = arabic.replace('month_name = "MMM"', 'month_name = "MMMMM"')
    for place in (words, words.parent):
        (place / "ar.toml").write_text(arabic, encoding="utf-8")
    settings = Publish(
        path=folder / "site", title="صحيفة الميناء", language="ar", templates=folder / "own", page_for=0.0
    )
    return _site_of(folder, right_to_left_posts(), settings)


def _site_of(
    folder: Path, posts: Mapping[str, Sequence[Post]], settings: Publish, stories: Stories | None = None
) -> Path:
    # In a thread: what drives the browser has a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(_poll_and_build(folder, posts, settings, stories or Stories()))).result()
    assert settings.path is not None
    return settings.path


async def _poll_and_build(
    folder: Path, posts: Mapping[str, Sequence[Post]], settings: Publish, stories: Stories
) -> None:
    room = PollerRoom(folder, *posts)
    room.config = replace(room.config, stories=stories)
    room.poller = room.new_poller()
    try:
        for name, brought in posts.items():
            room.collect.posts(url_of(name), brought)
        await room.poll()
        build_site(room.config.storage.path, settings, is_full=True, will_index=True)
        assert settings.path is not None
        index_site(settings.path)
    finally:
        room.database.close()
