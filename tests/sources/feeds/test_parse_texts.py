"""Titles and texts of entries: as they are written, made plain and safe, and cut where they are too long."""

from __future__ import annotations

import pytest

from aggregator.sources.feeds.entries import MAX_TEXT, MAX_TITLE
from tests.helpers.feed_documents import entry, item, parsed, rss

pytestmark = pytest.mark.usefixtures("either_parser")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("A &amp; B", "A & B"),
        ("A &amp;amp; B", "A & B"),
        ("A &amp;amp;amp; B", "A & B"),
        ("&lt;b&gt;Bold&lt;/b&gt; move", "Bold move"),
        ("<![CDATA[<em>Bold</em> &amp; quiet]]>", "Bold & quiet"),
        ("5 &lt; 6", "5 < 6"),
        ("  two\n   lines ", "two lines"),
        ("x" * (MAX_TITLE + 10), "x" * MAX_TITLE),
        ("", ""),
    ],
)
def test_titles(title: str, expected: str) -> None:
    assert item(f"<title>{title}</title><link>https://p.example/a</link>").title == expected


def test_a_missing_title_is_not_invented() -> None:
    assert item("<description>Only this.</description>").title == ""


def test_the_fullest_text_wins() -> None:
    short, long = (
        "<description>Short.</description>",
        "<content:encoded>&lt;p&gt;Longer text.&lt;/p&gt;</content:encoded>",
    )
    assert item(short + long).text == item(long + short).text == "Longer text."
    longer = "<description>The longest text of all.</description>"
    assert item(long + longer).text == "The longest text of all."
    assert item(long + longer).html is None


@pytest.mark.parametrize(
    ("description", "text"),
    [
        ("One.\n\nTwo.", "One.\n\nTwo."),
        ("&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;", "One.\n\nTwo."),
        ("<![CDATA[<p>One &amp; two.</p>]]>", "One & two."),
        ("<p>Not escaped.</p><p>At all.</p>", "Not escaped.\n\nAt all."),
        ("&amp;lt;p&amp;gt;Escaped twice.&amp;lt;/p&amp;gt;", "Escaped twice."),
        ("Tom &amp;amp;amp; Ann", "Tom & Ann"),
        ("It&amp;#8217;s", "It’s"),
        ("Write &lt;b&gt; for bold", "Write for bold"),
        ("", ""),
    ],
)
def test_texts(description: str, text: str) -> None:
    assert item(f"<title>A</title><description>{description}</description>").text == text


def test_plain_text_of_atom_is_not_markup() -> None:
    assert entry('<summary type="text">Write &lt;b&gt; for bold</summary>').text == "Write <b> for bold"
    assert entry("<summary>&lt;p&gt;Wrongly labelled.&lt;/p&gt;</summary>").text == "Wrongly labelled."


def test_contents_that_are_no_text_are_passed_over() -> None:
    for media_type, text in [
        ("image/png", ""),
        ("application/pdf", ""),
        ("text/markdown", "iVBORw0K"),
        ("html5", "iVBORw0K"),
    ]:
        assert entry(f'<content type="{media_type}">iVBORw0K</content>').text == text


def test_a_text_is_not_repeated() -> None:
    both = "<description>Same.</description><content:encoded>Same.</content:encoded>"
    assert item(both).text == "Same."


def test_pictures_without_words_are_shown() -> None:
    post = item('<description>&lt;img src="/a.png"&gt;</description><link>https://p.example/a</link>')
    assert (post.text, post.html) == ("", '<img src="https://p.example/a.png">')


def test_long_texts_are_cut_and_said_to_be() -> None:
    feed = parsed(rss(f"<item><title>{'t' * 2000}</title><description>{'word ' * 100_000}</description></item>"))
    assert len(feed.posts[0].text) <= MAX_TEXT
    assert feed.warnings == ("entry 1: title and text cut off, too long",)


def test_html_is_made_safe() -> None:
    post = item(
        "<description><![CDATA[<p onclick='x()'>Hi <a href='javascript:x()'>there</a></p><script>x()</script>"
        "<iframe src='https://evil.example/'></iframe>&#1;&#xD800;]]></description>"
    )
    assert post.text == "Hi there\ufffd" or post.text == "Hi there"
    assert post.html is not None
    assert not any(word in post.html for word in ("onclick", "javascript", "script", "iframe", "\x01"))


def test_podcasts_and_videos_have_their_descriptions() -> None:
    assert item("<itunes:summary>An hour about rivers.</itunes:summary>").text == "An hour about rivers."
    assert item("<media:group><media:description>A film.</media:description></media:group>").text == "A film."
