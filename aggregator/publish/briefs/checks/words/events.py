"""Weighty events, in English, German and French: the table of `aggregator.publish.briefs.checks.support.unsupported`.

Three rows for an event, one a language: the words that tell it, `/`, and more words that bear it out. Beginnings as in
`aggregator.publish.briefs.checks.words.opposed`. The second list is wide on purpose: an honest paraphrase of what hints
at the event stays. Words that tell other things as well ("fire", "leave") only bear out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from aggregator.publish.briefs.checks.words.beginnings import phrases

_ROWS = """
resign en: resign step_down steps_down stepped_down stepping_down / quit leav left. depart successor replac outgoing
resign en: step. steps stepp former vacat
resign de: zuruckgetret rucktritt tritt_zuruck trat_zuruck zurucktret / abgang nachfolg aufhor aufgehort verlass
resign de: verliess scheid schied ausgeschied amt. geht. legt_nieder gekundigt kundig abgetret
resign fr: demission / rend. portefeuil mandat quitt depart. succes remplac part. ancien

bankrupt en: bankrupt insolven / creditor debt administration collaps liquidat receiver restructur chapter
bankrupt en: protection wound
bankrupt de: bankrott pleite insolven / glaubig schulden uberschuld konkurs sanier zahlungsunfah nachlass
bankrupt fr: faillite insolvab / creanci dette redressement liquidat depot cessation

die en: killed murder. murdered / dead die. dies. died dying death fatal victim casualt toll surviv bodies body
die en: lives. life. shot drown buried funeral mourn obituar corpse perish late. widow put_down slain kill stabb
die en: deadly
die de: getotet ermordet gestorb starb. / tot. tote todlich todes tod. opfer umgekomm leben leiche uberleb ertrunk
die de: mord beerdig hinterblieb erlag witwe eingeschlaf starben stirbt sterb verstorb verunglu nachruf
die fr: tue. tuee tues tuees assassin decede / mort mour meur victim deces surviv bilan vie. vies. cadavre corps noy
die fr: meurtr obsequ funerail feu.

arrest en: arrest jailed imprison / detain custod police prison jail handcuff charged seiz raid caught suspect bail
arrest en: court sentenc
arrest de: verhaft festgenomm inhaftier / haft festnahm polizei gefangnis razzia verdacht gefasst staatsanwal anklag
arrest de: angeklag richter verurteil
arrest fr: arrete. arretee arretes incarcer emprison interpell / prison police garde detenu detention ecrou soupconn
arrest fr: condamn juge

convict en: convicted guilty / verdict sentenc court judge jail prison plead pled trial conviction ruling
convict de: schuldig schuldspruch / verurteil urteil gericht strafe gestand gestehen prozess haft
convict fr: coupable / condamn verdict jug peine tribunal proces prison

cancel en: cancel scrapp / drop abandon call_off called_off calls_off axe. axed withdr halt end. ended stop suspend
cancel en: shelv refund annul revok terminat terminated not. will_not instead postpon rescind pull
cancel de: abgesagt storniert / absag streich gestrich aufgegeb eingestellt gekippt verzicht beend stopp ausfall
cancel de: ausgefall fallt fiel. zuruckgezog ruckzieh annull aufgehob nicht. kein gekundigt entfall entfiel verschob
cancel de: verschieb
cancel fr: annul / supprim abandonn renonc retir suspend interromp stopp resili report fin. pas.

leak en: leak. leaks leaked breach hacked hacker hackers / hack stolen theft expos intru attack compromis data_loss
leak en: ransom cyber unauthor disclos publish vulnerab flaw spill drip exploit drain
leak de: datenleck datenpanne gehackt hacker / leck angriff gestohl entwend erbeut abgeflos veroffentl offengelegt
leak de: panne unbefugt zugriff cyber schadsoft erpress lucke eindring eingedrung daten
leak fr: fuite piratag pirate pirates / vol. vole piratee attaqu cyber divulgu intrus expos compromis donnees faille
leak fr: rancon

scandal en: scandal corrupt bribe bribery fraud embezzl / fake forg steal stole stolen mislead misled decei scam
scandal en: kickback illeg invent false. launder swindl cheat money alleg suspicio investigat prosecut misus favour
scandal en: secret
scandal de: skandal korrupt bestech betrug veruntreu / betrug falsch falsch gefalscht geldwasch schmiergeld tausch
scandal de: getausch verdacht ermittl staatsanwal unterschlag vorwurf vorwurfe affare
scandal fr: scandale corrupt detourn fraude pot-de-vin / escroqu faux. fauss blanchi tromp soupcon enquet parquet
scandal fr: affaire illeg
scandal en: row. leak expens controvers dispute disgrac shame
scandal de: enthull leak skandalos umstritten
scandal fr: fuite polemique controvers revel

sue en: sued. sues. sue. suing lawsuit / court legal claim complain litigat judge tribunal accus plaintiff alleg
sue en: case. damages action. challeng fil injunct appeal suit.
sue de: verklagt klagt_an klage. / klag gericht prozess rechtsstreit schadenersatz vorgehen beschwer einspruch
sue de: anfecht justiz
sue fr: poursuivi assigne. proces / plainte justice tribunal recours avocat saisi judiciair poursuit poursui accus

explode en: explosion explod bomb. bombs bombing / blast blew blow deton bomb burst eruption blaze
explode de: explosion explodier bombe. / deton spreng bombe knall gesprengt verpuff anschlag bombard
explode fr: explosion explos bombe. / deton souffl attentat bombard eclat

burn en: burned_down burnt_down burns_down blaze / fire burn flame smoke burnt ablaze arson inferno ignit
burn de: abgebrannt niedergebrannt brannte_ab brannte_nieder / ausgebrann brand feuer flamm rauch brenn loscharb
burn fr: incendie. incendies incendiee / feu. feux. flamm brul fumee pompier

crash en: crashed derail collided / crash accident collision collide hit. hits. struck rail_accident off_the
crash en: overturn plung wreck track rammed down. fell
crash de: entgleist abgesturzt zusammengestoss / unfall absturz unglu kollision kollid zusammensto entgleis prallt
crash de: gerammt sturz
crash fr: deraill accidente percut / accident collision heurt crash ecras chut tomb chavir

evacuate en: evacuat / fled flee leave homes shelter safety moved left cleared brought_out get_out rescue
evacuate de: evakuier / fluch gefloh verlass raum geraum sicherheit gebracht notunterk
evacuate fr: evacu / fui. quitt abri abris secur deplac

strike en: walkout to_strike on_strike strikers / strik walk_out walked_out stoppage industrial down_tools work_stop
strike en: lockout
strike de: streik gestreikt warnstreik / arbeitskampf ausstand niederleg niedergelegt legen_nieder legten_nieder
strike de: bestreik
strike fr: greve greves greviste / debray arret cess mobilis

threaten en: threaten / threat warn ultimatum risk danger unless otherwise if. blackmail extort menac endanger
threaten en: vulnerab
threaten de: gedroht / droh bedroh warn ultimatum gefahr falls sonst wenn. erpress ansonsten
threaten fr: menace. menacent menaces / menac avert ultimatum risqu danger si. sinon faute chantage

sack en: sacked fired_by laid_off lays_off layoff / dismiss fire. fired sack redundan job layoff cut. cuts ous remov
sack en: let_go staff worker position employ
sack de: entlassen. entlasst entliess gefeuert / entlass kundig stelle arbeitsplat abbau freigestell abberuf trenn
sack de: beschaft job
sack fr: licenci limog / congedi suppress poste emploi supprim renvo ecart revoqu salari

recall en: recalls_all recalled / recall withdr return pull repair fix remov workshop
recall de: zuruckgeruf ruckruf / ruckruf zuruck werkstat ruft
recall fr: rappele. rappelee rappeles / rappel retir retour

fine en: was_fined fined. / fine penalt pay. paid levy sanction punish
fine de: geldstrafe bussgeld / strafe bussen busse zahl sanktion geldbuss
fine fr: amende / sanction penalit pay infli verser

kidnap en: kidnap abduct hostage / seiz taken captive ransom held missing disappear
kidnap de: entfuhr geisel / verschlepp losegeld gefang verschwund vermisst
kidnap fr: enlev kidnapp otage / rapt rancon dispar captur
kidnap en: detain observer rebels

injure en: injur wounded / hurt wound hospital harm casualt burns broke bruis treat victim accident
injure de: verletzte. verletzten / verletz verwund krankenhaus opfer knochen wunde spital klinik behandel brach
injure fr: blesse. blesses blessee / bless hopital victim soign touche

apologise en: apologis apologiz / sorry regret forgive mistake excus apolog error
apologise de: entschuldigt / entschuld bedau verzeih fehler leid. sorry
apologise fr: s'excus presente_ses excuse. / excus regret pardon desol erreur

poison en: poisoned poisoning / poison toxic contamin ill. illness sick intoxic
poison de: vergiftet vergiftung / gift vergift erkrank belast verunreinig
poison fr: empoisonn intoxiqu / poison toxi contamin malad

merge en: merge. merges merged merger / merg takeover acqui combin buy bought together join unit fus purchase
merge en: new_company
merge de: fusion / fusion ubernahm ubernehm zusammen verschmelz vereinig schliess kauf
merge fr: fusion / fusion rachat rachet absorb regroup union acqui rapproch ensemble

marry en: married divorced marries / marri wed wedding divorc spouse husband wife bride separat
marry de: geheiratet heiratet geschieden / heirat hochzeit ehe scheid trau braut trenn mann. frau.
marry fr: divorc epouse. marie. maries / mari noce noces epou divorc separ

shot en: shot_dead gunman gunmen shooting. / shot shoot gun fire. fired weapon bullet film
shot de: erschoss schusse schutze / schuss schoss schiess geschoss waffe feuer
shot fr: fusillade abattu / tir. tire tirs arme. balle feu. tue coups

evict en: expelled evicted deported / expel evict deport remov thrown exclud ban. banned out.
evict de: ausgewiesen abgeschoben rausgeworf / ausweis abschieb ausschl ausgeschloss geraumt vertrieb verwies
evict fr: expulse. expulsee expulses / expuls exclu renvo reconduit chass

protest en: protest demonstrators demonstrated took_to / demonstrat rally rallies march oppos against anger angry
protest en: crowd street riot activist object petition blockad strik walkout chant banner outcry boycott complain
protest en: resist
protest de: protest demonstr / kundgebung gegen. gegner wider wut aufruf marsch marsch zog. zogen unmut petition
protest de: blockad streik strass krawall boykott besetz aktivist
protest fr: protest manifestants manifestation manifeste. manifestent / contre. oppos colere rue. rues defil
protest fr: rassembl petition bloc greve boycott emeut militant manif
protest en: criticis criticiz letter

outrage en: outrage furious uproar / anger angry fury protest criticis criticiz condemn slam shock indign complain
outrage en: backlash outcry oppos scandal hate unhappy wrong warn accus
outrage de: emporung entrustet aufschrei / empor wut wutend zorn protest kritik kritis verarger arger scharf schock
outrage de: unmut beschwer verurteil entsetz gegen. warn
outrage fr: indign tolle. scandalise / colere furieu protest critiqu denonc condamn choqu outr contre. plainte
outrage fr: plaign

criticise en: criticised criticized criticise criticize criticism condemned slammed / critic condemn slam attack
criticise en: warn concern worr oppos against complain wrong mistake reject object fear blast blame accus call bad.
criticise en: poor too. not. protest anger angry denounc demand fault lack problem doubt question disappoint insult
criticise en: absurd sceptic skeptic shame
criticise de: kritisier / kritik krit bemangel verurteil warn sorg gegen. ablehn lehn beschwer fehler falsch protest
criticise de: vorwurf vorwurfe wirft rug tadel emport arger mangel zu. nicht. kein forder zweifel enttausch skept
criticise de: unverstand bedenk
criticise fr: critiqu denonce. denoncent / critiq denonc condamn avert inquiet contre. oppos plainte plaign faute
criticise fr: erreur reproch protest accus trop. pas. manqu dout regrett deplor colere deception decu exig

investigate en: investigat inquiry / inquir probe probing examin police prosecut look check review audit study
investigate en: detective search raid question cause detain arrest charg alleg suspect watchdog evidence regulator
investigate en: find found. clarif unclear
investigate de: ermittelt ermitteln ermittlung / ermitt untersuch pruf pruft staatsanwal polizei kripo razzia
investigate de: verdacht nachgeh nachforsch gutacht klar unklar befrag durchsuch fahnd forsch ursache aufklar
investigate de: kontroll
investigate fr: enquete enquetes enquete. enquetent / enquet examin police gendarm parquet procureur verif audit
investigate fr: soupcon perquisit recherch controle origine etude etudi instruct cause

deny en: denies denied denying / deny denial reject refut dismiss dispute contradict not. no. never false wrong
deny en: untrue contest baseless nothing insist innocent clear pleaded
deny de: bestreit bestritt dementier leugn / dement wies_zuruck weist_zuruck zuruckgewies zuruck abstreit streit
deny de: nicht. kein falsch unschuld haltlos widersprach widerspr bestr
deny fr: dement dementi nie. nient / conteste refut rejet faux. pas. non. innocen recus aucun contredi infond

celebrate en: celebrated celebrates celebrating celebrations / celebrat parade party feast festival anniversar jubil
celebrate en: honour honor mark. marks marked marking cheer birthday victory win. won ceremon happy joy
celebrate de: gefeiert feierten feierte feiert / feier fest. jubel jubilaum jahrestag umzug geburtstag jahre ehr
celebrate de: freu sieg gewann
celebrate fr: celebr fetent fete. / fete fetes anniversai festiv honor joie jubil victoire gagn ceremon
"""


class Event(NamedTuple):
    """An event in a language. `tells`: beginnings of words, or phrases, that tell it; `bears`: further ones for it."""

    tells: tuple[tuple[str, ...], ...]
    bears: tuple[tuple[str, ...], ...]


def _read() -> dict[tuple[str, str], Event]:
    found: dict[tuple[str, str], tuple[list[tuple[str, ...]], list[tuple[str, ...]]]] = {}
    for line in filter(None, _ROWS.splitlines()):
        head, _, columns = line.partition(": ")
        name, language = head.split()
        tells, bears = found.setdefault((name, language), ([], []))
        first, _, second = columns.partition("/")
        # A row that goes on has only words of the second kind.
        (bears if bears else tells).extend(phrases(first))
        bears.extend(phrases(second))
    return {key: Event(tuple(tells), tuple(bears)) for key, (tells, bears) in found.items()}


# By name and language; a row that is not the first of its event and language goes on with words that bear it out.
EVENTS: Mapping[tuple[str, str], Event] = _read()
LANGUAGES = frozenset({"en", "de", "fr"})
