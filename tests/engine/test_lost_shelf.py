"""What was laid aside of the open stories is lost: polls go on, and decide the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from weakref import ref

import pytest
from structlog.testing import capture_logs

from aggregator.engine import story_index
from aggregator.model.changes import PolledSource
from aggregator.model.errors import DatabaseLockedError, DatabaseUnwritableError, StorageError
from aggregator.model.poll import Outcome
from aggregator.storage.file import shelf as shelf_module
from aggregator.storage.file.shelf import FileShelf
from aggregator.stories.index import StoryIndex
from tests.helpers.poller_room import NOW, PollerRoom, article, url_of

LOST = "open stories can't be laid aside in a temporary file: they are read anew and stay in memory"
MATTERS = ["ferry rudder storm", "museum tide clocks", "bakers night tariff", "harbour crane accident", "seal colony"]


class Papers(PollerRoom):
    """Three papers that tell of the same matters, an hour after another; of all posts but a few none are in memory."""

    def __init__(self, folder: Path, held: int | None = 3) -> None:
        folder.mkdir()
        super().__init__(folder, "paper0", "paper1", "paper2", "late")
        self.poller._stories.most_held = held
        self.hour_now, self.is_late_asked = 0, False

    async def tell(self, hours: int = 1, gone: Iterable[str] = ()) -> None:
        """What the next hours bring."""
        for _ in range(hours):
            hour = self.hour_now = self.hour_now + 1
            self.now = NOW + timedelta(hours=hour)
            self.collect.begin_anew()
            for number in range(3):
                matter = MATTERS[(hour + number) % 5]
                title = f"{matter} report {hour % 3}"
                post = article(
                    f"{hour}", title, f"{matter}, {title} of part {hour}", host=f"paper{number}", hours=-hour
                )
                self.collect.posts(url_of(f"paper{number}"), [post], gone=gone if number == 0 else ())
            assert [each.collected.outcome for each in await self.poll()] == [Outcome.OK] * 3

    async def poll(self, **kwargs: Any) -> list[PolledSource]:
        polled: list[PolledSource] = []
        sources = self.poller.sources[3:] if self.is_late_asked else self.poller.sources[:3]
        await self.poller.poll(sources, on_polled=polled.append, **kwargs)
        return polled

    def decided(self) -> list[list[tuple[Any, ...]]]:
        return [
            self.rows(
                "SELECT id, title, story_id, story_because, story_score, copy_of, gone_at FROM posts ORDER BY id"
            ),
            self.rows("SELECT id, title, lead_post_id, post_count, merged_into FROM stories ORDER BY id"),
            self.rows("SELECT what, row_id, change FROM changes ORDER BY seq"),
            self.rows("SELECT last_error, failures FROM sources"),
        ]

    @property
    def shelf(self) -> FileShelf:
        shelf = self.poller._stories._shelf
        assert shelf
        return shelf


async def undisturbed(folder: Path, hours: int, held: int | None = None, gone: Iterable[str] = ()) -> Any:
    room = Papers(folder, held)
    await room.tell(hours - 1)
    await room.tell(gone=gone)
    room.database.close()
    return room.decided()


def has_no_room(shelf: FileShelf) -> None:
    shelf._conn.execute("PRAGMA max_page_count = 1")


def cannot_be_read(shelf: FileShelf) -> None:
    for table in ("posts", "parts", "stories"):
        shelf._conn.execute(f"DROP TABLE {table}")


def is_garbage(shelf: FileShelf) -> None:
    shelf._conn.execute("UPDATE stories SET facts = '['")
    shelf._conn.execute("UPDATE posts SET words = '['")


TROUBLES = [has_no_room, cannot_be_read, is_garbage]


@pytest.mark.parametrize("held", [0, 3])
async def test_stories_are_the_same_however_few_posts_are_in_memory(tmp_path: Path, held: int) -> None:
    room = Papers(tmp_path / "few", held)
    await room.tell(12)
    index = room.poller._stories.index
    assert index and len(index.arrivals.posts) == held < len(index.arrivals)
    assert room.decided() == await undisturbed(tmp_path / "all", 12)
    room.database.close()


@pytest.mark.parametrize("held", [0, 3])
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_polls_go_on_with_all_in_memory_and_decide_the_same(
    tmp_path: Path, trouble: Callable[[FileShelf], None], held: int
) -> None:
    room = Papers(tmp_path / "disturbed", held)
    await room.tell(6)
    trouble(room.shelf)
    with capture_logs() as logs:
        await room.tell(30)
    told = [entry for entry in logs if entry["log_level"] not in ("info", "debug")]
    assert [entry["event"] for entry in told] == [LOST]  # once
    assert told[0]["error"]
    assert room.shelf.is_in_memory and not room.shelf.trouble
    assert room.decided() == await undisturbed(tmp_path / "all", 36)
    room.database.close()


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_so_they_do_where_posts_are_gone_and_stories_change(
    tmp_path: Path, trouble: Callable[[FileShelf], None]
) -> None:
    """What follows a commit finds it lost: the posts are gone all the same, and the poll went well."""
    gone = ["https://paper0.example/2"]
    room = Papers(tmp_path / "disturbed")
    await room.tell(6)
    trouble(room.shelf)
    await room.tell(gone=gone)
    assert room.decided() == await undisturbed(tmp_path / "all", 7, gone=gone)
    with room.database.write():
        room.database.conn.execute("UPDATE stories SET title = 'Another' WHERE id = 1")
    room.poller.read_again([1])
    index = room.poller._stories.at(room.now, is_needed=True)
    story = index.story(1)
    assert story and story.title == "Another"
    room.database.close()


@pytest.mark.parametrize("trouble", [cannot_be_read, is_garbage])  # they find nothing to merge, and need no room
async def test_second_thoughts_begin_again(tmp_path: Path, trouble: Callable[[FileShelf], None]) -> None:
    room, other = Papers(tmp_path / "disturbed", 0), Papers(tmp_path / "all")
    await room.tell(6)
    await other.tell(6)
    trouble(room.shelf)
    room.now = other.now = room.now + timedelta(hours=1)
    with capture_logs() as logs:
        assert room.poller.reconsider() == other.poller.reconsider()
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == [LOST]
    assert room.decided() == other.decided()
    room.database.close()
    other.database.close()


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_what_a_first_poll_brought_gets_its_stories_all_the_same(
    tmp_path: Path, trouble: Callable[[FileShelf], None]
) -> None:
    room, other = Papers(tmp_path / "disturbed"), Papers(tmp_path / "all", None)
    for each in (room, other):
        await each.tell(6)
        if each is room:
            trouble(each.shelf)
        titles = [f"{matter} report {number}" for matter in MATTERS for number in range(4)]
        posts = [article(f"{n}", title, f"{title}, told late", host="late") for n, title in enumerate(titles)]
        each.collect.posts(url_of("late"), posts)
        each.is_late_asked = True
        with capture_logs() as logs:
            assert [polled.collected.outcome for polled in await each.poll()] == [Outcome.OK]
        told = [entry["event"] for entry in logs if entry["log_level"] not in ("info", "debug")]
        assert told == ([LOST] if each is room else [])
    assert room.decided() == other.decided()
    assert room.rows("SELECT count(*) FROM posts WHERE story_id IS NULL") == [(0,)]
    room.database.close()
    other.database.close()


class Full(FileShelf):
    """The disk of temporary files is full from the start."""

    @property
    def _conn(self) -> sqlite3.Connection:
        conn = super()._conn
        if not self.is_in_memory:
            conn.execute("PRAGMA max_page_count = 1")
        return conn


async def test_where_there_is_no_room_from_the_start_it_is_read_twice_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf_module, "FileShelf", Full)
    loaded, loading = 0, story_index.loading

    def counted(*given: Any) -> Iterator[int]:
        nonlocal loaded
        loaded += 1
        return loading(*given)

    monkeypatch.setattr(story_index, "loading", counted)
    room = Papers(tmp_path / "disturbed", 0)
    with capture_logs() as logs:
        await room.tell(36)
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == [LOST]
    assert loaded <= 3  # the first index of all, empty; that which found no room; and the one that needs none
    assert room.decided() == await undisturbed(tmp_path / "all", 36)
    room.database.close()


async def test_a_shelf_that_works_is_kept(tmp_path: Path) -> None:
    room = Papers(tmp_path / "well")
    await room.tell(3)
    index, shelf = room.poller._stories.index, room.shelf
    with capture_logs() as logs:
        await room.tell(6)
    assert room.poller._stories.index is index and room.shelf is shelf and not shelf.is_in_memory
    assert not [entry for entry in logs if entry["log_level"] == "warning"]
    room.database.close()


async def test_trouble_of_the_database_is_told_as_such(tmp_path: Path) -> None:
    room = Papers(tmp_path / "other")
    await room.tell(3)
    room.database.conn.execute("PRAGMA max_page_count = 1")
    with pytest.raises(DatabaseUnwritableError, match="full"):
        await room.tell(60)
    assert not room.shelf.is_in_memory
    room.database.close()


async def test_another_program_s_lock_is_told_as_such(tmp_path: Path) -> None:
    room = Papers(tmp_path / "locked")
    await room.tell(3)
    with sqlite3.connect(room.config.storage.path) as other:
        other.execute("BEGIN IMMEDIATE")
        room.database.conn.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(DatabaseLockedError):
            room.poller._stories._database.rewrite_header()
        with capture_logs() as logs:
            room.poller._stories.read_again([1])  # it only reads
        assert logs == []
    other.close()
    room.database.close()


# ---------------------------------------------------------------- what was committed


class Stubborn(StoryIndex):
    """Nothing new can be taken over into it."""

    error: Exception

    def accept(self, overlay: object) -> None:
        raise self.error


class Unchanging(StoryIndex):
    """What is there can't be replaced."""

    error: Exception

    def replace(self, story_id: int, story: object) -> None:
        raise self.error


ERRORS = [
    (RuntimeError("a bug"), "error"),
    (sqlite3.OperationalError("disk I/O error"), "warning"),
    (StorageError("the file is damaged"), "warning"),
]


def make(room: Papers, kind: type[Stubborn | Unchanging], error: Exception) -> StoryIndex:
    """The index of the open stories is such a one from now on."""
    index = room.poller._stories.at(room.now, is_needed=True)
    index.__class__ = kind
    index.error = error  # type: ignore[attr-defined]
    return index


@pytest.mark.parametrize(("error", "level"), ERRORS)
@pytest.mark.parametrize(("kind", "gone"), [(Stubborn, ()), (Unchanging, ["https://paper0.example/2"])])
async def test_what_is_committed_is_not_taken_for_failed(
    tmp_path: Path, kind: type[Stubborn | Unchanging], gone: list[str], error: Exception, level: str
) -> None:
    """Neither new posts nor those that are gone; and that the stories are read anew is said."""
    room = Papers(tmp_path / "bug")
    await room.tell(4)
    index = make(room, kind, error)
    with capture_logs() as logs:
        await room.tell(gone=gone)  # expects that all went well
    told = [entry for entry in logs if entry["log_level"] in ("warning", "error")]
    assert told and {entry["log_level"] for entry in told} == {level}
    assert "read anew" in told[0]["event"]
    assert room.poller._stories.index is not index
    assert room.decided() == await undisturbed(tmp_path / "all", 5, gone=gone)
    room.database.close()


@pytest.mark.parametrize(("error", "level"), ERRORS)
async def test_what_others_of_this_process_changed_is_read_anew_where_it_cannot_be_taken_over(
    tmp_path: Path, error: Exception, level: str
) -> None:
    room = Papers(tmp_path / "bug")
    await room.tell(4)
    index = make(room, Unchanging, error)
    with capture_logs() as logs:
        room.poller.read_again(list(index.stories)[:1])
    assert [entry["log_level"] for entry in logs] == [level]
    assert room.poller._stories.index is None
    room.database.close()


async def test_two_indexes_are_never_held_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = Papers(tmp_path / "two")
    await room.tell(4)
    old = room.poller._stories.index
    assert old
    held, shelf = ref(old), ref(room.shelf)
    del old
    loading, seen = story_index.loading, []

    def looking(*given: Any) -> Iterator[int]:
        seen.append((held(), shelf()))
        return loading(*given)

    monkeypatch.setattr(story_index, "loading", looking)
    with sqlite3.connect(room.config.storage.path) as other:
        other.execute("UPDATE posts SET boosts = 1 WHERE id = 1")
    other.close()
    await room.tell()
    assert seen == [(None, None)]
    room.database.close()


async def test_what_others_wrote_before_it_was_loaded_loads_it_once(tmp_path: Path) -> None:
    room = Papers(tmp_path / "once")
    await room.tell(2)
    stories = room.new_poller()._stories
    with sqlite3.connect(room.config.storage.path) as other:
        other.execute("UPDATE posts SET boosts = 1 WHERE id = 1")
    other.close()
    first = stories.at(room.now, is_needed=True)
    assert stories.at(room.now, is_needed=True) is first
    room.database.close()
