"""Feeds of accounts and hashtags on servers of the fediverse: whose entries are statuses, and whose only look so."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest

from aggregator.model.post import Post
from aggregator.sources.feeds.parse import parse_feed
from aggregator.sources.mastodon.statuses import post_of
from aggregator.text.html import clean_text

pytestmark = pytest.mark.usefixtures("either_parser")

NOW = datetime(2026, 11, 20, tzinfo=UTC)
NUMBER = "115500000000000001"
ULID = "01K9ABCDEFGHJKMNPQRSTVWXYZ"
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def posts(document: str, url: str) -> tuple[Post, ...]:
    parsed = parse_feed(document.encode(), None, url, NOW)
    assert parsed.problem == ""
    return parsed.posts


def rss(*items: str, page: str, generator: str = "", title: str = "Anna", description: str = "") -> str:
    made_by = f"<generator>{generator}</generator>" if generator else ""
    return (
        '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:activity="http://activitystrea.ms/spec/1.0/">'
        f"<channel><title>{title}</title><description>{description}</description><link>{page}</link>{made_by}"
        f"{''.join(items)}</channel></rss>"
    )


def item(link: str, html: str = "<p>The ferry is back.</p>", *, title: str = "", more: str = "") -> str:
    named = f"<title>{escape(title)}</title>" if title else ""
    return f"<item>{named}<guid>{link}</guid><link>{link}</link><description>{escape(html)}</description>{more}</item>"


def mastodon(*items: str, user: str = "anna", generator: str = "Mastodon v4.5.2", **changes: str) -> str:
    page = f"https://isle.example/@{user}"
    named = {"description": f"Public posts from @{user}@isle.example", **changes}
    return rss(*items, page=page, generator=generator, **named)


MASTODON = "https://isle.example/@anna.rss"
STATUS = f"https://isle.example/@anna/{NUMBER}"


class TestMastodon:
    def test_an_entry_is_a_status_of_the_account(self) -> None:
        [post] = posts(mastodon(item(STATUS)), MASTODON)
        assert (post.kind, post.title, post.text) == ("status", "", "The ferry is back.")
        assert (post.author, post.url, post.native_id) == ("anna@isle.example", STATUS, STATUS)
        assert post.uri == f"https://isle.example/users/anna/statuses/{NUMBER}"
        assert (post.content_warning, post.sensitive, post.visibility) == (None, False, None)

    def test_the_account_is_named_by_its_own_domain(self) -> None:
        document = mastodon(item(STATUS), description="Öffentliche Beiträge von @anna@island.example")
        assert posts(document, MASTODON)[0].author == "anna@island.example"

    @pytest.mark.parametrize("words", ["Content warning:", "Inhaltswarnung:", "内容警告:", "Avertissement&nbsp;："])
    def test_a_content_warning_stands_before_the_text(self, words: str) -> None:
        html = f"<p><strong>{words}</strong> a &amp; b</p><hr /><p>The end of it</p>"
        [post] = posts(mastodon(item(STATUS, html)), MASTODON)
        assert (post.content_warning, post.text, post.sensitive) == ("a & b", "The end of it", True)
        assert "a &" not in (post.html or "")

    def test_tags_pictures_and_the_page_that_it_points_at(self) -> None:
        html = (
            '<p><a href="https://isle.example/tags/GoodNews" class="mention hashtag">#<span>GoodNews</span></a>'
            ' <span class="h-card"><a href="https://isle.example/@ben" class="mention">@<span>ben</span></a></span>'
            ' <a href="https://gazette.example/news/ferry"><span class="invisible">https://</span>gazette.example/news/'
            '<span class="invisible">ferry</span></a></p>'
        )
        more = (
            '<media:content url="https://files.example/a.png" type="image/png" fileSize="12" medium="image">'
            '<media:rating scheme="urn:simple">adult</media:rating></media:content>'
            '<media:content url="https://files.example/b.mp4" type="video/mp4" medium="video"/>'
            "<category>goodnews</category><category>Inseln</category>"
        )
        [post] = posts(mastodon(item(STATUS, html, more=more)), MASTODON)
        assert (post.tags, post.article_url) == (("GoodNews", "Inseln"), "https://gazette.example/news/ferry")
        assert {file.url for file in post.enclosures} == {"https://files.example/a.png", "https://files.example/b.mp4"}
        assert (post.sensitive, post.content_warning) == (True, None)

    def test_its_article_is_the_one_that_the_api_would_say(self) -> None:
        html = "".join(
            f'<a href="{address}">words</a> '
            for address in ("https://x.com/anna/status/1", STATUS, "https://gazette.example/tag/ferry")
        )
        [post] = posts(mastodon(item(STATUS, html)), MASTODON)
        status = {"id": NUMBER, "url": STATUS, "content": html, "account": {"acct": "anna"}}
        told = post_of(status, "https://isle.example", NOW)
        assert told and post.article_url == told.article_url == "https://gazette.example/tag/ferry"

    @pytest.mark.parametrize("text", ["<p>The ferry is back</p>", ""])
    def test_what_a_picture_shows_is_said_of_the_picture(self, text: str) -> None:
        long = "A white ferry with two funnels, seen from the pier, under a grey sky."
        more = (
            '<media:content url="https://files.example/a.png" type="image/png" medium="image">'
            f'<media:rating scheme="urn:simple">nonadult</media:rating>'
            f'<media:description type="plain">{long}</media:description></media:content>'
            '<media:content url="https://files.example/b.png" type="image/png" medium="image"/>'
            '<media:content url="https://files.example/c.mp4" type="video/mp4" medium="video">'
            '<media:description type="plain">A &lt;b&gt; on a sign &amp;amp; a horn</media:description></media:content>'
        )
        [post] = posts(mastodon(item(STATUS, text, more=more)), MASTODON)
        assert post.text == clean_text(text)
        assert {file.url[-5:]: file.description for file in post.enclosures} == {
            "a.png": long,
            "b.png": None,
            "c.mp4": "A <b> on a sign & a horn",
        }
        assert set(post.attached.split("\n")) == {long, "A <b> on a sign & a horn"}

    @pytest.mark.parametrize(
        "title", ["New status by anna", "anna: “The ferry …”", "The ferry is…", "anna: CW “x” (sensitive)"]
    )
    def test_titles_that_software_made_are_none(self, title: str) -> None:
        [post] = posts(mastodon(item(STATUS, title=title)), MASTODON)
        assert (post.kind, post.title) == ("status", "")

    def test_older_servers_name_no_generator(self) -> None:
        [post] = posts(mastodon(item(STATUS), generator="", description=""), "https://isle.example/users/anna.rss")
        assert (post.kind, post.author) == ("status", "anna@isle.example")

    def test_a_feed_elsewhere_is_known_by_what_it_says(self) -> None:
        """As a proxy serves it."""
        assert posts(mastodon(item(STATUS)), "https://proxy.example/feeds/7")[0].kind == "status"

    @pytest.mark.parametrize("path", ["tagged/ferry", "with_replies", "media"])
    def test_parts_of_an_account(self, path: str) -> None:
        document = rss(item(STATUS), page=f"https://isle.example/@anna/{path}", generator="Mastodon v4.5.2")
        assert posts(document, f"https://isle.example/@anna/{path}.rss")[0].author == "anna@isle.example"

    def test_a_hashtag_has_statuses_of_many_accounts_and_servers(self) -> None:
        links = [STATUS, f"https://reef.example/@ben/{NUMBER}", f"https://gts.example/@cy/statuses/{ULID}"]
        document = rss(
            *map(item, links), page="https://isle.example/tags/ferry", generator="Mastodon v4.5.2", title="#ferry"
        )
        found = posts(document, "https://isle.example/tags/ferry.rss")
        assert {post.kind for post in found} == {"status"}
        assert [post.author for post in found[:2]] == ["anna@isle.example", "ben@reef.example"]
        assert found[1].uri == f"https://reef.example/users/ben/statuses/{NUMBER}"
        assert (found[2].author, found[2].uri) == ("cy@gts.example", f"https://gts.example/users/cy/statuses/{ULID}")


class TestOthers:
    def test_gotosocial(self) -> None:
        link = f"https://gts.example/@anna/statuses/{ULID}"
        words = '@anna@gts.example made a new post: "Read **this**: the ferry is back'
        content = escape("<p>Read this: the ferry is back</p>")
        more = f"<author>@anna@gts.example</author><content:encoded>{content}</content:encoded>"
        named = {"page": "https://gts.example/@anna", "title": "Posts from @anna@gts.example"}
        document = rss(item(link, f'{words}"', title="Read **this**: the f...", more=more), **named)
        [post] = posts(document, "https://gts.example/@anna/feed.rss")
        assert (post.kind, post.title, post.text) == ("status", "", "Read this: the ferry is back")
        assert (post.author, post.uri) == ("anna@gts.example", f"https://gts.example/users/anna/statuses/{ULID}")
        assert post.content_warning is None
        warned = rss(item(link, f'{words}"', title="Boats", more=more), **named)
        [post] = posts(warned, "https://gts.example/@anna/feed.rss")
        assert (post.content_warning, post.sensitive, post.title) == ("Boats", True, "")

    def test_gotosocial_a_picture_without_words(self) -> None:
        link = f"https://gts.example/@anna/statuses/{ULID}"
        more = '<enclosure url="https://gts.example/f/1.jpeg" length="9" type="image/jpeg"/>'
        document = rss(
            item(link, "@anna@gts.example posted 1 attachment", more=more),
            page="https://gts.example/@anna",
            title="Posts from @anna@gts.example",
        )
        [post] = posts(document, "https://gts.example/@anna/feed.rss")
        assert (post.kind, post.text, post.content_warning, len(post.enclosures)) == ("status", "", None, 1)

    def test_pleroma_in_atom(self) -> None:
        link = f"https://ple.example/objects/{UUID}"
        document = (
            '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:activity="http://activitystrea.ms/spec/1.0/">'
            "<id>https://ple.example/users/anna/feed.atom</id><title>anna's timeline</title>"
            "<author><name>anna</name></author>"
            "<entry><activity:verb>http://activitystrea.ms/schema/1.0/post</activity:verb>"
            f"<id>{link}</id><title>The ferry is...</title><content type='html'>The ferry is back.</content>"
            "<published>2026-11-02T10:00:00Z</published><updated>2026-11-02T10:00:00Z</updated><summary>boats</summary>"
            f"<link type='text/html' href='{link}' rel='alternate'/><category term='ferry'/>"
            "<link rel='enclosure' href='https://ple.example/m/1.png' type='image/png'/></entry></feed>"
        )
        [post] = posts(document, "https://ple.example/users/anna/feed.atom")
        assert (post.kind, post.title, post.text, post.content_warning) == ("status", "", "The ferry is back.", "boats")
        assert (post.author, post.uri, post.tags) == ("anna@ple.example", link, ("ferry",))
        assert [file.url for file in post.enclosures] == ["https://ple.example/m/1.png"]

    def test_pleroma_in_rss(self) -> None:
        link = f"https://ple.example/objects/{UUID}"
        more = "<activity:verb>http://activitystrea.ms/schema/1.0/post</activity:verb><description>boats</description>"
        document = rss(item(link, title="The ferry...", more=more), page="https://ple.example/users/anna")
        [post] = posts(document, "https://ple.example/users/anna/feed.rss")
        assert (post.kind, post.text, post.content_warning) == ("status", "The ferry is back.", "boats")

    @pytest.mark.parametrize("generator", ["Misskey", "Sharkey"])
    def test_misskey(self, generator: str) -> None:
        link = "https://key.example/notes/9zabcdefgh"
        more = "<content:encoded>The ferry\nis back #boats</content:encoded>"
        document = rss(
            item(link, "a warning", title="New note by Anna", more=more),
            item(f"{link}2", "", title="New note by Anna", more="<content:encoded>Second</content:encoded>"),
            page="https://key.example/@anna",
            generator=generator,
            title="Anna (@anna@key.example)",
        )
        first, second = posts(document, "https://key.example/@anna.rss")
        assert (first.kind, first.title, first.author, first.uri) == ("status", "", "anna@key.example", link)
        assert (first.content_warning, first.text) == ("a warning", "The ferry\nis back #boats")
        assert (second.content_warning, second.text) == (None, "Second")

    @pytest.mark.parametrize(("title", "text"), [("The ferry", "The ferry"), ("No caption", "")])
    def test_pixelfed(self, title: str, text: str) -> None:
        link = "https://pix.example/p/anna/700000000000000001"
        document = (
            '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">'
            "<id>https://pix.example/users/anna.atom</id><title>anna on Pixelfed</title>"
            '<link rel="alternate" type="text/html" href="https://pix.example/anna"/>'
            f"<entry><id>{link}</id><title>{title}</title><updated>2026-11-02T10:00:00Z</updated>"
            f'<content type="html"><![CDATA[<img src="https://pix.example/1.png" alt=""><p>{text}</p>]]></content>'
            f'<link rel="alternate" href="{link}"/>'
            '<media:content url="https://pix.example/1.png" type="image/png" medium="image"/></entry></feed>'
        )
        [post] = posts(document, "https://pix.example/users/anna.atom")
        assert (post.kind, post.title, post.text) == ("status", "", text)
        assert (post.author, post.uri) == ("anna@pix.example", link)
        assert [file.url for file in post.enclosures] == ["https://pix.example/1.png"]

    def test_micro_blog(self) -> None:
        author = '"author": {"name": "Anna", "_microblog": {"username": "anna"}}'
        document = (
            '{"version": "https://jsonfeed.org/version/1", "title": "Micro.blog - Anna", '
            '"home_page_url": "https://micro.blog/anna", "items": ['
            f'{{"id": "1", "url": "https://anna.example/2026/1.html", "content_html": "<p>Hello</p>", {author}}}, '
            f'{{"id": "2", "title": "Long", "url": "https://anna.example/2.html", "content_html": "x", {author}}}]}}'
        )
        first, second = posts(document, "https://micro.blog/posts/anna")
        assert (first.kind, first.author, first.uri, first.text) == ("status", "anna@micro.blog", None, "Hello")
        assert (second.kind, second.title) == ("article", "Long")


class TestNearMisses:
    def test_a_text_that_begins_in_bold(self) -> None:
        """The author's own bold words and a rule: no colon ends them, as it does those of the software."""
        html = "<p><strong>Breaking news</strong> from the harbour</p><hr /><p>The ferry is back.</p>"
        [post] = posts(mastodon(item(STATUS, html)), MASTODON)
        assert (post.content_warning, post.sensitive) == (None, False)
        assert post.text.startswith("Breaking news from the harbour")

    def test_a_mastodon_account_whose_posts_have_titles(self) -> None:
        """A title that is no part of the text was given by somebody: the entry is an article."""
        [post] = posts(mastodon(item(STATUS, title="Why the ferry matters")), MASTODON)
        assert (post.kind, post.title) == ("article", "Why the ferry matters")

    def test_a_blog_that_speaks_activitypub(self) -> None:
        document = rss(
            item("https://blog.example/2026/11/ferry/"),
            item("https://blog.example/?p=71"),
            page="https://blog.example/@anna",
            generator="https://wordpress.org/?v=6.8",
            description="Posts of @anna@blog.example",
        )
        assert {post.kind for post in posts(document, "https://blog.example/@anna.rss")} == {"article"}

    def test_a_blog_with_addresses_as_mastodon_has_them(self) -> None:
        """Another generator says what it is."""
        link = f"https://blog.example/@anna/{NUMBER}"
        document = rss(item(link), page="https://blog.example/@anna", generator="Ghost 5.9")
        assert posts(document, "https://blog.example/@anna.rss")[0].kind == "article"

    @pytest.mark.parametrize("name", ["7", "2026/11/ferry", "the-ferry-is-back-1c2d3e4f5a6b"])
    def test_a_blog_whose_path_begins_with_an_at(self, name: str) -> None:
        document = rss(item(f"https://blog.example/@anna/{name}"), page="https://blog.example/@anna")
        assert posts(document, "https://blog.example/@anna.rss")[0].kind == "article"

    def test_films(self) -> None:
        document = rss(
            item("https://tube.example/w/kBsZ8yJm3q7Q1mPp2n4R5t", "A film", title="The ferry"),
            item(f"https://tube.example/videos/watch/{UUID}", "A film", title="The ferry"),
            page="https://tube.example/a/anna",
            generator="PeerTube - https://tube.example",
        )
        assert {post.kind for post in posts(document, "https://tube.example/feeds/videos.xml")} == {"article"}

    def test_a_planet_that_shows_statuses(self) -> None:
        document = rss(item(STATUS), page="https://planet.example/", generator="Planet/2.0")
        assert posts(document, "https://planet.example/feed.xml")[0].kind == "article"

    def test_one_sign_is_none(self) -> None:
        """Entries of statuses' addresses on a page at @name: a blog about somebody's statuses may have as much."""
        document = rss(item(STATUS), page="https://isle.example/@anna")
        assert posts(document, "https://planet.example/feed.xml")[0].kind == "article"

    def test_an_account_of_another_name_or_server(self) -> None:
        for link in (f"https://isle.example/@ben/{NUMBER}", f"https://reef.example/@anna/{NUMBER}"):
            assert posts(mastodon(item(link)), MASTODON)[0].kind == "article"

    def test_notes_and_objects_of_other_programs(self) -> None:
        document = rss(
            item("https://wiki.example/notes/9zabcdefgh", title="Note of Anna"),
            item(f"https://wiki.example/objects/{UUID}", title="An object"),
            page="https://wiki.example/@anna",
        )
        assert {post.kind for post in posts(document, "https://wiki.example/notes.rss")} == {"article"}

    def test_whatever_stands_in_a_feed_of_that_name(self) -> None:
        for link in (
            "",
            "https://isle.example",
            "https://[",
            "N/A",
            f"https://isle.example/@anna/{NUMBER}?{'x' * 3000}",
        ):
            parsed = parse_feed(mastodon(item(link, "<a" * 5000)).encode(), None, MASTODON, NOW)
            assert parsed.problem == ""
