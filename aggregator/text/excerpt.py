"""The beginning of a text, cut as a reader would."""

from __future__ import annotations

import unicodedata

# More characters than that are no word that could be waited for.
_LONGEST_WORD = 30


def shortened(text: str, least: int) -> str:
    """The beginning of a text: so many characters, the rest of the word that they end in, and "…". Where no word ends
    there, it is cut between two characters as readers see them. What is hardly longer stays as it is."""
    last = least + _LONGEST_WORD
    if len(text) <= last:
        return text
    end = text.find(" ", least, last)
    if end < 0:
        end = least
        while end < last and (unicodedata.category(text[end])[0] == "M" or "\u200d" in text[end - 1 : end + 1]):
            end += 1
    return text[:end].rstrip(" ,;:–—-") + "…"
