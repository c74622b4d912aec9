"""The figures of running text: amounts, counts, shares, in digits and in words, with what the words leave open.

English, German and French are read in full, Spanish and Italian in their usual forms; of other languages the digits,
signs and units. No figures are dates, and what belongs to a name: "GPT-5", "Python 3.11.2", "#2026".
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from aggregator.text.language import stop_words
from aggregator.text.reading.beginnings import counts
from aggregator.text.reading.calendar import MONTHS
from aggregator.text.reading.compounds import number_in
from aggregator.text.reading.numerals import BEFORE_YEARS, NEED_ONE, NO_NOUNS, NUMERALS, Hedge, Numerals, word_set
from aggregator.text.reading.pieces import lasting_of, pieces, value_of
from aggregator.text.reading.rounding import Core, Kind, span_of
from aggregator.text.reading.spelled import half_end, spelled
from aggregator.text.reading.units import (
    CLOCK,
    CURRENCIES,
    LONGEST_UNIT,
    MONEY_BY_SIZE,
    ONLY_IN,
    SIGNS,
    UNITS,
    per_unit,
)

_FIRST_YEAR, _EARLY_YEARS, _LAST_YEAR = 1500, 1900, 2100
_ORDINAL_ENDS = frozenset({"st", "nd", "rd", "th", "er", "ère", "re", "e", "ème", "eme", "è", "º", "ª", "o", "a"})
# They stand between a part and the unit that it is a part of: "half an hour", "a quarter of a million".
_LINKS = frozenset({"of", "a", "an", "de", "d", "-", "un", "une", "einer", "eine", "von"})
_NOUN_REACH = 3
# "From 27 to 19 million": so many times the second the first may be.
_FALLEN = 20
_LONGEST_MONTH = 31
_HOURS = 24
# "Six out of ten", "one in twenty" are parts; "12 of 31" are two counts.
_MOST_SHARED = 20
# "A few hundred"; and short words of number that may stand alone.
_FEW = word_set("few paar couple")
_BARE = frozenset({"mil", "mille"})


class Figure(NamedTuple):
    """A figure of a text.

    `value`: in `unit`, the magnitude worked in; None where the words give a span only ("dozens"). `low`, `high`: what
    the words may mean, as they are hedged and rounded. `unit`: a currency's code, "percent", "points" (of percent),
    "people", "s", "m", "m2", "m3", "kg", "W", "Wh", "kph", "times", "year", "clock", …; "" for what is counted in
    `noun`, a folded word near it, or without a noun. `start`, `end`: where `text` stands. `scale`: its magnitude.
    """

    value: float | None
    low: float
    high: float
    unit: str
    text: str
    start: int
    end: int
    kind: Kind = "number"
    noun: str = ""
    hedge: Hedge | None = None
    scale: float = 1.0

    @property
    def is_about(self) -> bool:
        """The words give it only about."""
        return self.value is None or self.hedge is not None


def figures(text: str, language: str | None) -> list[Figure]:
    """The figures of a text in their order."""
    return list(_figures(text, language))


@lru_cache(maxsize=4096)
def _figures(text: str, language: str | None) -> tuple[Figure, ...]:
    return tuple(_Reader(text, language).read())


class _Reader:
    def __init__(self, text: str, language: str | None) -> None:
        self.text = text
        self.language = language if language and language in NUMERALS else "en"
        self.words: Numerals = NUMERALS[self.language]
        self.pieces = pieces(text, language)
        self.months = MONTHS[self.language]

    def read(self) -> list[Figure]:
        found: list[Figure] = []
        at = 0
        while at < len(self.pieces):
            figure, end = self._at(at)
            if figure:
                if found:
                    found[-1] = self._ranged(found[-1], figure)
                found.append(figure)
            at = max(end, at + 1)
        return found

    def _folded(self, at: int) -> str:
        return self.pieces[at].folded if 0 <= at < len(self.pieces) else ""

    def _kind(self, at: int) -> str:
        return self.pieces[at].kind if 0 <= at < len(self.pieces) else ""

    def _at(self, at: int) -> tuple[Figure | None, int]:
        """The figure that begins here, and where to read on."""
        piece = self.pieces[at]
        if piece.kind in ("skipped", "other", "sign"):
            return None, at + 1
        if piece.kind == "word" and piece.folded not in counts(self.language):
            compound = number_in(piece.folded, at + 1) if self.language == "de" else None
            return self._made(at, compound) if compound else (None, at + 1)
        if piece.kind == "number" and (end := self._date_end(at)):
            return None, end
        if shared := self._share(at):
            return self._made(at, shared)
        if piece.kind == "number" and (lasting := lasting_of(piece.text)):
            return self._made(at, Core(lasting, 0.0, at + 1, unit="s"))
        if piece.kind == "number" and (clock := self._clock(at)):
            return self._made(at, clock)
        core = self._core(at)
        return self._made(at, core) if core else (None, at + 1)

    def _date_end(self, at: int) -> int | None:
        """Behind a day of a date; None where the number is none."""
        digits = self.pieces[at].text
        if "." in digits and len(digits.split(".")) == 3:
            return at + 1
        if self._folded(at + 1) == "-" == self._folded(at + 3) and self._kind(at + 2) == "number":
            return at + 5
        if not digits.isdigit() or len(digits) > 2 or int(digits) > _LONGEST_MONTH:
            return None
        after = at + 1
        while self._folded(after) in (".", "of", "de", "di") or (after == at + 1 and self._ordinal_end(after)):
            after += 1
        if self._folded(after) in self.months and (self.language != "en" or self.pieces[after].text[0].isupper()):
            return after + 1
        if self._folded(at - 1) in self.months or (self._folded(at - 1) == "." and self._folded(at - 2) in self.months):
            return at + 1
        return None

    def _ordinal_end(self, at: int) -> bool:
        return (
            self._folded(at) in _ORDINAL_ENDS
            and self.pieces[at].start == self.pieces[at - 1].end
            and self._kind(at - 1) == "number"
        )

    def _clock(self, at: int) -> Core | None:
        """A time of the day, in minutes."""
        digits, end = self.pieces[at].text, at + 1
        hours, _, minutes = digits.replace(".", ":").partition(":")
        after = self._folded(end)
        if after in ("a", "p") and self._folded(end + 1) == "." and self._folded(end + 2) == "m":
            after, end = f"{after}m", end + 3
        named = after in CLOCK and (after not in ("am", "pm", "est") or self.language == "en")
        is_led = self._folded(at - 1) in ("à", "vers", "dès") and after in ("heures", "heure")
        is_french = (after == "h" or is_led) and self.language == "fr" and len(hours) <= 2
        if not (named or is_french or (":" in digits and len(minutes) == 2)):
            return None
        if not (hours.isdigit() and int(hours) <= _HOURS and (not minutes or minutes.isdigit())):
            return None
        if is_french and self._kind(end + 1) == "number" and len(self._folded(end + 1)) == 2:
            minutes, end = self._folded(end + 1), end + 1
        late = 12 if after == "pm" and int(hours) < 12 else 0
        end += 1 if named or is_french else 0
        return Core((int(hours) + late) * 60.0 + int(minutes or 0), 1.0, end, "clock")

    def _share(self, at: int) -> Core | None:
        """ "one in four", "sechs von zehn", "every third", "jedes dritte"."""
        first = self._folded(at)
        if first in self.words.every and (below := self.words.ordinals.get(self._folded(at + 1))) and below > 1:
            return Core(100 / below, 0.0, at + 2, "share")
        above = self._small(at)
        if above is None:
            return None
        # "Six vendeurs sur dix": the noun may stand between; "einer Dauer von drei" is no part.
        is_article = first in self.words.articles - {"one"} and self.language != "fr"
        for of_at in (above[1],) if is_article else (above[1], above[1] + 1):
            for phrase in self.words.of:
                length = phrase.count(" ") + 1
                words = " ".join(self._folded(of_at + k) for k in range(length))
                if words == phrase and (below_at := self._small(of_at + length)):
                    part, whole = above[0], below_at[0]
                    if 1 <= part < whole and (whole == 100 or whole <= _MOST_SHARED):
                        return Core(100 * part / whole, 0.0, below_at[1], "share")
        return None

    def _small(self, at: int) -> tuple[float, int] | None:
        if self._kind(at) == "number" and self._folded(at).isdigit():
            return float(self._folded(at)), at + 1
        if self._folded(at) in self.words.articles:
            return 1.0, at + 1
        return spelled(self.pieces, at, self.words) if self._kind(at) == "word" else None

    def _core(self, at: int) -> Core | None:
        first = self._folded(at)
        if self._kind(at) == "number":
            read = value_of(self.pieces[at].text, self.language)
            if read is None:
                return None
            if self._ordinal_end(at + 1) or self._is_german_ordinal(at):
                return Core(read[0], 1.0, at + 2, "ordinal")
            return self._grown(Core(*read, at + 1))
        if number := spelled(self.pieces, at, self.words):
            return self._grown(Core(number[0], 1.0 if number[0] % 100 else 100.0, number[1]))
        is_one = first in self.words.articles
        if is_one and (more := self._one_and_a_half(at + 1)):
            return more
        word_at = at + 1 if is_one else at
        word = self._folded(word_at)
        if is_one and word in ("-", "demi") and first != "one":
            word_at, word = (word_at, word) if word == "demi" else (word_at + 1, self._folded(word_at + 1))
        if word in self.words.parts and (is_one or word not in NEED_ONE) and self._may_be_part(word, word_at):
            return self._part(self.words.parts[word], word_at + 1)
        if word in self.words.vague and (not is_one or word in _FEW):
            low, high = self.words.vague[word]
            return self._grown(Core(low, 0.0, word_at + 1, span=(low, high)))
        if (word in self.words.magnitudes and len(word) > 2) or word in self.words.dozens:
            return self._grown(Core(1.0, 1.0, word_at)) if is_one or len(word) > 4 or word in _BARE else None
        if first in self.words.factors:
            return Core(self.words.factors[first], 0.0, at + 1, "factor")
        if first in self.words.ordinals and not is_one:
            return Core(self.words.ordinals[first], 1.0, at + 1, "ordinal")
        return None

    def _one_and_a_half(self, at: int) -> Core | None:
        """ "A minute and a half", "un an et demi"."""
        there = self._unit(at)
        if there is None:
            return None
        end = half_end(self.pieces, there[1])
        unit, scale = UNITS[there[0]]
        return Core(1.5 * scale, 0.0, end, unit=unit) if end else None

    def _may_be_part(self, word: str, at: int) -> bool:
        """Not "a third attempt" and "in a quarter": a part has "of", a comparison or the end behind it."""
        before, after = self._folded(at - 1), self._folded(at + 1)
        # The first half of a match, a quarter-final, "un quart de finale".
        of_final = "final" in self._folded(at + 2) and after in ("-", "de")
        if before in self.words.ordinals or of_final or (after == "-" and self._is_bare_compound(at + 2)):
            return False
        if self.language != "en" or word in ("half", "halves"):
            return True
        return self._kind(at + 1) in ("other", "") or after in stop_words("en") or after in self.words.magnitudes

    def _is_bare_compound(self, at: int) -> bool:
        """Behind a hyphen stands no unit and no magnitude: "half-hearted", not "half-hour"."""
        return not self._unit(at) and self._folded(at) not in self.words.magnitudes

    def _is_german_ordinal(self, at: int) -> bool:
        piece = self.pieces[at]
        return (
            self.language == "de" and piece.text.isdigit() and len(piece.text) <= 2 and self._kind(at + 2) == "word"
            and self._folded(at + 1) == "." and self.pieces[at + 1].start == piece.end
        )  # fmt: skip

    def _part(self, part: float, end: int) -> Core:
        """A part of a whole, or of a million or a unit: "half a million", "a quarter of an hour"."""
        after = end
        while self._folded(after) in _LINKS:
            after += 1
        word = self._folded(after)
        if self._kind(after) == "sign":
            after = len(self.pieces)
        if word in self.words.magnitudes and len(word) > 2:
            scale = self.words.magnitudes[word]
            return Core(part * scale, part * scale / 5, after + 1, scale=scale)
        there = self._unit(after)
        # "A quarter of residents" is a share of them, "half a kilometre" a length.
        if (there and UNITS[there[0]][0] != "people") or part > 1:
            return Core(part, 0.0, after if self._unit(after) else end)
        return Core(100 * part, 0.0, end, "share")

    def _grown(self, core: Core) -> Core:
        """The number with its magnitudes, dozens and halves: "3 Mio.", "two thirds", "six and a half million"."""
        value, last, end, kind, scale, span = core[:6]
        about = False
        if behind := half_end(self.pieces, end):
            value, last, end = value + 0.5, 0.5, behind
        part_at = end + (self._folded(end) == "-")  # "two-thirds"
        part = self.words.parts.get(self._folded(part_at))
        if part and part < 0.5 and value < 20 and value == int(value):
            return self._part(value * part, part_at + 1)
        while self._kind(end) == "word" and (size := self._size(end)):
            value, last, scale, end = value * size, last * size, scale * size, end + 1
            span = (span[0] * size, span[1] * size) if span else None
            # "Une vingtaine" is about twenty, "a dozen" is twelve.
            about = about or (self._folded(end - 1) in self.words.dozens and self.language in ("fr", "es", "it"))
            if self._folded(end) == "." and len(self._folded(end - 1)) <= 4 and end + 1 < len(self.pieces):
                end += 1
        if self._folded(end) in self.words.times:
            return Core(value, last, end + 1, "factor", scale, span)
        return Core(value, last, end, kind, scale, span, is_about=about)

    def _size(self, at: int) -> float | None:
        """The magnitude of a word behind a number. A single letter is one where nothing says that it is a metre."""
        word = self._folded(at)
        size = self.words.magnitudes.get(word) or self.words.dozens.get(word)
        if size is None or len(word) > 1:
            return size
        attached = self.pieces[at - 1].end == self.pieces[at].start
        money = self._kind(at - 2) == "sign" or (self._unit(at + 1) or ("", 0))[0] in CURRENCIES
        return size if money or (attached and word != "m" and word != "b") else None

    def _unit(self, at: int) -> tuple[str, int] | None:
        """The unit that stands here, and where it ends."""
        for length in range(LONGEST_UNIT, 0, -1):
            if at + length > len(self.pieces):
                continue
            phrase = " ".join(piece.folded for piece in self.pieces[at : at + length]).replace(" - ", "-")
            if phrase in UNITS and self.language in ONLY_IN.get(phrase, (self.language,)):
                return phrase, at + length
        return None

    def _made(self, at: int, core: Core) -> tuple[Figure, int]:
        """The figure of a number with its sign, unit, noun and hedge."""
        first, end, unit, scale = at, core.end, "", 1.0
        before = self._folded(at - 1)
        if core.kind == "number" and before in SIGNS:
            first, unit = at - 1, SIGNS[before]
            first -= 1 if self._folded(first - 1) in ("us", "au", "ca") and self._kind(first) == "sign" else 0
        elif core.kind == "number":
            de = self._folded(end) in ("d", "de", "di") and core.scale > 1
            unit_at = end + 1 if self._folded(end) == "-" or de else end
            if there := self._unit(unit_at):
                word, end = there
                unit, scale = UNITS[word]
                if word in MONEY_BY_SIZE and core.scale >= 1e6:
                    unit, scale = MONEY_BY_SIZE[word], 1.0
        hedge = self._hedge(first) or ("about" if core.is_about else None)
        kind = core.kind
        if kind == "number" and not unit and hedge is None and self._is_year(at, core):
            return self._figure(first, core.end, core, "year", ("year", 1.0), None), core.end
        unit = {"share": "percent", "factor": "times", "clock": "clock"}.get(kind, core.unit or unit)
        return self._figure(first, end, core, kind, (unit, scale), hedge), end

    def _is_year(self, at: int, core: Core) -> bool:
        piece = self.pieces[at]
        if piece.kind != "number" or not piece.text.isdigit() or len(piece.text) != 4 or core.end > at + 1:
            return False
        before = self._folded(at - 1)
        early = before in BEFORE_YEARS or before in self.months
        return (_EARLY_YEARS if not early else _FIRST_YEAR) <= core.value <= _LAST_YEAR

    def _hedge(self, at: int) -> Hedge | None:
        for length in range(4, 0, -1):
            phrase = " ".join(piece.folded for piece in self.pieces[max(0, at - length) : at])
            if hedge := self.words.hedges.get(phrase):
                return hedge
        return None

    def _figure(
        self, first: int, end: int, core: Core, kind: Kind, unit: tuple[str, float], hedge: Hedge | None
    ) -> Figure:
        start, stop = self.pieces[first].start, self.pieces[end - 1].end
        low, high = core.span or span_of(core, kind, hedge)
        value = None if core.span else core.value * unit[1]
        noun = self._noun(end) if kind in ("number", "ordinal", "share") and unit[0] in ("", "percent") else ""
        text = self.text[start:stop]
        return Figure(value, low * unit[1], high * unit[1], unit[0], text, start, stop, kind, noun, hedge, core.scale)

    def _noun(self, at: int) -> str:
        """The counted noun: in German the next word with a capital, else the next that is no stop word."""
        for k in range(at, min(at + _NOUN_REACH, len(self.pieces))):
            piece = self.pieces[k]
            if piece.kind != "word":
                if piece.text != "-":
                    return ""
            elif len(piece.text) == 1 or piece.text[-1] in "'’":  # "l'an dernier"
                continue
            elif piece.text[0].isupper() if self.language == "de" else piece.folded not in NO_NOUNS:
                return piece.folded
        return ""

    def _ranged(self, one: Figure, other: Figure) -> Figure:
        """The first of "1.5 to 1.6 billion dollars" with the magnitude and the unit of the second."""
        between = self.text[one.end : other.start].strip().lower()
        if other.kind == "year" and one.value and one.text.isdigit() and len(one.text) == 4 and between:
            return one._replace(kind="year", unit="year", noun="")
        if one.kind != "number" or other.kind != "number" or (between not in self.words.to and between not in "-–—"):
            return one
        if one.value is None or other.value is None or one.unit not in ("", other.unit):
            return one
        is_range = between not in ("and", "und", "et", "y", "e", "or", "oder", "ou", "o")
        if not is_range and not any(
            word in self.text[: one.start].lower()[-12:] for word in ("between", "zwischen", "entre")
        ):
            return one
        scale = other.scale / one.scale if one.scale == 1 and one.value * other.scale <= _FALLEN * other.value else 1.0
        scale *= per_unit(other.text) if not one.unit else 1.0
        return one._replace(value=one.value * scale, low=one.low * scale, high=one.high * scale, unit=other.unit,
                            noun=one.noun or other.noun, scale=other.scale if scale != 1 else one.scale)  # fmt: skip
