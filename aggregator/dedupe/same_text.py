"""The same text at two addresses: when two posts with addresses of their own are one article all the same.

Two addresses are two articles, unless the *texts* are nearly the same over some length. How much is needed depends on
who speaks. Different publishers print one agency's text, cut and lightly edited. One publisher (one feed, one site, one
account) does not print an article twice, but makes many posts from one template: alerts by place, jobs, incidents, next
year's announcement. There only what is word for word the same counts, and only where something says that it was moved.

Who prints a text cuts and adds; who fills in a form swaps words. So a swapped word of any weight says that there are
two posts, however much they share. And a text that every post carries says nothing: it must tell what the titles tell.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import timedelta
from difflib import SequenceMatcher
from functools import lru_cache

from aggregator.dedupe.details import are_other_files
from aggregator.dedupe.shingles import LEAST_WORDS, jaccard, shingles
from aggregator.dedupe.told import Told
from aggregator.text.language import stop_words
from aggregator.text.words import CHARACTERS, MOST_WORDS, Words, words_of

# Syndicated text that was cut or lightly edited stays above this; two reports of one event stay far below.
NEARLY = 0.7
# In words, without the title. A teaser has some 40; standard texts ("we are looking into it") are shorter.
_SOME = 32
# Of a text that is cut at its end so much is in the other.
_ALL_OF_IT = 0.95
# As many words are no template's two sentences any more: one publisher that says all of them again under the same
# title, and shows the old one no more, has moved the article.
_AT_LENGTH = 80
# A page that stands twice in one document, at the same moment, says as much at least.
_SIDE_BY_SIDE = 60
# Later it is next year's announcement, or the same incident once more.
_WITHIN = timedelta(days=14)
# What happened is said in so many words; what follows may be the background of many reports.
_LEAD = 15
_LEAST_OF_LEAD = 12
# "PORT MARLOW, May 4 (Agency)", in words.
_DATELINE = 4
# An editor may put another word in one place of so many, after the lead.
_WORDS_FOR_A_SWAP = 60
# Titles with so many words in common, and no more words of their own, are alike.
_ALIKE = 2
# Inflection is mostly at the end.
_STEM = 5
_ENDS = re.compile(r"[.!?。！？।]['\"”’»)\]]*\s*$")
_GOES_ON = re.compile(r"(?:…|\.\.\.)['\"”’»)\]]*\s*$")


def is_said_again(one: Told, other: Told, *, is_gone: bool | None, is_same_place: bool = False) -> bool:
    """Are two posts of one publisher, at two addresses, the same article: its slug corrected, its page moved?

    `is_gone`: the source shows the older one no more; None where that is not known. `is_same_place`: the addresses end
    alike. It takes the same words, numbers included (one may be cut), and the same moment; or that it is gone, and the
    place or the length. Where it is gone, at the same moment, a typing error may be corrected too. Two that stand side
    by side are two, but for a text at length at the same moment.
    """
    if have_other_files(one, other):
        return False
    mine, theirs = _words(one), _words(other)
    is_same_moment = one.at is not None and one.at == other.at
    if not _is_word_for_word(mine, theirs):
        return bool(is_gone and is_same_moment and _share_if_corrected(one, other))
    words = min(len(mine.body), len(theirs.body))
    if is_gone is False:
        return is_same_moment and words >= _SIDE_BY_SIDE
    is_whole = len(mine.title) + max(len(mine.body), len(theirs.body)) < MOST_WORDS  # the rest is not compared
    is_long = words >= _AT_LENGTH and is_whole and _are_near(one, other)
    return is_same_moment or (is_gone is True and (is_same_place or is_long))


def share_if_moved(one: Told, other: Told, *, is_same_place: bool) -> float:
    """How much of the text two entries of one feed share (0..1), where the feed gave all of its entries new ids and
    addresses, and so this one too; else 0. Edited a little at the same moment; else word for word at the same place,
    or at length."""
    if one.at is not None and one.at == other.at:
        return _share_if_corrected(one, other)
    mine, theirs = _words(one), _words(other)
    is_long = len(mine.body) >= _AT_LENGTH and _are_near(one, other)
    return 1.0 if _is_word_for_word(mine, theirs) and (is_same_place or is_long) else 0.0


def shared_text(one: Told, other: Told, *, is_known_apart: bool = True) -> float:
    """How much of their text two publishers' posts share (0..1), where that makes them one article; else 0.

    Of short texts a share may leave out what matters: they must be the same, and so must the titles, and, where two
    addresses keep the posts apart (`is_known_apart`), the moment.
    """
    if not _are_near(one, other) or have_other_files(one, other):
        return 0.0
    mine, theirs = _words(one), _words(other)
    if min(len(mine.body), len(theirs.body)) < _SOME:
        is_same = mine.title == theirs.title and mine.body == theirs.body and len(mine.body) >= LEAST_WORDS
        return float(is_same and (not is_known_apart or (one.at is not None and one.at == other.at)))
    share = _likeness(one, other)
    is_other = _swapped(one, other) or is_form(one, other) or not _has_same_lead(mine.body, theirs.body)
    return 0.0 if is_other else share


def is_form(one: Told, other: Told) -> bool:
    """Are the two one form filled in twice, or do they share what every post carries?

    Words are swapped in the texts; or a title has words of its own which the text that both have does not tell.
    """
    if swaps_words(one, other):
        return True
    mine, theirs = _words(one), _words(other)
    if mine.title == theirs.title or not mine.title or not theirs.title:
        return False
    stops = stop_words(one.language)
    shared = {word[:_STEM] for word in set(mine.body) & set(theirs.body)}
    title, other_title = ([word for word in words if word not in stops] for words in (mine.title, theirs.title))
    own = [word for word in title if not _has_like(other_title, word)]
    other_own = [word for word in other_title if not _has_like(title, word)]
    both = len(title) - len(own)
    # Titles that are alike differ in what matters; headlines of two editors may say it in words that the text has not.
    are_alike = both >= _ALIKE and both >= len(own) + len(other_own)
    told = (title, other_title, own, other_own) if are_alike else (title, other_title)
    return not all(_is_told(words, shared) for words in told)


def overlap(one: Told, other: Told) -> float:
    """The Jaccard similarity of two texts (0..1), their titles left out."""
    return _overlap(_words(one).body, _words(other).body)


def swaps_words(one: Told, other: Told) -> bool:
    """Are words of weight swapped for others in two texts that are alike otherwise?"""
    share = overlap(one, other)
    return share >= NEARLY / 2 and _swapped(one, other)


def is_filled_in(one: Told, other: Told) -> bool:
    """Are the two one form, whose texts are alike and differ in what matters? Two reports of one event are not."""
    return swaps_words(one, other) or (overlap(one, other) >= NEARLY and is_form(one, other))


# ---------------------------------------------------------------- words


def _is_word_for_word(mine: Words, theirs: Words) -> bool:
    """The same words, but that one text may be cut."""
    shortest, is_cut = min(len(mine.body), len(theirs.body)), len(mine.body) != len(theirs.body)
    if mine.title != theirs.title or len(mine.title) + shortest < LEAST_WORDS or (is_cut and shortest < _SOME):
        return False
    compared = shortest - is_cut  # the last word of a teaser may be cut itself
    return mine.body[:compared] == theirs.body[:compared]


def _share_if_corrected(one: Told, other: Told) -> float:
    """How much of titles and texts is shared, where that is nearly all and no word is swapped for another; else 0."""
    mine, theirs = _words(one), _words(other)
    share = _overlap([*mine.title, *mine.body], [*theirs.title, *theirs.body])
    return share if share >= NEARLY and not _swaps_any(one, other) else 0.0


def _swaps_any(one: Told, other: Told) -> bool:
    """A word of weight is swapped in the titles, or one in the texts."""
    mine, theirs, stops = _words(one), _words(other), stop_words(one.language)
    is_swapped = bool(_swaps(mine.title, theirs.title, stops, may_be_cut=False))
    return is_swapped or bool(_swaps(mine.body, theirs.body, stops))


def _swapped(one: Told, other: Told) -> bool:
    """More words are swapped in the texts than an editor does."""
    mine, theirs = _words(one).body, _words(other).body
    swaps = _swaps(mine, theirs, stop_words(one.language))
    allowed = min(len(mine), len(theirs)) // _WORDS_FOR_A_SWAP
    return len(swaps) > allowed or any(place < _LEAD for place in swaps)


def _swaps(mine: Sequence[str], theirs: Sequence[str], stops: Collection[str], *, may_be_cut: bool = True) -> list[int]:
    """Where words of weight stand in one text and others in the other, between the same words.

    `may_be_cut`: the last word of one may be cut itself.
    """
    found = []
    for start, end, other_start, other_end in _replaced(tuple(mine), tuple(theirs)):
        is_cut = end == len(mine) and end - start == 1 < other_end - other_start
        is_other_cut = other_end == len(theirs) and other_end - other_start == 1 < end - start
        if may_be_cut and (is_cut or is_other_cut):
            continue
        said = [word for word in mine[start:end] if _weighs(word, stops)]
        instead = [word for word in theirs[other_start:other_end] if _weighs(word, stops)]
        if not (all(_has_like(instead, word) for word in said) or all(_has_like(said, word) for word in instead)):
            found.append(min(start, other_start))
    return found


def _weighs(word: str, stops: Collection[str]) -> bool:
    """Lists of stop words have numbers too, and words like "fire"."""
    return word not in stops or len(word) >= _STEM or word.isdigit()


@lru_cache(maxsize=512)
def _replaced(mine: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[tuple[int, int, int, int], ...]:
    """The runs of words that stand for others: from, to in the one, from, to in the other."""
    codes = SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes()
    return tuple((*code[1:],) for code in codes if code[0] == "replace")


def _has_like(words: Collection[str], word: str) -> bool:
    return word in words or any(_is_typo(word, other) for other in words)


def _is_typo(one: str, other: str) -> bool:
    """Long words that differ in one letter amid them: left out, put in, another, or two exchanged. Not in numbers."""
    short, long = sorted((one, other), key=len)
    if len(short) < _STEM or len(long) - len(short) > 1 or any(map(str.isdigit, one + other)):
        return False
    if short[0] != long[0] or short[-1] != long[-1]:
        return False
    start = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    is_exchanged = short[start : start + 2] == long[start : start + 2][::-1] and short[start + 2 :] == long[start + 2 :]
    return is_exchanged or short[start + 1 :] == long[start + 1 :]


def _is_told(title: Collection[str], stems: Collection[str]) -> bool:
    """Half of these words of a title are in the text, some of them shortened or inflected."""
    return 2 * sum(word[:_STEM] in stems for word in title) >= len(title)


def _has_same_lead(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """The first words of the shorter text are at the beginning of the other: background must not outweigh news."""
    short, long = sorted((mine, theirs), key=len)
    lead, beginning = short[:_LEAD], long[: 2 * _LEAD]
    blocks = SequenceMatcher(None, lead, beginning, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) >= min(_LEAST_OF_LEAD, len(lead))


def _likeness(one: Told, other: Told) -> float:
    """The Jaccard similarity of two texts, or how much of one that is cut the other has; 0 where it is too little."""
    alike = overlap(one, other)
    if alike >= NEARLY:
        return alike
    mine, theirs = _words(one).body, _words(other).body
    short, long = ((one, mine), theirs) if len(mine) <= len(theirs) else ((other, theirs), mine)
    if _ENDS.search(short[0].text) and not _GOES_ON.search(short[0].text):
        return 0.0  # it is whole, and the other has something to add
    first = SequenceMatcher(None, short[1][:_LEAD], long[:_LEAD], autojunk=False).find_longest_match()
    if max(first.a, first.b) > _DATELINE:
        return 0.0  # it is quoted, not cut
    part = _shingles(tuple(short[1]))
    share = len(part & _shingles(tuple(long))) / len(part) if part else 0.0
    return share if share >= _ALL_OF_IT else 0.0


def _overlap(mine: Sequence[str], theirs: Sequence[str]) -> float:
    return jaccard(_shingles(tuple(mine)), _shingles(tuple(theirs)))


def have_other_files(one: Told, other: Told) -> bool:
    """Episodes share their description."""
    return are_other_files(one.files, other.files)


def _are_near(one: Told, other: Told) -> bool:
    return one.at is None or other.at is None or abs(one.at - other.at) <= _WITHIN


def _words(told: Told) -> Words:
    return _words_of(told.title, told.text[:CHARACTERS])


# A text that many posts carry is compared with each of them.
@lru_cache(maxsize=2048)
def _words_of(title: str, text: str) -> Words:
    """Title and body, which does not begin with the title once more."""
    words = words_of(title, text)
    repeats = words.title and words.body[: len(words.title)] == words.title
    return words._replace(body=words.body[len(words.title) :]) if repeats else words


@lru_cache(maxsize=2048)
def _shingles(body: tuple[str, ...]) -> frozenset[int]:
    return shingles(Words([], list(body), []))
