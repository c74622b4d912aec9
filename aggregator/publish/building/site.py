"""The site while it is built: what it is built from, what was there before, and what is there now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from markupsafe import Markup

from aggregator.model.errors import PublishError
from aggregator.model.settings import Publish
from aggregator.model.site import ShownSource, ShownStory
from aggregator.publish.building.folder import Folder
from aggregator.publish.building.manifest import Manifest, Unit
from aggregator.publish.building.rows import Rows
from aggregator.publish.feeds.out import Entries, Labels
from aggregator.publish.pages import Pages
from aggregator.publish.words import Words

_SOME_DAY = date(2000, 1, 1)


def labels_in(words: Words) -> Labels:
    """What feeds and files put around the words of others, in the site's language."""
    return Labels(*(str(Markup(words.fixed[f"feed.{name}"]).unescape()) for name in Labels._fields))


class Stopped(Exception):
    """The build was told to stop; what it wrote is whole, and the next one goes on."""


class Site:
    """What the parts of a build share.

    `before` is the manifest of the last build, empty where all is built anew; `today` is the day of the newest post.
    Parts are `put` or `drop`ped one by one.
    """

    def __init__(
        self, settings: Publish, rows: Rows, folder: Folder, pages: Pages, is_stopped: Callable[[], bool]
    ) -> None:
        self.settings, self.rows, self.pages = settings, rows, pages
        self.before, self.manifest = Manifest(), Manifest()
        self.has_index = False
        # Without any post, any day will do.
        self.today = next(iter(rows.lists.newest_days(1)), _SOME_DAY)
        self.sources: list[ShownSource] = rows.sources(self.today)
        self.entries, self.labels = Entries(), labels_in(pages.words)
        self._folder, self._is_stopped = folder, is_stopped
        self._zone = ZoneInfo(settings.timezone)

    def put(
        self,
        name: str,
        files: Mapping[str, str | bytes],
        shows: Iterable[ShownStory] = (),
        page: tuple[str, datetime] | None = None,
        *,
        also: Iterable[int] = (),
    ) -> None:
        """Write the files of a part. `shows`: the stories in them; `also`: those whose titles stand there.

        `page`: the path that search engines may list, and the time of its newest content.

        Raises:
            Stopped: the build is to end.
            PublishError: a file can't be written.
        """
        if self._is_stopped():
            raise Stopped
        written = {
            path: self._folder.write(path, data if isinstance(data, bytes) else data.encode("utf-8", "replace"))
            for path, data in files.items()
        }
        ids = dict.fromkeys([*(story.id for story in shows), *also])
        self.manifest.units[name] = Unit(written, tuple(ids), page and (page[0], page[1].isoformat()))

    def day_of(self, at: datetime) -> date:
        """The day of a time in the site's zone."""
        return at.astimezone(self._zone).date()

    def keep_what_is_built(self) -> None:
        """The build ends early: note what is there now. Where even that fails, the next one builds all."""
        with suppress(PublishError):
            self._folder.close(self.manifest)

    def drop(self, name: str) -> None:
        """This part is no more; its files go when the build is done."""
        self.manifest.units.pop(name, None)

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """When a day begins and ends in the site's zone."""
        return _bounds(day, self._zone)


# Not a method: what keeps a site among its own parts would hold all its rows when it is done.
@lru_cache(1024)
def _bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    first, second = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
    return first, second
