"""Commands that look into the database: sources, posts, stories, search, sql."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Literal

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.folders import folder_option, stored
from aggregator.cli.output import as_dicts, output_options, show, show_json
from aggregator.cli.reading.agenda import brief_as_json, brief_of_story
from aggregator.cli.reading.since import since_option
from aggregator.cli.together import refuse_beside

if TYPE_CHECKING:
    from aggregator.storage.queries import Reader
    from aggregator.storage.result import Result

# The columns of each table; of the views, which `--json` and `--csv` have whole.
_POSTS = ("id", "published_at", "title", "source", "source_count", "language", "topics", "story_id")
STORIES = ("id", "last_at", "title", "post_count", "source_count", "score", "publishers", "topics")
_SOURCES = (
    "id", "kind", "source", "status", "post_count", "newest_post_at", "next_poll_at", "failures", "last_error",
)  # fmt: skip
# What leaves a table that is too wide, the first first.
_POSTS_LEAVE = ("story_id", "language", "source_count", "topics", "source")
STORIES_LEAVE = ("score", "publishers", "post_count", "topics", "source_count")
_SOURCES_LEAVE = ("kind", "failures", "newest_post_at", "next_poll_at", "post_count", "folder")

# What chooses among stories: parameters of `stories`.
_CHOOSING = frozenset({"wanted", "folder", "language", "since", "min_sources", "sort", "limit"})

_at_most = click.IntRange(1, 1_000_000_000)
_limit = click.option("-n", "--limit", default=20, show_default=True, type=_at_most, help="At most so many.")
_topic = click.option("-t", "--topic", "wanted", multiple=True, help="Only with this topic; repeat for several.")


@click.command()
@folder_option("sources")
@output_options
@pass_app
def sources(app: App, folder: str | None, form: str) -> None:
    """Every source: is it well, what is wrong, when it is asked next, what it brought."""
    from aggregator.engine.keeping.growth import growth_line

    with app.reader() as reader:
        _tell_outage(reader)
        found = reader.sources(folder=stored(reader, folder))
        main = "last_error" if any(row[found.columns.index("last_error")] for row in found.rows) else "source"
        folders = ("folder",) if _has(found, "folder") else ()
        show(found, form, columns=(*_SOURCES, *folders), main=main, leaves=_SOURCES_LEAVE)
        if form == "table" and (line := growth_line(reader, app.path_to_read())):
            click.echo(f"{line[0].upper()}{line[1:]}.", err=True)


@click.command()
@_topic
@click.option("-s", "--source", help="Only from sources whose title or address contains this.")
@folder_option("what came from sources")
@click.option("-l", "--language", help="Only in this language (ISO 639-1: en, de, …).")
@since_option("Only of this time or later: 2h, 3d, 2026-11-28.")
@_limit
@output_options
@pass_app
def posts(
    app: App, wanted: tuple[str, ...], source: str | None, folder: str | None, language: str | None,
    since: datetime | None, limit: int, form: str,
) -> None:  # fmt: skip
    """The latest posts, copies left out."""
    with app.reader() as reader:
        for topic in wanted:
            reader.need_topic(topic)
        within = stored(reader, folder)
        found = reader.posts(topics=wanted, source=source, language=language, since=since, limit=limit, folder=within)
        show(found, form, empty=_nothing(reader, "posts"), columns=_POSTS, leaves=_POSTS_LEAVE)


@click.command()
@click.argument("story", required=False)
@_topic
@folder_option("what was carried by sources")
@click.option("-l", "--language", help="Only those whose lead is in this language (ISO 639-1: en, de, …).")
@since_option("Only those with a post of this time or later: 2h, 3d, 2026-11-28.")
@click.option("--min-sources", type=click.IntRange(1), default=1, help="Only those of so many publishers or more.")
@click.option(
    "--sort", type=click.Choice(["time", "score"]), default="time", show_default=True,
    help="By time: the newest first. By score: the most widely carried and freshest first.",
)  # fmt: skip
@_limit
@partial(output_options, as_json="A JSON array of objects; with STORY an object.")
@pass_app
def stories(
    app: App, story: str | None, wanted: tuple[str, ...], folder: str | None, language: str | None,
    since: datetime | None, min_sources: int, sort: Literal["time", "score"], limit: int, form: str,
) -> None:  # fmt: skip
    """The latest stories; with STORY (an id or slug), all that is known of that one."""
    from aggregator.storage.listings.stories import Wanted, stories_of

    if story is not None:
        refuse_beside("STORY", _CHOOSING, "they choose among stories, and one is shown whole")
        show_one(app, story, form)
        return
    with app.reader() as reader:
        for topic in wanted:
            reader.need_topic(topic)
        _tell_outage(reader)
        chosen = Wanted(wanted, since, min_sources, language, sort, stored(reader, folder))
        found = stories_of(reader, chosen, limit)
        kept = "amounts" if wanted and _has(found, "amounts") else ""
        columns = (*STORIES[:-1], kept, STORIES[-1]) if kept else STORIES
        show(found, form, empty=_nothing(reader, "stories"), columns=columns, leaves=STORIES_LEAVE, kept=kept)


def show_one(app: App, name: str, form: str) -> None:
    """All that is known of a story, by its id or slug; as CSV its posts.

    Raises:
        NotFoundError: there is none of this name.
    """
    with app.reader() as reader:
        story_id = reader.find_story(name)
        parts = reader.story(story_id)
    if form == "csv":
        show(parts["posts"], form)
        return
    told = brief_of_story(app, story_id)
    if form == "json":
        [head] = as_dicts(parts.pop("head"))
        whole = {**head, **{name: as_dicts(part) for name, part in parts.items()}}
        whole["brief"] = brief_as_json(told[0]) if told else None
        show_json(whole)
    else:
        from aggregator.cli.reading.story_text import show_story

        show_story(parts, told)


@click.command()
@click.argument("words", nargs=-1)
@folder_option("what came from sources")
@_limit
@output_options
@pass_app
def search(app: App, words: tuple[str, ...], folder: str | None, limit: int, form: str) -> None:
    """Posts that contain all WORDS, newest first; without words the latest.

    Words are taken as they stand, such as gpt-5 and C++. "A phrase", OR, NOT, brackets, prefix* and title:word are
    understood, and what else SQLite FTS5 has.
    """
    from aggregator.text.typed.search_words import has_words

    written = " ".join(words)
    with app.reader() as reader:
        if not has_words(written):
            click.echo("no words to search for: these are the latest posts", err=True)
        found = reader.search(written, limit=limit, folder=stored(reader, folder))
        show(found, form, empty=_nothing(reader, "posts"), columns=_POSTS, leaves=_POSTS_LEAVE)


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="QUERY")
@output_options
@pass_app
def sql(app: App, words: tuple[str, ...], form: str) -> None:
    """The answer to a SQL QUERY; "-" reads it from standard input. The database can't be changed here."""
    query, *more = words
    if more:  # the shell has taken it apart, and a `*` for the names of files: it can't be put together again
        raise click.UsageError('the query stands in quotes: aggregator sql "SELECT …"')
    # Long texts wrap: what was asked for is shown whole.
    if query == "-":
        query = sys.stdin.read()
    with app.reader() as reader:
        show(reader.ask(query), form, hide=frozenset(), wrap=True, exact=True)


def _has(found: Result, column: str) -> bool:
    """Is there anything in this column? One of nothing takes the room of others; an older file has not got it."""
    place = found.columns.index(column) if column in found.columns else None
    return place is not None and any(row[place] for row in found.rows)


def _tell_outage(reader: Reader) -> None:
    """Where no server can be reached, why nothing is new. On standard error: tables go on into pipes."""
    now = datetime.now(UTC)
    if outage := reader.outage(now):
        click.echo(outage.words(now), err=True)


def _nothing(reader: Reader, what: str) -> str:
    """Why there may be nothing to show."""
    if reader.has_posts():
        return f"(no {what} match)"
    statuses = reader.source_statuses()
    failing, sources = statuses.get("failing", 0), sum(statuses.values()) - statuses.get("removed", 0)
    trouble = f"; {failing} of {sources} sources are failing, see `aggregator sources`" if failing else ""
    return f"(no posts yet{trouble})"
