"""The words of money, folded to lower case: currencies and magnitudes, in the languages whose figures are read and
a few more. What one means in some languages only is said there."""

from __future__ import annotations

import re
from collections.abc import Mapping

from aggregator.text.reading.currencies import WORDS

# Before a sign the letters that say whose dollar or pound it is.
WHOSE: Mapping[str, str] = {
    "US$": "USD", "U.S.$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "HK$": "HKD", "NT$": "TWD",
    "S$": "SGD", "NZ$": "NZD", "R$": "BRL", "CN¥": "CNY", "RMB¥": "CNY",
}  # fmt: skip
CODES = frozenset(
    {
        *(
            "USD",
            "EUR",
            "GBP",
            "CHF",
            "JPY",
            "CNY",
            "INR",
            "KRW",
            "SEK",
            "NOK",
            "DKK",
            "PLN",
            "CZK",
            "HUF",
            "RUB",
            "TRY",
        ),
        *("BRL", "MXN", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "ILS", "ZAR", "SAR", "AED", "THB", "IDR", "UAH"),
    }
)
CODE_NAMES: Mapping[str, str] = {
    "RMB": "CNY", "NIS": "ILS", "Rs": "INR", "Rs.": "INR", "SFr": "CHF", "SFr.": "CHF",
}  # fmt: skip

# Behind a number, beside those that the words of figures have, too. "?": whose it is the word does not say.
_CURRENCIES = """
GBP: sterling sterline
RUB: rub
ZAR: zar rand
TRY: tl
?: kronor kroner kronen kr crowns couronnes pesos francs francos pounds pfund won lira
"""

# What such a word means in one language, or what it is: a weight where the number is small.
OWN: Mapping[tuple[str, str], str] = {
    ("kr", "sv"): "SEK", ("kronor", "sv"): "SEK", ("kr", "da"): "DKK", ("kroner", "da"): "DKK", ("kr", "no"): "NOK",
    ("kr", "nb"): "NOK", ("kroner", "no"): "NOK", ("kroner", "nb"): "NOK", ("lira", "tr"): "TRY",
    ("tl", "tr"): "TRY",
}  # fmt: skip
# Said of large numbers these are money; else a weight, a verb, a prize, silver, an edge, a town.
BY_SIZE: Mapping[str, str | None] = {
    "pounds": "GBP", "pfund": "GBP", "won": "KRW", "rand": "ZAR", "sterling": "GBP", "crowns": None, "couronnes": None,
    "kronen": None, "lira": None,
}  # fmt: skip
LEAST_BY_SIZE = 1e6
# "5 million won the right to vote": there it is the verb.
VERBS: Mapping[str, re.Pattern[str]] = {
    "won": re.compile(
        r" (?:the|an?|their|his|her|its|our|my|your|no|any|some|every|all|back|over|out|free|tickets?|seats?|votes?"
        r"|prizes?|medals?|gold|places?)(?!\w)"
    )
}
# What is a name in another language: Al Franken.
NAMES = frozenset({("franken", "en")})

_MAGNITUDES = """
1e3: thousand k bin tausend tsd mille mila mil тыс tusen duizend
1e6: million millions m mn mln mio mill millionen millón millones milione milioni
1e6: millioner miljon miljoner miljoen milhão milhões млн
1e9: billion billions bn bln b milliarde milliarden mrd md mds milliard milliards mil_millones miliardo
1e9: milliarder miliardi miljard miljarder mil_milhões bilhões bilhão mldr mld млрд
1e12: trillion trillions tn trn t billionen billones trilhões biliardi
1e5: lakh lakhs
1e7: crore crores cr
1e12: lakh_crore lakh_crores
"""
# A billion is 10^12 where a milliard is known, and "mil" a thousand of Spain and a million of America.
OWN_MAGNITUDES: Mapping[tuple[str, str], float] = {
    ("billion", "de"): 1e12, ("billion", "fr"): 1e12, ("billions", "fr"): 1e12, ("mil", "en"): 1e6, ("bin", "tr"): 1e3,
    ("bil", "en"): 1e9, ("trillion", "de"): 1e18, ("trillionen", "de"): 1e18, ("trillion", "fr"): 1e18,
}  # fmt: skip


def _read(table: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in table.strip().splitlines():
        meaning, _, words = line.partition(": ")
        found |= {word.replace("_", " "): meaning for word in words.split()}
    return found


_OF_CURRENCIES = _read(WORDS + _CURRENCIES)
CURRENCIES: Mapping[str, str | None] = {word: None if of == "?" else of for word, of in _OF_CURRENCIES.items()}
MAGNITUDES: Mapping[str, float] = {word: float(of) for word, of in _read(_MAGNITUDES).items()} | {"bil": 1e9}
