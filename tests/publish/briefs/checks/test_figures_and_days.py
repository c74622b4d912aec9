"""Figures and days of a draft against those of the sources it names."""

from __future__ import annotations

import pytest

from tests.helpers.drafts import kind_of, why


@pytest.mark.parametrize(
    ("language", "text", "of", "said"),
    [
        ("en", "The bridge has 240 lamps.", "de", "Die Brücke hat 420 Lampen."),
        ("de", "Die Brücke kostet 3,2 Mio. Euro.", "en", "The bridge costs 2.3 million euros."),
        ("fr", "Le pont coûte 45 milliards d'euros.", "de", "Die Brücke kostet 45 Millionen Euro."),
        ("de", "Die Brücke kostet 45 Millionen Dollar.", "fr", "Le pont coûte 45 millions d'euros."),
        ("en", "The bridge is 3 miles long.", "de", "Die Brücke ist drei Kilometer lang."),
        ("en", "A third of the lamps are broken.", "de", "Die Hälfte der Lampen ist kaputt."),
        ("fr", "Le pont a trente lampes.", "en", "The bridge has thirteen lamps."),
        ("en", "All in all 118 ships came.", "en", "In May 62 ships came and in June 46."),
        ("en", "A ticket costs $2.40.", "en", "Tickets rise from $2.40 to $2.75."),
        ("en", "The winner took just over three hours.", "en", "She won the marathon in 2:03:14."),
        ("en", "He must serve four years and six months.", "de", "Er muss dreieinhalb Jahre ins Gefängnis."),
        ("en", "The strike is in its seventh week.", "de", "Der Streik begann am 9. November."),
        ("en", "It is the fifth bridge.", "de", "Es ist die vierte Brücke."),
    ],
)
def test_a_figure_that_no_source_bears_out_is_refused(language: str, text: str, of: str, said: str) -> None:
    assert kind_of(why(language, text, (of, said))) == "number"


@pytest.mark.parametrize(
    ("language", "text", "of", "said"),
    [
        ("en", "The bridge has 420 lamps.", "de", "Die Brücke hat vierhundertzwanzig Lampen."),
        ("en", "The bridge has more than 400 lamps.", "fr", "Le pont a 420 lampes."),
        ("de", "Die Brücke kostet fast 2,5 Milliarden Euro.", "en", "The bridge costs 2.4 billion euros."),
        ("fr", "Le pont coûte près d'un demi-million d'euros.", "de", "Die Brücke kostet 480.000 Euro."),
        ("en", "One lamp in four is broken.", "en", "Of 400 lamps, 100 are broken."),
        ("de", "Jede vierte Lampe ist kaputt.", "en", "About 25 percent of the lamps are broken."),
        ("en", "All in all 108 ships came.", "en", "In May 62 ships came and in June 46."),
        ("en", "It passed by a majority of 22 votes.", "de", "71 stimmten dafür und 49 dagegen."),
        ("de", "Sie hat dafür rund drei Monate Zeit.", "en", "It must do so within 90 days."),
        ("en", "It was down for almost three hours.", "en", "Between 13:10 and 15:55 it was down."),
        ("en", "The EU paid 1.1 million euros.", "de", "Von 2,2 Millionen Euro zahlte die EU die Hälfte."),
        ("en", "The captain is in three ports.", "en", "The captain is in Dover, Calais and Ghent."),
        ("en", "Sales rose by a quarter.", "en", "Sales rose to $412 million, from $330 million a year earlier."),
        ("en", "The voyage took three days.", "de", "Es war eine dreitägige Fahrt."),
        ("en", "A ticket now costs $2.75, up from $2.40.", "en", "Tickets rise from $2.40 to $2.75."),
        ("en", "One lamp is broken.", "de", "Eine Lampe ist kaputt."),
        ("en", "The second-largest bridge is open.", "de", "Die zweitgrößte Brücke ist offen."),
        # A unit told once goes for both, and may be left out.
        ("de", "Die Ernte fiel um 40 Prozent.", "fr", "La récolte est de 18 000 tonnes, contre 30 000 l'an dernier."),
        (
            "en",
            "It went over budget by 60 million euros.",
            "de",
            "Das kostet 410 Millionen Euro, 60 Millionen zu viel.",
        ),
        ("en", "They got twelve fewer than promised.", "en", "It ran for 48 kilometres; the maker promises 60."),
        ("de", "Eine Viertelmillion Euro muss er zahlen.", "en", "He must pay 250,000 euros."),
        ("en", "Gusts reached more than 160 km/h.", "de", "Böen erreichten 162 Kilometer pro Stunde."),
        ("en", "Almost a quarter of residents signed.", "en", "1,400 of the 6,000 residents signed."),
        ("de", "Sie gewannen mit zwei Toren Vorsprung.", "en", "They won 29:27."),
        ("en", "There were 6,000 more visitors.", "de", "46.000 Besucher kamen, 15 Prozent mehr."),
        ("fr", "Il a coûté moins d'un demi-million d'euros.", "de", "Er kostete 400.000 Euro."),
        ("en", "The winner took just over two hours.", "en", "She won the marathon in 2:03:14."),
        ("en", "He must serve four years and six months.", "de", "Er muss viereinhalb Jahre ins Gefängnis."),
        ("en", "Only a few hundred copies remain.", "de", "Es gibt noch etwa 300 Exemplare."),
        ("en", "The strike is in its third week.", "de", "Der Streik begann am 9. November."),
        ("en", "The youngest was only 17.", "de", "Der Jüngste ist 17 Jahre alt."),
        ("de", "Pro Kind kostet das knapp 600 Euro.", "de", "9.400 Kinder essen für 5,6 Millionen Euro."),
        ("en", "Pay rises in two steps.", "de", "Der Lohn steigt um 4,2 Prozent und später um 2,8 Prozent."),
    ],
)
def test_a_figure_that_follows_from_the_source_is_kept(language: str, text: str, of: str, said: str) -> None:
    assert why(language, text, (of, said)) is None


# The sources are of Tuesday, 24 November 2026, the draft is of the Thursday after.
@pytest.mark.parametrize(
    ("language", "text", "of", "said"),
    [
        ("en", "They met on Wednesday.", "de", "Am Montag trafen sie sich."),
        ("de", "Der Bau beginnt am 13. Dezember.", "fr", "Les travaux commencent le 12 décembre."),
        ("en", "It was built in 1879.", "en", "It was built in 1897."),
        ("fr", "Il ouvrira en mai.", "en", "It will open in March."),
        ("en", "It opens on 4 March.", "en", "It opens in March."),
        ("fr", "Les travaux débuteront en mai 2028.", "en", "Work is due to begin in May 2027."),
        ("en", "They meet on Tuesday, 30 November.", "en", "They meet on 30 November."),
        ("de", "Ab dem 31. März darf man hinein.", "de", "Bis zum 31. März darf man hinein."),
    ],
)
def test_a_day_that_no_source_names_is_refused(language: str, text: str, of: str, said: str) -> None:
    assert kind_of(why(language, text, (of, said))) == "date"


@pytest.mark.parametrize(
    ("language", "text", "of", "said"),
    [
        ("en", "They met on 23 November.", "de", "Am Montag trafen sie sich."),
        ("en", "They met on Monday.", "fr", "Ils se sont vus hier."),
        ("en", "They met on Tuesday.", "en", "They met behind closed doors."),
        ("de", "Der Bau beginnt Mitte Dezember.", "fr", "Les travaux commencent le 12 décembre."),
        ("en", "It opens by the end of next year.", "de", "Die Brücke öffnet im kommenden Jahr."),
        ("fr", "Il ouvrira en mars.", "en", "It will open on 4 March 2027."),
        ("de", "Bis vor drei Jahren war sie Lehrerin.", "en", "She worked as a teacher until 2023."),
        ("en", "Sales fell between January and September.", "de", "Der Umsatz fiel in den ersten neun Monaten."),
        ("en", "They meet on Monday.", "de", "Sie treffen sich am 30. November."),
        ("de", "2030 könnte alles fertig sein.", "en", "Work begins in May 2027 and lasts three years."),
        ("en", "Work begins on the first Monday of December.", "de", "Die Arbeiten beginnen am 7. Dezember."),
        ("en", "It was decided on 22 November.", "en", "They lost Sunday's vote."),
        ("en", "Buyers will have to wait until mid-January.", "en", "It is delivered from mid-January."),
    ],
)
def test_a_day_told_otherwise_is_kept(language: str, text: str, of: str, said: str) -> None:
    assert why(language, text, (of, said)) is None
