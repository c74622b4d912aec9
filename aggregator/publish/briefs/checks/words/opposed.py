"""Words of opposed meaning in English, German and French: the table of `aggregator.publish.briefs.checks.support`.

A row: what the two sides are about, the language, one side, `/`, the other. A word is a beginning; a `.` ends one that
is the whole word; a `_` joins a phrase: two words side by side, in German a verb and what stands behind it in its
clause. Accents are left out.

Not here is what an honest sentence turns round: "begins" and "lasts five days", "two died" and "three survived",
"joins" and "leaves", north of and south of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from aggregator.publish.briefs.checks.words.beginnings import phrases

_ROWS = """
approve en: approv adopt. adopts adopted adopting accept endors ratif agreed_to agrees_to / reject refus veto
approve en: / turn_down turns_down turned_down vote_down votes_down voted_down throws_out threw_out declined_to
approve en: / declines_to ban. bans banned prohibit
approve de: genehmig billig gebillig zustimm zugestimmt stimmt_zu stimmte_zu stimmten_zu stimmen_zu bewillig
approve de: angenommen nimmt_an nahm_an nahmen_an akzept befurwort verabschied / abgelehnt ablehn lehnt_ab lehnte_ab
approve de: / lehnten_ab lehnen_ab verwarf verworf zuruckgewies weist_zuruck wies_zuruck weisen_zuruck verweiger
approve de: / verbiet verbot untersag
approve fr: approuv accept adopte. adoptent adoptee ratifi valide. validee enterin / rejet refus veto interdi
vote en: favour favor for_it voted_for votes_for vote_for / against
vote de: dafur zugunsten stimmt_fur stimmten_fur stimmte_fur / gegen. dagegen
vote fr: faveur vote_pour votent_pour / contre.
win en: win. wins. won. winning victor triumph / lose. loses lost. losing defeated
win de: gewinn gewann gewonn siegt sieg. / verlier verlor unterlag unterlieg unterleg niederlage
win fr: gagn remport victoire vainqu / perd. perdu perdent perdait defaite
save en: save. saves saved saving. spare. spares spared / lose. loses lost. losing wast
save de: spar. sparen spart sparte gespart einspar eingespart erspar / verlier verlor verlust verschwend einbuss
save fr: economis epargn gagn / perd. perdre perdu perte perdent perdra gaspill
rise en: rise. rises rose. risen rising increas grow. grows grew. grown growing climb surg soar / fall. falls fell.
rise en: / fallen falling declin decreas drop. drops dropped shrink shrank shrunk plung plummet sank. slump
rise de: stieg steig gestieg anstieg erhoh wachs wuchs gewachs zunahm zugenomm zunehm / sank. sanken sink gesunk
rise de: / fiel. fielen gefallen ruckgang zuruckgegang schrumpf geschrumpf abgenomm abnahm verringer
rise fr: augment hausse. progress. progresse croitre croissan grimp bondi / baiss recul chut diminu
raise en: raise. raises raised raising hike. hikes hiked / cut. cuts cutting reduc lower. lowers lowered lowering
raise en: / slash
raise de: erhoh anheb angehob hebt_an hob_an heben_an / senk gesenkt kurz. kurzt kurzte gekurzt kurzen reduzier
raise fr: relev augment / baiss redui reduc abaiss
open en: open. opens opened opening reopen / close. closes closed closing closure shut. shuts shutting
open de: offn eroffn geoffnet wiedereroffn / schloss. schliesst schliessen geschloss schliessung
open fr: ouvr ouvert rouvr / ferme. ferment fermer fermee fermeture
praise en: prais applaud welcom laud. lauded lauds hail. hailed hails / warn criticis criticiz condemn denounc slam.
praise en: / slammed
praise de: lob. lobt lobte lobten loben gelobt begrusst wurdigt / warn kritisier bemangel verurteil rugt rugte
praise fr: salue. saluent saluee loue. louent felicit applaud / averti mis_en mettent_en met_en alert critiqu denonc
praise fr: / condamn
guilty en: guilt convict / innocen acquit exonerat
guilty de: schuldig verurteil / unschuldig freigesproch freispruch
guilty fr: coupable condamn / innocent acquitt relaxe
allow en: allow permit. permits permitted authoris authoriz legalis legaliz lawful / ban. bans banned banning
allow en: / prohibit forbid forbad outlaw barred illegal unlawful
allow de: erlaub gestatt zulass zugelass / verbiet verbot untersag illegal
allow fr: autoris permet permis permett / interdi proscri prohib illegal
more en: more. / fewer less.
more de: mehr. / weniger.
more fr: plus. / moins.
keep en: keep. keeps kept. keeping retain / scrap abolish abandon cancel ditch
keep de: behalt behielt beibehalt halt_fest hielt_fest halten_fest festhalt / streich gestrich abschaff abgeschafft
keep de: / gibt_auf gab_auf aufgegeb abgesagt
keep fr: conserv maintien maintenu garde. gardent / supprim abandonn annul
improve en: improv better. / worsen worse. deteriorat
improve de: verbesser besser. / verschlechter schlechter. verschlimmer
improve fr: amelior mieux. / aggrav degrad empir
strong en: strengthen / weaken
strong de: starkt starkte starken / schwacht schwachte schwachen geschwacht
strong fr: renforc / affaibli
success en: succeed succes / fail. fails failed failing failure
success de: gelang. gelingt gelungen erfolgreich / scheiter gescheiter misslang misslung fehlgeschlag
success fr: reussi succes / echou echec
confirm en: confirm / deny. denies denied denying refut
confirm de: bestatig / bestreit bestritt dementier leugn
confirm fr: confirm / dement refut
hire en: hire. hires hired hiring recruit / dismiss sack. sacked sacks fired laid_off lay_off lays_off
hire de: einstell eingestellt stellt_ein stellen_ein / entlass entlasst entliess gekundigt
hire fr: embauch recrut / licenci congedi
free en: free. frees freed releas / arrest detain jail. jailed imprison
free de: freigelass freilass freikomm freigekomm / festgenomm verhaft inhaftier
free fr: libere. liberee libera relach / arret interpell incarcer
safe en: safe. safely harmless / unsafe dangerous harmful hazardous
safe de: ungefahrlich unbedenklich harmlos / gefahrlich bedenklich schadlich
safe fr: inoffensif inoffensive / dangereu nocif nocive
profit en: profit / loss. losses
profit de: gewinn. gewinne uberschuss / verlust
profit fr: benefice / perte. pertes
hot en: hot. hotter hottest warmer warmest / cold. colder coldest cooler
hot de: heiss warmer warmst / kalt kalter
hot fr: chaud / froid
"""

# The subject stands before both words: of two names one wins and the other loses.
SUBJECT = frozenset({"win", "confirm", "profit", "free", "keep"})
# Only where the noun behind both words is the same: "more jobs", "fewer jobs".
NOUN = frozenset({"more"})
# Of a vote: "against" is said of much else.
VOTE = frozenset({"vote"})
# Said of several things in one sentence more often than of the same.
LOOSE = frozenset({"rise", "raise", "open", "keep", "hot", "improve"})
VOTING: Mapping[str, tuple[str, ...]] = {
    "en": ("vot", "ballot", "referend"),
    "de": ("stimm", "gestimm", "abstimm", "abgestimm", "votier", "votum", "entschied"),
    "fr": ("vot", "voix", "scrutin", "pronon"),
}


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# They turn round or leave open what stands with them.
TURNING: Mapping[str, tuple[str, ...]] = {
    "en": _words(
        "whether. if. unless reject refus stop prevent avoid against. oppos ban. banned halt scrap cancel "
        "abandon fail deni deny block suspend lift overturn revers instead rather could. might. may. would. "
        "call demand ask urge threat but. hardly barely only."
    ),
    "de": _words(
        "ob. falls. ablehn abgelehnt lehn verhinder vermeid gegen. verbot verbiet stopp gestopp streich "
        "aufgehob aufheb hob. hoben. verzicht statt. konnte durfte wurde. forder aber. sondern. kaum nur. "
        "bestreit scheiter drohe droht"
    ),
    "fr": _words(
        "si. rejet refus empech evit contre. interdi arret suspen annul abandon leve. renonc pourrai plutot "
        "mais. demand reclam exig menac peine. seul"
    ),
}


class Side(NamedTuple):
    """A word or phrase of a side. `axis`: what the two are about; `is_first`: of which of them."""

    axis: str
    is_first: bool
    words: tuple[str, ...]


def _read() -> dict[str, tuple[Side, ...]]:
    found: dict[str, list[Side]] = {}
    for line in _ROWS.strip().splitlines():
        head, _, columns = line.partition(": ")
        axis, language = head.split()
        first, _, second = columns.partition("/")
        for is_first, side in ((True, first), (False, second)):
            found.setdefault(language, []).extend(Side(axis, is_first, words) for words in phrases(side))
    return {language: tuple(sides) for language, sides in found.items()}


SIDES: Mapping[str, tuple[Side, ...]] = _read()
