"""A digest as plain text, no line of it wider than 76 columns but for addresses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from unicodedata import east_asian_width

from markupsafe import Markup

from aggregator.publish.words import Words
from aggregator.text.terminal.controls import visible

COLUMNS = 76
_INDENT = "  "


class Source(NamedTuple):
    """What a sentence is taken from."""

    number: int
    name: str
    href: str | None


class TextStory(NamedTuple):
    """A story: `when` it was and how many carry it; what is `news` about it; what was `reported` before, and where;
    sentences with the numbers of their sources. `is_line`: one voice, `by`, tells it."""

    title: str
    href: str | None
    when: Sequence[str]
    news: str
    reported: str
    reported_href: str | None
    said: Sequence[tuple[str, Sequence[int]]]
    sources: Sequence[Source]
    is_line: bool
    by: str


class Around(NamedTuple):
    """What stands around the stories: the title, the name of the site and its address, how much there is, that it is a
    test, how much found no room, where all of it is, in which zone its times are, and where readers can leave."""

    title: str
    site: str
    home: str | None
    sum: Markup
    test: Markup
    left_out: Markup
    all: Markup
    times: Markup
    unsubscribe: str | None


def as_text(stories: Sequence[TextStory], words: Words, around: Around) -> str:
    """All of it."""
    lines = [*wrapped(around.site), *wrapped(around.title), *wrapped(_text(around.sum))]
    if around.test:
        lines += ["", *wrapped(_text(around.test))]
    for story in stories:
        if not story.is_line:
            lines += ["", "", *_story(story)]
    if singles := [story for story in stories if story.is_line]:
        lines += ["", "", *wrapped(_text(words.fixed["front.singles"]).upper())]
        for story in singles:
            lines += ["", *wrapped(story.title), *wrapped(", ".join((*story.when[:2], story.by)), _INDENT)]
            lines += _address(story.href)
    lines += ["", ""]
    if around.left_out:
        lines += [*wrapped(_text(around.left_out)), *_address(around.home, ""), ""]
    lines += [*wrapped(_text(words.fixed["base.made"])), *wrapped(_text(around.times))]
    if around.unsubscribe:
        lines += ["", *wrapped(_text(words.fixed["digest.unsubscribe"])), around.unsubscribe]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _story(story: TextStory) -> Iterator[str]:
    yield from wrapped(story.title)
    yield from wrapped(" · ".join((" ".join(story.when[:2]), *story.when[2:])), _INDENT)
    yield from wrapped(story.news, _INDENT)
    yield from _address(story.href)
    if story.reported:
        yield from wrapped(story.reported, _INDENT)
        yield from _address(story.reported_href)
    if story.said:
        yield ""
        said = " ".join(f"{text}{''.join(f' [{number}]' for number in numbers)}" for text, numbers in story.said)
        yield from wrapped(said, _INDENT)
    for source in story.sources:
        yield from wrapped(f"[{source.number}] {source.name}", _INDENT)
        yield from _address(source.href, _INDENT * 2)


def _text(said: Markup) -> str:
    return str(said.striptags())


def _address(href: str | None, indent: str = _INDENT) -> list[str]:
    """On a line of its own, and whole: half of an address leads nowhere."""
    return [f"{indent}{href}"] if href else []


def wrapped(text: str, indent: str = "") -> list[str]:
    """A text in lines, without what steers a terminal or can't be seen. Where a script has no spaces it is broken
    between letters."""
    room, lines, line, width = COLUMNS - len(indent), list[str](), "", 0
    for word in visible(text).split():
        its_width = _width(word)
        if line and width + 1 + its_width <= room:
            line, width = f"{line} {word}", width + 1 + its_width
            continue
        if line:
            lines.append(line)
        while its_width > room:
            cut = _cut(word, room)
            lines.append(word[:cut])
            word = word[cut:]
            its_width = _width(word)
        line, width = word, its_width
    return [indent + each for each in (*lines, line) if each]


def _width(text: str) -> int:
    return len(text) if text.isascii() else sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    return 2 if east_asian_width(char) in "WF" else 1


def _cut(word: str, room: int) -> int:
    """How many characters have room."""
    width = 0
    for place, char in enumerate(word):
        width += _columns(char)
        if width > room:
            return place
    return len(word)
