"""The site of a poller on scripted sources: built as the daemon builds it, and anew beside it to compare with."""

from __future__ import annotations

from pathlib import Path

from aggregator.engine.site.publisher import build_site, note_built
from aggregator.model.post import Post
from aggregator.model.rules import SavedQuery
from aggregator.model.settings import Publish
from aggregator.publish.building.build import Built
from tests.helpers.poller_room import PollerRoom, url_of

PAPERS = ("gazette", "courier", "tidings")
STORM = "The ferry Halcyon lost its rudder in the storm off Port Marlow. Two tugs brought it to the quay by night."


def settings(folder: Path) -> Publish:
    """Of a site with an address, in a zone that is not UTC."""
    saved = SavedQuery(name="ferries", title="Ferries", query="ferry OR lighthouse")
    wide = SavedQuery(name="wide", title="Wide", min_sources=2)
    return Publish(path=folder, address="https://news.example/", feeds=(saved, wide), timezone="Europe/Berlin")


def build(room: PollerRoom, folder: Path, *, is_full: bool = False, by: Publish | None = None) -> Built:
    """Build it, as the daemon does; a full build is not noted in the database."""
    built = build_site(room.config.storage.path, by or settings(folder), is_full=is_full)
    if not is_full:
        note_built(room.database, built)
    return built


def files(folder: Path) -> dict[str, bytes]:
    """What it has, without what begins with a dot."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


async def polled(room: PollerRoom, **posts: Post | list[Post]) -> None:
    """One poll, which brings these posts of these papers and nothing else."""
    room.collect.begin_anew()
    for name, of_it in posts.items():
        room.collect.posts(url_of(name), of_it if isinstance(of_it, list) else [of_it])
    await room.poll()


async def same_as_anew(room: PollerRoom, tmp_path: Path, kept: Path) -> None:
    """Bring the site up to date: it is not built anew, and yet the same as one that is."""
    anew = tmp_path / f"anew-{len(list(tmp_path.glob('anew-*')))}"
    assert not build(room, kept).because
    build(room, anew, is_full=True)
    mine, theirs = files(kept), files(anew)
    assert mine.keys() == theirs.keys()
    assert [path for path in mine if mine[path] != theirs[path]] == []
