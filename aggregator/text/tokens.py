"""Plain text → folded text → tokens; and the forms of hashtags.

No markup here (see `aggregator.text.html`), and no knowledge of news.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from urllib.parse import unquote

from aggregator.text.patterns.late import late_pattern
from aggregator.text.western import plain, table, text_of, western

# Scripts written without spaces between words: Han, Kana, Thai, Lao, Khmer, Myanmar. Hangul has spaces.
SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# Vowel signs and accents that stand as characters of their own: parts of words, though no letters to `\\w`. Of
# Devanagari to Sinhala the whole blocks, but for their full stops.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0900-\u0963\u0966-\u096f\u0971-\u0df3"
)
SPACELESS_CHAR = late_pattern(f"[{SPACELESS}]")
_LETTER = rf"[^\W_{SPACELESS}]"
_TOKEN = late_pattern(rf"[{SPACELESS}]+|{_LETTER}+(?:['’]{_LETTER}+)*")
# The same with marks, which takes three times as long.
_MARK = late_pattern(f"[{_MARKS}]")
_MARKED = rf"(?:{_LETTER}|[{_MARKS}])"
_MARKED_TOKEN = late_pattern(rf"[{SPACELESS}]+|{_MARKED}+(?:['’]{_MARKED}+)*")
# Of Western letters, by bytes: in lower case; all else parts words, but an apostrophe amid one.
_WORDS = table(lambda char: letter if (letter := plain(char).lower()).isalnum() or letter == "'" else " ")
# Replaced beforehand: an apostrophe, and of what folding makes two letters.
_WIDE = ((b"\x92", b"'"), (b"\xdf", b"ss"), (b"\x99", b"tm"))
# Beyond those: spaces, dashes, an arrow, and what is not seen. No word has one, and none goes together with a letter.
_BETWEEN_WORDS = dict.fromkeys(
    "\u2009\u200a\u200b\u200c\u200d\u2010\u2011\u2012\u2015\u2028\u202f\u2060\u2192\u2212\ufe0f\ufeff", " "
)

# French, Italian and Catalan articles and pronouns before a vowel: "l'IA" is about "IA".
_ELIDED = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|un|dell|all|nell|sull|dall|quest)'(?=\w\w)")

# Two such characters make a word; one alone is often a stray symbol in a text of another script.
_SPACELESS_ENOUGH = 2

# More than a text can have, and a number that a slice takes.
_ALL = 1 << 60

_WIDE_SIGNS = [(sign, unicodedata.normalize("NFKC", sign)) for sign in "，：（）！？；～％／｜＂\u3000\xa0…"]

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# What a word of any script and a hashtag are made of: letters, digits, marks, and the joiners amid words of Persian and
# Hindi.
WORD_CHARS = rf"\w{_MARKS}{SPACELESS}\u200c\u200d"
TAG_CHAR = f"[{WORD_CHARS}]"
_TAG_OR_MENTION = late_pattern(
    rf"(?<!\w)[#@][{WORD_CHARS}@.\-]*{TAG_CHAR}|(?<=[{SPACELESS}])#{TAG_CHAR}+|(?<![A-Za-z0-9_])＃{TAG_CHAR}+"
)


def fold(text: str) -> str:
    """The form in which texts are compared: NFKC, case folded; Turkish dotted capital I folds to plain i."""
    return nfkc(text).casefold().replace("\u0307", "")


def nfkc(text: str) -> str:
    """The text in NFKC. One that is in it already costs a tenth of another, so what parts most texts from it, signs of
    Chinese and Japanese, is replaced beforehand."""
    if not text.isascii():
        for sign, normal in _WIDE_SIGNS:
            if sign in text:
                text = text.replace(sign, normal)
    return unicodedata.normalize("NFKC", text)


# Letters that Unicode does not take apart, as Mastodon folds them to ASCII (source: its hashtag_normalizer.rb).
LATIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)


def fold_tag(tag: str) -> str:
    """The form in which servers compare hashtags: NFKC, without case, Latin letters without accents.

    Marks of other scripts stay: Japanese が is not か.
    """
    folded = unicodedata.normalize("NFKC", tag.lstrip("#＃")).casefold()
    return folded if folded.isascii() else "".join(map(_plain_letter, folded)).translate(LATIN_LETTERS)


def hashtag_key(url: str) -> str:
    """The address of a hashtag, `https://server/tags/tag`, in one form for all ways of writing the tag."""
    server, _, rest = url.rpartition("/tags/")
    tag, _, query = rest.partition("?")
    return f"{server}/tags/{fold_tag(unquote(tag))}?{unquote(query).casefold()}"


def _plain_letter(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[:1]
    return base if base.isascii() else letter


def tokens(text: str, most: int = _ALL) -> list[str]:
    """Words of a text, folded, in order, the first so many. Runs of a script without spaces become their overlapping
    pairs."""
    raw = western(text, _BETWEEN_WORDS)
    if raw is None:
        return _tokens_of_any_script(fold(text), most)
    if not raw.isascii():
        for character, stands_for in _WIDE:
            raw = raw.replace(character, stands_for)
    words = text_of(raw.translate(_WORDS))
    if b"'" not in raw:
        return words.split(None, most)[:most]  # the last one has what is left
    found: list[str] = []
    for word in words.split():
        if "'" in word:
            found += map(_bare, _TOKEN.findall(word))
        else:
            found.append(word)
    return found[:most]


def _tokens_of_any_script(folded: str, most: int) -> list[str]:
    pattern = _MARKED_TOKEN if _MARK.search(folded) else _TOKEN
    if not SPACELESS_CHAR.search(folded):
        words = pattern.findall(folded)[:most]
        return [_bare(word.replace("’", "'")) if "'" in word or "’" in word else word for word in words]
    found: list[str] = []
    for match in pattern.finditer(folded):  # one by one: of these, a text has as many as characters
        word = match[0]
        if SPACELESS_CHAR.match(word):
            found += map("".join, pairwise(word[: most + 1])) if len(word) > 1 else (word,)
        else:
            found.append(_bare(word.replace("’", "'")) if "'" in word or "’" in word else word)
        if len(found) >= most:
            break
    return found[:most]


def _bare(word: str) -> str:
    """The word without its possessive s or elided article."""
    return _ELIDED.sub("", word.removesuffix("'s"))


def is_spaceless(text: str) -> bool:
    """True when the text has words of a script written without spaces (they need the trigram search index)."""
    return len(SPACELESS_CHAR.findall(text)) >= _SPACELESS_ENOUGH


def without_links(text: str) -> str:
    """The text without addresses."""
    # The look ahead costs a hundredth of the search, and most texts have none; many not even a slash.
    return _URL.sub(" ", text) if _may_have_links(text) else text


def _may_have_links(text: str) -> bool:
    return ("/" in text and "://" in text) or "www." in text or ("W" in text and "www." in text.lower())


def without_links_tags_mentions(text: str) -> str:
    """The text without addresses, #hashtags and @mentions: the author's own words."""
    text = without_links(text)
    return _TAG_OR_MENTION.sub(" ", text) if "#" in text or "@" in text or "＃" in text else text


def numbers(text: str) -> frozenset[str]:
    """The numbers of a text, as they are written: versions, amounts, times; not those of its links."""
    return frozenset(_NUMBER.findall(fold(without_links(text))))
