"""How good the results are, measured on labelled data.

python -m benchmarks.quality stories --data FOLDER [--predictions FILE]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from benchmarks import quality_stories


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__.splitlines()[0])
    subparsers = parser.add_subparsers(required=True)
    quality_stories.register(subparsers)
    given = parser.parse_args(arguments)
    return int(given.run(given))


if __name__ == "__main__":
    raise SystemExit(main())
