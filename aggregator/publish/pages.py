"""Stories, topics and sources → the pages of the site, as HTML.

Each method takes what its page shows and returns the text of that page, whole. Nothing else is read: no clock, no
database, so that the same stories make the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from markupsafe import Markup

from aggregator.model.settings import Publish
from aggregator.model.site import Redirect, Rising, ShownSource, ShownStory, ShownTopic, TopicCount, Totals
from aggregator.publish import addresses, agenda, linked_data, parts, telling
from aggregator.publish.briefing import briefing, summed_up
from aggregator.publish.briefs.at_once import brief_of
from aggregator.publish.clean import plain
from aggregator.publish.coming import Coming, coming_of
from aggregator.publish.frame import CSP, CSP_SEARCH, Frame, Site, site_from
from aggregator.publish.items import Items, linked, numbered, size_of
from aggregator.publish.parts import Aside, DayStories
from aggregator.publish.render import Renderer, shipped
from aggregator.publish.strokes import Stroke, hours, months_rule, story_rule, week_rule
from aggregator.publish.words import Words

# The rule of a topic's page: half a year.
TOPIC_SPAN = timedelta(days=181)
# So much of what is to come stands beside a topic.
_MOST_AHEAD = 3
# Of a story's page all are alike from here.
_ANY_STORY = addresses.story("-")


class DayCount(NamedTuple):
    """How many stories the page of a day has."""

    day: date
    stories: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPage:
    """The page of a topic or an entity up to the end of `today`. `stories` are the newest first; `is_all`: it has no
    others."""

    topic: ShownTopic
    stories: Sequence[ShownStory]
    today: date
    is_all: bool = True
    rising: Rising | None = None


class Pages:
    """The pages of one site. NoWordsError: no catalogue has its language."""

    def __init__(self, settings: Publish) -> None:
        self._settings = settings
        self.words = Words(settings.language, settings.timezone, settings.templates and settings.templates / "words")
        self._items = Items(self.words)
        self._renderer = Renderer(self.words, settings.templates)
        self._back = self.words.say("story.back", site=plain(settings.title))
        self._around = lru_cache(1024)(self._made_around)
        self._day_link = lru_cache(1024)(self._made_day_link)
        self._also = self.words.say(
            "story.also", json=linked("JSON", "story.json"), markdown=linked("Markdown", "story.md")
        )

    # The pages of stories

    def story(self, story: ShownStory, *, has_day: bool = True) -> str:
        """The page of a story. `has_day`: the day that it began on has a page, too."""
        items, words = self._items, self.words
        here = _ANY_STORY
        originals, numbers = numbered(story)
        brief = brief_of(story, words)
        told = briefing(items, here, story, brief, numbers)
        first = telling.began_with(originals)
        source, original = telling.origin(items, first)
        publishers, people = items.names(story.speaking)
        sources = telling.lines(items, story, originals, numbers)
        earlier = telling.others(items, here, story.earlier, later=False) if story.earlier else []
        later = telling.others(items, here, story.later, later=True) if story.later else []
        scale, rule = story_rule(words, [Stroke(post.at, post.voice.is_person) for post in originals])
        day = words.date_of(story.first_at)
        title = items.title(story.title)
        frame = self._frame(
            here, "story", title, summed_up(brief), noindex=story.is_noindex,
            path=addresses.story(story.slug),
            data=(linked_data.articles(originals), {"datePublished": story.first_at.isoformat()}),
        )  # fmt: skip
        return self._renderer.render(
            "story.html", frame=frame, title=title, attributes=words.attributes(story.language),
            mark=words.mark(story.language), tags=items.tags(here, story.topics), source=source, original=original,
            span=words.span(story.first_at, story.last_at), scale=scale, rule=rule, **told._asdict(),
            publishers=publishers, people=people,
            boosts=words.count("count.boosts", story.boosts) if story.boosts else "",
            hidden=words.count("count.hidden", story.hidden_people) if story.hidden_people else "",
            began=telling.beginning(items, story, first, told.happened), sources=sources,
            reasons=telling.reasons(items, sources, earlier, later), day_link=self._day_link(day if has_day else None),
            back=self._back, also=self._also,
            coverage=telling.coverage(items, story, earlier, later),
        )  # fmt: skip

    def redirect(self, moved: Redirect) -> str:
        """The page at the old address of a merged story: it leads to the one that has its posts."""
        here = addresses.story(moved.slug)
        target = addresses.story(moved.target)
        frame = self._frame(_ANY_STORY, "moved", self.words.fixed["redirect.title"], "", noindex=True, path=target)
        link = addresses.link(here, target)
        text = self.words.say("redirect.text", link=linked(self.words.fixed["redirect.link"].unescape(), link))
        return self._renderer.render("redirect.html", frame=frame, target=link, text=text)

    # Pages of a time

    def front(
        self, days: Sequence[DayStories], aside: Aside, today: date, *, day_pages: frozenset[date] = frozenset()
    ) -> str:
        """The front page: the stories of `today` and of days before it, the newest first, and what stands beside.
        `day_pages`: the days that have a page."""
        here, items = addresses.FRONT, self._items
        stories = [story for shown in days for story in (*shown.stories, *shown.singles)]
        frame = self._frame(
            here, "front", plain(self._settings.title), self.words.fixed["front.description"], section="today",
            noindex=any(story.is_noindex for story in stories), data=(self._listed(stories), {}),
        )  # fmt: skip
        return self._renderer.render(
            "front.html", frame=frame,
            days=[
                parts.day_part(items, here, shown, today, is_first=n == 0, day_pages=day_pages)
                for n, shown in enumerate(days)
            ],
            aside=parts.beside(items, here, aside, today), hours=hours(), archive=items.link(here, addresses.DAYS),
            sources_href=items.link(here, addresses.SOURCES), agenda_href=items.link(here, addresses.AGENDA),
        )  # fmt: skip

    def day(self, shown: DayStories, *, before: date | None = None, after: date | None = None) -> str:
        """The page of a day; `before` and `after` are the days next to it that have a page."""
        here, items, words = addresses.day(shown.day), self._items, self.words
        stories = (*shown.stories, *shown.singles)
        name = words.written(shown.day, "full")
        beside = [
            (words.say(f"base.{key}", to=words.written(day, "named")), items.link(here, addresses.day(day)))
            for key, day in (("before", before), ("after", after))
            if day is not None
        ]
        frame = self._frame(
            here, "day", name, words.say("day.description", day=name), section="days", is_it=False,
            noindex=any(story.is_noindex for story in stories), data=(self._listed(stories), {}),
        )  # fmt: skip
        return self._renderer.render(
            "day.html", frame=frame, shown=parts.day_part(items, here, shown, None), beside=beside, hours=hours()
        )

    def days(self, counts: Sequence[DayCount]) -> str:
        """The archive: the days that have a page, the newest first."""
        here, words = addresses.DAYS, self.words
        months = [
            (words.written(month[0].day, "month"), month)
            for month in (list(of) for _, of in groupby(counts, lambda count: (count.day.year, count.day.month)))
        ]
        rows = [
            (
                month,
                [(words.day(each.day, "named"), self._items.link(here, addresses.day(each.day)), each) for each in of],
            )
            for month, of in months
        ]
        frame = self._frame(here, "days", words.fixed["days.title"], words.fixed["days.sum"], section="days")
        return self._renderer.render("days.html", frame=frame, months=rows)

    def river(self, stories: Sequence[ShownStory], since: date, *, day_pages: frozenset[date] = frozenset()) -> str:
        """All posts of these stories from the day `since` on in order of time, the newest first; copies left out.
        `day_pages`: the days that have a page."""
        here, words = addresses.RIVER, self.words
        frame = self._frame(
            here, "river", words.fixed["river.title"], words.fixed["river.sum"], section="river",
            noindex=any(story.is_noindex for story in stories),
        )  # fmt: skip
        days = parts.river_days(self._items, here, stories, since, day_pages)
        return self._renderer.render(
            "river.html", frame=frame, days=days, hours=hours(), archive=self._items.link(here, addresses.DAYS)
        )

    def agenda(self, entries: Sequence[Coming], today: date) -> str:
        """What is to come from `today` on, as sources name it, the soonest first."""
        here, items, words = addresses.AGENDA, self._items, self.words
        atom, json, calendar = (
            items.link(here, path)
            for path in (addresses.AGENDA_FEED + ".atom", addresses.AGENDA_FEED + ".json", addresses.CALENDAR)
        )
        title = words.fixed["agenda.title"]
        frame = self._frame(
            here, "agenda", title, words.fixed["agenda.sum"], section="agenda", feeds=(title, atom, json),
            noindex=any(each.story.is_noindex for each in entries),
        )  # fmt: skip
        links = (("agenda.calendar", calendar), ("base.atom", atom), ("base.json", json))
        feeds = Markup(", ").join(linked(words.fixed[key].unescape(), href) for key, href in links)
        return self._renderer.render(
            "agenda.html", frame=frame, feeds=feeds, spans=agenda.spans(items, here, entries, today)
        )

    # Pages of something

    def topic(self, page: TopicPage) -> str:
        """The page of a topic or an entity."""
        items, words, topic = self._items, self.words, page.topic
        here = addresses.topic(topic)
        label = plain(topic.label)
        posts = [post for story in page.stories for post in numbered(story)[0]]
        scale, rule = months_rule(
            words, (Stroke(post.at, post.voice.is_person) for post in posts), page.today - TOPIC_SPAN, page.today
        )
        stories = words.count("count.stories", len(page.stories))
        key = "topic.sum" if page.is_all else "topic.sum_part"
        text = words.say(key, posts=words.count("count.posts", len(posts)), stories=stories)
        feed = addresses.topic_feed(topic)
        frame = self._frame(
            here, "topic", label, text, section="topics", is_it=False, data=(self._listed(page.stories), {}),
            feeds=(label, items.link(here, feed + ".atom"), items.link(here, feed + ".json")),
            noindex=any(story.is_noindex for story in page.stories),
        )  # fmt: skip
        kind = f"kind.{topic.kind}"
        coming = coming_of(page.stories, page.today, words.language)
        return self._renderer.render(
            "topic.html", frame=frame, label=label, kind=words.fixed.get(kind, topic.kind), text=text,
            week=self._week(page.rising) if page.rising else "", scale=scale, rule=rule,
            ahead=agenda.ahead(items, here, coming[:_MOST_AHEAD], page.today),
            agenda_href=items.link(here, addresses.AGENDA), months=parts.months(items, here, topic, page.stories),
            topics_href=items.link(here, addresses.TOPICS),
            together=parts.together(items, here, topic, page.stories), writers=parts.writers(items, posts),
            languages=parts.languages(items, posts),
        )  # fmt: skip

    def topics(self, counts: Sequence[TopicCount]) -> str:
        """The index of entities and subjects, with their stories of the last seven days."""
        here = addresses.TOPICS
        words = self.words
        groups = [
            (
                words.fixed[f"topics.{key}"],
                [(self._items.tag(here, topic), size_of(n), n) for topic, n in counts if topic.is_entity is is_entity],
            )
            for key, is_entity in (("entities", True), ("subjects", False))
        ]
        frame = self._frame(here, "topics", words.fixed["topics.title"], words.fixed["topics.sum"], section="topics")
        return self._renderer.render("topics.html", frame=frame, groups=groups)

    def sources(
        self, sources: Sequence[ShownSource], today: date, has_feed: Callable[[ShownSource], bool] = lambda _: True
    ) -> str:
        """The sources with their state in words, and the week up to the end of `today` of each. `has_feed`: is there a
        feed of it to follow?"""
        here, words = addresses.SOURCES, self.words
        well: list[parts.SourceLine] = []
        ill: list[parts.SourceLine] = []
        for source in sources:
            line = parts.source_line(self._items, here, source, today, has_feed=has_feed(source))
            (well if parts.is_well(source) else ill).append(line)
        scale, _ = week_rule(words, (), today)
        frame = self._frame(here, "sources", words.fixed["sources.title"], words.fixed["base.made"], section="sources")
        text = words.say(
            "sources.sum", sources=words.count("count.sources", len(sources)), well=words.number(len(well))
        )
        groups = [(key, of) for key, of in (("trouble", ill), ("well", well)) if of]
        return self._renderer.render("sources.html", frame=frame, text=text, groups=groups, scale=scale)

    # The others

    def how(self, totals: Totals) -> str:
        """How this is made: who makes it, how much there is, by which rules, and where the data is."""
        here, items, words, settings = addresses.HOW, self._items, self.words, self._settings
        fill = {
            key: words.count(f"count.{key}", getattr(totals, key))
            for key in ("posts", "copies", "stories", "sources", "topics")
        }
        counts = (
            words.say("how.since", day=words.day(totals.since, "date"), **fill)
            if totals.since else words.say("how.counted", **fill)
        )  # fmt: skip
        named = [
            (words.fixed["how.feed_all"], addresses.ALL), (words.fixed["how.feed_stories"], addresses.STORIES),
            *((plain(saved.title), saved.name) for saved in settings.feeds),
        ]  # fmt: skip
        feeds = [
            (title, *(items.link(here, addresses.feed(name) + ending) for ending in (".atom", ".json")))
            for title, name in named
        ]
        about = [part.strip() for part in plain(settings.about).split("\n\n") if part.strip()]
        frame = self._frame(here, "how", words.fixed["how.title"], words.fixed["how.description"])
        return self._renderer.render(
            "how.html", frame=frame, about=about, counts=counts, feeds=feeds,
            people=words.fixed[f"how.rule_people_{settings.people}"],
            data_stories=words.say("how.data_stories", link=linked("stories.json", frame.site.stories_json)),
            data_sources=words.say("how.data_sources", link=linked("OPML", frame.site.opml)),
            data_topics=words.say(
                "how.data_topics",
                link=linked(words.fixed["base.sources"].unescape(), items.link(here, addresses.SOURCES)),
            ),
        )  # fmt: skip

    def search(self, query: str = "", found: Sequence[ShownStory] | None = None, *, has_index: bool = False) -> str:
        """The search page. `found`: what a server found, stories of which `posts` are those with the words; None where
        the page is a file.

        `has_index`: an index of the pages stands beside them, for searching without a server; else the page says how.
        """
        here, words = addresses.SEARCH, self.words
        csp = CSP_SEARCH if has_index and found is None else CSP
        frame = self._frame(
            here, "search", words.fixed["search.title"], words.fixed["base.made"], section="search",
            noindex=found is not None, csp=csp,
        )  # fmt: skip
        listed = None if found is None else [parts.found_story(self._items, here, story) for story in found]
        return self._renderer.render(
            "search.html", frame=frame, query=plain(query), found=listed, has_index=has_index,
            script=self._items.link(here, "search.js"), text=self._found(plain(query), len(found or ())),
            how_serve=words.say("search.how_serve", command=Markup("<code>aggregator serve</code>")),
            how_extra=words.say("search.how_extra", extra=Markup("<code>search</code>")),
        )  # fmt: skip

    def not_found(self) -> str:
        """What is shown in place of a page that is not there."""
        frame = self._frame(addresses.NOT_FOUND, "missing", self.words.fixed["missing.title"], "", noindex=True)
        return self._renderer.render("not_found.html", frame=frame)

    def assets(self) -> dict[str, bytes]:
        """The files that pages need, by their paths: stylesheets, the icon, the program of the search page."""
        found = {
            addresses.STYLESHEET: shipped("style.css"), addresses.ICON: shipped("icon.svg"),
            "search.js": shipped("search.js"),
        }  # fmt: skip
        if self._settings.stylesheet is not None:
            found[addresses.OWN_STYLESHEET] = self._settings.stylesheet.read_bytes()
        return found

    # What they are made of

    def _frame(
        self, here: str, kind: str, title: str, description: str, *, path: str | None = None,
        section: str | None = None, is_it: bool = True,
        data: tuple[list[dict[str, Any]], Mapping[str, str]] | None = None, **more: Any,
    ) -> Frame:  # fmt: skip
        """`section`: which entry of the navigation a page belongs to; `is_it`: it is that page. `path`: where it
        stands, if that is not `here`."""
        address = self._settings.address
        canonical = addresses.absolute(address, path or here) if address and kind != "missing" else None
        if data is not None:
            more["data"] = linked_data.page(title, self.words.language, data[0], canonical, **data[1])
        site, links, head, foot = self._around(here, kind, section, is_it)
        return Frame(
            site=site, links=links, head=head, foot=foot, kind=kind, title=title, description=description,
            canonical=canonical, **more,
        )  # fmt: skip

    def _made_around(
        self, here: str, kind: str, section: str | None, is_it: bool
    ) -> tuple[Site, Markup, Markup, Markup]:
        """What is the same for all pages of a kind in a folder, made once."""
        site = site_from(here, self._settings, self._items)
        links, head, foot = (
            Markup(self._renderer.render(f"_{name}.html", site=site, kind=kind, section=section, is_it=is_it))
            for name in ("links", "head", "foot")
        )
        return site, links, head, foot

    def _made_day_link(self, day: date | None) -> Markup:
        """The way from a story back to its day; to the front page, where that has no page."""
        words = self.words
        name = words.say("base.before", to=words.written(day, "named") if day else words.fixed["base.today"])
        to = addresses.day(day) if day else addresses.FRONT
        return Markup(f'<a href="{self._items.link(_ANY_STORY, to)}">{name}</a>')

    def _listed(self, stories: Iterable[ShownStory]) -> list[dict[str, Any]]:
        return linked_data.stories(stories, self._settings.address)

    def _found(self, query: str, n: int) -> Markup:
        words = self.words
        return words.some("search.found", n, query=query) if n else words.say("search.nothing", query=query)

    def _week(self, rising: Rising) -> Markup:
        """How much of a topic came this week, and how much comes in a usual one."""
        words = self.words
        usual = round(rising.usual, 1)
        return words.say(
            "topic.week", posts=words.count("count.posts", rising.week),
            usual=words.number(usual) if usual else words.fixed["topic.none"],
        )  # fmt: skip
