"""The checks that drafts go through, with the names of a taxonomy and, where it is there, a model of meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from aggregator.engine.briefs.drafting import Check
from aggregator.model.brief import Draft, EarlierNote, Evidence
from aggregator.model.embedding import Encoder
from aggregator.model.rules import TopicRule
from aggregator.publish.briefs.checks.check import check
from aggregator.publish.briefs.checks.names import names_of
from aggregator.publish.briefs.written import Judged


def checks_of(rules: Sequence[TopicRule], meaning: Encoder | None) -> Callable[[date], Check]:
    """What checks the drafts of a day. `rules`: whose entities are names; `meaning`: compares sentences by it, too."""
    names = names_of(rules)

    def of_day(today: date) -> Check:
        def judged(draft: Draft, evidence: Sequence[Evidence], earlier: Sequence[EarlierNote]) -> Judged:
            return check(draft, evidence, earlier, today, names, meaning)

        return judged

    return of_day
