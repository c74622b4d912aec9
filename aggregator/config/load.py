"""The configuration file → `Config`: reads it, has it checked, and puts it together."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from aggregator.config import environment, needed, secrets, selections, sources, topics
from aggregator.config.addresses import with_contact
from aggregator.config.problems import lines
from aggregator.config.table import given
from aggregator.config.tables import File
from aggregator.config.telling.digest import digest_of
from aggregator.config.telling.notify import notify_of
from aggregator.config.validate import checked
from aggregator.config.wrong import cluster, digest, telling
from aggregator.model.errors import ConfigError
from aggregator.model.rules import TopicRule
from aggregator.model.settings import Config, DomainLimit
from aggregator.model.source import Source

# Where it is looked for, where nobody names one: what `aggregator init` wrote here goes before what is shipped.
FILES = (Path("aggregator.toml"), Path("config/aggregator.toml"))

# What works and is better otherwise: each is asked of a file without mistakes.
_WARNINGS = (sources.key_warnings, needed.warnings, telling.warnings, digest.warnings)


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """See `aggregator.config.load_config`."""
    path = path or usual_file(environ)
    return read(path, _text(path), environ)


def usual_file(environ: Mapping[str, str]) -> Path:
    """The file where no option names one; where none is there, the one that `aggregator init` would write."""
    named = environ.get(environment.CONFIG, "").strip()
    return Path(named) if named else next((file for file in FILES if _is_there(file)), FILES[0])


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:  # whatever it is, it is not to be passed over
        return True


def read(path: Path, text: str, environ: Mapping[str, str]) -> Config:
    """The configuration that a file of this text would be.

    Raises:
        ConfigError: every mistake in it.
    """
    document = _document(path, text)
    defaults = topics.chosen(document)

    file, found = checked(document)
    hidden, not_had = secrets.read_secrets(document, environ)
    found += not_had
    found += topics.pack_problems(document)
    found += topics.problems(defaults, document)
    names = topics.topic_names(defaults, document)
    found += sources.problems(document, names, hidden.addresses)
    found += selections.problems(document, names)
    found += needed.problems(document)
    found += telling.problems(document, names)
    found += [*digest.problems(document, names), *cluster.problems(document)]
    mistakes = lines(found, path, text) if found else []
    mistakes += environment.problems(environ, secrets.secret_variables(document))
    if mistakes or file is None:
        raise ConfigError(mistakes)

    warned = [each for of in _WARNINGS for each in of(document)]
    config = _config(path, file, sources.sources(file, hidden), topics.merged(defaults, file.topics))
    config = replace(
        config,
        http=replace(config.http, token=hidden.http),
        briefs=replace(config.briefs, api_key=hidden.briefs),
        notify=tuple(notify_of(each, hidden.notify[i], config.publish.timezone) for i, each in enumerate(file.notify)),
        digests=tuple(
            digest_of(each, hidden.digests.get(i), config.publish.timezone) for i, each in enumerate(file.digest)
        ),
        warnings=tuple(lines(warned, path, text)) if warned else (),
    )
    config = environment.overridden(config, environ)
    _check_whole(config, path, text, environ)
    return config


# ---------------------------------------------------------------- reading


def _text(path: Path) -> str:
    """What stands in the file; a byte order mark, as Windows editors write it, is passed over."""
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        hint = f"name it with --config or {environment.CONFIG}; `aggregator init` writes one"
        raise ConfigError([f"{path}: there is no such file ({hint})"]) from None
    except IsADirectoryError:
        raise ConfigError([f"{path}: this is a folder; expected the path of a TOML file"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: can't be read: {(error.strerror or str(error)).lower()}"]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError([f"{path}:{line}: expected text in UTF-8; save the file in that encoding"]) from None


_POSITION = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_TWICE = re.compile(r"Cannot declare \((?P<names>.+)\) twice$")  # a table; tomllib writes its name as a tuple
# A key with something behind it that begins like a word or a number: most likely text without its quotes.
_BARE_VALUE = re.compile(r"\s*([\w.-]+)\s*=\s*([^\s\"'\[{#]+)")


def _document(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax_error(path, text, str(error))]) from None
    except ValueError:  # Python's, for numbers of thousands of digits
        raise ConfigError([f"{path}: a number is too long"]) from None
    except RecursionError:
        raise ConfigError([f"{path}: lists or tables stand in one another too deeply"]) from None


def _syntax_error(path: Path, text: str, message: str) -> str:
    """tomllib's words with the place in front, and a hint for the usual slips. The line itself may hold a secret."""
    rows = text.rstrip("\n").split("\n")
    match = _POSITION.search(message)
    what = message[: match.start()] if match else message
    hint = ""
    if match and match["line"] and int(match["line"]) <= len(rows):
        line, column = int(match["line"]), int(match["column"])
        bare = _BARE_VALUE.match(rows[line - 1])
        if bare and bare[2] in ("True", "False"):
            hint = " (true and false are in lower case)"
        elif bare:
            hint = f' (text stands in quotes: {bare[1]} = "…")'
        elif twice := _TWICE.match(what):
            name = ".".join(part for _, part in re.findall(r"""(['"])(.*?)\1""", twice["names"]))
            what, hint = f"[{name}] stands there twice", " (write its keys below the first)"
        elif what == "Cannot overwrite a value":
            hint = " (this key or block has stood there before)"
        elif what == "Unclosed array":
            hint = " (is a quote or a comma missing in the list, or the ] at its end?)"
    else:
        line, column = len(rows), len(rows[-1]) + 1
        hint = " (the file ends here: is a bracket or a quote not closed?)"
    return f"{path}:{line}:{column}: this is not TOML: {what[:1].lower()}{what[1:]}{hint}"


# ---------------------------------------------------------------- putting together


def _config(path: Path, file: File, found: tuple[Source, ...], rules: tuple[TopicRule, ...]) -> Config:
    usual = file.polling.per_domain
    domains = {name: replace(usual, **given(own, DomainLimit)) for name, own in file.domains.items()}
    user_agent = with_contact(file.network.user_agent, file.network.contact)
    return Config(
        file=path,
        storage=file.storage,
        polling=replace(file.polling, domains=domains),
        network=replace(file.network, user_agent=user_agent),
        mastodon=file.mastodon,
        stories=file.stories,
        articles=file.articles,
        publish=file.publish,
        briefs=file.briefs,
        http=file.http,
        cluster=file.cluster,
        log=file.log,
        sources=found,
        rules=rules,
        apply_topics_to_stored=file.taxonomy.apply == "stored",
        filters=selections.filters(file),
    )


def _check_whole(config: Config, path: Path, text: str, environ: Mapping[str, str]) -> None:
    """What several keys say together. Looked at last: some may come from the environment."""
    mistakes: list[str] = []
    for problem in needed.whole_problems(config):
        table, key = map(str, problem.place)
        variable = environment.source_of(table, key, environ)
        mistakes += [f"{variable}: {problem.message}"] if variable else lines([problem], path, text)
    if mistakes:
        raise ConfigError(mistakes)
