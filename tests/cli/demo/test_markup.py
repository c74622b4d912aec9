"""The markup of the sample statuses is Mastodon's."""

from __future__ import annotations

from html.parser import HTMLParser

from aggregator.cli.demo.markup import hashtags, mentions, status_html

SERVER = "https://mastodon.example"


class _Text(HTMLParser):
    """Collects the text of a fragment, and checks that its tags are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.open = "", list[str]()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def visible(html: str) -> str:
    reader = _Text()
    reader.feed(html)
    assert not reader.open
    return reader.text


def test_markup_keeps_the_text_and_closes_its_tags() -> None:
    text = "<b> & @ada@b.example, #KI: https://www.long.example/a/path/that/goes/on?x=1&y=2"
    assert visible(status_html(text, SERVER)) == text.replace("@b.example", "")


def test_long_link_is_shortened_as_mastodon_does() -> None:
    html = status_html("https://www.long.example/0123456789abcdefghij", SERVER)
    assert '<span class="invisible">https://www.</span>' in html
    assert '<span class="ellipsis">long.example/0123456789abcdefg</span>' in html
    assert '<span class="invisible">hij</span>' in html


def test_short_link_has_no_ellipsis() -> None:
    assert "ellipsis" not in status_html("https://short.example/a", SERVER)


def test_hashtags_and_mentions() -> None:
    text = "#AI, #KI and #AI; @ada and @bo@far.example, not mail@far.example nor https://x.example/@eve#top"
    assert hashtags(text) == ["AI", "KI"]
    assert mentions(text) == ["ada", "bo@far.example"]
    html = status_html(text, SERVER)
    assert '<a href="https://mastodon.example/tags/KI" class="mention hashtag" rel="tag">#<span>KI</span></a>' in html
    assert '<a href="https://far.example/@bo" class="u-url mention">@<span>bo</span></a>' in html
    assert '<a href="https://mastodon.example/@ada" class="u-url mention">' in html


def test_blank_lines_part_paragraphs() -> None:
    assert status_html("one\ntwo\n\nthree\n", SERVER) == "<p>one<br />two</p><p>three</p>"
