"""The index for searching the built pages: made where Pagefind is installed, gone where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.engine.site import index as site_index
from aggregator.engine.site.index import can_index, index_site
from aggregator.model.errors import PublishError

PAGE = '<!DOCTYPE html><html lang="en"><title>One</title><body><main data-pagefind-body>ferry {}</main></body></html>'

with_pagefind = pytest.mark.skipif(not can_index(), reason="needs the extra `search`")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "stories").mkdir()
    (tmp_path / "stories" / "index.html").write_text(PAGE.format("rudder"), encoding="utf-8")
    return tmp_path


@with_pagefind
def test_it_is_made_and_made_anew(site: Path) -> None:
    index_site(site)
    assert (site / "pagefind" / "pagefind.js").is_file()
    first = {path.name for path in (site / "pagefind").rglob("*.pf_fragment")}
    (site / "stories" / "index.html").write_text(PAGE.format("storm"), encoding="utf-8")
    index_site(site)
    second = {path.name for path in (site / "pagefind").rglob("*.pf_fragment")}
    assert len(first) == len(second) == 1
    assert first != second
    assert [path.name for path in site.iterdir() if path.name.startswith(".")] == []


@with_pagefind
def test_where_it_fails_the_old_one_stays_and_it_is_said(site: Path) -> None:
    index_site(site)
    (site / "stories" / "index.html").unlink()
    with pytest.raises(PublishError, match="pagefind"):
        index_site(site)
    assert (site / "pagefind" / "pagefind.js").is_file()


def test_without_pagefind_none_is_left(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (site / "pagefind").mkdir()
    monkeypatch.setattr(site_index, "can_index", lambda: False)
    index_site(site)
    assert not (site / "pagefind").exists()
