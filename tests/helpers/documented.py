"""What the docs tell to type."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def documented_runs() -> list[str]:
    """Every `docker run -d …` of the README and the docs, each as one line."""
    texts = (re.sub(r" *\\\n *", " ", page.read_text("utf-8")) for page in PAGES)
    return [line for text in texts for line in re.findall(r"^ {4}(docker run -d .*)$", text, re.MULTILINE)]
