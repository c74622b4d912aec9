"""`[stories]`: the mistake that its table does not show by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aggregator.config.problems import Problem
from aggregator.stories.encoder import INSTALL, is_installed


def problems(document: Mapping[str, Any], *, installed: bool | None = None) -> Iterator[Problem]:
    """What is asked for and not there. `installed`: whether the extra is; None: looked for."""
    table = document.get("stories")
    if not isinstance(table, dict) or table.get("semantic") is not True:
        return
    if not (is_installed() if installed is None else installed):
        message = f'the extra “semantic” is not installed: {INSTALL}, or set "auto" or false'
        yield Problem(("stories", "semantic"), message)
