"""A draft against its sources: what is borne out stays, the rest is dropped, each sentence with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from aggregator.model.brief import PARTS, Draft, DraftSentence, EarlierNote, Evidence, Part, Refused
from aggregator.model.embedding import Encoder
from aggregator.publish.briefs.checks.added import check_added
from aggregator.publish.briefs.checks.amounts import check_amounts
from aggregator.publish.briefs.checks.causes import check_causes
from aggregator.publish.briefs.checks.claim import Check, Claim, Source, of_evidence, of_note
from aggregator.publish.briefs.checks.dates import check_days
from aggregator.publish.briefs.checks.earlier import check_earlier
from aggregator.publish.briefs.checks.elsewhere import check_source
from aggregator.publish.briefs.checks.form import check_form, check_language
from aggregator.publish.briefs.checks.meaning import Vectors, check_meaning, vectors_of
from aggregator.publish.briefs.checks.names import Names
from aggregator.publish.briefs.checks.naming import check_names
from aggregator.publish.briefs.checks.negation import check_negation
from aggregator.publish.briefs.checks.planned import check_planned
from aggregator.publish.briefs.checks.quotes import check_quotes
from aggregator.publish.briefs.checks.repeats import check_repeats
from aggregator.publish.briefs.checks.roles import check_roles
from aggregator.publish.briefs.checks.support.opposites import check_opposites
from aggregator.publish.briefs.checks.support.unsupported import check_far, check_unsupported

# In this order; the first that fails gives the reason.
CHECKS: Mapping[str, Check] = {
    "form": check_form,
    "language": check_language,
    "order": check_repeats,
    "quote": check_quotes,
    "number": check_amounts,
    "date": check_days,
    "name": check_names,
    "role": check_roles,
    "earlier": check_earlier,
    "planned": check_planned,
    "negation": check_negation,
    "opposite": check_opposites,
    "cause": check_causes,
    "source": check_source,
    "added": check_added,
    "unsupported": check_unsupported,
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What is left of a draft. `parts`: the kept sentences; `refused`: the others, and the headline if it is not."""

    headline_ok: bool
    parts: Mapping[Part, tuple[DraftSentence, ...]]
    refused: tuple[Refused, ...]


def check(
    draft: Draft,
    evidence: Sequence[Evidence],
    earlier: Sequence[EarlierNote],
    today: date,
    names: Names,
    meaning: Encoder | None,
) -> Checked:
    """Check each sentence of a draft against the sources that it names, and its headline against all.

    `today`: the day on which the draft was written, which "on Monday" in it goes by. `meaning`: with an encoder,
    sentences are compared by meaning too.
    """
    sources = (*map(of_evidence, evidence), *(of_note(note, draft.language) for note in earlier))
    sentences = [(part, sentence) for part in PARTS for sentence in draft.parts.get(part, ())]
    texts = [*(source.text for source in sources), *(sentence.text for _, sentence in sentences)]
    vectors = vectors_of(texts, meaning) if meaning and sentences else None
    refused: list[Refused] = []
    headline = Claim(draft.headline, draft.language, sources, (), today, names, is_headline=True)
    if why := _why(headline, None):
        refused.append(Refused("headline", draft.headline, why))
    kept: dict[Part, list[DraftSentence]] = {part: [] for part in PARTS if part in draft.parts}
    for part, sentence in sentences:
        claim = _claim(sentence, draft.language, sources, today, names)
        if reason := (claim if isinstance(claim, str) else _why(claim, vectors)):
            refused.append(Refused(part, sentence.text, reason))
        else:
            kept[part].append(sentence)
    return Checked(not why, {part: tuple(good) for part, good in kept.items()}, tuple(refused))


def _claim(sentence: DraftSentence, language: str, sources: Sequence[Source], today: date, names: Names) -> Claim | str:
    """The sentence with its sources, or why it has none."""
    cited = tuple(source for source in sources if source.n in sentence.sources)
    if unknown := set(sentence.sources) - {source.n for source in sources}:
        return f"source: it names sources that there are not: {', '.join(map(str, sorted(unknown)))}"
    if not cited:
        return "source: it names no source"
    if all(source.is_order for source in cited):
        return "order: its source is an order or an advertisement, no news"
    others = tuple(source for source in sources if source not in cited)
    return Claim(sentence.text, language, cited, others, today, names)


def _why(claim: Claim, vectors: Vectors | None) -> str | None:
    """The first check that fails, and why."""
    for name, one in CHECKS.items():
        if reason := one(claim):
            return f"{name}: {reason}"
    if vectors and (elsewhere := check_meaning(claim, vectors)):
        return f"source: {elsewhere}"
    if vectors and (far := check_far(claim, vectors)):
        return f"unsupported: {far}"
    return None
