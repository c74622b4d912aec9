"""A status becomes a post: nothing said is lost, nothing else is taken for an article, and nothing makes it fail."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.cli.demo.samples import render_statuses
from aggregator.model.post import Enclosure, Post
from aggregator.sources.mastodon.statuses import native_id_of, post_of

NOW = datetime(2031, 3, 1, 8, 30, tzinfo=UTC)
SERVER = "https://reader.example"

STATUS: dict[str, Any] = {
    "id": "114000000000000001",
    "created_at": "2031-03-01T07:00:00.123Z",
    "edited_at": "2031-03-01T07:30:00.000Z",
    "in_reply_to_id": "113999999999999999",
    "in_reply_to_account_id": "7",
    "sensitive": True,
    "spoiler_text": "ferries &amp; feelings",
    "visibility": "public",
    "language": "pt-BR",
    "uri": "https://harbour.example/users/ada/statuses/42",
    "url": "https://harbour.example/@ada/42",
    "replies_count": 1,
    "reblogs_count": 2,
    "favourites_count": 3,
    "content": "<p>The ferry sails again.</p>",
    "reblog": None,
    "account": {"username": "ada", "acct": "ada@harbour.example", "url": "https://harbour.example/@ada", "bot": True},
    "media_attachments": [],
    "mentions": [],
    "tags": [],
    "card": None,
}


def post(content: str | None = None, **changes: Any) -> Post:
    changes |= {} if content is None else {"content": content}
    found = post_of({**STATUS, **changes}, SERVER, NOW)
    assert found is not None
    return found


def link(href: str, shown: str | None = None, attributes: str = 'rel="nofollow noopener"') -> str:
    return f'<a href="{href}" {attributes}>{href if shown is None else shown}</a>'


def mastodon_link(start: str, shown: str, rest: str) -> str:
    """As Mastodon shows a long link."""
    spans = f'<span class="invisible">{start}</span><span class="ellipsis">{shown}</span>'
    return link(start + shown + rest, f'{spans}<span class="invisible">{rest}</span>')


def hashtag(name: str, href: str = "https://harbour.example/tags/x") -> str:
    return f'<a href="{href}" class="mention hashtag" rel="tag">#<span>{name}</span></a>'


def mention(user: str, href: str) -> str:
    return f'<span class="h-card"><a href="{href}" class="u-url mention">@<span>{user}</span></a></span>'


ARTICLE = "https://gazette.example/2031/the-ferry"


# ---------------------------------------------------------------- the plain fields


def test_everything_that_a_status_says() -> None:
    assert post() == Post(
        kind="status",
        native_id="114000000000000001",
        title="",
        text="The ferry sails again.",
        html="<p>The ferry sails again.</p>",
        uri="https://harbour.example/users/ada/statuses/42",
        url="https://harbour.example/@ada/42",
        canonical_url="https://harbour.example/@ada/42",
        author="ada@harbour.example",
        declared_language="pt",
        published_at=datetime(2031, 3, 1, 7, 0, tzinfo=UTC),
        edited_at=datetime(2031, 3, 1, 7, 30, tzinfo=UTC),
        sensitive=True,
        content_warning="ferries & feelings",
        bot=True,
        reply_to="113999999999999999",
        visibility="public",
        boosts=2,
        favourites=3,
        replies=1,
    )


def test_one_status_on_two_servers_has_one_uri() -> None:
    here = post_of({**STATUS, "id": "1"}, "https://one.example", NOW)
    there = post_of({**STATUS, "id": "01JQXZ4ZJ0A"}, "https://two.example", NOW)
    assert here and there
    assert here.uri == there.uri and here.author == there.author
    assert here.native_id != there.native_id


@pytest.mark.parametrize(
    ("account", "author"),
    [
        ({"acct": "ada@harbour.example"}, "ada@harbour.example"),
        ({"acct": "bo", "url": "https://www.reader.example/@bo"}, "bo@www.reader.example"),
        ({"acct": "bo", "url": None}, "bo@reader.example"),
        ({"username": "bo"}, "bo@reader.example"),
        ({"acct": "@bo"}, "bo@reader.example"),
        ({}, None),
        (None, "harbour.example"),  # of a null one the host is left
    ],
)
def test_authors_are_complete(account: object, author: str | None) -> None:
    assert post(account=account).author == author


def test_without_a_page_the_uri_leads_to_it() -> None:
    assert post(url=None).url == STATUS["uri"]
    assert post(url=None, uri="tag:harbour.example,2031:42").url is None


@pytest.mark.parametrize(("value", "native_id"), [("01JQ", "01JQ"), (17, "17"), (0, "0")])
def test_ids_are_opaque(value: object, native_id: str) -> None:
    assert native_id_of({"id": value}) == native_id


@pytest.mark.parametrize("value", [None, "", " ", True, 1.5, [], "a b", "a\x00", "\ud800", "9" * 5000, 10**400])
def test_without_an_id_there_is_no_post(value: object) -> None:
    assert native_id_of({"id": value}) is None
    assert post_of({**STATUS, "id": value}, SERVER, NOW) is None


def test_a_boost_is_no_post() -> None:
    assert post_of({**STATUS, "reblog": STATUS}, SERVER, NOW) is None


def test_impossible_dates_are_none() -> None:
    assert post(created_at="2099-01-01T00:00:00Z").published_at is None
    assert post(created_at="").published_at is None
    assert post(created_at=None, edited_at=5).edited_at is None


@pytest.mark.parametrize("value", [-1, 2**63, True, "7", 1.5, None, 10**400])
def test_impossible_counts_are_none(value: object) -> None:
    assert post(reblogs_count=value).boosts is None


# ---------------------------------------------------------------- text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param("<p>one<br>two</p><p>three</p>", "one\ntwo\n\nthree", id="paragraphs"),
        pytest.param("plain &amp; simple", "plain & simple", id="no markup"),
        pytest.param(f"<p>See {link(ARTICLE)}</p>", f"See {ARTICLE}", id="a whole link"),
        pytest.param(
            f"<p>See {mastodon_link('https://www.', 'gazette.example/2031/the-ferry', '-sails-again?a=1')}.</p>",
            "See https://www.gazette.example/2031/the-ferry-sails-again?a=1.",
            id="Mastodon's shortened link",
        ),
        pytest.param(f"<p>{link(ARTICLE, 'gazette.example/2031/th…')}</p>", ARTICLE, id="shortened, ellipsis"),
        pytest.param(f"<p>{link(ARTICLE, 'gazette.example/2031/th...')}</p>", ARTICLE, id="shortened, dots"),
        pytest.param(f"<p>{link(ARTICLE, 'https://gazette.example/…/the-ferry')}</p>", ARTICLE, id="in the middle"),
        pytest.param(f"<p>{link(ARTICLE, 'gazette.example')}</p>", ARTICLE, id="only the host"),
        pytest.param(f"<p>{link(ARTICLE, 'the gazette')} says</p>", "the gazette says", id="words stay"),
        pytest.param(f"<p>{link(ARTICLE, 'and so on…')}</p>", "and so on…", id="words with an ellipsis stay"),
        pytest.param(f"<p>{link('https://g.example/a?b=1&amp;c=2', 'g.example/a…')}</p>", "https://g.example/a?b=1&c=2",
                     id="a query"),
        pytest.param(f"<p>{hashtag('Fähre')}, {hashtag('AI')}!</p>", "#Fähre, #AI!", id="hashtags"),
        pytest.param(f"<p>{mention('bo', 'https://far.example/@bo')} hi</p>", "@bo hi", id="mentions"),
        pytest.param("<p>a<script>b</script><img src=x onerror=y>c</p>", "ac", id="hostile"),
        pytest.param("", "", id="nothing"),
    ],
)  # fmt: skip
def test_text(content: str, text: str) -> None:
    assert post(content).text == text


def test_the_warning_does_not_replace_the_text() -> None:
    found = post("<p>The ferry sank.</p>", spoiler_text="ferry news")
    assert (found.text, found.content_warning) == ("The ferry sank.", "ferry news")
    assert post(spoiler_text="").content_warning is None


def test_html_is_clean_and_whole() -> None:
    found = post(
        f'<p onclick="x()">See {mastodon_link("https://", "gazette.example/2031/the-f", "erry")}</p><script>1</script>'
    )
    assert found.html is not None
    assert "onclick" not in found.html and "script" not in found.html
    assert f'href="{ARTICLE}"' in found.html


# ---------------------------------------------------------------- tags and mentions


def test_tags_are_as_the_author_wrote_them() -> None:
    content = f"<p>{hashtag('KünstlicheIntelligenz')} {hashtag('AI')} {hashtag('Øresund')} {hashtag('هوش‌مصنوعی')}</p>"
    names = ["kunstlicheintelligenz", "ai", "oresund", "هوش‌مصنوعی", "elsewhere"]
    found = post(content, tags=[{"name": name} for name in names])
    assert found.tags == ("KünstlicheIntelligenz", "AI", "Øresund", "هوش‌مصنوعی", "elsewhere")


def test_tags_of_the_content_count_without_the_list() -> None:
    """GoToSocial leaves the list empty after an edit; others write tags without a class."""
    assert post(f"<p>{hashtag('AI')}</p>", tags=[]).tags == ("AI",)
    assert post(f"<p>{link('https://x.example/tag/KI', '#KI')} {link(ARTICLE, '#1 of all')}</p>", tags=None).tags == (
        "KI",
    )


def test_each_tag_counts_once() -> None:
    found = post(f"<p>{hashtag('AI')} {hashtag('ai')}</p>", tags=[{"name": "ai"}, {"name": "AI"}, {"name": None}, 5])
    assert found.tags == ("AI",)


def test_mentions_are_complete() -> None:
    mentions = [
        {"acct": "bo@far.example", "url": "https://far.example/@bo"},
        {"acct": "cy", "url": "https://reader.example/@cy"},
        {"acct": "cy", "url": "https://reader.example/@cy"},
        {"acct": None},
        None,
    ]
    assert post(mentions=mentions).mentions == ("bo@far.example", "cy@reader.example")


# ---------------------------------------------------------------- the article


def card(url: object, kind: str = "link") -> dict[str, object]:
    return {"url": url, "type": kind, "title": "…"}


@pytest.mark.parametrize(
    ("content", "changes", "expected"),
    [
        pytest.param("<p>Hello</p>", {}, None, id="no link"),
        pytest.param(f"<p>{link(ARTICLE)}</p>", {}, ARTICLE, id="the link"),
        pytest.param(
            f"<p>{mastodon_link('https://', 'gazette.example/2031/the-f', 'erry')}</p>", {}, ARTICLE, id="shortened",
        ),
        pytest.param(
            f"<p>{link('https://short.example/x')}</p>", {"card": card(ARTICLE)}, ARTICLE, id="the card first",
        ),
        pytest.param(
            f"<p>{link(ARTICLE)}</p>", {"card": card("https://v.example/1", "video")}, ARTICLE, id="a video's card",
        ),
        pytest.param(f"<p>{link(ARTICLE)}</p>", {"card": card(None)}, ARTICLE, id="an empty card"),
        pytest.param(f"<p>{link(ARTICLE)}</p>", {"card": card("javascript:alert(1)")}, ARTICLE, id="a hostile card"),
        pytest.param(
            f"<p>{hashtag('AI')} {mention('bo', 'https://far.example/@bo')} {link(ARTICLE)}</p>", {}, ARTICLE,
            id="behind tags and mentions",
        ),
        pytest.param(
            f"<p>{link('https://far.example/x/bo', '@bo@far.example')} {link('https://far.example/x/AI', '#AI')}</p>",
            {}, None, id="tags and mentions without classes",
        ),
        pytest.param(
            f"<p>{link('https://far.example/x/bo', 'Bo')} {link('https://far.example/x/ai', 'all of it')}</p>",
            {"mentions": [{"url": "https://far.example/x/bo"}], "tags": [{"name": "ai", "url": "https://far.example/x/ai"}]},
            None, id="tags and mentions by their lists",
        ),
        pytest.param(f"<p>{link('https://far.example/@bo', 'Bo')}</p>", {}, None, id="a profile"),
        pytest.param(f"<p>{link('https://far.example/users/bo')}</p>", {"card": card("https://far.example/users/bo")},
                     None, id="a profile's card"),
        pytest.param(f"<p>{link('https://far.example/@bo/123456789')}</p>", {}, None, id="a status"),
        pytest.param(f"<p>{link('https://medium.example/@bo/the-ferry-1a2b')}</p>", {},
                     "https://medium.example/@bo/the-ferry-1a2b", id="an article under an account"),
        pytest.param(
            f"<p>{link('https://harbour.example/tags/ferry', 'ferries')}</p>", {}, None, id="a tag of its server",
        ),
        pytest.param(
            f"<p>{link('https://reader.example/@bo/about')}</p>", {}, None, id="a profile's page of the server asked",
        ),
        pytest.param(f"<p>{link('https://harbour.example/@ada/42?x=1#y')}</p>", {"url": "https://harbour.example/@ada/42?x=1"},
                     None, id="its own page"),
        pytest.param(f"<p>{link('https://blog.example/2031/ferry')}</p>", {"url": "https://blog.example/2031/ferry/"},
                     None, id="its own page, of a blog"),
        pytest.param(
            f"<p>{link('https://files.example/1')} {link('https://files.example/cat.JPG')}</p>",
            {"media_attachments": [{"type": "image", "url": "https://files.example/1"}]}, None, id="media",
        ),
        pytest.param(f"<p>{link('https://bsky.app/profile/bo.example/post/3k')} {link(ARTICLE)}</p>", {}, ARTICLE,
                     id="rather than a post on another network"),
        pytest.param(f"<p>{link('https://far.example/notes/9x1')} {link(ARTICLE)}</p>", {}, ARTICLE,
                     id="rather than a post on another kind of server"),
        pytest.param(f"<p>{link(ARTICLE)}</p>", {"card": card("https://x.com/bo/status/1")}, ARTICLE,
                     id="rather than the card of a post"),
        pytest.param(f"<p>{link('https://bsky.app/profile/bo.example/post/3k')}</p>", {},
                     "https://bsky.app/profile/bo.example/post/3k", id="a post where there is no more"),
        pytest.param(f"<p>{link('https://gazette.example/')} {link(ARTICLE)}</p>", {}, ARTICLE, id="not a home page"),
        pytest.param(f"<p>{link('https://gazette.example')}</p>", {}, None, id="only a home page"),
        pytest.param(f'<p class="quote-inline">RE: {link("https://far.example/x/9")}</p><p>{link(ARTICLE)}</p>', {},
                     ARTICLE, id="not what it quotes"),
        pytest.param(f"<p>{link('/relative')} {link('mailto:a@b.example')} {link('javascript:x')} {link(ARTICLE)}</p>",
                     {}, ARTICLE, id="only http"),
        pytest.param(
            f"<p>{link('https://papers.example/ferry.pdf')}</p>", {}, "https://papers.example/ferry.pdf", id="a paper",
        ),
    ],
)  # fmt: skip
def test_article(content: str, changes: dict[str, Any], expected: str | None) -> None:
    assert post(content, **changes).article_url == expected


# ---------------------------------------------------------------- media


@pytest.mark.parametrize(
    ("kind", "url", "media_type"),
    [
        ("image", "https://f.example/a.jpg", "image/jpeg"),
        ("image", "https://f.example/a.PNG?1", "image/png"),
        ("gifv", "https://f.example/a.mp4", "video/mp4"),
        ("audio", "https://f.example/a.mp3", "audio/mpeg"),
        ("audio", "https://f.example/a.webm", "audio/webm"),
        ("image", "https://f.example/a.mp4", None),
        ("image", "https://f.example/a", None),
        ("unknown", "https://f.example/a.pdf", "application/pdf"),
        (None, "https://f.example/a.gif", "image/gif"),
    ],
)
def test_media(kind: object, url: str, media_type: str | None) -> None:
    found = post(media_attachments=[{"type": kind, "url": url}])
    assert found.enclosures == (Enclosure(url=url, media_type=media_type),)


def test_media_not_copied_yet_is_where_it_came_from() -> None:
    media = [{"type": "image", "url": None, "remote_url": "https://far.example/a.jpg"}, {"type": "image"}, "x"]
    assert [file.url for file in post(media_attachments=media).enclosures] == ["https://far.example/a.jpg"]


# ---------------------------------------------------------------- anything at all

LETTERS = "aZ09#@<>&;/:.…\"'= \n\x00\u200c\ud800é人"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(LETTERS, max_size=20) | st.sampled_from(
        ["https://x.example/a", "<a href=", "<p>", "#AI", "2031-03-01", "\ud800", "http://[", "<a href='https://a.example/b'>…</a>"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["url", "name", "acct", "type", "bot", "remote_url", "x"]), inner, max_size=4
    ),
    max_leaves=8,
)  # fmt: skip


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(STATUS)), VALUES))
def test_no_value_makes_it_raise(changes: dict[str, Any]) -> None:
    found = post_of({**STATUS, "id": "1", **changes}, SERVER, NOW)
    if found is not None:
        stored = (found.native_id, found.uri, found.url, found.text, found.html, found.author, found.article_url,
                  found.content_warning, found.visibility, found.reply_to, *found.tags, *found.mentions)  # fmt: skip
        "".join(part or "" for part in stored).encode()  # as the database does


@pytest.mark.parametrize("missing", sorted(STATUS))
def test_no_missing_key_makes_it_raise(missing: str) -> None:
    found = post_of({key: value for key, value in STATUS.items() if key != missing}, SERVER, NOW)
    assert (found is None) == (missing == "id")


def test_a_hostile_content_takes_no_time() -> None:
    found = post("<div>" * 100_000 + "words" + f"<a href='{ARTICLE}'>x</a>")
    assert "words" in found.text


def test_the_samples() -> None:
    posts = [post_of({**status, "id": "1"}, SERVER, NOW) for status in render_statuses(NOW)]
    assert all(found and found.text and found.tags and found.author and found.published_at for found in posts)
    assert sum(found is not None and found.article_url is not None for found in posts) == 14


CORPUS = os.environ.get("AGGREGATOR_TEST_CORPUS")


@pytest.mark.skipif(CORPUS is None, reason="AGGREGATOR_TEST_CORPUS is not set")
def test_real_statuses() -> None:
    statuses = [
        each["status"] for each in json.loads(Path(CORPUS or "", "mastodon", "statuses.json").read_text("utf-8"))
    ]
    for status in statuses:
        found = post_of(status, "https://mastodon.social", datetime(2026, 11, 1, tzinfo=UTC))
        assert (found is None) == bool(status["reblog"])
        if found:
            assert found.uri and found.url and found.author and found.published_at
            assert found.text or found.enclosures
            assert found.article_url is None or not {found.article_url} & {found.url, found.uri}
            assert {tag["name"].casefold() for tag in status["tags"]} <= {tag.casefold() for tag in found.tags}


def test_tags_that_are_plain_texts_are_kept() -> None:
    assert post("<p>The ferry sails.</p>", tags=["ferry", "#Harbour", {"name": "ai"}, "two words", 5]).tags == (
        "ferry", "Harbour", "ai",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["pre", "PRE", "Pre"])
def test_code_keeps_its_lines(name: str) -> None:
    assert post(f"<p>See:</p><{name}><code>one\ntwo\n\nthree</code></{name}>").text == "See:\n\none\ntwo\n\nthree"
