"""Why a post is in a story, in words: the strongest measures, and the words that both share.

The words stand behind the last colon, each with what it adds to the cosine: what is worked out of words that are quoted
no more is found there again (`aggregator.storage.words.unquoted`).
"""

from __future__ import annotations

from collections.abc import Iterable

from aggregator.stories.comparison import Judged

# Measures that say the same to a person.
_IN_WORDS = {
    "similar text": ("cosine", "words", "shared", "strongest"),
    "similar meaning": ("meaning",),
    "words that others lack": ("own",),
    "nothing else as near": ("contrast",),
    "no other thing named": ("unmet", "missed"),
    "the same time": ("away",),
}
_MOST = 2


def why(found: Judged, shared: Iterable[tuple[str, float]]) -> str:
    """The reason, readable by a person. `shared`: words and what each adds to the cosine, most first."""
    adds = found.model.reasons(found.measures)
    groups = {name: sum(adds[each] for each in parts) for name, parts in _IN_WORDS.items()}
    strongest = sorted((name for name, added in groups.items() if added > 0), key=lambda name: -groups[name])[:_MOST]
    by = f" by {' and '.join(strongest)}" if strongest else ""
    return f"one event ({found.probability:.2f}){by}: {words(shared)}"


def words(shared: Iterable[tuple[str, float]]) -> str:
    """Words with what each adds to the cosine."""
    return ", ".join(f"{word} {weight:.2f}" for word, weight in shared)
