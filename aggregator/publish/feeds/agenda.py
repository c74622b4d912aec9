"""What is to come as feeds: Atom, JSON Feed, and a calendar (RFC 5545) of whole days. Pure.

An entry stays the same while the same is said of the same days; what is past, or said no more, is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from html import escape
from typing import Any

from aggregator.model.settings import Publish
from aggregator.publish import addresses
from aggregator.publish.coming import Coming
from aggregator.publish.due import due_text, names_its_day
from aggregator.publish.feeds.atom import begun
from aggregator.publish.feeds.json_feed import whole
from aggregator.publish.feeds.json_text import json_text
from aggregator.publish.feeds.telling import (
    article_of,
    language_attributes,
    link_html,
    one_line,
    own_page,
    root_of,
    stamp,
    tag_id,
    title_of,
)
from aggregator.publish.words import Words

# RFC 5545 §3.1: a line has so many octets at most, and goes on in the next one behind a blank.
_OCTETS = 75
# RFC 5545 §3.3.11
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
# What is told to the month or the season would cover every day of it: its last day stands for it.
_WHOLE = ("day", "week")


def agenda_feeds(entries: Sequence[Coming], settings: Publish, words: Words) -> Mapping[str, str]:
    """The feeds by their paths, with the entries in their order."""
    title = f"{one_line(settings.title)} · {words.fixed['agenda.title'].unescape()}"
    path, home = addresses.AGENDA_FEED, addresses.AGENDA
    updated = max((_said_at(each) for each in entries), default=None)
    atom_root, json_root = (root_of(settings, path + ending) for ending in (".atom", ".json"))
    entered = (_entry(each, atom_root, settings, words) for each in entries)
    items = [json_text(_item(each, json_root, settings, words)) for each in entries]
    return {
        f"{path}.atom": "".join((begun(path, title, home, updated, settings), *entered, "</feed>\n")),
        f"{path}.json": whole(path, title, home, items, settings),
        addresses.CALENDAR: calendar(entries, title, settings, words),
    }


def _said_at(entry: Coming) -> datetime:
    return entry.post.edited_at or entry.post.at


def _id(entry: Coming, settings: Publish) -> str:
    return tag_id(settings, f"agenda/{entry.key}")


def _title(entry: Coming, words: Words, *, is_dated: bool = False) -> str:
    """When, what, and of which story it is. `is_dated`: whoever shows it shows the day, too."""
    said, story = one_line(entry.sentence.text), title_of(entry.story)
    is_told = story.rstrip(".").casefold() == said.rstrip(".").casefold()
    if not is_dated and not names_its_day(entry.sentence):
        said = words.say("agenda.entry", due=due_text(words, entry.due), said=said).unescape()
    return said if is_told else words.say("agenda.of_story", story=story, said=said).unescape()


def _content(entry: Coming, root: str) -> str:
    """The sentence, whose it is, and in which story."""
    said, story = entry.sentence, entry.story
    name = link_html(article_of(entry.post), escape(one_line(entry.post.voice.name)))
    title = f"<span{language_attributes(story.language)}>{escape(title_of(story))}</span>"
    in_story = link_html(_page(entry, root), title)
    return f"<p{language_attributes(said.language)}>{escape(one_line(said.text))}</p><p>{name} · {in_story}</p>"


def _page(entry: Coming, root: str) -> str | None:
    return own_page(entry.story, root) or article_of(entry.post)


def _entry(entry: Coming, root: str, settings: Publish, words: Words) -> str:
    at, page = stamp(_said_at(entry)), _page(entry, root)
    link = f'<link rel="alternate" type="text/html" href="{escape(page)}"/>\n' if page else ""
    language = f' xml:lang="{escape(entry.sentence.language)}"' if entry.sentence.language else ""
    return (
        f"<entry>\n<id>{escape(_id(entry, settings))}</id>\n"
        f'<title type="text"{language}>{escape(_title(entry, words))}</title>\n'
        f"<published>{at}</published>\n<updated>{at}</updated>\n{link}"
        f"<author><name>{escape(one_line(entry.post.voice.name))}</name></author>\n"
        f'<content type="html">{escape(_content(entry, root))}</content>\n</entry>\n'
    )


def _item(entry: Coming, root: str, settings: Publish, words: Words) -> dict[str, Any]:
    at = stamp(_said_at(entry))
    item = {
        "id": _id(entry, settings),
        "url": _page(entry, root) if settings.address or not entry.story.has_page else None,
        "title": _title(entry, words),
        "content_html": _content(entry, root),
        "date_published": at,
        "date_modified": at,
        "authors": [{"name": one_line(entry.post.voice.name)}],
        "language": entry.sentence.language,
        "_aggregator": {
            "story": entry.story.id,
            "due_from": entry.due.first.isoformat(),
            "due_until": entry.due.last.isoformat(),
            "due_as": entry.due.precision,
        },
    }
    return {name: value for name, value in item.items() if value is not None}


# ------------------------------------------------------------ calendar


def calendar(entries: Iterable[Coming], title: str, settings: Publish, words: Words) -> str:
    """The calendar. What is told to the day or the week is on these days; of a month, a season, a year on its last."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//aggregator//agenda//EN", f"X-WR-CALNAME:{_text(title)}"]
    for each in entries:
        lines += _event(each, settings, words)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _event(entry: Coming, settings: Publish, words: Words) -> Iterable[str]:
    due, root = entry.due, root_of(settings, addresses.CALENDAR)
    first = due.first if due.precision in _WHOLE else due.last
    told = f"{one_line(entry.post.voice.name)}: {title_of(entry.story)}"
    page = _page(entry, root)
    yield from ("BEGIN:VEVENT", f"UID:{_id(entry, settings)}", f"DTSTAMP:{_basic(stamp(_said_at(entry)))}")
    # The end is the day after (§3.6.1).
    yield f"DTSTART;VALUE=DATE:{_basic(first.isoformat())}"
    yield f"DTEND;VALUE=DATE:{_basic(_after(due.last))}"
    yield f"SUMMARY:{_text(_title(entry, words, is_dated=due.precision == 'day'))}"
    yield f"DESCRIPTION:{_text(told)}"
    if page and (settings.address or not entry.story.has_page):
        yield f"URL:{page}"
    yield from ("TRANSP:TRANSPARENT", "END:VEVENT")


def _after(day: date) -> str:
    return (day + timedelta(days=1)).isoformat() if day < date.max else day.isoformat()


def _basic(text: str) -> str:
    return text.replace("-", "").replace(":", "")


def _text(text: str) -> str:
    return text.translate(_ESCAPES)


def _folded(line: str) -> Iterable[str]:
    """The line in pieces of so many octets, no character parted."""
    piece, size = "", 0
    for character in line:
        octets = len(character.encode("utf-8", "replace"))
        if size + octets > _OCTETS:
            yield piece
            piece, size = " ", 1
        piece, size = piece + character, size + octets
    yield piece
