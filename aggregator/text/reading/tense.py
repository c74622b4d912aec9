"""Is something told as done or as to come? By the verbs around it, language by language.

Only what is plain: verbs that look ahead ("will", "plans", "soll", "prévoit") and forms of what was. A verb in the
present says neither, but for what is fixed beforehand ("votes on Tuesday").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from aggregator.text.reading.numerals import NUMERALS, word_set
from aggregator.text.reading.pieces import Piece


class Verbs(NamedTuple):
    """`ahead`: words of what is to come, `past`: of what was; and their endings, which `not_verbs` have by chance."""

    ahead: frozenset[str]
    past: frozenset[str]
    ahead_ends: re.Pattern[str] | None
    past_ends: re.Pattern[str] | None
    not_verbs: frozenset[str]


# What was, of strong verbs of German: with a prefix and "-en" these are forms as well.
_STRONG = (
    "blieb|bot|brach|drang|fand|fing|flog|floh|floss|gab|gelang|geriet|geschah|ging|goss|griff|half|hielt|hing|hob|kam|lag|"
    "las|lief|ließ|liess|litt|log|lud|nahm|rief|riet|riss|sah|sang|sank|saß|sass|schied|schien|schlief|schloss|schlug|schnitt|"
    "schob|schoss|schrieb|schuf|schwamm|schwand|schwieg|sprach|sprang|stach|stahl|stand|starb|stieg|stieß|stiess|stritt|tat|"
    "traf|trank|trat|trieb|trug|verdarb|verlor|wandte|warb|warf|wich|wies|wuchs|wusste|zog|zwang|band|betrog|fiel"
)
# Verbs of German whose stem ends in t: "-ten" alone makes no past of them, as it makes of "sagten".
_STEMS_IN_T = word_set(
    "halt tret rat bitt arbeit wart biet streit schreit reit breit leit leist kost acht obacht tracht richt zicht "
    "nicht fürcht flücht pflicht zücht rett wett test rost fast last tast rüst start stalt gestalt walt schalt spalt "
    "falt hüt töt miet bet läut deut antwort heirat brat gründ ernt"
)
_PREFIXES = ("", *word_set(
    "be ver er ent unter über aufrecht auf an ab aus ein fest vor vorbe zu zurück bei mit bear verar veran um durch "
    "verant beant fort wider"
))  # fmt: skip
_INFINITIVES = frozenset(f"{prefix}{stem}en" for prefix in _PREFIXES for stem in _STEMS_IN_T)


VERBS: Mapping[str, Verbs] = {
    "en": Verbs(
        word_set(
            "will won't shall 'll it'll they'll we'll plans plan planned planning intends intend intended aims aim "
            "wants want hopes hope expects expect expected scheduled due slated would could may might should "
            "promises promised promise vows vow pledges pledge seeks seek considers consider considering mulls eyes "
            "proposes proposed upcoming forthcoming going awaits await await pending believes predicts forecasts "
            "sets looks begins starts meets"
        ),
        word_set(
            "was were had did has have been said told took went came gave got made found began rose fell won lost met "
            "left built bought brought sold paid sent spent kept held led ran saw knew grew hit cut put set spoke "
            "broke wrote drew chose became stood thought caught taught fought sought shut quit struck died born done "
            "gone taken given seen known shown grown drawn thrown written spoken broken chosen fallen risen begun ago "
            "drove shook sank swept tore rode flew threw fled sat wore woke hurt beat lay laid rang sang swam spun "
            "stole stuck swore shot felt dealt drank ate froze hid slid split spread withdrew overcame underwent "
            "upheld forgot overthrew forgave awoke blew bound clung crept dug forbade hung leapt lent lit shone "
            "shrank slept sprang stung sworn torn worn driven shaken swept flown"
        ),
        None,
        re.compile(r"[a-z]{3,}ed$"),
        word_set("need speed feed seed indeed exceed breed proceed succeed united limited hundred expected planned "
                 "scheduled intended proposed promised agreed-upon embed shed bleed"),
    ),
    "de": Verbs(
        word_set(
            "wird werden würde würden soll sollen sollte sollten will wollen plant planen geplant geplante geplanten "
            "beabsichtigt beabsichtigen vorgesehen angesetzt erwartet erwarten rechnet rechnen dürfte dürften könnte "
            "könnten möchte möchten hofft hoffen strebt anvisiert kündigt verspricht versprechen erwägt erwägen prüft "
            "müsse solle werde wolle könne fällig bevorsteht steht bevor künftig demnächst voraussichtlich "
            "angekündigt beginnt startet droht drohen anstrebt vorsieht"
        ),
        word_set(
            "war waren wurde wurden hatte hatten worden gewesen gab kam kamen ging gingen stieg "
            "stiegen fiel fielen sank sanken nahm nahmen fand fanden begann begannen gewann verlor blieb blieben hielt "
            "ließ liess lag lagen stand standen starb starben zog zogen schloss schlossen traf trafen sprach sprachen "
            "trat traten schrieb schrieben hob hoben bot brach brachen flog flogen lief liefen sah sahen rief riefen "
            "verließ unterschrieb beschloss erhielt bekam bekamen verschob fuhr fuhren wusste brachte "
            "brannte brannten nannte nannten dachte kannte kannten"
        ),
        None,
        re.compile(r"(?:[a-zäöü]{3,}(?:te|ten)|ge[a-zäöüß]{3,}(?:t|en)|[a-zäöü]{2,4}ge[a-zäöüß]{3,}(?:t|en)"
                   r"|(?:ver|be|er|zer|ent)[a-zäöüß]{3,}t|[a-zäöü]{3,}iert"
                   rf"|(?:ver|be|er|ent|zer|ge|miss|über|unter|wider|an|ab|auf|aus|ein|vor|zu|zurück)?(?:{_STRONG})"
                   rf"(?:en)?)$"),
        word_set("heute gestern letzten letzte ersten erste zweiten dritten vierten fünften sechsten meisten besten "
                 "nächsten rechten weiten kosten leisten arbeiten bieten halten starten warten planten gesten gegen "
                 "gesamt gesamten gerecht gesund gut genau geplant geplante geplanten sollte sollten könnte könnten "
                 "möchte möchten dürfte dürften leichten alten kalten guten bitte mitte seite seiten jahrzehnten "
                 "bereit bereits erst verkehrt bekannt gering gestalten gelten gehen geben genug insgesamt gemeinsam "
                 "derzeit mindestens getrennt erwartet vermutet beträgt besteht bestehen erhält verlangt verbietet "
                 "verlässt verschickt verspricht berichtet erwägt beginnt bekommt betont beruht erklärt"),
    ),
    "fr": Verbs(
        word_set(
            "va vont prévoit prévoient prévu prévue prévus prévues doit doivent veut veulent compte comptent envisage "
            "envisagent souhaite souhaitent devrait devraient pourrait pourraient attendu attendue attendus espère "
            "espèrent entend entendent projette bientôt prochain prochaine prochainement aimerait promet prépare"
        ),
        word_set("était étaient avait avaient fut furent a ont eu été fit prit dit vint avons"),
        re.compile(r"(?:[a-zéèêâîôûç]{2,}(?:era|ira|dra|ura|rra|tra|cra|vra)|[a-zéèêâîôûç]{2,}ront|ferait|feraient|serait|seraient|sera|aura|fera)$"),
        re.compile(r"[a-zéèêâîôûç]{3,}(?:ait|aient)$"),
        word_set("opéra caméra extra infra para contra front affront fait parfait lait souhait trait retrait portrait "
                 "ultra sierra terra"),
    ),
    "es": Verbs(
        word_set("va van planea planean prevé prevén quiere quieren debe deben pretende espera esperan podría podrían "
                 "debería deberían próximo próxima previsto prevista"),
        word_set("fue fueron era eran había habían ha han sido dijo hizo tuvo estaba estaban"),
        re.compile(r"[a-zñáéíóú]{2,}(?:rá|rán)$"),
        re.compile(r"[a-zñáéíóú]{2,}(?:ó|aron|ieron|aba|aban)$"),
        frozenset(),
    ),
    "it": Verbs(
        word_set("vuole vogliono prevede prevedono dovrebbe dovrebbero potrebbe previsto prevista intende"),
        word_set("era erano aveva avevano ha hanno stato stata stati state fu furono disse"),
        re.compile(r"[a-zàèìòù]{2,}(?:rà|ranno)$"),
        re.compile(r"[a-zàèìòù]{3,}(?:ava|avano|arono)$"),
        frozenset(),
    ),
}  # fmt: skip

# A clause between a verb and what it may be about counts as so many words.
_CLAUSE = 6
_BOUNDARIES = frozenset({",", ";", ":", "–", "—", "that", "dass", "que", "qu", "whether", "which", "who", "che"})


class Mark(NamedTuple):
    """A piece that tells when."""

    at: int
    ahead: bool


def marks(found: Sequence[Piece], language: str | None) -> list[Mark]:
    """The verbs that say when, in their order."""
    verbs = VERBS.get(language or "en")
    if verbs is None:
        return []
    told = []
    for at, piece in enumerate(found):
        if piece.kind != "word":
            continue
        word, after = piece.folded, found[at + 1].folded if at + 1 < len(found) else ""
        if word == "due" and after == "to":
            then = found[at + 2].folded if at + 2 < len(found) else ""
            if at and found[at - 1].folded in _BE and then not in _CAUSES:
                told.append(Mark(at, True))  # "is due to open"; of "closed due to rain" the words do not tell
            continue
        if word in ("could", "would") and after == "not":
            continue  # it was not able to
        if (
            language == "en"
            and word in ("set", "about")
            and at + 1 < len(found)
            and found[at + 1].folded in _SET_FOR[word]
        ):
            told.append(Mark(at, True))
            continue
        # "Is to open", "has to agree".
        if language == "en" and word in ("is", "are", "has", "have") and after == "to":
            told.append(Mark(at, True))
            continue
        # German nouns have capitals, English modals in them are months and names ("May", "Will").
        is_name = at or word in ("may", "will")
        if piece.text[0].isupper() and is_name and language in ("de", "en"):
            continue
        ahead = _is_one(word, verbs.ahead, verbs.ahead_ends, verbs.not_verbs)
        if ahead or (
            _is_one(word, verbs.past, verbs.past_ends, verbs.not_verbs) and not _is_no_past(found, at, language)
        ):
            told.append(Mark(at, ahead))
    return told


_BE = frozenset({"is", "are", "was", "were", "be"})
_CAUSES = word_set("the a an its their his her this that these bad high heavy low lack poor strong what")
# "Is set for Monday", "is about to open".
_SET_FOR = {"set": frozenset({"for", "to"}), "about": frozenset({"to"})}


def _is_one(word: str, words: frozenset[str], ends: re.Pattern[str] | None, not_verbs: frozenset[str]) -> bool:
    return word in words or bool(ends and word not in not_verbs and ends.match(word))


# "Is closed", "to cut", "the estimated cost": no past.
_BEFORE_PARTICIPLES = word_set(
    "is are be being gets get stays stay remains remain to will would may might can could should must the a an its "
    "their his her of with by no more most"
)
_INVARIABLE = word_set(
    "have had become come run cut put set hit shut quit left read spread let lost built held kept made told found met"
)
_PERFECT = word_set("hat haben habe hätten hätte hatte hatten wurde wurden worden war waren")
_PARTICIPLE = re.compile(r"^(?:\w{0,6}ge\w+|(?:ver|be|er|zer|ent)\w+t|\w+iert)$")


def _is_no_past(found: Sequence[Piece], at: int, language: str | None) -> bool:
    """A participle or an infinitive that only looks like what was."""
    word = found[at].folded
    if language == "en":
        before = found[at - 1].folded if at else ""
        if before in ("not", "also", "n't") and at > 1:
            before = found[at - 2].folded
        return before in _BEFORE_PARTICIPLES and (word.endswith("ed") or word in _INVARIABLE)
    if language == "de" and word in NUMERALS["de"].ordinals:
        return True  # "jede achte Stelle"
    is_participle = _PARTICIPLE.match(word) and not word.endswith(("te", "ten"))
    if language == "de" and (is_participle or word in _INFINITIVES):
        return not any(piece.folded in _PERFECT for piece in found)
    return False


# What is only possible.
POSSIBLE = word_set(
    "may might could considers consider considering mulls mulling weighs weighing könnte könnten erwägt erwägen prüft "
    "prüfen dürfte dürften pourrait pourraient envisage envisagent podría podrían potrebbe potrebbero"
)


# What is fixed beforehand: in the present with a day it is to come ("The council votes on Tuesday"), where reports of
# what was are in the past. Not what headlines tell of yesterday in the present: "raises", "launches", "wins".
_FIXED = {
    "en": word_set("votes decides meets opens begins starts convenes reconvenes hears sits hosts expires resumes "
                   "debuts premieres faces"),
    "de": word_set("stimmt entscheidet tagt trifft berät öffnet endet findet beginnt startet urteilt wählt"),
    "fr": word_set("vote tranche examine réunit ouvre commence débute prononce statue"),
    "es": word_set("vota decide celebra abre comienza reúne"),
}  # fmt: skip
# The same of several: behind what they are, "lawmakers vote", "the polls open".
_FIXED_OF_MANY = word_set("vote decide meet open begin start convene reconvene sit resume")
_BEFORE_NOUNS = word_set(
    "the a an their its his her our of more most all both in by with from for and or no each these those final key to "
    "le la les un une de du des au en el los una del der die das ein eine"
)
_REACH = 8


def is_fixed(told: Sequence[Mark], found: Sequence[Piece], at: int, language: str | None) -> bool:
    """Does a verb in the present stand before this piece, in its clause, that tells what is fixed for that day?"""
    verbs = _FIXED.get(language or "en", frozenset[str]())
    past = {mark.at for mark in told if not mark.ahead}
    for k in range(at - 1, max(at - _REACH, 0), -1):
        piece, before = found[k], found[k - 1]
        if piece.folded in _BOUNDARIES or k in past:
            return False
        is_of_many = language == "en" and piece.folded in _FIXED_OF_MANY and _is_plural(before)
        is_of_one = piece.folded in verbs and not (language == "en" and _is_plural(before))
        if (is_of_many or is_of_one) and piece.text[0].islower() and _may_be_subject(before):
            return not any(_in_clause(found, mark, k) for mark in past)
    return False


def _is_plural(piece: Piece) -> bool:
    return piece.folded.endswith("s") and not piece.folded.endswith(("ss", "us", "is"))


def _may_be_subject(piece: Piece) -> bool:
    return piece.kind == "word" and piece.folded not in _BEFORE_NOUNS


def _in_clause(found: Sequence[Piece], mark: int, at: int) -> bool:
    """Do they stand in one clause, as far as words tell? "The mayor said the council votes" is two."""
    low, high = sorted((mark, at))
    is_saying = found[mark].folded in ("said", "sagte", "told", "announced")
    return not is_saying and not any(found[k].folded in _BOUNDARIES for k in range(low, high))


def is_ahead(told: Sequence[Mark], found: Sequence[Piece], at: int) -> bool | None:
    """Is what stands at this piece to come? By the nearest verb, best in its clause; None where none says it."""
    nearest, best = None, 1000
    for mark in told:
        low, high = sorted((mark.at, at))
        off = high - low + _CLAUSE * sum(found[k].folded in _BOUNDARIES for k in range(low, high))
        if off < best:
            nearest, best = mark.ahead, off
    return nearest
