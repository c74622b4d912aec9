"""Where each page and feed of the site stands in its folder, and how one links to another.

Paths are relative to the site's folder, with `/`; a page is the `index.html` of a folder of its own, so that its
address ends with `/`. Links are relative too: a site works under any address, and below any folder of it.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from urllib.parse import quote

from aggregator.model.site import ShownTopic

FRONT = "index.html"
RIVER = "river/index.html"
TOPICS = "topics/index.html"
DAYS = "days/index.html"
AGENDA = "agenda/index.html"
SOURCES = "sources/index.html"
HOW = "how/index.html"
SEARCH = "search/index.html"
NOT_FOUND = "404.html"
STYLESHEET = "style.css"
OWN_STYLESHEET = "own.css"
ICON = "icon.svg"
SITEMAP = "sitemap.xml"
ROBOTS = "robots.txt"
REDIRECTS = "_redirects"
STORIES_JSON = "stories.json"
OPML = "feeds/sources.opml"
# What is to come, as feeds without their endings, and as a calendar.
AGENDA_FEED = "feeds/agenda"
CALENDAR = "feeds/agenda.ics"

# The feeds of everything, and of the stories that have a page.
ALL, STORIES = "all", "stories"


def story(slug: str) -> str:
    """The page of a story."""
    return f"stories/{slug}/index.html"


def story_json(slug: str) -> str:
    """A story for programs."""
    return f"stories/{slug}/story.json"


def story_note(slug: str) -> str:
    """A story as a Markdown note with front matter."""
    return f"stories/{slug}/story.md"


def topic(shown: ShownTopic) -> str:
    """The page of a topic or an entity."""
    return f"{_folder(shown)}/{shown.topic}/index.html"


def day(shown: date) -> str:
    """The page of a day."""
    return f"days/{shown.isoformat()}/index.html"


def feed(name: str) -> str:
    """A feed without its ending (`.atom`, `.json`): of `ALL`, `STORIES`, or a saved query."""
    return f"feeds/{name}"


def topic_feed(shown: ShownTopic) -> str:
    """The feed of a topic or an entity, without its ending."""
    return f"feeds/{_folder(shown)}/{shown.topic}"


def source_feed(source_id: int) -> str:
    """The feed of a source, without its ending."""
    return f"feeds/sources/{source_id}"


_SLUG, _PART = r"(?:[a-z0-9-]+-)?[0-9]+", r"[a-z0-9-]+"
_MADE = re.compile(
    rf"stories/{_SLUG}/(?:index\.html|story\.json|story\.md)"
    rf"|(?:topics|entities)/{_PART}/index\.html"
    r"|days/[0-9]{4}-[0-9]{2}-[0-9]{2}/index\.html"
    r"|(?:river|topics|days|agenda|sources|how|search)/index\.html"
    rf"|feeds/(?:(?:topics|entities)/{_PART}|sources/[0-9]+|{_PART})\.(?:atom|json)"
    r"|feeds/(?:sources\.opml|agenda\.ics)"
)


def is_made(path: str) -> bool:
    """Does a file in a folder of the site stand where a build may have put it? Files of others stand elsewhere."""
    return _MADE.fullmatch(path) is not None


@lru_cache(16_384)
def link(here: str, to: str) -> str:
    """How the page at `here` links to the file at `to`. Both are paths in the site."""
    begin, end = here.split("/")[:-1], to.removesuffix("index.html").split("/")
    shared = 0
    while shared < min(len(begin), len(end) - 1) and begin[shared] == end[shared]:
        shared += 1
    found = "../" * (len(begin) - shared) + "/".join(end[shared:])
    return quote(found or "./")


@lru_cache(1024)
def absolute(site: str, to: str) -> str:
    """The whole address of a file, below the site's address, which ends with `/`."""
    return site + quote(to.removesuffix("index.html"))


def _folder(shown: ShownTopic) -> str:
    return "entities" if shown.is_entity else "topics"
