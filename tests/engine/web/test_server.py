"""The web server in the daemon and by `aggregator serve`: begins, waits for its port, ends, is there only if wanted."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
import structlog
from structlog.testing import capture_logs

from aggregator.config.extras.installation import how_to_install
from aggregator.engine import daemon as daemon_module
from aggregator.engine.daemon import Daemon
from aggregator.engine.signals import Signals
from aggregator.engine.web import extra, server
from aggregator.engine.web.listen import Listen, bound
from aggregator.engine.web.server import WebServer
from aggregator.model.errors import AggregatorError
from aggregator.model.settings import Config, Http, Publish, Storage, Stories
from aggregator.storage.database import Database
from aggregator.storage.file.lock import WriterLock
from tests.helpers.program import PATIENCE
from tests.helpers.web_room import WebRoom


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before
    structlog.reset_defaults()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("front")
    return Config(
        storage=Storage(path=tmp_path / "news.db"),
        stories=Stories(semantic=False),
        publish=Publish(path=site),
        http=Http(listen="127.0.0.1:0"),
    )


@asynccontextmanager
async def running(config: Config) -> AsyncIterator[Daemon]:
    lock = WriterLock(config.storage.path)
    made = Daemon(config, lambda: config)
    work = asyncio.create_task(made.run(lock, Signals()))
    try:
        yield made
    finally:
        made.stop()
        await work
        lock.release()


async def until(condition: object) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.01)


async def get(at: Listen, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://{at}{path}") as reply:
        return reply.status, await reply.text()


async def test_the_daemon_serves_while_it_polls_and_ends_in_time(config: Config) -> None:
    async with running(config) as daemon:
        await until(lambda: daemon.web and daemon.web.address)
        assert daemon.web is not None
        at = daemon.web.address
        assert at is not None
        assert await get(at, "/") == (200, "front")
        status, told = await get(at, "/health")
        assert (status, json.loads(told)["status"]) == (200, "ok")
        page = (await get(at, "/metrics"))[1]
        assert "aggregator_healthy 1.0\n" in page
        assert 'aggregator_polls_total{outcome="ok"} 0.0\n' in page
        assert [(await get(at, path))[0] for path in ("/healthz", "/readyz")] == [200, 200]
        # Somebody is connected and asks for nothing: that holds up no stop.
        reader, writer = await asyncio.open_connection(at.host, at.port)
        begun = time.monotonic()
    assert time.monotonic() - begun < daemon_module.STOP_DEADLINE.total_seconds()
    assert await reader.read() == b""
    writer.close()
    assert daemon.web.address is None


async def test_while_the_database_is_waited_for_it_says_so(config: Config) -> None:
    """Another program holds it; the site is shown meanwhile."""
    Database(config.storage.path).close()
    with closing(sqlite3.connect(config.storage.path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        async with running(config) as daemon:
            await until(lambda: daemon.web and daemon.web.address)
            assert daemon.web is not None
            at = daemon.web.address
            assert at is not None
            await until(lambda: daemon._standstill.obstacle)
            assert await get(at, "/") == (200, "front")
            status, told = await get(at, "/health")
            assert status == 503
            assert "another program holds the database locked" in json.loads(told)["message"]
            assert [(await get(at, path))[0] for path in ("/healthz", "/readyz")] == [200, 503]


async def test_a_port_that_is_taken_stops_no_polling_and_is_tried_again(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_AGAIN", server._AGAIN / 1000)
    taken = bound(Listen("127.0.0.1", 0))
    at = Listen("127.0.0.1", taken.getsockname()[1])
    with capture_logs() as logs:
        web = WebServer(at, lambda: config)
        stop = asyncio.Event()
        serving = asyncio.create_task(web.run(stop))
        await until(lambda: any(each["event"] == "the web server waits" for each in logs))
        taken.close()
        await until(lambda: web.address)
        assert await get(at, "/") == (200, "front")
        stop.set()
        await serving
    said = [each["error"] for each in logs if each["event"] == "the web server waits"]
    assert said == [f"can't listen on {at}: another program listens there"]  # once, however often it was tried


async def test_what_is_wrong_with_the_web_server_leaves_the_daemon_at_work(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> WebServer:
        raise AggregatorError("the extra is missing")

    monkeypatch.setattr(extra, "web_server", missing)
    async with running(config) as daemon:
        await until(lambda: hasattr(daemon, "_poller"))
        assert daemon.web is None
        assert not daemon._stop.is_set()


async def test_another_address_takes_effect_at_the_next_start_and_people_at_once(
    config: Config, tmp_path: Path
) -> None:
    file = tmp_path / "aggregator.toml"
    file.touch()
    read = replace(config, file=file)
    async with running(read) as daemon:
        await until(lambda: daemon.web and daemon.web.address)
        daemon._reload = lambda: replace(read, http=Http(listen="127.0.0.1:1"), publish=Publish(people="none"))
        daemon._ask_reload()
        await until(lambda: daemon._config.publish.people == "none")
        assert daemon._config.http == config.http
        assert daemon.web is not None
        assert daemon.web.address is not None
        assert (await get(daemon.web.address, "/"))[0] == 404  # no folder any more


async def test_elsewhere_without_a_token_the_log_warns(config: Config) -> None:
    with capture_logs() as logs:
        async with WebRoom(config.storage.path.parent).served(Listen("0.0.0.0", 0)) as room:
            room.site.mkdir(exist_ok=True)
            reply = await room.get("/changes", host="news.example")
            assert reply.status == 403
            assert (await room.get("/metrics", host="news.example")).status == 200
    assert "no token is set: search and changes are refused" in [each["event"] for each in logs]


def test_without_it_nothing_of_its_libraries_is_imported() -> None:
    program = (
        "import sys, aggregator.engine.daemon, aggregator.cli.run, aggregator.cli.serve;"
        "libraries = {'starlette', 'uvicorn', 'anyio', 'h11', 'prometheus_client'};"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & libraries))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["starlette", "uvicorn"])
def test_where_the_extra_is_missing_it_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [
        each for each in sys.modules if each.startswith(("aggregator.engine.web.server", "aggregator.engine.web.app"))
    ]:
        monkeypatch.delitem(sys.modules, module)
    for module in [each for each in sys.modules if each.partition(".")[0] == name]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(AggregatorError, match="needs the extra `http`") as caught:
        extra.web_server(Listen("127.0.0.1", 0), Config)
    assert str(caught.value).endswith(how_to_install("http"))


class TestServe:
    def start(self, folder: Path, *words: str) -> subprocess.Popen[str]:
        file = folder / "aggregator.toml"
        file.write_text(f'[storage]\npath = "{folder / "news.db"}"\n')
        command = [sys.executable, "-m", "aggregator", "--config", str(file), "serve", *words]
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    async def test_it_says_where_and_ends_when_it_is_told_to(self, tmp_path: Path, number: int) -> None:
        room = WebRoom(tmp_path)
        room.write("index.html", "front")
        process = self.start(tmp_path, "--listen", "127.0.0.1:0", "--site", str(room.site))
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            assert line.startswith("serving http://127.0.0.1:")
            room.port = int(line.partition("127.0.0.1:")[2].partition("/")[0])
            assert (await room.get("/")).text == "front"
            assert (await room.get("/search/?q=ferry")).status == 503  # there is no database yet
            room.open().close()
            assert (await room.get("/search/?q=ferry")).status == 200  # and now there is
            process.send_signal(number)
            assert process.wait(PATIENCE) == 0
            assert process.stderr.read() == ""
        finally:
            process.kill()
            process.communicate()

    def test_a_port_that_is_taken(self, tmp_path: Path) -> None:
        with bound(Listen("127.0.0.1", 0)) as taken:
            at = f"127.0.0.1:{taken.getsockname()[1]}"
            process = self.start(tmp_path, "--listen", at)
            _, told = process.communicate(timeout=PATIENCE)
        assert process.returncode == 1
        assert f"error: can't listen on {at}: another program listens there" in told

    def test_an_address_that_is_none(self, tmp_path: Path) -> None:
        process = self.start(tmp_path, "--listen", "8000")
        _, told = process.communicate(timeout=PATIENCE)
        assert process.returncode == 2
        assert "is no host and port, such as 127.0.0.1:8000" in told
