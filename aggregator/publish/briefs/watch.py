"""What to watch: sentences of sources that name a day to come, or a plan that somebody has stated."""

from __future__ import annotations

import re

# What a text has that may name a day to come. Cheap, so that most texts are not read further.
_MAY = re.compile(
    r"\b(?:20[2-9]\d|tomorrow|next|upcoming|monday|tuesday|wednesday|thursday|friday|saturday|sunday|jan|feb|mar|apr"
    r"|may|jun|jul|aug"
    r"|sep|oct|nov|dec|morgen|kommende|nächste|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|jän|mär"
    r"|mai|okt|dez"
    r"|demain|prochain|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|janv|fév|avr|juin|juil|août|déc"
    r"|mañana|próxim|lunes|martes|miércoles|jueves|viernes|sábado|domingo|ene|abr|ago|dic|spring|summer|autumn|fall"
    r"|winter"
    r"|frühjahr|frühling|sommer|herbst|printemps|été|automne|hiver|primavera|verano|otoño|invierno|q[1-4]|quarter)",
    re.IGNORECASE,
)


def may_name_a_day(text: str) -> bool:
    """May a text name a day to come? Said of many that do not, but of all that do in the languages known here."""
    return bool(_MAY.search(text))
