"""Old state and what was collected → what to write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aggregator.model.changes import Changes
from aggregator.model.poll import Collected, Outcome
from aggregator.model.post import EnrichedPost, KnownPost, Neighbours, OlderStory
from aggregator.model.source import Source, SourceMemory
from aggregator.pipeline.decide import Settings, decide
from aggregator.stories.evidence import USUAL_THRESHOLD
from aggregator.stories.index import StoryIndex
from aggregator.stories.overlay import Overlay
from tests.helpers.build import NOW, make_collected, make_enriched, make_source, make_taxonomy

HERE, THERE, HASHTAG = make_source(1), make_source(2), make_source(3, kind="hashtag")
ACME = make_taxonomy(acme=("Acme",))
DAY = timedelta(days=1)


class Desk:
    """Decides batches one after another, and remembers what was written as the database would."""

    def __init__(self) -> None:
        self.index = StoryIndex(timedelta(hours=72), USUAL_THRESHOLD)
        self.posts: dict[int, KnownPost] = {}
        self.items: dict[tuple[int, str], int] = {}
        self.bands: dict[int, tuple[int, ...]] = {}
        self.stories = 0
        self.older: tuple[OlderStory, ...] = ()

    def decide(self, *batch: Collected) -> Changes:
        neighbours = Neighbours(
            next_post_id=len(self.posts) + 1, next_story_id=self.stories + 1, items=self.items, posts=self.posts,
            bands=self.bands,
            older_near={
                (each.source.id, enriched.post.native_id): self.older for each in batch for enriched in each.posts
            },
        )  # fmt: skip
        overlay = Overlay(self.index)
        changes = decide(
            batch, neighbours, overlay, Settings(timedelta(hours=6), {"acme": "company"}), NOW, lambda: 0.0
        )
        self._write(changes)
        self.index.accept(overlay)
        return changes

    def take(self, *posts: EnrichedPost, source: Source = HERE) -> Changes:
        return self.decide(make_collected(posts, source=source))

    def _write(self, changes: Changes) -> None:
        for new in changes.new:
            post = new.enriched.post
            self.posts[new.id] = KnownPost(
                id=new.id, kind=post.kind, digest=new.enriched.digest, uri=post.uri, language=new.enriched.language,
                title=post.title, text=post.text, canonical_url=post.canonical_url,
                article_key=new.enriched.article_key, edited_at=post.edited_at,
                copy_of=new.copy_of.post_id if new.copy_of else None, story_id=new.membership.story_id,
                source_ids=frozenset({new.source_id}), publisher=new.enriched.publisher,
                published_at=post.published_at,
            )  # fmt: skip
            self.items[new.source_id, post.native_id] = new.id
            at = post.published_at or NOW
            self.older += (
                OlderStory(
                    id=new.membership.story_id, title=post.title, text=post.text, language=new.enriched.language,
                    first_at=at, last_at=at, entities=frozenset(match.topic for match in new.enriched.topics),
                ),
            )  # fmt: skip
            for band in new.enriched.bands:
                self.bands[band] = (*self.bands.get(band, ()), new.id)
        for post_id, copy in changes.became_copies:
            self.posts[post_id] = self.posts[post_id]._replace(copy_of=copy.post_id)
        for edited in changes.edited:
            self.posts[edited.id] = self.posts[edited.id]._replace(digest=edited.enriched.digest)
        for seen in changes.sightings:
            known = self.posts[seen.post_id]
            self.posts[seen.post_id] = known._replace(source_ids=known.source_ids | {seen.source_id})
            self.items[seen.source_id, seen.native_id] = seen.post_id
        self.stories += sum(head.is_new for head in changes.stories)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def _stories(changes: Changes) -> list[int]:
    return [new.membership.story_id for new in changes.new]


def _by(publisher: str, native_id: str, **given: Any) -> EnrichedPost:
    return replace(make_enriched(native_id, **given), publisher=publisher)


# ---------------------------------------------------------------- posts


def test_new_posts_are_written_oldest_first_and_undated_ones_last(desk: Desk) -> None:
    changes = desk.take(
        make_enriched("b", published_at=None),
        make_enriched("c", published_at=NOW - timedelta(hours=1)),
        make_enriched("a", published_at=NOW - timedelta(hours=2)),
    )
    assert [(new.id, new.enriched.post.native_id) for new in changes.new] == [(1, "a"), (2, "c"), (3, "b")]
    assert all(new.first_seen_at == NOW for new in changes.new)
    assert changes.polled[0].new == 3


def test_what_is_known_is_not_written_again(desk: Desk) -> None:
    desk.take(make_enriched("a"))
    changes = desk.take(make_enriched("a"))
    assert (changes.new, changes.edited, changes.sightings, changes.stories) == ((), (), (), ())


def test_an_edit_is_written_once(desk: Desk) -> None:
    desk.take(make_enriched("a"))
    changes = desk.take(make_enriched("a", text="More"))
    assert [edited.id for edited in changes.edited] == [1]
    assert changes.polled[0].edited == 1
    assert desk.take(make_enriched("a", text="More")).edited == ()


def test_two_entries_under_one_id_do_not_edit_each_other(desk: Desk) -> None:
    twins = make_enriched("a", text="One", url=None), make_enriched("a", text="Two", url=None)
    changes = desk.take(*twins)
    assert (len(changes.new), changes.edited) == (1, ())
    assert desk.take(*twins).edited == ()


def test_a_status_from_another_server_is_a_sighting_with_newer_counts(desk: Desk) -> None:
    desk.take(make_enriched("1", kind="status", text="Hello", uri="https://a.example/1"), source=HASHTAG)
    again = make_enriched("9", kind="status", text="Hello", uri="https://a.example/1", boosts=4)
    changes = desk.take(again, source=replace(HASHTAG, id=4, url="https://other.example/tags/ai"))
    [seen] = changes.sightings
    assert (seen.source_id, seen.native_id, seen.post_id) == (4, "9", 1)
    [counts] = changes.counts
    assert (counts.post_id, counts.boosts) == (1, 4)
    assert changes.new == ()


def test_two_sources_of_one_batch_see_each_other(desk: Desk) -> None:
    changes = desk.decide(
        make_collected([make_enriched("a", title="Ferry returns")], source=HERE),
        make_collected([make_enriched("b", title="Boats!", url="https://news.example/a")], source=THERE),
    )
    first, second = changes.new
    assert second.copy_of is not None
    assert second.copy_of.post_id == first.id
    assert [polled.copies for polled in changes.polled] == [0, 1]
    assert _stories(changes) == [1, 1]


# ---------------------------------------------------------------- copies and stories


def test_a_copy_follows_its_original_into_the_story(desk: Desk) -> None:
    desk.take(make_enriched("a", title="Ferry returns"))
    changes = desk.take(make_enriched("b", title="Unrelated words", url="https://news.example/a"), source=THERE)
    assert _stories(changes) == [1]
    assert changes.new[0].membership.because == "copy of post 1"
    assert [head.id for head in changes.stories] == [1]


def test_an_entry_without_address_is_a_copy_of_what_another_publisher_told(desk: Desk) -> None:
    desk.take(_by("gazette.example", "a", title="Port Marlow ferry returns after eleven years"))
    told = _by("courier.example", "b", title="Eleven years on, a ferry for Port Marlow", url=None)
    [new] = desk.take(told, source=THERE).new
    assert new.copy_of
    assert (new.copy_of.post_id, new.membership.story_id) == (1, 1)
    assert new.copy_of.because.startswith("has no address of its own, and tells what this post tells: one event (")


@pytest.mark.parametrize(
    ("publisher", "other"),
    [
        ("courier.example", {"url": "https://courier.example/b"}),
        ("gazette.example", {}),
        ("ann@social.example", {"kind": "status"}),
        ("courier.example", {"title": "Port Marlow elects a mayor"}),
    ],
    ids=["address", "same publisher", "status", "other matter"],
)
def test_no_copy_without_a_reason(desk: Desk, publisher: str, other: dict[str, Any]) -> None:
    desk.take(_by("gazette.example", "a", title="Port Marlow ferry returns after eleven years"))
    given = {"title": "Eleven years on, a ferry for Port Marlow", "url": None, **other}
    [new] = desk.take(_by(publisher, "b", **given), source=THERE).new
    assert new.copy_of is None


def test_a_copy_does_not_lead(desk: Desk) -> None:
    told = "Port Marlow ferry returns after eleven years"
    for number, title in enumerate([told.upper(), told, told, told]):
        source = make_source(number + 1)
        changes = desk.take(make_enriched(f"{number}", title=title, text=f"{told} today", url=None), source=source)
    assert [new.copy_of is not None for new in changes.new] == [True]
    assert [head.lead_post_id for head in changes.stories] == [1]


def test_a_copy_of_a_copy_points_at_the_first_and_shares_its_story(desk: Desk) -> None:
    text = "The harbour town gets its ferry back after eleven years, and pupils ride for free from May on."
    desk.take(make_enriched("a", text=text, title="Ferry"))
    desk.take(make_enriched("b", text=text, title="Ferry", url="https://b.example/b"), source=THERE)
    changes = desk.take(make_enriched("c", title="Boats", url="https://b.example/b"), source=make_source(5))
    assert changes.new[0].copy_of is not None
    assert changes.new[0].copy_of.post_id == 1
    assert _stories(changes) == [1]


def test_a_copy_of_a_forgotten_storys_post_still_belongs_to_it(desk: Desk) -> None:
    desk.take(make_enriched("a", title="Ferry returns"))
    desk.index.stories.clear()
    changes = desk.take(make_enriched("b", title="Boats", url="https://news.example/a"), source=THERE)
    assert _stories(changes) == [1]
    assert changes.stories == ()


def test_a_status_joins_the_story_of_the_article_it_points_at(desk: Desk) -> None:
    desk.take(make_enriched("a", title="Ferry returns"))
    status = make_enriched(
        "s", kind="status", text="I rode it this morning and waved at every seagull", article_url="https://news.example/a"
    )  # fmt: skip
    changes = desk.take(status, source=HASHTAG)
    assert changes.new[0].copy_of is None
    assert changes.new[0].membership.because == "shares a link with post 1"
    assert _stories(changes) == [1]


def test_an_article_that_comes_after_its_statuses_leads_their_story(desk: Desk) -> None:
    link = "https://news.example/ferry"
    bare = make_enriched("s", kind="status", text="Ferry returns to the bay " + link, article_url=link)
    words = make_enriched("t", kind="status", text="I waved at every seagull on board", article_url=link)
    desk.take(bare, words, source=HASHTAG)
    changes = desk.take(make_enriched("a", title="Ferry returns to the bay", url=link))
    assert [(post_id, copy.post_id) for post_id, copy in changes.became_copies] == [(1, 3)]
    assert _stories(changes) == [1]
    [head] = changes.stories
    assert (head.title, head.lead_post_id, head.is_new) == ("Ferry returns to the bay", 3, False)


def test_statuses_about_one_home_page_are_no_story(desk: Desk) -> None:
    texts = "Our cat sleeps all day long", "Tomorrow we bake bread together"
    statuses = [
        make_enriched(str(number), kind="status", text=text, article_url="https://chat.example/")
        for number, text in enumerate(texts)
    ]
    assert _stories(desk.take(*statuses, source=HASHTAG)) == [1, 2]


def test_items_of_one_changelog_page_are_no_story(desk: Desk) -> None:
    page = "https://news.example/changes"
    desk.take(make_enriched("1", title="Kestrel released", url=page))
    assert _stories(desk.take(make_enriched("2", title="Osprey fixes printing", url=page))) == [2]


def test_words_bring_posts_together_and_say_which(desk: Desk) -> None:
    desk.take(make_enriched("a", title="Ferry returns to Port Marlow"))
    changes = desk.take(make_enriched("b", title="Port Marlow has its ferry back", url="https://b.example/b"))
    assert _stories(changes) == [1]
    assert "marlow" in changes.new[0].membership.because


def test_a_new_head_is_new_even_when_it_changes_in_the_batch(desk: Desk) -> None:
    changes = desk.take(
        make_enriched("s", kind="status", text="Ferry returns to Port Marlow today", published_at=NOW - DAY),
        make_enriched("a", title="Ferry returns to Port Marlow"),
    )
    [head] = changes.stories
    assert (head.is_new, head.lead_post_id, head.title) == (True, 2, "Ferry returns to Port Marlow")


# ---------------------------------------------------------------- earlier coverage

OLD = {"title": "Court stops Acme ferry line", "published_at": NOW - 40 * DAY, "taxonomy": ACME}
RECENT = {"title": "Acme ferry line opens after court ruling", "taxonomy": ACME}


def test_earlier_coverage_whatever_the_order_of_arrival() -> None:
    def links(*batches: Sequence[Collected]) -> set[tuple[str, str]]:
        desk = Desk()
        all_changes = [desk.decide(*batch) for batch in batches]
        titles = {new.membership.story_id: new.enriched.post.title for changes in all_changes for new in changes.new}
        return {
            (titles[link.story_id], titles[link.earlier_story_id]) for changes in all_changes for link in changes.links
        }

    old = make_enriched("o", url="https://a.example/o", **OLD)  # type: ignore[arg-type]
    recent = make_enriched("r", url="https://b.example/r", **RECENT)  # type: ignore[arg-type]
    here, there = make_collected([old], source=HERE), make_collected([recent], source=THERE)
    wanted = {(str(RECENT["title"]), str(OLD["title"]))}
    assert links([here], [there]) == wanted
    assert links([there], [here]) == wanted
    assert links([here, there]) == wanted
    assert links([there, here]) == wanted
    assert links([make_collected([recent, old])]) == wanted


def test_a_year_of_posts_at_the_first_poll_gives_stories_of_their_times(desk: Desk) -> None:
    posts = [
        make_enriched(str(number), title="Port Marlow ferry timetable changes", published_at=NOW - number * 30 * DAY,
                      url=f"https://news.example/{number}")
        for number in range(12)
    ]  # fmt: skip
    changes = desk.take(*posts)
    assert len(changes.stories) == 12
    assert [head.at for head in changes.stories] == sorted(head.at for head in changes.stories)


# ---------------------------------------------------------------- sources


def _polled(outcome: Outcome, **given: Any) -> Mapping[str, object]:
    collected = make_collected(outcome=outcome, **given)
    [polled] = Desk().decide(collected).polled
    return {
        "status": polled.status, "failures": polled.memory.failures, "wait": polled.next_poll_at - NOW,
        "success": polled.memory.last_success_at,
    }  # fmt: skip


def test_success_forgets_failures() -> None:
    polled = _polled(Outcome.NOT_MODIFIED, memory=SourceMemory(failures=4))
    assert polled == {"status": "ok", "failures": 0, "wait": timedelta(minutes=15), "success": NOW}


def test_failures_add_up_and_the_last_success_is_remembered() -> None:
    memory = SourceMemory(failures=2, last_success_at=NOW - DAY)
    polled = _polled(Outcome.FAILED, memory=memory)
    assert polled == {"status": "failing", "failures": 3, "wait": timedelta(hours=1), "success": NOW - DAY}


def test_a_source_with_more_pages_is_due_at_once_unless_it_asks_for_patience() -> None:
    assert _polled(Outcome.OK, more=True)["wait"] == timedelta(0)
    assert _polled(Outcome.OK, more=True, retry_at=NOW + timedelta(minutes=5))["wait"] == timedelta(minutes=5)


# ---------------------------------------------------------------- headlines
