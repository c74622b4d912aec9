"""The checks that drafts go through, with the names of a taxonomy and, where it is there, a model of meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from threading import Lock

from aggregator.engine.briefs.drafting import Check
from aggregator.model.brief import Draft, EarlierNote, Evidence
from aggregator.model.embedding import Around, Encoder
from aggregator.model.rules import TopicRule
from aggregator.publish.briefs.checks.check import check
from aggregator.publish.briefs.checks.names import names_of
from aggregator.publish.briefs.written import Judged

# A saver that waits for the model waits for so many sentences, some ten milliseconds.
_PORTION = 16
# Of so many sentences the vectors are kept, half a kilobyte each: a draft comes twice, and its sources again.
_MOST_KEPT = 1000


class RememberingEncoder(Around):
    """A model that is asked in small portions, and only for sentences that it was not asked for lately."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(encoder)
        self._known: dict[str, bytes] = {}
        self._lock = Lock()

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        """See `Encoder`."""
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
        unknown = [text for text in dict.fromkeys(texts) if text not in found]
        for start in range(0, len(unknown), _PORTION):
            portion = unknown[start : start + _PORTION]
            found |= zip(portion, self._encoder.encode(portion), strict=True)
        with self._lock:
            if len(self._known) > _MOST_KEPT:
                self._known.clear()
            self._known |= {text: found[text] for text in unknown}
        return [found[text] for text in texts]


def checks_of(rules: Sequence[TopicRule], meaning: Encoder | None) -> Callable[[date], Check]:
    """What checks the drafts of a day. `rules`: whose entities are names; `meaning`: compares sentences by it, too."""
    names = names_of(rules)
    meaning = RememberingEncoder(meaning) if meaning else None

    def of_day(today: date) -> Check:
        def judged(draft: Draft, evidence: Sequence[Evidence], earlier: Sequence[EarlierNote]) -> Judged:
            return check(draft, evidence, earlier, today, names, meaning)

        return judged

    return of_day
