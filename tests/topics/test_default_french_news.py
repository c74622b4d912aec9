"""French general news: elections, diplomacy, rules of every day, strikes; headlines and addresses made up for it."""

from __future__ import annotations

import pytest

from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.default_topics import topics_of


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Quadrangulaire en vue dans le chef-lieu", "policy"),
        ("Qui sont les têtes de liste dans la vallée ?", "policy"),
        ("L'ex-président appelle ses partisans à manifester", "policy"),
        ("Un campement de migrants évacué près du canal", "policy"),
        ("Le centre de rétention affiche complet", "policy"),
        ("Ce que contient le texte voulu par Macron", "policy"),
        ("Washington et Pékin renouent le fil", "policy"),
        ("Le président tunisien en visite à Rome", "policy"),
        ("Deux chercheurs détenus : Paris réclame leur libération", "policy"),
        ("Colère agricole : les tracteurs de retour", "policy"),
        ("Les frontaliers pourront de nouveau passer", "regulation"),
        ("La réouverture de la frontière fixée à lundi", "regulation"),
        ("Tabac : le paquet neutre arrive", "regulation"),
        ("Non-respect du confinement : trois commerces fermés", "regulation"),
        ("Deux tonnes de cannabis saisies au port", "court"),
        ("Un trafic de drogue démantelé dans la vallée", "court"),
        ("Quatre policiers devant un juge", "court"),
        ("Le virus se propage dans le nord du pays", "health"),
        ("La prise de poids, autre effet du confinement", "health"),
        ("Comment bien porter le masque", "health"),
        ("Un général iranien tué dans la capitale", "defence"),
        ("Offensive sur le nord : les rebelles reculent", "defence"),
        ("Le cours de l'or au plus haut", "markets"),
        ("Le prix du baril s'effondre", "markets"),
        ("La vallée manque de bras pour les vendanges", "jobs"),
        ("Droit de retrait : le dépôt à l'arrêt", "jobs"),
        ("Passation de pouvoirs à la gendarmerie", "leadership"),
        ("StopCovid : l'application arrive", "product"),
        ("Des sociologues au chevet du bureau partagé", "research"),
    ],
)
def test_found(taxonomy: Taxonomy, title: str, topic: str) -> None:
    assert topic in topics_of(taxonomy, title)


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Confinée, elle apprend la guitare", "health"),
        ("Une quarantaine de vélos volés", "health"),
        ("Déconfinement : nos idées de lecture", "regulation"),
        ("Les échanges commerciaux avec l'Asie reculent", "policy"),
        ("Fromages et fleurs sur les marchés du canton", "markets"),
        ("Le vélo électrique du facteur", "product"),
        ("Il faut se consoler d'une défaite", "product"),
        ("Ils refusent de se laisser enfermer", "health"),
        ("Le Smic revalorisé en janvier", "chips"),
        ("Rentrée chargée pour le gouvernement", "education"),
        ("Un enseignant-chercheur relaxé", "education"),
        ("Grève de la faim : le chanteur s'arrête", "jobs"),
        ("Portrait d'un secrétaire général discret", "leadership"),
        # Words of these that are English ones, or become one without their accents.
        ("Best cable modem for gamers", "policy"),
        ("Local village welcomes film crew with open arms", "policy"),
        ("Players show deference to veteran captain", "court"),
        ("Hotel restyled by Milan designer", "product"),
        ("Goalkeeper's incursion into midfield", "defence"),
        ("Visit the Urnes stave church", "policy"),
    ],
)
def test_near_miss(taxonomy: Taxonomy, title: str, topic: str) -> None:
    assert topic not in topics_of(taxonomy, title)


@pytest.mark.parametrize(
    ("url", "topic"),
    [
        ("https://journal.example/monde/non-respect-du-confinement-les-chiffres-12345.html", "regulation"),
        ("https://journal.example/monde/appel-a-la-liberation-de-deux-otages-12345.html", "policy"),
    ],
)
def test_an_address_alone(taxonomy: Taxonomy, url: str, topic: str) -> None:
    assert topic in topics_of(taxonomy, "", url)


@pytest.mark.parametrize(
    ("url", "topic"),
    [
        ("https://journal.example/politique/un-dimanche-au-village-12345.html", "policy"),
        ("https://journal.example/sante/ce-que-cache-le-placard-12345.html", "health"),
    ],
)
def test_a_paper_s_desk_alone_is_no_topic(taxonomy: Taxonomy, url: str, topic: str) -> None:
    assert topic not in topics_of(taxonomy, "", url)
