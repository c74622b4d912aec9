"""What a sentence says, as words that carry meaning, and how much of it another sentence has, in whatever language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from aggregator.publish.briefs.checks.claim import Source
from aggregator.publish.briefs.checks.words.lexicon import concept_of, parts_of, phrases_in
from aggregator.text.figures import figures
from aggregator.text.language import stop_words
from aggregator.text.reading.calendar import MONTHS, WEEKDAYS
from aggregator.text.reading.numerals import word_set
from aggregator.text.reading.pieces import pieces
from aggregator.text.tokens import fold_tag

_LEAST = 3
# So long a beginning in common makes two words one: "hospital" and "hôpitaux" are in the lexicon, this is for the rest.
_SAME_BEGINNING = 5
# A part of a German compound.
_COMPOUND = 5
_CALENDAR = frozenset(word for tables in (MONTHS, WEEKDAYS) for table in tables.values() for word in table)
# Words of reporting: what is said is there without them.
REPORTING = word_set(
    "according says said say told tells reported reports announced states stated noted adds added explained posted "
    "laut zufolge angaben sagte sagt erklärte teilte mitteilte berichtete berichten gab bekannt heisst heißt hieß "
    "selon indique indiqué annoncé déclaré précisé affirme affirmé dit expliqué rapporte called calls described "
    "nannte nennt bezeichnete bezeichnet appelle qualifie"
)


# Before a noun or its adjective, and no verb.
LEADING = word_set(
    "a an the of in on at with without for by from to into its his her their our some several ein eine einen "
    "einem einer "
    "eines der die das den dem des mit ohne von vom im in am an für zum zur bei seine seinen ihre ihren un une le "
    "la les l "
    "de du des d avec sans pour dans en au aux par sur son sa ses leur leurs"
)


# They bring in what was not spoken of before.
_INDEFINITE = word_set(
    "a an several two three many some another ein eine einen einem einer mehrere viele einige weitere un une "
    "plusieurs "
    "deux trois certains certaines quelques una uno unos"
)


# The lists of stop words of the library have "hospital" and "opened" in them; here every noun and verb counts.
FUNCTION_WORDS: Mapping[str, frozenset[str]] = {
    "en": word_set(
        "a about above after again all also although always am among an and another any are around as at away be "
        "because been before behind being below between both but by can could did do does done down during each "
        "either else enough even ever every few for from further get gets got had has have having he her here hers "
        "him his how however i if in into is it its itself just least less like made make makes many may me might "
        "more most much must my near nearly neither next no nor not now of off often on once one only onto or "
        "other others our out over own per perhaps put quite rather really same see set several shall she should "
        "since so some somewhat soon still such take taken than that the their them then there these they thing "
        "things this those though through thus to together too took toward towards under until up upon us very was "
        "way we well went were what whatever when where whether which while who whole whom whose why will with "
        "within without would yet you your currently already meanwhile however previously recently "
        "later earlier initially eventually finally apparently altogether then ago today yesterday tomorrow "
        "so-called due ahead"
    ),
    "de": word_set(
        "ab aber alle allem allen aller alles als also am an andere anderem anderen anderer anderes auch auf aus "
        "bei beim bereits bevor bin bis bisher bleibt da dabei dadurch dafür dagegen daher damit danach dann daran "
        "darauf daraus darf darin das dass davon davor dazu dein dem den denn der deren des dessen die dies diese "
        "diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines einige einmal er es etwa "
        "etwas für gab gegen gegenüber gehen geht gewesen gibt ging haben hat hatte hatten hier hin hinter ich ihm "
        "ihn ihnen ihr ihre ihrem ihren ihrer im immer in indem ins ist ja jede jedem jeden jeder jedes jedoch "
        "jene jetzt kann kein keine keinem keinen keiner kommen kommt konnte können könnte lassen liegt lässt man "
        "mehr mein mehrere mit muss müssen nach nachdem neben nicht nichts noch nun nur ob oder ohne rund schon "
        "sehr sei seien sein seine seinem seinen seiner seit selbst sich sie sind so sogar solche soll sollen "
        "sollte sowie sowohl statt steht stellt sondern über um und uns unser unter viel viele vom von vor war "
        "waren warum was weil weiter weitere wenn wer werden wie wieder will wir wird wo wollen worden wurde "
        "wurden während würde zu zum zur zwar zwischen künftig derzeit zunächst zudem außerdem zuletzt "
        "inzwischen allerdings dennoch jeweils insgesamt lediglich weiterhin erneut ebenfalls demnach damals "
        "voraussichtlich "
        "offenbar schließlich mindestens höchstens zuvor jährlich bald später früher zugleich dafür davor gleich"
    ),
    "fr": word_set(
        "a afin ai ainsi alors après au aucun aucune aussi autre autres aux avaient avait avant avec avoir bien c "
        "car ce cela celle celles celui ces cet cette ceux chaque chez ci comme comment d dans de depuis des deux "
        "doit donc dont du déjà elle elles en encore entre est et eu eux faire fait font fois furent fut il ils j "
        "je jusqu l la le les leur leurs lors lorsque lui là m mais me moins même mêmes n ne ni non nos notre nous "
        "on ont ou où par parce pas pendant peu peut peuvent plus plusieurs pour pourquoi près qu quand que quel "
        "quelle quelles quels qui quoi s sa sans se selon sera seront ses si soit son sont sous sur t tant tous "
        "tout toute toutes trop très tu un une va vers veut vont vous y à ça étaient était été être désormais "
        "actuellement toutefois cependant également notamment récemment ensuite enfin auparavant bientôt "
        "ailleurs environ dès"
    ),
}


class Word(NamedTuple):
    """A word with meaning: as it stands, without accents, its concept, where it stands, and whether an
    article or a preposition stands before it, or one that brings in what is new;
    `parts`: the concepts of the words that
    a German compound is made of."""

    text: str
    plain: str
    concept: str | None
    at: int
    start: int
    is_led: bool
    is_new: bool
    parts: frozenset[str] = frozenset()


@lru_cache(maxsize=4096)
def content(text: str, language: str | None) -> tuple[Word, ...]:
    """The words of a text that carry meaning: neither stop words nor numbers, days and words of reporting."""
    counted = [(figure.start, figure.end) for figure in figures(text, language)]
    stops = FUNCTION_WORDS.get(language or "en") or stop_words(language)
    found = []
    read = pieces(text, language)
    phrases = dict(phrases_in(tuple(piece.folded for piece in read), language))
    for at, piece in enumerate(read):
        if piece.kind not in ("word", "skipped"):
            continue
        if (at not in phrases and len(piece.text) < _LEAST) or piece.folded in _CALENDAR or piece.folded in REPORTING:
            continue
        concept = phrases.get(at) or concept_of(piece.text)
        is_stop = piece.folded in stops
        if (is_stop and at not in phrases) or any(a <= piece.start < b for a, b in counted):
            continue
        found.append(
            Word(
                piece.text,
                fold_tag(piece.text).removesuffix("'s"),
                concept,
                at,
                piece.start,
                read[at - 1].folded in LEADING if at else False,
                read[at - 1].folded in _INDEFINITE if at else False,
                parts_of(piece.text) if language == "de" and piece.text[0].isupper() else frozenset(),
            )
        )
    return tuple(found)


# What German puts around the stem of a verb: "gearbeitet".
_AROUND_STEM = re.compile(r"^ge(\w{4,}?)(?:et|t|en)$")


@lru_cache(maxsize=16384)
def _stem(plain: str) -> str:
    match = _AROUND_STEM.match(plain)
    return match[1] if match else plain


@lru_cache(maxsize=65536)
def is_like(one: str, other: str) -> bool:
    """Do two words without accents begin alike, or is one a part of the other?"""
    if one == other:
        return True
    one, other = _stem(one), _stem(other)
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= 4 and longer.startswith(shorter) and len(longer) - len(shorter) <= 3:
        return True
    if len(shorter) >= _SAME_BEGINNING and one[:_SAME_BEGINNING] == other[:_SAME_BEGINNING]:
        return True
    return len(shorter) >= _COMPOUND and shorter in longer


def has(words: Iterable[Word], word: Word) -> bool:
    """Do these words say it?"""
    return any(
        (word.concept is not None and (word.concept == other.concept or word.concept in other.parts))
        or other.concept in word.parts
        or is_like(word.plain, other.plain)
        for other in words
    )


def missing(text: str, language: str | None, sources: Sequence[Source]) -> tuple[list[Word], int]:
    """The words of a text that none of the sources says, and how many words it has."""
    words = content(text, language)
    theirs = [word for source in sources for word in content(source.text, source.language)]
    theirs += [word for source in sources for word in content(source.publisher, source.language)]
    return [word for word in words if not has(theirs, word)], len(words)


def covered(text: str, language: str | None, sources: Sequence[Source]) -> float:
    """The part of a text's words that the sources say, from 0 to 1; 1 for a text without any."""
    lacking, count = missing(text, language, sources)
    return 1 - len(lacking) / count if count else 1.0
