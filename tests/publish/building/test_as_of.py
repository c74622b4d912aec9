"""A story as it was told at the end of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.model.site import Said, ShownPost, ShownStory, ShownTopic, Voice, shared_topics
from aggregator.publish.building.as_of import as_of

BEGIN = datetime(2026, 5, 4, tzinfo=UTC)
END, CLOSED = BEGIN + timedelta(days=1), BEGIN + timedelta(hours=30)


def post(number: int, hours: float, *, seen: float | None = None, **more: object) -> ShownPost:
    at = BEGIN + timedelta(hours=hours)
    made = ShownPost(
        id=number, kind="article", at=at, seen_at=BEGIN + timedelta(hours=hours if seen is None else seen),
        title=f"Title {number}", text="", url=f"https://p{number}.example/", article_url=None, author=None,
        voice=Voice(f"p{number}.example", f"Paper {number}", is_person=False), language="en", because="",
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def story(*posts: ShownPost, lead: int = 1, title: str | None = None) -> ShownStory:
    leading = next(each for each in posts if each.id == lead)
    return ShownStory(
        id=1, slug="one-1", title=title or leading.title, language="en", first_at=posts[0].at, last_at=posts[-1].at,
        changed_at=posts[-1].at, score=0.5, pinned=False, has_page=True, lead=leading, posts=posts,
    )  # fmt: skip


def told(shown: ShownStory) -> tuple[str, list[int]] | None:
    then = as_of(shown, BEGIN, END, CLOSED)
    return then and (then.title, [each.id for each in then.posts])


def test_what_came_later_is_left_out() -> None:
    assert told(story(post(1, 10), post(2, 23), post(3, 25))) == ("Title 1", [1, 2])


def test_what_was_seen_too_late_is_left_out_what_was_seen_soon_after_is_not() -> None:
    assert told(story(post(1, 10), post(2, 23, seen=29), post(3, 23, seen=31))) == ("Title 1", [1, 2])


def test_a_story_of_another_day_is_none() -> None:
    assert told(story(post(1, -3))) is None
    assert told(story(post(1, 26))) is None
    assert told(story(post(1, 10, seen=90))) is None
    assert told(story(post(1, -3), post(2, 1))) == ("Title 1", [1, 2])


def test_titles_are_those_of_then() -> None:
    before = (Said(BEGIN + timedelta(hours=12), "First"), Said(CLOSED + timedelta(hours=1), "At the end"))
    assert told(story(post(1, 10, before=before))) == ("At the end", [1])
    before = (Said(BEGIN + timedelta(hours=12), "First"), Said(CLOSED - timedelta(hours=1), "Second"))
    assert told(story(post(1, 10, before=before))) == ("Title 1", [1])


def test_a_lead_that_came_later_gives_no_title() -> None:
    assert told(story(post(1, 10), post(2, 30), lead=2)) == ("Title 1", [1])


def test_a_copy_does_not_lead() -> None:
    shown = story(post(1, 10, copy_of=2), post(2, 11), post(3, 30), lead=3)
    assert told(shown) == ("Title 2", [1, 2])


def then(shown: ShownStory) -> ShownStory:
    found = as_of(shown, BEGIN, END, CLOSED)
    assert found
    return found


def test_who_took_the_lead_later_leaves_no_trace() -> None:
    posts = (post(1, 10), post(2, 11), post(3, 12))
    assert then(story(*posts, lead=1)) == then(story(*posts, lead=3))
    assert then(story(*posts, lead=1)) == then(story(*posts, post(4, 40), lead=4))


def test_an_article_leads() -> None:
    assert told(story(post(1, 10, kind="status"), post(2, 11), lead=1)) == ("Title 2", [1, 2])
    assert told(story(post(1, 10, kind="status"), post(2, 31), lead=2)) == ("Title 1", [1])


def test_a_title_that_an_editor_gave_by_then_stands_one_of_later_does_not() -> None:
    shown = story(post(1, 10, language="de"), title="Given")
    given = replace(shown, given_at=CLOSED - timedelta(minutes=1))
    assert (then(given).title, then(given).language) == ("Given", "en")
    later = then(replace(shown, given_at=CLOSED))
    assert (later.title, later.language) == ("Title 1", "de")


def test_only_what_several_voices_told_by_then_has_its_page() -> None:
    assert not then(story(post(1, 10), post(2, 40))).has_page
    assert then(story(post(1, 10), post(2, 11), post(3, 40))).has_page
    assert not then(replace(story(post(1, 10), post(2, 11)), has_page=False)).has_page


def test_topics_are_those_of_the_posts_of_then() -> None:
    known = {topic: ShownTopic(topic, topic.title(), "topic") for topic in ("law", "ferries", "bread")}
    posts = (post(1, 10, topics=(("law", 0.5),)), post(2, 11, topics=(("law", 0.5), ("ferries", 0.9))))
    later = post(3, 40, topics=(("ferries", 0.9), ("bread", 0.9)))
    shown = replace(story(*posts, later), topics=shared_topics((*posts, later), known))
    assert [(topic.topic, share) for topic, share in then(shown).topics] == [("law", 1.0), ("ferries", 0.5)]
