"""Files of `[cluster]` that can't be used are told by name, and why."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.engine.cluster.keys import key_trouble
from aggregator.model.machines.cluster import Cluster

_CERTIFICATES = Path(__file__).parents[3] / "cluster"


@pytest.fixture
def good(tmp_path: Path) -> Cluster:
    shutil.copytree(_CERTIFICATES, tmp_path / "cluster")
    subprocess.run([tmp_path / "cluster" / "certificates"], check=True, capture_output=True)
    keys = tmp_path / "cluster" / "daemon"
    return Cluster(
        scheduler="tls://10.0.0.5:8786", ca_file=keys / "ca.pem", cert_file=keys / "cert.pem", key_file=keys / "key.pem"
    )


def test_good_ones_and_none(good: Cluster) -> None:
    assert key_trouble(good) is None
    assert key_trouble(Cluster(scheduler="tcp://127.0.0.1:8786")) is None


def test_one_that_is_not_there(good: Cluster, tmp_path: Path) -> None:
    wrong = replace(good, key_file=tmp_path / "no.pem")
    assert key_trouble(wrong) == f"`key_file` {tmp_path}/no.pem can't be read: No such file or directory"


def test_the_key_of_another(good: Cluster, tmp_path: Path) -> None:
    other = tmp_path / "cluster" / "worker" / "key.pem"
    assert (
        key_trouble(replace(good, key_file=other))
        == f"`key_file` {other} is not the key of `cert_file` {good.cert_file}"
    )


def test_what_is_no_certificate(good: Cluster, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("nothing", "utf-8")
    assert key_trouble(replace(good, ca_file=text)) == f"`ca_file` {text} has no certificate in PEM"
    assert "are no certificate and key in PEM" in (key_trouble(replace(good, cert_file=text)) or "")


def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(good: Cluster, tmp_path: Path) -> None:
    locked = tmp_path / "locked.pem"
    words = ["openssl", "pkey", "-in", str(good.key_file), "-aes256", "-passout", "pass:secret", "-out", str(locked)]
    subprocess.run(words, check=True, capture_output=True)
    assert "are no certificate and key in PEM" in (key_trouble(replace(good, key_file=locked)) or "")
