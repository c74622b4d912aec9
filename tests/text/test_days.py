from __future__ import annotations

from datetime import date, timedelta

import pytest

from aggregator.text.days import Day, days

# A Thursday.
SAID = date(2026, 11, 26)


def _one(text: str, language: str) -> Day:
    found = days(text, language, SAID)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "The bridge opens on 3 December.", "2026-12-03"),
        ("en", "The bridge opens on December 3rd.", "2026-12-03"),
        ("en", "The bridge opened on May 3, 2024.", "2024-05-03"),
        ("en", "The bridge opened on Monday.", "2026-11-23"),
        ("en", "The bridge will open on Monday.", "2026-11-30"),
        # What is fixed beforehand is told in the present.
        ("en", "The council votes on Monday.", "2026-11-30"),
        ("en", "Lawmakers vote on the bridge on Monday.", "2026-11-30"),
        ("en", "The mayor said the council decides on Monday.", "2026-11-30"),
        ("de", "Der Rat stimmt am Montag über die Brücke ab.", "2026-11-30"),
        ("fr", "Le conseil vote lundi.", "2026-11-30"),
        ("en", "The bridge lost by four votes on Monday.", "2026-11-23"),
        ("en", "The clerk counts votes on Monday.", "2026-11-23"),
        ("en", "The company recalls its ferries on Monday.", "2026-11-23"),
        ("en", "The bridge stays closed until at least Friday.", "2026-11-27"),
        ("en", "They meet on Thursday, 3 December.", "2026-12-03"),
        ("en", "It was decided yesterday.", "2026-11-25"),
        ("en", "Tickets were sold from 16 November.", "2026-11-16"),
        ("en", "See the plan of 2026-12-05.", "2026-12-05"),
        ("de", "Die Brücke öffnet am 3. Dezember.", "2026-12-03"),
        ("de", "Die Brücke wurde am 3.12.2025 geöffnet.", "2025-12-03"),
        ("de", "Am 3.12. soll sie öffnen.", "2026-12-03"),
        ("de", "Am Montag wurde sie geöffnet.", "2026-11-23"),
        ("de", "Am Montag soll sie öffnen.", "2026-11-30"),
        ("de", "Sie bleibt bis Sonntag zu.", "2026-11-29"),
        ("de", "Am frühen Freitagmorgen brannte es.", "2026-11-20"),
        ("de", "Übermorgen soll sie öffnen.", "2026-11-28"),
        ("fr", "Le pont ouvrira le 1er mars.", "2027-03-01"),
        ("fr", "Le pont a été fermé mercredi.", "2026-11-25"),
        ("fr", "Le pont ouvrira lundi.", "2026-11-30"),
        ("fr", "Le pont ouvre lundi prochain.", "2026-11-30"),
        ("fr", "Le pont a fermé hier.", "2026-11-25"),
        ("es", "El puente abrirá el 3 de diciembre.", "2026-12-03"),
    ],
)
def test_a_day_is_the_one_that_is_meant(language: str, text: str, day: str) -> None:
    found = _one(text, language)
    assert found.first == found.last == date.fromisoformat(day)
    assert found.precision == "day"


@pytest.mark.parametrize(
    ("language", "text", "first", "last", "precision"),
    [
        ("en", "It starts next spring.", "2027-03-01", "2027-05-31", "season"),
        ("en", "It ends by the end of 2027.", "2027-09-01", "2027-12-31", "season"),
        ("en", "It was bought in March.", "2026-03-01", "2026-03-31", "month"),
        ("en", "It will start in March.", "2027-03-01", "2027-03-31", "month"),
        ("en", "It starts in the first quarter of 2027.", "2027-01-01", "2027-03-31", "season"),
        ("en", "It happened last week.", "2026-11-16", "2026-11-22", "week"),
        ("en", "It runs from 3 to 5 December.", "2026-12-03", "2026-12-05", "day"),
        ("en", "It was taken in 1897.", "1897-01-01", "1897-12-31", "year"),
        ("en", "It starts in March next year.", "2027-03-01", "2027-03-31", "month"),
        ("de", "Es beginnt im nächsten Frühjahr.", "2027-03-01", "2027-05-31", "season"),
        ("de", "Es endet im Sommer 2027.", "2027-06-01", "2027-08-31", "season"),
        ("de", "Im Sommer wurde gebaut.", "2026-06-01", "2026-08-31", "season"),
        ("de", "Ende März soll Schluss sein.", "2027-03-21", "2027-03-31", "week"),
        ("de", "Vor drei Jahren begann es.", "2023-01-01", "2023-12-31", "year"),
        ("de", "Das Museum, das 2028 eröffnet, ist teuer.", "2028-01-01", "2028-12-31", "year"),
        ("de", "Nächste Woche will sie reden.", "2026-11-30", "2026-12-06", "week"),
        ("fr", "Il partira à la fin du mois de mars.", "2027-03-21", "2027-03-31", "week"),
        ("fr", "Il a perdu l'an dernier.", "2025-01-01", "2025-12-31", "year"),
        ("fr", "Il viendra la semaine prochaine.", "2026-11-30", "2026-12-06", "week"),
        ("fr", "Tout sera prêt d'ici à 2029.", "2029-01-01", "2029-12-31", "year"),
        ("es", "Llegó hace dos años.", "2024-01-01", "2024-12-31", "year"),
    ],
)
def test_a_span_goes_as_far_as_its_words(language: str, text: str, first: str, last: str, precision: str) -> None:
    found = _one(text, language)
    assert (found.first, found.last) == (date.fromisoformat(first), date.fromisoformat(last))
    assert found.precision == precision


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "He may go, and they march on."),
        ("en", "The new iOS 26 and Python 3.11 are out."),
        ("en", "Version 3.12.1 costs $1984, with 2027 people waiting."),
        ("en", "The 2027 budget is a novel like “1984”."),
        ("en", "Prices fall, the sun is up, the second half was dull."),
        ("de", "Am Morgen kam der Haushalt 2027 mit 1984 Seiten."),
        ("de", "Version 3.12. ist da."),
        ("en", "Version 25.8.74 is out."),
        ("en", "It can be made on a weekend."),
        ("fr", "Il a été vu sur Mars avec 1984 personnes."),
        ("xx", "Am 3. Dezember, on Monday."),
    ],
)
def test_what_only_looks_like_a_day_is_none(language: str, text: str) -> None:
    assert days(text, language, SAID) == []


def test_until_and_from_are_told() -> None:
    assert _one("It ends by 4 December.", "en").bound == "until"
    assert _one("Ab dem 4. Dezember gilt es.", "de").bound == "from"
    assert _one("Il ouvre à compter du 4 décembre.", "fr").bound == "from"


def test_each_verb_tells_of_the_day_beside_it() -> None:
    text = "It will label all clips from 1 February, the company said on Wednesday."
    first, second = days(text, "en", SAID)
    assert first.first == date(2027, 2, 1)
    assert second.first == SAID - timedelta(days=1)
    assert text[second.start : second.end] == second.text == "Wednesday"


def test_who_says_it_and_what_is_said_are_two_clauses() -> None:
    first = _one("She said in a talk on Tuesday night that it could open.", "en")
    assert first.first == date(2026, 11, 24)


def test_a_full_stop_behind_a_whole_name_ends_the_sentence() -> None:
    assert _one("It will open by the end of July.", "en").text == "end of July"
    assert _one("Sie öffnet am 3. Dez. 2026.", "de").text == "3. Dez. 2026"


def test_a_day_just_gone_is_not_told_of_the_next_year() -> None:
    assert _one("It will come every week from 25 November.", "en").first == date(2026, 11, 25)


def test_a_guessed_year_is_told() -> None:
    assert not _one("It opens on 3 December.", "en").told
    assert _one("It opens on 3 December 2026.", "en").told
