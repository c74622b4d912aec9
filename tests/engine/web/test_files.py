"""The files of the site over HTTP: which address is which file, conditions, ranges, and what nobody may see."""

from __future__ import annotations

import gzip
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.helpers.web_room import WebRoom

PAGE = "<h1>The ferry sails</h1>" + "<p>It sails again.</p>" * 100


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[WebRoom]:
    made = WebRoom(tmp_path)
    made.write("index.html", PAGE)
    made.write("stories/ferry-7/index.html", PAGE)
    made.write("404.html", "<h1>Nothing here</h1>")
    made.write("secret.txt", "inside")
    (tmp_path / "outside.txt").write_text("outside")
    async with made.served():
        yield made


async def test_a_folder_is_its_page(room: WebRoom) -> None:
    assert (await room.get("/")).text == PAGE
    assert (await room.get("/stories/ferry-7/")).text == PAGE
    moved = await room.get("/stories/ferry-7?from=mail")
    assert (moved.status, moved.headers["Location"]) == (308, "ferry-7/?from=mail")


async def test_what_is_not_there_is_said_by_the_page_of_the_site(room: WebRoom) -> None:
    reply = await room.get("/stories/none/")
    assert (reply.status, reply.text) == (404, "<h1>Nothing here</h1>")
    assert "ETag" not in reply.headers


async def test_without_such_a_page_it_is_said_in_words(room: WebRoom) -> None:
    (room.site / "404.html").unlink()
    reply = await room.get("/stories/none/")
    assert reply.status == 404
    assert "There is no page at this address." in reply.text
    assert 'href="../../style.css"' in reply.text


@pytest.mark.parametrize(
    ("path", "media"),
    [
        ("feeds/all.atom", "application/atom+xml; charset=utf-8"),
        ("feeds/all.json", "application/feed+json"),
        ("feeds/sources.opml", "text/x-opml; charset=utf-8"),
        ("stories/x/story.md", "text/markdown; charset=utf-8"),
        ("stories/x/story.json", "application/json"),
        ("stories.json", "application/json"),
        ("style.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml; charset=utf-8"),
        ("robots.txt", "text/plain; charset=utf-8"),
        ("sitemap.xml", "application/xml; charset=utf-8"),
        ("pagefind/pagefind.js", "text/javascript; charset=utf-8"),
        ("pagefind/wasm.en.pagefind", "application/octet-stream"),
        ("story.html", "text/html; charset=utf-8"),
    ],
)
async def test_media_types(room: WebRoom, path: str, media: str) -> None:
    room.write(path, "x")
    assert (await room.get(f"/{path}")).headers["Content-Type"] == media


async def test_every_answer_is_guarded(room: WebRoom) -> None:
    for path in ("/", "/secret.txt", "/none", "/health"):
        reply = await room.get(path)
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
    policy = (await room.get("/")).headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"


async def test_only_the_search_page_of_the_site_may_run_scripts(room: WebRoom) -> None:
    room.write("search/index.html", "<h1>Search</h1>")
    room.write("pagefind/pagefind.js", "//")
    reply = await room.get("/search/")
    assert reply.text == "<h1>Search</h1>"
    assert "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'" in reply.headers["Content-Security-Policy"]


class TestConditions:
    async def test_a_tag_that_is_known(self, room: WebRoom) -> None:
        first = await room.get("/")
        tag = first.headers["ETag"]
        for sent in (tag, f'"other", W/{tag}', "*"):
            again = await room.get("/", if_none_match=sent)
            assert (again.status, again.body) == (304, b"")
            assert again.headers["ETag"] == tag
        assert (await room.get("/", if_none_match='"other"')).status == 200

    async def test_a_date_that_is_known(self, room: WebRoom) -> None:
        date = (await room.get("/")).headers["Last-Modified"]
        assert (await room.get("/", if_modified_since=date)).status == 304
        assert (await room.get("/", if_modified_since="Mon, 04 May 2020 10:00:00 GMT")).status == 200
        assert (await room.get("/", if_modified_since="yesterday")).status == 200
        # The tag has the say where both are sent.
        assert (await room.get("/", if_modified_since=date, if_none_match='"other"')).status == 200

    async def test_a_page_that_was_replaced_has_another_tag(self, room: WebRoom) -> None:
        first = await room.get("/")
        os.utime(room.write("index.html", PAGE.replace("sails", "sinks")), ns=(0, 5))
        again = await room.get("/", if_none_match=first.headers["ETag"])
        assert again.status == 200
        assert "sinks" in again.text

    async def test_head_has_the_headers_alone(self, room: WebRoom) -> None:
        reply = await room.get("/", "HEAD")
        assert (reply.status, reply.body) == (200, b"")
        assert reply.headers["Content-Length"] == str(len(PAGE))
        assert (await room.get("/", "HEAD", if_none_match=reply.headers["ETag"])).status == 304

    async def test_nothing_can_be_changed(self, room: WebRoom) -> None:
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            reply = await room.get("/", method)
            assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD")

    async def test_gzip_for_who_takes_it(self, room: WebRoom) -> None:
        plain = await room.get("/")
        packed = await room.get("/", accept_encoding="br;q=1.0, gzip;q=0.8")
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.body).decode() == PAGE
        assert packed.headers["ETag"] != plain.headers["ETag"]
        assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
        assert (await room.get("/", accept_encoding="gzip", if_none_match=packed.headers["ETag"])).status == 304
        assert "Content-Encoding" not in (await room.get("/", accept_encoding="gzip;q=0")).headers

    @pytest.mark.parametrize(
        ("sent", "body"),
        [("bytes=2-4", b"234"), ("bytes=7-", b"789"), ("bytes=-3", b"789"), ("bytes=8-99", b"89"), ("bytes=-99", None)],
    )
    async def test_ranges(self, room: WebRoom, sent: str, body: bytes | None) -> None:
        whole = b"0123456789"
        room.write("episode.mp3", whole)
        reply = await room.get("/episode.mp3", range=sent)
        assert (reply.status, reply.body) == (206, body or whole)
        start = whole.index(reply.body)
        assert reply.headers["Content-Range"] == f"bytes {start}-{start + len(reply.body) - 1}/10"

    async def test_ranges_that_can_not_be_given(self, room: WebRoom) -> None:
        room.write("episode.mp3", b"0123456789")
        beyond = await room.get("/episode.mp3", range="bytes=10-12")
        assert (beyond.status, beyond.headers["Content-Range"]) == (416, "bytes */10")
        for odd in ("bytes=4-2", "bytes=-", "bytes=0-1,4-5", "lines=1-2", "bytes=" + "9" * 400 + "-"):
            assert (await room.get("/episode.mp3", range=odd)).body == b"0123456789"

    async def test_a_range_of_a_version_that_is_gone_is_the_whole(self, room: WebRoom) -> None:
        room.write("episode.mp3", b"0123456789")
        tag = (await room.get("/episode.mp3")).headers["ETag"]
        assert (await room.get("/episode.mp3", range="bytes=0-1", if_range=tag)).status == 206
        assert (await room.get("/episode.mp3", range="bytes=0-1", if_range='"other"')).status == 200

    async def test_large_files_come_whole(self, room: WebRoom) -> None:
        large = os.urandom(3_000_000)
        room.write("large.bin", large)
        assert (await room.get("/large.bin")).body == large
        assert (await room.get("/large.bin", range="bytes=1000000-1999999")).body == large[1_000_000:2_000_000]


class TestWhatNobodyMaySee:
    @pytest.mark.parametrize(
        "path",
        [
            "/../outside.txt", "/%2e%2e/outside.txt", "/..%2foutside.txt", "/stories/../../outside.txt",
            "/stories/%2e%2e/%2e%2e/outside.txt", "//outside.txt", "/stories//ferry-7/", "/./secret.txt",
            "/%00", "/secret.txt%00.html", "/..%5coutside.txt", "/secret.txt/", "/" + "a" * 3000,
            "/%ff%fe", "/stories/ferry-7/index.html/",
        ],
    )  # fmt: skip
    async def test_paths_that_lead_nowhere(self, room: WebRoom, path: str) -> None:
        reply = await room.get(path)
        assert (reply.status, reply.text) == (404, "<h1>Nothing here</h1>")

    async def test_hidden_files(self, room: WebRoom) -> None:
        room.write(".aggregator-site.json", "{}")
        room.write(".git/config", "x")
        room.write("stories/.draft.html", "x")
        for path in ("/.aggregator-site.json", "/.git/config", "/stories/.draft.html", "/.git/", "/.git"):
            assert (await room.get(path)).status == 404

    async def test_links_out_of_the_folder(self, room: WebRoom, tmp_path: Path) -> None:
        (room.site / "out.txt").symlink_to(tmp_path / "outside.txt")
        (room.site / "up").symlink_to(tmp_path)
        room.write(".hidden/page.html", "x")
        (room.site / "seen.html").symlink_to(room.site / ".hidden" / "page.html")
        (room.site / "loop").symlink_to(room.site / "loop")
        for path in ("/out.txt", "/up/outside.txt", "/up", "/up/", "/seen.html", "/loop"):
            assert (await room.get(path)).status == 404

    async def test_links_within_the_folder_are_followed(self, room: WebRoom) -> None:
        (room.site / "again.txt").symlink_to(room.site / "secret.txt")
        assert (await room.get("/again.txt")).text == "inside"

    async def test_what_is_no_file(self, room: WebRoom) -> None:
        os.mkfifo(room.site / "pipe")
        assert (await room.get("/pipe")).status == 404

    async def test_the_list_of_redirects(self, room: WebRoom) -> None:
        room.write("_redirects", "/a /b 301\n")
        assert (await room.get("/_redirects")).status == 404


class TestMergedStories:
    async def test_the_old_address_leads_to_the_new_one(self, room: WebRoom) -> None:
        room.write(
            "_redirects", "/stories/old-3/ /stories/ferry-7/ 301\n/stories/%C3%A4rger-4/ /stories/ferry-7/ 301\n"
        )
        room.write("stories/old-3/index.html", "moved")  # for servers that don't know that file
        for path in ("/stories/old-3/", "/stories/%C3%A4rger-4/"):
            reply = await room.get(path)
            assert (reply.status, reply.headers["Location"]) == (301, "/stories/ferry-7/")

    async def test_a_list_that_changed_is_read_again(self, room: WebRoom) -> None:
        assert (await room.get("/stories/old-3/")).status == 404
        room.write("_redirects", "/stories/old-3/ /stories/ferry-7/ 301\n")
        assert (await room.get("/stories/old-3/")).status == 301

    async def test_never_to_another_site(self, room: WebRoom) -> None:
        room.write("_redirects", "/a //evil.example/ 301\n/b https://evil.example/ 301\n/c\n\n# words\n")
        for path in ("/a", "/b", "/c"):
            assert (await room.get(path)).status == 404


async def test_no_site_yet_is_said_in_words(tmp_path: Path) -> None:
    room = WebRoom(tmp_path)
    async with room.served():
        reply = await room.get("/")
        assert reply.status == 503
        assert "The site is not built yet." in reply.text
        room.publish(path=None)
        reply = await room.get("/")
        assert reply.status == 404
        assert "[publish] path names no folder" in reply.text
        room.publish(path=room.site)
        room.write("index.html", "here")
        assert (await room.get("/")).text == "here"
