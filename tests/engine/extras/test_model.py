"""Packages of the model that are there and do not work: found out beside the process, and told in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.engine.extras.model import known_as, trouble_of, works_as_noted
from aggregator.storage.file.proven import leave_note, take_note

_NOTE = "sentence-encoder.works"


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


class TestWhatIsNoted:
    """A note beside the database spares the process of its own, and never for long where it is wrong."""

    def test_what_worked_is_imported_here_and_noted_again(self, tmp_path: Path) -> None:
        imported: list[bool] = []
        leave_note(tmp_path, "as here")
        assert works_as_noted(tmp_path, "as here", lambda: imported.append((tmp_path / _NOTE).exists()))
        assert imported == [False]  # where it ends this process there is none
        assert take_note(tmp_path) == "as here"

    @pytest.mark.parametrize("noted", ["", "of another Python"])
    def test_what_was_never_tried_so_is_not_imported_here(self, tmp_path: Path, noted: str) -> None:
        leave_note(tmp_path, noted)
        assert not works_as_noted(tmp_path, "as here", pytest.fail)

    def test_what_fails_by_now_is_noted_no_more(self, tmp_path: Path) -> None:
        def fails() -> None:
            raise ImportError("libopenblas.so.0: cannot open")

        leave_note(tmp_path, "as here")
        assert not works_as_noted(tmp_path, "as here", fails)
        assert take_note(tmp_path) == ""

    def test_another_version_or_processor_is_not_the_same(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.syspath_prepend(tmp_path)
        package, processor = tmp_path / "numpi.py", tmp_path / "cpuinfo"
        package.write_text("")
        processor.write_text("flags : avx512f\nMHz : 1\n\nflags : none\n")
        before = known_as(["numpi"], processor)
        processor.write_text("flags : avx512f\nMHz : 2\n\nflags : none\n")  # a near miss: it runs slower
        assert known_as(["numpi"], processor) == before
        processor.write_text("flags : sse2\nMHz : 1\n\nflags : none\n")
        assert known_as(["numpi"], processor) != before
        processor.write_text("flags : avx512f\nMHz : 1\n\nflags : none\n")
        package.write_text("x = 1")
        assert known_as(["numpi"], processor) != before
