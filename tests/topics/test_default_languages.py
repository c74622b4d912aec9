"""The default topics in German, French, Spanish, Italian, Portuguese, Dutch and Swedish: headlines made up for it."""

from __future__ import annotations

import pytest

from aggregator.config.topics import default_rules
from aggregator.model.post import Post
from aggregator.topics.taxonomy import Taxonomy


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return Taxonomy(tuple(default_rules().values()))


def topics_of(taxonomy: Taxonomy, title: str, url: str | None = None) -> set[str]:
    return {match.topic for match in taxonomy.match(Post(kind="article", native_id="1", title=title, url=url))}


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Hafenbetreiber wechselt den Besitzer", "acquisition"),
        ("Le port de plaisance change de propriétaire", "acquisition"),
        ("El astillero cambia de dueño", "acquisition"),
        ("Il cantiere navale passa di mano", "acquisition"),
        ("Rederij neemt concurrent over", "acquisition"),
        ("Werft: Gewinn übertrifft die Erwartungen der Analysten", "markets"),
        ("Chantier naval : bénéfice record", "markets"),
        ("La naviera supera las expectativas", "markets"),
        ("Cantieri, utile in calo e conti in rosso", "markets"),
        ("Neuer Bürgermeister für Nordhafen", "leadership"),
        ("La directrice du port cède sa place", "leadership"),
        ("Ana Ruiz asume la dirección del puerto", "leadership"),
        ("Nominato il nuovo capo della capitaneria", "leadership"),
        ("Ny ordförande för hamnen", "leadership"),
        ("Arbeitslosenquote an der Küste sinkt", "jobs"),
        ("Le taux de chômage recule sur la côte", "jobs"),
        ("La tasa de desempleo baja en la costa", "jobs"),
        ("Tasso di disoccupazione in calo sulla costa", "jobs"),
        ("Greve dos estivadores", "jobs"),
        ("Gesundheitsamt meldet neue Coronafälle", "health"),
        ("Les soignants manquent sur l'île", "health"),
        ("Nuevo centro de salud para la isla", "health"),
        ("Liste d'attesa, la Asl dell'isola corre ai ripari", "health"),
        ("Kultusministerkonferenz berät über Präsenzunterricht", "education"),
        ("Rentrée scolaire retardée dans les îles", "education"),
        ("Vuelta a clases en las islas", "education"),
        ("Scuole chiuse sull'isola", "education"),
        ("Bundeswehrsoldaten üben vor der Küste", "defence"),
        ("Les avions de chasse survolent la rade", "defence"),
        ("El ministro de Defensa visita la base", "defence"),
        ("Esercito e truppe alleate nel porto", "defence"),
        ("Neue Studie: Möwen erkennen Fischer", "research"),
        ("Une nouvelle étude sur les mouettes, publiée dans une revue scientifique", "research"),
        ("Un equipo de investigadores estudia las gaviotas: estudio publicado", "research"),
        ("Team di ricercatori spiega il volo dei gabbiani", "research"),
        ("Elektrofähre: Betriebssystem und Firmware-Update ab sofort verfügbar", "product"),
        ("Le fabricant dévoile sa nouvelle enceinte connectée", "product"),
        ("El fabricante presenta su nueva bicicleta eléctrica", "product"),
        ("Svelata la nuova bici elettrica, in vendita da marzo", "product"),
        ("Hackerangriff auf den Hafen", "security"),
        ("Cyberattaque contre le port", "security"),
        ("Ciberataque contra el puerto", "security"),
        ("Attacco informatico al porto", "security"),
        ("Premier bilan pour la jeune pousse : 12 millions levés en financement participatif", "funding"),
        ("Le fabricant de vélos passe sous le contrôle de son concurrent", "acquisition"),
        ("Le SMI clôture en hausse", "markets"),
        ("Les deux ports unissent leurs forces", "partnership"),
        ("Elle prend les rênes du groupe laitier", "leadership"),
        ("Un nouvel arrêté préfectoral pour les pêcheurs", "regulation"),
        ("Le Grand Conseil accepte le budget", "policy"),
        ("Dix-huit mois avec sursis pour l'ancien trésorier", "court"),
        ("Trois contrefaçons de plus, le maroquinier s'agace", "copyright"),
        ("Mises sur écoute, deux avocates protestent", "privacy"),
        ("Une IA hors de contrôle, le scénario des experts", "safety"),
        ("Attaque par déni de service contre le site de la ville", "security"),
        ("Les paléontologues intrigués par une empreinte", "research"),
        ("Un modèle d'intelligence artificielle parle breton", "model"),
        ("L'opérateur augmente ses tarifs au printemps", "product"),
        ("La commune bascule vers Linux", "open-source"),
        ("Pénurie de composants électroniques chez les constructeurs", "chips"),
        ("Zone blanche : deux nouveaux pylônes pour la vallée", "infrastructure"),
        ("Une navette autonome dans les rues de la vieille ville", "robotics"),
        ("Les sages-femmes en colère", "health"),
        ("Werft stellt Segelboot mit Solardach vor", "product"),
        ("Zwei Verlage stellen Lesegerät mit Farbdisplay vor", "product"),
        ("Hersteller kündigt neue Kaffeemühle an, ab sofort verfügbar", "product"),
        ("Brettspiel über Leuchttürme jetzt vorbestellbar", "product"),
        ("Kartendienst schaltet Fahrradrouten frei: neue Funktionen", "product"),
        ("Neue Figur von Kapitän Blaubeer angekündigt", "product"),
        ("Reederei übernimmt Fährbetrieb komplett", "acquisition"),
        ("Versicherer kauft Mehrheit am Konkurrenten", "acquisition"),
        ("Spielestudio für 30 Millionen Euro übernommen", "acquisition"),
        ("Verkauft der Stahlkonzern seine Röhrensparte?", "acquisition"),
        ("Minister will Werft verstaatlichen: Staatsbeteiligung geplant", "acquisition"),
        ("Fehler im Türschloss ermöglichte unbefugten Zugriff", "security"),
        ("Datenbank: Fehler erlaubt Codeausführung", "security"),
        ("Nationalbank hält an lockerer Geldpolitik fest", "markets"),
        ("Autobauer bestätigt seine Prognose", "markets"),
        ("Reederei legt bei Verkäufen deutlich zu", "markets"),
        ("Preisverfall bei Containern drückt die Rendite", "markets"),
        ("Inselrepublik hat einen neuen Premierminister", "leadership"),
        ("Wird zur Belastung: Neuer Stadtwerke-Chef im Amt", "leadership"),
        ("Land fördert Hafenmuseen mit fünf Millionen Euro", "policy"),
        ("Bund gibt Geld für Deiche", "policy"),
        ("Brauerei bestellt 40 Lastwagen bei Elektroautobauer", "partnership"),
        ("Nachbarn einigen sich auf neuen Gasvertrag", "partnership"),
        ("Inselstaat beschränkt Ausfuhr von Schutzkleidung", "regulation"),
        ("Kanton rügt Preisabsprachen der Baufirmen", "regulation"),
        ("Verdächtige vor dem Haftrichter", "court"),
        ("Polizei darf Deich nicht mit Drohnen überwachen", "privacy"),
        ("Honorare freier Übersetzer: Freiberufler verdienen mehr", "jobs"),
        ("Förderschule am Hafen bekommt Anbau", "education"),
        ("Land treibt Ausbau von Gigabit-Internet auf den Halligen voran", "infrastructure"),
    ],
)
def test_found(taxonomy: Taxonomy, title: str, topic: str) -> None:
    assert topic in topics_of(taxonomy, title)


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Angler nach Sturz ins Krankenhaus gebracht", "health"),
        ("Pêcheur transporté à l'hôpital après une chute", "health"),
        ("El coro visita el hospital", "health"),
        ("Pescatore portato in ospedale", "health"),
        ("Ataque armado en el muelle, dos heridos", "security"),
        ("Attaque au couteau sur le port", "security"),
        ("Handelskrieg um Heringe", "defence"),
        ("Guerra comercial por las sardinas", "defence"),
        ("Acuerdo de investidura entre dos partidos", "partnership"),
        ("Kandidaten verbünden sich gegen den Amtsinhaber", "partnership"),
        ("Un detective investigador busca los autos robados", "research"),
        ("Los trabajos del parque infantil acaban", "markets"),
        ("Arrestato portato in commissariato", "leadership"),
        ("Diese Seite verwendet Cookies", "privacy"),
        ("Les modèles de la couture défilent au port", "model"),
        ("Fährplan ab Mai 2027", "model"),
        ("La Bourse aux jouets de Noël samedi", "markets"),
        ("Bourse aux vêtements à la salle des fêtes", "markets"),
        ("Le gardien de but signe un contrat de trois ans", "partnership"),
        ("Le robot de cuisine, allié des gourmands", "robotics"),
        ("L'école de foot du village fête ses 30 ans", "education"),
        ("L'OM à bonne école", "education"),
        ("La rentrée littéraire en dix romans", "education"),
        ("Un agent de joueurs raconte", "agents"),
        ("Le musée expose les armes du roi", "defence"),
        ("Rafales de vent à 120 km/h sur le littoral", "defence"),
        ("Le cheval de Troie d'Homère au théâtre", "security"),
        ("Pirates des Caraïbes : la suite en salle", "security"),
        ("L'acquisition d'une toile par le musée", "acquisition"),
        ("Alpine nomme un nouveau pilote", "leadership"),
        ("Un cadavre découvert dans la Meuse", "research"),
        ("Nos idées pour une recette de cookies", "privacy"),
        ("Le chien a des puces, que faire ?", "privacy"),
        ("L'actrice enceinte de son deuxième enfant", "product"),
        ("Le défenseur met un terme à sa carrière", "jobs"),
        ("Une dépression tropicale se forme au large", "health"),
        ("Häftling aus dem Gefängnis entlassen", "jobs"),
        ("Neues Baugebiet verfügbar", "product"),
        ("Trainer stellt sich vor: Team startet ins Trainingslager", "product"),
        ("Umweltverband veröffentlicht neue Rangliste", "product"),
        ("Staatsanwaltschaft: Ermittlungen gegen Wirt eingestellt", "product"),
        ("Assistent erhebt Vorwürfe gegen Senator", "product"),
        ("Kapitänin übernimmt Vorsitz im Seglerverein", "acquisition"),
        ("Im Falle einer Sturmflut: Was zu tun ist", "security"),
        ("Mit dem Rad zur Insel", "education"),
        ("Autobahn in Graz-Süd gesperrt", "court"),
        ("Wirt nach Streit mit Gästen aus der Klinik entlassen", "jobs"),
        ("Sparkasse nimmt Kündigung von Sparvertrag zurück", "jobs"),
        ("Gesundheitsministerin kandidiert für Bürgermeisteramt", "health"),
        ("Pflegemutter vor Gericht", "health"),
        ("Notenbankchef zur Geldpolitik", "policy"),
        ("Reisebus mit Jugendlichen bleibt liegen", "education"),
        ("Parteichef entgeht Anschlag", "leadership"),
        ("Wie ein Bruderkrieg die Königsfamilie spaltet", "defence"),
    ],
)
def test_not_meant(taxonomy: Taxonomy, title: str, topic: str) -> None:
    assert topic not in topics_of(taxonomy, title)


def test_the_headline_of_an_address_in_any_of_them(taxonomy: Taxonomy) -> None:
    assert "leadership" in topics_of(
        taxonomy, "", "https://notizie.example/2027/nominato-il-nuovo-capo-della-capitaneria/"
    )
    assert "jobs" in topics_of(taxonomy, "", "https://noticias.example/la-tasa-de-desempleo-baja_20270301.html")
