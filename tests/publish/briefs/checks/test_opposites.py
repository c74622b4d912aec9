"""The opposite of what the source says, in three languages, and the near misses that stay."""

from __future__ import annotations

import pytest

from tests.helpers.drafts import kind_of, why, why_headline


@pytest.mark.parametrize(
    ("language", "text", "of", "said"),
    [
        ("en", "The council rejected the loan for the pool.", "en", "The council has approved the loan for the pool."),
        ("en", "Members voted 41 to 12 against it.", "en", "On Thursday members voted 41 to 12 in favour."),
        ("en", "Drivers expect to lose 300 hours a year.", "en", "The drivers expect to save 300 hours a year."),
        ("en", "Fishermen praised the new dam.", "en", "Fishermen warned of the new dam."),
        ("en", "The jury found the banker innocent.", "de", "Die Jury sprach den Banker schuldig."),
        ("en", "The town has more jobs than last year.", "en", "The town has fewer jobs than last year."),
        ("en", "The board did not approve the merger.", "en", "The board approved the merger."),
        ("en", "The pool is to close in May.", "en", "The pool is to open in May."),
        ("de", "Der Gemeinderat lehnte den Kredit ab.", "de", "Der Gemeinderat stimmte dem Kredit zu."),
        ("de", "Die Stadt hat Motorboote verboten.", "fr", "La ville autorise les bateaux à moteur."),
        ("de", "Fischer loben das neue Wehr.", "de", "Die Fischer warnen vor dem neuen Wehr."),
        ("de", "Der Verein verlor den Pokal.", "en", "The Verein won the cup, the Pokal."),
        ("fr", "Le conseil a rejeté le crédit.", "fr", "Le conseil a approuvé le crédit."),
        ("fr", "Les pêcheurs saluent le nouveau barrage.", "fr", "Les pêcheurs dénoncent le nouveau barrage."),
        ("fr", "Le banquier a été acquitté par le tribunal.", "fr", "Le tribunal a jugé le banquier coupable."),
    ],
)
def test_the_opposite_is_refused(language: str, text: str, of: str, said: str) -> None:
    assert kind_of(why(language, text, (of, said))) in {"opposite", "negation"}


@pytest.mark.parametrize(
    ("language", "text", "of", "said"),
    [
        ("en", "The council did not approve the loan.", "en", "The council rejected the loan."),
        ("en", "The council rejected the loan.", "en", "The council did not approve the loan."),
        ("en", "The council rejected calls to close the pool.", "en", "The pool stays open, the council said."),
        ("en", "Rovers lost to Athletic on Tuesday.", "en", "Athletic won against Rovers on Tuesday."),
        ("en", "Profits fell.", "en", "Costs rose, and profits fell."),
        (
            "en",
            "The council will decide whether to reject the loan.",
            "en",
            "The council is to approve or refuse the loan.",
        ),
        ("en", "The minister backed the ban on boats.", "en", "The minister approved the ban on boats."),
        ("de", "Der Rat lehnte ein Verbot der Boote ab.", "de", "Der Rat verwarf das Verbot der Boote."),
        ("fr", "La ville lève l'interdiction de pêche.", "fr", "La ville autorise de nouveau la pêche."),
        ("de", "Der Rat billigte den Kredit.", "de", "Der Rat stimmte dem Kredit zu."),
        (
            "de",
            "Gegen 18 Uhr stimmte der Rat über den Kredit ab.",
            "de",
            "Der Rat stimmte um 18 Uhr über den Kredit ab.",
        ),
        ("fr", "Le conseil n'a pas approuvé le crédit.", "fr", "Le conseil a rejeté le crédit."),
        ("fr", "Le conseil a adopté le crédit.", "de", "Der Rat stimmte dem Kredit zu."),
    ],
)
def test_the_same_in_other_words_is_kept(language: str, text: str, of: str, said: str) -> None:
    assert why(language, text, (of, said)) is None


def test_a_second_source_that_says_so_bears_the_sentence() -> None:
    sources = (
        ("en", "The council approved the loan for the pool."),
        ("en", "The council rejected the loan for the pool."),
    )
    assert why("en", "The council rejected the loan for the pool.", *sources, cited=(1, 2)) is None
    assert why("en", "The council rejected the loan for the pool.", *sources, cited=(1,))


def test_a_headline_is_held_to_all_sources() -> None:
    sources = (("en", "Port Alder council approves loan for the pool."), ("en", "Swimmers cheered."))
    assert kind_of(why_headline("en", "Port Alder council rejects loan for pool", *sources)) == "opposite"
    assert why_headline("en", "Port Alder council backs loan for pool", *sources) is None
