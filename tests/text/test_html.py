"""HTML to text, to one line, and to HTML that may be shown; hostile input included."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.text.html import clean_html, clean_text, decoded, is_markup, plain_text, text_of


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("One<div>Two</div>", "One\nTwo"),
        ("<ul><li>One<li>Two</ul>", "One\nTwo"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<p>un<b>believ</b>able</p>", "unbelievable"),
        ("<p>a\n   b\t c</p>", "a b c"),
        ("<pre>one\n two</pre>", "one\ntwo"),
        ("<p>Fish &amp; chips &lt;b&gt;</p>", "Fish & chips <b>"),
        ("<p>Hi<script>alert(1)</script><style>p{}</style> there</p>", "Hi there"),
        ("<![CDATA[<p>Hi</p>]]>", "Hi"),
        ("<p>漢<rt>かん</rt>字</p>", "漢字"),
        ("<p>soft\u00adhyphen \ufeffmark\x0b</p>", "softhyphen mark"),
        ("<!-- gone --><p>kept</p>", "kept"),
        ("", ""),
        ("<p></p>", ""),
    ],
)
def test_text_of_markup(html: str, expected: str) -> None:
    assert text_of(html) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b and c > d", "a < b and c > d"),
        ("vector<int>", "vector<int>"),
        ("First line\nSecond  line", "First line\nSecond line"),
        ("Fish &amp; chips", "Fish & chips"),
        ("?a=1&copy=2", "?a=1&copy=2"),
        ("Q&notes; &regions; &not; &reg;", "Q&notes; &regions; ¬ ®"),
    ],
)
def test_text_without_tags_stays_as_it_is(text: str, expected: str) -> None:
    assert text_of(text) == expected
    assert not is_markup(text)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("  A\n title ", "A title"),
        ("AT&amp;amp;T", "AT&T"),
        ("The <b>bold</b> move", "The bold move"),
        ("The &lt;i&gt;slanted&lt;/i&gt; move", "The slanted move"),
        ("Why <b> is back", "Why <b> is back"),
        ("The <dialog> element", "The <dialog> element"),
        ("a < b", "a < b"),
        ("One<br>two", "One two"),
        ("x<script>alert(1)</script>", "x"),
        ("", ""),
    ],
)
def test_titles_are_one_line_of_plain_text(title: str, expected: str) -> None:
    assert clean_text(title) == expected


def test_shown_html_is_by_an_allow_list() -> None:
    html = '<p onclick="x()">Hi <a href="javascript:x()">a</a><script>x()</script><iframe src="//e"></iframe></p>'
    shown = clean_html(html, None)
    assert shown is not None
    for bad in ("onclick", "javascript", "script", "iframe"):
        assert bad not in shown


def test_links_are_made_absolute() -> None:
    shown = clean_html('<p><a href="/a">a</a><img src="b.png"></p>', "https://news.example/x/")
    assert shown is not None
    assert 'href="https://news.example/a"' in shown
    assert 'src="https://news.example/x/b.png"' in shown
    assert "noopener" in shown


def test_relative_links_go_without_a_base_and_a_bad_base_is_none() -> None:
    for base in (None, "not a url"):
        shown = clean_html('<p><a href="/a">a</a></p>', base)
        assert shown is not None
        assert "/a" not in shown.replace("</a>", "")


def test_plain_text_has_no_html() -> None:
    assert clean_html("Only words", None) is None
    assert clean_html("<script>x()</script>", None) is None


def test_plain_text_keeps_lines() -> None:
    assert plain_text("a  b\n\n\n\nc\r\nd") == "a b\n\nc\nd"


def test_entities_are_decoded_once() -> None:
    assert decoded("&amp;lt; &#39; &#x41; &nothing &bogus;") == "&lt; ' A &nothing &bogus;"


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("<>/&;#x!-= \n'\"abpdivscriptre\f\ud800\x00人")), max_size=80))
def test_nothing_raises(text: str) -> None:
    for found in (text_of(text), clean_text(text), clean_html(text, "https://news.example/") or ""):
        found.encode()


def test_deep_nesting_is_cheap_and_keeps_the_words() -> None:
    html = "<div>" * 50_000 + "word"
    started = time.perf_counter()
    assert text_of(html) == "word"
    assert clean_html(html, None) is None
    assert time.perf_counter() - started < 5


def test_unclosed_tags_are_cheap() -> None:
    started = time.perf_counter()
    text_of("<p " * 50_000)
    text_of("<a href='" * 20_000)
    clean_text("<b " * 50_000)
    clean_text("<script>" * 50_000)
    clean_text("<style>x</style" * 50_000)
    assert time.perf_counter() - started < 5
