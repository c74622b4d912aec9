"""What is said where an extra is asked for and is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aggregator.config.extras.installation import how_to_install
from aggregator.config.extras.packages import EXTRAS
from aggregator.model.errors import AggregatorError


@contextmanager
def needed(extra: str, who: str = "this") -> Iterator[None]:
    """Within it the packages of an extra are imported. `who` needs them.

    Raises:
        AggregatorError: one is not installed; says how to install the extra.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        known = EXTRAS[extra]
        if (error.name or "").partition(".")[0] not in (*known.packages, *known.others):
            raise
        words = f"{who} needs the extra `{extra}`, which is not installed"
        raise AggregatorError(f"{words}: {how_to_install(extra)}") from error
