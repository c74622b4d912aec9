"""What a message says to people."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from markdown_it import MarkdownIt

from aggregator.model.outbox import Item
from aggregator.publish.messages.form import escaped, one_line
from aggregator.publish.messages.telling import body, title
from tests.helpers.messages import NOW, PAGE, earlier_row, grown, message, post_of_story, post_row, source_row, story

HOSTILE = (
    "**bold** _it_ [click](http://evil.example) `code` <b>html</b> ![x](http://evil.example/x.png) ~~no~~ ||spoiler||",
    "# heading", "- item", "+ item", "1. item", "2) item", "> quote", "    code", "--- ", "=== ", "***", "| a | b |",
    "\x1b[31mred\x07", "a\u202eb\u2066c", "two\nlines\r\nand\u2028three\x85four", "&lt;b&gt; &amp;", "\\*",
    "<!channel>", "```\ncode", "[x]: http://evil.example", "<http://evil.example>", ":::", "$x$", "!important",
    "Setext\n====",
)  # fmt: skip


def post(**changes: object) -> Item:
    return Item(kind="post", row=post_row(**changes), link="https://gazette.example/halcyon")


def source(kind: str = "died", **changes: object) -> Item:
    return Item(kind=kind, row=source_row(**changes))  # type: ignore[arg-type]


# ---------------------------------------------------------------- stories


def test_a_story_for_the_first_time() -> None:
    assert title(message()) == "Mistral raises €900 million — 10 publishers"
    assert title(message(language="de")) == "Mistral raises €900 million — 10 Medien"
    assert body(message()) == (
        "- 12:45 paper1.example: Mistral raises money 1\n- 12:46 paper2.example: Mistral raises money 2\n\n" + PAGE
    )


def test_one_publisher_alone_is_named() -> None:
    alone = story(source_count=1, publishers="gazette.example")
    assert title(message(alone)) == "Mistral raises €900 million — gazette.example"
    assert title(message(story(source_count=1, publishers=None))) == "Mistral raises €900 million — 1 publisher"


def test_a_story_that_grew() -> None:
    assert title(message(grown())) == "Mistral raises €900 million — 3 publishers more since 14:05"
    assert title(message(grown(9))) == "Mistral raises €900 million — 1 publisher more since 14:05"
    berlin = message(grown(), language="de", timezone="Europe/Berlin")
    assert title(berlin) == "Mistral raises €900 million — 3 Medien mehr seit 15:05"
    assert "10 Medien insgesamt" in body(berlin)


def test_since_another_day() -> None:
    assert title(message(grown(minutes=24 * 60))).endswith("since Sun 14:45")
    assert title(message(grown(minutes=30 * 24 * 60))).endswith("since 31 Oct 14:45")
    assert title(message(grown(minutes=400 * 24 * 60))).endswith("since 26 Oct 2025 14:45")


def test_one_that_grew_by_posts_alone() -> None:
    """As where publishers that had told it are counted in another story by now."""
    assert title(message(grown(12))).endswith("— 1 post more since 14:05")


def test_it_goes_on_with_an_earlier_one() -> None:
    follow_up = replace(story(), earlier=earlier_row())
    assert "\ncontinues: Mistral looks for money, 5 April 2026\n" in body(message(follow_up))
    assert "setzt fort: Mistral looks for money, 5. April 2026" in body(message(follow_up, language="de"))
    background = replace(story(), earlier=earlier_row(kind="background"))
    assert "for the background: Mistral looks for money, 5 April 2026" in body(message(background))


def test_many_posts_are_counted_and_copies_left_out() -> None:
    many = body(message(story(posts=30)))
    assert many.count("\n- ") + 1 == 9 and "- and 22 posts more\n" in many
    copied = replace(story(), posts=(post_of_story(1), post_of_story(2, copy_of=1)))
    assert "paper2" not in body(message(copied))


# ---------------------------------------------------------------- posts and sources


def test_a_post() -> None:
    assert title(message(post())) == "Halcyon loses its rudder — The Gazette"
    assert body(message(post())) == "14:42 · The Gazette · Oona Whitlock\n\nhttps://gazette.example/halcyon"


def test_of_a_warned_status_its_warning_is_told() -> None:
    """The views call it so."""
    warned = post(kind="status", title="CW: layoffs", content_warning="layoffs", source="#ki", author="ann@a.example")
    assert title(message(warned)) == "CW: layoffs — ann@a.example"
    assert body(message(warned)).startswith("14:42 · #ki · ann@a.example\n")


def test_a_source_that_died() -> None:
    assert title(message(source())) == "The Harbour Ledger does not answer any more"
    assert body(message(source())) == "Why: HTTP 503\nLast answered: Thu 14:45\nhttps://ledger.example/feed.xml"
    gone = source(status="gone", last_success_at=None)
    assert title(message(gone)) == "The Harbour Ledger is gone"
    assert "It has never answered." in body(message(gone))


def test_a_source_that_is_back() -> None:
    assert title(message(source("back"), language="de")) == "The Harbour Ledger ist wieder da"
    assert body(message(source("back"))) == "https://ledger.example/feed.xml"


# ---------------------------------------------------------------- several


def test_ten_in_one_message() -> None:
    ten = message(*(story(title=f"Story {n}") for n in range(1, 8)), grown(), post(), source(), left_out=12)
    what = "7 stories, 1 story that grew, 1 post, 1 source that is silent"
    assert title(ten) == f"{what}: Story 1"
    said = body(ten).splitlines()
    assert [line for line in said if line.startswith("- ")] == [
        *(f"- Story {n} — 10 publishers" for n in range(1, 8)),
        "- Mistral raises €900 million — 3 publishers more since 14:05",
        "- Halcyon loses its rudder — The Gazette",
        "- The Harbour Ledger does not answer any more",
    ]
    assert "  10 publishers in all" in said and "  Why: HTTP 503" in said
    assert said[-1] == "and 12 more that found no room here"


def test_one_that_is_there_and_some_that_are_not() -> None:
    assert title(message(story(), left_out=3)).startswith("1 story: ")
    assert body(message(story(), left_out=3)).endswith("and 3 more that found no room here")


@pytest.mark.parametrize("most", [300, 500, 1_000, 2_000])
@pytest.mark.parametrize("kind", ["plain", "markdown"])
def test_what_has_no_room_is_counted(most: int, kind: str) -> None:
    many = message(*(story(title=f"Story {n}") for n in range(60)), left_out=5)
    said = body(many, kind, most)  # type: ignore[arg-type]
    shown = said.count("Story ")
    assert len(said) <= most and 0 < shown < 60
    assert said.endswith(f"and {65 - shown} more that found no room here")


def test_of_one_thing_the_first_lines_have_room() -> None:
    said = body(message(story(posts=8)), "plain", 150)
    assert len(said) <= 150 and said.endswith("\n…") and said.startswith("- 12:45 paper1.example: ")
    assert len(body(message(story(posts=8)), "plain", 20)) <= 20
    assert body(message(), "plain", 10_000) == body(message())


# ---------------------------------------------------------------- tests, languages


def test_a_test_says_that_it_is_one() -> None:
    test = message(is_test=True)
    assert title(test) == "Test: Mistral raises €900 million — 10 publishers"
    assert body(test).startswith("This is a test of “desk”: nothing has happened.\n\n- 12:45")
    empty = replace(test, items=())
    assert title(empty) == "Test: Nothing to tell yet" and body(empty).startswith("This is a test")


def test_a_language_without_words_of_its_own_is_english() -> None:
    assert title(message(language="sv")) == "Mistral raises €900 million — 10 publishers"
    assert title(message(language="de-AT")) == "Mistral raises €900 million — 10 Medien"


def test_a_time_zone_that_nobody_knows_is_utc() -> None:
    assert title(message(grown(), timezone="Nowhere/City")).endswith("since 14:05")


# ---------------------------------------------------------------- words of others


@pytest.mark.parametrize("words", HOSTILE)
def test_words_of_others_stay_one_line_of_text(words: str) -> None:
    """As a Markdown reader sees them: the same text as a person's, and no link, picture or mark but ours."""
    items = (
        replace(story(title=words, publishers=words, source_count=1), earlier=earlier_row(earlier_title=words)),
        post(title=words, source=words, author=words),
        source(source=words, last_error=words),
    )
    line = one_line(words, 200)
    for sent in (*map(message, items), message(*items)):
        assert "\n" not in title(sent)
        markdown = body(sent, "markdown")
        html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown)
        for tag in (
            "<strong",
            "<em",
            "<code",
            "<img",
            "<h1",
            "<h2",
            "<s>",
            "<blockquote",
            "<table",
            "<hr",
            "<b>",
            "<ol",
        ):
            assert tag not in html, (tag, html)
        assert 'href="http://evil' not in html
        assert not any(sign in markdown + body(sent) + title(sent) for sign in "\x1b\x07\u202e\u2066\u2028\x85\r")
    whole = MarkdownIt("commonmark").render(body(message(*items), "markdown"))
    assert unescape(whole).count(line) >= 4


def test_everybody_is_not_called_together() -> None:
    said = title(message(post(title="@everyone @here: @channel, @all, a@room.example @everybody")))
    assert not any(call in said for call in ("@everyone", "@here", "@channel", "@all"))
    assert "@everybody" in said


def test_long_words_are_cut() -> None:
    long = message(post(title="word " * 100))
    assert len(title(long)) < 250 and "word… — The Gazette" in title(long)


def test_links_lead_to_addresses_of_the_web_alone() -> None:
    odd = replace(post(url="javascript:alert(1)"), link="javascript:alert(2)")
    assert "javascript" not in body(message(odd), "markdown") + body(message(odd)) + body(message(odd, odd), "markdown")
    closing = post(url="https://x.example/a)b](c", title="t")
    assert "(https://x.example/a%29b%5D%28c)" in body(message(replace(closing, link=None), story()), "markdown")


def test_plain_text_is_as_it_is() -> None:
    assert escaped("*a* [b]", "plain") == "*a* [b]"
    assert escaped("*a* [b]", "markdown") == r"\*a\* \[b\]"


def test_times_are_of_the_message_and_not_of_the_clock() -> None:
    later = message(grown(), at=NOW + timedelta(days=1))
    assert title(later).endswith("since Mon 14:05")
