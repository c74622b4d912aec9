"""docs/site.md: every address that it names is there, and none that it does not name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.engine.site.publisher import build_site
from aggregator.model.rules import SavedQuery
from aggregator.model.settings import Publish
from aggregator.publish.feeds.stories_json import stories_json, story_json
from tests.helpers.poller_room import PollerRoom, article, url_of
from tests.helpers.shown import OLDER, STORIES
from tests.helpers.shown_briefs import BRIEFED

PAGE = (Path(__file__).parents[2] / "docs" / "site.md").read_text("utf-8")
TABLE = PAGE[PAGE.index("## What is in it") : PAGE.index("**Which stories")]
NAMES = re.compile(r"SLUG|TOPIC|ENTITY|DATE|NAME|ID")

# Beside the pages: what they are shown with.
ASSETS = {"/style.css", "/icon.svg", "/search.js", "/404.html"}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PollerRoom]:
    room = PollerRoom(tmp_path, "gazette", "courier")
    text = "The ferry Halcyon lost its rudder off Port Marlow on Monday night. Two tugs brought it in."
    room.collect.posts(url_of("gazette"), [article("a", "Ferry loses its rudder off Port Marlow", text)])
    room.collect.posts(url_of("courier"), [article("b", "Rudder lost: ferry at Port Marlow", text, host="courier")])
    yield room
    room.database.close()


async def test_it_names_every_address(room: PollerRoom, tmp_path: Path) -> None:
    await room.poll()
    room.database.conn.execute("UPDATE topics SET kind = 'company' WHERE topic = 'ferries'")
    saved = SavedQuery(name="mine", title="Mine", query="ferry")
    settings = Publish(path=tmp_path / "site", address="https://news.example/", feeds=(saved,))
    build_site(room.config.storage.path, settings)
    room.database.conn.execute("UPDATE topics SET kind = 'topic' WHERE topic = 'ferries'")
    build_site(room.config.storage.path, Publish(path=tmp_path / "site2", address="https://news.example/"))
    made = {
        "/" + path.relative_to(folder).as_posix().removesuffix("index.html")
        for folder in (tmp_path / "site", tmp_path / "site2")
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    named = {
        name for cell in re.findall(r"^\| (.*?) \|", TABLE, re.MULTILINE) for name in re.findall(r"`(/[^`]*)`", cell)
    }
    patterns = [re.compile(NAMES.sub("[^/]+", re.escape(name)) + "$") for name in named | ASSETS]
    missing = [each.pattern for each in patterns if not any(each.match(path) for path in made)]
    assert missing == []
    known = {path for path in made if any(each.match(path) for each in patterns)}
    assert {path for path in made - known if not path.endswith((".json", "story.md"))} == set()


def _keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for each in value.values() for key in _keys(each)}
    return {key for each in value for key in _keys(each)} if isinstance(value, list) else set()


def test_it_names_every_key_for_programs() -> None:
    section = PAGE[PAGE.index("## For programs") : PAGE.index("## Your own look")]
    named = set(re.findall(r"`([a-z_]+)`", section))
    settings = Publish()
    whole = [json.loads(story_json(each, settings)) for each in (*STORIES, *OLDER, BRIEFED)]
    made = _keys(whole) | _keys(json.loads(stories_json((*STORIES, BRIEFED), settings)))
    assert made <= named
    assert {key for key in named if key not in made and not key.startswith("later_")} == set()
