"""What is to come: its page, and what stands of it beside others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from selectolax.lexbor import LexborHTMLParser

from aggregator.model.brief import BriefSentence, Due, Precision
from aggregator.model.site import ShownStory
from aggregator.publish.coming import coming_of
from aggregator.publish.pages import Pages, TopicPage
from aggregator.publish.parts import Aside
from tests.helpers import shown
from tests.helpers.pages import SETTINGS, text
from tests.helpers.shown_briefs import BRIEFED, EXTRACTED


def story_with(*days: tuple[str, str, Precision], story: ShownStory = shown.LARK) -> ShownStory:
    """A story whose brief has a sentence for each of these days."""
    sentences = tuple(
        BriefSentence(
            part="watch", text=f"It comes {n}.", language="en", made="quoted", posts=(story.lead.id,),
            due=Due(date.fromisoformat(first), date.fromisoformat(last), precision),
        )
        for n, (first, last, precision) in enumerate(days, 1)
    )  # fmt: skip
    return replace(story, brief=replace(EXTRACTED, story_id=story.id, sentences=sentences))


def _page(*stories: ShownStory, today: date = shown.TODAY, language: str = "en") -> LexborHTMLParser:
    pages = Pages(replace(SETTINGS, language=language))
    return LexborHTMLParser(pages.agenda(coming_of(stories, today), today))


def test_dates_to_come_stand_in_order_with_their_source_and_story() -> None:
    page = _page(BRIEFED)
    assert [text(node) for node in page.css("h2")] == ["To the end of the year", "2027"]
    lines = [text(node) for node in page.css(".list > li")]
    assert lines[0] == (
        f"Wed 2 Decin 4 days Parliament hears the laboratory on 2 December. The Quay Courier in {shown.FUNDED.title}"
    )
    assert lines[1].startswith(
        "By the end of 2027 Zwei Standorte sollen bis Ende 2027 laufen. de Leitung & Draht de in"
    )
    assert page.css_first(".list a[href*=stories]").attributes["href"] == f"../stories/{shown.FUNDED.slug}/"
    assert [node.attributes["href"] for node in page.css(".sum a")] == [
        "../feeds/agenda.ics", "../feeds/agenda.atom", "../feeds/agenda.json",
    ]  # fmt: skip


def test_what_is_past_is_not_to_come_and_what_has_begun_is() -> None:
    days = story_with(
        ("2026-11-01", "2026-11-27", "day"), ("2026-11-01", "2026-11-30", "month"), ("2026-11-28", "2026-11-28", "day")
    )
    assert [each.sentence.text for each in coming_of([days], shown.TODAY)] == ["It comes 3.", "It comes 2."]
    assert [each.sentence.text for each in coming_of([days], date(2026, 12, 1))] == []


def test_days_are_told_as_exactly_as_they_are_known() -> None:
    days = story_with(
        ("2026-12-01", "2026-12-31", "month"), ("2027-03-01", "2027-05-31", "season"),
        ("2027-05-27", "2027-05-27", "day"), ("2027-01-01", "2027-12-31", "year"),
        ("2029-11-01", "2029-11-30", "month"),
    )  # fmt: skip
    page = _page(days)
    assert [text(node) for node in page.css("h2")] == ["To the end of the year", "2027", "Later"]
    assert [text(node) for node in page.css(".list .when")] == [
        "Dec 2026in 3 days", "During 2027", "Springfrom March", "27 Mayin 6 months", "November 2029in 2 years",
    ]  # fmt: skip
    german = _page(days, language="de")
    assert [text(node) for node in german.css(".list .when")][2:] == [
        "Frühjahrab März", "27. Maiin 6 Monaten", "November 2029in 2 Jahren",
    ]  # fmt: skip


def test_each_has_a_stroke_on_the_rule_of_its_time() -> None:
    page = _page(story_with(("2026-11-28", "2026-11-28", "day"), ("2026-12-31", "2026-12-31", "day")))
    assert [node.attributes["x1"] for node in page.css(".rule .next")] == ["0.0%", "100.0%"]
    assert [text(node) for node in page.css(".scale text")] == ["28 Nov", "31 Dec"]
    last = _page(story_with(("2026-12-31", "2026-12-31", "day")), today=date(2026, 12, 31))
    assert [node.attributes["x1"] for node in last.css(".rule .next")] == ["0.0%"]


def test_an_agenda_without_entries_says_so() -> None:
    assert "No source names a day to come." in text(_page(shown.FUNDED).css_first("main"))


def test_the_same_is_told_once() -> None:
    once = ("2026-12-02", "2026-12-02", "day")
    twice = story_with(once)  # type: ignore[arg-type]
    assert twice.brief
    doubled = replace(twice, brief=replace(twice.brief, sentences=twice.brief.sentences * 2))
    assert len(coming_of([doubled], shown.TODAY)) == 1


def _told(*said: tuple[str | None, str, str], story: ShownStory = shown.LARK, language: str | None = "en") -> list[str]:
    """What stands in the agenda of a story whose brief has these sentences: language, text, day."""
    days = story_with(*((day, day, "day") for _, _, day in said), story=story)
    assert days.brief
    sentences = tuple(
        replace(each, language=of, text=words)
        for each, (of, words, _) in zip(days.brief.sentences, said, strict=True)
    )  # fmt: skip
    stories = [replace(days, brief=replace(days.brief, sentences=sentences))]
    return [each.sentence.text for each in coming_of(stories, shown.TODAY, language)]


DE, FR, EN = (
    ("de", "Das Gericht hört den Kapitän am 2. Dezember.", "2026-12-02"),
    ("fr", "Le tribunal entend le capitaine le 2 décembre.", "2026-12-02"),
    ("en", "The court hears the captain on 2 December.", "2026-12-02"),
)


def test_a_date_that_several_languages_tell_stands_once_in_the_readers() -> None:
    assert _told(DE, FR, EN) == [EN[1]]
    assert _told(DE, FR, EN, language="fr") == [FR[1]]
    assert _told(DE, FR) == _told(DE, FR, language=None) == [DE[1]]  # in none that is theirs: who is named first


def test_other_dates_and_what_one_language_tells_twice_stay() -> None:
    later = ("de", "Das Urteil kommt am 3. Dezember.", "2026-12-03")
    assert _told(EN, DE, later) == [EN[1], later[1]]
    second = ("en", "The ferry sails on 2 December.", "2026-12-02")
    assert _told(EN, second, DE) == [EN[1], second[1]]
    assert set(_told(EN, (None, "2/12 Halcyon", "2026-12-02"))) == {EN[1], "2/12 Halcyon"}  # of no known language
    day = ("2026-12-02", "2026-12-02", "day")
    english, german = story_with(day), story_with(day, story=shown.FUNDED)  # type: ignore[arg-type]
    assert german.brief
    sentences = tuple(replace(each, language="de") for each in german.brief.sentences)
    other = replace(german, brief=replace(german.brief, sentences=sentences))
    assert len(coming_of([english, other], shown.TODAY, "en")) == 2  # of two stories


def test_the_front_page_and_topics_have_the_next_ones_beside() -> None:
    front = Pages(SETTINGS).front([], Aside(coming=coming_of([BRIEFED], shown.TODAY)), shown.TODAY)
    beside = LexborHTMLParser(front).css_first("aside .ahead")
    assert [text(node) for node in beside.css("dt")] == ["Wed 2 Dec", "By the end of 2027"]
    assert text(beside.css_first("dd")) == "Parliament hears the laboratory on 2 December."
    assert beside.css_first("h2 a").attributes["href"] == "agenda/"
    topic = Pages(SETTINGS).topic(TopicPage(topic=shown.AURORE, stories=(BRIEFED,), today=shown.TODAY))
    assert len(LexborHTMLParser(topic).css("aside .ahead dt")) == 2
    later = Pages(SETTINGS).topic(TopicPage(topic=shown.AURORE, stories=(BRIEFED,), today=date(2028, 1, 1)))
    assert LexborHTMLParser(later).css(".ahead") == []


def test_a_time_stands_once_above_all_that_is_due_then() -> None:
    once, later = ("2026-12-02", "2026-12-02", "day"), ("2027-12-02", "2027-12-02", "day")
    coming = coming_of([story_with(once, ("2026-12-03", "2026-12-03", "day"), once, later)], shown.TODAY)  # type: ignore[arg-type]
    column = LexborHTMLParser(Pages(SETTINGS).front([], Aside(coming=coming), shown.TODAY)).css_first("aside .ahead dl")
    assert [(node.tag, text(node)) for node in column.iter()] == [
        ("dt", "Wed 2 Dec"), ("dd", "It comes 1."), ("dd", "It comes 3."),
        ("dt", "Thu 3 Dec"), ("dd", "It comes 2."),
        ("dt", "2 Dec 2027"), ("dd", "It comes 4."),
    ]  # fmt: skip


def test_search_engines_are_kept_from_who_did_not_agree() -> None:
    assert _page(BRIEFED).css("meta[name=robots]") == []
    posts = tuple(replace(post, agreed=False) for post in BRIEFED.posts)
    assert _page(replace(BRIEFED, posts=posts)).css("meta[name=robots]") != []
