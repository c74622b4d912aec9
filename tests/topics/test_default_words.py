"""The words of a field in German, French, Spanish and Italian, one cue a headline: headlines made up for it."""

from __future__ import annotations

import pytest

from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.default_topics import topics_of


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Putin trifft Selenskyj am Rande des Gipfels", "policy"),
        ("Meloni e Schlein, scontro in aula sulla sanità", "policy"),
        ("Gemeinde plant Bürgerentscheid zur Straßenbahn", "policy"),
        ("Stadträte streiten über das Freibad", "policy"),
        ("Salario minimo, la proposta torna in aula", "policy"),
        ("Les vœux du président dans une France inquiète", "policy"),
        ("Segunda vuelta: los dos candidatos cierran campaña", "policy"),
        ("Sugar tax rinviata di sei mesi", "regulation"),
        ("Affitti brevi, che cosa cambia da gennaio", "regulation"),
        ("Grundsteuer: Eigentümer bekommen Aufschub", "regulation"),
        ("Kfz-Steuer steigt für schwere Wagen", "regulation"),
        ("Prélèvement à la source : ce qu'il faut savoir", "regulation"),
        ("Suben las tarifas eléctricas y el carnet de conducir", "regulation"),
        ("Garlasco, nuova udienza sul caso", "court"),
        ("Emplois fictifs : le maire entendu", "court"),
        ("Cadena perpetua para el autor del crimen", "court"),
        ("Nebenkläger fordern Aufklärung", "court"),
        ("Speranza di vita, il Nord davanti al Sud", "health"),
        ("Endometriosi, cure più vicine", "health"),
        ("Zecken kommen früher als sonst", "health"),
        ("Ansturm auf Abnehmspritze", "health"),
        ("Test di medicina, oggi la prova", "education"),
        ("Stipendien für junge Musiker", "education"),
        ("Rente mit 70? Ökonomen widersprechen sich", "jobs"),
        ("Fuga dei cervelli, i dati della regione", "jobs"),
        ("Überstunden ohne Ende in der Küche", "jobs"),
        ("Euríbor: la cuota baja por tercer mes", "markets"),
        ("Kaufempfehlung treibt Autobauer an", "markets"),
        ("Ofenbauer bekommt neuen Eigentümer", "acquisition"),
        ("Scalata alla banca, il fondo si rafforza", "acquisition"),
        ("Candidats à la reprise : trois offres pour la verrerie", "acquisition"),
        ("Jony Fuchs übernimmt wieder die Leitung", "leadership"),
        ("Cambio della guardia ai vertici della fiera", "leadership"),
        ("Toma las riendas del museo una geóloga", "leadership"),
        ("Gravitationswellen: Detektor wird empfindlicher", "research"),
        ("Buco nero: la prima immagine a colori", "research"),
        ("Une étude de l'Inra sur les haies", "research"),
        ("Delitos informáticos: crecen las denuncias", "security"),
        ("Abofallen im Netz werden dreister", "security"),
        ("Rete unica, l'offerta slitta", "infrastructure"),
        ("Telemetrie lässt sich nicht abschalten", "privacy"),
    ],
)
def test_found(taxonomy: Taxonomy, title: str, topic: str) -> None:
    assert topic in topics_of(taxonomy, title)


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Manöver auf der Autobahn: Fahrer gestoppt", "defence"),
        ("Caída de un árbol corta la carretera", "infrastructure"),
        ("Hallan una mochila junto al río", "research"),
        ("Posten auf der Wiese: Orientierungslauf am Sonntag", "leadership"),
        ("Lanzó una piedra y huyó", "product"),
        ("Störung auf der S-Bahn behoben", "infrastructure"),
        ("Hund sucht neues Zuhause", "health"),
        ("Die Rettung kam mit dem Boot", "funding"),
        ("Pegasus landet mit Verspätung", "privacy"),
        ("Royaume-Uni : la plage sous le soleil", "education"),
        ("Kamera filmt Luchs im Wald", "product"),
        ("Balas perdidas en la fiesta del barrio", "markets"),
        ("Servicio de autobuses suspendido por la nieve", "product"),
        ("El mejor estudio para vivir junto al mar", "research"),
        ("Nachfolger für den alten Bus gesucht", "leadership"),
        ("Salarios y defensa: el equipo ajusta su línea", "defence"),
        ("Enchères : un violon retrouve sa maison", "markets"),
    ],
)
def test_not_meant(taxonomy: Taxonomy, title: str, topic: str) -> None:
    assert topic not in topics_of(taxonomy, title)


def test_a_politician_alone_is_no_policy_and_two_of_them_are(taxonomy: Taxonomy) -> None:
    assert "policy" not in topics_of(taxonomy, "Tajani am Strand")
    assert "policy" in topics_of(taxonomy, "Tajani ruft Lawrow und Selenskyj an")
