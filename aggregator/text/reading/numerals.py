"""The words of numbers: `NUMERALS` has those of each language that is read, folded (see `aggregator.text.tokens.fold`).

Words that are more often an article than a number ("un", "ein") are `articles`: they count as one before a magnitude or
a part only. A billion is 10^9 in English and 10^12 elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

# How a figure is hedged: "about", "nearly" (from below), "more than", "at most", "at least".
Hedge = Literal["about", "below", "under", "above", "most", "least"]


class Numerals(NamedTuple):
    """The words of one language.

    `cardinals` are below a thousand; `dozens` count as nouns ("three dozen"); `vague` give a span ("dozens of");
    `factors` say how many times; `hedges` are phrases; `of` stands in "six out of ten", `every` in "every third".
    """

    cardinals: Mapping[str, float]
    magnitudes: Mapping[str, float]
    dozens: Mapping[str, float]
    ordinals: Mapping[str, float]
    parts: Mapping[str, float]
    vague: Mapping[str, tuple[float, float]]
    factors: Mapping[str, float]
    times: frozenset[str]
    articles: frozenset[str]
    joiners: frozenset[str]
    every: frozenset[str]
    of: tuple[str, ...]
    to: frozenset[str]
    hedges: Mapping[str, Hedge]


def word_set(words: str) -> frozenset[str]:
    """The words of a list that is written as a text."""
    return frozenset(words.split())


def _numbered(first: int, words: str) -> dict[str, float]:
    """Words in the order of their numbers; "two/second" are two words of one."""
    return {form: float(first + k) for k, each in enumerate(words.split()) for form in each.split("/")}


def _valued(words: str) -> dict[str, float]:
    """`word/other=value` pairs; a value may be a fraction."""
    found: dict[str, float] = {}
    for each in words.split():
        forms, _, value = each.partition("=")
        above, _, below = value.partition(":")
        found |= dict.fromkeys(forms.split("/"), float(above) / float(below or 1))
    return found


def _tens(words: str) -> dict[str, float]:
    return {form: 10.0 * (k + 2) for k, each in enumerate(words.split()) for form in each.split("/")}


def _hedges(**phrases: str) -> dict[str, Hedge]:
    found: dict[str, Hedge] = {}
    kinds: Iterable[Hedge] = ("about", "below", "under", "above", "most", "least")
    for kind in kinds:
        found |= dict.fromkeys((each.strip() for each in phrases[kind].split(",")), kind)
    return found


def _spans(words: str) -> dict[str, tuple[float, float]]:
    """`word/other=low:high` pairs."""
    found: dict[str, tuple[float, float]] = {}
    for each in words.split():
        forms, _, span = each.partition("=")
        low, _, high = span.partition(":")
        found |= dict.fromkeys(forms.split("/"), (float(low), float(high)))
    return found


_GERMAN_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"
_GERMAN_ORDINALS = (
    "erst zweit dritt viert fünft sechst siebt acht neunt zehnt elft zwölft dreizehnt vierzehnt fünfzehnt sechzehnt "
    "siebzehnt achtzehnt neunzehnt zwanzigst"
)


def _german() -> dict[str, float]:
    """From two to 999, written as one word: "zweihundertfünfzig"."""
    small = (
        "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
        "achtzehn neunzehn"
    )
    found = _numbered(2, small) | {"null": 0.0, "eins": 1.0}
    ones = {"ein": 1.0} | {word: value for word, value in found.items() if 2 <= value <= 9}
    for k, ten in enumerate(_GERMAN_TENS.split(), start=2):
        found |= {f"{one}und{ten}": 10.0 * k + value for one, value in ones.items()} | {ten: 10.0 * k}
    below = dict(found) | {"eins": 1.0}
    for one, value in ({"": 1.0} | ones).items():
        found[f"{one}hundert"] = 100 * value
        found |= {f"{one}hundert{rest}": 100 * value + more for rest, more in below.items() if more}
    # Folded, so that ß is ss.
    return {word.replace("ß", "ss"): value for word, value in found.items()}


def _thousands(cardinals: Mapping[str, float], thousand: str) -> dict[str, float]:
    """ "zwanzigtausend": as magnitudes go, one word."""
    return {f"{word}{thousand}": 1000 * value for word, value in cardinals.items() if 2 <= value < 1000}


# Before an early number of four digits they say that it is a year.
BEFORE_YEARS = word_set(
    "in im von vom seit bis since from until to by before after en depuis de des avant après année jahr jahren jahre "
    "year years um ab and und et à desde hasta año dal nel since"
)
# Parts of a whole that are something else without an article or a number before them: quarters of a year, the third.
NEED_ONE = word_set(
    "third thirds fourth fourths fifth fifths sixth seventh eighth tenth quarter quarters viertel achtel quart tiers "
    "cinquième sixième septième huitième dixième cuarto quinto tercio terzo quarto hundredth thousandth"
)
# Behind a number they are not what is counted.
NO_NOUNS = word_set(
    "a an and are as at be been by for from had has have in is it its later more of off on or so still than that the "
    "their them this to up was we were which while who will with would new other au aux avec ce ces dans de des du en "
    "est et la le les leur leurs mais nouveaux nouvelles ont ou où par pour qui que sa sans se ses son sont sur un une "
    "autres al como con cuando del desde el es esta ha han hasta las lo los más para pero por se ser sin su sus una y "
    "che da dei della delle di ed gli il nel nella per più sono"
    " fewer less lower higher"
)

_DE = _german()

NUMERALS: Mapping[str, Numerals] = {
    "en": Numerals(
        cardinals=_numbered(
            0,
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen",
        )
        | _tens("twenty thirty forty/fourty fifty sixty seventy eighty ninety")
        | {"hundred": 100.0},
        magnitudes=_valued(
            "thousand/k=1e3 million/millions/mln/mn/mio/m=1e6 "
            "billion/billions/bn/bln/b=1e9 trillion/trillions/tn/trn=1e12"
        ),
        dozens=_valued("dozen=12 hundred=100"),
        ordinals=_numbered(
            1,
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
            "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth",
        ),
        parts=_valued(
            "half/halves=1:2 third/thirds=1:3 quarter/quarters=1:4 fourth/fourths=1:4 fifth/fifths=1:5 "
            "sixth/sixths=1:6 seventh/sevenths=1:7 eighth/eighths=1:8 tenth/tenths=1:10 "
            "hundredth/hundredths=1:100 thousandth/thousandths=1:1000"
        ),
        vague=_spans(
            "dozens=24:200 scores=40:200 hundreds=200:2000 thousands=2000:30000 several=3:20 few=2:10 couple=2:4"
        ),
        factors=_valued(
            "doubled/double/doubles/doubling/twice/twofold=2 "
            "tripled/triple/triples/tripling/thrice/trebled/threefold=3 "
            "quadrupled/quadruple/fourfold=4 fivefold=5 tenfold=10 halved/halves/halving=1:2"
        ),
        times=frozenset({"times", "fold"}),
        articles=frozenset({"a", "an", "one"}),
        joiners=frozenset({"and"}),
        every=frozenset({"every", "each"}),
        of=("in every", "out of every", "out of", "in", "of"),
        to=frozenset({"to", "and", "or"}),
        hedges=_hedges(
            about="about, around, roughly, approximately, some, circa, ca, an estimated, estimated, or so, nearer, "
            "approx, close to, in the region of, the equivalent of",
            below="almost, nearly, just under, just below, not quite, close on",
            under="under, below, less than, fewer than",
            above="more than, over, above, just over, just above, a little more than, a little over, a good, "
            "upwards of, well over, in excess of, slightly more than, slightly over, exceeding, topping",
            most="up to, at most, as many as, as much as, no more than, a maximum of, not more than",
            least="at least, no fewer than, no less than, a minimum of, not less than",
        ),
    ),
    "de": Numerals(
        cardinals=_DE,
        magnitudes=_valued(
            "tausend/tsd/eintausend=1e3 million/millionen/mio/mill=1e6 milliarde/milliarden/mrd/md=1e9 "
            "billion/billionen/bio=1e12 billiarde/billiarden=1e15"
        )
        | _thousands(_DE, "tausend"),
        dozens=_valued("dutzend=12 hundert=100"),
        ordinals={
            f"{stem}{ending}": float(k + 1)
            for k, stem in enumerate(_GERMAN_ORDINALS.split())
            for ending in ("e", "en", "er", "es", "em")
        },
        parts=_valued(
            "hälfte/halb/halbe/halben/halber/halbes=1:2 drittel/dritteln=1:3 viertel/vierteln=1:4 fünftel/fünfteln=1:5 "
            "sechstel/sechsteln=1:6 siebtel=1:7 achtel/achteln=1:8 zehntel/zehnteln=1:10 hundertstel=1:100 "
            "tausendstel=1:1000 dreiviertel=3:4 anderthalb/eineinhalb=3:2 zweieinhalb=5:2 dreieinhalb=7:2 "
            "viereinhalb=9:2 fünfeinhalb=11:2"
        ),
        vague=_spans(
            "dutzende/dutzenden=24:200 hunderte/hunderten/hunderter=200:2000 "
            "tausende/tausenden/tausender=2000:30000 mehrere=3:20 einige=2:20 paar=2:10"
        ),
        factors=_valued(
            "verdoppelt/verdoppelte/verdoppeln/verdoppelten/doppelt/doppelte/doppelten/zweimal/zweifache=2 "
            "verdreifacht/verdreifachte/verdreifachen/dreifach/dreifache/dreimal=3 "
            "vervierfacht/vervierfachte/vierfache/viermal=4 fünffache/fünfmal=5 zehnfache/zehnmal=10 "
            "halbiert/halbierte/halbieren/halbierten=1:2"
        ),
        times=frozenset({"mal", "fache", "fach"}),
        articles=frozenset({"ein", "eine", "einen", "einem", "einer", "eines"}),
        joiners=frozenset({"und"}),
        every=frozenset({"jede", "jeder", "jedes", "jeden", "jedem"}),
        of=("von", "aus"),
        to=frozenset({"bis", "und", "oder", "zu"}),
        hedges=_hedges(
            about="etwa, rund, ungefähr, circa, ca, zirka, um die, schätzungsweise, geschätzt, geschätzte, "
            "geschätzten, gegen, umgerechnet, umgerechnet etwa, umgerechnet rund",
            below="fast, knapp, beinahe, nahezu, nicht ganz, annähernd, kaum",
            under="unter, weniger als, unterhalb von, keine",
            above="mehr als, über, gut, mehr denn, etwas mehr als, etwas über, deutlich mehr als, oberhalb von, "
            "knapp über, weit über, ein wenig mehr als",
            most="bis zu, höchstens, maximal, nicht mehr als",
            least="mindestens, wenigstens, zumindest, nicht weniger als",
        ),
    ),
    "fr": Numerals(
        cardinals=_numbered(
            0,
            "zéro un/une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
        )
        | _tens("vingt/vingts trente quarante cinquante soixante septante huitante/octante nonante")
        | {"cent": 100.0, "cents": 100.0},
        magnitudes=_valued(
            "mille/milliers=1e3 million/millions/mio=1e6 milliard/milliards/mrd/mds/md=1e9 billion/billions=1e12"
        ),
        dozens=_valued(
            "douzaine/douzaines=12 dizaine=10 quinzaine=15 vingtaine=20 trentaine=30 quarantaine=40 cinquantaine=50 "
            "soixantaine=60 centaine=100 millier=1000"
        ),
        ordinals=_numbered(
            1,
            "premier/première/premiers/premières deuxième/seconde/second troisième quatrième cinquième sixième "
            "septième huitième neuvième dixième onzième douzième treizième quatorzième quinzième seizième "
            "dix-septième dix-huitième dix-neuvième vingtième",
        ),
        parts=_valued(
            "demi/demie/moitié=1:2 tiers=1:3 quart/quarts=1:4 cinquième/cinquièmes=1:5 sixième/sixièmes=1:6 "
            "septième/septièmes=1:7 huitième/huitièmes=1:8 dixième/dixièmes=1:10 centième/centièmes=1:100 "
            "millième/millièmes=1:1000"
        ),
        vague=_spans("dizaines=20:200 centaines=200:2000 milliers=2000:30000 plusieurs=3:20 quelques=2:20"),
        factors=_valued(
            "doublé/doublée/doublés/double/doubler/doublait=2 triplé/triplée/triple/tripler=3 quadruplé/quadruple=4 "
            "décuplé=10"
        ),
        times=frozenset({"fois"}),
        articles=frozenset({"un", "une"}),
        joiners=frozenset({"et"}),
        every=frozenset({"chaque"}),
        of=("sur",),
        to=frozenset({"à", "et", "ou"}),
        hedges=_hedges(
            about="environ, à peu près, autour de, quelque, quelques, aux alentours de, une estimation de, "
            "l'équivalent de, l équivalent de, approximativement",
            below="près de, près d, presque, un peu moins de, un peu moins d, pas tout à fait, à peine",
            under="moins de, moins d, en dessous de, au-dessous de",
            above="plus de, plus d, un peu plus de, un peu plus d, au-delà de, au delà de, bien plus de, dépassant",
            most="jusqu à, au plus, au maximum, pas plus de, pas plus d",
            least="au moins, au minimum, pas moins de, pas moins d",
        ),
    ),
    "es": Numerals(
        cardinals=_numbered(
            0,
            "cero un/uno/una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
            "dieciséis diecisiete dieciocho diecinueve veinte veintiuno/veintiún/veintiuna veintidós veintitrés "
            "veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve treinta",
        )
        | _valued(
            "cuarenta=40 cincuenta=50 sesenta=60 setenta=70 ochenta=80 noventa=90 cien/ciento=100 "
            "doscientos/doscientas=200 trescientos/trescientas=300 cuatrocientos/cuatrocientas=400 "
            "quinientos/quinientas=500 seiscientos/seiscientas=600 setecientos/setecientas=700 "
            "ochocientos/ochocientas=800 novecientos/novecientas=900"
        ),
        magnitudes=_valued("mil=1e3 millón/millones/mill=1e6 millardo/millardos=1e9 billón/billones=1e12"),
        dozens=_valued("docena/docenas=12 decena=10 centenar=100 millar=1000"),
        ordinals=_numbered(
            1,
            "primer/primero/primera segundo/segunda tercer/tercero/tercera cuarto/cuarta quinto/quinta sexto/sexta "
            "séptimo/séptima octavo/octava noveno/novena décimo/décima",
        ),
        parts=_valued("mitad/medio/media=1:2 tercio/tercios=1:3 cuarto/cuartos=1:4 quinto/quintos=1:5"),
        vague=_spans("decenas=20:200 centenares=200:2000 cientos=200:2000 miles=2000:30000 varios/varias=3:20"),
        factors=_valued("duplicado/duplicó/duplica/doble=2 triplicado/triplicó/triple=3"),
        times=frozenset({"veces"}),
        articles=frozenset({"un", "una"}),
        joiners=frozenset({"y"}),
        every=frozenset({"cada"}),
        of=("de cada",),
        to=frozenset({"a", "y", "o"}),
        hedges=_hedges(
            about="unos, unas, alrededor de, cerca de, aproximadamente, en torno a, cerca del",
            below="casi",
            under="menos de, menos del, por debajo de",
            above="más de, más del, por encima de, algo más de",
            most="hasta, como máximo, como mucho",
            least="al menos, por lo menos, como mínimo",
        ),
    ),
    "it": Numerals(
        cardinals=_numbered(
            0,
            "zero uno/una/un due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici "
            "quindici sedici diciassette diciotto diciannove venti",
        )
        | _valued(
            "trenta=30 quaranta=40 cinquanta=50 sessanta=60 settanta=70 ottanta=80 novanta=90 cento=100 "
            "duecento=200 trecento=300 quattrocento=400 cinquecento=500"
        ),
        magnitudes=_valued("mille/mila=1e3 milione/milioni/mln=1e6 miliardo/miliardi/mld=1e9"),
        dozens=_valued("dozzina=12 decina=10 ventina=20 trentina=30 centinaio=100 migliaio=1000"),
        ordinals=_numbered(
            1, "primo/prima secondo/seconda terzo/terza quarto/quarta quinto/quinta sesto/sesta settimo/settima"
        ),
        parts=_valued("metà/mezzo/mezza=1:2 terzo/terzi=1:3 quarto/quarti=1:4 quinto/quinti=1:5"),
        vague=_spans("decine=20:200 centinaia=200:2000 migliaia=2000:30000"),
        factors=_valued("raddoppiato/raddoppiati/doppio=2 triplicato/triplo=3 dimezzato=1:2"),
        times=frozenset({"volte"}),
        articles=frozenset({"un", "una", "uno"}),
        joiners=frozenset({"e"}),
        every=frozenset({"ogni"}),
        of=("su",),
        to=frozenset({"a", "e", "o"}),
        hedges=_hedges(
            about="circa, intorno a, all'incirca",
            below="quasi",
            under="meno di",
            above="più di, oltre",
            most="fino a, al massimo",
            least="almeno",
        ),
    ),
}
