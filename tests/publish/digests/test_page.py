"""A digest as HTML for mail programs and as plain text: all that it says, and nothing that is fetched or run."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory
from aggregator.pipeline.digests import DigestStory, Issue
from aggregator.publish.digests.page import Digests, Made
from aggregator.publish.digests.text import COLUMNS, wrapped
from tests.helpers import shown

SETTINGS = Publish(path=Path("site"), address="https://news.example/", title="Harbour & Post", timezone="Europe/Berlin")
BEFORE = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)


def told(story: ShownStory, known_at: datetime | None = None, *, news: int = 9, was_told: bool = True) -> DigestStory:
    return DigestStory(
        story=story, news=story.speaking[-news:], known_at=known_at, was_told=was_told and known_at is not None
    )


def made(
    *stories: DigestStory, settings: Publish = SETTINGS, left_out: int = 0, unsubscribe: str | None = None,
    is_test: bool = False,
) -> Made:  # fmt: skip
    issue = Issue(
        name="breakfast", day=shown.TODAY, at=shown.at("07:00"), stories=stories, since=BEFORE, left_out=left_out,
        is_test=is_test,
    )  # fmt: skip
    return Digests(settings).made(issue, unsubscribe)


def everything() -> list[DigestStory]:
    """Stories of every kind, and what hostile sources say."""
    hostile = [shown.hostile(text, 700 + n) for n, text in enumerate(shown.HOSTILE)]
    return [
        told(shown.FUNDED, BEFORE, news=2), *(told(story) for story in (*shown.STORIES[1:], *shown.SINGLES, *hostile)),
    ]  # fmt: skip


def test_a_story_says_what_is_new_what_happened_and_what_was_reported_before() -> None:
    page = made(told(shown.FUNDED, BEFORE, news=2), told(shown.LARK))
    tree = LexborHTMLParser(page.html)
    first, second = tree.css("article")
    news = first.css_first(".news")
    assert news and news.text().startswith("New since you were told on 27 November 2026, 07:00: 2 posts, from ")
    assert [link.attributes["href"] for link in first.css("h3 a")] == [
        f"https://news.example/stories/{shown.FUNDED.slug}/"
    ]
    assert first.css_first(".lead .ref") is not None
    lead = first.css_first(".lead")
    assert lead and "As we reported on " in lead.text()
    mark = second.css_first(".news")
    assert mark and mark.text() == "New"
    assert page.subject == f"breakfast, Saturday 28 November 2026: {shown.FUNDED.title}"


def test_the_text_says_the_same() -> None:
    page = made(
        told(shown.FUNDED, BEFORE, news=2), told(shown.SINGLES[0]), left_out=3, unsubscribe="mailto:a@b.example"
    )
    said = " ".join(page.text.split())
    for each in (
        "Harbour & Post breakfast, Saturday 28 November 2026", shown.FUNDED.title,
        "New since you were told on 27 November 2026, 07:00: 2 posts, from", "As we reported on",
        f"https://news.example/stories/{shown.FUNDED.slug}/", "[1]", shown.SINGLES[0].title, "ONE VOICE EACH",
        "3 stories more found no room.", "Unsubscribe mailto:a@b.example",
    ):  # fmt: skip
        assert each in said
    assert "<" not in page.text and "&amp;" not in page.text


def test_lines_of_text_have_room_but_for_addresses() -> None:
    wide = [line for line in made(*everything()).text.split("\n") if len(line) > COLUMNS]
    assert [line for line in wide if "://" not in line] == []


def test_scripts_without_spaces_are_broken_by_the_columns_they_take() -> None:
    assert wrapped("光" * 80, "  ") == ["  " + "光" * 37, "  " + "光" * 37, "  " + "光" * 6]
    assert wrapped("a" * 76 + " b") == ["a" * 76, "b"]


def test_nothing_is_fetched_nothing_runs_and_every_link_is_whole() -> None:
    tree = LexborHTMLParser(made(*everything(), left_out=2, unsubscribe="https://news.example/leave").html)
    tags = {node.tag for node in tree.css("*")}
    assert not tags & {"script", "img", "link", "iframe", "object", "svg", "form", "base", "video", "audio"}
    for node in tree.css("*"):
        assert not {
            name for name in node.attributes if name.startswith("on") or name in ("src", "srcset", "background")
        }
        href = node.attributes.get("href")
        assert href is None or href.startswith(("https://", "http://"))
    sheet = tree.css_first("style")
    assert sheet and "url(" not in sheet.text() and "@import" not in sheet.text()


def test_what_a_mail_program_throws_away_with_the_sheet_is_in_the_elements() -> None:
    tree = LexborHTMLParser(made(*everything()).html)
    body, link = tree.css_first("body"), tree.css_first("article h3 a")
    assert body and "background:#fcfdfd" in str(body.attributes["style"])
    assert link and link.attributes["style"] == "color:inherit;text-decoration:none"
    assert all("font" in str(node.attributes["style"]) for node in tree.css("h3"))


def test_the_way_to_leave_looks_like_a_link_in_the_sentence_before_it() -> None:
    leave = LexborHTMLParser(made(*everything(), unsubscribe="https://news.example/leave").html).css_first(".foot a")
    assert leave and leave.attributes["style"] == "color:inherit;text-decoration:underline"


def test_thirty_stories_are_not_cut_off() -> None:
    """Of the largest stories there are: Gmail shows the first 102 KB of a mail."""
    assert len(made(*[told(shown.FUNDED, BEFORE)] * 30).html.encode()) < 102 * 1024


@pytest.mark.parametrize("without", [{"address": None}, {"path": None}])
def test_without_a_site_everything_leads_to_what_others_wrote(without: dict[str, None]) -> None:
    page = made(told(shown.FUNDED, BEFORE), settings=replace(SETTINGS, **without), left_out=1)
    tree = LexborHTMLParser(page.html)
    assert not any("news.example" in str(node.attributes["href"]) for node in tree.css("a"))
    assert not tree.css(".tags")
    assert "stories/" not in page.text


def test_in_the_words_of_the_site() -> None:
    page = made(told(shown.FUNDED, BEFORE, news=2), settings=replace(SETTINGS, language="de"), left_out=1)
    assert page.language == "de"
    assert "Neu, seit wir am 27. November 2026, 07:00 davon berichtet haben: 2 Beiträge, von " in page.html.replace(
        "</time>", ""
    ).replace('<time datetime="2026-11-27">', "").replace('<time datetime="2026-11-27T06:00Z">', "")
    assert "1 weitere Meldung fand keinen Platz." in page.text


def test_a_test_says_so() -> None:
    page = made(told(shown.FUNDED), is_test=True)
    assert page.subject.startswith("[test] ")
    assert "This is a test" in page.html and "This is a test" in page.text


@pytest.mark.parametrize("title", ["A\r\nBcc: all@example.org", "A\u2028B\u0085C", "A\x00B\x1b[2J", "  a \n\n b  "])
def test_a_subject_is_one_line(title: str) -> None:
    subject = made(told(replace(shown.FUNDED, title=title))).subject
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", subject)


def test_nothing_turns_the_direction_of_the_rest_in_a_subject_and_in_the_text() -> None:
    page = made(told(replace(shown.FUNDED, title="A \u202etxt.exe and \u2067more")))
    assert page.subject.endswith(": A txt.exe and more")
    assert "A txt.exe and more" in page.text
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page.text)
