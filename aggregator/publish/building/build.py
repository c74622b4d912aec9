"""Builds the site: the stale parts of it, or all.

A part is a page with what stands beside it for programs. Each notes in the manifest which stories it shows, and shows
nothing else that may change; so a part that is not stale is as a full build would make it. A crash anywhere repeats
work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from aggregator import __version__
from aggregator.model.settings import Publish
from aggregator.publish.building.digest import digest_of
from aggregator.publish.building.folder import Folder
from aggregator.publish.building.lists import put_lists
from aggregator.publish.building.manifest import Manifest
from aggregator.publish.building.plan import Stale, stale_parts
from aggregator.publish.building.rehearsal import Nowhere, rehearse
from aggregator.publish.building.rows import Rows
from aggregator.publish.building.site import Site
from aggregator.publish.building.units import put_days, put_redirects, put_source_feeds, put_stories, put_topics
from aggregator.publish.pages import Pages


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did.

    `seq`: the change up to which the site is. `written`: files that are new or other than before, `pages` of them for
    readers; `because`: why all was built anew, "" where only what was stale was.
    """

    seq: int
    pages: int
    written: int
    removed: int
    because: str


def build(
    settings: Publish,
    rows: Rows,
    *,
    is_full: bool = False,
    has_index: bool = False,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Built:
    """Bring the site in its folder up to date. `is_full`: build all; `is_stopped` is asked before each part.

    `has_index`: an index for searching the pages is made of them afterwards.

    Raises:
        PublishError: the folder can't be used, or a template or a saved query is wrong.
        Stopped: it was told to stop; what it wrote is whole, and the next build goes on.
    """
    if settings.path is None:
        raise ValueError("no folder is set for the site")
    pages, folder = Pages(settings), Folder(settings.path)
    site = Site(settings, rows, folder, pages, is_stopped)
    site.has_index = has_index
    made_of = _made_of(settings, rows)
    before = folder.open()
    because = "it was asked for" if is_full else _why_all(before, made_of, rows)
    site.manifest = Manifest(
        made_of, rows.place.newest, site.today, dict(rows.stories.names),
        sources={source.id: source.name for source in site.sources}, database=rows.identity,
    )  # fmt: skip
    try:
        if because or before is None:
            folder.doubt()
            rehearse(Site(settings, rows, Nowhere(settings.path), pages, is_stopped), has_index=has_index)
            _build_all(site)
        else:
            _build_stale(site, before)
        folder.close(site.manifest)
    finally:
        folder.release()
    pages_written = sum(path.endswith(".html") for path in folder.written)
    return Built(rows.place.newest, pages_written, len(folder.written), folder.removed, because)


def _why_all(before: Manifest | None, made_of: str, rows: Rows) -> str:
    """Why all must be built anew; "" where that need not be."""
    place = rows.place
    if before is None:
        return "there is none yet, or its last build was cut off"
    if before.made_of != made_of:
        return "settings, templates, topics or the program changed"
    if before.database != rows.identity:
        return "it was built from another database"
    if place.seq is None:
        return "the database does not know of it"
    # The database may be an older one, put back from a backup, and so may the folder.
    if place.seq < before.seq:
        return "the database knows of an older one only"
    for seq in (place.seq, before.seq):
        if not place.is_known_after(seq):
            return f"changes after {seq} are no longer kept in the database"
    return ""


def _made_of(settings: Publish, rows: Rows) -> str:
    """A digest of what every page depends on."""
    parts = (__version__, settings, digest_of(settings), rows.vocabulary())
    return hashlib.blake2b(repr(parts).encode("utf-8", "replace"), digest_size=9).hexdigest()


def _build_all(site: Site) -> None:
    lists = site.rows.lists
    _put(
        site,
        Stale(
            stories=frozenset(lists.all_paged()),
            merged=frozenset(each.id for each in lists.merged()),
            topics=frozenset(lists.all_topics()),
            days=frozenset(lists.all_days()),
            sources=frozenset(source.id for source in site.sources),
        ),
    )


def _build_stale(site: Site, before: Manifest) -> None:
    """Build what is stale. Where that ends early, what was built is whole and noted, and the rest is as it was."""
    site.before = before
    site.manifest.units = dict(before.units)
    try:
        _put(site, _stale(site))
    except BaseException:
        now = site.manifest
        now.seq, now.day, now.names, now.sources = before.seq, before.day, before.names, before.sources
        site.keep_what_is_built()
        raise


def _stale(site: Site) -> Stale:
    rows, lists, before = site.rows, site.rows.lists, site.before
    changed = rows.changed(before.seq)
    names = site.manifest.names
    if renamed := {key for key in names.keys() | before.names.keys() if names.get(key) != before.names.get(key)}:
        changed |= lists.of_publishers(renamed)
    # No change tells of sources that came, went or have another name.
    otherwise = {source_id for source_id, _ in site.manifest.sources.items() ^ before.sources.items()}
    return stale_parts(
        before,
        changed,
        linked=lists.linked_to(changed),
        topics=lists.topics_of(changed),
        days=lists.days_of(changed),
        sources=otherwise | lists.sources_of(changed),
        today=site.today,
    )


def _put(site: Site, stale: Stale) -> None:
    """Build these parts, then the lists, so that what they link to is there."""
    site.put("assets", site.pages.assets())
    put_stories(site, stale.stories)
    put_redirects(site, stale.merged)
    put_topics(site, stale.topics)
    put_days(site, stale.days)
    put_source_feeds(site, stale.sources)
    put_lists(site)
