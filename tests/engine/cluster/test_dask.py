"""A real scheduler and a real worker, over TLS: `make cluster`."""

from __future__ import annotations

import asyncio
import logging
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_network
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from aggregator.engine.clock import utc_now
from aggregator.engine.cluster import collector
from aggregator.engine.cluster.collector import ClusterCollector
from aggregator.engine.cluster.connection import Connection, Workers
from aggregator.engine.poller import Poller
from aggregator.model.changes import PolledSource
from aggregator.model.machines.cluster import Cluster
from aggregator.model.settings import Config, Network, Polling, Storage
from aggregator.model.source import Source
from aggregator.storage.database import Database
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer
from tests.helpers.ports import free_port

pytest.importorskip("distributed")
pytestmark = pytest.mark.cluster

_CERTIFICATES = Path(__file__).parents[3] / "cluster"
_NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def loopback_is_the_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "is_own", lambda url: False)


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    folder = tmp_path / "cluster"
    shutil.copytree(_CERTIFICATES, folder)
    subprocess.run([folder / "certificates"], check=True, capture_output=True)
    return folder


@contextmanager
def dask(keys: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    program = Path(sys.executable).with_name("dask")
    tls = ["--tls-ca-file", f"{keys}/ca.pem", "--tls-cert", f"{keys}/cert.pem", "--tls-key", f"{keys}/key.pem"]
    started = subprocess.Popen(
        [program, *words, "--protocol", "tls", "--no-dashboard", *tls],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def _connected(cluster: Cluster) -> Workers:
    from aggregator.engine.cluster.dask_executor import connected

    return connected(cluster)


class Room:
    """A daemon's poller on a cluster."""

    def __init__(self, folder: Path, server: HttpServer, cluster: Cluster) -> None:
        self.server = server
        entry = item("The ferry sails again", f"{server.url}/1", "At noon.", "Mon, 04 May 2026 10:00:00 GMT")
        server.page("/feed", rss("Gazette", entry))
        self.config = Config(
            storage=Storage(path=folder / "news.db"),
            polling=Polling(interval=timedelta(minutes=15), adaptive=False),
            network=Network(timeout=timedelta(seconds=2), allow_private=(ip_network("127.0.0.0/8"),)),
            sources=(Source(kind="feed", url=f"{server.url}/feed"),),
        )
        self.cluster = Connection(cluster.scheduler or "", partial(_connected, cluster))

    async def __aenter__(self) -> Room:
        await self.cluster.__aenter__()
        self.collector = ClusterCollector(self.config, Taxonomy(()), None, self.cluster.executor)
        await self.collector.__aenter__()
        self.database = Database(self.config.storage.path)
        self.poller = Poller(self.database, self.config, self.collector, clock=utc_now, dice=lambda: 0.0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.collector.__aexit__(None, None, None)
        await self.cluster.__aexit__(None, None, None)
        self.database.close()

    async def has_worker(self) -> None:
        while self.cluster.executor() is None:
            await self.cluster.go_on()
            await asyncio.sleep(0.1)

    async def poll(self) -> list[PolledSource]:
        polled: list[PolledSource] = []
        await self.poller.poll(self.poller.sources, on_polled=polled.append)
        return polled


@contextmanager
def running(folder: Path, certificates: Path) -> Iterator[tuple[Cluster, subprocess.Popen[bytes]]]:
    """A scheduler and a worker: where it is, and the worker."""
    port, keys = free_port(), certificates / "daemon"
    settings = Cluster(
        scheduler=f"tls://127.0.0.1:{port}", ca_file=keys / "ca.pem", cert_file=keys / "cert.pem",
        key_file=keys / "key.pem",
    )  # fmt: skip
    worker = ["worker", settings.scheduler or "", "--nthreads", "2", "--no-nanny", "--memory-limit", "0"]
    with (
        dask(certificates / "scheduler", "scheduler", "--host", "127.0.0.1", "--port", str(port)),
        dask(certificates / "worker", *worker, "--host", "127.0.0.1", "--local-directory", str(folder)) as started,
    ):
        yield settings, started


async def test_a_feed_is_read_there_and_asked_from_here_when_the_worker_dies(
    tmp_path: Path, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HttpServer() as server, running(tmp_path, certificates) as (settings, worker):
        async with Room(tmp_path, server, settings) as room:
            await room.has_worker()
            given: list[str] = []
            workers = room.cluster._workers
            assert workers
            submit = workers.submit
            monkeypatch.setattr(workers, "submit", lambda *w: given.append(w[1].source.url) or submit(*w))
            [polled] = await room.poll()
            assert (polled.new, polled.status) == (1, "ok")
            assert given == [f"{server.url}/feed"] * 2  # once more with the settings, which it did not know
            server.held.add("/feed")
            polling = asyncio.create_task(room.poll())
            while len(server.asked) < 2:
                await asyncio.sleep(0.01)
            worker.send_signal(signal.SIGKILL)
            # As it would wait in full: a lease and more; here the task is enough.
            monkeypatch.setattr(room.collector, "_wait", timedelta(0))
            server.release()
            [polled] = await polling
            assert polled.collected.excused and polled.status is None
            [polled] = await room.poll()
            assert (polled.status, polled.new) == ("ok", 0)
            assert len(given) == 3  # the last one was asked from here


async def test_who_has_no_certificate_of_the_authority_is_refused(tmp_path: Path, certificates: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(_CERTIFICATES, other)
    subprocess.run([other / "certificates"], check=True, capture_output=True)
    with HttpServer() as server, running(tmp_path, certificates) as (settings, _):
        async with Room(tmp_path, server, settings) as room:
            await room.has_worker()  # it runs
        theirs = other / "daemon"
        wrong = replace(settings, cert_file=theirs / "cert.pem", key_file=theirs / "key.pem")
        async with Room(tmp_path, server, wrong) as room:
            assert room.cluster.executor() is None
            [polled] = await room.poll()
            assert polled.status == "ok"  # all is collected here


async def test_how_many_workers_there_are_is_said_when_that_changes(
    tmp_path: Path, certificates: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running(tmp_path, certificates) as (settings, worker), capture_logs() as said, HttpServer() as server:
        async with Room(tmp_path, server, settings) as room:
            await room.has_worker()
            await room.cluster.go_on()
            found = [each for each in said if each["event"] == "workers collect"]
            assert [(each["workers"], each["threads"]) for each in found] == [(1, 2)]
            worker.kill()
            worker.wait()
            while room.cluster.machines().workers:
                await room.cluster.go_on()
                await asyncio.sleep(0.1)
            assert said[-1]["event"] == "the scheduler has no worker that can be used: all is collected here"
            assert said[-1]["log_level"] == "warning"
    assert [each for each in caplog.records if each.name.startswith("distributed")] == []


async def test_what_is_in_the_way_is_said_once(tmp_path: Path) -> None:
    """Also where the words of the library have another port in them each time."""
    with socket.create_server(("127.0.0.1", 0)) as mute, capture_logs() as said, HttpServer() as server:
        hung_up = threading.Thread(target=lambda: [mute.accept()[0].close() for _ in range(50)], daemon=True)
        hung_up.start()
        room = Room(tmp_path, server, Cluster(scheduler=f"tcp://127.0.0.1:{mute.getsockname()[1]}"))
        for _ in range(3):
            await room.cluster.go_on()
    assert {each["event"] for each in said} == {"no cluster: all is collected here"}
    # A machine that is busy may be told in other words that there was no time.
    whys = ["".join(char for char in each["why"] if not char.isdigit()) for each in said]
    assert len(whys) == len(set(whys)) < 3


async def test_a_file_that_is_not_there_is_named(tmp_path: Path, certificates: Path) -> None:
    keys = certificates / "daemon"
    settings = Cluster(
        scheduler="tls://127.0.0.1:1", ca_file=keys / "ca.pem", cert_file=keys / "cert.pem", key_file=tmp_path / "none"
    )
    with capture_logs() as said, HttpServer() as server:
        await Room(tmp_path, server, settings).cluster.go_on()
    assert f"`key_file` {tmp_path}/none can't be read" in said[0]["why"]


async def test_a_new_worker_that_hangs_holds_up_no_other(tmp_path: Path, certificates: Path) -> None:
    with running(tmp_path, certificates) as (settings, first), HttpServer() as server:
        async with Room(tmp_path, server, settings) as room:
            await room.has_worker()
            first.send_signal(signal.SIGSTOP)
            try:
                words = ["worker", settings.scheduler or "", "--nthreads", "3", "--no-nanny", "--memory-limit", "0"]
                words += ["--host", "127.0.0.1", "--local-directory", str(tmp_path)]
                other = Connection("again", partial(_connected, settings))
                async with other:
                    assert other.machines().workers == 0  # the one that is there says nothing
                    with dask(certificates / "worker", *words):
                        while not other.executor():
                            await other.go_on()
                        assert other.machines().threads == 3
                        first.send_signal(signal.SIGCONT)
                        while other.machines().workers < 2:
                            await other.go_on()
            finally:
                first.send_signal(signal.SIGCONT)


def test_what_dask_says_of_its_own_code_is_left_out() -> None:
    import aggregator.engine.cluster.dask_executor  # noqa: F401

    for name in ("distributed.utils", "distributed.client", "distributed.comm.tcp", "tornado.application"):
        assert not logging.getLogger(name).isEnabledFor(logging.ERROR)
