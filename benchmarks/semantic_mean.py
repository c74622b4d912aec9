"""Makes the fixed mean that vectors are centred by, of invented headlines out of `benchmarks.taxonomy_samples`.

    python -m benchmarks.semantic_mean

Writes `aggregator/stories/sentence_encoder_mean.txt`; see `aggregator.stories.sentence_encoder`. With another mean,
`_OURS` there must change too. So it is of the topics of the first release, whatever topics came later.
"""

from __future__ import annotations

from aggregator.stories.sentence_encoder import MEAN_FILE, MEAN_SCALE, UniversalSentenceEncoder
from benchmarks.taxonomy_samples import HEADLINES

_TOPICS = (
    "funding", "acquisition", "markets", "partnership", "leadership", "regulation", "policy", "court", "copyright",
    "privacy", "safety", "security", "research", "model", "product", "open-source", "agents", "chips", "infrastructure",
    "robotics", "defence", "health", "education", "jobs",
)  # fmt: skip
_A_LINE = 16


def main() -> int:
    """Write the file."""
    texts = [text for topic in _TOPICS for text in HEADLINES[topic].values()]
    mean = UniversalSentenceEncoder().raw(texts).mean(axis=0)
    numbers = [str(round(float(each) * MEAN_SCALE)) for each in mean]
    rows = (" ".join(numbers[start : start + _A_LINE]) for start in range(0, len(numbers), _A_LINE))
    MEAN_FILE.write_text("".join(f"{row}\n" for row in rows), encoding="ascii")
    print(f"{MEAN_FILE.name}: the mean of {len(texts)} headlines")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
