"""Which territory cities and regions are in, so that "the Swiss company" is one of Basel. Names without accents.

Cities that give a time zone its name come from the library of locales, with their names in each language; these are
the others that the press names most.
"""

from __future__ import annotations

from collections.abc import Mapping

_ROWS = """
AR: cordoba rosario mendoza patagonia patagonien
AT: graz linz salzburg salzbourg innsbruck klagenfurt tyrol tirol styria steiermark
AT: carinthia karnten vorarlberg burgenland
AU: sydney melbourne brisbane adelaide perth hobart darwin queensland tasmania tasmanien
BE: antwerp antwerpen anvers ghent gent gand bruges brugge brugges liege luttich namur leuven louvain flanders flandern
BE: flandre wallonia wallonien wallonie
BR: rio recife salvador brasilia amazonas bahia
CA: toronto montreal vancouver calgary edmonton quebec ontario alberta halifax winnipeg manitoba
CH: zurich basel bale geneva genf geneve lausanne lucerne luzern winterthur lugano ticino tessin valais wallis
CH: graubunden grisons vaud waadt jura sion chur fribourg neuchatel
CN: shanghai shenzhen guangzhou wuhan chengdu tianjin xinjiang tibet sichuan
CZ: brno brunn ostrava plzen pilsen moravia mahren bohemia bohmen
DE: hamburg hambourg munich munchen cologne koln frankfurt francfort stuttgart dusseldorf leipzig dortmund essen bremen
DE: dresden dresde hanover hannover nuremberg nurnberg duisburg bochum wuppertal bielefeld bonn munster mannheim
DE: karlsruhe augsburg wiesbaden kiel rostock lubeck erfurt mainz kassel potsdam heidelberg freiburg saarbrucken jena
DE: regensburg ulm bavaria bayern baviere saxony sachsen saxe hesse hessen thuringia thuringen brandenburg berlin
DE: baden-wurttemberg wurttemberg mecklenburg niedersachsen schleswig holstein rheinland saarland westfalen ruhr
DE: ruhrgebiet westphalia swabia schwaben franken
DK: aarhus odense aalborg jutland jutland zealand seeland
ES: barcelona barcelone valencia valence sevilla seville bilbao malaga zaragoza granada catalonia katalonien catalogne
ES: cataluna galicia galicien andalusia andalusien andalousie andalucia mallorca majorque ibiza tenerife teneriffa
FI: tampere turku oulu espoo lapland lappland
FR: marseille lyon toulouse nice nantes strasbourg strassburg montpellier bordeaux lille rennes reims grenoble dijon
FR: brest calais brittany bretagne normandy normandie alsace elsass provence corsica korsika corse burgundy occitanie
GB: manchester birmingham liverpool leeds glasgow edinburgh edimbourg bristol cardiff belfast sheffield newcastle
GB: nottingham southampton plymouth oxford cambridge dover douvres england scotland wales angleterre ecosse
GB: schottland cornwall kent yorkshire devon sussex essex norfolk hull aberdeen dundee swansea leicester
GR: thessaloniki patras crete kreta rhodes rhodos
IE: cork galway limerick
IN: mumbai bangalore bengaluru chennai kolkata hyderabad pune kerala gujarat punjab
IT: milan mailand milano naples neapel napoli turin torino venice venedig venise venezia florence florenz firenze
IT: bologna genoa genua genes genova palermo bari catania verona trieste triest sicily sizilien sicile sicilia sardinia
IT: sardinien sardaigne sardegna tuscany toskana toscane lombardy lombardei lombardie south-tyrol sudtirol bolzano bozen
JP: osaka kyoto nagoya sapporo fukuoka kobe hiroshima fukushima hokkaido okinawa
KR: busan incheon daegu
MX: guadalajara monterrey tijuana cancun yucatan
NL: rotterdam utrecht eindhoven groningen delft leiden maastricht arnhem nijmegen
NO: bergen trondheim stavanger tromso svalbard spitsbergen spitzberg
PL: krakow krakau cracow cracovie gdansk danzig wroclaw breslau poznan posen lodz szczecin stettin katowice lublin
PT: porto lissabon braga coimbra faro madeira azores azoren acores algarve
RU: petersburg kazan sochi novosibirsk siberia sibirien siberie chechnya tschetschenien kaliningrad
SE: gothenburg goteborg malmo uppsala kiruna umea gotland
TR: istanbul izmir antalya bursa
UA: kharkiv charkiw odesa odessa lviv lwiw dnipro mariupol donetsk donezk crimea krim crimee
US: california kalifornien californie texas florida floride ohio oregon nevada arizona colorado utah georgia
US: virginia alaska hawaii illinois michigan pennsylvania massachusetts connecticut maryland minnesota wisconsin iowa
US: kansas missouri tennessee kentucky louisiana alabama oklahoma montana idaho maine vermont chicago boston seattle
US: houston dallas miami atlanta philadelphia denver detroit phoenix portland pittsburgh manhattan brooklyn francisco
US: hollywood pentagon congress
ZA: johannesburg durban
EU: brussels brussel bruxelles strasbourg strassburg
"""


def _read() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in _ROWS.strip().splitlines():
        code, _, names = line.partition(": ")
        for name in names.split():
            found.setdefault(name, set()).add(code)
    return found


# Folded name → codes of the territories that it is in.
WITHIN: Mapping[str, set[str]] = _read()

# Parts of the world, by the name of their group of cities, with the territories that are in them.
CONTINENTS: Mapping[str, frozenset[str]] = {
    name: frozenset(codes.split())
    for name, codes in {
        "africa": "AO BF BI BJ BW CD CF CG CI CM DJ DZ EG ER ET GA GH GM GN GQ GW KE LR LS LY MA MG ML MR MU MW MZ NA "
        "NE NG RW SD SL SN SO SS SZ TD TG TN TZ UG ZA ZM ZW",
        "asia": "AE AF AM AZ BD BH BN BT CN GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MV MY NP OM PH "
        "PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE",
        "europe": "AD AL AT BA BE BG BY CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL "
        "NO PL PT RO RS RU SE SI SK SM UA VA XK EU",
        "america": "AR BB BO BR BS BZ CA CL CO CR CU DM DO EC GT GY HN HT JM MX NI PA PE PR PY SR SV TT US UY VE",
        "baltics": "EE LV LT",
        "nordics": "DK FI IS NO SE",
        "balkans": "AL BA BG GR HR ME MK RO RS SI XK",
        "benelux": "BE NL LU",
        "iberia": "ES PT",
        "alpine": "AT CH LI",
    }.items()
}
