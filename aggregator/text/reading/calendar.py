"""The words of days, months, seasons and what is near, language by language, folded."""

from __future__ import annotations

from collections.abc import Mapping

from aggregator.text.reading.numerals import word_set


def _named(rows: str) -> dict[str, int]:
    """Word → its place, from 1 on; the forms of one are joined by a slash."""
    return {form: k for k, each in enumerate(rows.split(), start=1) for form in each.split("/")}


MONTHS: Mapping[str, Mapping[str, int]] = {
    "en": _named("january/jan february/feb march/mar april/apr may june/jun july/jul august/aug "
                 "september/sept/sep october/oct november/nov december/dec"),
    "de": _named("januar/jänner/jan februar/feber/feb märz april/apr mai juni/jun juli/jul august/aug "
                 "september/sept/sep oktober/okt november/nov dezember/dez"),
    "fr": _named("janvier/janv février/févr/fév mars avril/avr mai juin juillet/juil août/aout septembre/sept "
                 "octobre/oct novembre/nov décembre/déc"),
    "es": _named("enero/ene febrero/feb marzo abril/abr mayo junio/jun julio/jul agosto/ago septiembre/setiembre/sept "
                 "octubre/oct noviembre/nov diciembre/dic"),
    "it": _named("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
}  # fmt: skip

# From Monday (1) on.
WEEKDAYS: Mapping[str, Mapping[str, int]] = {
    "en": _named("monday/mondays/mon tuesday/tuesdays/tue/tues wednesday/wednesdays/wed thursday/thursdays/thu/thurs "
                 "friday/fridays/fri saturday/saturdays/sat sunday/sundays/sun"),
    "de": _named("montag dienstag mittwoch donnerstag freitag samstag/sonnabend sonntag"),
    "fr": _named("lundi mardi mercredi jeudi vendredi samedi dimanche"),
    "es": _named("lunes martes miércoles jueves viernes sábado domingo"),
    "it": _named("lunedì martedì mercoledì giovedì venerdì sabato domenica"),
}  # fmt: skip

# Words that are mostly something else where they have no capital, or no day or year beside them.
NEEDS_CAPITAL: Mapping[str, frozenset[str]] = {
    "en": frozenset({"march", "may", "august", "mar", "sun", "sat", "wed", "mon", "jan", "sep", "dec", "jun", "jul"}),
    "de": frozenset({"mai", "august"}),
}
# Short or double-faced forms: they are months and days only with a number beside them.
NEEDS_NUMBER: Mapping[str, frozenset[str]] = {
    "en": frozenset({"jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mon", "tue",
                     "tues", "wed", "thu", "thurs", "fri", "sat", "sun", "may", "march", "august"}),
    "de": frozenset({"jan", "feb", "apr", "jun", "jul", "aug", "sep", "sept", "okt", "nov", "dez"}),
    "fr": frozenset({"oct", "nov", "sept", "fév"}),
    "es": frozenset({"ene", "feb", "abr", "jun", "jul", "ago", "sept", "oct", "nov", "dic"}),
}  # fmt: skip

SEASONS: Mapping[str, Mapping[str, int]] = {
    "en": _named("spring/springtime summer/summertime autumn/fall winter/wintertime"),
    "de": _named("frühjahr/frühling/frühlings/frühjahrs sommer/sommers herbst/herbstes winter/winters"),
    "fr": _named("printemps été automne hiver"),
    "es": _named("primavera verano otoño invierno"),
    "it": _named("primavera estate autunno inverno"),
}
# Seasons that are other words too: only with "this", "next", "in the" or a year beside them.
DOUBLE_SEASONS = frozenset({"fall", "été", "spring"})


def _endings(stems: str, offset: int, endings: str) -> dict[str, int]:
    return {stem + ending: offset for stem in stems.split() for ending in endings.split()}


# From now on: minus one is the last, nought this one, one the next.
RELATIVE: Mapping[str, Mapping[str, int]] = {
    "en": {"last": -1, "past": -1, "previous": -1, "this": 0, "current": 0, "next": 1, "coming": 1, "upcoming": 1},
    "de": _endings("letzt vergangen vorig", -1, "e en er es em")
    | _endings("dies laufend", 0, "e en er es em")
    | _endings("nächst kommend", 1, "e en er es em"),
    "fr": {"dernier": -1, "dernière": -1, "passé": -1, "passée": -1, "ce": 0, "cet": 0, "cette": 0, "prochain": 1,
           "prochaine": 1},
    "es": {"pasado": -1, "pasada": -1, "último": -1, "última": -1, "este": 0, "esta": 0, "próximo": 1, "próxima": 1},
    "it": {"scorso": -1, "scorsa": -1, "questo": 0, "questa": 0, "prossimo": 1, "prossima": 1},
}  # fmt: skip

# What "this", "last" and "next" go with: words of days, weeks, weekends, months, quarters, years.
PERIODS: Mapping[str, str] = {
    "week": "week", "woche": "week", "semaine": "week", "semana": "week", "settimana": "week",
    "weekend": "weekend", "wochenende": "weekend", "week-end": "weekend",
    "month": "month", "monat": "month", "monats": "month", "mois": "month", "mes": "month", "mese": "month",
    "year": "year", "jahr": "year", "jahres": "year", "jahre": "year", "an": "year", "année": "year", "año": "year",
    "anno": "year", "quarter": "quarter", "quartal": "quarter", "quartals": "quarter", "trimestre": "quarter",
}  # fmt: skip

# Words for a period by themselves: which one, from now on, and which part of it.
SINGLE: Mapping[str, Mapping[str, tuple[str, int, str]]] = {
    "en": {},
    "de": {
        "vorjahr": ("year", -1, ""), "vorjahres": ("year", -1, ""), "vormonat": ("month", -1, ""),
        "vorwoche": ("week", -1, ""), "jahresende": ("year", 0, "end"), "jahresanfang": ("year", 0, "start"),
        "jahresbeginn": ("year", 0, "start"), "jahresmitte": ("year", 0, "mid"), "monatsende": ("month", 0, "end"),
        "monatsanfang": ("month", 0, "start"), "heuer": ("year", 0, ""),
    },
    "fr": {}, "es": {}, "it": {},
}  # fmt: skip

# Days from today.
NEAR: Mapping[str, Mapping[str, int]] = {
    "en": {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1, "day after tomorrow": 2,
           "day before yesterday": -2, "this morning": 0, "this afternoon": 0, "this evening": 0, "last night": -1},
    "de": {"heute": 0, "gestern": -1, "morgen": 1, "übermorgen": 2, "vorgestern": -2},
    "fr": {"aujourd'hui": 0, "hier": -1, "demain": 1, "après - demain": 2, "avant - hier": -2, "ce matin": 0,
           "ce soir": 0, "cet après - midi": 0},
    "es": {"hoy": 0, "ayer": -1, "pasado mañana": 2, "anteayer": -2},
    "it": {"oggi": 0, "ieri": -1, "domani": 1, "dopodomani": 2},
}  # fmt: skip

# Parts of a month, a season or a year.
PARTS: Mapping[str, Mapping[str, str]] = {
    "en": {"early": "start", "beginning": "start", "start": "start", "mid": "mid", "middle": "mid", "late": "end",
           "end": "end"},
    "de": {"anfang": "start", "beginn": "start", "mitte": "mid", "ende": "end"},
    "fr": {"début": "start", "mi": "mid", "milieu": "mid", "fin": "end"},
    "es": {"principios": "start", "inicios": "start", "comienzos": "start", "mediados": "mid", "finales": "end",
           "fines": "end", "fin": "end"},
    "it": {"inizio": "start", "metà": "mid", "fine": "end"},
}  # fmt: skip

# They may stand between the words of a day: "the end of the month of March 2027".
LINKS: Mapping[str, frozenset[str]] = {
    "en": frozenset({"of", "the", "in", "-"}),
    "de": frozenset({"des", "der", "den", "im", "dem", "vom", "-"}),
    "fr": frozenset({"de", "du", "d", "l", "la", "le", "des", "-"}),
    "es": frozenset({"de", "del", "el", "la", "los", "las"}),
    "it": frozenset({"di", "del", "della", "dell", "il", "la"}),
}

# Before a month or a year they say that it is one.
PREPOSITIONS: Mapping[str, frozenset[str]] = {
    "en": frozenset({"in", "by", "since", "from", "until", "till", "before", "after", "during", "of", "through", "year",
                     "around", "between", "and", "to", "every", "throughout", "for"}),
    "de": frozenset({"im", "in", "ab", "bis", "seit", "vor", "nach", "von", "zum", "vom", "gegen", "jahr", "jahre",
                     "jahres", "um", "zwischen", "am", "beim", "zu", "den", "und", "jahren"}),
    "fr": frozenset({"en", "de", "dès", "depuis", "avant", "après", "courant", "à", "fin", "début", "mi", "au", "vers",
                     "jusqu", "d", "mois", "année", "entre", "et", "du"}),
    "es": frozenset({"en", "de", "desde", "hasta", "antes", "para", "a", "del", "y", "año", "entre"}),
    "it": frozenset({"a", "in", "nel", "dal", "di", "entro", "da", "del", "fino", "e"}),
}  # fmt: skip

# Until when, and from when on.
UNTIL: Mapping[str, frozenset[str]] = {
    "en": frozenset({"by", "until", "till", "before", "through"}),
    "de": frozenset({"bis"}),
    "fr": frozenset({"jusqu", "avant", "ici"}),
    "es": frozenset({"hasta", "antes"}),
    "it": frozenset({"entro", "fino"}),
}
FROM: Mapping[str, frozenset[str]] = {
    "en": frozenset({"from", "since", "after", "starting"}),
    "de": frozenset({"ab", "seit", "nach"}),
    "fr": frozenset({"dès", "depuis", "après", "partir", "compter"}),
    "es": frozenset({"desde", "tras", "partir"}),
    "it": frozenset({"dal", "da", "dopo", "partire"}),
}

# "Two weeks ago", "vor zwei Wochen", "il y a deux ans"; and "in two weeks", "dans deux semaines".
AGO: Mapping[str, tuple[str, str]] = {"en": ("", "ago"), "de": ("vor", ""), "fr": ("il y a", ""), "es": ("hace", "")}
IN: Mapping[str, str] = {"en": "in", "de": "in", "fr": "dans", "es": "dentro de", "it": "tra"}
MANY: Mapping[str, str] = {
    "days": "day", "weeks": "week", "months": "month", "years": "year", "tagen": "day", "wochen": "week",
    "monaten": "month", "jahren": "year", "jours": "day", "semaines": "week", "mois": "month", "ans": "year",
    "années": "year", "días": "day", "semanas": "week", "meses": "month", "años": "year", "giorni": "day",
    "settimane": "week", "mesi": "month", "anni": "year",
}  # fmt: skip

QUARTERS = frozenset({"quarter", "quartal", "quartals", "trimestre", "vierteljahr"})
HALVES = frozenset({"half", "halbjahr", "halbjahres", "jahreshälfte", "semestre", "hälfte"})
# Times of the day that German writes in one word with the weekday: "Freitagmorgen".
DAY_TIMES = ("morgen", "vormittag", "mittag", "nachmittag", "abend", "nacht", "früh")

# Short, and no abbreviation.
FULL_NAMES = word_set(
    "march april may june july märz mai juni juli mars avril juin août aout enero marzo abril mayo junio julio luglio"
)
# Before a weekend: none that is meant.
ANY = word_set("a any every each jedes jedem jedes un chaque")
# Months that are written with a full stop: "3. Dez. 2026".
SHORT = frozenset(name for names in MONTHS.values() for name in names if len(name) <= 5) - FULL_NAMES

# "The first nine months", "the last quarter of 2027", "am letzten Freitag im März".
FIRST = frozenset({"first", "ersten", "premiers", "primeros", "primi"})
LAST = word_set("last letzten letzter letzte dernier último")

# "A year earlier": the year before.
YEAR_BEFORE: Mapping[str, tuple[str, ...]] = {
    "en": (
        "a year earlier",
        "a year before",
        "a year ago",
        "one year earlier",
        "the year before",
        "one year ago",
        "previous year",
    ),
    "de": (
        "ein jahr zuvor",
        "ein jahr früher",
        "jahr davor",
        "einem jahr",
        "vorjahresmonat",
        "vorjahreszeitraum",
        "vorjahresquartal",
    ),
    "fr": ("un an plus tôt", "un an auparavant", "année précédente", "un an avant"),
    "es": ("un año antes", "año anterior"),
    "it": ("un anno prima", "anno precedente"),
}

# The first words of both.
NEAR_FIRST: Mapping[str, frozenset[str]] = {
    language: frozenset(phrase.split()[0] for phrase in (*NEAR[language], *YEAR_BEFORE[language])) for language in NEAR
}
