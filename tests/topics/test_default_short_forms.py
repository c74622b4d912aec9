"""Italian and Spanish headlines in the short forms of addresses, and words grown together; made up for it."""

from __future__ import annotations

import pytest

from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.default_topics import topics_of


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Il porto e lopposizione in consiglio: parla lassessore", "policy"),
        ("La Camera approva il piano per il faro", "policy"),
        ("Si va verso il voto di fiducia sul porto", "policy"),
        ("Abbassare le tasse ai pescatori", "policy"),
        ("Stop diesel sul lungomare", "regulation"),
        ("Il decreto legge sui traghetti", "regulation"),
        ("Spostamenti regioni: che cosa cambia sulle isole", "regulation"),
        ("Linchiesta sul naufragio del traghetto", "court"),
        ("Carabinieri sequestrano una barca", "court"),
        ("Il primario dellasl dellisola e i medici di base", "health"),
        ("Delluniversita del mare: open day", "education"),
        ("Nuovi corsi al centro per limpiego", "jobs"),
        ("Il prezzo del palladio sale ancora", "markets"),
        ("Rimosso dall'incarico il capo del cantiere", "leadership"),
        ("La diputada visita el faro", "policy"),
        ("Relaciones bilaterales entre dos islas", "policy"),
        ("Qué se podrá hacer en la playa", "regulation"),
        ("WhatsApp se cae en todas las islas", "infrastructure"),
        ("Los temporeros y los trabajos agrícolas del delta", "jobs"),
    ],
)
def test_a_short_form_is_found(title: str, topic: str, taxonomy: Taxonomy) -> None:
    assert topic in topics_of(taxonomy, title)


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("La regla fiscal y los faros", "court"),
        ("Cometen un robo en el puerto", "research"),
        ("Salvini in aula parla del porto", "education"),
        ("Ricoverato in prognosi riservata un ciclista caduto dal molo", "health"),
        ("Stop ai rigori: il derby del porto finisce pari", "regulation"),
        ("La preoccupazione dei pescatori", "jobs"),
        ("Il traghetto si rompe, la distruzione del molo", "education"),
        ("Stop diesel smell in your boat", "regulation"),
        ("Stop auto theft at the harbour", "regulation"),
    ],
)
def test_what_only_looks_like_it_is_not(title: str, topic: str, taxonomy: Taxonomy) -> None:
    assert topic not in topics_of(taxonomy, title)
