"""What months and days of the week are called, in English here, in some forty other languages in `date_names.toml`."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

# A number of a month (1 to 12) or day of the week (1 is Monday) → the languages in which a word means that.
Meanings = dict[int, set[str]]

_ENGLISH_MONTHS = (
    "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
    "september sep sept", "october oct", "november nov", "december dec",
)  # fmt: skip
_ENGLISH_DAYS = (
    "monday mon", "tuesday tue tues", "wednesday wed weds", "thursday thu thur thurs", "friday fri", "saturday sat",
    "sunday sun",
)  # fmt: skip
ENGLISH_MONTHS = tuple(names.split()[0] for names in _ENGLISH_MONTHS)

# Letters that Unicode takes for others, and nobody who types in a hurry; and signs that are written in several ways.
_ALIKE = str.maketrans(
    {
        "ı": "i", "ł": "l", "ø": "o", "đ": "d", "、": ",", "،": ",", "。": ".", "–": "-", "—": "-", "−": "-", "‐": "-",
        "‑": "-", "’": "'", "ʼ": "'", "´": "'", "`": "'", "·": " ", "•": " ", "|": " ", "׳": None, "॰": None,
    }
)  # fmt: skip
# Accents of Latin, Greek and Cyrillic letters, hamza and madda of Arabic ones. In other scripts marks are vowels.
_ACCENTS = dict.fromkeys((*range(0x300, 0x370), 0x653, 0x654, 0x655))


@dataclass(frozen=True, slots=True)
class Names:
    """Folded words and what they mean; two words of one name are joined by "_"."""

    months: dict[str, Meanings] = field(default_factory=dict)
    days: dict[str, Meanings] = field(default_factory=dict)

    def add(self, language: str, months: Iterable[str], days: Iterable[str]) -> None:
        """The names of a language, those of one month or day with spaces between them."""
        for known, names in ((self.months, months), (self.days, days)):
            for number, words in enumerate(names, start=1):
                for word in words.split():
                    known.setdefault(word, {}).setdefault(number, set()).add(language)

    def joined(self, tokens: Sequence[str]) -> Iterator[str]:
        """The tokens, those together that are one name: "kanun al-thani" and such."""
        place = 0
        while place < len(tokens):
            pair = "_".join(tokens[place : place + 2])
            is_name = pair in self.months or pair in self.days
            yield pair if is_name else self._bare(tokens[place])
            place += 2 if is_name else 1

    def _bare(self, token: str) -> str:
        """Hebrew writes "in" as one word with what follows."""
        return token[1:] if token.startswith("ב") and token[1:] in self.months else token


def folded(text: str) -> str:
    """The text in small letters without accents, with plain digits and spaces, and no invisible characters."""
    text = unicodedata.normalize("NFKD", text).translate(_ACCENTS).casefold().translate(_ALIKE)
    if not text.isascii():
        text = unicodedata.normalize("NFC", "".join(_plain(text)))
    return text


def _plain(text: str) -> Iterator[str]:
    before = ""
    for character in text:
        if character.isdecimal():
            yield str(unicodedata.decimal(character))
        elif unicodedata.category(character) == "Cf" or (character == "." and before > "\x7f" and before.isalpha()):
            pass  # what can't be seen; the dots of Thai's short names, and of "г."
        else:
            yield character
        before = character


ENGLISH = Names()
ENGLISH.add("en", _ENGLISH_MONTHS, _ENGLISH_DAYS)


@cache
def all_names() -> Names:
    """Those of all languages; read once, when the first foreign word comes."""
    names = Names()
    names.add("en", _ENGLISH_MONTHS, _ENGLISH_DAYS)
    text = files("aggregator.sources").joinpath("date_names.toml").read_text(encoding="utf-8")
    tables: Mapping[str, Mapping[str, Sequence[str]]] = tomllib.loads(text)
    for language, table in tables.items():
        names.add(language, table["months"], table["days"])
    return names
