"""How months and days of the week are called → `aggregator/sources/date_names.toml`; out of the CLDR, by Babel.

    uv run --with babel python -m benchmarks.date_names > aggregator/sources/date_names.toml

Made once and kept, because Babel takes 50 ms, 17 MB of memory and 36 MB of disk for what is 20 KB of names. Beside the
CLDR's forms there are those that software makes of them: the first letters of a name, as PHP, Java and C libraries
write them, where no other month of any language is called so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from babel import Locale
from babel.core import get_global

from aggregator.sources.date_names import folded

# English is known to the module itself. The rest are the languages of feeds, and their neighbours where a word means
# another month there: "listopad" is November in Warsaw and Prague, October in Zagreb.
LANGUAGES = (
    "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "uk", "be", "sv", "da", "nb", "nn", "fi", "is", "cs", "sk", "sl",
    "hr", "bs", "sr", "sr_Latn", "mk", "bg", "ro", "hu", "el", "tr", "az", "ca", "gl", "eu", "et", "lv", "lt", "sq",
    "id", "ms", "vi", "ar", "ar_SY", "fa", "he", "hi", "th", "zh", "ja", "ko",
)  # fmt: skip
# Where the first letters of a name are in use; elsewhere they would be other words ("mar" is no November in Finland).
SHORTENED = (
    "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "uk", "sv", "da", "nb", "ro", "ca", "hu", "cs", "sk", "tr", "id",
    "el", "bg",
)  # fmt: skip
# In use, but neither in the CLDR nor the first letters of anything.
ALSO = {
    "de": ({1: "jänner jän", 2: "feber", 3: "mrz", 9: "sept"}, {6: "samstag sonnabend"}),
    "fr": ({7: "juil jul", 6: "jun", 8: "aou"}, {}),
    "es": ({9: "setiembre set sept"}, {}),
    "it": ({9: "sett"}, {}),
    "ru": ({9: "сен сент", 5: "мая май"}, {}),
    "nl": ({3: "mrt"}, {}),
    "tr": ({}, {1: "pts", 2: "sal", 3: "çrş", 4: "prş", 6: "cts", 7: "pzr"}),
    "zh": ({}, {7: "星期天 礼拜天 週日", 1: "週一", 2: "週二", 3: "週三", 4: "週四", 5: "週五", 6: "週六"}),
    "hu": ({2: "februári"}, {}),
}  # fmt: skip
# Days have three letters or two; "mart" is the Balkans' March, and no Spanish Tuesday.
_PREFIXES = {"months": (3, 4), "days": (3,)}

Names = dict[int, dict[str, None]]


def main() -> None:
    """Print the file."""
    months = {language: _names(language, "months") for language in LANGUAGES}
    days = {language: _names(language, "days") for language in LANGUAGES}
    months["en"], days["en"] = _names("en", "months"), _names("en", "days")
    _shorten(months, _PREFIXES["months"])
    _shorten(days, _PREFIXES["days"])
    print(f"# Names of months (January first) and days (Monday first), CLDR {get_global('cldr')['version']}; folded.")
    print("# Made by benchmarks/date_names.py; not edited by hand.")
    for language in LANGUAGES:
        print(f"\n[{language}]")
        for key, names in (("months", months[language]), ("days", days[language])):
            lines = ",\n".join("    " + _quoted(" ".join(names[number])) for number in sorted(names))
            print(f"{key} = [\n{lines},\n]")


def _names(language: str, what: str) -> Names:
    locale = Locale.parse(language)
    found: Names = {number: {} for number in range(1, 13 if what == "months" else 8)}
    for width in ("wide", "abbreviated", "short"):
        for context in ("format", "stand-alone"):
            table: Mapping[int, str] = getattr(locale, what)[context].get(width, {})
            for key, name in table.items():
                found[key if what == "months" else key + 1] |= _forms(name)
    for number, names in ALSO.get(language, ({}, {}))[what == "days"].items():
        found[number] |= {form: None for name in names.split() for form in _forms(name)}
    return found


def _forms(name: str) -> dict[str, None]:
    """A name as it is looked up: folded, without "de" and "d'", words joined. Digits and single letters are none."""
    name = re.sub(r"^(?:de |d['’])", "", folded(name).strip(" ."))
    name = re.sub(r"[\s.'’-]+", "_", name)
    return {name: None} if len(name) > (1 if name.isascii() else 0) and not re.search(r"\d", name) else {}


def _shorten(names: Mapping[str, Names], sizes: Iterable[int]) -> None:
    taken: dict[str, set[int]] = defaultdict(set)
    for of_one in names.values():
        for number, forms in of_one.items():
            for form in forms:
                taken[form].add(number)
    for language in SHORTENED:
        for number, forms in names[language].items():
            for prefix in sorted({form[:size] for form in forms for size in sizes if len(form) > size}):
                others = {other for other, more in names[language].items() for form in more if form.startswith(prefix)}
                if others == {number} and taken[prefix] <= {number}:
                    forms[prefix] = None


def _quoted(text: str) -> str:
    return f'"{text}"'


if __name__ == "__main__":
    main()
