"""`/search/?q=…`: full-text search over the database, as a page of the site. Blocks; runs in a thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from pathlib import Path

from aggregator.engine.web.answer import Answer, made
from aggregator.engine.web.plain import SearchPages, said
from aggregator.model.errors import AggregatorError, StorageError
from aggregator.model.settings import Config, Publish
from aggregator.model.site import ShownStory
from aggregator.publish.addresses import story
from aggregator.storage.queries import Reader
from aggregator.storage.site.search import find
from aggregator.text.terminal.characters import seen_line
from aggregator.text.typed.search_words import has_words

LONGEST_QUERY = 200  # in characters
MOST_POSTS = 50
# Strangers may ask what takes long: a word that every post has, in a large database.
PATIENCE_SECONDS = 5.0

_HTML = "text/html; charset=utf-8"


def search(query: str, config: Config, pages: Callable[[Publish], SearchPages], headers: Mapping[str, str]) -> Answer:
    """The page with the newest posts that contain the words; 400 and why where these are no query.

    `pages` makes what makes the page; 500 and why where it can't, as with a template of the user's that is wrong.
    """
    words = seen_line(query)
    if len(words) > LONGEST_QUERY:
        return _trouble(400, f"A search has {LONGEST_QUERY} characters at most.", config, headers)
    try:
        found = _found(words, config) if has_words(words) else []
    except StorageError as error:
        return _trouble(503, f"The database can't be read: {error}", config, headers)
    except AggregatorError as error:
        if "interrupted" in str(error):
            return _trouble(503, "That search took too long; more or rarer words make it quicker.", config, headers)
        return _trouble(400, f"{str(error).removeprefix('SQL: ')}.", config, headers)
    try:
        page = pages(config.publish).search(words, found)
    except AggregatorError as error:
        return _trouble(500, str(error), config, headers)
    return made(200, page, _HTML, headers)


def _found(words: str, config: Config) -> list[ShownStory]:
    with Reader(config.storage.path) as reader:
        reader.give_up_after(PATIENCE_SECONDS)
        found, _ = find(reader, words, config.publish, MOST_POSTS)
    return [replace(each, has_page=_has_page(each.slug, config.publish.path)) for each in found]


def _has_page(slug: str, site: Path | None) -> bool:
    return bool(slug and site and (site / story(slug)).is_file())


def _trouble(status: int, words: str, config: Config, headers: Mapping[str, str]) -> Answer:
    body = f'<p lang="en">{escape(words)}</p>\n<p lang="en"><a href="./">Search again</a></p>'
    return made(status, said(config.publish, "Search", body, depth=1), _HTML, headers, cache="no-store")
