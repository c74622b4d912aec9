"""The default topics in seven languages: common words of each field, as a dictionary has them, in headlines made up."""

from __future__ import annotations

import pytest

from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.default_topics import topics_of


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Lungenentzündung: was im Winter hilft", "health"),
        ("Zahnärzte auf der Insel fehlen", "health"),
        ("Tuberculosis en la isla: la vacuna llega en marzo", "health"),
        ("Polmonite, primi ricoveri sull'isola", "health"),
        ("La tubercolosi torna al porto", "health"),
        ("Anticorps : ce que disent les prélèvements du port", "health"),
        ("Lunginflammation vanligare på ön", "health"),
        ("Besmettingen in de haven nemen toe", "health"),
        ("Friedensabkommen für die Inseln unterzeichnet", "policy"),
        ("Waffenembargo gegen den Inselstaat", "policy"),
        ("Accord de paix sur les îles", "policy"),
        ("Tratado de libre comercio entre las islas", "policy"),
        ("Accordo di pace tra le isole", "policy"),
        ("Vluchtelingen op het eiland opgevangen", "policy"),
        ("Folkomröstning om bron till ön", "policy"),
        ("Verfassungsänderung auf der Insel", "regulation"),
        ("Medidas restrictivas en el puerto desde el lunes", "regulation"),
        ("Zone rosse sull'isola da lunedì", "regulation"),
        ("Avondklok of niet: noodtoestand op het eiland", "regulation"),
        ("Steuerhinterziehung: Reeder gesteht", "court"),
        ("Pena di morte per il pirata dell'isola", "court"),
        ("Condenan al naviero: años de reclusión y soborno probado", "court"),
        ("Grundschüler lernen segeln", "education"),
        ("Guarderías de la isla sin plazas", "education"),
        ("Il tirocinio in cantiere dura sei mesi", "education"),
        ("Förskolor på ön stänger", "education"),
        ("Faillite du chantier naval", "markets"),
        ("La naviera va a la quiebra", "markets"),
        ("Lucro da empresa de barcos sobe", "markets"),
        ("Fusion: Reedereien fusionieren im Herbst", "acquisition"),
        ("Overname van rederij afgerond", "acquisition"),
        ("Arbeiterkammer berät Matrosen", "jobs"),
        ("Pénurie de main d'œuvre sur les quais", "jobs"),
        ("Falta mano de obra en el astillero", "jobs"),
        ("Taliban besetzen die Hafenstadt", "defence"),
    ],
)
def test_found(taxonomy: Taxonomy, title: str, topic: str) -> None:
    assert topic in topics_of(taxonomy, title)


@pytest.mark.parametrize(
    "title",
    [
        "Coronavirus: zwei weitere Verdachtsfälle auf der Insel",
        "Hafenmeister positiv auf Coronavirus getestet",
        "El alcalde tiene coronavirus",
        "Primera muerte por coronavirus en la isla",
        "Coronavirus, le vittime sull'isola sono tre",
        "Coronavirus, secondo decesso al porto",
        "Le capitaine guéri du coronavirus",
    ],
)
def test_whom_corona_meets_is_health(taxonomy: Taxonomy, title: str) -> None:
    assert "health" in topics_of(taxonomy, title)


@pytest.mark.parametrize(
    "title",
    [
        "Coronavirus: Reisebüros der Insel vor der Insolvenz",
        "Aplazan la regata por coronavirus",
        "Coronavirus, il mercato del pesce si ferma",
        "Coronavirus : la compagnie réduit ses traversées",
    ],
)
def test_what_corona_does_to_trade_and_sport_is_not(taxonomy: Taxonomy, title: str) -> None:
    assert "health" not in topics_of(taxonomy, title)


@pytest.mark.parametrize(
    "title", ["Trump warnt die Fischer", "Maduro felicita a los pescadores", "Macron annonce un pont", "Biden attacca"]
)
def test_what_who_governs_says_is_policy(taxonomy: Taxonomy, title: str) -> None:
    assert "policy" in topics_of(taxonomy, title)


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Trump am Strand", "policy"),
        ("Der Koch warnt vor rohem Fisch", "policy"),
        ("La cantante annuncia il tour", "policy"),
        ("États-Unis : la plage rouvre", "education"),
        ("La dosis justa de sal", "health"),
        ("Au cours de la nuit, un orage", "education"),
        ("Fusione nucleare nel sole", "acquisition"),
        ("Roben und Robben am Strand", "robotics"),
        ("La policía detiene a dos turistas", "court"),
        ("Autobahn gesperrt nach Unfall", "regulation"),
        ("Die Bank im Park wird gestrichen", "markets"),
        ("Zählen im Wald: die Ergebnisse", "research"),
    ],
)
def test_not_meant(taxonomy: Taxonomy, title: str, topic: str) -> None:
    assert topic not in topics_of(taxonomy, title)
