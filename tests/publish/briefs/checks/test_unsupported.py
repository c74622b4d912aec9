"""What no named source speaks of, in three languages, and honest paraphrases that stay."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from tests.helpers.drafts import checked, kind_of, source, why, why_headline

LOAN = {
    "en": "Altwick council approves a loan for the harbour pool.",
    "de": "Der Rat von Altwick bewilligt einen Kredit für das Hafenbad.",
    "fr": "Le conseil d'Altwick approuve un crédit pour la piscine du port.",
}


@pytest.mark.parametrize("of", ["en", "de", "fr"])
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The mayor of Altwick has resigned."),
        ("en", "Altwick is bankrupt."),
        ("en", "The pool was cancelled after a data leak."),
        ("en", "The treasurer was arrested."),
        ("de", "Der Bürgermeister von Altwick ist zurückgetreten."),
        ("de", "Altwick ist pleite."),
        ("de", "Hacker haben das Hafenbad erpresst."),
        ("fr", "Le maire d'Altwick a démissionné."),
        ("fr", "Altwick est en faillite."),
        ("fr", "Le trésorier a été arrêté."),
        ("en", "Police are investigating the council."),
        ("de", "Gegen den Rat wird ermittelt."),
        ("fr", "Des experts critiquent le crédit."),
    ],
)
def test_an_event_at_which_no_source_hints_is_refused(language: str, text: str, of: str) -> None:
    assert kind_of(why(language, text, (of, LOAN[of]))) == "unsupported"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Teachers love gardening."),
        ("en", "Altwick is famous among painters for its sunsets and cheese."),
        ("de", "Die Lehrerinnen lieben Gartenarbeit."),
        ("fr", "Les enseignants adorent le jardinage."),
    ],
)
def test_a_sentence_without_a_word_of_its_source_is_refused(language: str, text: str) -> None:
    assert kind_of(why(language, text, (language, LOAN[language]))) == "unsupported"


# A source, and sentences that take its figure or its day and nothing else from it.
AROUND = [
    ("en", "Veltrona raised 900 million euros.", "Farmers spent 900 million euros on new cheese."),
    ("en", "Veltrona raised 900 million euros.", "The choir sold its piano for 900 million euros."),
    ("en", "The ferry to Dunmore hit the quay on Friday.", "On Friday teachers walked to the river and sang."),
    ("en", "The rate of the bank stays at 3.5 percent.", "About 3.5 percent of dentists prefer soft pillows."),
    ("en", "Some 240 lamps were stolen from the bridge.", "Some 240 painters met in the garden of a poet."),
    ("de", "Der Konzern streicht 1.200 Stellen.", "Im Zoo leben 1.200 Papageien und Flamingos."),
    ("de", "Die Fähre fährt vom 3. Dezember an.", "Am 3. Dezember backen Großmütter gern Kuchen."),
    ("de", "Die Reparatur kostet 4 Millionen Euro.", "Bauern gaben 4 Millionen Euro für neuen Käse aus."),
    ("de", "Der Umsatz sank um 12 Prozent.", "Wildgänse bildeten 12 Prozent des kleinen Chores."),
    ("fr", "La banque supprime 300 emplois.", "Quelque 300 peintres dînaient dans le jardin du poète."),
    ("fr", "Le tunnel rouvre le 5 mars.", "Le 5 mars, des grands-mères dansaient avec leurs perroquets."),
    ("fr", "Le musée a coûté 8 millions d'euros.", "Les bergers dépensent 8 millions d'euros en fromage."),
]


@pytest.mark.parametrize(("language", "said", "text"), AROUND)
def test_a_figure_or_a_day_of_a_source_does_not_bear_the_words_around_it(language: str, said: str, text: str) -> None:
    reason = why(language, text, (language, said))
    assert reason
    assert reason.startswith("unsupported: ")


@pytest.mark.parametrize(
    ("language", "text", "of", "said"),
    [
        ("en", "Bakers sang 40 songs in the evening.", "de", "Der Minister kürzt die Steuer von 40 Banken."),
        ("de", "Der Wolf fraß 40 Äpfel im Garten.", "en", "The minister cuts the tax of 40 banks."),
        ("fr", "Le boulanger aime la danse et le chant.", "en", "The court sentenced the bank to pay a fine."),
    ],
)
def test_what_shares_no_meaning_with_a_source_in_another_language_is_refused(
    language: str, text: str, of: str, said: str
) -> None:
    reason = why(language, text, (of, said))
    assert reason
    assert reason.startswith("unsupported: ")


@pytest.mark.parametrize(
    ("language", "text", "of", "said"),
    [
        # One word and one figure.
        ("en", "The bridge cost 40 million euros.", "en", "The bill for the bridge: 40 million euros."),
        ("en", "Prices rose by 3 percent in May.", "en", "Inflation stood at 3 percent in May."),
        # Three of figure, day and name together are no chance.
        (
            "en",
            "Between March and July guests of Velmar drank 900 litres more.",
            "en",
            "From March to July 900 litres more were sold by Velmar.",
        ),
        ("de", "Knapp 400 Zusteller streiken.", "de", "Rund 390 Boten legten am Montag die Arbeit nieder."),
        # A row of words, one with meaning.
        ("de", "Nach dem ersten Lauf führte Ada Lunn.", "de", "Ada Lunn war nach dem ersten Lauf die Schnellste."),
        # The table of concepts knows too little of the source.
        ("en", "Vets weighed the calf at 34 kilos.", "de", "Das Jungtier brachte 34 Kilo auf die Waage."),
        ("fr", "La rouille ronge 12 wagons.", "de", "Zwölf Waggons sind verrottet."),
        # A name in common.
        (
            "en",
            "Lunn voiced joy over 40 gifts.",
            "de",
            "Ministerin Ada Lunn dankt der Bank und dem Gericht für 40 Spenden.",
        ),
    ],
)
def test_a_paraphrase_around_a_figure_or_a_day_is_kept(language: str, text: str, of: str, said: str) -> None:
    assert why(language, text, (of, said)) is None


def test_a_headline_around_a_cited_figure_is_held_too() -> None:
    said = ("en", "Veltrona raised 900 million euros.")
    assert why_headline("en", "Farmers celebrate cheese worth 900 million euros", said)
    assert why_headline("en", "Veltrona takes in 900 million euros", said) is None


@pytest.mark.parametrize(
    ("language", "text", "of", "said"),
    [
        ("en", "The mayor has resigned.", "de", "Der Bürgermeister legte sein Amt nieder."),
        ("en", "The mill is bankrupt.", "fr", "Le moulin ne peut plus payer ses créanciers."),
        ("en", "Two sailors were killed.", "en", "The bodies of two sailors were found."),
        ("en", "The police arrested a man.", "de", "Ein Mann sitzt in Haft."),
        ("en", "The show was cancelled.", "en", "The singers called off the show."),
        ("en", "Entry costs nothing.", "en", "Visitors get in free of charge."),
        ("en", "A date is yet to be announced.", "de", "Wann, steht noch aus."),
        ("de", "Der Chef ist zurückgetreten.", "en", "The chief stepped down."),
        ("de", "Unbekannte haben das Netz gehackt.", "en", "Intruders got into the network."),
        ("de", "Der Andrang war groß.", "en", "Crowds came."),
        ("fr", "La directrice a démissionné.", "fr", "La directrice quitte son poste."),
        ("fr", "Le bus a déraillé.", "en", "The tram crashed."),
        ("en", "Engineers criticise the bridge.", "de", "Ingenieure halten die Brücke für einen Fehler."),
        ("de", "Zwei Menschen wurden verletzt.", "en", "Two people were taken to hospital."),
        ("fr", "Les salariés protestent.", "de", "Die Beschäftigten gingen auf die Straße."),
    ],
)
def test_an_honest_paraphrase_is_kept(language: str, text: str, of: str, said: str) -> None:
    assert why(language, text, (of, said)) is None


def test_a_headline_is_borne_by_any_source() -> None:
    sources = (("en", LOAN["en"]), ("en", "Mayor Ada Lunn spoke for the loan."))
    assert kind_of(why_headline("en", "Altwick mayor resigns", *sources)) == "unsupported"
    assert why_headline("en", "Altwick mayor resigns", *sources, ("de", "Lunn tritt zurück.")) is None
    assert why_headline("en", "Harbour pool gets its loan", *sources) is None


class _Meanings:
    """An encoder for which texts about ships are one, and all others another."""

    model, version = "fake", "1"

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        """One of two directions."""
        return [bytes([100, 0] if re.search("ship|Schiff|navire|sail", text) else [0, 100]) for text in texts]

    def rest(self) -> None:
        """Never."""


@pytest.mark.parametrize(
    ("text", "of", "said", "is_kept"),
    [
        ("The ship was built by islanders.", "de", "Der Kuchen gelang dem Bäcker.", False),
        ("They sail at dawn.", "de", "Das Schiff verlässt den Kai früh.", True),
        # As far, but with words of its source.
        ("The ship carries cheese and butter.", "en", "Cheese and butter are carried to the island.", True),
    ],
)
def test_with_a_model_of_meaning_what_is_far_from_its_source_is_refused(
    text: str, of: str, said: str, is_kept: bool
) -> None:
    given = [source(1, of, said, publisher="Ledger")]
    assert checked("en", text, given, meaning=_Meanings()).refused is not is_kept
