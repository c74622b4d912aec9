"""Commands that look into the database: sources, posts, stories, search, sql."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.output import WIDE, as_dicts, output_options, show
from aggregator.cli.reading.agenda import brief_as_json, brief_of_story, show_brief

if TYPE_CHECKING:
    from aggregator.model.brief import Brief
    from aggregator.publish.words import Words
    from aggregator.storage.queries import Reader
    from aggregator.storage.result import Result

_BRIEF_POSTS = ("id", "published_at", "title", "source", "topics")
_BRIEF_STORIES = ("id", "last_at", "title", "source_count", "topics")

_at_most = click.IntRange(1, 1_000_000_000)
_limit = click.option("-n", "--limit", default=20, show_default=True, type=_at_most, help="At most so many.")
_topic = click.option("-t", "--topic", "wanted", multiple=True, help="Only with this topic; repeat for several.")


@click.command()
@output_options
@pass_app
def sources(app: App, form: str) -> None:
    """Every source: is it well, what is wrong, when it is asked next, what it brought."""
    from aggregator.engine.keeping.growth import growth_line

    with app.reader() as reader:
        _tell_outage(reader)
        brief = ("id", "source", "status", "post_count", "next_poll_at", "last_error")
        show(reader.sources(), form, hide=frozenset({"url", "last_poll_at"}), brief=brief)
        if form == "table" and (line := growth_line(reader, app.path_to_read())):
            click.echo(f"{line[0].upper()}{line[1:]}.", err=True)


@click.command()
@_topic
@click.option("-s", "--source", help="Only from sources whose title or address contains this.")
@click.option("-l", "--language", help="Only in this language (ISO 639-1: en, de, …).")
@_limit
@output_options
@pass_app
def posts(app: App, wanted: tuple[str, ...], source: str | None, language: str | None, limit: int, form: str) -> None:
    """The latest posts, copies left out."""
    with app.reader() as reader:
        for topic in wanted:
            reader.need_topic(topic)
        found = reader.posts(topics=wanted, source=source, language=language, limit=limit)
        show(found, form, empty=_nothing(reader, "posts"), brief=_BRIEF_POSTS)


@click.command()
@click.argument("story", required=False)
@_topic
@_limit
@output_options
@pass_app
def stories(app: App, story: str | None, wanted: tuple[str, ...], limit: int, form: str) -> None:
    """The latest stories; with STORY (an id or slug), all that is known of that one."""
    with app.reader() as reader:
        if story is None:
            for topic in wanted:
                reader.need_topic(topic)
            _tell_outage(reader)
            found = reader.stories(topics=wanted, limit=limit)
            # Of all stories few speak of money, of those on funding most.
            money = found.columns.index("amounts")
            hide = WIDE if wanted and any(row[money] for row in found.rows) else WIDE | {"amounts"}
            brief = (*_BRIEF_STORIES[:-1], *({"amounts"} - hide), "topics")
            show(found, form, hide=hide, empty=_nothing(reader, "stories"), brief=brief)
            return
        story_id = reader.find_story(story)
        parts = reader.story(story_id)
    told = None if form == "csv" else brief_of_story(app, story_id)
    if form == "json":
        [head] = as_dicts(parts.pop("head"))
        whole = {**head, **{name: as_dicts(part) for name, part in parts.items()}}
        whole["brief"] = brief_as_json(told[0]) if told else None
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2))
    elif form == "csv":
        show(parts["posts"], form)
    else:
        _show_story(parts, told)


def _show_story(parts: dict[str, Result], told: tuple[Brief, Words] | None) -> None:
    [head] = as_dicts(parts["head"])
    click.secho(f"\n{head['title']}", bold=True)
    click.echo(f"{head['topics'] or '(no topics)'}\n{head['first_at']} – {head['last_at']}, story {head['id']}")
    for source in as_dicts(parts["sources"]):
        click.echo(f"  {source['source']} | {source['url'] or ''}")
    if told:
        show_brief(*told)
    for name, title in (("posts", "Posts"), ("topics", "Topics"), ("earlier", "Earlier coverage")):
        if parts[name].rows:
            show(parts[name], "table", title=title, wrap=True)


@click.command()
@click.argument("words", nargs=-1, required=True)
@_limit
@output_options
@pass_app
def search(app: App, words: tuple[str, ...], limit: int, form: str) -> None:
    """Posts that contain all WORDS, newest first.

    The syntax is SQLite FTS5's: "a phrase", OR, NOT, prefix*.
    """
    with app.reader() as reader:
        show(reader.search(" ".join(words), limit=limit), form, empty=_nothing(reader, "posts"), brief=_BRIEF_POSTS)


@click.command()
@click.argument("query")
@output_options
@pass_app
def sql(app: App, query: str, form: str) -> None:
    """The answer to a SQL QUERY; "-" reads it from standard input. The database can't be changed here."""
    # Long texts wrap: what was asked for is shown whole.
    if query == "-":
        query = sys.stdin.read()
    with app.reader() as reader:
        show(reader.ask(query), form, hide=frozenset(), wrap=True, exact=True)


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
