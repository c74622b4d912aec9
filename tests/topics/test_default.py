"""The default topics and entities: complete, well formed, and right about plain cases in five languages."""

from __future__ import annotations

import pytest

from aggregator.config.topics import default_rules
from aggregator.model.post import Post, TopicMatch
from aggregator.model.rules import TopicRule
from aggregator.topics.matcher import TermFinder
from aggregator.topics.taxonomy import Taxonomy
from benchmarks.taxonomy_samples import HEADLINES

TOPICS = {
    *("funding", "acquisition", "markets", "partnership", "leadership", "regulation", "policy", "court"),
    *("copyright", "privacy", "safety", "security", "research", "model", "product", "open-source", "agents", "chips"),
    *("infrastructure", "robotics", "defence", "health", "education", "jobs"),
}
MORE_TOPICS = {"startup", "energy"}
KINDS = {"topic", "company", "lab", "model", "product", "regulator", "person", "place", "organisation"}
LANGUAGES = ("en", "de", "fr", "es", "it")


@pytest.fixture(scope="module")
def rules() -> dict[str, TopicRule]:
    return default_rules()


@pytest.fixture(scope="module")
def taxonomy(rules: dict[str, TopicRule]) -> Taxonomy:
    return Taxonomy(tuple(rules.values()))


def found(taxonomy: Taxonomy, title: str, text: str = "", url: str | None = None) -> dict[str, TopicMatch]:
    post = Post(kind="article", native_id="1", title=title, text=text, url=url)
    return {match.topic: match for match in taxonomy.match(post)}


def test_the_topics_are_those_we_promise(rules: dict[str, TopicRule]) -> None:
    assert {name for name, rule in rules.items() if rule.kind == "topic"} == TOPICS | MORE_TOPICS


def test_there_are_entities_of_every_kind(rules: dict[str, TopicRule]) -> None:
    entities = [rule for rule in rules.values() if rule.kind != "topic"]
    assert len(entities) >= 90
    assert {rule.kind for rule in entities} == KINDS - {"topic", "place"}


def test_every_rule_has_a_label_and_possible_weights(rules: dict[str, TopicRule]) -> None:
    for rule in rules.values():
        assert rule.label and rule.any, rule.topic
        assert rule.kind in KINDS, rule.topic
        assert 0 < rule.threshold < 0.85, f"{rule.topic}: one sure term in the title must be enough"
        assert all(-1 <= term.weight <= 1 and term.weight for term in rule.any), rule.topic
        assert any(term.weight == 1 for term in rule.any), rule.topic


def test_no_term_stands_twice_in_a_rule(rules: dict[str, TopicRule]) -> None:
    for rule in rules.values():
        terms = [term.text for term in rule.any]
        assert len(terms) == len(set(terms)), (rule.topic, {term for term in terms if terms.count(term) > 1})


def test_every_term_can_be_looked_for(rules: dict[str, TopicRule]) -> None:
    for rule in rules.values():
        TermFinder(term.text for term in (*rule.any, *rule.all, *rule.not_))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_a_topic_finds_its_headline(taxonomy: Taxonomy, topic: str, language: str) -> None:
    headline = HEADLINES[topic][language]
    assert topic in found(taxonomy, headline), headline


MEANT = {
    "mistral-lab": ("mistral", "Mistral bringt neues KI-Modell heraus"),
    "mistral-in-french": ("mistral", "La start-up Mistral dévoile un modèle d'IA"),
    "claude-model": ("claude", "Anthropic gives Claude a longer memory"),
    "gemini-model": ("gemini", "Google bringt Gemini auf mehr Uhren"),
    "llama-model": ("llama", "Meta trains a smaller Llama"),
    "grok-model": ("grok", "Grok gets a voice mode"),
    "apple-company": ("apple", "Apple kündigt neue Kopfhörer an"),
    "meta-company": ("meta", "Meta muss Daten löschen"),
    "amazon-company": ("amazon", "Amazon opens a warehouse in Leipzig"),
    "oracle-company": ("oracle", "Oracle wins a cloud contract"),
    "perplexity-company": ("perplexity", "Perplexity offers its browser for free"),
    "cohere-lab": ("cohere", "Cohere opens an office in Paris"),
    "character-ai": ("character-ai", "Character.AI limits chats for teenagers"),
    "groq-company": ("groq", "Groq builds a second site in Finland"),
    "arm-company": ("arm", "Arm stellt Prozessoren für Server vor"),
    "runway-company": ("runway", "Runway shows a video model for film makers"),
    "suno-company": ("suno", "Suno lets users sing into AI songs"),
    "mastodon-network": ("mastodon", "Mastodon adds quote posts for all servers"),
    "who-organisation": ("who", "WHO warns of measles"),
    "ai-office-in-english": ("eu-ai-office", "EU AI Office publishes a code of practice"),
    "ai-office-in-german": ("eu-ai-office", "Das EU-KI-Büro sucht Fachleute"),
    "commission-in-german": ("european-commission", "EU-Kommission prüft Zusage"),
    "commission-in-french": ("european-commission", "La Commission européenne ouvre une enquête"),
    "white-house-in-german": ("white-house", "Das Weiße Haus lädt Konzerne ein"),
    "musk-in-russian": ("elon-musk", "Илон Маск открыл завод"),
    "nvidia-in-japanese": ("nvidia", "エヌビディアが新工場を計画"),
}

NOT_MEANT = {
    "mistral-wind": ("mistral", "Mistral reißt Ziegel von Dächern in der Provence"),
    "mistral-wind-in-french": ("mistral", "Le Mistral souffle en rafales sur Marseille"),
    "claude-person": ("claude", "Claude Martin wins the village chess cup"),
    "claude-painter": ("claude", "Claude Monet: museum uses AI to date a painting"),
    "gemini-stars": ("gemini", "Horoscope: what Gemini can expect this week"),
    "gemini-telescope": ("gemini", "Gemini North sees a comet"),
    "llama-animal": ("llama", "A llama escapes from a farm in Devon"),
    "apple-fruit": ("apple", "How to bake an apple cake"),
    "apple-pie-in-title-case": ("apple", "The Best Apple Pie in Town"),
    "meta-study": ("meta", "Meta-Analyse: Kaffee schadet nicht"),
    "amazon-forest": ("amazon", "Amazon rainforest loses trees faster"),
    "oracle-of-delphi": ("oracle", "What the Oracle of Delphi ate"),
    "perplexity-measure": ("perplexity", "We report the perplexity of both networks"),
    "cohere-verb": ("cohere", "Why the chapters do not cohere"),
    "character-role": ("character-ai", "The main character is an orphan"),
    "grok-verb": ("grok", "It took me years to grok monads"),
    "intel-secrets": ("intel", "Leaked intel angers allies"),
    "arm-body": ("arm", "Goalkeeper breaks arm"),
    "runway-airport": ("runway", "Runway at Graz airport closed for repairs"),
    "who-pronoun": ("who", "Who wrote the oldest letter?"),
    "mastodon-animal": ("mastodon", "Mastodon tooth found in Ohio"),
    "tesla-inventor": ("tesla", "A museum for Nikola Tesla"),
    "trump-verb": ("donald-trump", "Looks trump comfort"),
    "cook-verb": ("tim-cook", "How to cook rice"),
}


@pytest.mark.parametrize(("topic", "headline"), MEANT.values(), ids=MEANT.keys())
def test_an_entity_is_found(taxonomy: Taxonomy, topic: str, headline: str) -> None:
    assert topic in found(taxonomy, headline)


@pytest.mark.parametrize(("topic", "headline"), NOT_MEANT.values(), ids=NOT_MEANT.keys())
def test_another_thing_of_that_name_is_not(taxonomy: Taxonomy, topic: str, headline: str) -> None:
    assert topic not in found(taxonomy, headline)


NOTHING = {
    "sport": "Late goal saves a point for the visitors",
    "weather-in-german": "Am Wochenende wird es mild und regnerisch",
    "accident-in-french": "Deux blessés dans une collision près de Tours",
    "recipe-in-spanish": "Cómo preparar una tortilla jugosa",
    "village-feast-in-italian": "Domenica la festa del paese con la banda",
}


@pytest.mark.parametrize("headline", NOTHING.values(), ids=NOTHING.keys())
def test_most_of_life_has_none_of_these_topics(taxonomy: Taxonomy, headline: str) -> None:
    assert found(taxonomy, headline) == {}


def test_the_address_tells_what_the_text_does_not(taxonomy: Taxonomy) -> None:
    assert "open-source" in found(taxonomy, "Tiny sorting thing", url="https://github.com/someone/sorting")
    assert "research" in found(taxonomy, "On sorting", url="https://arxiv.org/abs/2501.00001")
    assert "open-source" not in found(taxonomy, "Tiny sorting thing", url="https://example.org/github-in-words")


def test_a_mention_in_passing_is_not_what_a_post_is_about(taxonomy: Taxonomy) -> None:
    text = "The festival opens on Friday. " * 12 + "One of the guests once worked for a hospital."
    assert "health" not in found(taxonomy, "Music by the lake", text)
