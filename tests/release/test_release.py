"""`make release`: the version stands in one place, what is wrong with a package is noticed. On a small repository."""

from __future__ import annotations

import importlib.util
import io
import lzma
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from aggregator import __version__

ROOT = Path(__file__).parents[2]


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("release", ROOT / ".ci" / "release.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["release"] = module  # its dataclass looks there
    spec.loader.exec_module(module)
    return module


release: Any = _load()
CHANGELOG = (
    "# Changelog\n\n## Unreleased\n\n## 1.2.3 – 2030-01-02\n\n- A thing.\n\n## 1.2.2 – 2030-01-01\n\n- Another.\n"
)


def test_the_version_stands_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["dynamic"] == ["version"] and "version" not in project["project"]
    assert project["tool"]["hatch"]["version"]["path"] == "aggregator/__init__.py"
    assert (
        release.version_in((ROOT / "aggregator" / "__init__.py").read_text("utf-8"))
        == __version__
        == version("aggregator")
    )
    for name in ("Dockerfile", "compose.yaml", "Makefile", ".ci/image", ".github/workflows/release.yml"):
        assert __version__ not in re.sub(r"# v[\d.]+", "", (ROOT / name).read_text("utf-8")), name


@pytest.mark.parametrize(
    "text", ['__version__ = "1.2"', '__version__ = "1.2.3"\n__version__ = "1.2.4"', "", '__version__ = "x"']
)
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(release.ReleaseError, match="expected one line"):
        release.version_in(text)


class Repository:
    """One that is ready to be released, of version 1.2.3."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in {
            "aggregator/__init__.py": '"""It."""\n\n__version__ = "1.2.3"\n',
            "aggregator/cli/main.py": '"""Its command."""\n\n\ndef main() -> None:\n    """Nothing."""\n',
            "aggregator/text/words.toml": "a = 1\n",
            "CHANGELOG.md": CHANGELOG,
            "README.md": "It.\n",
            "LICENSE": "Free.\n",
            ".gitignore": "*.log\n",
            "docs/README.md": "More.\n",
            "benchmarks/README.md": "Nobody's.\n",
            "pyproject.toml": (ROOT / "pyproject.toml").read_text("utf-8"),
        }.items():
            self.write(name, text.encode())
        self.write("tests/storage/released/1.2.3.db.xz", lzma.compress(b"news"))
        self.git("init", "-q", "-b", "main")
        self.commit()

    def write(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def git(self, *words: str) -> None:
        who = ["-c", "user.name=Test", "-c", "user.email=test@test.invalid", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *words], cwd=self.folder, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "A step")

    def not_yet(self) -> list[str]:
        found: list[str] = release.not_yet(self.folder, release.last_commit(self.folder))
        return found


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    folder = tmp_path / "repository"
    folder.mkdir()
    return Repository(folder)


def test_what_keeps_it_from_being_pushed(repository: Repository) -> None:
    assert repository.not_yet() == []
    repository.write("aggregator/text/words.toml", b"a = 2\n")
    assert ["changes that are in no commit" in reason for reason in repository.not_yet()] == [True]
    repository.commit()
    repository.git("tag", "v1.2.3")
    assert repository.not_yet() == []
    repository.commit()
    assert ["another commit already" in reason for reason in repository.not_yet()] == [True]
    repository.git("tag", "-d", "v1.2.3")
    repository.write("CHANGELOG.md", CHANGELOG.replace("Unreleased\n", "Unreleased\n\n- More.\n").encode())
    repository.commit()
    assert ["under “Unreleased”" in reason for reason in repository.not_yet()] == [True]
    repository.write("CHANGELOG.md", CHANGELOG.encode())
    repository.write("aggregator/__init__.py", b'__version__ = "1.3.0"\n')
    repository.commit()
    assert ["CHANGELOG" in reason or "1.3.0.db.xz" in reason for reason in repository.not_yet()] == [True, True]


def test_the_notes_are_what_the_changelog_says() -> None:
    assert release.notes(CHANGELOG, "1.2.3") == "- A thing."
    assert release.notes(CHANGELOG, "1.2") is None
    assert release.notes(CHANGELOG, "1x2x3") is None


class Built:
    def __init__(self, repository: Repository, folder: Path) -> None:
        self.commit = release.last_commit(repository.folder)
        self.folder, source = folder, folder / "source"
        release.export(repository.folder, self.commit, source)
        release.build(source, folder / "dist", ["sdist", "wheel"], self.commit.made_at)
        [self.wheel], [self.sdist] = (folder / "dist").glob("*.whl"), (folder / "dist").glob("*.tar.gz")


@pytest.fixture
def built(repository: Repository, tmp_path: Path) -> Built:
    repository.write("aggregator/left.log", b"in no commit")
    return Built(repository, tmp_path / "built")


def test_packages_have_what_the_commit_has(built: Built, tmp_path: Path) -> None:
    release.check_wheel(built.wheel, built.commit)
    release.check_sdist(built.sdist, built.commit)
    release.check_same(built.wheel, built.sdist, built.commit, tmp_path / "sdist")


def test_built_again_they_are_the_same(repository: Repository, built: Built, tmp_path: Path) -> None:
    again = Built(repository, tmp_path / "again")
    assert again.wheel.read_bytes() == built.wheel.read_bytes()
    assert again.sdist.read_bytes() == built.sdist.read_bytes()


@pytest.mark.parametrize(
    ("leaves_out", "adds", "told"),
    [
        ("aggregator/text/words.toml", None, "lacks 1 files: aggregator/text/words.toml"),
        (None, "aggregator/left.log", "has 1 files too many: aggregator/left.log"),
        ("aggregator-1.2.3.dist-info/METADATA", None, "is not of version 1.2.3"),
    ],
)
def test_a_wheel_that_is_not_the_commit(built: Built, leaves_out: str | None, adds: str | None, told: str) -> None:
    wrong = built.folder / "wrong.whl"
    with zipfile.ZipFile(built.wheel) as right, zipfile.ZipFile(wrong, "w") as archive:
        for name in right.namelist():
            if name != leaves_out:
                archive.writestr(name, right.read(name))
        if adds:
            archive.writestr(adds, "x")
    with pytest.raises(release.ReleaseError, match=re.escape(told)):
        release.check_wheel(wrong, built.commit)


def test_an_sdist_that_builds_another_wheel(built: Built, tmp_path: Path) -> None:
    wrong = built.folder / "wrong.tar.gz"
    with tarfile.open(built.sdist) as right, tarfile.open(wrong, "w:gz") as archive:
        for member in right:
            content = right.extractfile(member)
            data = content.read() if content else b""
            if member.name.endswith("words.toml"):
                data = b"a = 3\n"
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    release.check_sdist(wrong, built.commit)  # by their names all is well
    with pytest.raises(release.ReleaseError, match="builds another"):
        release.check_same(built.wheel, wrong, built.commit, tmp_path / "sdist")


def test_checksums_fit(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("2")
    release.write_checksums(tmp_path)
    check = ["sha256sum", "--check", "--quiet", "SHA256SUMS"]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "b").write_text("3")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 1
