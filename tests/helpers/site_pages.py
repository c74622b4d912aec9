"""The kinds of page of a site, and which of each is looked at: the one that has most to show."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from tests.helpers.built_sites import Served


def longest_story(site: Served) -> str:
    """The path of the story that most posts tell."""
    told = {path: len(json.loads(path.read_text("utf-8"))["posts"]) for path in site.folder.rglob("story.json")}
    longest = max(told, key=lambda path: (told[path], path.parent.name))
    return site.path(longest.with_name("index.html"))


def _largest(folder: str, site: Served) -> str:
    pages = site.folder.glob(f"{folder}/*/index.html")
    return site.path(max(pages, key=lambda path: path.stat().st_size))


def _only(path: str, site: Served) -> str:
    assert (site.folder / path).is_file()
    return path


KINDS: dict[str, Callable[[Served], str]] = {
    "front": partial(_only, "index.html"), "river": partial(_only, "river/index.html"), "story": longest_story,
    "topic": partial(_largest, "topics"), "entity": partial(_largest, "entities"), "day": partial(_largest, "days"),
    "sources": partial(_only, "sources/index.html"), "how": partial(_only, "how/index.html"),
    "topics": partial(_only, "topics/index.html"), "days": partial(_only, "days/index.html"),
    "agenda": partial(_only, "agenda/index.html"), "search": partial(_only, "search/index.html"),
    "missing": partial(_only, "404.html"),
}  # fmt: skip
# What the small sites have.
SOME = ("front", "river", "story", "topic", "agenda", "day", "sources", "how")
