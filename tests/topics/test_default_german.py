"""The default topics in German: kinds of words that headlines of every day have, and their false friends.

Addresses write them without umlauts, so some stand so.
"""

from __future__ import annotations

import pytest

from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.default_topics import topics_of


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Sperrzone um den alten Hafen eingerichtet", "regulation"),
        ("Shutdown verlängert: Wirte an der Küste warten", "regulation"),
        ("Hunde gehören an die Leine, sagt die Insel", "regulation"),
        ("Behörden erlauben Fähre ohne Kapitän", "regulation"),
        ("aufseher pruefen reederei", "regulation"),
        ("Reederchef geht: Aufsichtsrat sucht neuen Chef", "leadership"),
        ("Präsident feuert Fischereiminister", "leadership"),
        ("Hafenamt: die neue Direktorin kommt von der Insel", "leadership"),
        ("fischer waehlen neuen vorsitzenden", "leadership"),
        ("Praktikumsplätze auf der Werft fehlen", "jobs"),
        ("Zahl der Pendler auf der Fähre steigt", "jobs"),
        ("Lotsen verlangen Gehaltserhöhung", "jobs"),
        ("Kollektivvertrag für Matrosen", "jobs"),
        ("Land fördert Leuchttürme mit drei Millionen Euro", "funding"),
        ("Milliardenkredit für die Reederei", "funding"),
        ("Analyse: Bank belässt Nordwerft auf Overweight", "markets"),
        ("Hafenaktien: Leerverkäufer ziehen sich zurück", "markets"),
        ("Fischmarkt: Verkauf der Sparte, Teilverkauf der Tochter", "acquisition"),
        ("Nordwerft erhält Großauftrag", "partnership"),
        ("Hausdurchsuchung bei einem Reeder", "court"),
        ("fischer legt berufung ein", "court"),
        ("Rebellen melden Gefechte im Norden der Insel", "defence"),
        ("Wirkstoff gegen Seekrankheit: neue Phase III Daten", "research"),
        ("Raumsonde fotografiert das Meer", "research"),
        ("Sicherheitsaktualisierung für Schiffsfunk: Schadprogramm im Umlauf", "security"),
        ("Klarnamenzwang für Fischer im Netz?", "privacy"),
        ("Einschulung auf der Insel", "education"),
        ("Kantonsspital baut am See", "health"),
        ("Sogenannte Triage in der Inselklinik", "health"),
        ("Kabelnetz der Insel wird erneuert", "infrastructure"),
        ("So sieht der neue Kleinbus aus", "product"),
        ("Fahrbericht: mit dem Kombi ans Meer", "product"),
        ("SVP fordert Kurswechsel in der Fischerei", "policy"),
        ("Kretschmann mahnt zur Eile", "policy"),
        ("mikl leitner appelliert an die inseln", "policy"),
        ("Bürgermeisterkandidaten stellen sich im Hafen vor", "policy"),
    ],
)
def test_what_headlines_say(taxonomy: Taxonomy, title: str, topic: str) -> None:
    assert topic in topics_of(taxonomy, title)


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Zwei Restaurants öffnen am Hafen", "regulation"),
        ("Spaziergang vom Rathaus an die Leine", "regulation"),
        ("Aufseher im Museum erzählt", "regulation"),
        ("Der Trainer feuert seine Ruderer an", "leadership"),
        ("Pendler stecken im Stau", "jobs"),
        ("Fischer aus der Klinik entlassen: Krankenhaus entlassen, Boot gefunden", "jobs"),
        ("Bagger fördert Millionen Jahre alten Zahn zutage", "funding"),
        ("Gemeinde belässt Steuerfuß auf 95 Prozent", "markets"),
        ("Silvesterbilanz der Feuerwehr: ruhige Nacht am Hafen", "markets"),
        ("Bürgermeister verurteilt Angriff auf Fischer", "court"),
        ("Hafenfest wegen der Corona-Pandemie abgesagt", "health"),
        ("Corona-Appell an die Segler", "health"),
        ("Schülerin spurlos verschwunden: Polizei sucht am Hafen", "education"),
        ("Spezialkräfte der Polizei nehmen Verdächtigen fest", "defence"),
        ("Festtag mit Brettspielen im Leuchtturm", "product"),
        ("Reederei stellt Jahresbericht vor", "product"),
        ("Kretschmann am Strand", "policy"),
        ("How to do the perfect lunge", "health"),
        ("Petition to save a harbour cinema", "policy"),
        ("VW Golf überschlägt sich am Deich", "product"),
        ("Knitted blanket gets an extra patch", "security"),
    ],
)
def test_what_they_do_not_mean(taxonomy: Taxonomy, title: str, topic: str) -> None:
    assert topic not in topics_of(taxonomy, title)


def test_a_site_of_free_software_is_known_by_its_address(taxonomy: Taxonomy) -> None:
    title = "Fischkutter 1.1.6 erschienen"
    assert "open-source" in topics_of(taxonomy, title, "https://www.pro-linux.de/news/fischkutter-erschienen.html")
    assert "open-source" not in topics_of(taxonomy, title, "https://www.hafen.example/news/fischkutter-erschienen.html")


def test_a_tablet_with_a_radio_is_no_network(taxonomy: Taxonomy) -> None:
    assert "infrastructure" not in topics_of(taxonomy, "Tablet mit 6 GB RAM und 5G-Version vorgestellt")
    assert "infrastructure" in topics_of(taxonomy, "5G-Ausbau an der Küste")
