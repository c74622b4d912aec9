"""`cluster/certificates`: what it makes is good for clients that are as strict as Python 3.13 is by itself."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).parents[3] / "cluster" / "certificates"


def make(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    shutil.copy(_SCRIPT, folder)
    subprocess.run([folder / "certificates"], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("cluster"))


def context(keys: Path, protocol: int, *, is_strict: bool = True) -> ssl.SSLContext:
    found = ssl.SSLContext(protocol)
    found.check_hostname = False
    found.verify_mode = ssl.CERT_REQUIRED
    if is_strict:
        found.verify_flags |= ssl.VERIFY_X509_STRICT
    found.load_verify_locations(keys / "ca.pem")
    found.load_cert_chain(keys / "cert.pem", keys / "key.pem")
    return found


def greet(server: Path, client: Path, *, is_strict: bool = True) -> bytes:
    """What the client hears from the server after both have looked at the other's certificate. Raises SSLError."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = context(client, ssl.PROTOCOL_TLS_CLIENT, is_strict=is_strict).wrap_bio(down, up)
    there = context(server, ssl.PROTOCOL_TLS_SERVER, is_strict=is_strict).wrap_bio(up, down, server_side=True)
    for _ in range(5):
        for side in (here, there):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    there.write(b"hello")
    return here.read(5)


# Who is asked, and by whom: workers by the scheduler, too.
@pytest.mark.parametrize(
    ("server", "client"), [("scheduler", "daemon"), ("scheduler", "worker"), ("worker", "scheduler")]
)
def test_both_sides_may_be_strict(made: Path, server: str, client: str) -> None:
    assert greet(made / server, made / client) == b"hello"


def test_the_daemon_s_is_no_server_s(made: Path) -> None:
    with pytest.raises(ssl.SSLError, match="unsuitable certificate purpose"):
        greet(made / "daemon", made / "worker")


def test_another_authority_s_is_refused(made: Path, tmp_path: Path) -> None:
    other = make(tmp_path / "other")
    shutil.copy(made / "worker" / "ca.pem", other / "worker" / "ca.pem")  # it believes us, we don't believe it
    with pytest.raises(ssl.SSLError, match="certificate verify failed"):
        greet(made / "scheduler", other / "worker")


def test_once_more_the_authority_stays(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "again"
    shutil.copytree(made, folder)
    make(folder)
    assert (folder / "worker" / "ca.pem").read_bytes() == (made / "worker" / "ca.pem").read_bytes()
    assert (folder / "worker" / "cert.pem").read_bytes() != (made / "worker" / "cert.pem").read_bytes()
    assert greet(made / "scheduler", folder / "worker") == b"hello"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_without_the_authority_s_key_nothing_is_changed(made: Path, tmp_path: Path) -> None:
    """It is kept elsewhere, as it should be."""
    folder = tmp_path / "again"
    shutil.copytree(made, folder)
    (folder / "authority" / "ca.key").unlink()
    before = contents(folder)
    with pytest.raises(subprocess.CalledProcessError) as failed:
        make(folder)
    assert b"authority/ca.key is not here" in failed.value.stderr
    assert contents(folder) == before


def test_with_another_s_key_what_is_in_use_stays(made: Path, tmp_path: Path) -> None:
    folder, other = tmp_path / "again", make(tmp_path / "other")
    shutil.copytree(made, folder)
    shutil.copy(other / "authority" / "ca.key", folder / "authority")
    with pytest.raises(subprocess.CalledProcessError):
        make(folder)
    assert all(contents(folder / name) == contents(made / name) for name in ("scheduler", "worker", "daemon"))


def test_an_authority_of_before_is_strict_afterwards_and_what_it_signed_stays_good(tmp_path: Path) -> None:
    """Its certificate did not say what its key is for, and those that it signed were of the first version."""
    authority, before = tmp_path / "authority", tmp_path / "before"
    authority.mkdir()
    before.mkdir()
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    ca, signs = ["-keyout", authority / "ca.key", "-out", authority / "ca.pem"], ["-CAkey", authority / "ca.key"]
    for words in (
        ["req", "-x509", *new, "-days", "3650", *ca, "-subj", "/CN=aggregator cluster"],
        ["req", *new, "-keyout", before / "key.pem", "-out", before / "request", "-subj", "/CN=aggregator worker"],
        ["x509", "-req", "-in", before / "request", "-CA", authority / "ca.pem", *signs, "-out", before / "cert.pem"],
    ):
        subprocess.run(["openssl", *words], check=True, capture_output=True)
    shutil.copy(authority / "ca.pem", before / "ca.pem")
    with pytest.raises(ssl.SSLError, match="certificate verify failed"):
        greet(before, before)
    make(tmp_path)
    assert greet(tmp_path / "scheduler", tmp_path / "worker") == b"hello"
    for server, client in ((tmp_path / "scheduler", before), (before, tmp_path / "worker")):
        assert greet(server, client, is_strict=False) == b"hello"


def test_keys_are_for_their_owner_to_read(made: Path) -> None:
    assert {each.stat().st_mode & 0o077 for each in made.rglob("*.key")} | {
        each.stat().st_mode & 0o077 for each in made.rglob("*.pem")
    } == {0}


def test_keys_of_an_older_version_go_to_the_new_place_as_documented(tmp_path: Path) -> None:
    """Also where the older script is still there: it does not take the new one's place."""
    text = (_SCRIPT.parents[1] / "docs" / "scale.md").read_text("utf-8")
    [command] = re.findall(r"`([^`\n]*cp -a[^`\n]*)`", text)
    old, new = tmp_path / "config" / "cluster", tmp_path / "cluster"
    for folder in ("authority", "scheduler", "worker", "daemon"):
        (old / folder).mkdir(parents=True)
        (old / folder / "key.pem").write_text(folder, "utf-8")
    (old / "certificates").write_text("older", "utf-8")
    (new / "daemon").mkdir(parents=True)
    (new / "certificates").write_text("newer", "utf-8")
    subprocess.run(["sh", "-c", command.replace("sudo ", "")], cwd=tmp_path, check=True)
    assert (new / "certificates").read_text("utf-8") == "newer" and not old.exists()
    assert {each.parent.name: each.read_text("utf-8") for each in new.glob("*/key.pem")} == {
        name: name for name in ("authority", "scheduler", "worker", "daemon")
    }
