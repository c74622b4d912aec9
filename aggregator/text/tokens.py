"""Plain text → folded text → tokens; and the forms of hashtags and slugs.

No markup here (see `aggregator.text.html`), and no knowledge of news.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

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
SPACELESS_CHAR = re.compile(f"[{SPACELESS}]")
_LETTER = rf"[^\W_{SPACELESS}]"
_TOKEN = re.compile(rf"[{SPACELESS}]+|{_LETTER}+(?:['’]{_LETTER}+)*")
# The same with marks, which takes three times as long.
_MARK = re.compile(f"[{_MARKS}]")
_MARKED = rf"(?:{_LETTER}|[{_MARKS}])"
_MARKED_TOKEN = re.compile(rf"[{SPACELESS}]+|{_MARKED}+(?:['’]{_MARKED}+)*")
# Of Latin-1, what folding makes something else of than one letter in lower case; but for ß, which is replaced.
_FOLDED_OTHERWISE = bytes(
    code
    for code in range(0x80, 0x100)
    if chr(code) != "ß" and unicodedata.normalize("NFKC", chr(code)).casefold() not in (chr(code).lower(), " ")
)
# What else parts the words of texts in Latin letters, and the apostrophe.
_TYPOGRAPHY = (("’", "'"), *((mark, " ") for mark in "“”–—…‘•„€→"))
_LATIN_WORDS = bytes(
    ord(chr(code).lower()) if chr(code).isalnum() or chr(code) == "'" else 0x20 for code in range(0x100)
)

# French, Italian and Catalan articles and pronouns before a vowel: "l'IA" is about "IA".
_ELIDED = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|un|dell|all|nell|sull|dall|quest)'(?=\w\w)")

# Two such characters make a word; one alone is often a stray symbol in a text of another script.
_SPACELESS_ENOUGH = 2

_SLUG_WORDS = 8
# The name of a file has 255 bytes, of which a slug is a part.
_SLUG_LENGTH = 200

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# What a hashtag is made of: letters, digits, marks, and the joiners amid words of Persian and Hindi.
_TAG_CHARS = rf"\w{_MARKS}{SPACELESS}\u200c\u200d"
TAG_CHAR = f"[{_TAG_CHARS}]"
_TAG_OR_MENTION = re.compile(
    rf"(?<!\w)[#@][{_TAG_CHARS}@.\-]*{TAG_CHAR}|(?<=[{SPACELESS}])#{TAG_CHAR}+|(?<![A-Za-z0-9_])＃{TAG_CHAR}+"
)


def fold(text: str) -> str:
    """The form in which texts are compared: NFKC, case folded; Turkish dotted capital I folds to plain i."""
    return unicodedata.normalize("NFKC", text).casefold().replace("\u0307", "")


# Letters that Unicode does not take apart, as Mastodon folds them to ASCII (source: its hashtag_normalizer.rb).
_ASCII = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})


def fold_tag(tag: str) -> str:
    """The form in which servers compare hashtags: NFKC, without case, Latin letters without accents.

    Marks of other scripts stay: Japanese が is not か.
    """
    folded = unicodedata.normalize("NFKC", tag.lstrip("#＃")).casefold()
    return folded if folded.isascii() else "".join(map(_plain_letter, folded)).translate(_ASCII)


def hashtag_key(url: str) -> str:
    """The address of a hashtag, `https://server/tags/tag`, in one form for all ways of writing the tag."""
    server, _, rest = url.rpartition("/tags/")
    tag, _, query = rest.partition("?")
    return f"{server}/tags/{fold_tag(unquote(tag))}?{unquote(query).casefold()}"


def _plain_letter(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[:1]
    return base if base.isascii() else letter


def tokens(text: str) -> list[str]:
    """Words of a text, folded, in order. Runs of a script without spaces become their overlapping pairs."""
    raw = _in_latin(text)
    if raw is None:
        return _tokens_of_any_script(fold(text))
    words = raw.translate(_LATIN_WORDS).decode("latin-1").split()
    if b"'" not in raw:
        return words
    found: list[str] = []
    for word in words:
        if "'" in word:
            found += map(_bare, _TOKEN.findall(word))
        else:
            found.append(word)
    return found


def _in_latin(text: str) -> bytes | None:
    """The text as bytes of Latin-1, of which a table of 256 entries makes folded words, in a fifth of the time that a
    pattern takes; None for the seventh of all texts that has other letters, or characters that NFKC takes apart."""
    if text.isascii():
        return text.encode()
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        for character, stands_for in _TYPOGRAPHY:
            text = text.replace(character, stands_for)
        try:
            raw = text.encode("latin-1")
        except UnicodeEncodeError:
            return None
    return None if len(raw.translate(None, _FOLDED_OTHERWISE)) < len(raw) else raw.replace(b"\xdf", b"ss")


def _tokens_of_any_script(folded: str) -> list[str]:
    words = (_MARKED_TOKEN if _MARK.search(folded) else _TOKEN).findall(folded)
    if not SPACELESS_CHAR.search(folded):
        return [_bare(word.replace("’", "'")) if "'" in word or "’" in word else word for word in words]
    found: list[str] = []
    for word in words:
        if SPACELESS_CHAR.match(word):
            found.extend(word[i : i + 2] for i in range(max(1, len(word) - 1)))
        else:
            found.append(_bare(word.replace("’", "'")) if "'" in word or "’" in word else word)
    return found


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


def slug_words(text: str) -> list[str]:
    """The words of a text as addresses have them: in ASCII."""
    plain = unicodedata.normalize("NFKD", fold(text)).encode("ascii", "ignore").decode()
    return re.findall(r"[a-z0-9]+", plain)


def slug(title: str, story_id: int) -> str:
    """An address for a story: the first words of its title in ASCII, and its id, which makes it unique."""
    words = "-".join(slug_words(title)[:_SLUG_WORDS])[:_SLUG_LENGTH].rstrip("-")
    return f"{words}-{story_id}" if words else str(story_id)
