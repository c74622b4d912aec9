"""Nothing that a source denies is told as so, and nothing that it says is denied."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aggregator.publish.briefs.checks.claim import Claim, Source
from aggregator.publish.briefs.checks.content import Word, content, covered, has
from aggregator.publish.briefs.checks.quotes import unquoted
from aggregator.publish.briefs.checks.words.lexicon import OPPOSITES
from aggregator.text.reading.numerals import word_set
from aggregator.text.reading.pieces import Piece

_NOT = word_set(
    "not no never none nobody nothing neither nor without cannot nicht kein keine keinen keinem keiner keines "
    "keinerlei "
    "nie niemand niemanden nichts ohne niemals weder nirgends ne n aucun aucune jamais sans rien ni sin nunca ningún "
    "ninguna nadie nada non senza nessun nessuno"
)
# Words with a "not" in them: what they say may be told by a plain negation, and the other way round.
_DENYING = re.compile(
    r"^(?:\w{4,}los\w{0,2}|\w{3,}less|ban(?:s|ned|ning)?|bar(?:s|red)|forb[ai]d\w*|prohibit\w*|refus\w*|reject\w*|den(?:y|ied|ies|ying)|"
    r"lack\w*|fail\w*|"
    r"unable|un(?!i|d|t)\w{4,}|only|hardly|barely|scarcely|pending|outstanding|yet|except\w*|exempt\w*|stop(?:s|ped)?|"
    r"baseless|absence|absent|cancel\w*|free|most|instead|rather|rul(?:e|es|ed|ing)|open|against|miss\w*|"
    r"short|less|fewer|dismiss\w*|drop(?:s|ped)?|abandon\w*|withdr\w+|block\w*|halt\w*|remain\w*|stay\w*|impossible|"
    r"adjourn\w*|suspend\w*|paus\w*|postpon\w*|interrupt\w*|ended|ends|over|ceas\w*|clos\w*|lost|gone|avoid\w*|prevent\w*|"
    r"spar(?:e|ed|es)|skip\w*|neglect\w*|omit\w*|declin\w*|veto\w*|resist\w*|empty|vertagt|verschoben|ausgesetzt|"
    r"unterbrochen|beendet|endet\w*|geschlossen|vorbei|vermeid\w*|vermied\w*|verschont|ausgeblieben|vergeblich|leer|"
    r"ajourn\w*|report(?:é|er|e)\w*|interromp\w*|fini\w*|termin\w*|ferm\w*|évit\w*|épargn\w*|absen\w*|vain|"
    r"verbiet\w*|verb[oi]t\w*|untersag\w*|ableh\w*|abgelehnt|lehn\w*|verweiger\w*|ausgeschlossen|aus|ausschl\w*|"
    r"fehl\w*|"
    r"mangel\w*|un(?!d$|s|t|i)\w{4,}|noch|offen|höchstens|lediglich|nur|kaum|scheiter\w*|gescheitert|verzicht\w*|"
    r"entf[aä]ll\w*|gegen|leugn\w*|bestreit\w*|bestritt\w*|dement\w*|bisher|statt|weniger|gestrichen|streich\w*|"
    r"verhinder\w*|gestoppt|stopp\w*|bleib\w*|blieb\w*|frei|interdi\w*|refus\w*|rejet\w*|exclu\w*|manqu\w*|échou\w*|"
    r"seul\w*|attend\w*|moins|peine|suspend\w*|nie\w*|dément\w*|annul\w*|supprim\w*|contre|encore|faute|im(?:poss|"
    r"prob)\w*|"
    r"in(?:conn|certain|chang|suff)\w*|gratuit\w*|libre|reste\w*|abandonn\w*|au-delà)$"
)
# So much of the sentence the source says, or it may be about something else.
_IS_ABOUT, _IS_ABOUT_OF_HEADLINE = 0.5, 0.75
# What is denied stands so many words behind the negation; in German before it as well.
_REACH = 4
# So much of the rest of a sentence a source says that has the opposite of one word.
_REST = 0.5


def check_negation(claim: Claim) -> str | None:
    """A negation of a source is not lost, and none is added."""
    sources = claim.news
    ours = unquoted(claim.pieces, claim.text)
    if opposite := _opposite(claim, sources):
        return opposite
    ours_denied = _denied(claim.text, claim.language, ours)
    denies = bool(ours_denied) or _is_denying(ours)
    says_not = any(map(is_not, ours))
    if needless := _needless(claim, sources):
        return needless
    words = content(claim.text, claim.language)
    for source in sources:
        theirs = _denied(source.text, source.language, unquoted(source.pieces, source.text))
        if theirs and not denies and _is_about(claim, source) and any(has(words, word) for word in theirs):
            return f"the source denies it: “{_shown(source, theirs[0])}”"
        # "Has ruled out" for "has not ruled out": what denies here is just what is denied there.
        if theirs and not says_not and denies and _is_about(claim, source):
            denying = [word for word in words if _DENYING.match(word.text.lower())]
            if denying and all(any(has([word], other) for other in theirs) for word in denying):
                return f"the source denies it: “{_shown(source, theirs[0])}”"
    if not ours_denied or claim.is_headline:
        return None
    said = content(" ".join(source.text for source in sources), sources[0].language if sources else None)
    plain = not any(_denied(each.text, each.language, each.pieces) or _is_denying(each.pieces) for each in sources)
    if (
        plain
        and any(has(said, word) for word in ours_denied)
        and covered(claim.text, claim.language, sources) >= _IS_ABOUT
    ):
        return f"it denies “{ours_denied[0].text}”, which no source it names does"
    return None


# What has to be, and what has not: of the one a source says the other is wrong.
_NEEDLESS = re.compile(
    r"\b(?:not|no longer|n't|never) (?:be |been )?(?:needed|necessary|required|ha(?:ve|s) "
    r"to|needs?)\b|\bunnecessary\b|\bno need\b"
    r"|\b(?:nicht|nie|keine?[nrsm]?|ohne)\b[^.,;]{0,40}\b(?:nötig|notwendig|erforderlich|brauch\w*|bedarf|müssen|muss)\b"
    r"|\b(?:überflüssig|unnötig)\b|\b(?:n['’]est|ne (?:sera|sont|seront|doit|doivent)|n['’]a) (?:plus|pas) "
    r"(?:besoin|nécessaires?"
    r"|requis\w*|obligatoires?)\b|\bno (?:es|será|hace) (?:más )?(?:necesari[oa]|falta)\b",
    re.IGNORECASE,
)
_NEEDED = re.compile(
    r"\b(?:must|has to|have to|needs? "
    r"to|needs|required?s?|necessary|muss|müssen|musste|bedarf|braucht|brauchen|nötig|notwendig"
    r"|erforderlich|doit|doivent|devra|devront|nécessaires?|faut|debe|deben|necesari[oa])\b",
    re.IGNORECASE,
)


def _needless(claim: Claim, sources: Sequence[Source]) -> str | None:
    """ "Is no longer needed", for "must still agree"."""
    if not sources or claim.is_headline:
        return None
    ours = _NEEDLESS.search(claim.text)
    theirs = [bool(_NEEDLESS.search(source.text)) for source in sources]
    if ours and not any(theirs) and any(_NEEDED.search(source.text) for source in sources):
        return f"it says “{ours.group()}”, the source that it must be"
    return None


def _opposite(claim: Claim, sources: Sequence[Source]) -> str | None:
    """ "Rose" for "fell": a word of which a source says the opposite and nothing else does, where nothing is denied."""
    if claim.is_headline or len(sources) != 1 or any(map(is_not, (*claim.pieces, *sources[0].pieces))):
        return None
    ours, theirs = content(claim.text, claim.language), content(sources[0].text, sources[0].language)
    ours_meant, theirs_meant = {word.concept for word in ours}, {word.concept for word in theirs}
    for word in ours:
        for other in theirs:
            pair = frozenset({word.concept, other.concept})
            if pair in OPPOSITES and other.concept not in ours_meant and word.concept not in theirs_meant:
                rest = [each for each in ours if each is not word]
                if sum(has(theirs, each) for each in rest) >= _REST * len(rest):
                    return f"it says “{word.text}”, the source “{other.text}”"
    return None


def is_not(piece: Piece) -> bool:
    """Does a word deny what stands beside it?"""
    return piece.folded in _NOT or piece.folded.endswith("n't")


def _is_denying(found: Sequence[Piece]) -> bool:
    return any(is_not(piece) or (piece.kind == "word" and _DENYING.match(piece.folded)) for piece in found)


def _denied(text: str, language: str | None, found: Sequence[Piece]) -> list[Word]:
    """The words that a text denies."""
    starts = [piece.start for piece in found if is_not(piece)]
    if not starts:
        return []
    words = content(text, language)
    denied = []
    for start in starts:
        behind = [word for word in words if word.start > start][:1]
        before = [word for word in words if word.start < start][-1:] if language == "de" else []
        denied += [word for word in (*behind, *before) if text.count(" ", *sorted((start, word.start))) <= _REACH]
    return denied


def _is_about(claim: Claim, source: Source) -> bool:
    share = covered(claim.text, claim.language, [source])
    return share > _IS_ABOUT_OF_HEADLINE if claim.is_headline else share >= _IS_ABOUT


def _shown(source: Source, word: Word) -> str:
    """The few words around what is denied."""
    begin = source.text.rfind(" ", 0, max(0, word.start - 20)) + 1
    return source.text[begin : word.start + len(word.text)]
