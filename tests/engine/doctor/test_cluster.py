"""`[cluster]`, as `aggregator doctor` tells of it: its files, and a scheduler that greets us or does not."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_server

import pytest

from aggregator.engine.doctor.cluster import check_cluster
from aggregator.engine.doctor.subject import Subject
from aggregator.model.finding import Finding, Level
from aggregator.model.machines.cluster import Cluster
from aggregator.model.settings import Config
from tests.helpers.ports import free_port

_CERTIFICATES = Path(__file__).parents[3] / "cluster"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return made(tmp_path / "cluster")


def made(folder: Path) -> Path:
    shutil.copytree(_CERTIFICATES, folder)
    subprocess.run([folder / "certificates"], check=True, capture_output=True)
    return folder


def cluster(keys: Path, port: int, scheme: str = "tls") -> Cluster:
    daemon = keys / "daemon"
    return Cluster(
        scheduler=f"{scheme}://127.0.0.1:{port}",
        ca_file=daemon / "ca.pem",
        cert_file=daemon / "cert.pem",
        key_file=daemon / "key.pem",
    )


def found(wanted: Cluster, now: datetime | None = None) -> Finding:
    [finding] = check_cluster(Subject(Path("news.db"), now or datetime.now(UTC), Config(cluster=wanted)))
    return finding


@contextmanager
def scheduler(keys: Path) -> Iterator[int]:
    """Its port: one that greets whoever has a certificate of the authority, as Dask's does."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=keys / "scheduler" / "ca.pem")
    context.load_cert_chain(keys / "scheduler" / "cert.pem", keys / "scheduler" / "key.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT

    def serve() -> None:
        with suppress(OSError), server.accept()[0] as plain, context.wrap_socket(plain, server_side=True) as secured:
            secured.sendall(b"hello")

    with create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_none_is_asked_for() -> None:
    assert found(Cluster()).level is Level.WELL


def test_one_that_answers(keys: Path) -> None:
    with scheduler(keys) as port:
        finding = found(cluster(keys, port))
    assert finding.level is Level.WELL and "answers" in finding.what


def test_certificates_that_end_soon(keys: Path) -> None:
    with scheduler(keys) as port:
        finding = found(cluster(keys, port), datetime.now(UTC) + timedelta(days=710))
    assert finding.level is Level.NOTE and "certificate ends on" in finding.what


def test_nobody_is_there(keys: Path) -> None:
    finding = found(cluster(keys, free_port()))
    assert finding.level is Level.TROUBLE and "does not answer" in finding.what


@pytest.mark.parametrize("trusts", [True, False])
def test_one_of_another_authority(keys: Path, tmp_path: Path, trusts: bool) -> None:
    """Also where we would believe it, and it does not believe us."""
    other = made(tmp_path / "other")
    with scheduler(other) as port:
        wanted = cluster(keys, port)
        finding = found(replace(wanted, ca_file=other / "daemon" / "ca.pem") if trusts else wanted)
    assert finding.level is Level.TROUBLE and "does not answer" in finding.what


def test_one_without_tls_that_hangs_up() -> None:
    with create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=lambda: server.accept()[0].close())
        thread.start()
        finding = found(Cluster(scheduler=f"tcp://127.0.0.1:{server.getsockname()[1]}"))
        thread.join()
    assert finding.level is Level.TROUBLE and "it hung up" in finding.what


def test_a_file_that_is_not_there_is_named(keys: Path, tmp_path: Path) -> None:
    finding = found(replace(cluster(keys, 1), key_file=tmp_path / "none"))
    assert finding.level is Level.TROUBLE and finding.what.startswith(f"`key_file` {tmp_path}/none can't be read")


def test_without_a_configuration_nobody_knows() -> None:
    """It may be there, and be wrong."""
    [finding] = check_cluster(Subject(Path("news.db"), datetime.now(UTC), None))
    assert finding.level is Level.NOTE and "nobody knows" in finding.what
