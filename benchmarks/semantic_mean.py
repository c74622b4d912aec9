"""Makes the fixed mean that vectors are centred by, of the invented headlines that the tests have.

    python -m benchmarks.semantic_mean

Writes `aggregator/stories/sentence_encoder_mean.txt`; see `aggregator.stories.sentence_encoder`. With another mean,
`_OURS` there must change too.
"""

from __future__ import annotations

import runpy
from pathlib import Path

from aggregator.stories.sentence_encoder import MEAN_FILE, MEAN_SCALE, UniversalSentenceEncoder

_HEADLINES = Path(__file__).parents[1] / "tests" / "helpers" / "taxonomy_samples.py"
_A_LINE = 16


def main() -> int:
    """Write the file."""
    samples = runpy.run_path(str(_HEADLINES))["HEADLINES"]
    texts = [text for languages in samples.values() for text in languages.values()]
    mean = UniversalSentenceEncoder().raw(texts).mean(axis=0)
    numbers = [str(round(float(each) * MEAN_SCALE)) for each in mean]
    rows = (" ".join(numbers[start : start + _A_LINE]) for start in range(0, len(numbers), _A_LINE))
    MEAN_FILE.write_text("".join(f"{row}\n" for row in rows), encoding="ascii")
    print(f"{MEAN_FILE.name}: the mean of {len(texts)} headlines")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
