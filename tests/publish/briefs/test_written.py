"""What stands of a model's brief, beside what was worked out without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from aggregator.model.brief import Amount, Brief, BriefSentence, DraftSentence, Due, Part, Refused
from aggregator.publish.briefs.written import By, Kept, better, brief_of, in_trouble, renewed, without
from tests.helpers.evidence import FERRY_STORY, NOW

BY = By("small", NOW, 1_000, 100)
WRITTEN: dict[Part, tuple[DraftSentence, ...]] = {
    "happened": (DraftSentence("Two lines stay in port until Monday.", (1, 3)),),
    "context": (DraftSentence("The port expects 900 stranded guests.", (4,)),),
    "watch": (),
}
KEPT = Kept("Ferries stay in port", WRITTEN, (Refused("watch", "It will rain.", "invented"),))
COUNTED = BriefSentence(
    part="context", text="Carried by 2 publishers.", language="en", made="counted", posts=(1, 2), pattern="carried"
)
QUOTED = BriefSentence(part="happened", text="Two ferry lines stay in port.", language="en", made="quoted", posts=(1,))
TO_COME = BriefSentence(
    part="watch", text="On Monday they sail.", language="en", made="quoted", posts=(1,),
    due=Due(date(2026, 11, 30), date(2026, 11, 30), "day"),
)  # fmt: skip
EXTRACTED = Brief(
    story_id=17, language="en", headline=FERRY_STORY.title, sentences=(QUOTED, COUNTED, TO_COME),
    method="extracted", digest="mark and more", written_at=NOW - timedelta(hours=1),
    amounts=(Amount(matter=1, text="900", value=900.0, unit="guests", language="de", posts=(2,)),),
)  # fmt: skip


def texts(brief: Brief) -> list[tuple[str, str, str]]:
    return [(each.part, each.made, each.text) for each in brief.sentences]


def test_sentences_have_what_they_rest_on() -> None:
    with_earlier = {**WRITTEN, "watch": (DraftSentence("As we reported on 30 June 2026, …", (6, 5, 4, 3)),)}
    brief = brief_of(Kept("x", with_earlier), FERRY_STORY, None, BY, "d")
    first, _, last = brief.sentences
    assert (first.posts, first.articles, first.stories) == ((1, 2), (), ())
    assert (last.posts, last.articles, last.stories) == ((2, 3), (7,), (40,))
    assert all((each.made, each.language) == ("written", "en") for each in brief.sentences)


def test_counted_sentences_come_first_and_what_is_to_come_is_not_lost() -> None:
    brief = brief_of(KEPT, FERRY_STORY, EXTRACTED, BY, "d")
    assert texts(brief) == [
        ("happened", "written", "Two lines stay in port until Monday."),
        ("context", "counted", "Carried by 2 publishers."),
        ("context", "written", "The port expects 900 stranded guests."),
        ("watch", "quoted", "On Monday they sail."),
    ]
    assert (brief.headline, brief.method, brief.model, brief.written_at) == (
        "Ferries stay in port",
        "model",
        "small",
        NOW,
    )
    assert (brief.tokens_in, brief.tokens_out, brief.refused, brief.trouble) == (1_000, 100, KEPT.refused, None)
    assert (brief.digest, brief.amounts) == (EXTRACTED.digest, EXTRACTED.amounts)


def test_what_the_model_tells_of_the_days_to_come_stands_alone() -> None:
    told = Kept("x", {**WRITTEN, "watch": (DraftSentence("They are to sail on Monday.", (1,)),)})
    brief = brief_of(told, FERRY_STORY, EXTRACTED, BY, "d")
    assert [each.text for each in brief.part("watch")] == ["They are to sail on Monday."]


def test_days_to_come_have_their_dates() -> None:
    told = Kept("x", {**WRITTEN, "watch": (DraftSentence("They are to sail on Monday.", (1,)),)})
    [watch] = brief_of(told, FERRY_STORY, EXTRACTED, BY, "d").part("watch")
    assert watch.due == Due(date(2026, 11, 30), date(2026, 11, 30), "day")


def test_an_earlier_story_is_not_told_twice() -> None:
    reported = replace(COUNTED, text="As we reported on 30 June 2026: …", posts=(), stories=(40,), pattern="continues")
    other = replace(reported, stories=(41,))
    base = replace(EXTRACTED, sentences=(QUOTED, COUNTED, reported, other))
    named = Kept(
        "x", {**WRITTEN, "context": (DraftSentence("As we reported on 30 June 2026, it has a rudder.", (6,)),)}
    )
    assert [each.stories for each in brief_of(named, FERRY_STORY, base, BY, "d").part("context")] == [(), (41,), (40,)]
    assert [each.stories for each in brief_of(KEPT, FERRY_STORY, base, BY, "d").part("context")] == [
        (),
        (40,),
        (41,),
        (),
    ]


def test_a_headline_that_is_no_good_is_the_storys() -> None:
    assert brief_of(KEPT._replace(headline=None), FERRY_STORY, None, BY, "d").headline == FERRY_STORY.title
    assert brief_of(KEPT, FERRY_STORY, None, BY, "d").digest == "d"


def test_the_model_writes_anew_over_its_own() -> None:
    first = brief_of(KEPT, FERRY_STORY, EXTRACTED, BY, "d")
    later = Kept("Later", {"happened": (DraftSentence("They sail again.", (1,)),)})
    assert texts(brief_of(later, FERRY_STORY, first, BY, "d")) == [
        ("happened", "written", "They sail again."),
        ("context", "counted", "Carried by 2 publishers."),
        ("watch", "quoted", "On Monday they sail."),
    ]


def test_a_brief_without_a_model_says_why_it_is() -> None:
    found = in_trouble(EXTRACTED, "nothing was kept", KEPT, BY)
    assert found == replace(
        EXTRACTED, trouble="nothing was kept", refused=KEPT.refused, tokens_in=1_000, tokens_out=100
    )


class TestRenewed:
    """What is counted anew does not cost what a model wrote."""

    stored = brief_of(KEPT, FERRY_STORY, EXTRACTED, BY, "d")
    anew = replace(
        EXTRACTED, sentences=(QUOTED, replace(COUNTED, text="Carried by 3 publishers.")), digest="other",
        written_at=NOW + timedelta(hours=1),
    )  # fmt: skip

    def test_counted_sentences_are_new(self) -> None:
        found = renewed(self.stored, self.anew, {1, 2, 3})
        assert texts(found) == [
            ("happened", "written", "Two lines stay in port until Monday."),
            ("context", "counted", "Carried by 3 publishers."),
            ("context", "written", "The port expects 900 stranded guests."),
        ]
        assert (found.digest, found.method, found.model) == ("other", "model", "small")
        assert (found.headline, found.written_at, found.tokens_in) == ("Ferries stay in port", NOW, 1_000)

    def test_what_rests_on_a_post_that_is_gone_goes(self) -> None:
        assert renewed(self.stored, self.anew, {1}) == self.anew
        only_one = replace(
            self.stored, sentences=(replace(self.stored.sentences[0], posts=(1,)), *self.stored.sentences[1:])
        )
        found = renewed(only_one, self.anew, {1})
        assert [each.made for each in found.sentences] == ["written", "counted"]
        assert found.headline == self.anew.headline  # it may tell what is gone

    def test_without_a_models_there_is_nothing_to_keep(self) -> None:
        assert renewed(EXTRACTED, self.anew, {1, 2, 3}) == self.anew


def test_of_two_answers_that_of_which_more_is_left() -> None:
    none = Kept("x", {"context": WRITTEN["context"]}, (Refused("happened", "a", "b"),))
    more = Kept(None, {**WRITTEN, "watch": (DraftSentence("c", (1,)),)})
    assert better(KEPT, none).parts == KEPT.parts
    assert better(KEPT, more).parts == more.parts
    assert better(KEPT, more).refused == KEPT.refused
    assert better(KEPT, KEPT._replace(headline="Later")).headline == "Later"
    assert better(KEPT, KEPT._replace(headline=None)).headline == KEPT.headline


def test_sentences_are_taken_out_by_their_place() -> None:
    left = without(KEPT, {("context", 0)}, "doubted")
    assert (left.size, left.is_enough) == (1, True)
    assert left.refused == (*KEPT.refused, Refused("context", "The port expects 900 stranded guests.", "doubted"))
    assert not without(KEPT, {("happened", 0)}, "doubted").is_enough
