"""Every kind of page, made of the stories of `tests.helpers.shown`; and how a test reads one."""

from __future__ import annotations

from datetime import date

from selectolax.lexbor import LexborHTMLParser, LexborNode

from aggregator.model.rules import SavedQuery
from aggregator.model.settings import Publish
from aggregator.model.site import Redirect, ShownStory
from aggregator.publish import addresses
from aggregator.publish.coming import coming_of
from aggregator.publish.pages import DayCount, Pages, TopicPage
from aggregator.publish.parts import Aside, DayStories, FirstWith
from tests.helpers import shown

SETTINGS = Publish(
    title="The Small Lamp", about="Made in a kitchen.\n\nWrite to us.", feeds=(SavedQuery(name="law", title="Law"),)
)
DAYS = (
    DayStories(day=shown.TODAY, stories=shown.STORIES, singles=shown.SINGLES),
    DayStories(day=shown.YESTERDAY, stories=shown.OLDER),
)
ALL = (*shown.STORIES, *shown.SINGLES, *shown.OLDER)
ASIDE = Aside(rising=shown.RISING, first=(FirstWith(shown.QUAY, 5),), topics=shown.COUNTS, sources=shown.SOURCES)


def site(settings: Publish = SETTINGS, stories: tuple[ShownStory, ...] = ALL) -> dict[str, str]:
    """Every kind of page, by its path."""
    pages = Pages(settings)
    day = DayStories(day=shown.TODAY, stories=stories)
    made = {
        addresses.FRONT: pages.front([day], ASIDE, shown.TODAY),
        addresses.RIVER: pages.river(stories, shown.YESTERDAY),
        addresses.TOPICS: pages.topics(shown.COUNTS),
        addresses.day(shown.TODAY): pages.day(day, before=shown.YESTERDAY),
        addresses.AGENDA: pages.agenda(coming_of(stories, shown.TODAY), shown.TODAY),
        addresses.DAYS: pages.days([DayCount(shown.TODAY, 9), DayCount(date(2026, 10, 31), 1)]),
        addresses.SOURCES: pages.sources(shown.SOURCES, shown.TODAY),
        addresses.HOW: pages.how(shown.TOTALS),
        addresses.SEARCH: pages.search(),
        addresses.NOT_FOUND: pages.not_found(),
        addresses.story("9-old"): pages.redirect(Redirect("9-old", shown.FUNDED.slug)),
        addresses.topic(shown.AURORE): pages.topic(
            TopicPage(
                topic=shown.AURORE, stories=stories, today=shown.TODAY, rising=shown.RISING[0]
            )
        ),
        addresses.topic(shown.CHIPS): pages.topic(
            TopicPage(topic=shown.CHIPS, stories=stories, today=shown.TODAY, is_all=False)
        ),
    }  # fmt: skip
    return made | {addresses.story(story.slug): pages.story(story) for story in stories}


def page_of(story: ShownStory, settings: Publish = SETTINGS) -> LexborHTMLParser:
    return LexborHTMLParser(Pages(settings).story(story))


def text(node: LexborNode | None) -> str:
    assert node is not None
    return " ".join(node.text().split())


def headings(page: LexborHTMLParser) -> list[str]:
    return [text(node).removesuffix(" why it matters").removesuffix(" in order of time") for node in page.css("h2")]


def section(page: LexborHTMLParser, id_: str) -> LexborNode:
    (found,) = page.css(f'[aria-labelledby="{id_}"]')
    return found


SITE = site()
