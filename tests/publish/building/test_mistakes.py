"""Mistakes in the user's own templates: found before anything is written."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files as packaged
from pathlib import Path

import pytest

from aggregator.model.errors import PublishError
from aggregator.publish.building.build import build as build_now
from aggregator.storage.corrections import Editor
from aggregator.storage.site.rows import SiteRows
from tests.helpers.poller_room import PollerRoom, article
from tests.helpers.site_room import STORM, build, files, polled, settings

PAGES = (
    "front.html", "river.html", "story.html", "topic.html", "topics.html", "day.html", "days.html", "sources.html",
    "how.html", "search.html", "not_found.html", "redirect.html",
)  # fmt: skip


@pytest.fixture
async def kept(room: PollerRoom, tmp_path: Path) -> Path:
    title = "Ferry Halcyon loses its rudder"
    await polled(
        room,
        gazette=[article("a", title, STORM), article("b", "Bakers raise the tariff")],
        courier=article("c", f"{title} in the storm", STORM, host="courier"),
    )
    build(room, tmp_path / "kept")
    return tmp_path / "kept"


def with_templates(tmp_path: Path, **templates: str) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir(exist_ok=True)
    for name, text in templates.items():
        (folder / f"{name}.html").write_text(text)
    return folder


@pytest.mark.parametrize("name", PAGES)
async def test_a_mistake_in_a_template_leaves_the_site_as_it_was(
    room: PollerRoom, tmp_path: Path, kept: Path, name: str
) -> None:
    before = files(kept)
    base = packaged("aggregator.publish").joinpath("templates", "base.html").read_text()
    templates = with_templates(tmp_path, base=base.replace("<body", "<body class=new"))
    (templates / name).write_text("{% nonsense %}")
    with pytest.raises(PublishError, match=name):
        build(room, kept, by=replace(settings(kept), templates=templates))
    assert files(kept) == before
    # Taken back, there is nothing to do.
    again = build(room, kept)
    assert (again.written, again.because) == (0, "")


async def test_a_mistake_in_the_first_build_leaves_nothing(room: PollerRoom, tmp_path: Path, kept: Path) -> None:
    templates, site = with_templates(tmp_path, how="{% nonsense %}"), tmp_path / "site"
    with pytest.raises(PublishError, match="how"):
        build(room, site, by=replace(settings(site), templates=templates))
    assert list(site.iterdir()) == []


async def test_templates_without_a_mistake_are_used(room: PollerRoom, tmp_path: Path, kept: Path) -> None:
    Editor(room.database, room.now).merge("2", "1")
    templates = with_templates(tmp_path, redirect="Moved to {{ target }}", how="All by hand")
    by = replace(settings(kept), templates=templates)
    assert "templates" in build(room, kept, by=by).because
    assert (kept / "how" / "index.html").read_text() == "All by hand"
    anew = tmp_path / "anew"
    build(room, anew, is_full=True, by=replace(by, path=anew))
    assert files(kept) == files(anew)


async def test_so_does_one_that_shows_where_there_is_an_index_for_search(
    room: PollerRoom, tmp_path: Path, kept: Path
) -> None:
    base = packaged("aggregator.publish").joinpath("templates", "base.html").read_text()
    templates = with_templates(
        tmp_path, base=base.replace("<body", "<body class=new"), search="{% if has_index %}{{ nobody }}{% endif %}"
    )
    before, by = files(kept), replace(settings(kept), templates=templates)
    with SiteRows(room.config.storage.path, by) as rows, pytest.raises(PublishError, match="search"):
        build_now(by, rows, has_index=True)
    assert files(kept) == before
    build(room, kept, by=by)  # without one it is none
    assert (kept / "search" / "index.html").read_text() == ""
