"""Pages that are not files: what is found, made as the site's own, and what is said where there is no page to show."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Protocol

from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory


class SearchPages(Protocol):
    """Whoever makes the page of a search. It stands at `search/`, so links lead from there."""

    def search(self, query: str = "", found: Sequence[ShownStory] | None = None) -> str:
        """The page with what was found, the newest first, of each story the posts that were; the form above it."""


def pages_of(settings: Publish) -> SearchPages:
    """What makes the pages of the site; loaded when somebody searches first.

    Raises:
        PublishError: a template or catalogue of the user's is wrong.
    """
    from aggregator.publish.pages import Pages

    return Pages(settings)


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
