"""The words by which `aggregator.text.money.kinds` tells what an amount is: patterns of each kind and language.

Those of `BEFORE` end where the amount, or its hedge ("more than"), begins; those of `BEHIND` begin where it ends.
`piece` names a price for a piece or a month, `cost` what something costs: neither is one of billions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from aggregator.model.money import MoneyKind
from aggregator.text.patterns.late import late_pattern

# What may stand between a word and its amount.
_HEDGES = (
    "about, around, roughly, nearly, almost, over, under, above, below, up to, at least, more than, less than, "
    "some, just, an?, the, approximately, close to, as much as, well, north of, upwards of, reported, reportedly, "
    "estimated, whopping, record, another, additional, only, rund, etwa, knapp, fast, mehr als, weniger als, "
    "über, unter, bis zu, gut, ungefähr, insgesamt, mindestens, ca\\., nur, einer?, eines, environ, près d[e’'], "
    "plus d[e’'], moins d[e’'], quelque, jusqu['’]à, une?, au moins, unos, casi, más de, menos de, hasta, "
    "alrededor de, cerca de, al menos, solo, circa, quasi, oltre, più di, meno di, fino a, almeno"
)
HEDGES = rf"(?:\s*(?:[~≈<>(]|\b(?:{'|'.join(_HEDGES.split(', '))})(?![^\W\d_])))*\s*-?"

_SOME = r"(?: [\w’'.&-]+){0,%d}?"
_SOME_1, _SOME_2, _SOME_3, _SOME_4, _SOME_5 = (_SOME % most for most in range(1, 6))
_ROUND = (
    r"\b(?:series[ -][a-h]\d?|(?:pre-)?seed|(?:funding|financing|investment|fundraising|equity) rounds?|funding"
    r"|fundraise|fundraising|financing|round)\b"
)
_VALUATION = r"\b(?:valuations?|market cap(?:itali[sz]ation)?|market value)\b"
_FINE = r"\b(?:fines?|penalt(?:y|ies))\b(?![ -]tun)"
_BUY = (
    r"\b(?:acquir(?:e|es|ed|ing)|acquisition of|buy|buys|bought|buying|purchas(?:e[sd]?|ing)|takeover of|sell|sells"
    r"|sold|selling)\b"
)
_STRAFE = r"(?:\w*[Ss]trafen?|\w*[Bb]u(?:ß|ss)geld(?:er|es|s)?|\w*[Gg]eldbu(?:ß|ss)en?|Strafzahlung(?:en)?)\b"
_RUNDE = (
    r"(?:\w*[Ff]inanzierungsrunde|\w*[Ff]inanzierung|Kapitalrunde|Kapitalerhöhung|Series[ -][A-H]\w*|Seed[ -]?\w*)\b"
)
_WERT = r"\b(?:\w*[Bb]ewertung|Börsenwert|Marktwert|Unternehmenswert|Marktkapitalisierung|Börsenkapitalisierung)\b"

# Each has alternatives, one a line.
BEFORE: Mapping[tuple[MoneyKind, str], tuple[str, ...]] = {
    ("valued", "en"): (
        rf"{_VALUATION}{_SOME_3}:?"
        r"(?: (?:of|at|to|is|was|hits?|reach(?:es|ed)|tops?|topped|between|from|exceeds?|exceeding))+",
        rf"\bvalu(?:e|es|ed|ing)\b{_SOME_5} (?:at|to|between)",
    ),
    ("fined", "en"): (
        r"\bfined\b[^.;]{0,40}",
        r"\bfines (?=[A-Z])[^.;]{0,30}",
        rf"{_FINE}{_SOME_3} (?:of|to|at|totall?ing|worth|between|exceeding|reach(?:es|ing)?|is)",
    ),
    ("raised", "en"): (
        r"\b(?:raise[sd]?|raising)\b[^.;:]{0,40}",
        rf"{_ROUND}(?:,? (?:of|worth|totall?ing|exceeding|at|between|that raised)| \()+",
        r"\b(?:funding|financing|fundraise):",
    ),
    ("price", "en"): (
        rf"\bpric(?:e|es|ed|ing)\b(?: tags?)?{_SOME_3}"
        r"(?: (?:at|of|from|to|is|was|below|above|starting|between|for))*",
        r"\b(?P<cost>costs?|costing)\b",
        r"\b(?:tickets?|admission|fares?|rent) (?:is|are|of)",
        r"\b(?:start(?:s|ing)?|retail(?:s|ing)?|sell(?:s|ing)?|available|listed|going|fees? of)(?: (?:at|from|for))",
        rf"{_BUY}[^.;]{{0,80}} (?:for|at)",
    ),
    ("valued", "de"): (
        rf"{_WERT}{_SOME_3} (?:von|auf|bei|mit|beträgt|über)",
        rf"\bbewertet\w*{_SOME_5} (?:mit|auf)",
    ),
    ("fined", "de"): (
        rf"\b{_STRAFE}{_SOME_3} (?:von|über|auf|zu|beträgt|in Höhe von)",
        rf"\bzu{_SOME_1} {_STRAFE} von",
    ),
    ("raised", "de"): (
        rf"\b(?:ein)?(?:ge)?sammel\w*{_SOME_4}",
        rf"\b{_RUNDE}{_SOME_2} (?:über|von|mit|in Höhe von|bringt|umfasst)",
    ),
    ("price", "de"): (
        rf"\b(?P<cost>kostete?n?|gekostet)\b{_SOME_4}",
        rf"\b\w*[Pp]reise?s?\b{_SOME_4}(?: (?:von|bei|ab|auf|liegt bei|beträgt))?",
        r"\bab",
        r"\b(?:übernimmt|kauft|kaufte|kaufen|erwirbt|Übernahme|verkauft|verkaufte)\b[^.;]{0,80} (?:für|um)",
    ),
    ("valued", "fr"): (
        rf"\b(?:valorisations?|capitalisation(?: boursière)?)\b{_SOME_4} (?:de|d['’]|à|dépasse|atteint)",
        rf"\bvalorisée?s?\b{_SOME_3}(?: à)?",
    ),
    ("fined", "fr"): (rf"\bamendes?\b{_SOME_4} (?:de|d['’]|à)",),
    ("raised", "fr"): (
        rf"\b(?:l[èe]v(?:e|er|ent|é|ée|ant|ait)|levées? de fonds|tours? de table)\b{_SOME_3}(?: (?:de|d['’]))?",
    ),
    ("price", "fr"): (
        r"\b(?P<cost>coûte(?:nt|ra|ront)?|coûtait)\b",
        rf"\b(?:prix|tarifs?)\b{_SOME_4} (?:de|d['’]|à|est)",
        r"\bà partir de",
        r"\b(?:rachète|achète|acquiert|rachat|acquisition|vendue?|acheté)\b[^.;]{0,80} pour",
    ),
    ("valued", "es"): (
        rf"\b(?:valoraci[óo]n|valuaci[óo]n|capitalizaci[óo]n)(?: (?:bursátil|de mercado))?\b{_SOME_3}"
        r" (?:de|en|a|supera los|alcanza los)",
        rf"\b(?:valorad|valuad)[oa]s?\b{_SOME_3} en",
    ),
    ("fined", "es"): (
        rf"\b(?:multas?|sanci[óo]n|sanciones)\b{_SOME_4} (?:de|por|con)",
        r"\b(?:mult[aó]|multad[oa]s?|sancion[aó]|sancionad[oa]s?)\b[^.;]{0,40} con",
    ),
    ("raised", "es"): (
        r"\b(?:recauda|recaudó|recaudar|recaudado|levanta|levantó|levantar|levantado|capta|captó|captar|captado)\b"
        rf"{_SOME_2}",
        rf"\bronda\b{_SOME_5} (?:de|por)",
    ),
    ("price", "es"): (
        r"\b(?P<cost>cuestan?|costar[áa]n?|costó|un costo de)\b",
        rf"\b(?:precios?|tarifas?)\b{_SOME_4} (?:de|es de|a)",
        r"\b(?:a partir de|desde(?: los)?)",
        r"\b(?:compra|compró|adquiere|adquirió|adquisición|vende|vendió)\b[^.;]{0,80} por",
    ),
    ("valued", "it"): (
        rf"\b(?:valutazione|capitalizzazione)\b{_SOME_4} (?:di|a|da|pari a|fra|tra)(?: i)?",
        rf"\bvalutat[aoie]\b{_SOME_2}",
    ),
    ("fined", "it"): (
        rf"\b(?:mult[ae]|sanzion[ei]|ammend[ae])\b{_SOME_4} (?:di|da|per|pari a)",
        rf"\bmultat[aoie]\b{_SOME_3} (?:per|con)",
    ),
    ("raised", "it"): (
        rf"\b(?:raccoglie|raccolto|raccolti|raccogliere|raccolta)\b{_SOME_2}",
        rf"\b(?:round|aumento di capitale)\b{_SOME_4} (?:di|da)",
    ),
    ("price", "it"): (
        r"\b(?P<cost>costano|costerà|costa)\b",
        rf"\b(?:prezz[oi]|tariffa)\b{_SOME_4} (?:di|è di|a)",
        r"\ba partire da",
        r"\b(?:acquista|acquisisce|compra|acquisizione|rileva|vende)\b[^.;]{0,80} per",
    ),
}

BEHIND: Mapping[tuple[MoneyKind, str], tuple[str, ...]] = {
    ("valued", "en"): (r"\+?[ -](?:(?:pre|post)[ -]money )?(?:valuation|market (?:cap|value)|valued)",),
    ("fined", "en"): (r"[ -](?:[\w-]+ ){0,2}?(?:fines?|penalt(?:y|ies))\b(?!-)",),
    ("raised", "en"): (
        r"\+?[ -](?:in )?(?:(?:new|fresh|early|additional|equity|private|total|latest|late|growth|venture|angel|debt"
        rf"|its|[\w-]+-stage) )*{_ROUND}(?! (?:to (?!date)|for|gap))",
        r"[ -](?:in )?(?:fresh|new|venture|growth) capital",
    ),
    ("price", "en"): (
        r"\+?\s?(?P<piece>(?:/|per |an? |each |for every |for each )(?:single )?(?:month|mo\b|year|yr|user|seat|hour"
        r"|week|day|share|piece|unit|person|gallon|barrel|ounce|million|1m\b|m\b|gb|kwh|night|ticket|copy|licen[cs]e|token)"
        r"|[ -](?:monthly|annually|yearly))",
        r"[ -](?P<cost>(?:[\w-]+ )?(?:subscription|price tag|plan\b|tier\b|ticket|fee\b|membership))",
        r"[ -](?:acquisition|buyout|takeover|purchase)\b",
    ),
    ("valued", "de"): (rf"[ -](?:bewertet|{_WERT}|wert\b)",),
    ("fined", "de"): (rf"[ -](?:\w+ )?{_STRAFE}",),
    ("raised", "de"): (
        rf"[ -](?:(?:in|bei|durch|aus|als|von) )?(?:\w+ ){{0,3}}?(?:{_RUNDE}|eingesammelt|einsammeln|\w*[Kk]apital\b)",
    ),
    ("price", "de"): (
        r"\s?(?P<piece>/ ?Monat|(?:pro|im|je|am) (?:Monat|Jahr|Tag|Stück|Person|Nutzer|Aktie|Liter|Kilowattstunde"
        r"|Stunde|Million)|monatlich|jährlich)",
        r" (?:gekauft|verkauft|erworben|übernommen)\b",
    ),
    ("valued", "fr"): (r" (?:de|d['’]) ?(?:valorisation|capitalisation)",),
    ("fined", "fr"): (r" (?:de|d['’]) ?amende",),
    ("raised", "fr"): (
        r" (?:levés|de levée|lors d['’]un(?: nouveau)? tour|en (?:série|Series) [A-H]|en (?:amorçage|seed))",
    ),
    ("price", "fr"): (
        r"\s?(?P<piece>(?:/ ?|par |le |la )(?:mois|an\b|année|personne|utilisateur|action|litre|heure|kilo|kWh)"
        r"|mensuels?)",
    ),
    ("valued", "es"): (r" de (?:valoración|valuación|capitalización)",),
    ("fined", "es"): (r" de (?:multa|sanción)",),
    ("raised", "es"): (r" (?:en|de)(?: (?:una|su|la))?(?: \w+)? (?:ronda|financiación|serie [A-H])",),
    ("price", "es"): (
        r"\s?(?P<piece>(?:/ ?|al |por |a la )(?:mes|año|persona|usuario|acción|litro|hora|kilo|semana)"
        r"|mensuales|anuales)",
    ),
    ("valued", "it"): (r" di (?:valutazione|capitalizzazione)",),
    ("fined", "it"): (r" di (?:multa|sanzione|ammenda)",),
    ("raised", "it"): (r" (?:raccolti|in un round|di (?:raccolta|round)|in (?:serie|Series) [A-H])",),
    ("price", "it"): (
        r"\s?(?P<piece>(?:/ ?|al |all['’]|a )(?:mese|anno|persona|utente|azione|litro|ora|settimana)|mensili|annui)",
    ),
}

# Raised are also prices, aims and bids: "raises capex guidance to $70B".
LED_ELSEWHERE = late_pattern(
    r"\b(?:prices?|forecasts?|guidance|targets?|outlook|estimates?|stakes?|spending|capex|wages?|salar\w*|bids?|offers?"
    r"|tax\w*|tariffs?|dividend|revenues?|limits?|rates?|fees?|minimum|concerns?|questions?|awareness|expenditures?"
    r"|valuation|pay|reward|bounty|by|ceiling|threshold)\b",
    re.IGNORECASE,
)
# What is paid by the hour or earned by the share is no price.
PAID = late_pattern(
    r"\b(?:wages?|salar\w*|sueldo|pago|earn\w*|incomes?|revenues?|profits?|loss(?:es)?|losing|dividend\w*|Gewinn\w*"
    r"|Verlust\w*|\w*[Ll]ohn|Gehalt|\w*[Dd]ividende\w*|salaires?|bénéfices?|pertes?|stipendi\w*|generat\w+"
    r"|pay(?:s|ing)? (?:workers|staff))\b",
    re.IGNORECASE,
)
# They also land contracts and close deals: what is behind the amount must say that it is money of investors.
WEAK = late_pattern(
    r"\b(?:secur(?:e|es|ed|ing)|land(?:s|ed)?|clos(?:e|es|ed|ing)|nabs?|bags?|snags?|scores?|gets?|got|wins?"
    rf"|receiv(?:e|es|ed)|picks? up|pulls? in|attracts?)\b{HEDGES}\Z",
    re.IGNORECASE,
)
WEAK_NEED = late_pattern(
    r"[^.;]{0,40}\b(?:investors?|led by|venture|series [a-h]|seed|funding|financing|round|backing)\b", re.IGNORECASE
)
