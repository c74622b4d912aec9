"""The sliding window of posts in the order of arrival, with the document frequencies of words and of parts of titles.

What leaves the window is subtracted, so that the frequencies are those of the posts in it, whether a process lived
through them or read them from the database.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

# The first polls bring months of old posts from one source after another, and a quiet week brings few: so many posts
# are held, however long ago they came.
LEAST_POSTS = 3000

PartKey = tuple[int, str]
_Key = TypeVar("_Key", str, PartKey)


class Arrived(NamedTuple):
    """A post that came: its number among all that ever came, when, to which story (0: one no more in the index).

    `words` count for document frequency, `parts` of its title, each with the source, for boilerplate; `voice`: whose.
    """

    serial: int
    seen_at: datetime
    story_id: int
    words: Collection[str]
    parts: tuple[PartKey, ...]
    voice: str


class Arrivals:
    """The posts in the window, by id, and their document frequencies."""

    def __init__(self) -> None:
        self.posts: OrderedDict[int, Arrived] = OrderedDict()
        self.first_serial = 0  # of the first post in the window; 0 without any
        self.with_word: Counter[str] = Counter()
        self.with_part: Counter[PartKey] = Counter()
        self._of_voice: dict[str, dict[int, None]] = {}

    def add(self, post_id: int, arrived: Arrived) -> None:
        """A post came."""
        if not self.posts:
            self.first_serial = arrived.serial
        self.posts[post_id] = arrived
        self.with_word.update(arrived.words)
        for part in arrived.parts:
            self.with_part[part] += 1
        self._of_voice.setdefault(arrived.voice, {})[post_id] = None

    def replace(self, post_id: int, arrived: Arrived) -> None:
        """A post that is here has another story, or other words; it keeps its place."""
        _subtract(self.with_word, self.posts[post_id].words)
        self.with_word.update(arrived.words)
        self.posts[post_id] = arrived

    def leave_out(self, post_id: int) -> None:
        """A post is gone."""
        arrived = self.posts.pop(post_id, None)
        if arrived:
            _subtract(self.with_word, arrived.words)
            _subtract(self.with_part, arrived.parts)
            self._of_voice[arrived.voice].pop(post_id)
            if not self._of_voice[arrived.voice]:
                del self._of_voice[arrived.voice]
            self.first_serial = next(iter(self.posts.values())).serial if self.posts else 0

    def forget(self, before: datetime) -> None:
        """Leave out what came before that time, but for the last `LEAST_POSTS` posts.

        Also what came, as it seems, later than the last post: the clock was wrong then, and it would stay for years.
        """
        while len(self.posts) > LEAST_POSTS:
            post_id, first = next(iter(self.posts.items()))
            if before <= first.seen_at <= next(self.newest_first()).seen_at:
                break
            self.leave_out(post_id)

    def full_hour(self) -> datetime | None:
        """The first full hour after the last post came; None without posts."""
        if not self.posts:
            return None
        return next(self.newest_first()).seen_at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)

    def newest_first(self) -> Iterator[Arrived]:
        """From the last that came."""
        return reversed(self.posts.values())

    def newest_of(self, voice: str) -> Iterator[Arrived]:
        """What one publisher said, from the last that came."""
        return (self.posts[post_id] for post_id in reversed(self._of_voice.get(voice, {})))


def _subtract(counts: dict[_Key, int], keys: Collection[_Key]) -> None:
    for key in keys:
        left = counts[key] - 1
        if left:
            counts[key] = left
        else:
            del counts[key]
