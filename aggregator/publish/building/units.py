"""The parts of the site that are built only when they are stale: stories, topics, days, feeds of sources."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from aggregator.model.site import Redirect, Rising, ShownStory, ShownTopic
from aggregator.publish import addresses
from aggregator.publish.briefs.at_once import brief_of
from aggregator.publish.building.as_of import as_of, is_told, is_wide
from aggregator.publish.building.plan import DAY, MERGED, SOURCE, STORY, TOPIC
from aggregator.publish.building.site import Site
from aggregator.publish.feeds.atom import atom
from aggregator.publish.feeds.json_feed import json_feed
from aggregator.publish.feeds.notes import story_note
from aggregator.publish.feeds.out import FeedOut
from aggregator.publish.feeds.stories_json import story_json
from aggregator.publish.items import LEAST_SHARE
from aggregator.publish.pages import TopicPage
from aggregator.publish.parts import DayStories

_Key = TypeVar("_Key", int, str)

# Loaded and let go of together: a full build holds no more.
_AT_ONCE = 200
# Stories on the page of a topic, and in a feed.
ON_TOPIC, IN_FEED = 40, 30
# Stories of one voice on the page of a day.
SINGLES_OF_DAY = 200
# So long after a day's end its page may grow: sources are asked every few hours, and some posts are seen late.
CLOSED_AFTER = timedelta(hours=6)
_WEEK = timedelta(days=7)


def put_stories(site: Site, ids: Iterable[int]) -> None:
    """The pages of these stories, with what stands beside them; those that have none any more are dropped."""
    for some in _in_portions(sorted(ids)):
        found = {story.id: story for story in site.rows.stories.load_whole(some)}
        for story_id in some:
            story = found.get(story_id)
            if story and story.has_page:
                _put_story(site, story)
            else:
                site.drop(f"{STORY}/{story_id}")
        site.rows.stories.forget()


def _put_story(site: Site, story: ShownStory) -> None:
    page = addresses.story(story.slug)
    # The page and the files beside it tell the same.
    story = replace(story, brief=brief_of(story, site.pages.words))
    site.put(
        f"{STORY}/{story.id}",
        {
            page: site.pages.story(story, has_day=_is_on_its_day(site, story)),
            addresses.story_json(story.slug): story_json(story, site.settings),
            addresses.story_note(story.slug): story_note(story, site.settings, site.labels),
        },
        [story],
        None if story.is_noindex else (page, story.changed_at),
        also=[linked.id for linked in (*story.earlier, *story.later)],
    )


def _is_on_its_day(site: Site, story: ShownStory) -> bool:
    """Is there a page of the day that it began on? It is on that page then."""
    begin, end = site.bounds(site.day_of(story.first_at))
    return is_told(story, begin, end, end + CLOSED_AFTER)


def put_redirects(site: Site, ids: Iterable[int]) -> None:
    """Pages that lead from stories that others took over to those, where those have a page. `ids`: of stories that may
    be taken over now, or have other pages than before."""
    merged = site.rows.lists.merged(ids)
    for story_id in sorted(set(ids) - {each.id for each in merged}):
        site.drop(f"{MERGED}/{story_id}")
    into = {story.id: story for story in site.rows.stories.load(sorted({each.into for each in merged}))}
    for each in merged:
        target = into.get(each.into)
        if target is None or not target.has_page:
            site.drop(f"{MERGED}/{each.id}")
            continue
        slug = site.rows.stories.old_address(each, target)
        page = site.pages.redirect(Redirect(slug, target.slug))
        site.put(f"{MERGED}/{each.id}", {addresses.story(slug): page}, [target])
    site.rows.stories.forget()


def put_topics(site: Site, topics: Iterable[str]) -> None:
    """The pages and feeds of these topics; those that nothing shown has any more are dropped."""
    for some in _in_portions(sorted(topics)):
        for topic in some:
            _put_topic(site, topic)
        site.rows.stories.forget()


def _put_topic(site: Site, topic: str) -> None:
    shown = site.rows.stories.topics.get(topic)
    ids = site.rows.lists.of_topic(topic, ON_TOPIC)
    stories = site.rows.stories.load(ids) if shown else []
    if not shown or not stories:
        site.drop(f"{TOPIC}/{topic}")
        return
    # As the tags of a story: one post of ten makes it none of this topic's. Where all are such, better these than none.
    stories = [story for story in stories if _has(story, shown)] or stories
    page = addresses.topic(shown)
    feed = FeedOut(path=addresses.topic_feed(shown), title=shown.label, home=page, stories=stories[:IN_FEED])
    newest = max(story.changed_at for story in stories)
    is_listed = not any(story.is_noindex for story in stories)
    is_all = len(ids) < ON_TOPIC
    week = _week_of(site, shown, stories, is_all=is_all)
    told = TopicPage(topic=shown, stories=stories, today=site.today, is_all=is_all, rising=week)
    files = {page: site.pages.topic(told), **feed_files(site, feed)}
    # Where one that is left out here is of this topic no more, an older one has its place.
    site.put(f"{TOPIC}/{topic}", files, stories, (page, newest) if is_listed else None, also=ids)


def _has(story: ShownStory, topic: ShownTopic) -> bool:
    return any(each.topic == topic and each.share >= LEAST_SHARE for each in story.topics)


def _week_of(site: Site, topic: ShownTopic, stories: Sequence[ShownStory], *, is_all: bool) -> Rising | None:
    """What came in the seven days up to today, and in a usual week of the four before, if so far back it is shown."""
    _, end = site.bounds(site.today)
    times = [post.at for story in stories for post in story.originals]
    begin, before = end - _WEEK, end - 5 * _WEEK
    if not is_all and min(story.last_at for story in stories) > before:
        return None
    this = sum(at >= begin for at in times)
    return Rising(topic, this, sum(before <= at < begin for at in times) / 4) if this else None


def put_days(site: Site, days: Iterable[date]) -> None:
    """The pages of these days; those that have nothing to show any more are dropped."""
    before = {date.fromisoformat(each) for each in site.manifest.named(DAY)}
    told = {day: _told_on(site, day) for day in sorted(days)}
    present = {day for day, shown in told.items() if shown} | (before - told.keys())
    order = sorted(present)
    # Days link to those before and after them.
    for day in sorted(_neighbours(present ^ before, order) - told.keys()):
        told[day] = _told_on(site, day)
    for day, shown in told.items():
        if shown:
            _put_day(site, shown, order)
        else:
            site.drop(f"{DAY}/{day}")


def _told_on(site: Site, day: date) -> DayStories | None:
    """What was told on a day as it was told at its end; None where that is nothing.

    Several voices tell the one, the widest carried first; of those that one tells, the newest are shown. Which is which
    follows from what was seen then, whatever has a page now.
    """
    begin, end = site.bounds(day)
    closed, lists = end + CLOSED_AFTER, site.rows.lists
    # Twice as many of one voice: those that were seen too late, or may not be shown, take no place of others.
    ids = dict.fromkeys([*lists.paged_on(day), *lists.single_on(day, 2 * SINGLES_OF_DAY)])
    told = [then for story in site.rows.stories.load(ids) if (then := as_of(story, begin, end, closed))]
    site.rows.stories.forget()
    told.sort(key=lambda story: (-story.last_at.timestamp(), story.id))
    wide = [story for story in told if is_wide(story)]
    singles = [story for story in told if not is_wide(story)][:SINGLES_OF_DAY]
    for stories in (wide, singles):
        stories.sort(key=lambda story: (-len(story.publishers), -len(story.people)))
    return DayStories(day=day, stories=wide, singles=singles) if told else None


def _put_day(site: Site, shown: DayStories, order: Sequence[date]) -> None:
    place, page = bisect_left(order, shown.day), addresses.day(shown.day)
    before = order[place - 1] if place else None
    after = order[place + 1] if place + 1 < len(order) else None
    stories = [*shown.stories, *shown.singles]
    is_listed = not any(story.is_noindex for story in stories)
    newest = max(story.last_at for story in stories)
    text = site.pages.day(shown, before=before, after=after)
    site.put(f"{DAY}/{shown.day}", {page: text}, stories, (page, newest) if is_listed else None)


def _neighbours(days: Iterable[date], order: Sequence[date]) -> set[date]:
    """Those next to these days in that order."""
    found: set[date] = set()
    for day in days:
        found.update(order[max(0, bisect_left(order, day) - 1) : bisect_right(order, day) + 1])
    return found


def put_source_feeds(site: Site, ids: Iterable[int]) -> None:
    """The feeds of these sources, of those that may be named."""
    sources = {source.id: source for source in site.sources}
    for source_id in sorted(ids):
        source = sources.get(source_id)
        stories = site.rows.stories.load(site.rows.lists.of_source(source_id, IN_FEED)) if source else []
        if not source or not stories:
            site.drop(f"{SOURCE}/{source_id}")
            continue
        path = addresses.source_feed(source_id)
        feed = FeedOut(path=path, title=source.name, home=addresses.SOURCES, stories=stories)
        site.put(f"{SOURCE}/{source_id}", feed_files(site, feed), stories)
    site.rows.stories.forget()


def feed_files(site: Site, feed: FeedOut) -> dict[str, str]:
    """A feed in both forms."""
    return {
        f"{feed.path}.atom": atom(feed, site.settings, site.labels, site.entries),
        f"{feed.path}.json": json_feed(feed, site.settings, site.labels, site.entries),
    }


def _in_portions(ids: list[_Key]) -> Iterator[list[_Key]]:
    for begin in range(0, len(ids), _AT_ONCE):
        yield ids[begin : begin + _AT_ONCE]
