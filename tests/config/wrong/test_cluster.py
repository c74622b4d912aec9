"""`[cluster]`: what is a scheduler's address, and what tls:// needs beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config import load_config
from aggregator.config.wrong.cluster import problems
from aggregator.model.errors import ConfigError


def load(folder: Path, text: str) -> object:
    file = folder / "a.toml"
    file.write_text(f"[cluster]\n{text}", "utf-8")
    return load_config(file, {}).cluster


def certificates(folder: Path) -> str:
    for name in ("ca", "cert", "key"):
        (folder / name).write_text("", "utf-8")
    return "".join(f'{name}_file = "{folder}/{name}"\n' for name in ("ca", "cert", "key"))


@pytest.mark.parametrize("address", ["tls://10.0.0.5:8786", "tls://[fd00::5]:8786", "TLS://desk.lan:8786/"])
def test_a_scheduler_with_certificates(tmp_path: Path, address: str) -> None:
    pytest.importorskip("distributed")
    found = load(tmp_path, f'scheduler = "{address}"\n{certificates(tmp_path)}')
    assert found.scheduler == address.lower().rstrip("/")  # type: ignore[attr-defined]


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "tcp://[::1]:8786", "tcp://localhost:8786"])
def test_without_tls_only_on_loopback(tmp_path: Path, address: str) -> None:
    pytest.importorskip("distributed")
    assert load(tmp_path, f'scheduler = "{address}"\n').scheduler == address  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tcp://10.0.0.5:8786", "for loopback alone"),
        ("tcp://desk.example:8786", 'did you mean "tls://desk.example:8786"?'),
        ("10.0.0.5:8786", 'did you mean "tls://10.0.0.5:8786"?'),
        ("https://10.0.0.5:8786", "it does not begin with tls://"),
        ("tls://10.0.0.5", 'the port is missing (did you mean "tls://10.0.0.5:8786"?)'),
        ("tls://desk.lan:0", "ports are numbers from 1"),
    ],
)
def test_other_addresses_are_refused_in_words(tmp_path: Path, address: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f'scheduler = "{address}"\n{certificates(tmp_path)}')
    assert any(said in problem for problem in caught.value.problems)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    table = {"scheduler": "tls://10.0.0.5:8786", "ca_file": str(tmp_path / "ca.pem"), "cert_file": str(tmp_path)}
    said = [problem.message for problem in problems({"cluster": table}, installed=False)]
    assert len(said) == 2
    assert said[0].startswith("the extra “cluster” is not installed: ")
    assert said[1] == "tls:// needs certificates: `key_file` too"
    assert list(problems({"cluster": {"scheduler": "tcp://[::1]:1"}}, installed=True)) == []
    assert list(problems({}, installed=False)) == []
    [alone] = problems({"cluster": {"ca_file": str(tmp_path)}}, installed=True)
    assert "the key `scheduler`" in alone.message
