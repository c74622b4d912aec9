"""The parts of the site that are built each time, a dozen: front page, river, indexes, feeds of all, what programs ask
for. They come last, so that what they link to is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from aggregator.model.errors import AggregatorError, PublishError
from aggregator.model.rules import SavedQuery
from aggregator.model.site import Redirect, Rising, ShownStory, TopicCount, TopicWeek, Voice
from aggregator.publish import addresses
from aggregator.publish.building.manifest import Unit
from aggregator.publish.building.plan import DAY, LIST, MERGED, SOURCE, STORY, TOPIC
from aggregator.publish.building.site import Site
from aggregator.publish.building.units import IN_FEED, feed_files
from aggregator.publish.coming import Coming, coming_of
from aggregator.publish.feeds.agenda import agenda_feeds
from aggregator.publish.feeds.opml import opml
from aggregator.publish.feeds.out import FeedOut
from aggregator.publish.feeds.stories_json import stories_json
from aggregator.publish.feeds.web import ListedPage, redirects, robots, sitemap
from aggregator.publish.pages import DayCount
from aggregator.publish.parts import Aside, DayStories, FirstWith

# Days on the front page, and stories of one voice on it.
_FRONT_DAYS, _FRONT_SINGLES = 2, 12
# Posts whose stories are in the river.
_RIVER, _RIVER_SPAN = 200, timedelta(days=7)
_RISING, _FIRST, _TOPICS = 8, 8, 12
_JSON = 200
# Stories that name what is to come, and entries of the agenda.
_DUE = 200
# Front page: stories of a day with a page.
_FRONT_STORIES = 30


def put_lists(site: Site) -> None:
    """Build them."""
    newest = site.rows.stories.load(site.rows.lists.newest(_RIVER))
    paged = [each for each in site.rows.stories.load(site.rows.lists.newest_paged(_JSON)) if each.has_page]
    _put_feeds(site, newest, paged)
    weeks = site.rows.lists.weeks(site.today, site.rows.stories.topics)
    _put_indexes(site, weeks)
    since = min((post.at for story in newest for post in story.originals), default=None)
    begin = max(site.day_of(since), site.today - _RIVER_SPAN) if since else site.today
    river = site.pages.river(newest, begin, day_pages=_day_pages(site))
    site.put(f"{LIST}/river", {addresses.RIVER: river}, newest)
    coming = _put_agenda(site)
    _put_front(site, weeks, coming)
    files = {
        addresses.STORIES_JSON: stories_json(paged, site.settings),
        addresses.OPML: opml(site.sources, site.settings, site.labels),
    }
    site.put(f"{LIST}/programs", files, paged)
    _put_map(site)


def _put_feeds(site: Site, newest: Sequence[ShownStory], paged: Sequence[ShownStory]) -> None:
    title, gone = site.settings.title, site.rows.lists.gone()
    for name, stories in ((addresses.ALL, newest), (addresses.STORIES, paged)):
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


def _put_indexes(site: Site, weeks: Sequence[TopicWeek]) -> None:
    stories_of = {each.topic.topic: each.stories for each in weeks}
    known = [site.rows.stories.topics[name] for name in sorted(site.manifest.named(TOPIC))]
    counts = [TopicCount(topic, stories_of.get(topic.topic, 0)) for topic in known]
    site.put(f"{LIST}/topics", {addresses.TOPICS: site.pages.topics(counts)})
    site.put(f"{LIST}/days", {addresses.DAYS: site.pages.days(_days(site))})
    with_feed = site.manifest.named(SOURCE)
    sources = site.pages.sources(site.sources, site.today, lambda source: str(source.id) in with_feed)
    site.put(f"{LIST}/sources", {addresses.SOURCES: sources})
    site.put(f"{LIST}/how", {addresses.HOW: site.pages.how(site.rows.lists.totals())})
    site.put(
        f"{LIST}/search",
        {addresses.SEARCH: site.pages.search(has_index=site.has_index), addresses.NOT_FOUND: site.pages.not_found()},
    )


def _day_pages(site: Site) -> frozenset[date]:
    return frozenset(map(date.fromisoformat, site.manifest.named(DAY)))


def _days(site: Site) -> list[DayCount]:
    """The days that have a page, with how many stories it shows, the newest first."""
    units = site.manifest.units
    names = sorted((name for name in units if name.startswith(f"{DAY}/")), reverse=True)
    return [DayCount(date.fromisoformat(name.partition("/")[2]), len(units[name].shows)) for name in names]


def _put_agenda(site: Site) -> list[Coming]:
    """What is to come, page and feeds."""
    stories = site.rows.stories.load(site.rows.lists.due(site.today, _DUE))
    entries = coming_of(stories, site.today, site.settings.language)[:_DUE]
    files = {
        addresses.AGENDA: site.pages.agenda(entries, site.today),
        **agenda_feeds(entries, site.settings, site.pages.words),
    }
    told = {each.story.id: each.story for each in entries}.values()
    newest = max((story.changed_at for story in told), default=None)
    is_listed = not any(story.is_noindex for story in told)
    site.put(f"{LIST}/agenda", files, told, (addresses.AGENDA, newest) if newest and is_listed else None)
    return entries


def _put_front(site: Site, weeks: Sequence[TopicWeek], coming: Sequence[Coming]) -> None:
    days: list[DayStories] = []
    shown: dict[int, ShownStory] = {}
    for day in site.rows.lists.newest_days(_FRONT_DAYS):
        begin, end = site.bounds(day)
        of_day = [
            story
            for story in site.rows.stories.load_answered(site.rows.lists.paged_on(day))
            if story.id not in shown and any(begin <= post.at < end for post in story.posts)
        ]
        stories = [story for story in of_day if story.has_page]
        stories.sort(key=lambda story: (not story.pinned, -story.score, -story.last_at.timestamp(), story.id))
        # Where only one voice of several may be shown, a story is told among those of one voice.
        singles = [story for story in of_day if not story.has_page]
        singles += site.rows.stories.load(site.rows.lists.single_on(day, _FRONT_SINGLES))
        singles = sorted(singles, key=lambda story: (-story.last_at.timestamp(), -story.id))[:_FRONT_SINGLES]
        days.append(DayStories(day=day, stories=stories[:_FRONT_STORIES], singles=singles))
        shown |= {story.id: story for story in (*stories[:_FRONT_STORIES], *singles)}
    page = site.pages.front(days, _aside(site, shown.values(), weeks, coming), site.today, day_pages=_day_pages(site))
    newest = max((story.changed_at for story in shown.values()), default=None)
    is_listed = not any(story.is_noindex for story in shown.values())
    listed = (addresses.FRONT, newest) if newest and is_listed else None
    also = [linked.id for story in shown.values() for linked in story.earlier]
    site.put(f"{LIST}/front", {addresses.FRONT: page}, shown.values(), listed, also=also)


def _aside(site: Site, shown: Iterable[ShownStory], weeks: Sequence[TopicWeek], coming: Sequence[Coming]) -> Aside:
    rising = [Rising(each.topic, each.posts, each.usual) for each in weeks if each.posts > max(1, each.usual)]
    rising.sort(key=lambda each: (-(each.week + 1) / (each.usual + 1), -each.week, each.topic))
    topics = [TopicCount(each.topic, each.stories) for each in weeks if each.stories and not each.topic.is_entity]
    topics.sort(key=lambda each: (-each.stories, each.topic))
    first: Counter[str] = Counter()
    voices: dict[str, Voice] = {}
    for story in shown:
        if story.publishers and story.has_page:
            first[story.publishers[0].key] += 1
            voices.setdefault(story.publishers[0].key, story.publishers[0])
    leaders = [FirstWith(voices[key], count) for key, count in first.items()]
    leaders.sort(key=lambda each: (-each.stories, each.voice.name))
    return Aside(
        coming=coming, rising=rising[:_RISING], first=leaders[:_FIRST], topics=topics[:_TOPICS], sources=site.sources
    )


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
