"""More rows of the table in `aggregator.publish.briefs.checks.words.concepts`: everyday things and doings."""

ROWS = """
bread: bread baker | brot backer | pain boulang
milk: milk dairy | milch | lait
supermarket: supermarket | supermarkt | supermarche
noon: noon midday | mittag | midi
evening: evening | abend | soir
night: night overnight | nacht nachts | nuit
morning: morning | morgens vormittag | matin
meat: meat beef pork | fleisch rind schwein | viande boeuf porc
fruit: fruit apple grape | obst apfel traube frucht | fruit pomme raisin
vegetable: vegetable potato | gemuse kartoffel | legume pomme_de
corn: grain wheat corn harvest crop | getreide weizen mais ernte | cereal ble recolt moisson
cow: cow. cows cattle livestock | kuh kuhe vieh | vache betail
horse: horse. horses | pferd | cheval chevaux
bee: bee. bees insect | biene insekt | abeille insect
wolf: wolf wolves bear. bears | wolf wolfe bar. baren | loup ours
cat: cat. cats | katze | chat. chats
plant-grow: plant. flower | pflanze blume blut | fleur vegeta
beach: beach | strand | plage
lake: lake reservoir pond | see. seen stausee talsperre | lac. lacs etang reservoir
dam: dam. dams levee dyke | damm deich staudamm staumauer | barrage digue
tunnel: tunnel | tunnel | tunnel
wall: wall. walls | mauer wand. | mur. murs
roof: roof | dach | toit
window: window | fenster | fenetre
door: door gate. | tur. turen tor_zu | porte. portes
floor: floor storey | stock. etage stockwerk | etage
tower: tower skyscraper | turm hochhaus | tour. tours gratte
castle: castle palace | schloss burg palast | chateau palais
square: square. plaza | platz platze | place. places
path: path trail track | weg. wege pfad gleis | chemin sentier voie
tram: tram streetcar | strassenbahn tram | tram
bus: bus. buses coach | bus. busse | bus. autobus autocar
metro: subway underground metro | u-bahn | metro
truck: truck lorry lorries | lastwagen lkw | camion poids
helicopter: helicopter | hubschrauber helikopter | helicopt
rocket: rocket missile | rakete | fusee missile roquette
drone: drone | drohne | drone
bomb: bomb explos blast deton | bombe spreng explo blindganger | bombe explos
weapon: weapon gun arms. rifle | waffe gewehr | arme. armes fusil
knife: knife stab | messer stich | couteau poignard
drug: drug medicine medication | medikament arznei droge | medicament drogue
smoke: smoke smoking cigarette tobacco | rauch zigarette tabak | fum cigarette tabac
alcohol: alcohol beer | alkohol bier | alcool biere
cancer: cancer tumour tumor | krebs tumor | cancer tumeur
heart: heart | herz | coeur
brain: brain | gehirn hirn | cerveau
blood: blood | blut. | sang
birth: birth born | geburt geboren | naiss ne_en
marriage: marri wedding | heirat hochzeit ehe. | mari. mariage epous
mother: mother | mutter | mere. meres
father: father | vater | pere. peres
son: son. sons | sohn | fils
brother: brother sibling sister | bruder schwester | frere soeur
friend: friend | freund | ami. amis amie
neighbour: neighbo resident | nachbar anwohner bewohn | voisin riverain habitant
crowd: crowd spectator audience fans | zuschauer publikum besucher fans | foule spectat public
player: player | spieler | joueu
coach: coach manager. trainer | trainer trainerin | entraineur
league: league championship | liga meisterschaft | ligue championnat
cup: cup. trophy | pokal cup. | coupe trophee
season-sport: season | saison | saison
race: race. races racing runner | rennen lauf. laufer | course. courses coureur
olympic: olympic | olympi | olympi
song: song singer sing | lied. lieder sanger | chanson chant
dance: danc ballet | tanz tanzt ballett | dans danse ballet
actor: actor actress | schauspiel | acteur actrice comedien
director-film: director filmmaker | regisseur | realisat cineast
exhibition: exhibit display | ausstell | expos
photo: photo picture image | foto bild bilder | photo image
video: video footage clip | video aufnahm | video
toy: toy. toys | spielzeug | jouet
clothes: cloth fashion textile dress | kleid mode textil | vetement mode. textil
shoe: shoe | schuh | chaussure
gold: gold silver jewel | gold silber schmuck | argent_d bijou
coin: coin. coins currency | munze wahrung | monnaie piece_de
loan: loan credit mortgage lend | kredit darlehen hypothek | pret. prets credit emprunt
budget: budget | haushalt. budget etat. | budget
inflation: inflation | inflation teuerung | inflation
tariff: tariff customs duty duties | zoll zolle | douan tarif
refund: refund reimburs compensat | erstatt entschadig ruckzahl | rembours indemni dedommag
donate: donat charit | spend. spende gespendet | don. dons donn_d caritat
salary: salary wage. wages | lohn lohne gehalt gehalter | salaire remunerat
bonus: bonus premium. | pramie bonus zulage | prime. primes bonus
pension-age: retire pensioner | rente rentner ruhestand | retrait
holiday: holiday vacation | urlaub ferien feiertag | vacance conge ferie
visa: visa passport | visum pass. reisepass | visa passeport
refugee: refugee migrant asylum | fluchtling migrant asyl | refugie migrant asile
citizen: citizen national. | burger staatsburger | citoyen
king: king. queen royal monarch prince | konig konigin prinz | roi. reine royal prince
ambassador: ambassador embass diplomat | botschaft diplomat | ambassad diplomat
border-cross: cross crosses crossed crossing | uberqu kreuz | travers croise
witness: witness testif | zeuge zeugin aussag | temoin temoign
lawless: crime criminal offence | verbrech straftat kriminell | crime crimin delit infraction
murder: murder manslaughter | mord totschlag ermord | meurtre assassin homicid
theft: theft thief thieves stole stolen steal robb burgl
theft: dieb gestohl stahl stiehl raub einbruch | vol_de vole volee voleu
theft: derob cambriol
guard: guard watchman | wache wachter wachmann | gardien garde
rule-out: rule_out rules_out ruled_out ruling_out exclude excludes excluded
rule-out: ausschliess ausgeschloss schliesst_aus schloss_aus
rule-out: schliessen_aus | exclu ecart
admit: admit admits admitted concede confess
admit: einraum raumte gesteh gestand gestanden zugab zugegeb | reconn admet admis avou
promise: promis pledge vow | versprech versprach versprich zusag | promet promis engag
apologise: apolog sorry | entschuld | excus
thank: thank grateful | dank. dankt dankte | remerci merci
praise: prais hail welcom | lob. lobt lobte begruss | salu loue. felicit
complain: complain | beschwer klagt klagte | plaint plaign
compare: compar | vergleich verglich | compar
choose: choos chose chosen select pick | wahlt. wahlte auswahl ausgewahl aussuch | chois selection
name-as: nam. named names appoint | ernenn ernannt benenn benannt genannt | nomm design
fill: fill | full gefullt | rempl
empty: empty drain | leer. leere leeren entleer abgelass | vide. vider vidang
cover: cover | deck bedeck | couvr
hang: hang hung | hang. hing | pend. suspendu
move: mov. moves moved moving relocat drift | beweg umzieh umzug zieht_um treib | deplac demenag bouge deriv
arrive: arriv reach | ankomm ankunft angekomm erreich | arriv attein
carry: carry carries carried transport | trag. tragt trug befor | port. porte transport achemin
throw: throw threw thrown | warf. wirf geworf | jet. jete lanc
pull: pull drag tow. | zieh zog gezog | tir. tire remorqu
push: push press. presses | druck drang | pouss press
cool: cold cool freez frost | kalt kalte kuhl frost frier | froid gel. gelee
dry: dry. drought | trocken durre | sec. seche secheress
wet: wet. damp | nass feucht | humid mouill
deep: deep depth | tief tiefe | profond
tall: tall. height high. | hoch hohe. hohen | haut hauteur elev
wide: wide width broad | breit weit. | larg
thick: thick | dick dicke | epais
long: long. longer length | lang. lange langer lange | long longu
short: short brief. shorter | kurz kurze kurzer | court bref
quick: quick rapid fast. faster | schnell rasch | rapid vite
slow: slow | langsam | lent. lente ralent
full: full. entire complete | voll ganz. ganze komplett vollig | complet entier plein
half-way: halfway midway | halb. | moitie
common: common frequent often | hauf gemeinsam | frequent commun
rare: rare rarely seldom | selten rar. | rare
difficult: difficult hard. tough | schwierig schwer. | diffic dur.
easy: easy easier easily simple | leicht einfach | facil simpl
cheap: cheap afford | billig gunstig | bon_marche abordab
expensive: expensive costly | teuer teure | cher. chere couteu
dangerous: dangerous hazardous unsafe | gefahrlich | dangereu
safe: safe safety | sicher. sichere sicherheit | sur. sure securi
clean: clean | sauber rein. reinig | propre nettoy
dirty: dirty pollut | schmutz dreck verschmutz | sale. pollu
noise: noise loud noisy | larm laut. laute | bruit bruyant
colour: colour color | farbe farb. | couleur
white: white | weiss. weisse | blanc
black: black. | schwarz | noir
red: red. | rot. rote roten | rouge
green: green | grun. grune grunen | vert. verte verts
blue: blue | blau | bleu
refuse: turned_down turns_down turning_down | weist_ab wies_ab weisen_ab wiesen_ab abgewies abweis | rejet deboute
accept: takes_on | nehmen_an nahmen_an nimmt_an nahm_an angenomm
uphold: uphold upheld | gibt_statt gab_statt stattgegeb
seize: seiz confiscat | beschlagnahm sichergestellt | saisi confisqu
tip: tip. tips tip-off hint | hinweis tipp | indice
"""
