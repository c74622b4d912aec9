"""Links written oddly, words where an address belongs, and what must be left as it is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.dedupe.verdict import Same, verdict
from aggregator.model.post import EnrichedPost, Post
from aggregator.pipeline.enrich import enrich
from aggregator.sources.feeds.links import link_address
from aggregator.sources.feeds.parse import parse_feed
from aggregator.sources.feeds.results import ParsedFeed
from tests.helpers.build import NO_TOPICS
from tests.helpers.stored import HERE, known_of

pytestmark = pytest.mark.usefixtures("either_parser")

NOW = datetime(2026, 11, 24, tzinfo=UTC)
BASE = "https://www.paper.example/dir/feed.xml"


@pytest.mark.parametrize(
    "written",
    [
        "N/A", " n/a ", "NA", "none", "None", "null", "(null)", "undefined", "-", "\u2014", "#", "?", "//", "tbd",
        "http://", "https://", "https:", "http://null", "https://N/A/", "http://#", "javascript:void(0)", "about:blank",
        "mailto:a@b.example", "urn:x:1", "The ferry is back", "The ferry 1.2 is back", "Word: the release",
        "See https://q.example/a for more",
    ],
)  # fmt: skip
def test_words_that_are_no_link(written: str) -> None:
    assert link_address(written, BASE) is None
    assert link_address(written, BASE.replace("https", "http")) is None


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://q.example/a", "https://q.example/a"),
        ("https://q.example/N/A", "https://q.example/N/A"),
        ("https://q.example/a b", "https://q.example/a%20b"),
        ("http://intranet/a", "http://intranet/a"),
        ("www.q.example/a", "https://www.q.example/a"),
        ("WWW2.q.example", "https://WWW2.q.example"),
        ("//q.example/a", "https://q.example/a"),
        ("http://https://q.example/a", "https://q.example/a"),
        ("https:/q.example/a", "https://q.example/a"),
        ("q.co.uk/a", "https://q.co.uk/a"),
        ("paper.example/a", "https://paper.example/a"),
        ("blog.paper.example/a", "https://blog.paper.example/a"),
        ("paper.example", "https://paper.example"),
        ("www.paper.example?p=1", "https://www.paper.example?p=1"),
        # near misses: paths as they may be
        ("/", "https://www.paper.example/"),
        ("/n/a", "https://www.paper.example/n/a"),
        ("none.html", "https://www.paper.example/dir/none.html"),
        ("na/2026", "https://www.paper.example/dir/na/2026"),
        ("?p=1", "https://www.paper.example/dir/feed.xml?p=1"),
        ("#part-2", "https://www.paper.example/dir/feed.xml#part-2"),
        ("ferry", "https://www.paper.example/dir/ferry"),
        ("posts/1", "https://www.paper.example/dir/posts/1"),
        ("posts/my file", "https://www.paper.example/dir/posts/my%20file"),
        ("my file.html", "https://www.paper.example/dir/my%20file.html"),
        ("/my file", "https://www.paper.example/my%20file"),
        ("index.php/2026/a", "https://www.paper.example/dir/index.php/2026/a"),
        ("cgi.pl/a", "https://www.paper.example/dir/cgi.pl/a"),
        ("v1.2/notes", "https://www.paper.example/dir/v1.2/notes"),
        ("q.com", "https://www.paper.example/dir/q.com"),
        ("www.html", "https://www.paper.example/dir/www.html"),
    ],
)
def test_what_links_mean(written: str, address: str) -> None:
    assert link_address(written, BASE) == address


def test_a_title_is_no_link_whatever_is_in_it() -> None:
    assert link_address("On/off: the  ferry", BASE, "On/off: The ferry") is None
    assert link_address("On/off the ferry", BASE, "On/Off &lt;the> ferry") is not None
    assert link_address("ferry", BASE, "Ferry") == "https://www.paper.example/dir/ferry"


# ---------------------------------------------------------------- in documents


def rss(*items: str, site: str = "https://www.paper.example/") -> ParsedFeed:
    document = f'<rss version="2.0"><channel><link>{site}</link>{"".join(items)}</channel></rss>'
    return parse_feed(document.encode(), None, BASE, NOW)


def atom(entry: str, head: str = "") -> ParsedFeed:
    document = f'<feed xmlns="http://www.w3.org/2005/Atom">{head}<entry><id>urn:x:1</id>{entry}</entry></feed>'
    return parse_feed(document.encode(), None, BASE, NOW)


@pytest.mark.parametrize("word", ["N/A", "null", "#", "A ferry"])
def test_no_address_is_invented_in_any_format(word: str) -> None:
    [post] = rss(f"<item><title>A ferry</title><link>{word}</link><guid>{word}</guid></item>").posts
    assert (post.url, post.canonical_url, post.native_id) == (None, None, word)
    item = {"id": "1", "title": "A ferry", "url": word, "external_url": "https://q.example/a"}
    document = json.dumps({"version": "https://jsonfeed.org/version/1.1", "home_page_url": word, "items": [item]})
    feed = parse_feed(document.encode(), "application/json", BASE, NOW)
    assert feed.posts[0].url == "https://q.example/a"
    assert feed.site_url is None
    assert rss(f'<item><title>x</title><enclosure url="{word}"/></item>').posts[0].enclosures == ()


def test_a_site_that_is_none_is_no_base_for_others() -> None:
    feed = rss("<item><link>a</link></item>", site="N/A")
    assert (feed.site_url, feed.posts[0].url) == (None, "https://www.paper.example/dir/a")


@pytest.mark.parametrize("guid", ["www.q.example/a", "//www.q.example/a", "https://www.q.example/a"])
def test_an_id_that_is_the_link(guid: str) -> None:
    assert rss(f"<item><guid>{guid}</guid></item>").posts[0].url == "https://www.q.example/a"
    assert rss(f'<item><guid isPermaLink="false">{guid}</guid></item>').posts[0].url is None


IANA = "http://www.iana.org/assignments/relation/"


@pytest.mark.parametrize("rel", ["alternate", f"{IANA}alternate", f"{IANA.replace('http', 'https')}Alternate"])
def test_relations_may_be_written_in_full(rel: str) -> None:
    other = f'<link rel="{IANA}related" href="https://q.example/"/><link rel="{IANA}enclosure" href="/a.mp3"/>'
    link = f'<link rel="{rel}" href="https://www.paper.example/a"/>'
    feed = atom(other + link, head=link)
    assert feed.posts[0].url == feed.site_url == "https://www.paper.example/a"
    assert [file.url for file in feed.posts[0].enclosures] == ["https://www.paper.example/a.mp3"]


@pytest.mark.parametrize("rel", ["https://q.example/relation/alternate", "related", f"{IANA}x-alternate"])
def test_other_relations_are_no_links(rel: str) -> None:
    assert atom(f'<link rel="{rel}" href="https://www.paper.example/a"/>').posts[0].url is None


# ---------------------------------------------------------------- what was stored before


def enriched(post: Post) -> EnrichedPost:
    return enrich(post, HERE, NO_TOPICS)


@pytest.mark.parametrize(
    ("link", "invented"),
    [
        ("N/A", "https://www.paper.example/N/A"),
        ("www.q.example/a", "https://www.paper.example/www.q.example/a"),
        ("The ferry is back", "https://www.paper.example/The%20ferry%20is%20back"),
    ],
)
def test_an_entry_without_id_is_found_under_the_name_that_its_link_gave_it(link: str, invented: str) -> None:
    """The file of an older version has it under the address that was read then."""
    [post] = rss(f"<item><title>The ferry is back</title><link>{link}</link></item>").posts
    before = replace(post, native_id=invented, url=invented, canonical_url=invented)
    found = verdict(enriched(post), HERE, known_of((enriched(before), HERE)))
    assert isinstance(found, Same)
    assert found.known.id == 1
    assert invented in (post.native_id, *post.kin)


def test_entries_that_share_a_word_for_a_link_keep_their_names() -> None:
    items = [f"<item><title>Release {number}</title><link>N/A</link></item>" for number in range(4)]
    names = {post.title: post.native_id for post in rss(*items[:3]).posts}
    later = {post.title: post.native_id for post in rss(*items[::-1]).posts}
    assert len(set(later.values())) == 4
    assert names.items() <= later.items()
    assert all(name.startswith("https://www.paper.example/N/A ") for name in names.values())
