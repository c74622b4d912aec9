"""Made-up words, as rare as in 8,826 posts of 318 feeds (16 a post, 47,600 in all), and so on as posts go on.

With few words all posts would be alike, and one story: its row is counted anew with each post.
"""

from __future__ import annotations

import random
from sys import intern

# The number of a word has P(number > n) = (1 + n / these) ** -this.
_COMMON, _TAIL = 3000, 0.7

_SYLLABLES = tuple(f"{consonant}{vowel}" for consonant in "bdfgklmnprstvz" for vowel in "aeiou")


def word(dice: random.Random) -> str:
    """The next word."""
    number = int(_COMMON * ((1 - dice.random()) ** (-1 / _TAIL) - 1)) + len(_SYLLABLES)
    syllables = ""
    while number:
        number, place = divmod(number, len(_SYLLABLES))
        syllables += _SYLLABLES[place]
    return intern(syllables)
