"""The sliding window of posts in the order of arrival, with the document frequencies of words and of parts of titles.

What leaves the window is subtracted, so that the frequencies are those of the posts in it, whether a process lived
through them or read them from the database. Where there is a shelf, only the newest posts are in memory; of the others
the words are counted there, and the rest lies on the shelf until they leave.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from aggregator.stories.shelf import Arrived, PartKey, Shelf

# The first polls bring months of old posts from one source after another, and a quiet week brings few: so many posts
# are held, however long ago they came.
LEAST_POSTS = 3000

# Posts read from the shelf at once, when they leave the window.
_PAGE = 200

_Key = TypeVar("_Key", str, PartKey)


class Arrivals:
    """The posts in the window, by id, and their document frequencies. `shelf`: where the older ones lie, if anywhere.

    `posts` are those in memory, the newest; `with_part` counts those alone, `with_word` all.
    """

    def __init__(self, shelf: Shelf | None = None) -> None:
        self.posts: OrderedDict[int, Arrived] = OrderedDict()
        self.first_serial = 0  # of the first post in the window; 0 without any
        self.with_word: Counter[str] = Counter()
        self.with_part: Counter[PartKey] = Counter()
        self._of_voice: dict[str, dict[int, None]] = {}
        self._shelf = shelf
        self._laid = 0  # how many lie on the shelf
        self._oldest: deque[tuple[int, Arrived]] = deque()  # of those the first, as far as they were read

    def __len__(self) -> int:
        return len(self.posts) + self._laid

    def get(self, post_id: int) -> Arrived | None:
        """A post in the window."""
        held = self.posts.get(post_id)
        return held if held is not None or not self._laid else self._from_shelf(post_id)

    def add(self, post_id: int, arrived: Arrived) -> None:
        """A post came."""
        if not len(self):
            self.first_serial = arrived.serial
        self.posts[post_id] = arrived
        self.with_word.update(arrived.words)
        for part in arrived.parts:
            self.with_part[part] += 1
        self._of_voice.setdefault(arrived.voice, {})[post_id] = None

    def replace(self, post_id: int, arrived: Arrived) -> None:
        """A post that is here has another story, or other words; it keeps its place."""
        before = self.get(post_id)
        if before is None:
            return
        _subtract(self.with_word, before.words)
        self.with_word.update(arrived.words)
        if post_id in self.posts:
            self.posts[post_id] = arrived
        elif self._shelf:
            self._shelf.drop_posts([before])
            self._shelf.lay_posts([(post_id, arrived)])
            self._oldest.clear()

    def leave_out(self, post_id: int) -> None:
        """A post is gone."""
        arrived = self.posts.pop(post_id, None)
        if arrived:
            _subtract(self.with_word, arrived.words)
            self._leave_memory(post_id, arrived)
        elif self._laid and (arrived := self._from_shelf(post_id)):
            self._leave_shelf([arrived])
            self._oldest.clear()
        self._find_first()

    def forget(self, before: datetime) -> None:
        """Leave out what came before that time, but for the last `LEAST_POSTS` posts.

        Also what came, as it seems, later than the last post: the clock was wrong then, and it would stay for years.
        """
        if len(self) <= LEAST_POSTS:
            return
        latest = next(self.newest_first()).seen_at
        gone: list[Arrived] = []
        while len(self) - len(gone) > LEAST_POSTS:
            post_id, first = self._first()
            if before <= first.seen_at <= latest:
                break
            if not self._laid:
                self.leave_out(post_id)
                continue
            gone.append(self._oldest.popleft()[1])
            if not self._oldest or len(gone) == self._laid:
                self._leave_shelf(gone)
                gone = []
        if gone:
            self._leave_shelf(gone)
        self._find_first()

    def lay_aside(self, most: int) -> None:
        """Keep only so many posts in memory, the newest; the others go to the shelf."""
        count = len(self.posts) - most
        if self._shelf is None or count <= 0:
            return
        found = list(islice(self.posts.items(), count))
        self._shelf.lay_posts(found)
        for post_id, arrived in found:
            del self.posts[post_id]
            self._leave_memory(post_id, arrived)
        self._laid += count

    def times(self, part: PartKey, most: int) -> int:
        """How many posts of the window have this part in their titles; beyond those in memory counted up to `most`."""
        held = self.with_part.get(part, 0)
        return held + self._shelf.times(part, most) if self._shelf and self._laid else held

    def first_id(self) -> int:
        """From this id on all posts are in the window. Of those that came together with its oldest some may have left.

        Expects posts in the window.
        """
        oldest = self._first()[1].seen_at
        later = [post_id for post_id, came in self.posts.items() if came.seen_at > oldest]
        if self._shelf and self._laid:
            laid = self._shelf.first_id(oldest)
            later += [] if laid is None else [laid]
        if later:
            return min(later)
        laid = self._shelf.first_id(None) if self._shelf and self._laid else None
        return min([*self.posts, *([] if laid is None else [laid])])

    def _first(self) -> tuple[int, Arrived]:
        """The first post of the window, and its id."""
        if self._shelf and self._laid:
            if not self._oldest:
                self._oldest.extend(self._shelf.oldest(_PAGE))
            return self._oldest[0]
        return next(iter(self.posts.items()))

    def _find_first(self) -> None:
        self.first_serial = self._first()[1].serial if len(self) else 0

    def _leave_memory(self, post_id: int, arrived: Arrived) -> None:
        _subtract(self.with_part, arrived.parts)
        self._of_voice[arrived.voice].pop(post_id)
        if not self._of_voice[arrived.voice]:
            del self._of_voice[arrived.voice]

    def _leave_shelf(self, gone: Collection[Arrived]) -> None:
        for arrived in gone:
            _subtract(self.with_word, arrived.words)
        if self._shelf:
            self._shelf.drop_posts(gone)
        self._laid -= len(gone)

    def _from_shelf(self, post_id: int) -> Arrived | None:
        return self._shelf.post(post_id) if self._shelf else None

    def full_hour(self) -> datetime | None:
        """The first full hour after the last post came; None without posts."""
        if not len(self):
            return None
        return next(self.newest_first()).seen_at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)

    def newest_first(self) -> Iterator[Arrived]:
        """From the last that came."""
        yield from reversed(self.posts.values())
        if self._shelf and self._laid:
            yield from self._shelf.newest_first()

    def newest_of(self, voice: str, most: int) -> Iterator[Arrived]:
        """What one publisher said, from the last that came; no more than so much of it."""
        held = [self.posts[post_id] for post_id in islice(reversed(self._of_voice.get(voice, {})), most)]
        yield from held
        if self._shelf and self._laid and len(held) < most:
            yield from self._shelf.newest_of(voice, most - len(held))


def _subtract(counts: dict[_Key, int], keys: Collection[_Key]) -> None:
    for key in keys:
        left = counts[key] - 1
        if left:
            counts[key] = left
        else:
            del counts[key]
