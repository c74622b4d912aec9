"""What a story is called in addresses: the first words of its title in ASCII, as they would be said, and its id."""

from __future__ import annotations

import re
import unicodedata

from aggregator.text.patterns.late import late_pattern
from aggregator.text.tokens import LATIN_LETTERS, fold

_MOST_WORDS = 8
# The name of a file has 255 bytes, of which a slug is a part.
_LONGEST = 200

# Scripts that read well letter by letter: Greek, Cyrillic, Armenian, Georgian, Hangul. Those that leave out vowels
# (Arabic, Hebrew) or carry them in other signs (Devanagari, Thai) do not.
_BY_LETTERS = late_pattern("[\u0370-\u0587\u10d0-\u10ff\u1f00-\u1fff\uac00-\ud7a3]+")
# Chinese is read syllable by syllable. Japanese has the same signs for other words: none of them is read.
_HAN = late_pattern("[\u3400-\u4dbf\u4e00-\u9fff]+")
_KANA = late_pattern("[\u3041-\u3096\u30a1-\u30fa]")
_SYLLABLE = re.compile("[A-Z][a-z]*")
_WORD = re.compile("[a-z0-9]+")

# A slug without words of the title.
_NAMELESS = re.compile(r"story-\d+")


def slug(title: str, story_id: int, language: str | None = None) -> str:
    """An address for a story. Its id makes it unique; where no words can be read it is `story-9`.

    `language`: of the title, where that is known.
    """
    is_japanese = language == "ja" or _KANA.search(title) is not None
    words = slug_words(title, reads_han=not is_japanese)
    if not words or (all(map(str.isdigit, words)) and not title.isascii()):
        return f"story-{story_id}"
    return f"{'-'.join(words[:_MOST_WORDS])[:_LONGEST].rstrip('-')}-{story_id}"


def slug_words(text: str, *, reads_han: bool = True) -> list[str]:
    """The words of a text as addresses have them: in ASCII."""
    folded = fold(text)
    if not folded.isascii():
        folded = _BY_LETTERS.sub(lambda found: _read(found[0]).lower(), folded)
        folded = _HAN.sub(lambda found: _syllables(found[0]) if reads_han else " ", folded)
    return _latin_words(folded.translate(LATIN_LETTERS))


def words_of_any(text: str) -> set[str]:
    """The words of a text as the address of a story may have them: also as older versions wrote them, which read no
    other script, and dropped letters that Unicode does not take apart."""
    words = set(slug_words(text))
    return words if text.isascii() else words.union(_latin_words(fold(text)))


def words_in(address: str) -> list[str]:
    """The words that an address tells of its story, the last of which may be cut."""
    return [] if _NAMELESS.fullmatch(address) else address.split("-")[:-1]


def _latin_words(folded: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode())


def _syllables(text: str) -> str:
    return f" {' '.join(_SYLLABLE.findall(_read(text))).lower()} "


def _read(text: str) -> str:
    from anyascii import anyascii  # here: most titles need none of its tables

    return re.sub("['\"`]", "", anyascii(text))
