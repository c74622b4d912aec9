"""Plain pages in the look of the site: what is found, and what is said where there is no page to show."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Protocol

from aggregator.model.settings import Publish
from aggregator.model.site import ShownPost, ShownStory
from aggregator.publish import addresses


class SearchPages(Protocol):
    """Whoever makes the page of a search. It stands at `search/`, so links lead from there."""

    def search(self, query: str = "", found: Sequence[ShownStory] | None = None) -> str:
        """The page with what was found, the newest first, of each story the posts that were; the form above it."""


class PlainPages:
    """Makes the page of a search by itself, without templates."""

    def __init__(self, settings: Publish) -> None:
        self._settings = settings

    def search(self, query: str = "", found: Sequence[ShownStory] | None = None) -> str:
        """As `SearchPages`."""
        told = "".join(_item(post, story) for story in found or () for post in reversed(story.posts))
        result = f"<ol>{told}</ol>" if told else '<p lang="en">Nothing was found.</p>' if query else ""
        return said(self._settings, "Search", _form(query) + result, depth=1)


def said(settings: Publish, title: str, body: str, *, depth: int = 0) -> str:
    """A page that says something. `body` is HTML; `depth`: how many folders below the site's it stands."""
    up = "../" * depth
    name = escape(settings.title)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(settings.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="robots" content="noindex">\n'
        f'<title>{escape(title)} · {name}</title>\n<link rel="stylesheet" href="{up}style.css">\n</head>\n<body>\n'
        f'<header class="head"><p class="name"><a href="{up or "./"}">{name}</a></p></header>\n'
        f'<main id="main">\n<h1 lang="en">{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n'
    )


def _form(query: str) -> str:
    return (
        '<form action="./" method="get" role="search" lang="en"><p><label for="q">Words to search for</label> '
        f'<input type="search" id="q" name="q" maxlength="200" value="{escape(query)}"> '
        "<button>Search</button></p></form>"
    )


def _item(post: ShownPost, story: ShownStory) -> str:
    rel = "nofollow ugc noopener" if post.voice.is_person else "noopener"
    title = f'<span lang="{escape(post.language or "")}" dir="auto">{escape(post.title)}</span>'
    if post.url:
        title = f'<a href="{escape(post.url)}" rel="{rel}">{title}</a>'
    page = escape(addresses.link(addresses.SEARCH, addresses.story(story.slug)))
    its_story = f' · <a href="{page}" lang="en">the story</a>' if story.has_page else ""
    at = f"{post.at:%Y-%m-%dT%H:%M:%SZ}"
    return (
        f'<li><h2>{title}</h2><p><time datetime="{at}">{post.at:%Y-%m-%d %H:%M}</time> UTC · '
        f"{escape(post.voice.name)}{its_story}</p></li>"
    )
