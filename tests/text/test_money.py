"""Amounts of money in title and lead: how much, in which currency, as written, and what for. Every text is made up."""

import pytest

from aggregator.text.money.amounts import amounts
from aggregator.text.money.words import BY_SIZE, CODES, CURRENCIES, NAMES, OWN


def found(title: str, language: str = "en", text: str = "") -> list[tuple[float, str | None, str, str | None]]:
    return [tuple(each) for each in amounts(title, text, language)]


@pytest.mark.parametrize(
    ("text", "language", "value", "currency", "written"),
    [
        ("Ferry maker books $13B", "en", 13e9, "USD", "$13B"),
        ("It has US$400M left", "en", 4e8, "USD", "US$400M"),
        ("It has A$4.5 million left", "en", 4.5e6, "AUD", "A$4.5 million"),
        ("A £11,300-a-year cleaner", "en", 11300, "GBP", "£11,300"),
        ("It has NZD $7.5 billion left", "en", 7.5e9, "NZD", "NZD $7.5 billion"),
        ("It has $US2.5 million left", "en", 2.5e6, "USD", "$US2.5 million"),
        ("It has USD5m left", "en", 5e6, "USD", "USD5m"),
        ("Spending of EUR 5 mln", "en", 5e6, "EUR", "EUR 5 mln"),
        ("Spending of 5 million Canadian dollars", "en", 5e6, "CAD", "5 million Canadian dollars"),
        ("Half a billion dollars for ferries", "en", 5e8, "USD", "Half a billion dollars"),
        ("A budget of Rs 500 crore", "en", 5e9, "INR", "Rs 500 crore"),
        ("A budget of ₹2 lakh crore", "en", 2e12, "INR", "₹2 lakh crore"),
        ("A budget of ₹2 lakh for crows", "en", 2e5, "INR", "₹2 lakh"),
        ("Die Fähre kostet den Hafen 1,2 Mrd. Euro", "de", 1.2e9, "EUR", "1,2 Mrd. Euro"),
        ("Dafür sind 350 000 Euro da", "de", 350000, "EUR", "350 000 Euro"),
        ("Ein Schaden von 10.000 Euro", "de", 10000, "EUR", "10.000 Euro"),
        ("Über 100'000 Franken Schaden", "de", 100000, "CHF", "100'000 Franken"),
        ("Der Hafen bekommt zwei Milliarden Euro", "de", 2e9, "EUR", "zwei Milliarden Euro"),
        ("Eine Billion US-Dollar", "de", 1e12, "USD", "Eine Billion US-Dollar"),
        ("Le port reçoit 1 200 000 euros", "fr", 1.2e6, "EUR", "1 200 000 euros"),
        ("Un budget de 10 M€", "fr", 1e7, "EUR", "10 M€"),
        ("Près de 2,5 milliards d’euros", "fr", 2.5e9, "EUR", "2,5 milliards d’euros"),
        ("Una inversión de 1.100 millones de dólares", "es", 1.1e9, "USD", "1.100 millones de dólares"),
        ("Un ahorro de 7 mil 344 millones de pesos", "es", 7.344e9, None, "7 mil 344 millones de pesos"),
        ("Debiti per 70 miliardi di euro", "it", 7e10, "EUR", "70 miliardi di euro"),
        ("Böter på 90 miljoner kr", "sv", 9e7, "SEK", "90 miljoner kr"),
        ("Bøder på 90 millioner kroner", "da", 9e7, "DKK", "90 millioner kroner"),
        # Words that are common ones besides.
        ("The port pays 5 million won for buoys", "en", 5e6, "KRW", "5 million won"),
        ("The port pays 300,000,000 won", "en", 3e8, "KRW", "300,000,000 won"),
        ("Der Hafen zahlt 5 Millionen Won", "de", 5e6, "KRW", "5 Millionen Won"),
        ("The port pays 5 million pounds", "en", 5e6, "GBP", "5 million pounds"),
        ("The port pays 5 million rand", "en", 5e6, "ZAR", "5 million rand"),
        ("The port pays 5 million crowns", "en", 5e6, None, "5 million crowns"),
        ("Le port paie 5 millions de couronnes", "fr", 5e6, None, "5 millions de couronnes"),
        ("The port pays 5 million lira", "en", 5e6, None, "5 million lira"),
        ("Liman 5 milyon ve 300 lira", "tr", 300, "TRY", "300 lira"),
        # Those of one language are read in others.
        ("The port pays 300 pesos", "en", 300, None, "300 pesos"),
        ("The port pays 300 Swiss francs", "en", 300, "CHF", "300 Swiss francs"),
        ("The port pays CHF 300", "en", 300, "CHF", "CHF 300"),
        ("Le port paie 300 yens", "fr", 300, "JPY", "300 yens"),
    ],
)
def test_value_and_currency(text: str, language: str, value: float, currency: str | None, written: str) -> None:
    assert [each[:3] for each in found(text, language)] == [(value, currency, written)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The GPT5 and GPT-5 models with 5 million users and 3.11.2", "en"),
        ("A 5 pound salmon won 3 prizes", "en"),  # a weight, a verb
        ("The team won 5 million", "en"),
        ("The team won 5 million votes", "en"),
        ("Some 5 million won the right to vote, 3 won a prize", "en"),
        ("Rings of 925 sterling silver and 3 crowns", "en"),
        ("A painting with 3 couronnes de fleurs", "fr"),
        ("In 2017 Franken left, in 2023 Lira had floods", "en"),
        ("5 RAND studies, 12 rand", "en"),
        ("A 5 TL;DR, and 20 rub marks", "en"),
        ("Der Läufer war 5 sek schneller, 5 kr", "de"),  # seconds; whose crowns?
        ("A billion-dollar bet on dollars", "en"),
        ("Europe in 2026: 27 states", "en"),
        ("cookie = sm.Inhibit($0, 0)", "en"),
    ],
)
def test_what_is_no_amount(text: str, language: str) -> None:
    assert found(text, language) == []


def test_the_ends_of_a_span_share_what_stands_at_one_of_them() -> None:
    assert [each[:2] for each in found("The yard wants $5-7 billion")] == [(5e9, "USD"), (7e9, "USD")]
    assert [each[:2] for each in found("Zwischen 5 und 7 Mio. Euro", "de")] == [(5e6, "EUR"), (7e6, "EUR")]
    # What only stands beside it is no end of it.
    assert [each[:2] for each in found("In 2025 and for 7 million dollars")] == [(7e6, "USD")]


def test_what_is_said_twice_is_one_amount_and_the_lead_alone_is_read() -> None:
    text = "The yard, which has $5 million, raised $5 million." + " Calm seas." * 60 + " It costs $9."
    assert found("A yard with $5M", text=text) == [(5e6, "USD", "$5 million", "raised")]


@pytest.mark.parametrize(
    ("text", "language", "kinds"),
    [
        ("Kettle raises $13M Series A at a $183M post-money valuation", "en", ["raised", "valued"]),
        ("Kettle secures $105 million in growth funding", "en", ["raised"]),
        ("Kettle is in talks to raise $1 billion at a valuation of $18 billion", "en", ["raised", "valued"]),
        ("The deal would value the whole yard at more than $100B", "en", ["valued"]),
        ("The office fined Kettle €5 million and Quarry €7 million over leaks", "en", ["fined", "fined"]),
        ("Kettle faces a penalty of up to $2m", "en", ["fined"]),
        ("Kettle sells its rudder for $599, from $12 a month", "en", ["price", "price"]),
        ("Kettle to buy rival Quarry for $3 billion", "en", ["price"]),
        ("Kettle sammelt 20 Millionen Euro ein", "de", ["raised"]),
        ("Kettle schließt Finanzierungsrunde über 5 Mio. Euro ab", "de", ["raised"]),
        ("Kettle wird mit 5 Milliarden Euro bewertet", "de", ["valued"]),
        ("Behörde verhängt Bußgeld in Höhe von 40.000 Euro", "de", ["fined"]),
        ("Das Abo kostet 9,99 Euro im Monat", "de", ["price"]),
        ("Kettle lève 12 millions d'euros", "fr", ["raised"]),
        ("Kettle est valorisée à 2 milliards d'euros", "fr", ["valued"]),
        ("Une amende de 3 millions d'euros pour Kettle", "fr", ["fined"]),
        ("L'abonnement coûte 10 euros par mois", "fr", ["price"]),
        ("Kettle levanta 8 millones de euros", "es", ["raised"]),
        ("Kettle, valorada en 2.000 millones de euros", "es", ["valued"]),
        ("Multa de 30.000 euros a Kettle", "es", ["fined"]),
        ("El billete cuesta 30 euros", "es", ["price"]),
        ("Kettle raccoglie 15 milioni di euro", "it", ["raised"]),
        ("Una valutazione di 2 miliardi di euro per Kettle", "it", ["valued"]),
        ("Multa di 3 milioni di euro a Kettle", "it", ["fined"]),
        ("Il biglietto costa 30 euro", "it", ["price"]),
    ],
)
def test_kinds(text: str, language: str, kinds: list[str]) -> None:
    assert [each[3] for each in found(text, language)] == kinds


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Kettle raises spending guidance to $70 billion", "en"),
        ("Kettle raised its bid for Quarry to about $121 billion", "en"),
        ("Kettle lands $200M contract with the navy", "en"),
        ("Fine-tuning on $5 of chips", "en"),
        ("Workers are paid wages of $15 an hour", "en"),
        ("Kettle burns $1 billion a month", "en"),
        ("Kettle was valued last year. It spends $5 million", "en"),
        ("Die Werft investiert 40 Millionen Euro", "de"),
        ("Les pertes atteignent 40 millions d'euros", "fr"),
    ],
)
def test_where_the_words_do_not_say_it_has_no_kind(text: str, language: str) -> None:
    assert [each[3] for each in found(text, language)] == [None]


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "pt", "tr", "sv"])
def test_no_word_of_the_table_is_forgotten(language: str) -> None:
    """But for two letters that are money in their own languages alone, and a name."""
    for word, code in CURRENCIES.items():
        if word in {"kr", "tl"} or (word, language) in NAMES:
            continue
        said = word.upper() if len(word) == 3 and word.isascii() else word
        text = f"A port, 5,000,000 {said}."
        assert [(each.value, each.currency) for each in amounts(text, "", language)] == [
            (5e6, OWN.get((word, language)) or BY_SIZE.get(word) or code)
        ], text
    for code in CODES:
        assert [each.currency for each in amounts(f"A port, {code} 500", "", language)] == [code]
