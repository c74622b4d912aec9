"""What `[[notify]]` asks for and is not there: a warning, since the daemon has more to do than to tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aggregator.config.extras.installation import how_to_install
from aggregator.config.extras.packages import is_there
from aggregator.config.problems import Problem
from aggregator.config.validate import tables


def warnings(document: Mapping[str, Any], *, installed: bool | None = None) -> Iterator[Problem]:
    """Addresses of Apprise without Apprise. `installed`: whether the extra "notify" is; None: looked for."""
    for i, block in tables(document, "notify"):
        key = next((key for key in ("apprise_env", "apprise_file") if key in block), None)
        if key and not (is_there("notify") if installed is None else installed):
            message = f"the extra “notify” is not installed, and messages wait for it: {how_to_install('notify')}"
            yield Problem(("notify", i, key), message)
