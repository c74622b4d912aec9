"""How many pages a day would be asked for, told from what the database has of the last week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.engine.articles.wanted import count_pages, is_wanted, says_of
from aggregator.model.article import Leading
from aggregator.model.errors import AggregatorError
from aggregator.model.settings import Config
from aggregator.model.source import Source
from aggregator.storage.articles.wanted import load_leading_posts
from aggregator.storage.queries import Reader

_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


def forecast(config: Config, now: datetime) -> str:
    """That in a sentence. Reads the database, and asks nobody."""
    if not is_wanted(config.sources, config.articles):
        return "pages that posts lead to are not read ([articles] fetch)"
    if not config.storage.path.exists():
        return f"{_UNKNOWN}: there is no database to tell it from"
    try:
        with Reader(config.storage.path) as reader:
            sources = _with_ids(reader, config.sources)
            says = says_of(sources, config.articles)
            posts = load_leading_posts(reader, says, config.articles.topics, now - _WEEK)
    except AggregatorError as error:
        return f"{_UNKNOWN}: {error}"
    if not posts:
        return f"{_UNKNOWN}: no post of the last week leads to one yet"
    return _told(posts, config.articles.per_day, now)


_UNKNOWN = "how many pages a day would be read can't be known yet"


def _told(posts: Sequence[Leading], per_day: int, now: datetime) -> str:
    days = max((now - min(post.at for post in posts)) / _DAY, 1.0)
    pages, hosts = count_pages(posts)
    a_day = round(pages / days)
    kept = f", of which [articles] per_day lets {per_day} through" if a_day > per_day else ""
    word, sites = "page" if a_day == 1 else "pages", "site" if hosts == 1 else "sites"
    span = "day" if round(days) == 1 else f"{round(days)} days"
    return (
        f"about {a_day} {word} a day would be read, of {hosts} {sites}{kept} (told from the posts of the last {span})"
    )


def _with_ids(reader: Reader, sources: Sequence[Source]) -> list[Source]:
    ids = reader.source_ids()
    return [replace(source, id=ids[source.url]) for source in sources if source.url in ids]
