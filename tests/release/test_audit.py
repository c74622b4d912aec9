"""`make audit`: holes are told, and an audit that could not be made is no all-clear."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

AUDIT = Path(__file__).parents[2] / ".ci" / "audit"
FOUND = "Found 1 known vulnerability in 1 package\\nName Version ID Fix\\nlxml 1.0 CVE-2030-1 1.1"


@pytest.mark.parametrize(
    ("does", "status", "told"),
    [
        ("echo 'No known vulnerabilities found'; exit 0", 0, "no known holes in the "),
        (f"printf '{FOUND}'; exit 1", 1, "CVE-2030-1"),
        ("echo 'ERROR: lxml: not found, could not be audited' >&2; exit 1", 2, "lxml: not found"),
        ("echo 'Traceback …' >&2; echo 'Name or service not known' >&2; exit 1", 2, "which needs the internet"),
        ("exit 127", 2, "nothing is known of holes"),
    ],
)
def test_what_is_known(tmp_path: Path, does: str, status: int, told: str) -> None:
    auditor = tmp_path / "pip-audit"
    as_it_should = 'case "$*" in *--strict*--require-hashes*) ;; *) exit 9 ;; esac'
    auditor.write_text(f"#!/bin/sh\n{as_it_should}\n{does}\n", "utf-8")
    auditor.chmod(0o755)
    done = subprocess.run([AUDIT, auditor], capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert told in done.stdout + done.stderr
