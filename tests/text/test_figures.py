from __future__ import annotations

import pytest

from aggregator.text.figures import Figure, figures

YEAR = 31557600


def _one(text: str, language: str) -> Figure:
    found = figures(text, language)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("language", "text", "value", "unit"),
    [
        ("en", "The bridge cost $2.3 million.", 2.3e6, "USD"),
        ("en", "They want £5m for it.", 5e6, "GBP"),
        ("en", "It raised 1.2 billion euros.", 1.2e9, "EUR"),
        ("en", "Some 12,400 tonnes burned.", 12.4e6, "kg"),
        ("en", "It has twenty-one doors.", 21, ""),
        ("en", "Two hundred and fifty people came.", 250, "people"),
        ("en", "Half a million people came.", 5e5, "people"),
        ("en", "A dozen ships wait.", 12, ""),
        ("en", "Two thirds agree.", 200 / 3, "percent"),
        ("en", "One in four agrees.", 25, "percent"),
        ("en", "Every third house is empty.", 100 / 3, "percent"),
        ("en", "Sales doubled.", 2, "times"),
        ("en", "The mast is 5 m high.", 5, "m"),
        ("en", "Rates fell by 25 basis points.", 0.25, "points"),
        ("en", "A five-year study says so.", 5 * YEAR, "s"),
        ("de", "Das kostet 2,3 Mio. Euro.", 2.3e6, "EUR"),
        ("de", "Das kostet 1.450 Euro.", 1450, "EUR"),
        ("de", "Es geht um eine Billion Dollar.", 1e12, "USD"),
        ("de", "Anderthalb Jahre dauerte das.", 1.5 * YEAR, "s"),
        ("de", "Jeder zehnte raucht.", 10, "percent"),
        ("de", "Sechs von zehn rauchen.", 60, "percent"),
        ("de", "Zweihundertfünfzig Menschen kamen.", 250, "people"),
        ("de", "Zwanzigtausend Menschen kamen.", 20000, "people"),
        ("de", "Eine halbe Million Menschen kam.", 5e5, "people"),
        ("de", "Drei Viertel sind dafür.", 75, "percent"),
        ("de", "Sie brauchen 19.000 m³ davon.", 19000, "m3"),
        ("de", "Das kostet 12'000 Franken.", 12000, "CHF"),
        ("fr", "Il y a 3 200 cas.", 3200, ""),
        ("fr", "Le prix est de 45 milliards d'euros.", 45e9, "EUR"),
        ("fr", "C'est un billion de dollars.", 1e12, "USD"),
        ("fr", "Quatre-vingt-dix-sept bateaux attendent.", 97, ""),
        ("fr", "Soixante et onze bateaux attendent.", 71, ""),
        ("fr", "Un tiers attend.", 100 / 3, "percent"),
        ("fr", "Six vendeurs sur dix restent.", 60, "percent"),
        ("fr", "Une hausse de 12 % est prévue.", 12, "percent"),
        ("es", "Cuesta tres millones de euros.", 3e6, "EUR"),
        ("es", "Treinta y dos barcos esperan.", 32, ""),
        ("it", "Costa 2,5 milioni di euro.", 2.5e6, "EUR"),
    ],
)
def test_a_figure_has_its_value_and_unit(language: str, text: str, value: float, unit: str) -> None:
    figure = _one(text, language)
    assert figure.value == pytest.approx(value)
    assert figure.unit == unit


@pytest.mark.parametrize(
    ("language", "text", "holds", "not_"),
    [
        ("en", "It has more than 300 rooms.", 320, 299),
        ("en", "It has nearly 5,000 rooms.", 4800, 5100),
        ("en", "It has about 12,500 rooms.", 12480, 14000),
        ("en", "It has dozens of rooms.", 60, 1000),
        ("de", "Es sind fast eine Milliarde.", 0.95e9, 1.1e9),
        ("de", "Es sind 3 Millionen.", 3.1e6, 3.4e6),
        ("fr", "Ils sont plus de 21 000.", 21500, 20999),
        ("fr", "Un peu plus d'un tiers est vide.", 38, 33),
    ],
)
def test_the_words_leave_a_span(language: str, text: str, holds: float, not_: float) -> None:
    figure = _one(text, language)
    assert figure.low <= holds <= figure.high
    assert not figure.low <= not_ <= figure.high


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Use GPT-5 and Python 3.11.2 for #2026 at https://a.example/300"),
        ("en", "It begins on 3 December."),
        ("en", "It begins on December 3."),
        ("de", "Es beginnt am 3. Dezember."),
        ("fr", "Il commence le 1er mars."),
        ("de", "Ein Mann sah eine Frau."),
        ("en", "In the last quarter a second plan was made.".replace("second", "new")),
    ],
)
def test_names_and_dates_are_no_figures(language: str, text: str) -> None:
    assert figures(text, language) == []


@pytest.mark.parametrize(
    ("language", "text", "kind", "value"),
    [
        ("en", "It opened in 1897.", "year", 1897),
        ("en", "It opens at 4:30.", "clock", 270),
        ("en", "It opens at 4 p.m. sharp.", "clock", 960),
        ("de", "Es öffnet um 5 Uhr.", "clock", 300),
        ("fr", "Il ouvre à 17 h 30.", "clock", 1050),
        ("en", "It is the third fire.", "ordinal", 3),
        ("de", "Das ist der dritte Brand.", "ordinal", 3),
        ("fr", "C'est la deuxième amende.", "ordinal", 2),
    ],
)
def test_years_times_and_places_are_told_apart(language: str, text: str, kind: str, value: float) -> None:
    figure = _one(text, language)
    assert (figure.kind, figure.value) == (kind, value)


def test_the_first_of_a_range_has_the_unit_of_the_second() -> None:
    low, high = figures("It expects 1.5 to 1.6 billion dollars.", "en")
    assert (low.value, low.unit) == (1.5e9, "USD")
    assert (high.value, high.unit) == (1.6e9, "USD")


def test_a_figure_stands_where_it_says() -> None:
    text = "Sie verlor rund 4,2 Milliarden Dollar."
    figure = _one(text, "de")
    assert text[figure.start : figure.end] == figure.text == "4,2 Milliarden Dollar"
    assert figure.hedge == "about"


def test_what_is_counted_is_named() -> None:
    assert _one("It lost 640,000 scanned pages.", "en").noun == "scanned"
    assert _one("Die 240 neuen Beschäftigten kamen.", "de").noun == "beschäftigten"
