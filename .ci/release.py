"""`make release`: builds what a release consists of, checks each piece from outside of this folder, and pushes nothing.

Everything is made of the last commit, not of what lies about in the folder: wheel, sdist, bills of materials, checksums
and, where a Docker engine answers, the image. At the end stands what there is, what keeps it from being pushed, and the
commands that would push it. docs/releasing.md tells the way.

Status 0: all was built and checked. 1: a check failed; or, with --strict, something keeps it from being pushed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# What the sdist has of the repository besides these folders.
_FOLDERS = ("aggregator", "config", "docs", "tests")
_FILES = {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", ".gitignore"}


class ReleaseError(Exception):
    """A piece is not what it should be; says what is wrong."""


@dataclass(frozen=True, slots=True)
class Commit:
    """What is released. `made_at`: seconds since 1970; every file of the packages is dated so, whoever builds them."""

    id: str
    made_at: int
    version: str
    files: frozenset[str]

    @property
    def tag(self) -> str:
        """What the commit is to be called."""
        return f"v{self.version}"


def run(*words: str | Path, cwd: Path = ROOT, more: Mapping[str, str] | None = None) -> str:
    """What a program says on standard output.

    Raises:
        ReleaseError: it failed.
    """
    command = [str(word) for word in words]
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **(more or {})}, text=True, capture_output=True, check=False
    )
    if done.returncode:
        raise ReleaseError(f"{' '.join(command)}: status {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


@contextmanager
def step(name: str) -> Iterator[None]:
    """Says what is being done, and how long it took."""
    print(f"{name} …", end="", flush=True)
    begun = time.monotonic()
    yield
    print(f" {time.monotonic() - begun:.1f} s", flush=True)


# ---------------------------------------------------------------- what is released


def last_commit(root: Path) -> Commit:
    """The commit that is checked out, as it is in the repository.

    Raises:
        ReleaseError: it has no version.
    """
    found = run("git", "rev-parse", "HEAD", cwd=root).strip()
    names = frozenset(run("git", "ls-tree", "-r", "--name-only", "-z", found, cwd=root).split("\0")) - {""}
    version = version_in(run("git", "show", f"{found}:aggregator/__init__.py", cwd=root))
    return Commit(found, int(run("git", "log", "-1", "--format=%ct", found, cwd=root)), version, names)


def version_in(text: str) -> str:
    """The one place where the version stands: `__version__` of aggregator/__init__.py.

    Raises:
        ReleaseError: it does not stand there once, or is none.
    """
    found: list[str] = re.findall(r'^__version__ = "(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)"$', text, re.MULTILINE)
    if len(found) != 1:
        raise ReleaseError('aggregator/__init__.py: expected one line like __version__ = "1.2.3"')
    return found[0]


def notes(changelog: str, version: str) -> str | None:
    """What the changelog says of a version that has a date; None where it has no such section."""
    title = rf"^## {re.escape(version)} – \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |\Z)"
    found = re.search(title, changelog, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else None


def not_yet(root: Path, commit: Commit) -> list[str]:
    """Why this commit may not be pushed as a release, a line each."""
    found = []
    if run("git", "status", "--porcelain", cwd=root).strip():
        found.append("the folder has changes that are in no commit; none of them is in what was built")
    tagged = run("git", "tag", "--list", commit.tag, "--format=%(objectname) %(*objectname)", cwd=root).split()
    if tagged and commit.id not in tagged:
        found.append(f"{commit.tag} is another commit already: raise __version__")
    changelog = run("git", "show", f"{commit.id}:CHANGELOG.md", cwd=root)
    if notes(changelog, commit.version) is None:
        found.append(f"CHANGELOG.md has no section “## {commit.version} – YEAR-MONTH-DAY”")
    if re.search(r"^## Unreleased\n\s*(?!## )\S", changelog, re.MULTILINE):
        found.append("CHANGELOG.md has changes under “Unreleased”: no version says that it has them")
    kept = f"tests/storage/released/{commit.version}.db.xz"
    if kept not in commit.files:
        found.append(f"{kept} is not there: a database of this version, for the upgrades to come")
    return found


# ---------------------------------------------------------------- wheel and sdist


def export(root: Path, commit: Commit, folder: Path) -> None:
    """The files of the commit, and no others."""
    folder.mkdir(parents=True)
    packed = folder.with_suffix(".tar")
    run("git", "archive", "--format=tar", "-o", packed, commit.id, cwd=root)
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    packed.unlink()


def build(source: Path, target: Path, kinds: Sequence[str], made_at: int) -> None:
    """Build with what is locked in .venv; nothing is fetched."""
    words = [word for kind in kinds for word in ("-t", kind)]
    more = {"SOURCE_DATE_EPOCH": str(made_at)}
    run(sys.executable, "-m", "hatchling", "build", *words, "-d", target, cwd=source, more=more)


def check_wheel(wheel: Path, commit: Commit) -> None:
    """The package as it is in the commit, and what says so.

    Raises:
        ReleaseError: a file is missing, or is too many, or the version is another.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        told = f"aggregator-{commit.version}.dist-info"
        if f"{told}/METADATA" not in names:
            raise ReleaseError(f"{wheel.name} is not of version {commit.version}")
        entry = archive.read(f"{told}/entry_points.txt").decode()
    _compare(wheel, {name for name in names if not name.startswith(f"{told}/")}, _below(commit, ("aggregator",)))
    if "aggregator = aggregator.cli.main:main" not in entry:
        raise ReleaseError(f"{wheel.name} installs no command")


def check_sdist(sdist: Path, commit: Commit) -> None:
    """What it takes to build and to try the package.

    Raises:
        ReleaseError: a file is missing, or is too many.
    """
    top = f"aggregator-{commit.version}/"
    with tarfile.open(sdist) as archive:
        names = {member.name.removeprefix(top) for member in archive if member.isfile()}
    _compare(sdist, names - {"PKG-INFO"}, _below(commit, _FOLDERS) | (_FILES & commit.files))


def _below(commit: Commit, folders: Sequence[str]) -> set[str]:
    return {name for name in commit.files if name.startswith(tuple(f"{folder}/" for folder in folders))}


def _compare(package: Path, found: set[str], wanted: set[str]) -> None:
    if missing := sorted(wanted - found):
        raise ReleaseError(f"{package.name} lacks {len(missing)} files: {', '.join(missing[:5])}")
    if others := sorted(found - wanted):
        raise ReleaseError(f"{package.name} has {len(others)} files too many: {', '.join(others[:5])}")


def check_same(wheel: Path, sdist: Path, commit: Commit, folder: Path) -> None:
    """The sdist builds the very wheel.

    Raises:
        ReleaseError: another one.
    """
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    build(folder / f"aggregator-{commit.version}", folder / "again", ["wheel"], commit.made_at)
    if (folder / "again" / wheel.name).read_bytes() != wheel.read_bytes():
        raise ReleaseError(f"the sdist builds another {wheel.name}")


def try_wheel(wheel: Path, lock: Path, commit: Commit, folder: Path) -> Path:
    """Install the wheel where the source is not, with the locked versions, and let it work. Where it was installed.

    Raises:
        ReleaseError: it does not do what it should.
    """
    venv = folder / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", venv)
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        venv / "bin" / "python",
        "--disable-pip-version-check",
    ]
    run(*pip, "install", "--quiet", "--require-hashes", "-r", lock)
    # By its name: of a file it would be noted where that lay.
    named = f"aggregator=={commit.version}"
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", "--find-links", wheel.parent, named)
    run(*pip, "check")
    program, empty = venv / "bin" / "aggregator", folder / "empty"
    empty.mkdir()
    said = run(program, "--version", cwd=empty).strip()
    if said != f"aggregator, version {commit.version}":
        raise ReleaseError(f"it says {said!r}, which is not version {commit.version}")
    if "Stories that most sources carry" not in run(program, "demo", cwd=empty):
        raise ReleaseError("the demo tells no stories")
    if not (empty / "data" / "demo-site" / "index.html").exists():
        raise ReleaseError("the demo built no site")
    return venv


# ---------------------------------------------------------------- bills of materials, image, checksums


def bill_of_materials(what: str, target: Path, version: str) -> None:
    """What is in a folder or in an image, as CycloneDX.

    Raises:
        ReleaseError: it can't be told.
    """
    syft = ROOT / ".venv-release" / "bin" / "syft"
    words = ["--source-name", "aggregator", "--source-version", version, "-q", "-o", f"cyclonedx-json={target}"]
    run(syft, "scan", what, *words, more={"SYFT_CHECK_FOR_APP_UPDATE": "false"})
    for folder in (str(Path.home()), tempfile.gettempdir()):
        if f"{folder}/" in target.read_text("utf-8"):
            raise ReleaseError(f"{target.name} names a folder of this machine: {folder}")


def has_engine() -> bool:
    """Does a Docker engine answer?"""
    return bool(shutil.which("docker")) and not subprocess.run(["docker", "info"], capture_output=True).returncode


def make_image(source: Path, commit: Commit, name: str) -> None:
    """Build the image of the commit, and run the tests of the image on it.

    Raises:
        ReleaseError: it could not be built, or a test failed.
    """
    made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(commit.made_at))
    run(source / ".ci" / "image", name, "-q", more={"REVISION": commit.id, "CREATED": made})
    said = run(
        sys.executable, "-m", "pytest", "-q", "-m", "container", "tests/container", more={"AGGREGATOR_TEST_IMAGE": name}
    )
    print("\n" + "\n".join(f"  {line}" for line in said.splitlines() if line.startswith("container:")), end="")


def write_checksums(folder: Path) -> Path:
    """SHA-256 of every file of the folder, as `sha256sum --check` reads it."""
    target = folder / "SHA256SUMS"
    files = sorted(path for path in folder.iterdir() if path != target)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    target.write_text("".join(lines), "utf-8")
    return target


# ---------------------------------------------------------------- the whole


def make_all(commit: Commit, out: Path, *, wants_image: bool) -> str | None:
    """Build and check everything into an empty folder; the name of the image, where there is one."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        source, image = folder / "source", f"aggregator:{commit.version}"
        with step("wheel and sdist"):
            export(ROOT, commit, source)
            build(source, out, ["sdist", "wheel"], commit.made_at)
        [wheel], [sdist] = out.glob("*.whl"), out.glob("*.tar.gz")
        with step("their files, and the wheel anew from the sdist"):
            check_wheel(wheel, commit)
            check_sdist(sdist, commit)
            check_same(wheel, sdist, commit, folder / "sdist")
        with step("the wheel in an empty place"):
            venv = try_wheel(wheel, source / "requirements" / "requirements.lock", commit, folder)
            [installed] = venv.glob("lib/python*/site-packages")
            bill_of_materials(f"dir:{installed}", out / f"aggregator-{commit.version}.cdx.json", commit.version)
        if not (wants_image and has_engine()):
            print("no image: none was asked for" if not wants_image else "no image: no Docker engine answers")
            image = ""
        else:
            with step("the image, and its tests"):
                make_image(source, commit, image)
                target = out / f"aggregator-{commit.version}-image.cdx.json"
                bill_of_materials(f"docker:{image}", target, commit.version)
    write_checksums(out)
    return image or None


def tell(commit: Commit, out: Path, image: str | None, reasons: Sequence[str]) -> None:
    """What there is, and what to push."""
    print(f"\naggregator {commit.version}, commit {commit.id[:12]}, in {out}:")
    for path in sorted(out.iterdir()):
        print(f"  {path.stat().st_size / 1e6:8.2f} MB  {path.name}")
    if image:
        size = run("docker", "image", "inspect", "-f", "{{.Size}}", image).strip()
        print(f"  {int(size) / 1e6:8.2f} MB  {image} (unpacked)")
    if reasons:
        print("\nNot to be pushed yet:", *(f"  {reason}" for reason in reasons), sep="\n")
    print("\nTo push, which starts .github/workflows/release.yml:" if not reasons else "\nThen, to push:")
    print(f"  git tag -a {commit.tag} -m 'Release {commit.version}' {commit.id[:12]}\n  git push origin {commit.tag}")
    print("or by hand besides the tag:")
    files = " ".join(path.name for path in sorted(out.iterdir()))
    print(f"  gh release create {commit.tag} --verify-tag --draft {files}    # in {out}")
    if image:
        print(f"  docker tag {image} REGISTRY/{image}\n  docker push REGISTRY/{image}    # this architecture alone")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, check, tell."""
    parser = argparse.ArgumentParser(prog="make release", description="Build and check a release; push nothing.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="a folder, which is emptied (default: dist)")
    parser.add_argument("--no-image", action="store_true", help="leave the image to others")
    parser.add_argument("--strict", action="store_true", help="fail where something keeps it from being pushed")
    parser.add_argument("--notes", type=Path, help="a file for what the changelog says of this version")
    given = parser.parse_args(arguments)
    try:
        commit = last_commit(ROOT)
        reasons = not_yet(ROOT, commit)
        if reasons and given.strict:
            raise ReleaseError("\n".join(reasons))
        out: Path = given.out.resolve()
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        image = make_all(commit, out, wants_image=not given.no_image)
        if given.notes:
            text = notes(run("git", "show", f"{commit.id}:CHANGELOG.md"), commit.version)
            given.notes.write_text(f"{text or 'Unreleased.'}\n", "utf-8")
    except ReleaseError as error:
        print(f"\nrelease: {error}", file=sys.stderr)
        return 1
    tell(commit, out, image, reasons)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
