"""An address → the words of the headline in it."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from aggregator.text.patterns.late import late_pattern
from aggregator.text.tokens import SPACELESS_CHAR, WORD_CHARS

# Fewer words name a section or a page ("about-us"), not what an article says.
_FEWEST_WORDS = 3
# As much says a slug in a script without spaces in so many characters.
_FEWEST_CHARACTERS = 6
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_BETWEEN = late_pattern(rf"(?:[^{WORD_CHARS}]|_)+")
# A number of the site's own, a digest, a part of a UUID: with a digit, and longer than a year or a sum.
_IDENTIFIER = re.compile(r"(?=.*\d)[0-9a-z]{6,}|(?=.*\d)(?=.*[a-z])[0-9a-f]{4,}", re.IGNORECASE)


def headline_of(url: str) -> str:
    """The words of the last part of the path that reads like a headline; empty where none does.

    "https://news.example/politik/bund-plant-neues-gesetz-2384711.html" → "bund plant neues gesetz".
    """
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    for part in reversed(unquote(path).split("/")):
        words = [word for word in _BETWEEN.split(_ENDING.sub("", part)) if word and not _IDENTIFIER.fullmatch(word)]
        letters = [word for word in words if len(word) > 1 and not any(map(str.isnumeric, word))]
        spaceless = SPACELESS_CHAR.search(part) and sum(map(len, letters)) >= _FEWEST_CHARACTERS
        if len(letters) >= _FEWEST_WORDS or (letters and spaceless):
            return " ".join(words)
    return ""
