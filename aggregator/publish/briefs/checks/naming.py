"""The names of a sentence: each in a source that it names, in whatever spelling, or the story's main subject.

In German every noun has a capital: there a word is a name where a source in another language writes it with one, where
the taxonomy knows it, or where it stands behind another noun ("Ministerin Adler").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from aggregator.publish.briefs.checks.claim import Claim, Source
from aggregator.publish.briefs.checks.content import content
from aggregator.publish.briefs.checks.words.lexicon import concept_of
from aggregator.publish.briefs.checks.words.places import CITIES
from aggregator.text.language import stop_words
from aggregator.text.reading.calendar import MONTHS, NEAR, PARTS, SEASONS, WEEKDAYS
from aggregator.text.reading.numerals import word_set
from aggregator.text.reading.pieces import Piece, pieces
from aggregator.text.reading.units import UNITS
from aggregator.text.tokens import fold_tag

_LEAST = 3
# So much of the longer of two spellings is the same, from the beginning: "Kastelia" and "Kastelien".
_ALIKE, _ALIKE_LEAST = 0.7, 4
_MAIN_SOURCES = 2
# A sentence in which most words have a capital is written in the manner of titles.
_TITLE_CASE = 0.6
_OPENING = frozenset(':"“„«»‘—–-(…•')
_CALENDAR = frozenset(
    word for tables in (MONTHS, WEEKDAYS, SEASONS, NEAR, PARTS) for table in tables.values() for word in table
) | word_set("new year day eve christmas easter")
# Common nouns that have a capital in the names of offices and bodies: "the Ministry of Health", "the Free Party".
_INSTITUTIONS = word_set(
    "ministry minister federal supreme court government council parliament police bank student office regulator "
    "union president school hospital party association church security health region trade environment "
    "research energy public free republic kingdom federation states"
)
# They have a capital and are known to all: no source needs to name them.
_KNOWN_TO_ALL = word_set("earth internet web god bible north south east west northern southern eastern western")
_ADDRESSES = word_set("mr mrs ms dr sir lady lord prof st mme mlle m herr frau monsieur madame i")
_SOUNDS = (
    ("tsch", "c"), ("sch", "s"), ("tch", "c"), ("sh", "s"), ("ch", "c"), ("ph", "f"), ("ou", "u"), ("oo", "u"),
    ("ck", "k"), ("qu", "k"), ("y", "i"), ("j", "i"), ("w", "v"), ("z", "s"), ("c", "k"), ("x", "ks"), ("h", ""),
)  # fmt: skip


def check_names(claim: Claim) -> str | None:
    """Every name stands in a source that the sentence names; the story's main subjects may stand in any."""
    cited = claim.news
    story = [source for source in (*claim.cited, *claim.others) if not source.is_order]
    names = list(names_in(claim, story))
    for name in names:
        if concept_of(name) in _INSTITUTIONS and not claim.names.meant(name):
            continue
        if any(_has(source, name, claim) for source in cited):
            continue
        having = [source for source in story if _has(source, name, claim)]
        if not having:
            return f"the name “{name}” is in no source"
        if claim.names.is_people(name):
            continue
        if len(having) < _MAIN_SOURCES and not any(source.is_title or source.is_note for source in having):
            return f"the name “{name}” is in another source than those it names"
        if other := _exchanged(claim, cited, story):
            return f"it names “{name}” where the source it names has “{other}”"
    return _other_of_its_kind(claim, cited, story)


def _other_of_its_kind(claim: Claim, cited: Sequence[Source], story: Sequence[Source]) -> str | None:
    """ "Hafen Lindholm", where the source has "Hafen Lindhaven" and none the other name."""
    theirs = [pair for source in cited if source.language == "de" for pair in _pairs(source.pieces)]
    for bearer, name in _pairs(claim.pieces) if claim.language == "de" else ():
        other = next((its for of, its in theirs if of == bearer and not is_alike(stem_of(its), stem_of(name))), None)
        if other and not any(_has(source, name, claim) for source in story) and concept_of(name) is None:
            return f"it names “{name}” where the source it names has “{other}”"
    return None


def _pairs(found: Sequence[Piece]) -> list[tuple[str, str]]:
    """Two words with capitals side by side: what something is, and its name."""
    return [
        (one.folded, other.text)
        for one, other in pairwise(found)
        if one.kind == other.kind == "word" and one.text[0].isupper() and _may_be_name(other)
        and one.end + 1 == other.start and one.folded not in UNITS and one.folded not in _CALENDAR
        and not one.folded.endswith("s") and not _PERSON.search(other.folded)  # "Morsums Torhüterin"
    ]  # fmt: skip


def names_in(claim: Claim, story: Sequence[Source]) -> Iterator[str]:
    """The words of a sentence that are names."""
    found = claim.pieces
    words = [piece for piece in found if piece.kind == "word" and len(piece.text) >= _LEAST]
    capitals = [piece for piece in words if piece.text[0].isupper()]
    is_title = len(words) > 3 and len(capitals) > _TITLE_CASE * len(words) and claim.language != "de"
    theirs = _names_of_story(tuple((source.text, source.language) for source in story))
    behind = 0
    for at, piece in enumerate(found):
        if at < behind:
            continue
        # "The Czech Republic" is one name.
        if piece.text[0].isupper() and (length := claim.names.phrase_at([each.text for each in found[at : at + 4]])):
            behind = at + length
            yield claim.text[piece.start : found[behind - 1].end]
            continue
        if not _may_be_name(piece) or (piece.folded in stop_words(claim.language) and not piece.text.isupper()):
            continue
        known = stem_of(piece.text) in theirs or bool(claim.names.meant(piece.text))
        if not known and claim.language == "de" and at and claim.names.meant(found[at - 1].text):
            continue  # "Pariser" leads no name: "Pariser Museen"
        if known or (not is_title and _is_surely_name(found, at, claim.language)):
            yield piece.text


def _may_be_name(piece: Piece) -> bool:
    return (
        piece.kind == "word" and len(piece.text) >= _LEAST and piece.text[0].isupper()
        and stem_of(piece.text) not in _CALENDAR and piece.folded not in _CALENDAR
        and piece.folded not in _ADDRESSES and piece.folded not in _KNOWN_TO_ALL and piece.folded not in UNITS
    )  # fmt: skip


def _is_surely_name(found: Sequence[Piece], at: int, language: str | None) -> bool:
    """A capital amid a sentence; in German behind another noun that is no measure."""
    if is_initial(found, at):
        return False
    return language != "de" or _is_led(found, at)


def _is_led(found: Sequence[Piece], at: int) -> bool:
    """Does a word for a person stand before it: "Ministerin Adler", "Sprecher Ludwig Harrer"?"""
    before = found[at - 1]
    if at < 1 or before.kind != "word" or not before.text[0].isupper() or before.end + 1 != found[at].start:
        return False
    if before.folded in UNITS or before.folded in _CALENDAR:
        return False
    return bool(_PERSON.search(before.folded)) or _is_led(found, at - 1)


# How German words for people end that stand before names.
_PERSON = re.compile(
    r".{3}(?:er|erin|or|orin|(?<![mz])ent|entin|ant|antin|ist|istin|chef|chefin|rat|rätin|mann|frau|eur|eurin|anwalt|anwältin|oge|"
    r"ogin|arzt|ärztin|vorstand|vorständin|könig|königin|papst|kanzler)$|^(?:herr|frau|herrn|dr|prof|chef|chefin|bischof)$"
)


def is_initial(found: Sequence[Piece], at: int) -> bool:
    """Does a sentence or a quotation begin here?"""
    before = found[at - 1].text if at else "."
    return at == 0 or before in _OPENING or before in ".!?"


@lru_cache(maxsize=256)
def _names_of_story(texts: tuple[tuple[str, str | None], ...]) -> frozenset[str]:
    """The stems of words that are surely names in a source."""
    return frozenset().union(*(_names_of_source(text, language) for text, language in texts))


@lru_cache(maxsize=4096)
def _names_of_source(text: str, language: str | None) -> frozenset[str]:
    found = pieces(text, language)
    return frozenset(
        stem_of(piece.text)
        for at, piece in enumerate(found)
        if _may_be_name(piece) and (_is_surely_name(found, at, language) or _begins_name(found, at, language))
    )


def _begins_name(found: Sequence[Piece], at: int, language: str | None) -> bool:
    """A name at the beginning of a sentence: another capital follows, or a genitive's s; none of this in German."""
    if language == "de" or not is_initial(found, at) or found[at].folded in stop_words(language):
        return False
    after = found[at + 1] if at + 1 < len(found) else None
    has_capital = after is not None and after.kind == "word" and after.text[0].isupper() and at == 0
    return has_capital or (language == "en" and found[at].folded.endswith("'s"))


@lru_cache(maxsize=8192)
def stem_of(word: str) -> str:
    """A name as it is compared: without accents, case and the genitive's s."""
    plain = fold_tag(word)
    return re.sub(r"(?:['’]s?|(?<=\w{4})s)$", "", plain)


@lru_cache(maxsize=8192)
def _sound(stem: str) -> str:
    """A name by its sounds: "Zelensky" and "Selenskyj" are the same."""
    for spelling, sound in _SOUNDS:
        stem = stem.replace(spelling, sound)
    return re.sub(r"(.)\1+", r"\1", stem)


@lru_cache(maxsize=4096)
def _stems_of(text: str, language: str | None, publisher: str) -> frozenset[str]:
    found = [piece.text for piece in pieces(text, language) if piece.kind in ("word", "skipped")]
    found += re.findall(r"[^\W_]+", publisher) + [part for word in found for part in re.findall(r"[^\W_]+", word)]
    return frozenset(stem_of(word) for word in found if len(word) >= 2)


def _has(source: Source, name: str, claim: Claim) -> bool:
    stem = stem_of(name)
    stems = _stems_of(source.text, source.language, source.publisher)
    if stem in stems or any(is_alike(stem, other) for other in stems):
        return True
    if " " in name and all(stem_of(word) in stems for word in name.split()):
        return True
    # Names made of common nouns are told in each language's own: "Social Democrats", "Sozialdemokraten".
    concept = concept_of(name) if source.language != claim.language else None
    if concept and any(concept in (word.concept, *word.parts) for word in content(source.text, source.language)):
        return True
    meant = claim.names.meant(name)
    if meant & (claim.names.meant_in(source.text) | claim.names.meant_in(source.publisher)):
        return True
    if meant & claim.names.around(source.text):  # "the Swiss company", of Basel
        return True
    # "Rheinbrücke" has the Rhine in it.
    spellings = [city for city, of in CITIES.items() if f"city:{of}" in meant and len(city) >= _ALIKE_LEAST]
    return source.language == "de" and any(other.startswith(city) for other in stems for city in spellings)


@lru_cache(maxsize=32768)
def is_alike(one: str, other: str) -> bool:
    """Are two stems spellings of one name?"""
    for a, b in ((one, other), (_sound(one), _sound(other))):
        shorter, longer = sorted((a, b), key=len)
        same = len(shorter)
        for k, (x, y) in enumerate(zip(shorter, longer, strict=False)):
            if x != y:
                same = k
                break
        if same >= _ALIKE_LEAST and same >= _ALIKE * len(longer):
            return True
    return len(one) >= _ALIKE_LEAST and _sound(one) == _sound(other)


def _exchanged(claim: Claim, cited: Sequence[Source], story: Sequence[Source]) -> str | None:
    """Another main subject that the cited sources have and the sentence has not."""
    ours = [stem_of(piece.text) for piece in claim.pieces if piece.kind == "word"]
    for source in cited:
        # A name at the beginning counts here, too: a source often begins with its subject.
        found = (Piece("word", "x", "x", 0, 0), *source.pieces)
        for at, piece in enumerate(found[1:], start=1):
            if not _may_be_name(piece) or not _is_surely_name(found, at, source.language):
                continue
            stem = stem_of(piece.text)
            if any(stem == our or is_alike(stem, our) for our in ours) or claim.names.meant(piece.text):
                continue
            if sum(_has(other, piece.text, claim) for other in story) >= _MAIN_SOURCES:
                return piece.text
    return None


def name_stems(text: str, language: str | None, claim: Claim) -> list[str]:
    """The names of a text in their order, without those of places: who may do something to whom."""
    story = (*claim.cited, *claim.others)
    known = _names_of_story(tuple((source.text, source.language) for source in story))
    return [
        stem_of(piece.text)
        for piece in pieces(text, language)
        if _may_be_name(piece) and stem_of(piece.text) in known and not claim.names.meant(piece.text)
    ]
