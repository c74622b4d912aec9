"""Peoples, capitals and cities that have other names in other languages, and words that stand for them.

A territory's own names in each language come from the library of locales; here is what it has not: what its people and
things are called, and its seat of government, which the press names for it ("Berlin" for the German government).
"""

from __future__ import annotations

from collections.abc import Mapping

# Code of the territory: beginnings of the words for its people and things, without accents; then its capital's names.
_PEOPLES = """
AT: austrian osterreich autrich austriac | vienna wien vienne viena
AU: australi | canberra
BE: belg | brussels brussel bruxelles bruselas
BG: bulgari bulgar | sofia
BR: brazil brasil bresil | brasilia
CA: canad kanad | ottawa
CH: swiss schweiz suisse helvet suiz svizzer | bern berne berna
CN: chines china chinois chin | beijing peking pekin pechino
CZ: czech tschech tcheque chec | prague prag praga
DE: german deutsch bundes allemand alleman tedesc | berlin
DK: danish dane dansk danisch danois danes | copenhagen kopenhagen copenhague
EE: estonian estnisch estonien | tallinn
EG: egypt agypt egipc | cairo kairo
ES: spanish spaniard spani espagnol espan spagnol | madrid
FI: finnish finn finland finlandais | helsinki
FR: french franzos francais franc frances | paris
GB: british brit brite britann anglais english scot schott ecoss welsh walis gallois england | london londres
GR: greek griech grec grieg | athens athen athenes
HU: hungarian ungar hongrois hungar | budapest
ID: indones | jakarta
IE: irish irland irisch irland | dublin
IL: israel | jerusalem
IN: indian indisch inder indien | delhi
IR: iran irani | tehran teheran
IT: italian italien italienisch | rome rom roma
JP: japan japon | tokyo tokio
KE: kenya keniani kenian | nairobi
KR: korea corea coree sudkorea | seoul
LT: lithuan litau lituan | vilnius
LU: luxemb | luxembourg luxemburg
LV: latvian lett | riga
MA: moroc marokk maroc | rabat
MT: maltes maltais | valletta
MX: mexic mexik | mexico
NG: nigeri | abuja
NL: dutch niederland neerland hollan holland | hague amsterdam haag haye
NO: norweg norveg nordm norueg | oslo
NZ: neuseel neo-zeland neozeland | wellington
PL: polish poland poln pole polon polac | warsaw warschau varsovie varsovia
PT: portug | lisbon lissabon lisbonne lisboa
RO: roman ruman roumain | bucharest bukarest bucarest
RU: russ rus | moscow moskau moscou kreml kremlin
RW: rwand ruand | kigali
SE: swed schwed sued suec svensk | stockholm
SN: senegal | dakar
SK: slovak slowak slovaq | bratislava
TR: turk turc turq | ankara
TW: taiwan | taipei taipeh
UA: ukrain ucran | kyiv kiew kiev
UG: ugand ouganda | kampala
US: american amerikan americain u.s us usa u.s.a etats-unis us-amerikan estadounid | washington
VN: vietnam | hanoi
AT: tyrolean tirol steirisch
BE: flemish flamisch flamand wallon
DE: bavari bayer bayr bavarois saxon sachsisch hessisch
ES: catalan katalan basque baskisch andalus
IT: sicilian sizilian sicilien sardinian sardisch tuscan
CU: cuban kuban cubain
GE: georgi
IQ: iraqi irak iraki
ML: malian malisch malien
OM: omani
PE: peru peruvian peruan
QA: qatar katar
ZA: sudafrik south-afric sud-africain sudafric | pretoria
EU: european europa europe union eu ue bruss brux euro | brussels brussel bruxelles
"""

# Cities by their names in the languages that are read.
_CITIES = """
basel bale basle basilea · geneva genf geneve ginebra · zurich zurigo · munich munchen · cologne koln colonia
florence florenz firenze florencia · venice venedig venise venecia · milan mailand milano · turin torino
naples neapel napoli · genoa genua genes · rome rom roma · strasbourg strassburg · nice nizza · antwerp antwerpen anvers
ghent gent gand · bruges brugge · liege luttich · the-hague den-haag la-haye · cracow krakow krakau cracovie
gdansk danzig · wroclaw breslau · nuremberg nurnberg · hanover hannover hanovre · brunswick braunschweig
mainz mayence · trier treves · aachen aix-la-chapelle · kassel cassel · dresden dresde · leipzig lipsk
hamburg hambourg hamburgo · frankfurt francfort · lucerne luzern · lausanne · lisbon lissabon lisbonne lisboa
seville sevilla · cordoba cordoue · saragossa zaragoza · marseille marseilles · lyon lyons · gothenburg goteborg
moscow moskau moscou · saint-petersburg sankt-petersburg · beijing peking pekin · cairo kairo le-caire
jerusalem · mecca mekka · london londres · edinburgh edimbourg · dover douvres · athens athen athenes
thessaloniki · nicosia nikosia · singapore singapur singapour · new-york · new-orleans · havana havanna
danube donau · rhine rhein rhin · thames themse tamise · alps alpen alpes · baltic ostsee baltique
mediterranean mittelmeer mediterranee · black-sea · north-sea nordsee · africa afrika afrique · asia asien asie
america amerika amerique · europe europa · antarctica antarktis antarctique · arctic arktis arctique · moon mond lune
earth erde terre · sun sonne soleil · mars · bavaria bayern baviere · saxony sachsen saxe · tuscany toskana toscane
"""

# Names of territories beside those of the library of locales, which has one for each language.
_OTHER_NAMES = """
CZ: czech_republic republique_tcheque republica_checa · US: united_states usa etats-unis estados_unidos
US: america vereinigte_staaten
GB: britain great_britain united_kingdom grossbritannien grande-bretagne royaume-uni reino_unido uk
KR: south_korea sudkorea coree_du_sud · KP: north_korea nordkorea coree_du_nord
TR: turkey turkei turquie turquia · MM: burma birma birmanie · CI: ivory_coast elfenbeinkuste cote_d'ivoire
SZ: swaziland · CV: cape_verde kap_verde · RU: russian_federation · NL: holland hollande
BY: weissrussland bielorussie · MK: macedonia mazedonien macedoine · VA: vatican vatikan · CD: congo kongo
AE: emirates emirate emirats · EU: european_union europaische_union · EU: union_europeenne union_europea
PS: palestine palastina gaza westbank · IR: persia · TL: east_timor
"""


def _others() -> dict[str, str]:
    return {
        name.replace("_", " "): code.strip()
        for each in _OTHER_NAMES.replace("\n", " · ").split("·")
        if each.strip()
        for code, _, names in [each.partition(":")]
        for name in names.split()
    }


def _peoples() -> dict[str, str]:
    found = {}
    for line in _PEOPLES.strip().splitlines():
        code, _, words = line.partition(": ")
        found.update(dict.fromkeys(words.partition(" | ")[0].split(), code))
    return found


def _capitals() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in _PEOPLES.strip().splitlines():
        code, _, words = line.partition(": ")
        for name in words.partition(" | ")[2].split():
            found.setdefault(name, set()).add(code)
    return found


# The beginnings of words, with the territory.
PEOPLES: Mapping[str, str] = _peoples()
CAPITALS: Mapping[str, set[str]] = _capitals()
OTHER_NAMES: Mapping[str, str] = _others()
CITIES: Mapping[str, str] = {
    name: group.split()[0]
    for line in _CITIES.strip().splitlines()
    for group in line.split("·")
    if group.strip()
    for name in group.split()
}
