"""Figures and amounts of money have words of their own, for other questions, beside those that they share. What both
have means the same in both."""

from __future__ import annotations

import pytest

from aggregator.text.figures import figures
from aggregator.text.money import words as money
from aggregator.text.reading import units
from aggregator.text.tokens import fold

OF_MONEY = {fold(word): code for word, code in money.CURRENCIES.items()}


@pytest.mark.parametrize(
    ("word", "code"),
    [(word, unit) for word, (unit, scale) in units.UNITS.items() if unit in money.CODES and scale == 1],
)
def test_a_word_that_names_a_currency_names_it_in_both(word: str, code: str) -> None:
    assert code in units.CURRENCIES
    assert code in (OF_MONEY[word], money.BY_SIZE.get(word))


@pytest.mark.parametrize(
    ("text", "language", "unit"),
    [
        ("It pays 5 million roubles.", "en", "RUB"),
        ("Sie zahlt 5 Millionen Rubel.", "de", "RUB"),
        ("It pays ₽5 million.", "en", "RUB"),
        ("It pays 5 million Canadian dollars.", "en", "CAD"),
        ("Elle paie 5 millions de dollars canadiens.", "fr", "CAD"),
        ("Cuesta 5 millones de rupias.", "es", "INR"),
        ("It pays 5 million dollars, Canadian ones.", "en", "USD"),
        ("Sie zahlt 5 Millionen US-Dollar.", "de", "USD"),
        ("Es kamen 10 US-Soldaten.", "de", ""),
        ("They won 5 million votes.", "en", ""),
        ("Der Rand: 5 Rand breit.", "de", ""),
        ("In step 2 rub the wood.", "en", ""),
    ],
)
def test_a_figure_knows_the_currencies_that_an_amount_knows(text: str, language: str, unit: str) -> None:
    assert [figure.unit for figure in figures(text, language)] == [unit]


def test_what_is_a_weight_and_money_by_size_is_so_in_both() -> None:
    both = units.MONEY_BY_SIZE.keys() & money.BY_SIZE.keys()
    assert both >= {"pounds", "pfund"}
    assert {word: units.MONEY_BY_SIZE[word] for word in both} == {word: money.BY_SIZE[word] for word in both}
