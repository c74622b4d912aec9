"""The words of days, months, seasons and what is near, language by language, folded."""

from __future__ import annotations

from collections.abc import Mapping


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
