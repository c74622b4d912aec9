"""What to watch: sentences of sources that name a day to come, or a plan that somebody has stated.

Precision first: a guess, a forecast or a wish is none, nor is a "will" of opinion. A sentence names a day to come where
the day is after the story's last post, by the time at which the sentence was said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from aggregator.model.brief import PRECISIONS, BriefSentence, Due, Evidence
from aggregator.model.site import ShownStory
from aggregator.publish.briefs.evidence import quoted
from aggregator.publish.briefs.furniture import is_address_to_reader, leans
from aggregator.publish.briefs.likeness import overlap, said, say_the_same, share_of
from aggregator.publish.briefs.stated import is_stated
from aggregator.publish.briefs.to_come import day_to_come, due_of
from aggregator.text.patterns.late import late_pattern

MOST = 3
_LONGEST, _SHORTEST = 420, 25
_LEAST_NEAR = 0.15
# Of two sentences with days that may be the same, so much of the words is the same where they tell one plan.
_ONE_PLAN = 0.35

# What a text has that may name a day to come. Cheap, so that most texts are not read further.
_MAY = late_pattern(
    r"\b(?:20[2-9]\d|tomorrow|next|upcoming|monday|tuesday|wednesday|thursday|friday|saturday|sunday|jan|feb|mar|apr"
    r"|may"
    r"|jun|jul|aug|sep|oct|nov|dec|morgen|kommende|nächste|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag"
    r"|jän|mär|mai|okt|dez|demain|prochain|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|janv|fév|avr|juin|juil"
    r"|août|déc|mañana|próxim|lunes|martes|miércoles|jueves|viernes|sábado|domingo|ene|abr|ago|dic|spring|summer|autumn"
    r"|fall|winter|frühjahr|frühling|sommer|herbst|printemps|été|automne|hiver|primavera|verano|otoño|invierno|q[1-4]"
    r"|quarter|this (?:week|month|year)|later|by (?:the )?end|(?:dieses?|diesen|ende) \w+|cette|este)",
    re.IGNORECASE,
)
# What somebody does of whom it is said that they will: acts that come to pass or not.
_ACTS_EN = (
    "launch|releas|open|begin|start|publish|unveil|vote|decid|rule on|appeal|build|roll out|ship|introduc|announc"
    "|present"
    "|file|sue|hold|meet|hear|clos|complet|expand|acquir|merg|lay off|hir|go public|take effect|come into|enter into"
    "|resum|test|invest|end|stop|ban|replac|deliver|debut|host|retir|discontinu|shut|phase|discuss|debat|sign|submit"
    "|move"
    "|arriv|leav|be (?:available|released|launched|published|held|opened|decided|presented|unveiled|completed|delivered"
    "|shown|built|tested|discontinued|retired|introduced|rolled|announced|hosted|able to buy)|apply|take place|sail|fly"
    "|return|run|join|step down|cut|rais|pay|offer|bring|make .{1,30} available|become available|land on|expire|cease"
)
_PLAN_EN = (
    rf"(?:will|shall|is to|are to|(?:plans?|intends?|aims?|vows?|pledges|agreed|promises|expects?|prepares?) to"
    rf"|(?:said|announced|confirmed)\b[^.!?]{{0,80}}\bwould|(?:set|due|slated|scheduled) to"
    rf"|(?:is|are|was|were) (?:now |also |then )?(?:set|due|slated|scheduled|expected|planned|preparing|planning"
    rf"|poised) to"
    rf"|(?:is|are) (?:now )?(?:also )?going to) (?:also |then |now |soon |first |formally |publicly |officially )?"
    rf"(?:{_ACTS_EN})"
)
_DUE_EN = (
    r"(?:vote|hearing|ruling|decision|verdict|trial|deadline|summit|launch|release|election|meeting|conference|rollout"
    r"|report|results|keynote|opening) (?:\w+ ){0,3}?(?:is|are) (?:now |still )?(?:due|expected|scheduled|planned|set"
    r"|slated|pending)"
    r"|(?:is|are) (?:due|expected|scheduled|planned|slated) (?:for|in|on|by|next|this|later)|deadline (?:is|of|for"
    r"|falls)"
    r"|(?:coming|arriving|launching|opening|shipping|starting|available|due|expected|scheduled|slated|planned) "
    r"(?:to \w+ )?(?:in|on|by|from|this|next|later|for|at)"
    r"|(?:takes?|comes?|enters?) (?:effect|into (?:force|effect))|(?:opens|begins|starts|ships|launches|votes|meets"
    r"|decides"
    r"|expires|ends|applies|apply|arrives|returns|closes|runs) (?:on|in|from|next|until|at|by|this)"
    r"|(?:votes|decides|opens|convenes|meets|begins|starts|resumes|reconvenes|debuts|premieres|faces|lawmakers vote"
    r"|ministers meet|leaders meet|judges decide)\b[^.,;!?]{0,40}\b(?:monday|tuesday|wednesday|thursday|friday|saturday"
    r"|sunday|tomorrow)"
)
# With a day: whatever somebody will do then, has to do by then, or has time for until then.
_DAY_EN = late_pattern(
    r"\b(?:(?:will|shall|must) (?:also |then |now |soon |first |officially )?(?!be worth|likely|probably|never)[a-z]+"
    r"|(?:has|have) until|(?:is|are) (?:coming|launching|arriving|opening|shipping))\b",
    re.IGNORECASE,
)
_ACTS_DE = (
    "eröffne|öffne|start|beginn|veröffentlich|vorstell|vorgestellt|entscheid|abstimm|bauen|gebaut|einführ|eingeführt"
    "|anhör|verhandel|in kraft|liefer|erschein|komm|präsentier|tag|treff|vorleg|vorgelegt|abschließ|abgeschlossen"
    "|ausbau"
    "|investier|übernehm|einstell|schließ|gelten|verfügbar|ablös|ersetz|testen|fahren|laufen|ausliefer|ankünd|berat"
)
_PLAN_DE = (
    rf"(?:soll|sollen|wird|werden|will|wollen|plant|planen|beabsichtigt)\b.{{0,140}}\b\w*(?:{_ACTS_DE})\w*"
    r"|(?:tritt|treten) .{0,80}in kraft|(?:ist|sind) (?:für|ab|im|am) .{0,60}(?:geplant|vorgesehen|angesetzt)"
    r"|(?:frist|anhörung|abstimmung|urteil|entscheidung|verhandlung|prozess|start|eröffnung|gipfel|treffen|wahl)\b"
    r".{0,60}\b(?:ist|sind|endet|läuft|beginnt|folgt|findet|steht|wird)\b|(?:beginnt|startet|öffnet|endet|tagt"
    r"|entscheidet|stimmt|berät|urteilt|wählt) |trifft sich "
)
_ACTS_FR = (
    "lanc|ouvr|publi|vot|présent|commenc|début|construi|dévoil|décid|statu|entr|livr|investi|ferm|embauch|tenir|organis"
    "|examin|mettre|déploy|annonc|sort|arriv|tester|remplac|supprim|rendre"
)
_PLAN_FR = (
    rf"(?:prévoit|prévoient|compte|comptent|doit|doivent|va|vont|devrait|devraient|entend|entendent) (?:de |d['’])?"
    rf"[^.!?]{{0,40}}\b(?:{_ACTS_FR})\w*|(?:est|sont) (?:attendue?s?|prévue?s?|programmée?s?|fixée?s?)"
    r"|(?:ouvrira|lancera|commencera|débutera|publiera|présentera|votera|entrera|entreront|sera|seront|tiendra"
    r"|aura lieu|vote|tranche|examine|se réunit|ouvre|commence|débute|se prononce|statue)\b"
)
_ACTS_ES = (
    "lanz|abr|public|vot|present|comenz|empez|constru|anunci|decid|entr|inver|cerr|contrat|celebr|despleg|prob|inici"
)
_PLAN_ES = (
    rf"(?:prevé|prevén|planea|planean|va a|van a|deberá|espera|pretende) [^.!?]{{0,40}}\b(?:{_ACTS_ES})\w*"
    r"|(?:está|están) (?:previst|programad)[oa]s?|se espera|(?:abrirá|lanzará|comenzará|publicará|presentará|votará"
    r"|entrará|será|serán|celebrará|tendrá lugar)\b"
)
_PLANS = {
    "en": late_pattern(rf"\b(?:{_PLAN_EN}|{_DUE_EN})", re.IGNORECASE),
    "de": late_pattern(rf"\b(?:{_PLAN_DE})", re.IGNORECASE),
    "fr": late_pattern(rf"\b(?:{_PLAN_FR})", re.IGNORECASE),
    "es": late_pattern(rf"\b(?:{_PLAN_ES})", re.IGNORECASE),
}
# Without a day only what is said with certainty, in the plainest forms.
_CERTAIN = {
    "en": late_pattern(
        rf"\b(?:(?:plans?|intends?|(?:is|are) (?:set|due|slated|scheduled|planning|preparing)) to (?:{_ACTS_EN})"
        rf"|will (?:soon |also |then |now )?(?:{_ACTS_EN})[^.!?]*\b(?:soon|later|in the coming|within|once|after"
        rf"|shortly)\b"
        r"|(?:vote|hearing|ruling|decision|verdict|trial) (?:is|are) (?:still )?(?:due|expected|scheduled|pending))",
        re.IGNORECASE,
    ),
    "de": late_pattern(
        rf"\b(?:(?:plant|planen)\b|soll(?:en)?\b.{{0,100}}(?:{_ACTS_DE})\w*[^.!?]{{0,30}}$)", re.IGNORECASE
    ),
    "fr": late_pattern(rf"\b(?:prévoit|prévoient) (?:de |d['’])[^.!?]{{0,30}}(?:{_ACTS_FR})\w*", re.IGNORECASE),
    "es": late_pattern(rf"\b(?:prevé|planea) (?:{_ACTS_ES})\w*", re.IGNORECASE),
}
# Guesses, forecasts, wishes, conditions: whatever they name, nobody has said that it comes.
_GUESSES = late_pattern(
    r"\b(?:could|might|maybe|perhaps|probably|possibly|predict\w*|forecast\w*|projected|projections?|projects that"
    r"|estimat\w+"
    r"|analysts?|believes?|thinks?|hopes?|hoping|hoped|would|unless|whether|if|rumou?r\w*|speculat\w+"
    r"|reportedly could|may (?!\d)"
    r"|(?:market|demand|revenues?|sales|spending|growth|usage|share) (?:\w+ ){0,3}(?:reach|grow|hit|exceed|top|rise"
    r"|double)"
    r"|expect\w* to (?:reach|grow|hit|exceed|top|rise|double|generate)|unlikely|in the coming years|will (?:be worth"
    r"|reach|grow|exceed|likely"
    r"|probably|never"
    r"|become the|change|transform|replace (?:us|humans|jobs))|i think|in my opinion"
    r"|könnten?|dürften?|würden?|vielleicht|womöglich|vermutlich|wahrscheinlich|glaubt?|hofft|hoffen|falls|wenn"
    r"|prognos\w+|schätz\w+"
    r"|pourrai\w+|peut-être|espèr\w+|estim\w+|si (?:le|la|les|l['’])|prévisions|podría\w*|quizá\w*|tal vez|estima\w*"
    r"|espera que)\b",
    re.IGNORECASE,
)
# "He said the trains would stop on Sunday" is what he said will be.
_REPORTED = late_pattern(r"\b(?:said|announced|confirmed)\b[^.!?]{0,80}?\bwould (?!like|be able|have)", re.IGNORECASE)
_SALES = late_pattern(
    r"\b(?:black friday|cyber monday|register|registration|tickets?|early[- ]bird|discount|% off|deals?|coupon|webinar"
    r"|giveaway|sign up"
    r"|apply by|rsvp|save the date"
    r"|join us|anmeld\w+|rabatt|gutschein|inscri\w+|billets?|entradas?)\b",
    re.IGNORECASE,
)
_NEGATED = late_pattern(
    r"\b(?:will not|won['’]t|no longer|never|not (?:be|going|planned|expected|set)|wird nicht|werden nicht|soll nicht"
    r"|ne .{1,20} pas|no (?:va|será))\b",
    re.IGNORECASE,
)


# The word before "plans to"; "" where that stands in a clause about something else.
_PLANS_TO = late_pattern(r"(?:(?:that|which) \S+ |(\S+) )plans to\b", re.IGNORECASE)
_WHO_PLAN = frozenset(
    "also now still reportedly company firm startup start-up it he she who agency government ministry city council "  # noqa: SIM905
    "giant team group bank regulator commission court union lab maker operator owner university publisher and".split()
)


_ARTICLE = late_pattern(r"Das (?!wäre|würde|könnte|sollte|müsste|hätte|habe|heute)(?:[a-zäöüß]+e )?[A-ZÄÖÜ]")


class _Ahead(NamedTuple):
    """A sentence that looks ahead: how good it is (less is better), and the day that it names."""

    rank: tuple[float, ...]
    evidence: Evidence
    due: Due | None


def may_name_a_day(text: str) -> bool:
    """May a text name a day to come? Said of many that do not, but of all that do in the languages known here."""
    return bool(_MAY.search(text))


def watch(
    story: ShownStory, evidence: Sequence[Evidence], near: Callable[[Evidence], float]
) -> list[tuple[Evidence, BriefSentence]]:
    """The sentences of the part, the next day first, then plans without one. `near`: how near a sentence is to the
    story's matter, 0..1."""
    last = story.last_at.date()
    found = sorted(filter(None, (_ahead(story, each, last, near) for each in evidence)), key=lambda each: each.rank)
    chosen: list[_Ahead] = []
    for ahead in found:
        if not any(_is_same(ahead, other) for other in chosen):
            chosen.append(ahead)
        if len(chosen) == MOST:
            break
    chosen.sort(key=lambda each: (each.due is None, each.due or Due(date.max, date.max, "year"), each.rank))
    return [(ahead.evidence, quoted("watch", ahead.evidence, ahead.due)) for ahead in chosen]


def _ahead(story: ShownStory, each: Evidence, last: date, near: Callable[[Evidence], float]) -> _Ahead | None:
    text, language = each.text, each.language or "en"
    is_lead = each.post_id == story.lead.id
    if not _SHORTEST <= len(text) <= _LONGEST or is_address_to_reader(text) or _leans(text, language):
        return None
    plan = _PLANS.get(language)
    is_plan = bool(plan and plan.search(text) and _are_verbs(text))
    day = day_to_come(each, last) if may_name_a_day(text) else None
    if (
        not is_plan
        and not (day and is_stated(text, language, day, last))
        and not (language == "en" and _DAY_EN.search(text))
    ):
        return None
    if _GUESSES.search(_REPORTED.sub("", text)) or _SALES.search(text) or _NEGATED.search(text):
        return None
    closeness = near(each)
    if closeness < (0.0 if is_lead else _LEAST_NEAR):
        return None
    due = due_of(day, last + timedelta(days=1)) if day else None
    if not is_plan and (due is None or due.precision == "year"):
        return None
    is_certain = not each.is_title and bool(_CERTAIN[language].search(text))
    if due is None and not (is_certain and (is_lead or closeness >= 2 * _LEAST_NEAR)):
        return None
    exact = PRECISIONS.index(due.precision) if due else len(PRECISIONS)
    return _Ahead((exact, each.is_title, each.kind == "status", not is_lead, -closeness, each.n), each, due)


def _leans(text: str, language: str) -> bool:
    """As `leans`; before a noun "Das" is no more than an article."""
    return leans(text) and not (language == "de" and _ARTICLE.match(text))


def _are_verbs(text: str) -> bool:
    """Does somebody plan, where the text says "plans to"? Plans may be things too: "creates detailed plans to …"."""
    return all(
        before[:1].isupper() or before.lower() in _WHO_PLAN or before.endswith(",")
        for before in _PLANS_TO.findall(text)
    )


def _is_same(one: _Ahead, other: _Ahead) -> bool:
    first, second = said(one.evidence), said(other.evidence)
    if one.due and other.due:
        if one.due == other.due:
            return bool(first.names & second.names) or say_the_same(first, second)
        # "Next month", "in August" and "on 9 August" may be one day.
        is_one = one.due.first <= other.due.last and other.due.first <= one.due.last
        return is_one and share_of(first.names, second.names) >= 0.5 and overlap(first, second) >= _ONE_PLAN
    return say_the_same(first, second)
