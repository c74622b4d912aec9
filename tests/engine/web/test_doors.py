"""Search, changes and health over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.web import search as search_door
from aggregator.model.errors import AggregatorError
from aggregator.model.settings import Publish
from aggregator.publish.pages import Pages
from aggregator.storage.file.lock import WriterLock
from aggregator.storage.queries import Reader
from aggregator.storage.site.search import find
from tests.helpers.web_room import AT, WebRoom, add_post, add_source


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[WebRoom]:
    made = WebRoom(tmp_path)
    database = made.open()
    add_source(database)
    add_source(database, 2, publish=1)
    status: dict[str, Any] = {"kind": "status", "author": "ann@social.example", "publisher": "ann@social.example"}
    add_post(database, 1, "The <b>ferry</b> sails", text="It sails at night.")
    add_post(database, 2, "The ferry for members", by_token=1)
    add_post(database, 3, "The ferry that may be told of", by_token=1, source=2)
    add_post(database, 4, "The ferry that was deleted", gone_at=AT)
    add_post(database, 5, "The ferry that was emptied", pruned_at=AT)
    add_post(database, 6, "The ferry, said who agreed", **status, indexable=1)
    add_post(database, 7, "The ferry, said who was not asked", **status)
    add_post(database, 8, "The ferry, said who refused", **status, indexable=0)
    add_post(database, 9, "The ferry, said who keeps programs away", **status, noindex=1)
    database.close()
    async with made.served():
        yield made


PUBLIC = {"The <b>ferry</b> sails", "The ferry that may be told of"}
AGREED = {"The ferry, said who agreed", "The ferry, said who was not asked"}
REFUSED = {"The ferry, said who refused", "The ferry, said who keeps programs away"}
NUMBERS = {"seq", "changed_at", "what", "change", "row_id"}
NEVER = {"The ferry for members", "The ferry that was deleted", "The ferry that was emptied"}


def escaped(titles: set[str]) -> set[str]:
    return {title.replace("<", "&lt;").replace(">", "&gt;") for title in titles}


def shown(text: str) -> set[str]:
    return {title for title in escaped(PUBLIC | AGREED | REFUSED | NEVER) if title in text}


def one_story(room: WebRoom, *posts: int) -> None:
    """These posts are of one story, `ferry-5`."""
    database = room.open()
    with database.write():
        database.conn.execute(
            "INSERT INTO stories (id, slug, title, first_at, last_at, story_version, post_count) "
            "VALUES (5, 'ferry-5', 'F', ?, ?, 1, 4)",
            (AT, AT),
        )
        database.conn.executemany("UPDATE posts SET story_id = 5 WHERE id = ?", [(each,) for each in posts])
    database.close()


class TestSearch:
    @pytest.mark.parametrize(
        ("people", "found"), [("agreed", PUBLIC | AGREED), ("none", PUBLIC), ("all", PUBLIC | AGREED | REFUSED)]
    )
    async def test_it_shows_what_the_site_may_show(self, room: WebRoom, people: str, found: set[str]) -> None:
        room.publish(people=people)
        reply = await room.get("/search/?q=ferry")
        assert reply.status == 200
        assert shown(reply.text) == escaped(found)

    async def test_a_story_is_linked_where_the_site_has_its_page(self, room: WebRoom) -> None:
        one_story(room, 1)
        assert "ferry-5" not in (await room.get("/search/?q=night")).text
        room.write("stories/ferry-5/index.html", "x")
        assert 'href="../stories/ferry-5/"' in (await room.get("/search/?q=night")).text

    async def test_the_words_stand_in_the_form_as_text(self, room: WebRoom) -> None:
        reply = await room.get("/search/?q=%22%3E%3Cscript%3Eferry")
        assert "<script>" not in reply.text
        assert 'value="&#34;&gt;&lt;script&gt;ferry"' in reply.text

    async def test_without_words_it_is_the_form(self, room: WebRoom) -> None:
        reply = await room.get("/search/")
        assert reply.status == 200
        assert "<form" in reply.text
        assert "<ol>" not in reply.text
        assert (await room.get("/search?q=x")).headers["Location"] == "search/?q=x"

    @pytest.mark.parametrize("query", ["ferry+AND", "%E7%8A%AC+AND+%E7%8C%AB", "NOT+ferry", "(a+OR+b"])
    async def test_what_is_no_query_is_said_in_words(self, room: WebRoom, query: str) -> None:
        reply = await room.get(f"/search/?q={query}")
        assert reply.status == 400
        assert "can&#x27;t be searched for: " in reply.text

    @pytest.mark.parametrize(
        "query",
        ["ferry%00", "%22ferry", "(ferry", "title:ferry", "ferry%0a", "NEAR(ferry+sails)", "***", "%22%22"],
    )
    async def test_other_odd_ones_are_searched_for_as_they_stand(self, room: WebRoom, query: str) -> None:
        assert (await room.get(f"/search/?q={query}")).status == 200

    async def test_the_same_answer_is_not_sent_twice(self, room: WebRoom) -> None:
        first = await room.get("/search/?q=ferry")
        again = await room.get("/search/?q=ferry", if_none_match=first.headers["ETag"])
        assert (again.status, again.body) == (304, b"")
        assert first.headers["X-Robots-Tag"] == "noindex"

    async def test_the_newest_alone(self, room: WebRoom, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(search_door, "MOST_POSTS", 2)
        assert len(shown((await room.get("/search/?q=ferry")).text)) == 2

    async def test_posts_of_one_story_are_one_entry(self, room: WebRoom) -> None:
        one_story(room, 1, 2, 3, 8)
        with Reader(room.database) as reader:
            found, has_more = find(reader, "ferry", Publish(), 10)
            assert [[post.id for post in story.posts] for story in found] == [[7], [6], [1, 3]]
            called = (found[2].title, found[2].lead.id, found[2].slug, has_more)
            assert called == (found[2].lead.title, 1, "ferry-5", False)
            assert [len(story.posts) for story in find(reader, "ferry", Publish(), 2)[0]] == [1, 1]
            assert find(reader, "ferry", Publish(), 2)[1]
            assert (found[0].lead.voice.name, found[0].lead.voice.is_person) == ("@ann", True)

    async def test_a_page_that_can_not_be_made_is_said_in_words(
        self, room: WebRoom, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            raise AggregatorError("templates/search.html: line 3: no such word")

        monkeypatch.setattr(Pages, "__init__", broken)
        reply = await room.get("/search/?q=ferry")
        assert reply.status == 500
        assert "templates/search.html: line 3" in reply.text

    async def test_one_that_takes_too_long_is_ended(self, room: WebRoom, monkeypatch: pytest.MonkeyPatch) -> None:
        database = room.open()
        with database.write():
            database.conn.execute(
                "WITH RECURSIVE n (n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM n WHERE n < 3000) "
                "INSERT INTO posts (id, kind, title, first_seen_at, sort_at, digest, topics_version) "
                "SELECT n, 'article', 'harbour', ?, ?, x'', '' FROM n",
                (AT, AT),
            )
        database.close()
        monkeypatch.setattr(search_door, "PATIENCE_SECONDS", 0.0)
        reply = await room.get("/search/?q=harbour")
        assert reply.status == 503
        assert "took too long" in reply.text


class TestChanges:
    async def changes(self, room: WebRoom, query: str) -> Any:
        reply = await room.get(f"/changes{query}")
        assert reply.status == 200
        return json.loads(reply.body)

    async def test_step_by_step(self, room: WebRoom) -> None:
        first = await self.changes(room, "?since=0&limit=5")
        assert [each["row_id"] for each in first["changes"]] == [1, 2, 3, 4, 5]
        assert (first["seq"], first["more"]) == (5, True)
        second = await self.changes(room, "?since=5")
        assert [each["row_id"] for each in second["changes"]] == [6, 7, 8, 9]
        assert (second["seq"], second["more"]) == (9, False)
        assert await self.changes(room, "?since=9") == {"changes": [], "seq": 9, "more": False}

    async def test_what_may_not_be_shown_has_a_number_alone(self, room: WebRoom) -> None:
        told = (await self.changes(room, ""))["changes"]
        assert {each["title"] for each in told if each["title"]} == PUBLIC | AGREED
        assert all((each["title"] is None) == (each["url"] is None) for each in told)
        hidden = [each for each in told if each["title"] is None]
        assert hidden
        assert all({key for key in each if each[key] is not None} == NUMBERS for each in hidden)

    async def test_its_keys_are_the_columns_of_the_view(self, room: WebRoom) -> None:
        """As `aggregator changes --json` has them, and docs/operations.md names them."""
        told = (await self.changes(room, ""))["changes"]
        database = room.open()
        columns = [row[1] for row in database.conn.execute("PRAGMA table_info('changes_detail')")]
        database.close()
        assert [list(each) for each in told] == [columns] * 9
        page = (Path(__file__).parents[3] / "docs" / "operations.md").read_text("utf-8")
        section = page.partition("## The web server")[2].partition("\n## ")[0]
        assert [column for column in columns if f"`{column}`" not in section] == []

    async def test_which_story_a_post_is_in_and_where_a_story_went(self, room: WebRoom) -> None:
        database = room.open()
        with database.write():
            for story_id, merged_into, lead in ((5, None, 1), (6, None, 2), (7, 5, None), (8, 6, None)):
                database.conn.execute(
                    "INSERT INTO stories (id, slug, title, first_at, last_at, story_version, lead_post_id, post_count, "
                    "merged_into) VALUES (?, ?, 'Ferries', ?, ?, 1, ?, ?, ?)",
                    (story_id, f"ferry-{story_id}", AT, AT, lead, lead is not None, merged_into),
                )
                database.conn.execute("UPDATE posts SET story_id = ?, title = 'Ferry' WHERE id = ?", (story_id, lead))
            for what, row_id, change in (
                ("post", 1, "new"), ("post", 2, "new"), ("story", 5, "new"), ("story", 6, "new"),
                ("story", 7, "merged"), ("story", 8, "merged"), ("story", 99, "gone"),
            ):  # fmt: skip
                database.conn.execute(
                    "INSERT INTO changes (changed_at, what, row_id, change) VALUES (?, ?, ?, ?)",
                    (AT, what, row_id, change),
                )
        database.close()
        told = (await self.changes(room, "?since=9"))["changes"]
        # Post 2, and so story 6, is shown by a token alone.
        assert [each["story_id"] for each in told] == [5, None, 5, None, 5, None, None]
        assert [each["slug"] for each in told] == [None, None, "ferry-5", None, None, None, None]

    async def test_stories(self, room: WebRoom) -> None:
        database = room.open()
        with database.write():
            for story_id, lead in ((5, 1), (6, 2)):
                database.conn.execute(
                    "INSERT INTO stories (id, slug, title, first_at, last_at, story_version, lead_post_id, post_count) "
                    "VALUES (?, ?, 'Ferries', ?, ?, 1, ?, 1)",
                    (story_id, f"ferry-{story_id}", AT, AT, lead),
                )
                database.conn.execute("UPDATE posts SET story_id = ?, title = 'Ferry' WHERE id = ?", (story_id, lead))
                database.conn.execute(
                    "INSERT INTO changes (changed_at, what, row_id, change) VALUES (?, 'story', ?, 'new')",
                    (AT, story_id),
                )
        database.close()
        public, by_token = (await self.changes(room, "?since=9"))["changes"]
        assert (public["title"], public["slug"]) == ("Ferries", "ferry-5")
        assert (by_token["title"], by_token["slug"]) == (None, None)

    async def test_a_story_has_the_address_that_the_site_gives_it(self, room: WebRoom) -> None:
        """Its own has the words of the post that it began with, which only a token shows."""
        database = room.open()
        add_post(database, 10, "Zanzibar plans in secret", by_token=1)
        add_post(database, 11, "The ferry is late")
        with database.write():
            database.conn.execute("UPDATE stories SET slug = 'zanzibar-plans-in-secret-110' WHERE id = 110")
            database.conn.execute("UPDATE stories SET slug = 'the-ferry-is-late-111' WHERE id = 111")
            database.conn.execute("UPDATE posts SET story_id = 110, title = 'Marlow talks' WHERE id = 1")
            database.conn.execute(
                "UPDATE stories SET lead_post_id = 1, post_count = 2, title = 'Marlow talks' WHERE id = 110"
            )
            for story_id in (110, 111):
                database.conn.execute(
                    "INSERT INTO changes (changed_at, what, row_id, change) VALUES (?, 'story', ?, 'new')",
                    (AT, story_id),
                )
        database.close()
        answer = await room.get("/changes?since=11")
        assert "zanzibar" not in answer.text.lower()
        told = {each["row_id"]: (each["title"], each["slug"]) for each in json.loads(answer.body)["changes"]}
        assert told == {110: ("Marlow talks", "110"), 111: ("The ferry is late", "the-ferry-is-late-111")}

    async def test_who_is_too_far_behind_is_told_what_to_do(self, room: WebRoom) -> None:
        database = room.open()
        with database.write():
            database.conn.execute("DELETE FROM changes WHERE seq <= 4")
        database.close()
        reply = await room.get("/changes?since=3")
        told = json.loads(reply.body)
        assert (reply.status, told["oldest"], told["seq"]) == (410, 5, 9)
        assert "not kept any more. Read all that you keep anew, then go on with since=9" in told["error"]
        assert (await room.get("/changes?since=4")).status == 200

    async def test_an_empty_log_remembers_how_far_it_was(self, room: WebRoom) -> None:
        database = room.open()
        with database.write():
            database.conn.execute("DELETE FROM changes")
        database.close()
        assert (await room.get("/changes?since=8")).status == 410
        assert (await room.get("/changes?since=9")).status == 200

    async def test_who_followed_another_file(self, room: WebRoom) -> None:
        reply = await room.get("/changes?since=10")
        assert reply.status == 410
        assert "another one than you followed" in json.loads(reply.body)["error"]

    @pytest.mark.parametrize("query", ["?since=x", "?since=-1", "?limit=0", "?limit=1001", "?since=" + "9" * 30])
    async def test_what_is_no_number(self, room: WebRoom, query: str) -> None:
        reply = await room.get(f"/changes{query}")
        assert reply.status == 400
        assert "“since” is the seq of the last change" in json.loads(reply.body)["error"]


class TestHealth:
    async def test_no_daemon(self, room: WebRoom) -> None:
        reply = await room.get("/health")
        assert reply.status == 503
        assert json.loads(reply.body)["message"] == "no daemon is at work on news.db"

    async def test_a_daemon_at_work(self, room: WebRoom) -> None:
        lock = WriterLock(room.database)
        lock.acquire()
        try:
            reply = await room.get("/health")
        finally:
            lock.release()
        told = json.loads(reply.body)
        assert (reply.status, told["status"], told["sources"]) == (200, "ok", {"ok": 2})
        assert told["message"].startswith("at work; last sign of life")

    async def test_a_database_that_can_not_be_read(self, room: WebRoom) -> None:
        lock = WriterLock(room.database)
        lock.acquire()
        try:
            room.database.write_bytes(b"no database" * 1000)
            reply = await room.get("/health")
        finally:
            lock.release()
        assert reply.status == 503
        assert json.loads(reply.body)["message"] == "the database can't be read"
