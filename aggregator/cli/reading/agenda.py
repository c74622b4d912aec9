"""The brief of a story for `aggregator story`, and `aggregator agenda`: what is to come, as sources name it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.folders import folder_option
from aggregator.cli.output import counted, output_options, put, put_head, show, table_of, width_of_output
from aggregator.model.brief import PARTS

if TYPE_CHECKING:
    from aggregator.model.brief import Brief, BriefSentence
    from aggregator.model.settings import Publish
    from aggregator.publish.coming import Coming
    from aggregator.publish.words import Words

_COLUMNS = (
    "due", "text", "source", "story_id", "title", "due_from", "due_until", "due_as", "text_language", "slug",
    "language", "sources",
)  # fmt: skip
_FOR_PROGRAMS = frozenset({"due_from", "due_until", "due_as", "text_language", "slug", "language", "sources"})
# Stories that are looked through for days to come.
_STORIES = 2_000
# A narrower terminal has no room for a table of sentences.
_NARROW = 150


def _settings(app: App) -> Publish:
    """Those of the site: its language, time zone and words. Of people everybody is shown: it is the user's own file."""
    from aggregator.model.settings import Publish

    config = app.config_for_reading()  # without a good one, and with `--database` without any, a file is read too
    return replace(config.publish if config else Publish(), people="all")


def _words(settings: Publish) -> Words:
    from aggregator.publish.words import Words

    return Words(settings.language, settings.timezone, settings.templates and settings.templates / "words")


def brief_of_story(app: App, story_id: int, language: str | None = None) -> tuple[Brief, Words] | None:
    """The brief of a story, stored or made at once, and the words it is told in; None where nothing may be told.

    `language`: of the stored one that is wanted first; else that of the site.
    """
    from aggregator.publish.briefs.at_once import brief_of
    from aggregator.storage.site.rows import SiteRows

    settings = _settings(app)
    words = _words(settings)
    for each in dict.fromkeys((language or settings.language, settings.language)):
        with SiteRows(app.path_to_read(), replace(settings, language=each)) as rows:
            stories = rows.stories.load_whole([story_id])
        if stories and (stories[0].brief or each == settings.language):
            return brief_of(stories[0], words), words
    return None


def brief_as_json(brief: Brief) -> dict[str, Any]:
    """The brief as `story.json` has it."""
    from aggregator.publish.feeds.briefs import brief_json

    return brief_json(brief)


def show_brief(brief: Brief, words: Words) -> None:
    """Print it: three parts, behind each sentence the ids of the posts that it rests on, and who wrote it."""
    for part in PARTS:
        # Figures that differ stand in a list of their own.
        sentences = [each for each in brief.part(part) if not (brief.amounts and each.pattern == "differ")]
        if sentences:
            put_head(words.fixed[f"story.{part}"].unescape())
            for each in sentences:
                _show(each, words)
    if brief.amounts:
        put_head(words.fixed["story.figures_what"].unescape())
        for amount in brief.amounts:
            put(f"“{amount.text}”{_ids(amount.posts)}", "  ")
    by = f"Written by {brief.model} and checked against its sources" if brief.method == "model" else "No model wrote it"
    left_out = f"; {counted(len(brief.refused), 'sentence')} left out" if brief.refused else ""
    click.echo()
    put(f"{by}{left_out}; in brackets: the ids of posts.")
    if brief.trouble:
        what = "The last attempt to write it anew failed" if brief.method == "model" else "No brief of a model"
        put(f"{what}: {brief.trouble}")


def _show(sentence: BriefSentence, words: Words) -> None:
    from aggregator.publish.due import due_text, names_its_day

    due = f"{due_text(words, sentence.due)}: " if sentence.due and not names_its_day(sentence) else ""
    put(f"{due}{' '.join(sentence.text.split())}{_ids(sentence.posts)}", "  ")


def _ids(posts: tuple[int, ...]) -> str:
    return f" [{', '.join(map(str, posts))}]" if posts else ""


def _within(app: App, folder: str | None, found: list[Coming]) -> list[Coming]:
    """Those of stories that sources in the folder carry; all where none is named."""
    if folder is None:
        return found
    from aggregator.storage.finding.folders import find_folder, stories_within

    with app.reader() as reader:
        stories = stories_within(reader, find_folder(reader, folder), (each.story.id for each in found))
    return [each for each in found if each.story.id in stories]


@click.command()
@click.option("--days", type=click.IntRange(1, 100_000), help="Only what may be within so many days.")
@click.option("-n", "--limit", default=50, show_default=True, type=click.IntRange(1), help="At most so many.")
@folder_option("what stories say that are carried by sources")
@output_options
@pass_app
def agenda(app: App, days: int | None, limit: int, folder: str | None, form: str) -> None:
    """What is to come, as the briefs of stories name it, the soonest first.

    From the day of the newest post on, as the agenda of the site.
    """
    from aggregator.publish.coming import coming_of
    from aggregator.publish.due import due_text
    from aggregator.storage.site.rows import SiteRows

    settings = _settings(app)
    words = _words(settings)
    with SiteRows(app.path_to_read(), settings) as rows:
        today = next(iter(rows.lists.newest_days(1)), None)
        stories = rows.stories.load(rows.lists.due(today, _STORIES)) if today else []
    found = _within(app, folder, coming_of(stories, today, settings.language)) if today else []
    if days and today:
        found = [each for each in found if each.due.first <= today + timedelta(days=days)]
    lines = [
        (
            due_text(words, each.due), " ".join(each.sentence.text.split()), each.post.voice.name, each.story.id,
            each.story.title, each.due.first.isoformat(), each.due.last.isoformat(), each.due.precision,
            each.sentence.language, each.story.slug, settings.language, json.dumps(each.sentence.posts),
        )
        for each in found[:limit]
    ]  # fmt: skip
    is_narrow = (width_of_output() or _NARROW) < _NARROW
    if form == "table" and is_narrow:
        for due, text, source, story_id, title, *_ in lines:
            put(str(due), bold=True)
            put(str(text), "  ")
            put(f"{source}, story {story_id}: {' '.join(str(title).split())}", "  ")
    if form != "table" or not lines or not is_narrow:
        show(
            table_of(_COLUMNS, lines),
            form,
            hide=_FOR_PROGRAMS,
            wrap=True,
            main="text",
            empty="(no source names a day to come)" if days is None else "(no source names a day so near)",
        )
