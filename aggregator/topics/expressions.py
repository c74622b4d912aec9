"""Kinds of expressions that a term may ask for by name: amounts of money, shares, numbers, versions. In folded text."""

from __future__ import annotations

import re

from aggregator.topics.occurrences import Span

_NUMBER = r"\d[\d.,']*(?: \d{3}(?!\d))*"
_SCALE = (
    r"(?:k|m|mm|mn|mln|mio\.?|bn|b|mrd\.?|md|mds|mdr|mkr|tn|t|tsd\.?|thousand|millions?|billions?|trillions?"
    r"|crores?|lakhs?|tausend|millionen|milliarden?|billionen|milliards?|millones|mil millones|millón|milioni|milione"
    r"|miliardi|miliardo|miljoner|miljarder|miljoen|miljard|milhões|bilhões|тыс\.?|млн\.?|млрд\.?|миллионов|миллиардов|миллиона|миллиарда"
    r"|万|億|亿|兆|千万|百万|千亿)"
)
_CURRENCY_SIGN = r"(?:us\$|a\$|c\$|s\$|hk\$|nt\$|r\$|[$€£¥₹₩₽])"
_CURRENCY_WORD = (
    r"(?:us dollars?|dollars?|dollarn?|euros?|eur|usd|gbp|chf|sek|inr|pounds?|pfund|franken|francs?|kronor|kr|yen|yuan"
    r"|won|rupees?|crores?|dólares|pesos?|dollari|sterline|livres?|libras|евро|долларов|доллара|рублей|руб\.?"
    r"|円|元|人民币|美元|美金|欧元|ドル|米ドル|ユーロ|ウォン)"
)
_BIG = (
    r"(?:million|billion|trillion|crore|mio\.?|mrd\.?|millionen|milliarden?|milliards?|millones|milioni|miliardi"
    r"|miljoner|miljarder|млн|млрд)"
)
_AFTER = r"(?![^\W\d_])"
# Each begins with a character that its expressions begin with, so that the search leaps from one such character to the
# next, in two thirds of the time with the digits spelled out; what must not stand before it is asked behind it. Those
# of other scripts become these in NFKC, or stand beside no unit that is known here.
DIGITS = "0-9٠-٩۰-۹०-९"
_NUMBER_BEGUN = r"(?<=\d)(?<!\w\d)[\d.,']*(?: \d{3}(?!\d))*"
CLASSES = {
    "<money>": re.compile(
        rf"[{DIGITS}$€£¥₹₩₽](?:(?<=[$€£¥₹₩₽]) ?{_NUMBER}(?: ?{_SCALE}{_AFTER})?"
        rf"|{_NUMBER_BEGUN} ?"
        rf"(?:(?:{_SCALE} ?)?(?:de |d'|di )?(?:{_CURRENCY_SIGN}|{_CURRENCY_WORD}{_AFTER})|{_BIG}(?!\w)))"
    ),
    "<percent>": re.compile(
        rf"[{DIGITS}]{_NUMBER_BEGUN} ?(?:%|percent|per cent|prozent|pour cent|por ciento|per cento|por cento"
        r"|procent|процент)"
    ),
    "<number>": re.compile(
        rf"[{DIGITS}]{_NUMBER_BEGUN}(?: ?(?:hundred|thousand|million|mille|mila|mil|tausend))?(?!\w)"
    ),
    "<version>": re.compile(rf"[v{DIGITS}](?:(?<=\d)|(?=\d))(?<!\w[v\d])\d*(?:\.\d+)*[a-z]?(?!\w)"),
}
# Of a dollar that is not the American one, or said to be: "US$", "A$".
_WHOSE_DOLLAR = re.compile(r"(?:us|hk|nt|a|c|s|r)\Z")


def expressions_in(kind: str, folded: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Where expressions of a kind ("<money>") begin and end in a folded text, or in this stretch of it."""
    stretch = CLASSES[kind].finditer(folded, start, len(folded) if end is None else end)
    spans = [found.span() for found in stretch]
    return [(_begin(folded, start), end) for start, end in spans] if kind == "<money>" else spans


def _begin(folded: str, start: int) -> int:
    if folded[start] != "$":
        return start
    before = _WHOSE_DOLLAR.search(folded, max(0, start - 2), start)
    return before.start() if before else start
