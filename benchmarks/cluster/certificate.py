"""A certificate for the feeds' web server, of an authority that is made for it. Takes the program `openssl`."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path


def make(folder: Path, hosts: Sequence[str]) -> None:
    """`folder` gets authority.pem, and cert.pem with key.pem, which are good for these names for a day."""
    folder.mkdir(parents=True, exist_ok=True)
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    _openssl(folder, "req", "-x509", *curve, "-days", "1", "-keyout", "authority.key", "-out", "authority.pem",
             "-subj", "/CN=authority of feeds")  # fmt: skip
    _openssl(folder, "req", *curve, "-keyout", "key.pem", "-out", "request", "-subj", "/CN=feeds")
    (folder / "names").write_text("subjectAltName=" + ",".join(f"DNS:{host}" for host in hosts), "ascii")
    _openssl(folder, "x509", "-req", "-in", "request", "-CA", "authority.pem", "-CAkey", "authority.key",
             "-CAcreateserial", "-days", "1", "-extfile", "names", "-out", "cert.pem")  # fmt: skip


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
