"""The parts that pages are put together from: a day, what stands beside it, the lines of river, topics and sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup

from aggregator.model.site import Rising, ShownPost, ShownSource, ShownStory, ShownTopic, TopicCount, Voice
from aggregator.publish import addresses
from aggregator.publish.agenda import Ahead, ahead
from aggregator.publish.clean import plain, web_address
from aggregator.publish.coming import Coming
from aggregator.publish.items import PERSON_REL, PUBLISHER_REL, Item, Items, Name, Tag, linked, newest, numbered
from aggregator.publish.strokes import Stroke, day_rule, week_rule

_MOST_BESIDE = 6
# Of a story that a search found: so many of the posts that have the words.
_MOST_FOUND = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DayStories:
    """The stories of a day in the order they are shown in; `singles` are those that one voice tells, each a line."""

    day: date
    stories: Sequence[ShownStory] = ()
    singles: Sequence[ShownStory] = ()


class FirstWith(NamedTuple):
    """How many stories a publisher had before all others."""

    voice: Voice
    stories: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """What stands beside the news of the front page. `coming`: what is to come, the soonest first."""

    coming: Sequence[Coming] = ()
    rising: Sequence[Rising] = ()
    first: Sequence[FirstWith] = ()
    topics: Sequence[TopicCount] = ()
    sources: Sequence[ShownSource] = ()


class RiverLine(NamedTuple):
    """A post in order of time. `story`: the page of its story, if it has one; `voices`: how many carry that."""

    moment: Markup
    title: str
    attributes: Markup
    mark: Markup
    href: str | None
    rel: Markup
    who: Name
    story: str | None
    voices: Markup


class FoundStory(NamedTuple):
    """A story in which a search found posts: these as `lines`, the newest first, and in words how many `more`. A line
    has no title where that is the story's. `day` is the newest's."""

    day: Markup
    title: str
    attributes: Markup
    mark: Markup
    href: str | None
    rel: Markup
    size: int
    lines: Sequence[RiverLine]
    more: Markup
    tags: Sequence[Tag]


class DayPart(NamedTuple):
    """A day. `name` leads to its page, if it has one; `text` says how much was told; `whole` is the rule with all its
    strokes."""

    id: str
    name: Markup
    text: Markup
    whole: Markup
    stories: Sequence[Item]
    singles: Sequence[RiverLine]


class Row(NamedTuple):
    """A row of a small table: a topic or a publisher, and figures."""

    link: Markup
    figures: tuple[str, ...]


class SourceLine(NamedTuple):
    """A source. `last`: when it spoke last; `rule`: its week; `feed`: where it can be followed, if it can."""

    last: Markup
    name: str
    href: str | None
    kind: Markup
    state: Markup
    trouble: str
    week: Markup
    rule: Markup
    feed: str | None


class BesidePart(NamedTuple):
    """What stands beside the front page; of the sources how many are well, in words, and those that aren't."""

    ahead: Sequence[Ahead]
    rising: Sequence[Row]
    first: Sequence[Row]
    topics: Sequence[Row]
    well: Markup
    ill: Sequence[tuple[str, Markup]]

    @property
    def is_any(self) -> bool:
        """Is there anything?"""
        return bool(self.ahead or self.rising or self.first or self.topics or self.well)


def is_well(source: ShownSource) -> bool:
    """Does it answer as it should, as far as is known?"""
    return source.status in ("ok", "new") and not source.trouble


def river_line(items: Items, here: str, post: ShownPost, story: ShownStory, day: date | None) -> RiverLine:
    """A post of a story as a line, on a list of `day`."""
    words = items.words
    voices = len({each.voice.key for each in story.originals}) if len(story.posts) > 1 else 1
    is_status = post.kind == "status"
    return RiverLine(
        words.moment(post.at, day or words.date_of(post.at)), items.short_title(post.title),
        words.attributes(post.language), words.mark(post.language), web_address(post.url or post.article_url),
        PERSON_REL if is_status else PUBLISHER_REL,
        items.name(post.voice, None), items.link(here, addresses.story(story.slug)) if story.has_page else None,
        words.count("count.voices", voices) if voices > 1 else Markup(),
    )  # fmt: skip


def found_story(items: Items, here: str, story: ShownStory) -> FoundStory:
    """A story of which `posts` are those that a search found."""
    words, newest_first = items.words, numbered(story)[0][::-1]
    day = words.date_of(newest_first[0].at)
    lines = [
        line._replace(title="", who=items.name(post.voice, post.url or post.article_url))
        if post.title == story.title else line
        for post in newest_first[:_MOST_FOUND]
        for line in (river_line(items, here, post, story, day),)
    ]  # fmt: skip
    listed = items.item(here, story, None, most=0)
    more = len(newest_first) - len(lines)
    return FoundStory(
        words.day(day, "short_year"), listed.title, listed.attributes, listed.mark, listed.href, listed.rel,
        2 if story.has_page else 1, lines, words.some("search.more", more) if more else Markup(), listed.tags,
    )  # fmt: skip


def _day_name(items: Items, here: str, day: date, day_pages: frozenset[date]) -> Markup:
    """A day's name, as a link to its page if it has one."""
    name = items.words.day(day, "full")
    return Markup(f'<a href="{items.link(here, addresses.day(day))}">{name}</a>') if day in day_pages else name


def day_part(
    items: Items, here: str, shown: DayStories, today: date | None, *, is_first: bool = True,
    day_pages: frozenset[date] = frozenset(),
) -> DayPart:  # fmt: skip
    """A day of the front page, or of its own page. Of `today` it is said up to when it is told; how to read a day,
    of the first of its page alone."""
    words, day = items.words, shown.day
    stories = (*shown.stories, *shown.singles)
    until = newest(stories) if today == day else None
    posts = sum(len(story.originals) for story in stories)
    text = words.say(
        "front.sum" if until else "front.sum_day" if is_first else "front.sum_past",
        at=words.clock(until) if until else "",
        posts=words.count("count.posts", posts), stories=words.count("count.stories", len(stories)),
    )  # fmt: skip
    strokes = [Stroke(post.at, post.voice.is_person) for story in stories for post in story.originals]
    return DayPart(
        f"d{day.isoformat()}", _day_name(items, here, day, day_pages), text,
        day_rule(words, strokes, day, is_whole=True, until=until),
        [items.item(here, story, day, with_rule=True, today=today) for story in shown.stories],
        [river_line(items, here, story.lead, story, day) for story in shown.singles],
    )  # fmt: skip


def river_days(
    items: Items, here: str, stories: Iterable[ShownStory], since: date, day_pages: frozenset[date]
) -> list[tuple[Markup, Markup, list[RiverLine]]]:
    """The days since then, the newest first: name, rule, and the posts of each, copies left out. The name leads to the
    day's page, if it has one."""
    words = items.words
    posts = [(post, story) for story in stories for post in numbered(story)[0]]
    posts.sort(key=lambda of: (of[0].at, of[0].id), reverse=True)
    found = []
    for day, of in groupby(posts, lambda of: words.date_of(of[0].at)):
        if day < since:
            break
        told = list(of)
        strokes = [Stroke(post.at, post.voice.is_person) for post, _ in told]
        found.append(
            (
                _day_name(items, here, day, day_pages), day_rule(words, strokes, day, is_whole=True, until=None),
                [river_line(items, here, post, story, day) for post, story in told],
            )
        )  # fmt: skip
    return found


def beside(items: Items, here: str, aside: Aside, today: date) -> BesidePart:
    """What stands beside the front page."""
    words = items.words
    ill = [source for source in aside.sources if not is_well(source)]
    shown = aside.rising[:_MOST_BESIDE]
    # Where the time that is kept is short there is no usual week yet, and a column of zeros says nothing.
    is_usual = any(usual for _, _, usual in shown)
    well = words.say("front.well", n=words.number(len(aside.sources) - len(ill)), all=words.number(len(aside.sources)))
    return BesidePart(
        ahead(items, here, aside.coming[:_MOST_BESIDE], today),
        [
            topic_row(items, here, topic, words.number(week), *([words.number(round(usual, 1))] if is_usual else ()))
            for topic, week, usual in shown
        ],
        [voice_row(items, voice, n) for voice, n in aside.first[:_MOST_BESIDE]],
        [topic_row(items, here, topic, words.number(n)) for topic, n in aside.topics[:_MOST_BESIDE]],
        well if aside.sources else Markup(),
        [(items.title(source.name), state(items, source)) for source in ill[:_MOST_BESIDE]],
    )  # fmt: skip


def topic_row(items: Items, here: str, topic: ShownTopic, *figures: str) -> Row:
    """A topic with figures."""
    tag: Tag = items.tag(here, topic)
    return Row(linked(tag.label, tag.href), figures)


def voice_row(items: Items, voice: Voice, n: int) -> Row:
    """A publisher with a figure."""
    return Row(items.name(voice, None).link, (items.words.number(n),))


def months(items: Items, here: str, topic: ShownTopic, stories: Iterable[ShownStory]) -> list[tuple[str, list[Item]]]:
    """Stories by months, in the order they come in."""
    words = items.words
    by_month = groupby(stories, lambda story: words.date_of(story.first_at).replace(day=1))
    return [
        (words.written(month, "month"), [items.item(here, story, None, most=1, about=topic) for story in of])
        for month, of in by_month
    ]


def together(items: Items, here: str, shown: ShownTopic, stories: Iterable[ShownStory]) -> list[Row]:
    """The topics that stories have besides this one, most often first."""
    seen = Counter(topic for story in stories for topic, _ in story.topics if topic != shown)
    return [topic_row(items, here, topic, items.words.number(n)) for topic, n in seen.most_common(_MOST_BESIDE)]


def writers(items: Items, posts: Iterable[ShownPost]) -> list[Row]:
    """The publishers of posts, who wrote most first."""
    said = [post.voice for post in posts if not post.voice.is_person]
    voices = {voice.key: voice for voice in reversed(said)}
    seen = Counter(voice.key for voice in said)
    return [voice_row(items, voices[key], n) for key, n in seen.most_common(_MOST_BESIDE)]


def languages(items: Items, posts: Iterable[ShownPost]) -> str:
    """The languages of posts and how many are in each: "English 8, German 5"."""
    words = items.words
    seen = Counter(post.language for post in posts if post.language)
    return ", ".join(f"{words.language_name(code)} {words.number(n)}" for code, n in seen.most_common())


def state(items: Items, source: ShownSource) -> Markup:
    """How a source is, in words."""
    key = "bad" if source.status == "ok" and source.trouble else source.status
    return items.words.fixed.get(f"sources.status.{key}", items.words.fixed["sources.status.bad"])


def source_line(items: Items, here: str, source: ShownSource, today: date, *, has_feed: bool) -> SourceLine:
    """A source on the page of sources, with the week up to the end of `today`."""
    words = items.words
    _, rule = week_rule(words, [Stroke(at, source.kind != "feed") for at in source.week], today)
    return SourceLine(
        words.moment(source.newest_at, today) if source.newest_at else words.fixed["sources.never"],
        items.title(source.name), web_address(source.site_url or source.url),
        words.fixed.get(f"sources.kind.{source.kind}", words.fixed["sources.kind.feed"]), state(items, source),
        plain(source.trouble or "").strip(), words.count("sources.week", len(source.week)), rule,
        items.link(here, addresses.source_feed(source.id) + ".atom") if has_feed else None,
    )  # fmt: skip
