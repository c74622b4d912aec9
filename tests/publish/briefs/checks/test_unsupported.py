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
