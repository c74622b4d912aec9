"""docs/install.md: nobody is told to install another project's package, and what is said of tools and units is so."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "install.md").read_text("utf-8")
UNIT = ROOT / "config" / "systemd" / "aggregator.service"

# ---------------------------------------------------------------- the name

# `pip install aggregator`, `pipx install 'aggregator[http]'`, `uvx aggregator`, `uv pip install -U aggregator==1.2.3`.
_BY_NAME = re.compile(
    r"""\b(?:pip3?|pipx|uv)\b[^\n`|&;]*?\b(?:install|add|run)\s[^\n`|&;]*?
        (?<![\w/.+-])["']?aggregator(?:\[[^\]\n]*\])?(?:["'`,;)]|==|\s(?!@\s)|$)
      | \buvx\ ["']?aggregator\b""",
    re.VERBOSE | re.MULTILINE,
)


@cache
def files() -> list[Path]:
    """Every file of the repository with words in it; of a folder that is none, all that may be in one."""
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = [name for name in found.stdout.split("\0") if name] if found.returncode == 0 else []
    paths = [ROOT / name for name in names] or [path for path in ROOT.rglob("*") if not _is_made(path)]
    return [path for path in paths if path.is_file() and path != Path(__file__)]


def _is_made(path: Path) -> bool:
    return any(part in ("data", "dist", "build", "__pycache__") or part.startswith(".venv") for part in path.parts)


def test_no_wheel_lies_in_the_repository() -> None:
    assert [path.name for path in files() if path.suffix == ".whl"] == []


@pytest.mark.parametrize("words", [
    "pip install 'aggregator[semantic]'",
    "pip install aggregator",
    "`pip install aggregator[semantic]` brings it",
    "python -m pip install --force-reinstall 'aggregator[http]'",
    "pipx install aggregator",
    "pipx run aggregator demo",
    "uvx aggregator demo",
    'uv tool install --python 3.13 "aggregator[http]"',
    "uv pip install aggregator==1.2.3",
])  # fmt: skip
def test_what_would_install_another_projects_package_is_found(words: str) -> None:
    assert _BY_NAME.search(words)


@pytest.mark.parametrize("words", [
    ".venv/bin/python -m pip install -e '.[semantic,http]'",
    "pipx uninstall aggregator",
    "uv tool uninstall aggregator",
    "pipx install './aggregator-1.2.3-py3-none-any.whl[http]'",
    "pip install -e /opt/aggregator",
    "pip install '/src/aggregator[http]'",
    "pip install 'aggregator[http] @ git+https://forge.example/news.git'",
    "pipx inject aggregator 'numpy>=2'",
    "pip install --require-hashes -r requirements.lock && aggregator demo",
])  # fmt: skip
def test_and_nothing_else(words: str) -> None:
    assert not _BY_NAME.search(words)


def test_no_file_tells_anybody_to_install_the_bare_name() -> None:
    assert len(files()) > 1000
    found = {}
    for path in files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:  # a picture, a database
            continue
        if lines := [line.strip()[:120] for line in text.splitlines() if _BY_NAME.search(line)]:
            found[path.relative_to(ROOT).as_posix()] = lines
    assert found == {}


# ---------------------------------------------------------------- make


def would_run(tmp_path: Path, target: str) -> str:
    """What make would do for a target in a fresh checkout."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    done = subprocess.run(["make", "-n", target], cwd=tmp_path, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
class TestMake:
    @pytest.mark.parametrize("target", ["run", "demo"])
    def test_who_only_runs_it_gets_no_tools(self, tmp_path: Path, target: str) -> None:
        done = would_run(tmp_path, target)
        assert "-r requirements/requirements-run.lock" in done and "requirements-dev.lock" not in done

    @pytest.mark.parametrize("target", ["test", "lint", "setup", "browser", "container", "reference"])
    def test_who_changes_it_gets_both(self, tmp_path: Path, target: str) -> None:
        done = would_run(tmp_path, target)
        assert done.index("requirements-run.lock") < done.index("requirements-dev.lock")

    def test_pip_says_what_it_does_and_first_how_much_it_is(self, tmp_path: Path) -> None:
        done = would_run(tmp_path, "demo")
        [install] = [line for line in done.splitlines() if "requirements-run.lock" in line]
        assert "--quiet" not in install and "-q" not in install.split()
        assert done.index("82 packages, some 85 MB") < done.index(install)


def locked(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / name).read_text("utf-8")
    return {f"{package}{marker}": version for package, version, marker in re.findall(
        r"^([a-z0-9.-]+)(?:\[.*?\])?==(\S+)(.*?) \\$", text, re.MULTILINE)}  # fmt: skip


def test_what_runs_is_what_the_image_has_and_what_links_it_and_the_tools_stand_on_it() -> None:
    image, run, dev = map(locked, ("requirements-semantic.lock", "requirements-run.lock", "requirements-dev.lock"))
    assert len(image) > 60
    assert image.items() <= run.items()
    assert {name.partition(" ")[0] for name in run.keys() - image.keys()} >= {"hatchling", "editables"}
    assert {name.partition(" ")[0]: run[name] for name in run}.items() <= {
        name.partition(" ")[0]: dev[name] for name in dev
    }.items()
    assert not {"pytest", "mypy", "ruff", "playwright"} & {name.partition(" ")[0] for name in run}


def test_the_page_and_the_readme_tell_the_same_size() -> None:
    readme, makefile = (ROOT / "README.md").read_text("utf-8"), (ROOT / "Makefile").read_text("utf-8")
    assert all("85 MB" in text and "280 MB" in text for text in (PAGE, readme, makefile))


# ---------------------------------------------------------------- what can be found


@pytest.mark.parametrize("place", [
    "docs/README.md", "docs/install.md", "docs/install.md#under-systemd", "docs/install.md#removing",
    "docs/upgrading.md", "docs/operations.md#backup-and-restore",
    "docs/operations.md#how-long-posts-are-kept",
])  # fmt: skip
def test_the_readme_leads_there(place: str) -> None:
    assert f"]({place})" in (ROOT / "README.md").read_text("utf-8")


def test_the_index_has_every_page_and_what_operators_look_for() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    listed = re.findall(r"^- \[(\w+\.md)\]\((\w+\.md)\): ", index, re.MULTILINE)
    assert {name for name, _ in listed} == pages and all(name == target for name, target in listed)
    for anchor in ("install.md#removing", "install.md#under-systemd", "operations.md#backup-and-restore",
                   "operations.md#how-long-posts-are-kept", "upgrading.md", "install.md#what-lies-where"):  # fmt: skip
        assert f"({anchor})" in index


def anchors(page: Path) -> set[str]:
    """What headings of a page are called in addresses."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name
)
def test_links_lead_to_a_heading(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]*\.md)?#([^)]+)\)", page.read_text("utf-8"))
    lost = [f"{name}#{anchor}" for name, anchor in links if anchor not in anchors(page.parent / name if name else page)]
    assert lost == []


# ---------------------------------------------------------------- the unit


def test_the_page_tells_what_the_unit_does() -> None:
    unit = UNIT.read_text("utf-8")
    for path in (
        "/opt/aggregator/bin/aggregator",
        "/etc/aggregator/aggregator.toml",
        "/var/lib/aggregator/aggregator.db",
    ):
        assert path in unit and path in PAGE
    assert "RestartPreventExitStatus=2 3 4" in unit and "([exit status](operations.md#exit-status) 2, 3, 4)" in PAGE


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
class TestUnit:
    def analyzed(self, folder: Path, *words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """What systemd says of the unit, its program being one that is here."""
        program = shutil.which("true")
        assert program
        made = (text or UNIT.read_text("utf-8")).replace("/opt/aggregator/bin/aggregator", program)
        file = folder / "aggregator.service"
        file.write_text(made, "utf-8")
        return subprocess.run(["systemd-analyze", *words, file], capture_output=True, text=True, check=False)

    def test_systemd_finds_nothing_in_it(self, tmp_path: Path) -> None:
        done = self.analyzed(tmp_path, "verify", "--man=no")
        assert (done.returncode, done.stderr) == (0, "")
        wrong = self.analyzed(tmp_path, "verify", "--man=no", text=UNIT.read_text("utf-8") + "Nonsense=1\n")
        assert "Nonsense" in wrong.stderr

    def test_it_is_as_locked_as_the_page_says(self, tmp_path: Path) -> None:
        said = re.search(r"`systemd-analyze security` gives it (\d)\.(\d)", PAGE)
        assert said
        limit = f"--threshold={int(said[1]) * 10 + int(said[2])}"
        done = self.analyzed(tmp_path, "security", "--offline=true", "--no-pager", limit)
        if "nknown" in done.stderr or "unrecognized option" in done.stderr:
            pytest.skip("this systemd-analyze looks at no file")
        assert done.returncode == 0, done.stdout
        open_ = UNIT.read_text("utf-8").replace("ProtectSystem=strict\n", "").replace("CapabilityBoundingSet=\n", "")
        assert self.analyzed(tmp_path, "security", "--offline=true", "--no-pager", limit, text=open_).returncode != 0
