"""Tags in titles: matter where Atom says that the title is plain text, markup by habit everywhere else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aggregator.sources.feeds.parse import parse_feed

pytestmark = pytest.mark.usefixtures("either_parser")

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TAGS = "When &lt;/p&gt; meets &lt;i&gt;italics&lt;/i&gt;"


def atom_titles(*titles: str) -> list[str]:
    entries = "".join(f"<entry>{title}</entry>" for title in titles)
    document = f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'
    return [post.title for post in parse_feed(document.encode(), None, "https://p.example/f", NOW).posts]


@pytest.mark.parametrize("said", ['type="text"', "type='text'", 'xml:lang="en" type = "TEXT"', 'type="text/plain"'])
def test_tags_stay_where_the_title_is_said_to_be_plain(said: str) -> None:
    assert atom_titles(f"<title {said}>{TAGS}</title>") == ["When </p> meets <i>italics</i>"]


@pytest.mark.parametrize("said", ["", 'type="html"', 'type="text/html"'])
def test_tags_go_where_it_is_not(said: str) -> None:
    assert atom_titles(f"<title {said}>{TAGS}</title>") == ["When meets italics"]


def test_each_title_has_its_type() -> None:
    assert atom_titles(f'<title type="html">{TAGS}</title>', f'<title type="text">{TAGS}</title>') == [
        "When meets italics",
        "When </p> meets <i>italics</i>",
    ]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Fish &amp;amp; chips", "Fish & chips"),
        ("It&amp;#8217;s &amp;lt;b&amp;gt;", "It’s <b>"),
        ("vector&lt;int&gt; &lt; a", "vector<int> < a"),
        ("two\n  lines", "two lines"),
    ],
)
def test_the_rest_of_a_plain_title_is_read_as_before(written: str, title: str) -> None:
    assert atom_titles(f'<title type="text">{written}</title>') == [title]


def test_titles_of_rss_are_markup_whatever_they_say() -> None:
    document = f'<rss version="2.0"><channel><item><title type="text">{TAGS}</title></item></channel></rss>'
    [post] = parse_feed(document.encode(), None, "https://p.example/f", NOW).posts
    assert post.title == "When meets italics"
