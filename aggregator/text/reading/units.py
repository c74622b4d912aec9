"""Words of units and currencies in all languages that are read, folded: word → (unit, how many of it one is).

Durations are in seconds, a month is 30.44 days and a year 365.25; so "three months" is about "90 days".
"""

from __future__ import annotations

from collections.abc import Mapping

from aggregator.text.reading import currencies
from aggregator.text.tokens import fold

_DAY = 86400.0

# unit: words of it, each with `=scale` where it is not one. `_` stands for a space.
_UNITS = """
percent: % percent per_cent pct prozent prozents prozente pour_cent pourcent por_ciento por_cien per_cento
percent: ‰=.1 promille=.1
points: percentage_point percentage_points prozentpunkt prozentpunkte prozentpunkten point_de_pourcentage
points: point points punkt punkte punkten puntos punti points_de_pourcentage puntos_porcentuales punti_percentuali pp
points: basis_point=.01 basis_points=.01
points: basispunkt=.01 basispunkte=.01 basispunkten=.01 points_de_base=.01 puntos_básicos=.01 bps=.01
EUR: cent_euro=.01 eurocent=.01
KRW: won
cent: cent cents
francs: franc francs
crowns: kronen crowns couronnes kroner kronor krone
s: second seconds sekunde sekunden seconde secondes segundo segundos secondi sec
s: hundertstelsekunde=.01 hundertstelsekunden=.01 tausendstelsekunden=.001 zehntelsekunden=.1 millisekunden=.001
s: milliseconds=.001
s: minute=60 minutes=60 minuten=60 minuto=60 minutos=60 minuti=60 min=60
s: hour=3600 hours=3600 stunde=3600 stunden=3600 heure=3600 heures=3600 hora=3600 horas=3600 ore=3600 hrs=3600
s: day=86400 days=86400 tag=86400 tage=86400 tagen=86400 jour=86400 jours=86400 día=86400 días=86400 giorni=86400
s: tages=86400 journée=86400 journées=86400 tägig=86400 tägige=86400 tägigen=86400 tägiger=86400
s: week=604800 weeks=604800 woche=604800 wochen=604800 semaine=604800 semaines=604800 semana=604800
s: semanas=604800 settimane=604800 settimana=604800 wöchig=604800 wöchige=604800 wöchigen=604800 fortnight=1209600
s: month=2630016 months=2630016 monat=2630016 monate=2630016 monaten=2630016 mois=2630016 mes=2630016
s: meses=2630016 mesi=2630016 monatige=2630016 monatigen=2630016
s: year=31557600 years=31557600 jahr=31557600 jahre=31557600 jahren=31557600 jahres=31557600 an=31557600
s: ans=31557600 année=31557600 années=31557600 año=31557600 años=31557600 anno=31557600 anni=31557600
s: jährig=31557600 jährige=31557600 jährigen=31557600 jähriger=31557600 jähriges=31557600 jährigem=31557600
s: decade=315576000 decades=315576000 jahrzehnt=315576000 jahrzehnte=315576000 jahrzehnten=315576000
s: décennie=315576000 décennies=315576000 century=3155760000 centuries=3155760000 jahrhundert=3155760000
s: jahrhunderte=3155760000 siècle=3155760000 siècles=3155760000
m: m metre metres meter meters metern mètre mètres metro metros metri
m: km=1000 kilometre=1000 kilometres=1000 kilometer=1000 kilometers=1000 kilometern=1000 kilomètre=1000
m: kilomètres=1000 kilómetros=1000 chilometri=1000
m: cm=.01 centimetre=.01 centimetres=.01 centimeter=.01 centimeters=.01 zentimeter=.01 zentimetern=.01
m: centimètre=.01 centimètres=.01 mm=.001 millimetre=.001 millimetres=.001 millimeter=.001 millimètres=.001
m: mile=1609.344 miles=1609.344 meile=1609.344 meilen=1609.344 milles=1609.344 foot=.3048 feet=.3048 ft=.3048
m: inch=.0254 inches=.0254 yards=.9144
m2: m² square_metres square_meters quadratmeter quadratmetern mètres_carrés metros_cuadrados
m2: km²=1e6 square_kilometres=1e6 square_kilometers=1e6 quadratkilometer=1e6 quadratkilometern=1e6
m2: kilomètres_carrés=1e6 square_miles=2589988 hectare=1e4 hectares=1e4 hektar=1e4 ha=1e4 hectáreas=1e4
m2: acre=4046.86 acres=4046.86
m3: m³ cubic_metres cubic_meters kubikmeter kubikmetern mètres_cubes litre=.001 litres=.001 liter=.001 liters=.001
m3: litern=.001 litros=.001 barrel=.159 barrels=.159 fass=.159 barils=.159 gallons=.003785
kg: kg kilogram kilograms kilogramm kilogramme kilogrammes kilo kilos gram=.001 grams=.001 gramm=.001 grammes=.001
kg: tonne=1000 tonnes=1000 ton=1000 tons=1000 tonnen=1000 toneladas=1000 tonnellate=1000 pound=.4536 pounds=.4536
kg: pfund=.5 lb=.4536 lbs=.4536
W: watt watts kw=1000 kilowatt=1000 kilowatts=1000 mw=1e6 megawatt=1e6 megawatts=1e6 mégawatts=1e6 gw=1e9
W: gigawatt=1e9 gigawatts=1e9 tw=1e12
Wh: kwh=1000 kilowattstunden=1000 kilowatt_hours=1000 kilowattheures=1000 mwh=1e6 megawattstunden=1e6 gwh=1e9
Wh: gigawattstunden=1e9 twh=1e12 terawattstunden=1e12
kph: km/h kmh kph kilometres_per_hour kilometers_per_hour stundenkilometer stundenkilometern mph=1.609344
kph: kilometer_pro_stunde kilometern_pro_stunde kilometer_in_der_stunde kilometern_in_der_stunde km_pro_stunde
kph: kilomètres_par_heure km_par_heure kilómetros_por_hora chilometri_all'ora kilometres_an_hour kilometers_an_hour
kph: miles_an_hour=1.609344 meilen_pro_stunde=1.609344 milles_à_l'heure=1.609344 knots=1.852 knoten=1.852 nœuds=1.852
kph: metres_per_second=3.6 meters_per_second=3.6 meter_pro_sekunde=3.6 metern_pro_sekunde=3.6 mètres_par_seconde=3.6
kph: miles_per_hour=1.609344 kilomètres_heure kilomètres_à_l'heure tempo
°C: °_c ° grad
byte: kb=1e3 mb=1e6 gb=1e9 tb=1e12 pb=1e15 kilobytes=1e3 megabytes=1e6 gigabytes=1e9 terabytes=1e12 gigabyte=1e9
byte: terabyte=1e12 go=1e9 to=1e12
tokens: token tokens
people: people person persons persona personas personnes personne menschen personen leute inhabitants residents
people: einwohner einwohnern einwohnerinnen habitants habitantes personnes gens persone
"""


def _read(table: str) -> dict[str, tuple[str, float]]:
    found: dict[str, tuple[str, float]] = {}
    for line in table.strip().splitlines():
        unit, _, words = line.partition(": ")
        for each in words.split():
            word, _, scale = each.partition("=")
            found[fold(word).replace("_", " ")] = (unit, float(scale or 1))
    return found


UNITS: Mapping[str, tuple[str, float]] = _read(_UNITS + currencies.WORDS)

# The longest phrase of `UNITS`, in words.
LONGEST_UNIT = max(len(words.split()) for words in UNITS)

# Words that are a unit in some languages only, and something else elsewhere ("an" is an article in English).
ONLY_IN: Mapping[str, frozenset[str]] = {
    "an": frozenset({"fr"}), "min": frozenset({"en", "de", "fr", "es", "it"}), "go": frozenset({"fr"}),
    "to": frozenset({"fr"}), "mes": frozenset({"es"}), "ore": frozenset({"it"}), "tempo": frozenset({"de"}),
    "won": frozenset({"fr", "de", "es"}), "fass": frozenset({"de"}), "pound": frozenset({"en"}),
    "meter": frozenset({"de", "en"}), "cents": frozenset({"en", "de", "es"}), "second": frozenset({"en"}),
    "personne": frozenset({"fr"}), "seconde": frozenset({"fr"}),
}  # fmt: skip

CURRENCIES = currencies.CODES | {*currencies.SIGNS.values(), "cent", "francs", "crowns"}

# What stands before an amount: "€830 million", "US$ 5".
SIGNS: Mapping[str, str] = {
    **currencies.SIGNS, "eur": "EUR", "usd": "USD", "gbp": "GBP", "chf": "CHF", "jpy": "JPY", "cny": "CNY",
}  # fmt: skip

# Units told as "pounds": money, not weight, where the number is one of millions.
MONEY_BY_SIZE: Mapping[str, str] = {"pound": "GBP", "pounds": "GBP", "pfund": "GBP", "livres": "GBP"}

# Behind a number they say that it is a time of the day.
CLOCK = frozenset({"uhr", "am", "pm", "utc", "gmt", "cet", "cest", "mez", "mesz", "est", "pst"})


def per_unit(text: str) -> float:
    """How many of its unit the word of a figure's unit is: 1000 for "3 km"; 1 where it has none."""
    return next((UNITS[word.lower()][1] for word in text.replace("-", " ").split()[1:] if word.lower() in UNITS), 1.0)
