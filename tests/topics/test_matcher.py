"""Where terms are found: word edges in any script, gaps, classes, case."""

from __future__ import annotations

import time

import pytest

from aggregator.topics.matcher import TermFinder
from aggregator.topics.normal_forms import normalise
from aggregator.topics.syntax import GAP_WORDS


def found(term: str, text: str) -> list[str]:
    return [hit.found for hit in TermFinder([term]).find(normalise(text))]


FOUND = {
    "whole-word": ("ai", "The AI said so", "AI"),
    "beside-punctuation": ("ai", "AI: (AI), “AI”!", "AI"),
    "at-the-ends": ("ai", "ai", "ai"),
    "before-an-apostrophe": ("company", "the company’s plan", "company"),
    "beside-kana": ("AI", "AIが話す", "AI"),
    "beside-han": ("5g", "新5G网络", "5G"),
    "inside-han": ("地震", "震度6強の地震が", "地震"),
    "han-and-latin": ("AIエージェント", "新AIエージェント発表", "AI エージェント"),
    "thai": ("ไทย", "ประเทศไทยวันนี้", "ไทย"),
    "sign-at-the-end": ("c++", "Modern C++, again", "C++"),
    "sign-inside": ("ci/cd", "our CI/CD is slow", "CI/CD"),
    "site": ("arxiv.org", "see arxiv.org/abs/1", "arxiv.org"),
    "section": ("/politik/", "zeitung.example/politik/wahl", "/politik/"),
    "soft-hyphen": ("rechenzentrum", "Rechen\u00adzentrum", "Rechenzentrum"),
    "marks-of-direction": ("data breach", "data \u200ebreach\u200f", "data breach"),
    "zero-width": ("tea", "te\u200ba", "tea"),
    "wide-letters": ("ai", "ＡＩ発表", "AI"),
    "dash-is-a-space": ("open source", "an open-source tool", "open source"),
    "space-is-a-dash": ("zero-day", "a zero day", "zero day"),
    "two-spaces": ("open source", "open \n source", "open source"),
    "curly-apostrophe": ("l'action", "L’action monte", "L'action"),
    "open-right": ("regulat*", "Deregulated? Regulators!", "Regulat"),
    "open-left": ("*finanzierung", "eine Anschubfinanzierung", "finanzierung"),
    "open-inside-a-phrase": ("языков* модел*", "Новая языковая модель", "языковая модел"),
    "inflection": ("lawsuit~", "two lawsuits", "lawsuit"),
    "inflection-none": ("lawsuit~", "a lawsuit", "lawsuit"),
    "inflection-of-three": ("acquir~", "acquiring", "acquir"),
    "sharp-s": ("Geldbuße", "GELDBUSSE", "GELDBUSSE"),
    "sharp-s-in-the-text": ("geldbusse", "Eine Geldbuße droht", "Geldbusse"),
    "without-accents": ("données", "vol-de-donnees", "donnees"),
    "without-apostrophe": ("don d'organes", "un-don-d-organes-refuse", "don d organes"),
    "without-apostrophe-and-accents": ("aides d'État", "des-aides-d-etat", "aides d etat"),
    "umlaut-spelled-out": ("Behörde", "behoerde", "behoerde"),
    "cased": ("=WHO", "the WHO warns", "WHO"),
    "cased-with-accents": ("=ÖVP", "die ÖVP sagt", "ÖVP"),
    "dotted-capital-i": ("istanbul", "İstanbul", "İstanbul"),
}

NOT_FOUND = {
    "inside-a-word": ("ai", "He said email is plain"),
    "before-a-digit": ("m3", "am3b sm120 m35"),
    "letter-and-digit": ("gpt", "gpt4"),
    "inside-latin-beside-kana": ("ai", "saiが"),
    "other-case": ("=WHO", "who and Who"),
    "closed-right": ("regulate", "regulated"),
    "closed-left": ("finanzierung*", "Anschubfinanzierung"),
    "too-long-for-inflection": ("gericht~", "Gerichtsvollzieher"),
    "inflection-before-a-digit": ("gpt~", "gpt4"),
    "words-with-a-comma": ("data breach", "the data, breach or not"),
    "words-with-a-stop": ("data breach", "data.breach"),
    "accents-that-the-term-lacks": ("resume", "résumé"),
    "an-apostrophe-that-the-term-lacks": ("don d organes", "don d'organes"),
    "the-beginning-of-a-word-after-an-apostrophe": ("cours de l'or", "cours de l orage"),
    "cyrillic-is-not-stripped": ("край", "краи"),
    "word-between-open-edges": ("языков* модел*", "языковая большая модель"),
    "sign-missing": ("c++", "c is old"),
}


@pytest.mark.parametrize(("term", "text", "shown"), FOUND.values(), ids=FOUND.keys())
def test_found(term: str, text: str, shown: str) -> None:
    assert shown in found(term, text)


@pytest.mark.parametrize(("term", "text"), NOT_FOUND.values(), ids=NOT_FOUND.keys())
def test_not_found(term: str, text: str) -> None:
    assert not found(term, text)


MONEY = (
    "$5M|$5 million|US$ 3bn|€1.5 million|£20m|€1,5 Mrd.|2 Milliarden Euro|30 Mio. Euro|500 000 euros|5 millions d'euros"
    "|3 milliards de dollars|1.000 millones de euros|20 millones de dólares|5 milioni di euro|2 miliardi di dollari"
    "|40 miljoner kronor|12 млн рублей|3 млрд долларов|5億円|100万ドル|3亿美元|2 billion|₹500 crore|CHF 5"
)


@pytest.mark.parametrize("amount", MONEY.split("|")[:-1])
def test_money(amount: str) -> None:
    assert found("sum … <money>", f"sum: about {amount} now"), amount


@pytest.mark.parametrize("words", ["5 people", "2024", "version 3.5", "a million thanks"])
def test_not_money(words: str) -> None:
    assert not found("sum … <money>", f"sum {words} now")


@pytest.mark.parametrize(
    "share", ["14%", "14 percent", "14,5 Prozent", "14 pour cent", "14 por ciento", "14 процентов"]
)
def test_percent(share: str) -> None:
    assert found("down … <percent>", f"down by {share}")


def test_a_class_follows_directly_where_no_gap_is_written() -> None:
    assert found("cuts <number> jobs", "Firm cuts 1,200 jobs") == ["cuts 1,200 jobs"]
    assert not found("cuts <number> jobs", "Firm cuts about 1,200 jobs")
    assert found("kubernetes <version>", "Kubernetes v1.33 is out") == ["Kubernetes v1.33"]
    assert found("<percent> of staff", "lays off 14% of staff") == ["14% of staff"]


def test_a_gap_is_of_some_words_of_one_sentence() -> None:
    assert found("buys … for", "A buys B for more") == ["buys B for"]
    assert found("buys … for", "A buys" + " so" * GAP_WORDS + " for")
    assert not found("buys … for", "A buys" + " so" * (GAP_WORDS + 1) + " for")
    assert not found("buys … for", "A buys shares. For years nothing came")
    assert found("buys … for", "A buys Acme Inc. for more")
    assert found("buys … for", "A buys U.S. Steel for more")
    assert not found("buys … for", "for years A buys")


def test_a_gap_in_a_script_without_spaces_stays_in_the_sentence() -> None:
    assert found("買収 … 億円", "買収額は約五億円")
    assert not found("買収 … 億円", "買収した。約五億円")


def test_three_parts() -> None:
    assert found("signs … deal … with", "A signs a big deal today with B") == ["signs a big deal today with"]


def test_case_counts_in_every_part() -> None:
    assert found("=SEC … probe", "the SEC opens a probe")
    assert not found("=SEC … probe", "a sec, then a probe")


@pytest.mark.parametrize("term", ["\u0301", "=\u0301", "a … \u0301"])
def test_a_term_of_accents_alone_is_looked_for_as_written(term: str) -> None:
    assert not found(term, "a plain text, é and a")


@pytest.mark.parametrize("term", ["", "*", "~", "…", "a …", "… a", "=", "<money>", "* … a", "<money> … <percent>"])
def test_a_term_without_anything_to_look_for_is_refused(term: str) -> None:
    with pytest.raises(ValueError, match="nothing to look for"):
        TermFinder([term])


def test_hits_say_where_they_are() -> None:
    text = normalise("Ein Fuß, ein Tee")
    (hit,) = TermFinder(["tee"]).find(text)
    assert hit.found == "Tee"
    assert hit.start >= text.index("Tee")


def test_no_terms_and_no_text() -> None:
    assert list(TermFinder([]).find("text")) == []
    assert list(TermFinder(["tea"]).find("")) == []


def test_the_same_term_twice_is_one_term() -> None:
    assert found("tea", "tea") == [hit.found for hit in TermFinder(["tea", "tea"]).find("tea")]


def test_a_text_that_repeats_the_parts_of_a_gap_costs_little() -> None:
    finder = TermFinder(["million … million … million … deal"])
    text = "million " * 5_000
    before = time.process_time()
    assert list(finder.find(text)) == []
    assert time.process_time() - before < 5
