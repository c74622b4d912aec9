"""The parts of the site that are built each time, a dozen: front page, river, indexes, feeds of all, what programs ask
for. They come last, so that what they link to is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from aggregator.model.errors import AggregatorError, PublishError
from aggregator.model.site import Redirect, SavedQuery, ShownStory, TopicWeek, Voice
from aggregator.publish import addresses
from aggregator.publish.feeds.opml import opml
from aggregator.publish.feeds.out import FeedOut
from aggregator.publish.feeds.stories_json import stories_json
from aggregator.publish.feeds.web import ListedPage, redirects, robots, sitemap
from aggregator.publish.manifest import Unit
from aggregator.publish.pages import Aside, FrontDay
from aggregator.publish.units import IN_FEED, feed_files
from aggregator.publish.plan import DAY, LIST, MERGED, STORY, TOPIC
from aggregator.publish.site import Site

# Days on the front page, and stories of one voice on it.
_FRONT_DAYS, _FRONT_SINGLES = 2, 12
# Posts whose stories are in the river.
_RIVER = 200
_RISING, _FIRST = 8, 8
_JSON = 200
# Front page: stories of a day with a page.
_FRONT_STORIES = 30


def put_lists(site: Site, all_days: Sequence[date]) -> None:
    """Build them."""
    newest = site.rows.stories.load(site.rows.lists.newest(_RIVER))
    paged = site.rows.stories.load(site.rows.lists.newest_paged(_JSON))
    _put_feeds(site, newest, paged)
    weeks = site.rows.lists.weeks(site.day, site.rows.stories.topics) if site.day else []
    _put_indexes(site, all_days, weeks)
    river = site.pages.river(newest)
    site.put(f"{LIST}/river", {addresses.RIVER: river}, newest)
    _put_front(site, all_days, weeks)
    files = {
        addresses.STORIES_JSON: stories_json(paged, site.settings),
        addresses.OPML: opml(site.sources, site.settings),
    }
    site.put(f"{LIST}/programs", files, paged)
    _put_map(site)


def _put_feeds(site: Site, newest: Sequence[ShownStory], paged: Sequence[ShownStory]) -> None:
    title, gone = site.settings.title, site.rows.lists.gone()
    for name, stories in ((addresses.ALL, newest), (addresses.STORIES, [each for each in paged if each.has_page])):
        some = stories[:IN_FEED]
        feed = FeedOut(path=addresses.feed(name), title=title, home=addresses.FRONT, stories=some, gone=gone)
        site.put(f"{LIST}/feed-{name}", feed_files(site, feed), some)
    saved = {f"{LIST}/saved-{query.name}" for query in site.settings.feeds}
    for name in [each for each in site.manifest.units if each.startswith(f"{LIST}/saved-") and each not in saved]:
        site.drop(name)
    for query in site.settings.feeds:
        some = [each for each in _found(site, query) if _sources(each) >= query.min_sources][:IN_FEED]
        path = addresses.feed(query.name)
        feed = FeedOut(path=path, title=query.title, home=addresses.FRONT, stories=some, gone=gone)
        site.put(f"{LIST}/saved-{query.name}", feed_files(site, feed), some)


def _sources(story: ShownStory) -> int:
    return len(story.publishers) + len(story.people)


def _found(site: Site, query: SavedQuery) -> Sequence[ShownStory]:
    try:
        return site.rows.stories.load(site.rows.lists.found(query, 2 * IN_FEED))
    except PublishError:
        raise
    except AggregatorError as error:
        raise PublishError(f"[[publish.feeds]] {query.name}: {error}") from error


def _put_indexes(site: Site, all_days: Sequence[date], weeks: Sequence[TopicWeek]) -> None:
    present = site.manifest.named(TOPIC)
    counts = {each.topic.topic: each for each in weeks}
    known = [site.rows.stories.topics[name] for name in sorted(present) if name in site.rows.stories.topics]
    listed = [counts.get(topic.topic) or TopicWeek(topic, 0, 0, 0.0) for topic in known]
    site.put(f"{LIST}/topics", {addresses.TOPICS: site.pages.topics(listed)})
    shown = site.manifest.named(DAY)
    days = [day for day in all_days if day.isoformat() in shown]
    site.put(f"{LIST}/days", {addresses.DAYS: site.pages.days(days)})
    site.put(f"{LIST}/sources", {addresses.SOURCES: site.pages.sources(site.sources, site.day)})
    site.put(f"{LIST}/how", {addresses.HOW: site.pages.how(site.rows.lists.totals())})
    site.put(f"{LIST}/search", {addresses.SEARCH: site.pages.search(), addresses.NOT_FOUND: site.pages.not_found()})


def _put_front(site: Site, all_days: Sequence[date], weeks: Sequence[TopicWeek]) -> None:
    days, shown = [], []
    for day in reversed(all_days[-_FRONT_DAYS:]):
        begin, end = site.bounds(day)
        stories = [
            story
            for story in site.rows.stories.load_whole(site.rows.lists.paged_on(day))
            if story.id not in {each.id for each in shown} and any(begin <= post.at < end for post in story.posts)
        ]
        stories.sort(key=lambda story: (not story.pinned, -story.score, -story.last_at.timestamp(), story.id))
        days.append(FrontDay(day, tuple(stories[:_FRONT_STORIES])))
        shown += stories[:_FRONT_STORIES]
    singles = site.rows.stories.load(site.rows.lists.newest(_RIVER))
    singles = [story for story in singles if not story.has_page][:_FRONT_SINGLES]
    shown += singles
    page = site.pages.front(days, singles, _aside(site, shown, weeks))
    newest = max((story.changed_at for story in shown), default=None)
    listed = (addresses.FRONT, newest) if newest else None
    also = [linked.id for story in shown for linked in story.earlier]
    site.put(f"{LIST}/front", {addresses.FRONT: page}, shown, listed, also=also)


def _aside(site: Site, shown: Sequence[ShownStory], weeks: Sequence[TopicWeek]) -> Aside:
    rising = [each for each in weeks if each.posts > max(1, each.usual)]
    rising.sort(key=lambda each: (-(each.posts + 1) / (each.usual + 1), -each.posts, each.topic))
    first = Counter(story.publishers[0] for story in shown if story.publishers and story.has_page)
    leaders: list[tuple[Voice, int]] = sorted(first.items(), key=lambda each: (-each[1], each[0].name))[:_FIRST]
    return Aside(tuple(rising[:_RISING]), tuple(leaders), tuple(site.sources))


def _put_map(site: Site) -> None:
    pages = sorted(
        ListedPage(unit.page[0], datetime.fromisoformat(unit.page[1]))
        for unit in site.manifest.units.values()
        if unit.page
    )
    files = {
        addresses.ROBOTS: robots(site.settings),
        addresses.REDIRECTS: redirects(_moved(site), site.settings),
        **sitemap(pages, site.settings),
    }
    site.put(f"{LIST}/map", files)


def _moved(site: Site) -> list[Redirect]:
    """The pages that only lead to a story's."""
    units = site.manifest.units
    return [
        Redirect(_slug(unit), _slug(target))
        for name, unit in sorted(units.items())
        if name.startswith(f"{MERGED}/") and (target := units.get(f"{STORY}/{unit.shows[0]}"))
    ]


def _slug(unit: Unit) -> str:
    """The slug in the path of a story's page, the first of its files."""
    return next(iter(unit.files)).split("/")[1]
