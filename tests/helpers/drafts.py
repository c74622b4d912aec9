"""A drafted sentence and its sources, checked: the reason why it is refused, or None."""

from __future__ import annotations

from datetime import UTC, date, datetime

from aggregator.model.brief import Draft, DraftSentence, EarlierNote, Evidence
from aggregator.model.embedding import Encoder
from aggregator.model.rules import Term, TopicRule
from aggregator.publish.briefs.checks.check import Checked, check
from aggregator.publish.briefs.checks.names import names_of

# A Thursday; sources are of the Tuesday before, unless told.
TODAY = date(2026, 11, 26)
SAID = datetime(2026, 11, 24, 9, tzinfo=UTC)

NAMES = names_of(
    [
        TopicRule(topic="ecb", label="ECB", kind="organisation", any=(Term("European Central Bank"), Term("EZB"))),
        TopicRule(topic="energy", label="Energy", any=(Term("Energy"),)),
    ]
)


def source(n: int, language: str, text: str, at: datetime = SAID, publisher: str = "Harbour Ledger") -> Evidence:
    """A numbered sentence of an article."""
    return Evidence(n, publisher, "article", language, at, text)


def checked(
    language: str,
    text: str,
    sources: list[Evidence],
    cited: tuple[int, ...] = (1,),
    earlier: list[EarlierNote] | None = None,
    meaning: Encoder | None = None,
) -> Checked:
    """A draft of one sentence, checked."""
    draft = Draft(language, "…", {"happened": [DraftSentence(text, cited)]})
    return check(draft, sources, earlier or [], TODAY, NAMES, meaning)


def why(
    language: str,
    text: str,
    *sources: tuple[str, str],
    cited: tuple[int, ...] = (1,),
    earlier: list[EarlierNote] | None = None,
) -> str | None:
    """Why a sentence is refused that names the sources `cited`, each a language and a text; None where it is kept."""
    numbered = [source(n, of, said, publisher=f"Paper {n}") for n, (of, said) in enumerate(sources, start=1)]
    refused = checked(language, text, numbered, cited, earlier).refused
    return next((each.why for each in refused if each.part != "headline"), None)


def why_headline(language: str, text: str, *sources: tuple[str, str]) -> str | None:
    """Why a headline is refused; None where it is kept."""
    numbered = [source(n, of, said) for n, (of, said) in enumerate(sources, start=1)]
    judged = check(Draft(language, text, {}), numbered, [], TODAY, NAMES, None)
    return judged.refused[0].why if judged.refused else None


def kind_of(reason: str | None) -> str | None:
    """What a sentence is refused for: the word before the colon of its reason. None where it is kept."""
    if reason is None:
        return None
    kind, colon, _ = reason.partition(": ")
    assert colon, reason
    return kind
