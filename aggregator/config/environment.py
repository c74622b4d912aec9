"""The environment variables that override the file.

An empty variable counts as not set: that is how Compose files and unit files leave one out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from aggregator.config.addresses import LISTEN
from aggregator.config.kinds import FILE, FOLDER, LOG_FORMAT, LOG_LEVEL, Kind
from aggregator.config.problems import did_you_mean
from aggregator.model.settings import Config
from aggregator.text.typed.nearest import nearest

PREFIX = "AGGREGATOR_"
CONFIG = "AGGREGATOR_CONFIG"


class Variable(NamedTuple):
    """What a variable overrides: the key of a table of the file, and the kind of its value."""

    table: str
    key: str
    kind: Kind


VARIABLES: Mapping[str, Variable] = {
    "AGGREGATOR_DATABASE": Variable("storage", "path", FILE),
    "AGGREGATOR_SNAPSHOT": Variable("storage", "snapshot", FILE),
    "AGGREGATOR_BACKUP": Variable("storage", "backup", FOLDER),
    "AGGREGATOR_SITE": Variable("publish", "path", FOLDER),
    "AGGREGATOR_LISTEN": Variable("http", "listen", LISTEN),
    "AGGREGATOR_LOG_LEVEL": Variable("log", "level", LOG_LEVEL),
    "AGGREGATOR_LOG_FORMAT": Variable("log", "format", LOG_FORMAT),
}

# Kubernetes sets these for a service called "aggregator" in every container beside it; nobody chose them.
_SERVICE_LINK = re.compile(r"AGGREGATOR_(?:\w+_)?(?:SERVICE_(?:HOST|PORT)(?:_\w+)?|PORT(?:_\d+_\w+)?)")
# The tests' own.
_TEST = "AGGREGATOR_TEST_"


def overridden(config: Config, environ: Mapping[str, str]) -> Config:
    """The configuration with what the environment overrides. It has no mistakes."""
    for name, value in _given(environ):
        table, key, kind = VARIABLES[name]
        changed: Any = replace(getattr(config, table), **{key: kind(value)})
        config = replace(config, **{table: changed})
    return config


def source_of(table: str, key: str, environ: Mapping[str, str]) -> str | None:
    """The variable that overrides a key, None where the file has its way."""
    return next((name for name, _ in _given(environ) if VARIABLES[name][:2] == (table, key)), None)


def problems(environ: Mapping[str, str], token_variables: Collection[str]) -> list[str]:
    """What is wrong in the environment, a line each. `token_variables`: names that the file gave a meaning."""
    found: list[str] = []
    for name, value in _given(environ):
        try:
            VARIABLES[name].kind(value)
        except ValueError as error:
            found.append(f"{name}: {error}")
    known = {CONFIG, *VARIABLES, *token_variables}
    for name in sorted(environ):
        is_ours = name.startswith(PREFIX) and not name.startswith(_TEST) and not _SERVICE_LINK.fullmatch(name)
        if is_ours and name not in known:
            found.append(f"{name}: there is no such variable{did_you_mean(_nearest(name))}")
    return found


def _nearest(name: str) -> str | None:
    """The variable that is probably meant. What all have in common must not count."""
    meant = nearest(name.removeprefix(PREFIX), [known.removeprefix(PREFIX) for known in (CONFIG, *VARIABLES)])
    return PREFIX + meant if meant else None


def _given(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((name, value) for name in VARIABLES if (value := environ.get(name, "").strip()))
