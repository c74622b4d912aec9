"""Words of the default topics as parts of German compounds and in their other forms; headlines made up for it."""

from __future__ import annotations

import pytest

from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.default_topics import topics_of


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Bezirksregierung stellt Pläne für den Hafen vor", "policy"),
        ("Europaabgeordnete besuchen die Werft", "policy"),
        ("Kulturpolitiker und Wirtschaftsministerin streiten über den Speicher", "policy"),
        ("Küstenarmee übt vor der Insel", "defence"),
        ("Besatzungstruppen verlassen den Hafen", "defence"),
        ("Generalstreik legt die Fähren lahm", "jobs"),
        ("Hafengewerkschaft ruft zur Kundgebung", "jobs"),
        ("Wattforschung: Muscheln wandern nach Norden", "research"),
        ("Langzeitstudie über Möwen erschienen", "research"),
        ("Küstenklinik und Kinderärzte rüsten sich", "health"),
        ("Sportschüler und Medizinstudenten ziehen ins Internat", "education"),
        ("Religionsunterricht künftig am Nachmittag", "education"),
        ("Verfassungsrichter und Nebenklage: der Fall der Fähre", "court"),
        ("Hauptangeklagter schweigt", "court"),
        ("Kreisgericht hört den Kapitän", "court"),
        ("Seegericht hört den Lotsen", "court"),
        ("Werftkonzern: Vorjahresquartal übertroffen", "markets"),
        ("La jeune pousse du port, racheté par son rival", "acquisition"),
        ("Un armateur fusionné avec son rival", "acquisition"),
        ("Condamnations après le naufrage", "court"),
        ("Recrutés au port, ils racontent", "jobs"),
        ("Les référendums des îles", "policy"),
        ("El astillero, adquirido por su rival", "acquisition"),
        ("La naviera, demandada; los armadores, demandados", "court"),
        ("Litigios entre armadores", "court"),
        ("Indemnizaciones tras el naufragio", "court"),
        ("Coalizioni e governi nelle isole", "policy"),
        ("Risarcimenti dopo il naufragio", "court"),
        ("Abbonamenti per il traghetto", "product"),
        ("Ein Jahr Haft für den Kapitän", "court"),
    ],
)
def test_a_word_is_found_in_its_other_forms(title: str, topic: str, taxonomy: Taxonomy) -> None:
    assert topic in topics_of(taxonomy, title)


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Schiedsrichter pfeift Derby an der Küste", "court"),
        ("Fertiggerichte und Hauptgerichte im Hafenbistro", "court"),
        ("Das Lieblingsgericht der Matrosen", "court"),
        ("Nudelgericht mit Krabben vom Kutter", "court"),
        ("Ein Naturgesetz, das die Möwen kennen", "regulation"),
        ("Les agents de la mairie en colère sur la digue", "agents"),
        ("Un agent d'entretien sauve une mouette", "agents"),
        ("Vorurteile über Seeleute", "court"),
        ("Gesetzeshüter stoppen Radfahrer", "regulation"),
        ("Kreispolizeibehörde zeigt Kontrollen am Deich", "regulation"),
        ("Heilsarmee singt am Kai", "defence"),
        ("Titelverteidigung am Kai, Ausrüstung geliehen", "defence"),
        ("Hungerstreik des Kapitäns", "jobs"),
        ("Baumschule am Deich öffnet", "education"),
        ("Marktforschung über Fischbrötchen", "research"),
        ("Konzeptstudie einer Jolle", "research"),
        ("Denkmalpflege am Leuchtturm", "health"),
        ("Computerviren im Hafen", "health"),
        ("Partnerbörse für Seeleute", "markets"),
        ("Verlagerung der Fähre", "copyright"),
        ("Le troupeau sur la digue", "defence"),
        ("La poursuite du chantier", "court"),
        ("Azione della vela, in rete alla vittoria", "markets"),
    ],
)
def test_a_word_that_looks_like_one_of_those_is_another(title: str, topic: str, taxonomy: Taxonomy) -> None:
    assert topic not in topics_of(taxonomy, title)


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("How far can reasoning models go?", "model"),
        ("How a port uses DINOv2 to count gulls", "model"),
        ("Introducing the Model Context Protocol for ferries", "model"),
        ("Better model scheduling on the quay", "model"),
        ("Apache Spark 4.0 Release Notes", "model"),
        ("The evolution of the ferry", "research"),
        ("Shipyard hires three researchers from OpenAI", "research"),
        ("Evening Patches for the harbour game", "security"),
        ("Groq names a new head of sales", "chips"),
        ("Gravitons and gulls", "chips"),
        ("Featured captains of the year", "product"),
        ("Ferry line paints boats in bid to please guests", "acquisition"),
        ("Acquiring your first hundred users", "acquisition"),
        ("A chain of holes that ends in server takeover", "acquisition"),
    ],
)
def test_a_word_that_only_goes_with_a_topic_is_not_enough(title: str, topic: str, taxonomy: Taxonomy) -> None:
    assert topic not in topics_of(taxonomy, title)


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Shipyard unveils a reasoning model", "model"),
        ("Meta releases DINOv3, a vision model", "model"),
        ("Groq's new chip for inference", "chips"),
        ("Security patches for a vulnerability in ferries", "security"),
        ("Researchers publish a study of gulls", "research"),
        ("Ferry line in takeover bid for its rival", "acquisition"),
    ],
)
def test_with_what_it_goes_with_it_is(title: str, topic: str, taxonomy: Taxonomy) -> None:
    assert topic in topics_of(taxonomy, title)
