"""Names, quotations, roles: who it is, who said it, who did it to whom."""

from __future__ import annotations

import pytest

from tests.helpers.drafts import kind_of, why, why_headline

STORY = (
    ("en", "Orion Freight has sued its rival Velmar over the port of Dunmore."),
    ("en", "Velmar's lawyer, Ada Lindqvist, called the claim absurd."),
    ("de", "Orion Freight fordert zwei Millionen Euro von Velmar."),
    ("de", "Sprecher Tom Abel sagte nichts dazu."),
)


@pytest.mark.parametrize(
    ("language", "text", "cited"),
    [
        ("en", "The lawyer Ada Sundqvist called the claim absurd.", 2),
        ("en", "Orion's lawyer, Ada Lindqvist, called the claim absurd.", 2),
        ("de", "Sprecherin Lindqvist sagte nichts dazu.", 4),
        ("fr", "La société veut deux millions d'euros de Norvald.", 3),
    ],
)
def test_a_name_that_the_source_has_not_is_refused(language: str, text: str, cited: int) -> None:
    assert kind_of(why(language, text, *STORY, cited=(cited,))) == "name"


@pytest.mark.parametrize(
    ("language", "text", "cited"),
    [
        ("de", "Anwältin Lindqvist nannte die Forderung absurd.", 2),
        ("fr", "Orion Freight demande deux millions d'euros.", 3),
        ("en", "Orion wants two million euros.", 3),
        ("de", "Der Sprecher schwieg zu den Vorwürfen.", 4),
    ],
)
def test_names_of_the_source_and_main_subjects_are_kept(language: str, text: str, cited: int) -> None:
    assert why(language, text, *STORY, cited=(cited,)) is None


@pytest.mark.parametrize(
    ("language", "text", "of", "said"),
    [
        ("en", "Dutch police searched the ship.", "de", "Die Polizei in den Niederlanden durchsuchte das Schiff."),
        ("de", "Die norwegische Polizei durchsuchte das Schiff.", "en", "Police in Norway searched the ship."),
        ("de", "Berlin erwägt Zölle.", "en", "The German government is considering tariffs."),
        ("en", "The ECB lowers rates.", "de", "Die EZB senkt die Zinsen."),
        ("fr", "Le navire est à Bâle.", "de", "Das Schiff liegt in Basel."),
        ("en", "President Zelensky came.", "de", "Präsident Selenskyj kam."),
        ("de", "Neuseeland verbietet das Spiel.", "en", "New Zealand bans the game."),
        ("en", "The Liberian-flagged ship sank.", "de", "Das Schiff sank unter liberianischer Flagge."),
        ("en", "Customers are in the Czech Republic.", "de", "Die Kunden sind in Tschechien."),
        ("en", "The Swiss company wants more.", "en", "The Basel company wants more."),
        ("en", "The Baltic states agreed.", "de", "Estland, Lettland und Litauen einigten sich."),
        ("en", "It runs in three African countries.", "de", "Sie läuft in Malawi, Ghana und Mosambik."),
    ],
)
def test_a_name_is_the_same_across_languages(language: str, text: str, of: str, said: str) -> None:
    assert why(language, text, (of, said)) is None


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "Abel said: “We never pay.”", ("en", "“We always pay,” Abel said.")),
        ("en", "Abel said: “We always pay.”", ("de", "„Wir zahlen immer“, sagte Abel.")),
        ("de", "Abel sprach von einem „guten Tag“.", ("de", "Abel sprach von einem schönen Tag.")),
        ("fr", "« On paie toujours », a dit Abel.", ("fr", "« On paie parfois », a dit Abel.")),
    ],
)
def test_a_quotation_is_word_for_word(language: str, text: str, said: tuple[str, str]) -> None:
    assert kind_of(why(language, text, said)) == "quote"


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", 'Abel, the captain, said: "We always pay."', ("en", "“We always pay,” Abel said, the captain.")),
        ("en", "Abel spoke of a “Tag der Freude”.", ("de", "Abel sprach von einem „Tag der Freude“.")),
        ("fr", "« On paie toujours », a dit Abel.", ("fr", "“On paie toujours”, a dit Abel mardi.")),
    ],
)
def test_a_quotation_in_its_own_words_is_kept(language: str, text: str, said: tuple[str, str]) -> None:
    assert why(language, text, said) is None


def test_a_quotation_of_another_source_is_told() -> None:
    reason = why("en", "Abel said: “We always pay.”", ("en", "Abel came late."), ("en", "“We always pay,” Abel said."))
    assert reason
    assert "another source" in reason


def test_who_did_it_to_whom_is_not_turned_round() -> None:
    said = ("en", "Orion Freight takes over the ships of its insolvent rival Velmar.")
    assert why("en", "The insolvent rival Velmar takes over the ships of Orion Freight.", said)
    assert why("en", "The ships of insolvent Velmar were taken over by Orion Freight.", said) is None
    assert why("de", "Orion Freight übernimmt die Schiffe der insolventen Velmar.", said) is None


def test_a_headline_is_judged_against_all_sources() -> None:
    assert why_headline("en", "Orion Freight sues Velmar for two million euros", *STORY) is None
    assert why_headline("en", "Orion Freight sues Velmar for three million euros", *STORY)
    assert why_headline("en", "Orion Freight sues Norvald over a port", *STORY)


def test_german_apposition_is_not_exchanged() -> None:
    said = ("de", "Der Hafen Lindhaven wird ausgebaut.")
    assert kind_of(why("de", "Der Hafen Lindholm wird ausgebaut.", said)) == "name"
    assert why("de", "Ausgebaut wird der Hafen Lindhaven.", said) is None
