"""Is a day to come stated, whatever the verb: in the present or the future, and not as a report's own date?

"The vote is on 14 March", "opponents have until 20 January", "gilt ab 2. August". For sentences whose day is sure to be
to come; what is past at that day, an offer, an opinion, an outlook in figures is none.
"""

from __future__ import annotations

import re
from datetime import date

from aggregator.text.days import Day
from aggregator.text.patterns.late import late_pattern
from aggregator.text.reading.pieces import pieces
from aggregator.text.reading.tense import is_ahead, marks

_VERBS_EN = (
    "take|come|start|begin|open|close|end|expire|rule|decide|vote|meet|hear|run|go|apply|ship|launch|arrive|return"
    "|resume|hold|host|face|last|fall|stop|lose|get|move|leave|join|air|premiere|debut|report|present|deliver|convene"
    "|gather|head|play|travel|visit|receive|replace|retire|drop|land|enter|follow|kick|roll|hit|appear|elect|choose"
    "|switch|shut|cease|raise|cut|rise|lapse|conclude|sit|stage|mark|celebrate|publish|take over|unveil|release|sign"
)
# A verb of the third person; no noun has a small letter.
_GERMAN = (
    r"(?:wird|werden|muss|müssen|darf|dürfen|sollen|haben bis|hat bis|gilt|gelten|gehört|geht|gewinnt"
    r"|beginnen|starten|kommen|gehen|stimmen|entscheiden|treffen|finden|erscheinen|öffnen|schließen|enden|treten"
    r"|laufen|fahren|bekommen|erhalten|zahlen|wählen|tagen|beraten|verhandeln|reisen|spielen|liefern|steigen|sinken"
    r"|(?!ge\w+t\b|nicht\b|jetzt\b|erst\b|zuerst\b|zuletzt\b|seit\b|mit\b|damit\b|somit\b|statt\b|selbst\b|sonst\b"
    r"|oft\b|fast\b|dort\b|insgesamt\b|höchst\b|meist\b|längst\b|bekannt\b|nächst\b|weit\b|gut\b|laut\b|samt\b"
    r"|soweit\b|derzeit\b|zeit\b|direkt\b|leicht\b|echt\b|recht\b|hat\b|acht\b|rot\b|fest\b|bereit\b|weltweit\b)"
    r"[a-zäöüß]{2,}t)"
)
# The verb, and what may stand between it and the day: nothing that ends a clause.
_BETWEEN = r"[^.;:!?,()\[\]\"“”„«»–—|]"
_BEFORE = {
    "en": late_pattern(
        rf"(\S+)(?= (?:(?:is|are) (?:only |open |valid )?(?:on|from|until|in)|(?:has|have) until"
        rf"|(?:{_VERBS_EN})(?:s|es)?\b{_BETWEEN}{{0,70}}|(?:applies|goes)\b{_BETWEEN}{{0,70}}) ?(?:the )?$)",
        re.IGNORECASE,
    ),
    "de": late_pattern(rf"(\S+)(?= {_GERMAN}\b{_BETWEEN}{{0,70}}$)"),
}
# "Am 14. März stimmt das Volk darüber ab."
_BEHIND = {"de": late_pattern(rf"^ {_GERMAN}\b")}
# Before a noun or an infinitive that only looks like such a verb.
_NO_SUBJECT = frozenset(
    "to the a an of this that these those their our its his her my your for in on at by with from no and or some any "  # noqa: SIM905
    "more most each every last next new first not zu der die das ein eine einen einem einer und oder von mit "
    "nicht".split()
)
# A report's own date, an offer, an opinion, an outlook in figures, what a machine or a show has on its list.
_OTHER = late_pattern(
    r"\b(?:should|i|we|my|our|fiscal|guidance|outlook|revenues?|earnings per|sale|sales|save|savings|pre-?orders?|buy"
    r"|free (?:trial|shipping)|subscri\w+|black friday|cyber monday|price[sd]?|for \$|€\s?\d|offers?|promo\w*|call for"
    r"|submissions?|applications?|workshop|livestream|course|newsletter|podcast|episode|watch (?:it|the)|horoscopes?"
    r"|can (?:be|apply|register|vote)|sollte|sollten|ich|wir|unser\w*|angebot\w*|kostenlos\w*|umsatz\w*|abo|abos"
    r"|bewerb\w+|kann|können|ausblick|file photo|getty|discount\w*|costs?|spoiler|potential\w*)\b|[!]$"
    r"|^[A-Z][A-Z ,.]+ [-–—] |^FILE",
    re.IGNORECASE,
)
_OWN_DATE = late_pattern(
    r"(?:\bas of|\bdated|\bupdated|\bpublished(?: on)?|\bposted(?: on)?|\bedition(?: of)?|\bissue(?: of)?|\bstand:?"
    r"|\bsince|\bseit|\bvom|\bfor the (?:\w+ )?(?:week|month|quarter) (?:of|ending)|[(\[])\s*$",
    re.IGNORECASE,
)
_YEAR = late_pattern(r"\b(?:19|20)\d\d\b")


def is_stated(text: str, language: str | None, day: Day, last: date) -> bool:
    """Does a sentence state what is to come on that day, which is after `last`? In English and German."""
    language = language or "en"
    if language not in _BEFORE or not _is_certain(text, day, last):
        return False
    if _OTHER.search(text) or _OWN_DATE.search(text[: day.start]) or not _has_verb(text, language, day):
        return False
    found = pieces(text, language)
    at = next((k for k, piece in enumerate(found) if piece.end > day.start), len(found) - 1)
    # "Nächste" ends as verbs of what was do.
    around_it = [mark for mark in marks(found, language) if not day.start <= found[mark.at].start < day.end]
    return is_ahead(around_it, found, at) is not False


def _is_certain(text: str, day: Day, last: date) -> bool:
    """Not a year, a span that has begun, a weekday, which may be the last one, or a day of a year that is over."""
    if day.precision == "year" or day.weekday or day.first <= last:
        return False
    return day.told or not any(int(year) < last.year for year in _YEAR.findall(text))


def _has_verb(text: str, language: str, day: Day) -> bool:
    subjects = _BEFORE[language].findall(text[: day.start])
    if any(subject.casefold() not in _NO_SUBJECT for subject in subjects):
        return True
    behind = _BEHIND.get(language)
    return bool(behind and behind.search(text[day.end :]))
