"""What may be shown of stories, and how who speaks is called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.post import Post
from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory
from aggregator.model.source import Source
from aggregator.storage.corrections import Editor
from aggregator.storage.site.rows import SiteRows
from tests.helpers.poller_room import NOW, PollerRoom, article, url_of

TITLE = "Ferry loses its rudder in the storm off Port Marlow"
TEXT = "The ferry Halcyon lost its rudder off Port Marlow on Monday night. Two tugs brought it in. Nobody was hurt."
SEEN = "From the pier I saw the Halcyon drift for an hour before the tugs arrived."
HEARD = "My sister was aboard and says that the crew handed out blankets and tea."


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PollerRoom]:
    room = PollerRoom(tmp_path, "gazette", "courier", "timeline")
    yield room
    room.database.close()


def status(name: str, text: str, *, points_at: str | None = None, **more: Any) -> Post:
    url = f"https://isle.example/@{name}/1"
    fields = {
        "kind": "status", "native_id": f"{name}-1", "title": "", "text": text, "url": url, "canonical_url": url,
        "uri": url, "author": f"{name}@isle.example", "article_url": points_at, "visibility": "public",
        "published_at": NOW - timedelta(minutes=30), "indexable": True,
    }  # fmt: skip
    return Post(**{**fields, **more})


async def filled(room: PollerRoom, **posts: list[Post]) -> None:
    room.collect.begin_anew()
    for name, of_source in posts.items():
        room.collect.posts(url_of(name), of_source)
    await room.poll()


def shown(room: PollerRoom, **settings: Any) -> list[ShownStory]:
    with SiteRows(room.config.storage.path, Publish(**settings)) as rows:
        ids = [row[0] for row in room.rows("SELECT id FROM stories ORDER BY id")]
        return list(rows.stories.load_whole(ids))


async def test_a_story_of_two_papers_has_a_page(room: PollerRoom) -> None:
    other = article("rudder", "Rudder lost: ferry towed to Port Marlow", TEXT, host="courier", hours=0)
    await filled(room, gazette=[article("rudder", TITLE, TEXT), article("bread", "Bakers raise the night tariff")],
                 courier=[other])  # fmt: skip
    first, second = sorted(shown(room), key=lambda story: -len(story.posts))
    assert first.has_page
    assert [voice.name for voice in first.publishers] == ["gazette", "courier"]
    assert first.lead.title == first.title == TITLE
    assert [each.topic.topic for each in first.topics] == ["ferries"]
    assert not second.has_page


async def test_a_high_score_or_a_pin_gives_one_voice_a_page(room: PollerRoom) -> None:
    await filled(room, gazette=[article("rudder", TITLE, TEXT)])
    assert [story.has_page for story in shown(room, page_for=0.5)] == [False]
    assert [story.has_page for story in shown(room, page_for=0.0)] == [True]
    room.database.conn.execute("UPDATE stories SET pinned_at = '2026-05-04T12:00:00Z'")
    assert [story.has_page for story in shown(room, page_for=0.5)] == [True]


async def test_what_a_token_alone_shows_is_not_shown(room: PollerRoom) -> None:
    await filled(room, gazette=[article("rudder", TITLE, TEXT)],
                 timeline=[status("mira", SEEN, points_at="https://gazette.example/rudder")])  # fmt: skip
    assert [len(story.posts) for story in shown(room)] == [2]
    conn = room.database.conn
    conn.execute("UPDATE sightings SET by_token = 1 WHERE source_id = 3")
    [story] = shown(room)
    assert [post.kind for post in story.posts] == ["article"]
    assert not story.people
    assert not story.hidden_people
    assert not story.has_page
    conn.execute("UPDATE sources SET publish = 1 WHERE id = 3")
    assert [len(story.posts) for story in shown(room)] == [2]


async def test_nor_is_what_a_feed_shows_to_who_has_a_secret(room: PollerRoom) -> None:
    def ask(**more: Any) -> None:
        paper = Source(kind="feed", url=url_of("gazette"), **more)
        room.config = replace(room.config, sources=(paper,))
        room.poller = room.new_poller()
        room.collect.begin_anew()
        room.collect.posts(paper.url, [article("rudder", TITLE, TEXT)])

    ask(headers=(("Accept-Language", "de"), ("Cookie", "a=b")))
    await room.poll()
    assert not shown(room)
    ask(headers=(("Cookie", "a=b"),), publish=True)
    assert [story.title for story in shown(room)] == [TITLE]
    ask(headers=(("Accept-Language", "de"),))
    assert not shown(room)
    room.now += timedelta(hours=1)
    await room.poll()  # everybody is shown it now
    assert [story.title for story in shown(room)] == [TITLE]
    assert room.rows("SELECT change FROM changes WHERE what = 'post'") == [("new",), ("edited",)]


async def test_a_story_named_after_what_is_not_shown_has_another_name(room: PollerRoom) -> None:
    early = status("mira", "Secret words of the ferry crew before anybody else told what had happened out there.", points_at="https://gazette.example/rudder",
                   published_at=NOW - timedelta(hours=5))  # fmt: skip
    await filled(room, timeline=[early])
    await filled(room, gazette=[article("rudder", TITLE, TEXT)])
    [(slug,)] = room.rows("SELECT slug FROM stories WHERE post_count > 0")
    assert "secret" in slug
    room.database.conn.execute("UPDATE sightings SET by_token = 1 WHERE source_id = 3")
    [story] = shown(room)
    assert story.title == TITLE
    assert "secret" not in story.slug


@pytest.mark.parametrize(
    ("people", "names", "hidden"), [("agreed", ["@mira"], 1), ("all", ["@mira", "@zed"], 0), ("none", [], 2)]
)
async def test_people_are_shown_as_they_and_the_configuration_agree(
    room: PollerRoom, people: str, names: list[str], hidden: int
) -> None:
    at = "https://gazette.example/rudder"
    await filled(room, gazette=[article("rudder", TITLE, TEXT)],
                 timeline=[status("mira", SEEN, points_at=at), status("zed", HEARD, points_at=at,
                           indexable=False)])  # fmt: skip
    [story] = shown(room, people=people)
    assert [voice.name for voice in story.people] == names
    assert story.hidden_people == hidden
    assert story.is_noindex is (people == "all")


async def test_who_did_not_say_is_shown(room: PollerRoom) -> None:
    await filled(
        room,
        timeline=[status("mira", SEEN, indexable=None)],
    )
    [story] = shown(room)
    assert [voice.name for voice in story.people] == ["@mira"]
    assert not story.is_noindex


async def test_gone_posts_are_not_shown_nor_stories_of_them(room: PollerRoom) -> None:
    await filled(room, gazette=[article("rudder", TITLE, TEXT)])
    room.database.conn.execute("UPDATE posts SET gone_at = '2026-05-04T12:00:00Z'")
    assert shown(room) == []


async def test_earlier_titles_are_told_with_their_ends_but_not_behind_a_warning(room: PollerRoom) -> None:
    post = article("rudder", TITLE, TEXT)
    await filled(room, gazette=[post])
    room.now += timedelta(hours=1)
    await filled(room, gazette=[replace(post, title="Ferry lost its rudder, two tugs helped")])
    [story] = shown(room)
    assert [(said.title, said.until) for said in story.lead.before] == [(TITLE, room.now)]
    room.database.conn.execute("UPDATE posts SET content_warning = 'storm', headline = 'CW: storm'")
    [story] = shown(room)
    assert story.lead.before == ()
    assert "rudder" not in story.lead.title.casefold()


async def test_papers_are_called_as_their_feeds_call_them(room: PollerRoom) -> None:
    await filled(room, gazette=[article("rudder", TITLE, TEXT)])
    conn = room.database.conn
    for title, other, expected in (
        ("The Gazette", None, "The Gazette"),
        ("The Gazette – World", "The Gazette – Sport", "The Gazette"),
        ("Gazette Marlow", "Gazette Market", "Gazette"),
        ("Sport", "World", "gazette.example"),
    ):
        conn.execute("UPDATE sources SET title = ?, site_url = 'https://www.gazette.example/' WHERE id = 1", (title,))
        conn.execute("UPDATE sources SET title = ?, site_url = ? WHERE id = 2",
                     (other or "Courier", "https://gazette.example/" if other else None))  # fmt: skip
        [story] = shown(room)
        assert [voice.name for voice in story.publishers] == [expected]


async def test_no_address_has_words_of_what_is_not_shown(room: PollerRoom) -> None:
    """However a post came not to be shown, and whatever leads the story now."""
    early = status("mira", "Zanzibar secret words of the crew before anybody else told what had happened out there.",
                   points_at="https://gazette.example/rudder", published_at=NOW - timedelta(hours=5))  # fmt: skip
    await filled(room, timeline=[early])
    await filled(room, gazette=[article("rudder", TITLE, TEXT)], courier=[article("b", TITLE, TEXT, host="courier")])
    [(slug,)] = room.rows("SELECT slug FROM stories WHERE post_count > 0")
    assert slug.startswith("zanzibar")
    conn = room.database.conn
    conn.execute("UPDATE stories SET lead_post_id = 2")
    assert [story.slug for story in shown(room)] == [slug]
    for hide, undo in (
        ("UPDATE posts SET gone_at = '2026-05-04T12:00:00Z', title = NULL, text = NULL WHERE id = 1", "gone_at = NULL"),
        ("UPDATE posts SET gone_at = NULL, indexable = 0 WHERE id = 1", "indexable = 1"),
        ("UPDATE sightings SET by_token = 1 WHERE post_id = 1", "indexable = 1"),
    ):
        conn.execute(hide)
        [story] = shown(room)
        assert story.slug == str(story.id)
        conn.execute(f"UPDATE posts SET {undo} WHERE id = 1")


async def test_the_old_address_of_a_merged_story_has_no_such_words_either(room: PollerRoom) -> None:
    secret = status("mira", "Zanzibar secret words of the crew before anybody else told what had happened out there.")
    await filled(room, timeline=[secret], gazette=[article("rudder", TITLE, TEXT)])
    [(merged,)] = room.rows("SELECT id FROM stories WHERE slug LIKE 'zanzibar%'")
    Editor(room.database, NOW).merge(str(merged), str(3 - merged))

    def old() -> str:
        with SiteRows(room.config.storage.path, Publish()) as rows:
            [merged] = rows.lists.merged()
            [target] = rows.stories.load([merged.into])
            return rows.stories.old_address(merged, target)

    assert old().startswith("zanzibar")
    room.database.conn.execute("UPDATE posts SET indexable = 0 WHERE kind = 'status'")
    assert old().isdigit()
    room.database.conn.execute("UPDATE posts SET gone_at = '2026-05-04T12:00:00Z', text = NULL WHERE kind = 'status'")
    assert old().isdigit()


@pytest.mark.parametrize("hide", ["gone_at = '2026-05-04T12:00:00Z', text = NULL, headline = NULL", "indexable = 0"])
async def test_nor_has_one_whose_namesake_was_moved_away_before(room: PollerRoom, hide: str) -> None:
    secret = status("mira", "Zanzibar secret words of the crew before anybody else told what had happened out there.")
    loaf, roll = "Bakers raise the night tariff", "Choir sings on the quay"
    papers = [article("a", loaf), article("b", roll), article("c", "Ferry loses its rudder")]
    await filled(room, timeline=[secret], gazette=papers)
    named, into = (room.rows(f"SELECT story_id FROM posts WHERE url LIKE '%{end}'")[0][0] for end in ("mira/1", "/a"))
    post = room.rows("SELECT id FROM posts WHERE kind = 'status'")[0][0]
    editor, ferry = Editor(room.database, NOW), room.rows("SELECT story_id FROM posts WHERE url LIKE '%/c'")[0][0]
    # A story of its name goes on without it, and one of its name was taken over by another that it has left.
    editor.merge(str(ferry), str(named))
    third = editor.split(str(named), [post])
    editor.merge(str(third), str(into))
    editor.split(str(into), [post])
    room.database.conn.execute(f"UPDATE posts SET {hide} WHERE id = {post}")
    with SiteRows(room.config.storage.path, Publish()) as rows:
        slugs = {story.id: story.slug for story in rows.stories.load([named, into])}
        old = [
            rows.stories.old_address(each, target)
            for each in rows.lists.merged()
            for target in rows.stories.load([each.into])
        ]
    assert slugs == {named: str(named), into: f"bakers-raise-the-night-tariff-{into}"}
    assert sorted(old) == sorted([f"ferry-loses-its-rudder-{ferry}", str(third)])


async def test_an_address_stays_when_what_it_was_named_after_is_edited(room: PollerRoom) -> None:
    early = status("mira", "Ferry adrift off Port Marlow, and nobody knows whether the tugs will be there in time.")
    await filled(room, timeline=[early])
    [(slug,)] = room.rows("SELECT slug FROM stories")
    room.now += timedelta(hours=5)
    await filled(room, timeline=[replace(early, text="All are safe, and had tea on the quay.", edited_at=room.now)])
    assert room.rows("SELECT count(*) FROM post_revisions") == [(1,)]
    [story] = shown(room)
    assert story.slug == slug and "tea" in story.title
