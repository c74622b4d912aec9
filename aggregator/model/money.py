"""Money that a post speaks of."""

from __future__ import annotations

from typing import Literal, NamedTuple

# What it is said to be: raised from investors (or to be), what somebody or something is valued at, a fine, a price.
MoneyKind = Literal["raised", "valued", "fined", "price"]


class Money(NamedTuple):
    """An amount. `value`: in units of `currency` (ISO 4217), which is None where the word leaves it open ("pesos").

    `text`: as it is written. `kind`: None where the words near it do not say.
    """

    value: float
    currency: str | None
    text: str
    kind: MoneyKind | None = None
