"""What contributors are told: every file named is there, every link leads somewhere, hooks run what CI runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted(GITHUB.glob("*.md"))]

# What is named in code type and looks like a file or a folder.
_NAMED = re.compile(r"`([\w.*/-]+(?:/|\.(?:py|toml|json|md|sql|yaml|txt|lock))|\.ci/run)`")
# Stand for any name.
_PLACEHOLDERS = re.compile(r"NAME|\*\*")


def named_files(page: Path) -> list[str]:
    return [name for name in _NAMED.findall(page.read_text("utf-8")) if not _PLACEHOLDERS.search(name)]


def is_there(name: str) -> bool:
    """In the repository, or in the package, whose paths are written without its name."""
    return any(any(folder.glob(name.rstrip("/"))) for folder in (ROOT, ROOT / "aggregator"))


@pytest.mark.parametrize("page", [GITHUB / "CONTRIBUTING.md", GITHUB / "RELEASE.md", ROOT / "docs" / "architecture.md"])
def test_every_file_that_is_named_is_there(page: Path) -> None:
    names = named_files(page)
    assert len(names) >= 4
    assert [name for name in names if not is_there(name)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8"))
    assert [link for link in links if ":" not in link and not (page.parent / link).exists()] == []


def test_contributing_is_one_page() -> None:
    assert len((GITHUB / "CONTRIBUTING.md").read_text("utf-8").splitlines()) <= 80


def test_hooks_before_a_commit_run_what_continuous_integration_runs() -> None:
    hooks = re.findall(r"entry: ([^,]+), (.*)", (GITHUB / "pre-commit.yaml").read_text("utf-8"))
    before_commit = [entry for entry, rest in hooks if "pre-push" not in rest]
    run = (ROOT / ".ci" / "run").read_text("utf-8")
    tools = re.findall(r"^\.venv/bin/(?!python).*$", run, re.MULTILINE)
    assert before_commit == tools
    assert [entry for entry, rest in hooks if "pre-push" in rest] == ["make test"]
    assert "\nmake test" in run
