"""The amounts of money of a text: "$13B", "1.100 millones de dólares", "EUR 5 Mio.", "half a billion dollars".

English, German, French, Spanish and Italian are read in full, of other languages the digits, signs and codes. What a
text says twice is one amount; of a span ("$5-7 billion") both ends are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from aggregator.model.money import Money
from aggregator.text.figures import figures
from aggregator.text.money.kinds import handed_on, kind_of
from aggregator.text.money.words import (
    BY_SIZE,
    CODE_NAMES,
    CODES,
    CURRENCIES,
    LEAST_BY_SIZE,
    MAGNITUDES,
    NAMES,
    OWN,
    OWN_MAGNITUDES,
    VERBS,
    WHOSE,
)
from aggregator.text.reading.currencies import SIGNS
from aggregator.text.reading.pieces import value_of
from aggregator.text.reading.units import CURRENCIES as UNITS_OF_MONEY

# Of a text its lead, as far as its language is told by. More amounts than so many are a table.
LEAD = 400
_MOST = 8
_LARGEST = 1e16

# Most texts have no digit and no such word: they are not read, which costs a microsecond. A list of the words of each
# language instead of the digit saves five more, and forgets words: it did won, pesos, francs and codes.
_SIGN = re.compile(f"[{re.escape(''.join(SIGNS))}]")
_DIGIT = re.compile(r"\d")
_WORDED = re.compile(
    r"(?:housand|ausend|illi|illon|ilion|illia|iliar|illar|rilli)\w*[ -](?:de |d['’]|di )?(?:US[ -])?"
    r"(?:euro|dollar|d[oó]lare?)s?",
    re.I,
)

# A number in words takes no more room.
_WORDS_REACH = 40
_IN_WORDS = ("ollar", "uro", "dólar", "dolar")
_BARE = re.compile(r"(?:milli|billi|trilli|mill[oó]|mili)", re.I)

_THIN = "\u00a0\u202f\u2009'’"
_SPACE_GROUPS = frozenset({"de", "fr", "es", "it", "pt", "sv", "pl", "ru", "fi", "no", "nb", "cs", "uk"})
# Between the two ends of a span, and of one that is led by a word.
_SPANS = frozenset({"-", "–", "—", "to", "bis", "à", "a"})
_LED_SPANS = frozenset({"and", "und", "et", "y", "e", "e i", "y los", "et les"})
_LEADS = re.compile(r"\b(?:between|zwischen|entre|tra|fra)\b[^\d]{0,12}\Z", re.I)


class _Found(NamedTuple):
    """A number with what stands at it: `size`, its magnitude, and `code`, its currency, where they are said.

    `is_by_size`: its word is money where it is one of millions ("pounds"), else a weight or a verb.
    """

    start: int
    end: int
    number: float
    size: float | None
    is_money: bool
    code: str | None
    is_by_size: bool = False


def amounts(title: str, text: str, language: str | None) -> tuple[Money, ...]:
    """The amounts of a title and of the lead of its text, in their order, each once."""
    whole = f"{title}\n{text[:LEAD]}"
    if not _may_have(whole):
        return ()
    found: dict[tuple[float, str | None], Money] = {}
    for each in _read(whole, language):
        known = found.get(each[:2])
        if known is None or (known.kind is None and each.kind):
            found[each[:2]] = each
    return tuple(found.values())[:_MOST]


def _may_have(text: str) -> bool:
    return _DIGIT.search(text) is not None or any(word in text for word in _IN_WORDS)


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", "[ \u00a0-]") for word in sorted(words, key=len, reverse=True))


@lru_cache(maxsize=2)
def _pattern(*, spaced: bool) -> re.Pattern[str]:
    """A number, and behind it its magnitude and its currency. `spaced`: thousands may be parted by a space."""
    group, gap = _THIN + (" " if spaced else ""), "[ \u00a0\u202f-]?"
    number = rf"\d(?<![\d.]\d)(?:\d{{0,2}}(?:[{group}]\d{{3}})+(?:[.,]\d+)?(?!\d)|\d*(?:[.,]\d+)*)"
    # A single letter stands at its number, or before a currency: "$5B", "10 M€", and no "$5 T-shirt".
    letter = r"(?<=\d)[kmbt](?!\w)|[kmb](?=[ \u00a0]?(?:[€$£]|eur|usd|chf))"
    size = rf"(?:{_any_of(word for word in (*MAGNITUDES, 'mil') if len(word) > 1)})(?!\w)|{letter}"
    currency = rf"(?:{_any_of(CURRENCIES)})(?!\w)"
    of_size = rf"(?:{gap}(?P<size>{size})(?:\.(?={gap}(?:{currency})))?)?"
    of_currency = rf"(?:{gap}(?:de |d['’]|di )?(?P<word>{currency}))?"
    return re.compile(rf"(?P<digits>{number}){of_size}{of_currency}", re.IGNORECASE)


def _read(text: str, language: str | None) -> Iterator[Money]:
    matches = list(_pattern(spaced=language in _SPACE_GROUPS).finditer(text))
    if not any(_is_at_money(match, text) for match in matches):  # most are years and counts
        matches = []
    numbers = _spanned(_joined([each for match in matches if (each := _found(match, text, language))], text), text)
    said = [(each.start, each.end, Money(value, each.code, text[each.start : each.end]))
            for each in numbers if (value := _value_of(each)) is not None]  # fmt: skip
    if any(word in text for word in _IN_WORDS) and _WORDED.search(text):
        said = sorted([*said, *_worded(text, language, said)], key=lambda each: each[0])
    bounds = [0, *(end for _, end, _ in said)], [*(start for start, _, _ in said), len(text)]
    # What is said of one amount reaches to the next.
    between = [text[since:until] for since, until in zip(*bounds, strict=True)]
    kinds = [kind_of(between[k], between[k + 1], each[2].value, language) for k, each in enumerate(said)]
    for (_, _, money), kind in zip(said, handed_on(kinds, between[1:-1]), strict=True):
        yield money._replace(kind=kind)


# A sign with the letters that say whose it is, before or behind it, or a code.
_BEFORE = re.compile(
    rf"(?:(?P<whose>[A-Z]{{3}}(?= )|[A-Z.]{{0,4}}) ?(?P<sign>{_SIGN.pattern})|\$(?P<turned>US|AU?|NZ|CA?|HK|S)"
    r"|(?<![^\W_])(?P<code>[A-Z]{3}|Rs\.?|SFr\.?))[ \u00a0]?\Z"
)
_REACH = 8
# "5 sek" are seconds, "try" is a verb.
_UPPER_ONLY = frozenset({"sek", "nok", "dkk", "tl", "inr", "sfr", "rub", "pln", "zar"})
# Two letters are an abbreviation of much else where nobody pays so.
_OWN_ONLY = frozenset({"kr", "tl"})


def _is_at_money(match: re.Match[str], text: str) -> bool:
    return match["word"] is not None or _BEFORE.search(text, max(0, match.start() - _REACH), match.start()) is not None


def _found(match: re.Match[str], text: str, language: str | None) -> _Found | None:
    """The number of a match with its currency; None where it is part of a name, or none."""
    number, end = value_of(match["digits"], language), match.end("size" if match["size"] else "digits")
    start, code, is_dollar = _before(match.start(), text)
    if number is None or (text[start - 1 : start].isalnum() and not code) or (
        match.end() == match.end("digits") and text[match.end() : match.end() + 1].isalpha()
    ):  # fmt: skip
        return None
    size = _size(match["size"], language)
    word = _word(match["word"] or "", language)
    if word in VERBS and VERBS[word].match(text, match.end()):
        word = ""
    if not word:
        return _Found(start, end, number[0], size, code is not None, code)
    own = OWN.get((word, language or ""))
    named = own or CURRENCIES.get(word) or CURRENCIES.get(word.replace(" ", "-"))
    is_by_size = word in BY_SIZE and not (code or own)
    if is_by_size:
        named = BY_SIZE[word]
    # "$5 million Canadian dollars", and no other "A$5 million dollars" or "£5 euros".
    code = named if code is None or (is_dollar and named != "USD") else code
    return _Found(start, match.end(), number[0], size, True, code, is_by_size)


def _before(start: int, text: str) -> tuple[int, str | None, bool]:
    """Where the amount of a number begins, its currency, and whether that is a dollar of anybody's."""
    before = _BEFORE.search(text, max(0, start - _REACH), start)
    if before is None:
        return start, None, False
    if said := before["code"]:
        code = CODE_NAMES.get(said) or (said if said in CODES else None)
        return (before.start() if code else start), code, False
    if turned := before["turned"]:
        return before.start(), WHOSE[f"{turned}$"], False
    sign, whose = before["sign"], before["whose"]
    if code := WHOSE.get(whose + sign) or (whose if sign == "$" and whose in CODES else None):
        return before.start(), code, False
    return before.start("sign"), SIGNS[sign], sign == "$"


def _word(said: str, language: str | None) -> str:
    """The word of a currency as it is looked up; nothing where it is none in this language."""
    word = said.lower().replace("-", " ").replace("\u00a0", " ")
    is_other = (word in _UPPER_ONLY and not said.isupper()) or (word in _OWN_ONLY and (word, language) not in OWN)
    return "" if is_other or (word, language) in NAMES else word


def _size(said: str | None, language: str | None) -> float | None:
    if said is None:
        return None
    word = said.lower().replace("\u00a0", " ").replace("-", " ")
    return OWN_MAGNITUDES.get((word, language or "en")) or MAGNITUDES.get(word) or MAGNITUDES["mille"]


def _joined(numbers: list[_Found], text: str) -> list[_Found]:
    """ "7 mil 344 millones de pesos" is one number."""
    found: list[_Found] = []
    for each in numbers:
        before = found[-1] if found else None
        if before and before.size == 1e3 and not before.is_money and each.is_money and each.number < 1e3 and (
            text[before.end : each.start] == " "
        ):  # fmt: skip
            found[-1] = each._replace(start=before.start, number=before.number * 1e3 + each.number)
        else:
            found.append(each)
    return found


def _spanned(numbers: list[_Found], text: str) -> Iterator[_Found]:
    """The numbers, both ends of a span with what stands at one of them: "$5-7 billion", "between 5 and 7 Mio. Euro"."""
    for k, each in enumerate(numbers):
        after = numbers[k + 1] if k + 1 < len(numbers) else None
        if after and (each.is_money or after.is_money) and _is_span(each, after, text):
            size = each.size
            if size is None and after.size and each.number < 1000:
                size = after.size
            numbers[k + 1] = after if after.is_money else after._replace(is_money=True, code=each.code)
            each = each if each.is_money else each._replace(is_money=True, code=after.code)
            each = each._replace(size=size)
        yield each


# The first of a span may be so many times the second: "from 27 to 19 million".
_FALLEN = 20


def _is_span(one: _Found, other: _Found, text: str) -> bool:
    between = text[one.end : other.start]
    word = between.strip().lower()
    if one.number > _FALLEN * other.number or (word in "-–—" and between != word):
        return False
    return word in _SPANS or (word in _LED_SPANS and _LEADS.search(text, 0, one.start) is not None)


def _value_of(found: _Found) -> float | None:
    if not found.is_money:
        return None
    value = found.number * (found.size or 1.0)
    if value > _LARGEST or value <= 0 or (found.is_by_size and value < LEAST_BY_SIZE):
        return None
    return float(f"{value:.12g}")  # 1.1 times a million is not quite that


def _worded(text: str, language: str | None, said: list[tuple[int, int, Money]]) -> Iterator[tuple[int, int, Money]]:
    """Amounts without a digit: "half a billion dollars", "zwei Milliarden Euro"."""
    for match in _WORDED.finditer(text):
        if any(start < match.end() and match.start() < end for start, end, _ in said):
            continue  # in digits
        since = max(0, match.start() - _WORDS_REACH)
        near = text[since : match.end() + 1]
        for figure in figures(near, language):
            start, end = since + figure.start, since + figure.end
            words = text[start:end]
            # A "billion-dollar bet" is no billion, and of "six to seven million dollars" the first is no amount alone.
            is_said = _WORDED.search(words) and not _BARE.match(words) and "-" not in words.replace("US-", "")
            if figure.value is not None and figure.unit in UNITS_OF_MONEY and is_said and not _DIGIT.search(words):
                yield start, end, Money(figure.value, figure.unit if len(figure.unit) == 3 else None, words)
