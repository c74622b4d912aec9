"""What the default topics about law and government, and AI safety, find in several languages, and what not."""

from __future__ import annotations

import pytest

from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.default_topics import topics_of

FOUND = {
    "regulation": (
        "Denmark bans phones in primary schools",
        "Parliament approves bill on deposit schemes for bottles",
        "Regulator revokes the licence of a gas supplier",
        "FTC opens probe into ticket resellers",
        "Government eases lockdown in two provinces",
        "California governor vetoes bill on delivery robots",
        "Carmaker recalls 40,000 vehicles over faulty belts",
        "Bundestag verabschiedet Gesetz zur Kennzeichnung von Honig",
        "Bundesnetzagentur verhängt Bußgeld gegen Callcenter",
        "Kabinett billigt Referentenentwurf für neue Meldepflicht",
        "Neue Verordnung: Biergärten öffnen nur unter Auflagen",
        "Kartellamt prüft Zusammenschluss zweier Molkereien",
        "Un décret encadre la vente de trottinettes",
        "La DGCCRF inflige une amende à un vendeur de matelas",
        "L'ordonnance sur les loyers entre en vigueur lundi",
        "Les députés adoptent un projet de loi sur la pêche",
        "El Senado aprueba la ley de protección de abejas",
        "La CNMC abre expediente sancionador a una eléctrica",
        "El Gobierno prohíbe la venta de bolsas de plástico",
        "Nuevo decreto fija horarios de descarga",
        "Il decreto sui monopattini in Gazzetta Ufficiale",
        "L'Agcom multa un operatore telefonico",
        "La Camera approva il disegno di legge sulle api",
        "Divieto di vendita per i fuochi d'artificio",
        "Anvisa proíbe venda de suplemento",
        "Nova lei obriga lojas a aceitar notas pequenas",
        "Toezichthouder legt boete op aan energiebedrijf",
        "Kabinet wil verbod op plastic bestek",
        "Ny lag förbjuder reklam för spel",
    ),
    "policy": (
        "Government unveils national strategy for rare metals",
        "Trade talks between the two capitals collapse",
        "Foreign minister heads to summit on grain exports",
        "Bundesregierung legt Förderprogramm für Rechenzentren auf",
        "Koalition streitet über den Nachtragshaushalt",
        "Finanzminister kündigt Steuersenkung an",
        "Le gouvernement présente un plan de relance pour la filière bois",
        "Le sommet européen s'ouvre sur la question du budget",
        "El Gobierno anuncia ayudas públicas para la industria",
        "El ministro presenta el plan nacional de vivienda",
        "Il governo stanzia fondi pubblici per i borghi",
        "Il consiglio regionale discute la riforma",
        "Governo anuncia orçamento para escolas técnicas",
        "Kabinet trekt subsidie uit voor waterstof",
        "Regeringen lägger fram budgetproposition",
    ),
    "court": (
        "Judge dismisses suit over recipe app",
        "Bakery chain agrees to settle class action",
        "Europol: suspects arrested, servers seized",
        "Staatsanwaltschaft hat Anklage erhoben gegen Ex-Vorstand",
        "Landgericht weist Klage eines Mieterbundes ab",
        "L'ancien directeur a été mis en examen",
        "Le tribunal administratif suspend le chantier",
        "El exalcalde, imputado por blanqueo de capitales",
        "El Tribunal Supremo ratifica la sentencia",
        "L'ex assessore rinviato a giudizio",
        "La Cassazione conferma la condanna",
        "Tribunal de Justiça mantém condenação de empresário",
        "Rechtbank veroordeelt oplichter tot celstraf",
        "Tingsrätten dömer tidigare vd",
    ),
    "copyright": (
        "Novelists say their books were used to train a chatbot without permission: copyright fight",
        "Publisher strikes licensing agreement with search firm over news archives",
        "Patentstreit um Kaffeekapseln",
        "Verlage klagen: KI-Training mit Zeitungstexten",
        "Droits voisins : accord entre éditeurs et moteur de recherche",
        "Un fabricant accusé de contrefaçon de brevets",
        "Los escritores defienden sus derechos de autor",
        "Denuncian por plagio a un compositor",
        "Pirateria audiovisiva, chiusi dieci siti",
        "Diritto d'autore, gli editori chiedono un equo compenso",
        "Direitos autorais: músicos pedem pagamento",
        "Auteursrecht op foto's",
    ),
    "privacy": (
        "Fitness app shared users' personal data with brokers",
        "Supermarket tests facial recognition at the door",
        "Datenleck bei Sportverband: Kundendaten im Netz",
        "Datenschützer rügen Videoüberwachung im Freibad",
        "Fuite de données personnelles chez un opticien",
        "La CNIL s'inquiète de la reconnaissance faciale",
        "Filtración de datos personales en una aseguradora",
        "La AEPD investiga el reconocimiento facial en estadios",
        "Dati personali esposti da un'app di incontri",
        "Il Garante della privacy ferma la sorveglianza di massa",
        "Vazamento de dados pessoais em hospital",
        "Datalek bij webwinkel",
        "Personuppgifter låg öppna i månader",
    ),
    "safety": (
        "Chatbot gave teens harmful advice about self-harm",
        "Researchers bypass the guardrails of a language model",
        "AI safety institute tests dangerous capabilities",
        "Forscher warnen vor KI: Kontrolle über Systeme schwindet",
        "Schockanruf mit KI: geklonte Stimme täuscht Rentner",
        "Les dangers de l'intelligence artificielle pour les enfants",
        "Des faux nus créés par IA circulent au lycée",
        "Los riesgos de la inteligencia artificial, según los expertos",
        "Estafas con IA: voces clonadas de familiares",
        "Voce clonata dall'IA, la truffa ai nonni",
        "I rischi dell'intelligenza artificiale secondo gli scienziati",
    ),
}

NOT_FOUND = {
    "regulation": (
        "That cloud service will really bill you by the minute",
        "Author recalls passports and trains of her youth",
        "An outage blocks sign-in for an hour",
        "Package registry revokes tokens of inactive maintainers",
        "The new rules for platform dominance",
        "Bill Evans plays the early show",
        "The striker is banned for two games by his coach",
        "How plants regulate genes under stress: a genome study",
        "How to sleep during lockdown",
        "Trainer verbietet Spielern den Nachtisch",
        "Die neuen Spielregeln im Handball",
        "Nouvelles règles de grammaire",
        "El partido se fue a la prórroga",
        "Leggi l'articolo completo",
        "Новый сезон закончился в субботу",
    ),
    "policy": (
        "Trump plays golf in the rain",
        "Wie Merkel ihre Kartoffelsuppe kocht",
        "Macron au match de rugby",
        "Linux distribution publishes release candidate",
        "Ein steuerbarer Roboter für den Garten",
        "Die beste Kamera für jeden Haushalt",
        "El partido terminó sin goles",
        "Hacking campaign hits routers",
    ),
    "court": (
        "Two hurt in crash, driver in custody",
        "Police not ruling out foul play",
        "The fog damages our view",
        "Elle court depuis dix ans",
        "Gericht mit Linsen: ein Rezept",
        "Detenido un hombre tras una pelea",
        "Incendio in un capannone, indagini in corso",
    ),
    "copyright": (
        "Boom di patenti ritirate in autostrada",
        "Las patentes de circulación suben en marzo",
        "Résultats du brevet : les collégiens patientent",
        "Ein Patentrezept gibt es nicht",
    ),
    "privacy": (
        "This watch names every bird",
        "Vigilancia epidemiológica contra el dengue",
        "Order tracking for small shops",
    ),
    "safety": (
        "Airline praised for aviation safety",
        "Road safety week at local schools",
        "La alineación del equipo para el domingo",
        "Alignement des planètes ce soir",
        "Red flag warning: fire danger in the hills",
    ),
}


@pytest.mark.parametrize(("topic", "title"), [(topic, title) for topic, titles in FOUND.items() for title in titles])
def test_a_post_about_it_is_found(taxonomy: Taxonomy, topic: str, title: str) -> None:
    assert topic in topics_of(taxonomy, title)


@pytest.mark.parametrize(
    ("topic", "title"), [(topic, title) for topic, titles in NOT_FOUND.items() for title in titles]
)
def test_what_only_sounds_like_it_is_not(taxonomy: Taxonomy, topic: str, title: str) -> None:
    assert topic not in topics_of(taxonomy, title)
