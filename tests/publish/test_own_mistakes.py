"""Mistakes in the user's templates and catalogues: told with file and line, whatever kind of failure they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.model.errors import PublishError
from aggregator.publish.pages import Pages
from aggregator.publish.render import Renderer
from aggregator.publish.words import Words
from tests.helpers import shown
from tests.helpers.pages import SETTINGS


def told(folder: Path, name: str, text: str | bytes) -> str:
    """What is said of this file of the user's when the site is built."""
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PublishError) as failed:
        Pages(replace(SETTINGS, templates=folder)).story(shown.FUNDED)
    return str(failed.value).removeprefix(f"{folder}/")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\n{{ 1 / 0 }}", "story.html, line 2: ZeroDivisionError: division by zero"),
        ('{{ "a" + 1 }}', "story.html, line 1: TypeError: "),
        ('{{ say("nope") }}', "story.html, line 1: LookupError: no words are called 'nope'"),
        ('{{ t["nope"] }}', "story.html, line 1: "),
        ('\n\n{% include "story.html" %}', "story.html, line 3: RecursionError: "),
        ("{% if %}", "story.html, line 1: "),
        ("one\ntwo \xe4".encode("latin-1"), "story.html, line 2: this is not UTF-8"),
    ],
)
def test_of_a_template(tmp_path: Path, text: str | bytes, words: str) -> None:
    assert told(tmp_path, "story.html", text).startswith(words)


def test_of_a_file_that_a_template_includes(tmp_path: Path) -> None:
    (tmp_path / "story.html").write_text('{% include "more.txt" %}')
    assert told(tmp_path, "more.txt", "\n{{ 1 / 0 }}").startswith("more.txt, line 2: ZeroDivisionError")
    assert told(tmp_path, "more.txt", b"\xff").startswith("more.txt, line 1: this is not UTF-8")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[x", "words/en.toml: "),
        ('[base]\ntoday = "\xe4"'.encode("latin-1"), "words/en.toml, line 2: this is not UTF-8"),
        (
            '[story]\nsource = "x"\n[span]\nday = "{day}"\nmoment = "{nobody}"\ndays = "{nobody}"',
            "words/en.toml, line 5: span.moment: nothing is filled in for {nobody}, but {day}, {at}",
        ),
    ],
)
def test_of_a_catalogue(tmp_path: Path, text: str | bytes, words: str) -> None:
    if b"nobody" in (text if isinstance(text, bytes) else text.encode()):
        (tmp_path / "words").mkdir()
        (tmp_path / "words" / "en.toml").write_text(str(text))
        wordbook = Words("en", "UTC", tmp_path / "words")
        with pytest.raises(PublishError) as failed:
            wordbook.span(shown.FUNDED.first_at, shown.FUNDED.first_at)
        assert str(failed.value) == f"{tmp_path}/{words}"
    else:
        assert told(tmp_path, "words/en.toml", text).startswith(words)


def test_of_a_pattern_of_dates(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text('date.short = "d MMM"\ndate.full = "HH:mm"\n')
    words, day = Words("en", "UTC", tmp_path), shown.FUNDED.first_at.date()
    assert words.written(day, "short") == f"{day.day} {day:%b}"
    with pytest.raises(PublishError, match=r"en\.toml, line 2: date\.full: .* is no pattern of a date"):
        words.written(day, "full")


def test_what_fails_in_no_template_is_not_said_to_be_one(tmp_path: Path) -> None:
    class Broken:
        def __iter__(self) -> None:
            raise MemoryError

    (tmp_path / "each.html").write_text("{% for each in many %}{% endfor %}")
    with pytest.raises(MemoryError):
        Renderer(Words("en", "UTC"), tmp_path).render("each.html", many=Broken())
