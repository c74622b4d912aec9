"""Which topics a post is given, how sure that is, and the reasons."""

from __future__ import annotations

import pickle

import pytest

from aggregator.model.post import Post, TopicMatch
from aggregator.model.rules import Term, TopicRule
from aggregator.topics.fields import LEAD_CHARACTERS, searched
from aggregator.topics.taxonomy import MATCHER_VERSION, Taxonomy


def rule(topic: str = "tea", **given: object) -> TopicRule:
    for name in ("any", "all", "not_"):
        terms = given.get(name, ())
        assert isinstance(terms, tuple)
        given[name] = tuple(term if isinstance(term, Term) else Term(str(term)) for term in terms)
    return TopicRule(topic=topic, label=topic.title(), **given)  # type: ignore[arg-type]


def post(title: str = "", text: str = "", **more: object) -> Post:
    return Post(kind="article", native_id="1", title=title, text=text, **more)  # type: ignore[arg-type]


def matches(the_rule: TopicRule, the_post: Post, *leaning: str) -> tuple[TopicMatch, ...]:
    return Taxonomy([the_rule]).match(the_post, leaning)


def test_compiled_with_the_first_post_it_is_the_same() -> None:
    at_once, later = (Taxonomy([rule(any=("green tea",))], at_once=at_once) for at_once in (True, False))
    about = post("Why Green Tea is green")
    assert (later.match(about), later.version, later.judge(about)) == (
        at_once.match(about),
        at_once.version,
        at_once.judge(about),
    )
    assert pickle.loads(pickle.dumps(Taxonomy(later.rules, at_once=False))).match(about) == later.match(about)


def test_a_term_in_the_title_is_enough_and_the_reason_quotes_it() -> None:
    (match,) = matches(rule(any=("green tea",)), post("Why Green Tea is green"))
    assert match == TopicMatch("tea", 0.85, "title “Green Tea”")


def test_a_term_in_the_lead_is_enough_for_a_rule_without_threshold_of_its_own() -> None:
    (match,) = matches(rule(any=("tea",)), post("Harvest", "The tea is in."))
    assert (match.score, match.because) == (0.5, "lead “tea”")


def test_one_term_in_the_body_is_not() -> None:
    assert not matches(rule(any=("tea",)), post("Harvest", "x" * LEAD_CHARACTERS + " tea"))


def test_a_status_opens_with_what_it_is_about() -> None:
    assert matches(rule(any=("tea",), threshold=0.8), post(text="Tea again, and more of it"))
    assert matches(rule(any=("tea",), threshold=0.8), post(text="word " * 25 + "tea"))  # in a headline's length
    assert not matches(rule(any=("tea",), threshold=0.8), post(text="word " * 27 + "tea"))
    assert matches(rule(any=("tea",), threshold=0.5), post(text="word " * 27 + "tea"))


def test_tags_tell_split_at_their_capitals_too() -> None:
    (match,) = matches(rule(any=("green tea",)), post("Harvest", tags=("GreenTea",)))
    assert match.because == "tag “Green Tea”"


def test_several_terms_add_up() -> None:
    weak = rule(any=(Term("kettle", 0.4), Term("cup", 0.4)))
    assert not matches(weak, post("A kettle"))
    (match,) = matches(weak, post("A kettle and a cup"))
    assert match.score == pytest.approx(1 - (1 - 0.34) ** 2, abs=0.001)


def test_a_phrase_and_its_parts_count_once() -> None:
    (match,) = matches(rule(any=("green tea", "tea", "tea~")), post("Green tea and other teas"))
    assert match.score == 0.85


def test_overlapping_phrases_count_once() -> None:
    (match,) = matches(rule(any=("green tea", "tea party")), post("A green tea party"))
    assert (match.score, match.because) == (0.85, "title “green tea”")


def test_a_negative_weight_takes_away_what_it_would_add() -> None:
    careful = rule(any=("tea", "kettle", Term("tea party", -0.9)), threshold=0.8)
    assert not matches(careful, post("A tea party"))
    (match,) = matches(careful, post("A tea party", "Tea. The kettle was on, said the host of it all."), "tea") or [
        None
    ]
    assert match is None or "against: title “tea party”" in match.because
    assert matches(careful, post("Tea"))


def test_strong_evidence_outweighs_a_weak_objection() -> None:
    careful = rule(any=("tea", "kettle", Term("coffee", -0.4)), threshold=0.8)
    (match,) = matches(careful, post("Tea in a kettle", "Coffee is something else."))
    assert match.because == "title “Tea”; title “kettle”; against: lead “Coffee”"


def test_required_terms_must_occur() -> None:
    strict = rule(any=("tea",), all=("assam",))
    assert not matches(strict, post("Tea"))
    (match,) = matches(strict, post("Tea", "From Assam."))
    assert match.because == "title “Tea”; required “assam”"


def test_a_forbidden_term_stops_the_topic() -> None:
    assert not matches(rule(any=("tea",), not_=("tee shirt",)), post("Tea", "and a tee-shirt"))


def test_the_source_helps_and_is_never_enough() -> None:
    weak = rule(any=(Term("kettle", 0.4),))
    assert not matches(weak, post("Nothing of it"), "tea")
    (match,) = matches(weak, post("A kettle"), "tea")
    assert "source" in match.because
    assert not matches(weak, post("A kettle"), "unknown-topic")


def test_a_site_in_the_address_tells_as_much_as_a_title_and_a_word_there_less() -> None:
    by_site = rule(any=("tea.example", "oolong"), threshold=0.8)
    assert matches(by_site, post("Harvest", url="https://www.tea.example/2024/x"))
    assert not matches(by_site, post("Harvest", url="https://news.example/oolong-harvest"))
    (match,) = matches(rule(any=("oolong",), threshold=0.4), post(url="https://news.example/a/first-oolong_x"))
    assert match.because == "address “oolong”"
    assert not matches(rule(any=("oolong",), threshold=0.4), post(url="https://news.example/?from=oolong"))


def test_the_headline_in_the_address_is_the_title_of_a_post_without_words() -> None:
    sure = rule(any=("oolong",), threshold=0.8)
    (match,) = matches(sure, post(url="https://news.example/2027/first-oolong-is-here_4711.html"))
    assert match == TopicMatch("tea", 0.85, "address “oolong”")
    assert matches(sure, post(article_url="https://news.example/first-oolong-is-here"))
    # What its author says is its title; a section, or a name of a site, is no headline.
    assert not matches(sure, post("Look", url="https://news.example/first-oolong-is-here"))
    assert not matches(sure, post(text="Look", url="https://news.example/first-oolong-is-here"))
    assert not matches(sure, post(url="https://news.example/oolong/4711"))
    assert not matches(sure, post(url="https://the-oolong-news.example/4711"))


def test_the_page_that_a_status_points_at_counts_too() -> None:
    assert matches(rule(any=("tea.example",)), post(text="Look", article_url="https://tea.example/a"))


def test_accents_are_missing_in_addresses() -> None:
    assert matches(rule(any=("thé vert",), threshold=0.4), post("x", url="https://news.example/du-the-vert"))
    assert matches(rule(any=("Grünkohl",), threshold=0.4), post("x", url="https://news.example/gruenkohl"))


def test_a_term_may_count_in_some_places_only() -> None:
    narrow = rule(any=(Term("tea", where=("title", "tags")),))
    assert matches(narrow, post("Tea")) and matches(narrow, post("Harvest", tags=("tea",)))
    assert not matches(narrow, post("Harvest", "Tea, tea and tea.", url="https://tea.example/tea"))
    (match,) = matches(rule(any=(Term("tea", where=("text",)),)), post("Tea", "Of tea."))
    assert match.because == "lead “tea”"
    assert Taxonomy([narrow]).version != Taxonomy([rule(any=("tea",))]).version


def test_a_term_may_count_in_the_title_or_address_of_the_source() -> None:
    named = Taxonomy([rule(any=(Term("tea weekly", where=("source",)), Term("tea.example", where=("source",))))])
    (match,) = named.match(post("Harvest"), source="Tea Weekly\nhttps://other.example/feed")
    assert match == TopicMatch("tea", 0.85, "source “Tea Weekly”")
    assert named.match(post("Harvest"), source="\nhttps://tea.example/feed")
    assert not named.match(post("Tea Weekly", "tea.example"), source="News")
    assert named.judge(post("Harvest"), source="Tea Weekly\n")[0].is_given


def test_other_terms_do_not_look_at_the_source() -> None:
    assert not Taxonomy([rule(any=("tea",))]).match(post("Harvest"), source="All about tea")
    both = Taxonomy([rule(any=(Term("tea", where=("title", "source")),))])
    assert both.match(post("Tea")) and both.match(post("Harvest"), source="Tea\n")


def test_the_text_is_searched_as_it_is_shown_where_folding_makes_it_longer() -> None:
    (match,) = Taxonomy([rule(any=(Term("tee", where=("title",)),))]).match(post("Süße ẞ İ Tee", "Kaffee"))
    assert match.because == "title “Tee”"


def test_best_first_and_equal_ones_by_name() -> None:
    taxonomy = Taxonomy([rule("b", any=("tea",)), rule("a", any=("tea",)), rule("c", any=("tea", "cup"))])
    assert [match.topic for match in taxonomy.match(post("Tea in a cup"))] == ["c", "a", "b"]


def test_nothing_in_a_post_without_words() -> None:
    assert matches(rule(any=("tea",)), post()) == ()
    assert Taxonomy([]).match(post("Tea")) == ()


def test_title_and_text_are_not_one_sentence() -> None:
    assert not matches(rule(any=("green tea", "green … tea")), post("All green", "tea for two"))


def test_a_phrase_may_stand_across_the_end_of_the_lead() -> None:
    text = "y" * (LEAD_CHARACTERS - 6) + " green tea"
    assert matches(rule(any=("green tea",)), post("Harvest", text))


def test_the_version_follows_the_rules() -> None:
    assert Taxonomy([rule(any=("tea",))]).version == Taxonomy([rule(any=("tea",))]).version
    assert Taxonomy([rule(any=("tea",))]).version != Taxonomy([rule(any=(Term("tea", 0.9),))]).version
    assert MATCHER_VERSION > 1


def test_rules_compiled_here_go_to_another_process() -> None:
    taxonomy = pickle.loads(pickle.dumps(Taxonomy([rule(any=("tea", "green … tea"))])))
    assert [match.topic for match in taxonomy.match(post("Tea"))] == ["tea"]


def test_it_is_shown_what_became_of_each_topic() -> None:
    taxonomy = Taxonomy(
        [
            rule("given", any=("tea",)),
            rule("too-weak", any=(Term("tea", 0.2),)),
            rule("stopped", any=("tea",), not_=("coffee",)),
            rule("wanting", any=("tea",), all=("assam",)),
            rule("silent", any=("milk",)),
        ]
    )
    judged = {each.topic: each for each in taxonomy.judge(post("Tea", "No coffee."))}
    assert judged.keys() == {"given", "too-weak", "stopped", "wanting"}
    assert [topic for topic, each in judged.items() if each.is_given] == ["given"]
    assert judged["too-weak"].score == 0.17
    assert judged["stopped"].stopped_by == ("lead “coffee”",)
    assert judged["wanting"].missing == ("assam",)


@pytest.mark.parametrize(
    ("weight", "threshold", "is_given", "score"),
    [
        (0.9407, 0.8, False, 0.85 * 0.9407),  # 0.7996
        (0.9407, 0.7995, True, 0.8),
        (0.9417, 0.8004, True, 0.85 * 0.9417),  # 0.800445
        (0.9407, 0.81, False, 0.8),  # a near miss: three places say the same
    ],
)
def test_what_is_shown_as_given_is_what_is_stored(
    weight: float, threshold: float, is_given: bool, score: float
) -> None:
    taxonomy = Taxonomy([rule(any=(Term("tea", weight),), threshold=threshold)])
    (judged,) = taxonomy.judge(post("Tea"))
    assert bool(taxonomy.match(post("Tea"))) is is_given
    assert judged.is_given is is_given
    assert judged.score == pytest.approx(score, abs=1e-9)


def test_a_long_text_is_looked_at_only_so_far() -> None:
    assert len(searched(post("t", "word " * 100_000)).forms.text) < 5_000


def test_addresses_within_the_text_are_no_words() -> None:
    taxonomy = Taxonomy([TopicRule(topic="education", label="Education", any=(Term("exam~"),))])
    post = Post(kind="status", native_id="1", text="Worth a look: https://ledger.example/exam-results")
    assert taxonomy.match(post) == ()
