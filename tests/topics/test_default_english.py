"""The default topics in English: headlines made up for it."""

from __future__ import annotations

import pytest

from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.default_topics import topics_of


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Shipyard posts record loss on writedowns", "markets"),
        ("Ferry futures lower after record high", "markets"),
        ("Rope maker loses $2M a year on gift shops", "markets"),
        ("Net maker's revenue tied to two customers as pricing war threatens margins", "markets"),
        ("Harbour board to appoint new deputy head", "leadership"),
        ("Top sales executive leaves boat builder amid slump", "leadership"),
        ("Parliament sacks fisheries minister", "leadership"),
        ("Rope maker asks owners to vote against activist's nominees", "leadership"),
        ("Two shipyards plan a joint mooring venture", "partnership"),
        ("Rope maker signs navy as a customer", "partnership"),
        ("Line turns to rival to carry its cargo", "partnership"),
        ("Ferry firm will buy $40M in batteries", "partnership"),
        ("Investment fund is now backing AI startups", "funding"),
        ("Rope maker to invest $2M into sail startup, its equity fundraise nearly closed", "funding"),
        ("Fish app's flaw exposed users and their addresses", "privacy"),
        ("Chats are appearing in Google Search", "privacy"),
        ("Study: models are more persuasive than sailors", "safety"),
        ("Manager accused of stealing trade secrets", "copyright"),
        ("Forum blocks archive to end AI scraping", "copyright"),
        ("Bill would restrict rope exports", "regulation"),
        ("Port's deal under state scrutiny, regulators warn", "regulation"),
        ("Officials urge firms to shun foreign nets", "policy"),
        ("Half of the company's code is written by AI, says its head", "agents"),
        ("Smuggler is out on parole", "court"),
        ("Rope app will finally let you rearrange your knots", "product"),
        ("Ferry line in talks to invest in pier builder, sources say", "funding"),
        ("Why the harbour boasts of replacing humans", "jobs"),
        ("Certificate lifespans to shrink to 47 days", "security"),
        ("Rope chatbot wins gold at the knot Olympiad", "model"),
    ],
)
def test_found(taxonomy: Taxonomy, title: str, topic: str) -> None:
    assert topic in topics_of(taxonomy, title)


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Harbour signs fusion power deal", "acquisition"),
        ("Shipyard offers buyouts to 300 workers", "acquisition"),
        ("Union warns bosses against exploiting storm crisis", "security"),
        ("Chat app gets a Study Mode", "research"),
        ("Singer brings message to sailors", "product"),
        ("Press tests a new revenue share model", "model"),
        ("Lab poaches rival's three best sailors", "jobs"),
        ("Island approves second moon mission", "regulation"),
        ("Shop says the platform's sideloading restrictions will kill it", "regulation"),
    ],
)
def test_not_meant(taxonomy: Taxonomy, title: str, topic: str) -> None:
    assert topic not in topics_of(taxonomy, title)
