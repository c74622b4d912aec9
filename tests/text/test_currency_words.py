"""The words of figures and those of amounts of money are two tables, of other languages and for other questions. What
both have means the same in both."""

from __future__ import annotations

import pytest

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


@pytest.mark.parametrize(("sign", "code"), units.SIGNS.items())
def test_a_sign_before_a_number_means_the_same_in_both(sign: str, code: str) -> None:
    assert code in (money.SIGNS.get(sign), sign.upper())


def test_what_is_a_weight_and_money_by_size_is_so_in_both() -> None:
    both = units.MONEY_BY_SIZE.keys() & money.BY_SIZE.keys()
    assert both >= {"pounds", "pfund"}
    assert {word: units.MONEY_BY_SIZE[word] for word in both} == {word: money.BY_SIZE[word] for word in both}
