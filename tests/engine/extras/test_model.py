"""Packages of the model that are there and do not work: found out beside the process, and told in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.engine.extras.model import trouble_of


def broken(folder: Path, code: str) -> str | None:
    (folder / "numpi.py").write_text(code)
    return trouble_of("import numpi", [str(folder)])


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise ImportError('libopenblas.so.0: cannot open')", "ImportError: libopenblas.so.0: cannot open"),
        ("raise RuntimeError('built with baseline optimizations:\\n(X86_V2) but')", "RuntimeError: built with base"),
        ("raise ValueError('dtype size changed')", "ValueError: dtype size changed"),
        ("import numpi_core", "ModuleNotFoundError: No module named 'numpi_core'"),
        ("x = (", "SyntaxError: '(' was never closed"),
    ],
)
def test_what_raises_is_told(tmp_path: Path, code: str, said: str) -> None:
    found = broken(tmp_path, code)
    assert found is not None and found.startswith(said)


def test_what_ends_the_process_ends_another_one(tmp_path: Path) -> None:
    found = broken(tmp_path, "import posix\nposix.kill(posix.getpid(), 4)")
    assert found == "what imports them is ended by SIGILL (Illegal instruction)"


def test_what_never_ends_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "numpi.py").write_text("while True: pass")
    found = trouble_of("import numpi", [str(tmp_path)], patience=0.3)
    assert found == "to import them took longer than 0 s"


def test_what_works_is_no_trouble(tmp_path: Path) -> None:
    assert broken(tmp_path, "") is None


def test_modules_are_found_where_this_process_finds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in the folder in which the command runs, where `python -c` looks first."""
    (tmp_path / "numpi.py").write_text("")
    monkeypatch.chdir(tmp_path)
    found = trouble_of("import numpi")
    assert found == "ModuleNotFoundError: No module named 'numpi'"
