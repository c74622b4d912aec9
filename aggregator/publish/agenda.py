"""The page of what is to come, and its next days beside the front page: dates that sources name, in their words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup

from aggregator.publish import addresses
from aggregator.publish.clean import web_address
from aggregator.publish.coming import Coming
from aggregator.publish.due import due_time, how_far
from aggregator.publish.items import PERSON_REL, PUBLISHER_REL, Items, linked
from aggregator.publish.strokes import ahead_rule
from aggregator.text.excerpt import shortened

# Beside the news there is room for a line or two. In characters.
_SHORT = 110


class AgendaLine(NamedTuple):
    """A date to come. `when`: how exactly it is told; `far`: how long it is until then; `said`: the sentence in its
    language; `who`: whose it is, and in which story."""

    when: Markup
    far: Markup
    said: Markup
    who: Markup


class AgendaSpan(NamedTuple):
    """A stretch of the time to come, with its rule: what is left of this year, the next one, later."""

    name: Markup
    scale: Markup
    rule: Markup
    lines: Sequence[AgendaLine]


class Ahead(NamedTuple):
    """A time to come in a narrow column, and all that is due then, each with a link to its story."""

    when: Markup
    what: Sequence[Markup]


def spans(items: Items, here: str, entries: Iterable[Coming], today: date) -> list[AgendaSpan]:
    """The entries, which come the soonest first, by the stretches of time that they are in."""
    words, found = items.words, []
    for years, of in groupby(entries, lambda each: min(each.begins(today).year - today.year, 2)):
        listed = list(of)
        first = today if not years else date(today.year + years, 1, 1)
        last = date(max(each.begins(today).year for each in listed), 12, 31)
        name = (words.fixed["agenda.this_year"], Markup(first.year), words.fixed["agenda.later"])[years]
        scale, rule = ahead_rule(words, [each.begins(today) for each in listed], first, last)
        form = ("short", "year", "long")[years]
        found.append(AgendaSpan(name, scale, rule, [_line(items, here, each, today, form) for each in listed]))
    return found


def _line(items: Items, here: str, entry: Coming, today: date, form: str) -> AgendaLine:
    words, said, story = items.words, entry.sentence, entry.story
    text = Markup("<span{}>{}</span>{}").format(
        words.attributes(said.language), items.title(said.text), words.mark(said.language)
    )
    title = Markup("{}{}").format(
        linked(items.short_title(story.title), *_where(items, here, entry), words.attributes(story.language)),
        words.mark(story.language),
    )
    who = Markup('<span class="by">{}</span>').format(items.name(entry.post.voice, entry.post.url).whole)
    return AgendaLine(
        due_time(words, entry.due, form, begins=True), how_far(words, entry.due, today), text,
        words.say("agenda.in_story", who=who, story=title),
    )  # fmt: skip


def _where(items: Items, here: str, entry: Coming) -> tuple[str | None, str]:
    """The page of its story, or what says so."""
    if entry.story.has_page:
        return items.link(here, addresses.story(entry.story.slug)), ""
    post = entry.post
    return web_address(post.url or post.article_url), PERSON_REL if post.voice.is_person else PUBLISHER_REL


def ahead(items: Items, here: str, entries: Iterable[Coming], today: date) -> list[Ahead]:
    """The entries for a narrow column by their times as it tells them, those of other years with the year."""
    words = items.words
    found: dict[Markup, list[Markup]] = {}
    for each in entries:
        when = due_time(words, each.due, "short" if each.due.first.year == today.year else "far", begins=True)
        what = linked(
            shortened(items.title(each.sentence.text), _SHORT), *_where(items, here, each),
            words.attributes(each.sentence.language),
        )  # fmt: skip
        found.setdefault(when, []).append(Markup("{}{}").format(what, words.mark(each.sentence.language)))
    return [Ahead(when, what) for when, what in found.items()]
