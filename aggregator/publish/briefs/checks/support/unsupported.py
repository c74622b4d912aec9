"""Nothing is told that the named sources say nothing of: neither a weighty event nor a whole sentence.

By words alone an honest paraphrase may share no word with its source, so this refuses only what is plain: an event
("resigned", "bankrupt") at which no word of the sources hints, and a sentence without denial of which next to no word,
by its beginning or its meaning, is in a source of its language. A figure or a day of a source does not bear the words
around it. Across languages only the table of concepts tells, where it knows words of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from aggregator.publish.briefs.checks.claim import Claim, Source
from aggregator.publish.briefs.checks.content import FUNCTION_WORDS, Word, content, covered, has, is_like
from aggregator.publish.briefs.checks.meaning import Vectors, nearness
from aggregator.publish.briefs.checks.quotes import unquoted
from aggregator.publish.briefs.checks.words.beginnings import stands_at
from aggregator.publish.briefs.checks.words.events import EVENTS, LANGUAGES, Event
from aggregator.publish.briefs.checks.words.lexicon import OPPOSITES, concept_of
from aggregator.text.figures import Figure
from aggregator.text.reading.numerals import NUMERALS, word_set
from aggregator.text.reading.pieces import pieces
from aggregator.text.tokens import fold, fold_tag

# Of fewer words, names apart, nothing can be told.
_FEWEST = 2
# One word borne is next to none beside three that are not. Of the honest sentences of the labelled set in the language
# of a source, without figure, day and denial, one has fewer than a third of its words there, and a run of them too.
_NEXT_TO_NONE = 0.25
# A cosine. Of 264 honest sentences of the labelled set two are as far from all the sources they name and have as few of
# their words, one of them a denial; of sentences under the source of another story 96 in a hundred, under another one
# of theirs 77.
_FAR = 0.3
# Of a headline, which is short and plays with words; of a sentence with a figure or a day of its source, which is more
# often told in other words ("16,000 couriers": "16,000 postmen"); and of one whose sources are in another language.
_FEWEST_OF_HEADLINE = _FEWEST_OF_FIGURES = _FEWEST_ABROAD = 3
# Concepts that the sources in another language must have: of others the table knows too little. With fewer four honest
# sentences of 140 had no word in common with their sources, so none.
_CONCEPTS_ABROAD = 3
# So many words in a row of a source, one of them no function word, are its own: "after the vote". Figures and days are
# no words.
_RUN = 3
_PER = word_set("per pro je par")
# So long a beginning in common is a hint that two words are one: "handed", "handover".
_SAME_BEGINNING = 4
# Denied is often what the source says in other words ("free": "costs nothing"), and left open is not told.
_OPEN = word_set(
    "not no never neither nor without nobody nothing none whether if could might may would fear feared fears avoid "
    "prevent "
    "nicht kein keine keinen keinem keiner nie niemals ohne niemand nichts ob falls könnte könnten würde "
    "ne n pas jamais sans aucun aucune personne rien si pourrait pourraient serait éviter"
)


def check_unsupported(claim: Claim) -> str | None:
    """Some word of a named source bears the sentence, and a hint each weighty event that it tells."""
    sources = claim.news
    if not sources or _is_open(claim):
        return None
    if event := _event(claim, sources):
        return f"no source it names hints at “{event}”"
    if not claim.notes and _is_bare(claim, sources):
        return "the sources it names say nothing of it"
    return None


def check_far(claim: Claim, vectors: Vectors) -> str | None:
    """By meaning, in whatever language: not far from all the named sources, with next to no word of theirs."""
    sources = claim.news
    if not sources or claim.notes or not content(claim.text, claim.language) or _is_open(claim):
        return None
    if covered(claim.text, claim.language, sources) > _NEXT_TO_NONE:
        return None
    is_far = max(nearness(claim, source, vectors) for source in sources) < _FAR
    return "the sources it names say nothing like it" if is_far else None


def _is_open(claim: Claim) -> bool:
    # "May" is a month.
    return any(
        (piece.folded in _OPEN and piece.text != "May") or piece.folded.endswith("n't") for piece in claim.pieces
    )


def _event(claim: Claim, sources: Sequence[Source]) -> str | None:
    """The word of an event of which the sources have none."""
    if not all(source.language in LANGUAGES for source in sources):
        return None
    ours = _plain(claim.text, claim.language)
    said = [(source.language or "", _plain(source.text, source.language)) for source in sources]
    for (name, language), event in EVENTS.items():
        if language != claim.language:
            continue
        at = next((i for i in range(len(ours)) for words in event.tells if stands_at(words, ours, i, language)), None)
        if at is None or any(_bears(EVENTS.get((name, of)), theirs, of) for of, theirs in said):
            continue
        meant = concept_of(ours[at])
        if not any(
            (of == language and is_like(ours[at], other)) or (meant and concept_of(other) == meant)
            for of, theirs in said
            for other in theirs
        ):
            return ours[at]
    return None


@lru_cache(maxsize=2048)
def _plain(text: str, language: str | None) -> tuple[str, ...]:
    """The words and signs of a text without accents, and without what is quoted."""
    return tuple(
        fold_tag(piece.text).removesuffix("'s") or piece.text for piece in unquoted(pieces(text, language), text)
    )


@lru_cache(maxsize=8192)
def _bears(event: Event | None, words: tuple[str, ...], language: str) -> bool:
    """Does a text in that language hint at the event?"""
    if event is None:
        return True
    return any(stands_at(each, words, i, language) for i in range(len(words)) for each in (*event.tells, *event.bears))


def _is_bare(claim: Claim, sources: Sequence[Source]) -> bool:
    """Have its words, names, figures and days apart, next to nothing to do with those of the sources?"""
    theirs = [word for source in sources for word in content(source.text, source.language)]
    spelled = {word.text for word in theirs}
    days = [(day.start, day.end) for day in claim.days]
    words = [word for word in content(claim.text, claim.language) if not _is_within(word.start, days)]
    words = [word for word in words if fold(word.text) not in _beside_figures(claim.language)]
    ours = [word for word in words if not _is_name(word, claim, spelled)]
    names = sum(word not in ours and has(theirs, word) for word in words)
    counted = len(_telling(claim.figures)) + len(days)
    borne = sum(has(theirs, word) or _is_near(word, theirs) for word in ours)
    if counted and (counted > 1 or names or borne):
        # Two figures, or a figure with a name or a word, are seldom together by chance; honest sentences often have no
        # more: where two things in common sufficed, 20 of 232 of one labelled set were refused, with none 13.
        return False
    if not any(source.language == claim.language for source in sources):
        return not names and not borne and _is_known(ours, theirs)
    if any(_has_run(claim, source) for source in sources):
        return False
    fewest = _FEWEST_OF_HEADLINE if claim.is_headline else _FEWEST_OF_FIGURES if counted else _FEWEST
    return len(ours) >= fewest and borne <= (0 if claim.is_headline else 1) and borne <= _NEXT_TO_NONE * len(ours)


def _is_known(ours: Sequence[Word], theirs: Sequence[Word]) -> bool:
    """Does the table of concepts know enough of both to tell that they have nothing in common?"""
    concepts = sum(word.concept is not None for word in theirs)
    return len(ours) >= _FEWEST_ABROAD and concepts >= _CONCEPTS_ABROAD and any(word.concept for word in ours)


def _telling(found: Sequence[Figure]) -> list[Figure]:
    """Without "one" and "first", and what is told in words such as "dozens"."""
    return [figure for figure in found if figure.value not in (None, 1)]


@lru_cache(maxsize=8)
def _beside_figures(language: str) -> frozenset[str]:
    """Words that belong to a figure and say nothing without it: "roughly 600 a head"."""
    hedges = NUMERALS[language].hedges if language in NUMERALS else ()
    return _PER.union(word for phrase in hedges for word in phrase.split())


def _is_within(start: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(a <= start < b for a, b in spans)


def _is_name(word: Word, claim: Claim, spelled: set[str]) -> bool:
    """Is it a name, which whatever is told of its bearer has? A German noun may be one where a source has the same."""
    if not word.text[0].isupper():
        return False
    if claim.names.meant(word.text):
        return True
    if claim.language != "de":
        return word.at > 0 or word.text in spelled
    return word.text in spelled and word.concept is None and not word.is_led


def _has_run(claim: Claim, source: Source) -> bool:
    return source.language == claim.language and not _runs(claim).isdisjoint(_runs(source))


def _runs(said: Claim | Source) -> set[tuple[str, ...]]:
    """Words in a row, without accents, of which one at least is no function word."""
    spans = [(each.start, each.end) for each in _telling(said.figures)] + [(each.start, each.end) for each in said.days]
    stops = FUNCTION_WORDS.get(said.language or "en", frozenset())
    read = said.pieces
    plain = [fold_tag(piece.text) for piece in read]
    is_word = [piece.kind == "word" and not _is_within(piece.start, spans) for piece in read]
    return {
        tuple(plain[at : at + _RUN])
        for at in range(len(read) - _RUN + 1)
        if all(is_word[at : at + _RUN]) and any(piece.folded not in stops for piece in read[at : at + _RUN])
    }


def _is_near(word: Word, theirs: Sequence[Word]) -> bool:
    """Do two begin alike, or are they opposites ("closed", "reopened"), which other checks tell apart?"""
    return any(
        word.plain[:_SAME_BEGINNING] == other.plain[:_SAME_BEGINNING]
        or (word.concept and other.concept and frozenset({word.concept, other.concept}) in OPPOSITES)
        for other in theirs
    )
