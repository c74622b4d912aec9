"""`[[feeds]]` and `[[hashtags]]` → sources, and the mistakes that a table does not show by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aggregator.config import hashtags
from aggregator.config.check import strings, tables
from aggregator.config.positions import Place
from aggregator.config.problems import Problem, instead_of
from aggregator.config.schema import File
from aggregator.config.values import FILE, Kind, WrongValue
from aggregator.model import Source
from aggregator.urls import absolute_url, canonical_url

# Mastodon's are 43 such characters; other servers' are JSON Web Tokens. Nothing else can stand in a header.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
# Names are shown, tokens are not: what is written like a name by convention is one.
_LIKE_A_NAME = re.compile(r"[A-Z][A-Z0-9_]{1,40}")


def sources(file: File, tokens: Mapping[int, str]) -> tuple[Source, ...]:
    """A source for each feed, then one for each tag of each server, in the order of the file. It has no mistakes.

    `tokens`: the access token of a `[[hashtags]]` block, by its index.
    """
    feeds = [
        Source(
            kind="feed",
            url=feed.url,
            title=feed.title,
            interval=feed.interval or file.polling.interval,
            topics=tuple(dict.fromkeys(feed.topics)),
            language=feed.language,
        )
        for feed in file.feeds
    ]
    tags = [
        Source(
            kind="hashtag",
            url=hashtags.address(block, tag),
            title=hashtags.title(block, tag),
            interval=block.interval or file.polling.interval,
            topics=tuple(dict.fromkeys(block.topics)),
            language=block.language,
            token=tokens.get(i),
            keep=hashtags.keep(file.mastodon, block),
        )
        for i, block in enumerate(file.hashtags)
        for tag in block.tags
    ]
    return (*feeds, *tags)


def problems(document: Mapping[str, Any], topics: Mapping[str, bool]) -> Iterator[Problem]:
    """Sources that are there twice, and topics that are not. `topics`: which there are, and whether they are in use."""
    yield from _double_feeds(document)
    yield from hashtags.problems(document)
    yield from _topic_problems(document, topics)


# ---------------------------------------------------------------- sources that are there twice


def _double_feeds(document: Mapping[str, Any]) -> Iterator[Problem]:
    first: dict[str, tuple[Place, str]] = {}
    for i, feed in tables(document, "feeds"):
        url = feed.get("url")
        address = absolute_url(url) if isinstance(url, str) else None
        if address is None:
            continue  # said already
        place = ("feeds", i, "url")
        known, written = first.setdefault(canonical_url(address) or address, (place, address))
        if known != place:
            how = "" if written == address else ", written another way"
            yield Problem(place, f"the same feed as in {{line}}{how}", other=known)


def _read(kind: Kind, value: object) -> str | None:
    try:
        return str(kind(value))
    except ValueError:
        return None


# ---------------------------------------------------------------- topics


def _topic_problems(document: Mapping[str, Any], topics: Mapping[str, bool]) -> Iterator[Problem]:
    for name in ("feeds", "hashtags"):
        for i, table in tables(document, name):
            for j, topic in strings(table, "topics"):
                place = (name, i, "topics", j)
                if topic not in topics:
                    yield Problem(place, f"there is no topic “{topic[:64]}”{instead_of(topic, list(topics))}")
                elif not topics[topic]:
                    yield Problem(
                        place, f"the topic “{topic}” is switched off in {{line}}", other=("topics", topic, "enabled")
                    )


# ---------------------------------------------------------------- tokens


def read_tokens(document: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[dict[int, str], list[Problem]]:
    """The access tokens of `[[hashtags]]` blocks by their index, and why others can't be had."""
    tokens: dict[int, str] = {}
    found: list[Problem] = []
    for i, block in tables(document, "hashtags"):
        ways = [key for key in _WAYS if isinstance(block.get(key), str)]
        if len(ways) == 2:
            message = "expected token_env or token_file, not both (token_env is in {line})"
            found.append(Problem(("hashtags", i, "token_file"), message, other=("hashtags", i, "token_env")))
        for key in ways:
            try:
                token = _WAYS[key](block[key], environ)
            except WrongValue as wrong:
                found.append(Problem(("hashtags", i, key), wrong.why))
            else:
                if token is not None:
                    tokens[i] = token
    return tokens, found


def token_variables(document: Mapping[str, Any]) -> set[str]:
    """The environment variables that `token_env` names."""
    found = (table.get("token_env") for _, table in tables(document, "hashtags"))
    return {name for name in found if isinstance(name, str)}


def _token_in_variable(name: str, environ: Mapping[str, str]) -> str | None:
    if not name.strip():
        return None  # said already
    token = environ.get(name.strip(), "").strip()
    if not token:
        named = f"the environment variable {name}" if _LIKE_A_NAME.fullmatch(name) else "the variable"
        raise WrongValue(f"{named} is not set (the name of a variable is expected here, not the token)")
    return _token(token, "the variable")


def _token_in_file(written: str, _: Mapping[str, str]) -> str | None:
    path = _read(FILE, written)
    if path is None:
        return None  # said already
    try:
        return _token(Path(path).read_text("utf-8").strip(), "the file")
    except OSError as error:
        raise WrongValue(f"can't be read: {(error.strerror or 'failed').lower()}") from None
    except UnicodeDecodeError:
        return _token("", "the file")


def _token(found: str, holder: str) -> str:
    if not _TOKEN.fullmatch(found):
        raise WrongValue(f"what {holder} holds is no token: expected one word of letters, digits and ._~+/=-")
    return found


_WAYS = {"token_env": _token_in_variable, "token_file": _token_in_file}
