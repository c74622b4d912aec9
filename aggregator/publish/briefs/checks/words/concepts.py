"""The table of `aggregator.publish.briefs.checks.words.lexicon`.

A row is a concept with the beginnings of its words in English, German and French; a long one has several rows. A `.`
ends a beginning that is the whole word, `_` joins a phrase of two words, for German a verb and the particle that ends
its clause. Accents are left out.
"""

ROWS = """
ministry: ministry | ministerium | ministere
federal: federal | bundes | federa
supreme: supreme | oberst verfassungs | supreme constitution
association: associat federation league | verband verein liga bund. | associat federat ligue
church: church bishop | kirche bischof | eglise eveque
accident: accident crash collision derail | unfall ungluck unfalle zusammensto absturz entgleis | accident
accident: collision crash derail
accuse: accus alleg charg indict blam | vorwurf vorwerf vorwurfe beschuldig anklag angeklagt wirft | accus reproch
accuse: inculp
acquire: acquir buy buys buying bought purchas takeover takes_over | kauf gekauft ubernehm ubernahm ubernimm erwerb
acquire: erwirb erworben | acquer achet rachet rachat acquis reprend reprise
agree: agree deal. deals. pact accord | einig vereinbar abkommen einigung vertrag | accord entente conclu conven
agree: traite
airport: airport airfield | flughafen flughaf | aeroport
announce: announc unveil present reveal | ankundig angekundigt kundig verkund vorgestellt stellt prasent | annonc
announce: present devoil revel
answer: answer repl respon | antwort reagier reaktion | repon repons reagi
appeal: appeal contest challeng | beruf anfecht einspruch revision klage | appel recours contest
arrest: arrest detain custody | festnahm festgenommen verhaft haft. | arret interpell garde
ask: ask demand call. calls. request | forder verlang bitt fragt | demand exig reclam
attack: attack assault strike. strikes. raid | angriff angegriffen attack uberfall | attaqu agress assaut
author: author writer novelist | autor schriftsteller verfasser | auteur ecrivain romanci
ban: ban. bans. bann forbid prohibit outlaw | verbot verbiet verbiete untersag | interdi proscri
bank: bank | bank sparkasse geldhaus | banqu bancai
battery: batter | batterie akku | batteri accu
begin: begin began begun start launch open. opens. | beginn begann begonn start anlauf losgeh eroffn | commenc
begin: debut demarr lanc ouvr
book: book novel | buch bucher roman | livre roman ouvrage
border: border frontier | grenz | frontiere
break: break broke collaps fail | brach bricht zusammenbr ausfall ausgefall versag scheiter | casse effondr panne
break: echou rompu
bridge: bridge | bruck | pont.
build: build built construct erect | bau. baut bauen gebaut bauarbeit errich neubau baus. | constru batir bati
build: chantier edifi
business: business firm. compan corporat group. | unternehm firma firmen konzern betrieb gesellschaft | entrepris
business: societe groupe compagni firme
cancel: cancel call_off scrap drop. | absag abgesagt streich gestrich storn | annul supprim suppress
car: car. cars. vehicle auto | auto. autos. pkw fahrzeug wagen | voiture vehicul auto.
case: case. cases. | fall. falle. fallen. | cas.
cause: cause caused causes | ursache verursach | caus
city: city cities town munic | stadt stadte kommun gemeinde | ville commun municipal
claim: claim | behaupt anspruch | pretend affirm
climate: climat | klima | climat
close: close closed closes closing closur shut | schlie geschloss schloss zu. dicht. | ferm
coast: coast shore offshore | kuste | cote. cotes. littoral
computer: computer | rechner computer | ordinateur
company-head: ceo. chief boss | chef vorstandschef vorstandsvorsitz geschaftsfuhr leiter | patron directeur
company-head: directric dirig pdg.
contract: contract | vertrag vertrage auftrag | contrat
cost: cost costs costing price prices | kost kostet preis | cout prix tarif
council: council board committee | rat. rats. gremium ausschuss beirat gemeinderat stadtrat vorstand aufsichtsrat |
council: conseil comit
court: court tribunal | gericht tribunal | tribuna cour.
create: create creat found. | schaff geschaffen grund gegrundet | cree creat fond
crisis: crisis crises | krise | crise
criticise: critic slam blast condemn | kriti verurteil bemangel stor stoss | critiqu denonc condamn
customer: customer client | kunde kundin kundschaft | client
cut: cut. cuts. cutting reduc lower slash trim | kurz gekurzt kurzt senk gesenkt reduzier abbau abgebaut streich
cut: baut_ab bauen_ab | redui reduc baiss coup diminu supprim
damage: damage | schad beschadig | degat dommage endommag
danger: danger risk hazard threat | gefahr gefahrd risik droh bedroh | danger risqu menac
data: data | daten | donnee
date: date schedul | termin datum | date. dates. calendri
daughter: daughter | tochter | fille.
day: day. days. daily | tag. tage. tagen. taglich | jour quotidien
decide: decid decision rul. ruling | entscheid entschied entschloss beschloss beschluss beschlie | decid decision
decide: tranch
decline: abaiss baisse declin fall. falls. fell fallen drop dropped drops slip slump plung sank sink decreas shrink
decline: shrank down.
decline: less. fewer lower below | fiel fallt gefallen sank sink gesunk ruckgang zuruck zuruckgegang nachgelass
decline: schrumpf weniger unter. minus | baiss chut recul diminu moins inferieur tomb
defend: defen | verteidig abwehr | defen defend
delay: delay postpon late. | verspat verschob verschieb verzoger | retard report. reporte repouss
deliver: deliver suppl | liefer versorg | livr fourni approvision
deny: deny denie denied refut | bestreit bestritt bestreitet dementier leugn weist_zuruck | nie. nier dement refut
develop: develop | entwickel | developp
die: die. dies. died dead death kill fatal | starb sterb gestorb tot. tote. toten. todlich getotet ums_leben | mort
die: mourir decede tue. tuer tues.
discuss: discuss talk. talks. talking negotiat | gesprach verhandl diskut berat | discut negoci pourparl entret
dog: dog. dogs. | hund hunde | chien
drive: drive driver driving drove | fahr fahrer gefahren fuhr | condui conduct roul
earn: earn profit | verdien gewinn. gewinns. uberschuss ertrag | gagn benefic profit
earthquake: earthquake quake | erdbeb beben | seisme tremblement
economy: econom | wirtschaft konjunktur okonom | econom
election: elect vote. voter ballot poll. | wahl. wahlen wahler gewahlt | elect elu. elus. scrutin electeur
employ: employ worker staff job jobs workforce hire hired hires hiring | beschaftig mitarbeit arbeitsplatz stelle
employ: stellen arbeitnehm einstell belegschaft | salari employ emploi poste. postes. embauch travailleur effectif
end: end. ends. ended ending finish conclud over. expire expires | ende endet enden beend lauft_aus auslauf schluss
end: abgeschloss | fin. finit termin achev acheve expir
energy: energ power. | energi strom | energi electri
engine: engine motor | motor triebwerk | moteur
environment: environment | umwelt | environn ecolog
error: error mistake fault flaw bug | fehler irrtum mangel | erreur faute defaut
evidence: eviden proof proven prove | beweis beleg nachweis hinweis | preuve
expect: expect anticipat forecast predict | erwart rechne prognos vorherseh | attend. attendu prevoi prevu
expect: prevision table
expand: expand expans extend | ausbau ausgebaut erweiter ausweit | etend elarg agrandi expans
expert: expert analyst specialist | expert fachleut analyst sachverstand | expert analyst specialist
export: export | export ausfuhr | export
factory: factor plant plants works. mill. | fabrik werk. werke. werks. anlage produktionsstatt | usine fabrique site.
family: famil | famil | famil
farm: farm agricult | bauer landwirt hof. agrar | agricul ferme. fermier exploitant
film: film movie cinema | film kino | film cinema
fine: fine. fined fines penalt | strafe bussgeld geldbusse | amende penalit sanction
fire: fire. fires. blaze burn burned burnt flames | brand. brande brannt brenn feuer flamm | incendi feu. feux.
fire: brul flamme
first: first | erst | premi
fish: fish fisher fishing | fisch | poisson pech
flight: flight fly. flew flying plane aircraft | flug fluge flieg flog flugzeug | vol. vols. avion
flood: flood inundat | hochwasser uberschwemm flut. | inond crue.
food: food meal grocer | essen lebensmittel nahrung speise | alimen nourritur repas
forest: forest wood. woods. | wald. walder forst | foret bois.
free: free. | kostenlos gratis frei. | gratuit libre.
game: game match tournament contest | spiel partie turnier | jeu. jeux. match tournoi
goal: goal target | ziel tor. tore. | but. buts. objectif
government: government cabinet administration | regierung kabinett | gouvern
grow: grow grew grown growth increas rise rises rose risen rising climb surg jump gain higher up. more. above |
grow: wachs wuchs gewachs stieg steig gestieg erhoh zunahm zunehm anstieg mehr. hoher zuwachs plus. | augment hauss
grow: croiss progress grimp mont plus. supereur
guilty: guilt convict | schuldig verurteil schuldspruch | coupable condamn
harbour: harbour harbor port. ports. quay dock | hafen hafens kai. | port. ports. quai
health: health medic | gesund mediz | sante sanitai medic
heat: heat heating heated | heiz hitze warme | chauff chaleur
help: help aid. support assist subsid | hilf hilft unterstutz forder beihilf zuschuss | aid. aide aides soutien
help: souten subvention
hold: hold held | halt. halten gehalten hielt | tenir tenu
hospital: hospital clinic | krankenhaus klinik spital | hopital hopitaux cliniqu
house: house houses home homes household housing dwelling apartment flat. flats. | haus hauser wohnung haushalt
house: wohn | maison logement foyer domicil appartement habitation
hurt: hurt injur wound harm | verletz verwund | bless
improve: improv better | verbesser besser | ameliorer amelior mieux
include: includ contain | enthalt umfass | inclu comprend contien
inquiry: inquir investigat probe. probes. examin audit | ermittl untersuch pruf gepruft | enquet examen examin audit
insolvent: insolv bankrupt | insolv pleite bankrott | faillite insolvab redress
insure: insur | versicher | assur
interest: interest_rate rate. rates. | zins leitzins | taux
introduce: introduc bring_in | einfuhr eingefuhrt | introdui instaur
invest: invest | invest steckt | invest
join: join | beitr tritt_bei | rejoi adher
judge: judge | richter | juge magistrat
keep: keep kept retain stay stays stayed remain | behalt behielt bleib blieb beibehalt fest. festhalt halt_an |
keep: gard conserv rest. reste restent maint maintien
know: know knew known unknown unclear | weiss wissen bekannt unklar | sait savoir connu ignor
large: large big huge great biggest largest | gross grosst riesig | grand gros. enorme
law: law. laws. legislat bill. act. | gesetz recht. | loi. lois. legislat
lawsuit: lawsuit sue sues sued suing litigation | klag verklag geklagt | plainte poursui proces
lawyer: lawyer attorney counsel solicitor barrister | anwalt anwalte anwaltin jurist | avocat
lead: lead. leads. leading led. leader head. heads. | fuhr fuhrt fuhren angefuhrt leit. leitet spitz | mene mener
lead: dirig tete. chef
leave: leave leaves left. quit quits depart resign step_down steps_down | verlass verlasst verliess geht gehen
leave: hort_auf aufhor zuruck ruckt rucktritt abgang | quitt part. partir depart demission
letter: letter | brief. briefe schreiben | lettre courrier
library: librar | bibliothek bucherei | biblioth
licence: licen permit permission approv authori | lizenz genehmig erlaub zulass zugelass bewillig | licence permis
licence: autoris agrement approuv
limit: limit cap. caps. | begrenz beschrank limit deckel | limit plafon
lose: lose loses lost loss losses | verlor verlier verlust unterlag | perd perte perdu
machine: machin | maschin | machin
mail: mail post parcel | post. paket brief | courrier colis
majority: majorit | mehrheit | majorit
market: market | markt markte | march
mayor: mayor | burgermeist oberburgermeist | maire edile
measure: measur | massnahme mess. messung | mesure
meet: meet meeting met. | treff traf sitzung versamml | rencontr reunion reuni
member: member | mitglied | membre
million: million | million | million
minister: minister secretary | minister | ministr
money: money fund funds funding cash | geld gelder mittel finanz | argent fonds financ
month: month | monat | mois
museum: museum | museum museen | musee
music: music concert | musik konzert | musiq concert
need: need requir | brauch benotig bedarf notig | besoin necess
network: network grid | netz netzwerk | reseau
new: new newly | neu neue neuen neuer neues | nouveau nouvel neuf
newspaper: newspaper paper. press. | zeitung presse blatt | journa presse quotidien
number: number | zahl anzahl | nombre chiffre
offer: offer propos | angebot anbiet angebot bietet vorschlag | offre offri propos
office: office | buro amt | bureau
oil: oil | ol. erdol olheiz | petrol fioul mazout
old: old elder aged | alt. alte alten alter altere | vieux vieil ancien age.
operate: operat run. runs. running | betreib betrieb | exploit gere. gerer
opponent: oppos opponent against protest rally demonstrat | gegner gegen. widerstand protest demonstr kundgeb
opponent: opposition | contre. oppos manifest protest
order: order | bestell auftrag auftrage befehl anordn | command ordre ordonn
park: park | park | parc
parliament: parliament lawmaker deput legislatur | parlament abgeordnet bundestag | parlement depute assemble senat
part: part. parts. piece share | teil teile anteil stuck | part. partie piece
party: party parties | partei | parti. partis.
passenger: passenger traveller travel | passagier fahrgast fahrgaste reisend | passager voyageur
patient: patient | patient | patient
pay: pay. pays. paid paying payment | zahl gezahlt bezahl zahlung | pai. paye payer paie paiement verse
peace: peace truce ceasefire | frieden waffenruh | paix treve cessez
pension: pension retire | rente renten rentner pension | retrait
people: people person man. men. woman women | mensch person leute mann manner frau | personn gens homme femme
plan: plan plans planned intend intention aim. aims. project | plan plane geplant vorhab absicht projekt | plan.
plan: plans. projet prevoi envisag compt
plant-tree: tree | baum baume | arbre
play: play | spiel gespielt | jou. jouer joue
police: polic officer | polizei polizist beamt | polic gendarm
pollution: pollut emission | verschmutz emission abgas | pollu emission
population: popul inhabit resident | bevolker einwohn anwohn bewohn | popul habit riverain
president: president | prasident | president
prison: prison jail | gefangnis | prison
prize: prize award | preis. auszeichn | prix. recompens laureat
produce: produc manufactur make. makes. maker | produzier produktion herstell hergestell | produi produc fabri
programme: program | programm | programm
protect: protect | schutz geschutzt schutzt | proteg protect
public: public | offentlich | public publiq
publish: publish public | veroffentlich erschien erschein | publi paru parait
question: question | frage fragen | question
rail: rail train. trains. locomot | bahn bahnen zug. zuge zugen eisenbahn schien | train ferroviai rail
read: read reader | les. lesen leser liest gelesen | lire lect
record: record | rekord | record
refuse: refus reject declin_to turn_down | ablehn abgelehnt lehnt verweiger | refus rejet
region: region area district | region gebiet bezirk kreis | region zone departement
regulator: regulator watchdog authorit supervis agency | aufsicht behord amt amts regulier | regulat autorite agence
remove: remov withdraw withdrew | entfern entzog abgezogen abzug | retir enlev
rent: rent. rents. rental tenant | miet | loyer loca
repair: repair fix. | reparat reparier sanier | repar
replace: replac | ersetz ersatz | remplac
report: report study survey poll research | bericht studie umfrage forsch untersuch | rapport etude enquete sondage
report: recherch
rescue: rescu save. saved saves | rett gerettet | secour sauv
research: research scien scient lab laborator | forsch wissenschaft labor | recherch chercheur scientif laboratoi
restaurant: restaurant | restaurant gaststatt | restaurant
result: result outcome | ergebnis resultat | resultat
return: return give_back hand_back gives_back come_back came_back back. | ruckkehr zuruck ruckgabe kehr | retour
return: rend. rendre restitu revien
right: right. rights. | recht rechte | droit
river: river | fluss strom. | fleuve rivier
road: road street highway motorway | strass autobahn | route rue. rues. autorout
rule: rule. rules. regulat | regel vorschrift regelung | regle reglement
sale: sale sales sell sells selling sold revenue turnover | verkauf umsatz umsatze vertrieb verkaufszahl erlos |
sale: vent. ventes vend chiffre_d'affaires
say: say says said tell told | sag sagt sagte erklar teilte | dit. dire declar affirm indiqu
school: school pupil | schul schuler | ecole eleve scolai
sea: sea. ocean maritime marine | meer see. ozean | mer. ocean marin maritim
search: search | such gesucht | cherch recherch
second: second | zweit | deuxiem second
security: secur safe | sicher | secur suret
send: send sent | schick gesendet verschick versend | envo
sentence: sentence | urteil strafmass | peine jugement
ship: ship. ships. vessel boat freighter ferry | schiff schiffe boot frachter fahre. | navir bateau cargo ferry
shop: shop store. stores. supermarket branch retail | laden geschaft filiale supermarkt handel handler | magasin
shop: bouti commer superm
show: show shows showed shown | zeig gezeigt | montr
sign: sign. signs. signed signature | unterschrift unterschreib unterzeichn schild | sign. signe signa signature
small: small tiny little | klein winzig | petit
snow: snow | schnee | neige
software: software app. application | software app. programm | logiciel appli
soldier: soldier army military troop navy | soldat armee militar truppe marine | soldat armee militai marine
space: space. orbit lunar moon | weltraum raumfahrt mond | espace lune lunair spatial
speak: spok speak spoke | sprech sprach sprich | parl porte-parol
speed: speed | tempo geschwindigkeit | vitess
sport: sport athlet | sport | sport
spread: spread | verbreit ausbreit | propag
stop: stop halt suspend | stopp gestoppt halt angehalten ausgesetzt aussetz | arret suspen
storm: storm hurricane | sturm unwetter orkan | tempete orage ouragan
strike: walkout industrial_action strike. | streik | greve
strong: strong | stark | fort. forte
student: student universit | student universit hochschul | etudiant universit
succeed: success succeed | erfolg gelang geling | reussi succes
survive: surviv | uberleb | survi
take: take takes took taken | nimmt nahm genommen nehm | pren pris. prend
tax: tax | steuer | impot tax fiscal
teacher: teacher | lehrer lehrkraft | enseign professeur
team: team crew squad | team mannschaft | equipe
technology: technolog | technik technolog | technolog
test: test trial | test versuch erprob getestet | test essai
theatre: theat stage | theater buhne | theat scene
think: think believ thought | glaub denk meint dacht | pens croi estim
time: time. times. | zeit. zeiten. mal. | temps. fois.
tissue: tissue | gewebe | tissu
title: title | titel | titre
toll: toll | opferzahl bilanz | bilan
tourist: tourist visitor tourism | tourist besucher gast | touris visiteur
trade: trade | handel. | commerc
traffic: traffic transit transport | verkehr transport | trafi circul transport
train: training | ausbild schulung | format
transfer: transfer transaction | uberweis transfer | transfer virement
treat: treat | behandel | trait. traite soign
try: try. tries tried attempt | versuch | essa tent
understand: understand understood | versteh verstand | compren
union: union | gewerkschaft | syndica
use: use. uses. used using user | nutz benutz verwend gebrauch | utilis usage
vaccine: vaccin jab | impf | vaccin
victim: victim | opfer | victime
view: view opinion | meinung ansicht | avis opinion
vote: vote. votes. voted voting | stimm abstimm gestimmt | vot. vote voter voix
wait: wait | wart gewartet | attend. attendr attent
walk: walk | geh. gehen lauf | march. marcher
want: want wish seek seeks | will. wollen mocht wunsch | veut veulent voul souhait
war: war. wars. | krieg | guerre
warn: warn caution | warn | averti alert
waste: waste rubbish | mull abfall | dechet ordure
watch: watch | beobacht schau | regard observ
water: water | wasser | eau. eaux.
weather: weather | wetter | meteo temps_qu
week: week | woche | semain
win: win. wins. won winner winning victor | gewinnt gewann gewonn sieg siegt sieger | gagn remport vainqu victoir
wind: wind turbine | wind | vent. eolien
work: work. works. worked working | arbeit gearbeitet | travail
world: world | welt | monde mondia
worry: worr fear concern | sorg befurcht furcht angst | inquiet crain peur
year: year annual | jahr jahre jahres jahrlich | an. ans. annee annuel
young: young youth teenager child children kid. kids. | jung jugend kind kinder | jeune enfant mineur
employee: employee | angestellt | employe
former: former ex. | ehemalig fruher einstig | ancien ex.
fraud: fraud scam | betrug | fraude escroqu
hack: hack breach intrus cyberattack | hack cyberangriff datenleck | pirat cyberattaq fuite
account: account | konto konten | compte
abandon: abandon give_up gives_up gave_up giving_up drops scrap scraps | aufgeb aufgegeb gibt_auf gab_auf geben_auf
abandon: gaben_auf verzicht | abandonn renonc
stick: stick_to sticks_to stuck_to hold_on holds_on insist persist | festhalt festhielt halt_fest hielt_fest
stick: halten_fest beharr besteht_auf | maintien maintenu tient_a
raise: raise raised raises raising lift lifts lifted | anheb angehob erhoht hebt_an hob_an | releve releva rehauss
lift-ban: lift_ban | aufheb aufgehob hebt_auf hob_auf hoben_auf heben_auf | lever leve
dismiss: dismiss lay_off lays_off laid_off sack sacked fire_d | entlass entlasst gekundigt | licenci congedi
confirm: confirm | bestatig | confirm
increase-support: back backs backed endors | befurwort unterstutz | soutien soutenu
accept: accept | akzept annimm angenomm | accept
bicycle: bicycl bike cycl | fahrrad radfahr rad. rader | velo cycl
chip: chip semiconduct | chip halbleiter | puce semi
deficit: deficit debt | defizit schuld. schulden verschuld | deficit dette
doctor: doctor physician | arzt arzte arztin | medecin docteur
engineer: engineer | ingenieur | ingenieur
gas: gas | gas erdgas | gaz
hotel: hotel | hotel | hotel
island: island | insel | ile. iles.
mine: mine. mines. mining | bergwerk mine zeche | mine minier
mountain: mountain | berg. berge gebirge | montagn
museum-piece: figure. figures. sculptur statue carving artefact | figur skulptur statue | figure sculptur statue
nuclear: nuclear reactor atom | atom nuklear reaktor kernkraft | nuclea reacteur atom
painter: paint artist | maler gemald kunst | peint artist tableau
plane: jet. | jet. | jet.
radio: radio broadcast | radio rundfunk sender | radio diffus
robot: robot | roboter | robot
satellite: satellit | satellit | satellit
secret: secret confidential | geheim vertraulich | secret confidenti
star: star. stars. | stern. sterne | etoile
station: station | bahnhof station | gare. station
stock: stock. stocks. share. shares. | aktie aktien | action. actions. bourse
thousand: thousand | tausend | mille. millier
virus: virus disease illness outbreak infect | virus krankheit seuche infekt erkrank ausbruch | virus maladie
virus: infect epidem
invest: shareholder stakeholder | aktionar gesellschafter anteilseign | actionnair
social: social | sozial | social
democrat: democra | demokrat | democrat
unchanged: unchanged steady untouched | unverandert | inchange
join: take_part takes_part took_part taking_part participat | teilnehm teilgenomm nahm_teil nehmen_teil nimmt_teil
join: beteilig | particip pris_part prend_part prennent_part
acquit: acquit | freigesproch freispruch | acquitt relax
settle: settle settled settles settlement | vergleich verglich | transig
free-person: release released releases freed | freigelass freilass | liber relach
threaten: threaten | droht drohen gedroht drohte drohung | menac
evacuate: evacuat | evakuier geraumt | evacu
christmas: christmas xmas | weihnacht | noel
ransom: ransom | losegeld | rancon
sample: sample | muster | echantillon
file: file. files. | datei dateien akte akten | fichier dossier
inside: inside indoors indoor | drinnen innen | interieur
near: near nearby neighbour neighbor | nahe benachbart nachbar umliegend | voisin proche pres
eat: eat. eats ate eaten lunch dinner kitchen | kuche mittagess | cuisin dejeun
light: light lamp | licht lampe leuchte | lumi lampe
bird: bird. birds | vogel. vogeln vogels | oiseau
animal: animal beast | tier. tiere tieren | anima bete.
tree: tree. trees | baum baume | arbre
garden: garden | garten | jardin
rain: rain | regen regn | pluie
snow: snow | schnee | neig
ice: ice. glacier icy | eis. gletscher | glac
heavy: heavy heavi weigh | schwer wog. wiegt | lourd poids
voter: voter | wahler | electeur
whale: whale porpoise dolphin | wal. wale schweinswal delfin | baleine marsouin dauphin
wine: wine vineyard | wein winzer | vin. vins. vigne
"""

# Said for each other they make a sentence false.
OPPOSITE_CONCEPTS = """
uphold refuse · uphold dismiss · unchanged raise · unchanged cut · unchanged grow · unchanged decline · refuse licence
refuse agree · refuse confirm · accept deny · cancel licence · dismiss keep · survive die · protect damage
stick leave · arrest free-person · guilty acquit · grow decline · begin end · begin stop · accept refuse
deny confirm · keep leave · help opponent · keep cancel · raise cut · stick abandon · keep abandon · raise decline
accept abandon · grow cut · succeed break · introduce remove · expand close · return keep
"""
