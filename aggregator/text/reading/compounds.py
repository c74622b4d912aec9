"""Numbers inside German words: "dreitägig", "Zweidrittelmehrheit", "zweitgrößte"."""

from __future__ import annotations

import re
from functools import lru_cache

from aggregator.text.reading.numerals import NUMERALS
from aggregator.text.reading.rounding import Core
from aggregator.text.reading.units import UNITS

# The end of the word, without its ending, and the unit that it is about.
_ENDS = {
    "jährig": "jahre", "tägig": "tage", "wöchig": "wochen", "monatig": "monate", "stündig": "stunden",
    "minütig": "minuten", "prozentig": "prozent", "köpfig": "personen",
}  # fmt: skip
_MEASURED = re.compile(rf"(\w+?)({'|'.join(_ENDS)})(?:e[nrsm]?)?")
_PART_OF_MILLION = re.compile(r"(halbe|viertel|dreiviertel)(million|milliarde)")
_PART = re.compile(r"(ein|zwei|drei|vier)(drittel|viertel|fünftel|sechstel|achtel|zehntel)\w*")
_PLACE = re.compile(
    r"(\w+?t)(?:grösst|best|höchst|ältest|längst|stärkst|wichtigst|teuerst|schnellst|kleinst|jüngst|meist)\w*"
)


@lru_cache(maxsize=4096)
def number_in(word: str, end: int) -> Core | None:
    """The number in a folded word that ends at this piece; None for none."""
    words = NUMERALS["de"]
    if match := _PART_OF_MILLION.fullmatch(word):
        part, size = {"halbe": 0.5, "viertel": 0.25, "dreiviertel": 0.75}[match[1]], words.magnitudes[match[2]]
        return Core(part * size, part * size / 5, end, scale=size)
    if match := _MEASURED.fullmatch(word):
        value = 1.0 if match[1] == "ein" else words.cardinals.get(match[1]) or words.parts.get(match[1])
        unit, scale = UNITS[_ENDS[match[2]]]
        return Core(value * scale, 0.0, end, unit=unit) if value else None
    if match := _PART.fullmatch(word):
        above = {"ein": 1, "zwei": 2, "drei": 3, "vier": 4}[match[1]]
        return Core(100 * above * words.parts[match[2]], 0.0, end, "share")
    if match := _PLACE.fullmatch(word):
        place = words.ordinals.get(f"{match[1]}e")
        return Core(place, 1.0, end, "ordinal") if place else None
    return None
