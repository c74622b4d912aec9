"""TOML and environment → one frozen `aggregator.model.settings.Config`, or every mistake at once.

The order of events, each step a module:

    load           the file → its text → its values; puts the rest together
    tables         what may stand in the file: its tables; the plain ones are `aggregator.model.settings`
    table          … what tables are made of, and how a settings class becomes one
    source_access  … how one source is asked: headers, user, proxy
    kinds          the kinds of values: text, numbers, files, networks
    units          … lengths of time and sizes
    addresses      … and what names something on the net: a feed, a server, a tag
    validate       the file against the tables: what is wrong, in plain words
    sources        `[[feeds]]`, `[[hashtags]]` and the like → sources; what is there twice, unknown topics
    hashtags       … what a `[[hashtags]]` block asks for
    timelines      … what `[[accounts]]`, `[[timelines]]` and `[[trends]]` ask for
    secrets        … tokens, passwords and headers, from the environment and from files
    topics         the default topics with the user's → rules
    selections     `[[filters]]` and `[[publish.feeds]]`: which new posts are not stored, what the site has feeds of
    needed         what is asked for must be there: extras, folders and files, the words of the site's language
    environment    the AGGREGATOR_… variables
    wrong          where the database is, although the file is wrong
    problems       a mistake and where it is → a line for people
    positions      TOML text → in which line each key stands
    insert         writes new feeds into the file
    setup          the first file of one's own, as `aggregator init` writes it
    extras         how the program was installed, and so what adds an extra to it
    reference      what is shown of the tables: JSON Schema for editors, the tables of docs/configuration.md

The modules are imported when they are used: pydantic is not needed to import this package.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aggregator.model.settings import Config

__all__ = ["json_schema", "load_config"]


def load_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration in a TOML file, with what the environment overrides.

    `path` None: the file that AGGREGATOR_CONFIG names, else aggregator.toml, else config/aggregator.toml. Relative
    paths are relative to the folder the command runs in.

    Raises:
        ConfigError: the file can't be read, or something in it or in the environment is wrong. It lists every mistake
            as `file:line: key: what was expected`; secrets are not shown.
    """
    from aggregator.config.load import load

    return load(path, environ)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the file, for editors; config/aggregator.schema.json is a copy of it."""
    from aggregator.config.reference import made

    return made()
