"""Is a post new, an update of a stored one, or a copy; of which, and because of what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.dedupe.candidates import Candidates
from aggregator.dedupe.copies import bare_statuses
from aggregator.dedupe.verdict import New, Same, verdict
from aggregator.model.post import Neighbours
from tests.helpers.build import NOW, make_enriched, make_source
from tests.helpers.stored import HERE, THERE, known_of, stored_as

TEXT = (
    "The harbour town gets its ferry back after eleven years. From May on it sails six times a day, the council said, "
    "and pupils ride for free. A second boat follows in autumn if enough people use the first one."
)


def _copy_id(found: New | Same) -> int | None:
    assert isinstance(found, New)
    return found.copy_of.post_id if found.copy_of else None


# ---------------------------------------------------------------- same item


def test_an_unknown_post_is_new() -> None:
    assert verdict(make_enriched(), HERE, known_of()) == New("1")


def test_the_same_id_in_the_same_source_is_the_same_item() -> None:
    found = verdict(make_enriched(), HERE, known_of((make_enriched(), HERE)))
    assert isinstance(found, Same)
    assert (found.known.id, found.edited) == (1, False)


def test_the_same_id_in_another_source_means_nothing() -> None:
    other = make_enriched(url="https://other.example/1", title="Something else entirely")
    assert verdict(other, THERE, known_of((make_enriched(), HERE))) == New("1")


def test_a_changed_text_is_an_edit() -> None:
    found = verdict(make_enriched(text="More"), HERE, known_of((make_enriched(), HERE)))
    assert isinstance(found, Same)
    assert found.edited


def test_an_older_version_from_a_cache_is_no_edit() -> None:
    newer = make_enriched(text="Newer", edited_at=NOW)
    older = make_enriched(text="Older", edited_at=NOW - timedelta(hours=1))
    found = verdict(older, HERE, known_of((newer, HERE)))
    assert isinstance(found, Same)
    assert not found.edited


def test_a_gone_post_is_not_edited() -> None:
    known = Candidates(Neighbours(items={(1, "1"): 1}, posts={1: stored_as(1, make_enriched(), is_gone=True)}))
    found = verdict(make_enriched(text="More"), HERE, known)
    assert isinstance(found, Same)
    assert not found.edited


def test_a_reused_id_with_another_link_and_title_is_another_post() -> None:
    known = known_of((make_enriched(title="Ferry returns"), HERE))
    reused = make_enriched(title="Council elects mayor", url="https://news.example/mayor")
    found = verdict(reused, HERE, known)
    assert found == New("1 https://news.example/mayor")
    known.add(stored_as(2, reused), HERE.id, found.native_id, reused.bands)
    again = verdict(reused, HERE, known)
    assert isinstance(again, Same)
    assert (again.known.id, again.edited) == (2, False)


def test_a_moved_link_with_the_same_title_is_the_same_item() -> None:
    known = known_of((make_enriched(title="Ferry returns to the bay"), HERE))
    moved = make_enriched(title="Ferry returns to the bay in May", url="https://news.example/new-address")
    assert isinstance(verdict(moved, HERE, known), Same)


def test_an_id_that_changed_is_the_same_item_by_link_and_title() -> None:
    known = known_of((make_enriched("old", title="Ferry returns", url="https://news.example/a"), HERE))
    found = verdict(make_enriched("new", title="Ferry returns!", url="http://www.news.example/a/"), HERE, known)
    assert isinstance(found, Same)
    assert (found.known.id, found.native_id) == (1, "new")


def test_one_link_for_different_items_of_one_source_is_no_sameness() -> None:
    known = known_of((make_enriched("1", title="Kestrel released", url="https://news.example/changes"), HERE))
    other = make_enriched("2", title="Osprey fixes bugs", url="https://news.example/changes")
    assert verdict(other, HERE, known) == New("2")


# ---------------------------------------------------------------- statuses


def test_a_status_is_one_by_its_uri_whatever_the_server() -> None:
    seen = make_enriched("1", kind="status", text="Hello", uri="https://a.example/1")
    again = make_enriched("99", kind="status", text="Hello", uri="https://a.example/1")
    found = verdict(again, THERE, known_of((seen, HERE)))
    assert isinstance(found, Same)
    assert (found.known.id, found.edited) == (1, False)


def test_another_servers_html_is_no_edit() -> None:
    seen = make_enriched("1", kind="status", text="Hello @ann", uri="https://a.example/1")
    other = make_enriched("9", kind="status", text="Hello @ann@a.example", uri="https://a.example/1")
    known = known_of((seen, HERE))
    for version, source in ((other, THERE), (seen, HERE), (other, THERE)):
        found = verdict(version, source, known)
        assert isinstance(found, Same)
        assert not found.edited


def test_a_status_is_edited_when_it_says_so_and_not_undone() -> None:
    first = make_enriched("1", kind="status", text="Helo", uri="https://a.example/1")
    second = make_enriched("1", kind="status", text="Hello", uri="https://a.example/1", edited_at=NOW)
    known = known_of((first, HERE))
    found = verdict(second, HERE, known)
    assert isinstance(found, Same)
    assert found.edited
    known.edit(1, second)
    for version in (first, second):
        again = verdict(version, HERE, known)
        assert isinstance(again, Same)
        assert not again.edited


# ---------------------------------------------------------------- copies


def test_the_same_link_elsewhere_is_a_copy_whatever_the_title() -> None:
    known = known_of((make_enriched(title="Ferry returns"), HERE))
    found = verdict(make_enriched("x", title="Boats!", url="https://news.example/1?utm_source=letter"), THERE, known)
    assert isinstance(found, New)
    assert found.copy_of is not None
    assert (found.copy_of.post_id, found.copy_of.score) == (1, 1.0)
    assert "https://news.example/1" in found.copy_of.because


def test_a_feed_entry_for_a_status_is_a_copy_of_it() -> None:
    status = make_enriched("1", kind="status", text="Hello harbour")
    entry = make_enriched("entry", url=status.post.url, title="Hello harbour")
    assert _copy_id(verdict(entry, THERE, known_of((status, HERE)))) == 1


def test_a_copy_of_a_copy_points_at_the_first() -> None:
    known = Candidates(Neighbours())
    first, second = make_enriched("1", text=TEXT), make_enriched("2", text=TEXT, url="https://other.example/2")
    known.add(stored_as(1, first), 1, "1", first.bands)
    known.add(stored_as(2, second, THERE, copy_of=1), 2, "2", second.bands)
    third = make_enriched("3", text="Other words", url="https://other.example/2", title="Something")
    assert _copy_id(verdict(third, make_source(3), known)) == 1


def test_what_became_a_copy_in_this_batch_passes_its_copies_on() -> None:
    known = Candidates(Neighbours())
    one, two = (make_enriched(name, url=f"https://{name}.example/x", text=TEXT) for name in ("one", "two"))
    known.add(stored_as(1, one), 1, "one", one.bands)
    known.add(stored_as(2, two, THERE, copy_of=1), 2, "two", two.bands)
    known.make_copy(1, 7)
    third = make_enriched("3", url="https://two.example/x", title="Something")
    assert _copy_id(verdict(third, make_source(3), known)) == 7


def test_an_original_out_of_sight_still_has_its_story() -> None:
    copy = make_enriched("2", url="https://other.example/2")
    known = Candidates(Neighbours(posts={2: stored_as(2, copy, THERE, copy_of=1, story_id=40)}))
    found = verdict(make_enriched("3", url="https://other.example/2", title="Something"), HERE, known)
    assert _copy_id(found) == 1
    assert known.story_of(1) == 40


def test_the_same_text_elsewhere_is_a_copy() -> None:
    known = known_of((make_enriched("1", title="Ferry returns", text=TEXT), HERE))
    syndicated = make_enriched("2", title="Ferry is back", text=TEXT, url="https://paper.example/ferry")
    found = verdict(syndicated, THERE, known)
    assert _copy_id(found) == 1
    assert isinstance(found, New)
    assert found.copy_of
    assert "word triples" in found.copy_of.because


def test_the_same_event_in_other_words_is_no_copy() -> None:
    known = known_of((make_enriched("1", title="Ferry returns", text=TEXT), HERE))
    text = "After more than a decade without boats, commuters across the bay can sail to work again from spring."
    assert _copy_id(verdict(make_enriched("2", text=text, url="https://paper.example/f"), THERE, known)) is None


@pytest.mark.parametrize(("one", "other"), [("Kestrel 1.4 released", "Kestrel 1.5 released"), ("Day 3", "Day 4")])
def test_the_same_text_under_another_number_is_no_copy(one: str, other: str) -> None:
    known = known_of((make_enriched("1", title=one, text=TEXT), HERE))
    assert _copy_id(verdict(make_enriched("2", title=other, text=TEXT), HERE, known)) is None


def test_short_texts_are_not_copies_of_each_other() -> None:
    known = known_of((make_enriched("1", title="Open thread", url="https://a.example/1"), HERE))
    assert _copy_id(verdict(make_enriched("2", title="Open thread", url="https://b.example/2"), THERE, known)) is None


def test_syndicated_cjk_text_is_a_copy() -> None:
    text = "港町に十一年ぶりに渡し船が戻る。五月から一日六便が運航し、生徒は無料で乗れる。"
    known = known_of((make_enriched("1", title="渡し船が戻る", text=text, declared_language="ja"), HERE))
    other = make_enriched("2", title="渡し船", text=text, url="https://b.example/2", declared_language="ja")
    assert _copy_id(verdict(other, THERE, known)) == 1


def test_gone_posts_have_no_copies() -> None:
    stored = stored_as(1, make_enriched("1", text=TEXT), is_gone=True)
    known = Candidates(Neighbours(posts={1: stored}, bands=dict.fromkeys(make_enriched(text=TEXT).bands, (1,))))
    assert _copy_id(verdict(make_enriched("2", url="https://news.example/1", text=TEXT), THERE, known)) is None


# ---------------------------------------------------------------- statuses and their articles

ARTICLE = "https://news.example/ferry"


@pytest.mark.parametrize(
    ("text", "is_copy"),
    [
        ("The ferry returns to the bay https://news.example/ferry #ferries", True),
        ("Read: The ferry returns to the bay via @paper@social.example", True),
        ("", True),
        ("I rode it this morning and the captain waved at every seagull we met", False),
    ],
)
def test_a_status_is_a_copy_of_its_article_only_if_it_adds_nothing(text: str, is_copy: bool) -> None:
    article = make_enriched("1", title="The ferry returns to the bay", url=ARTICLE)
    status = make_enriched("s", kind="status", text=text, article_url=ARTICLE)
    assert _copy_id(verdict(status, THERE, known_of((article, HERE)))) == (1 if is_copy else None)
    before = bare_statuses(article, known_of((status, THERE)))
    assert [found.id for found, _ in before] == ([1] if is_copy else [])


def test_two_statuses_with_one_link_and_the_same_words_are_copies() -> None:
    first = make_enriched("a", kind="status", text="Ferry returns at last, I am so happy", article_url=ARTICLE)
    second = make_enriched("b", kind="status", text="Ferry returns at last! #bay", article_url=ARTICLE)
    assert _copy_id(verdict(second, THERE, known_of((first, HERE)))) == 1


def test_a_home_page_makes_no_copies() -> None:
    first = make_enriched("a", kind="status", text="Nice", article_url="https://news.example/")
    second = make_enriched("b", kind="status", text="Nice", article_url="https://news.example/")
    assert _copy_id(verdict(second, THERE, known_of((first, HERE)))) is None


def test_an_edit_moves_the_post_to_its_new_link() -> None:
    known = known_of((make_enriched("1", title="Ferry", url="https://news.example/a"), HERE))
    known.edit(1, make_enriched("1", title="Ferry", url="https://news.example/b"))
    assert known.at_link("https://news.example/a") == []
    assert [post.id for post in known.at_link("https://news.example/b")] == [1]
