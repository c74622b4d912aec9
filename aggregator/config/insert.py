"""Writes feeds into the TOML file without disturbing what stands there: its comments, its order, its spelling.

The file is not taken apart and written anew: the blocks are put behind the last `[[feeds]]` block as text, and the
result must read as the old file with these feeds and nothing else, or it is not written.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aggregator.config.files.toml import toml
from aggregator.config.files.whole import write_whole
from aggregator.config.load import load
from aggregator.model.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFeed:
    """A feed to write into the file. `interval` as it is written there: "1h"."""

    url: str
    title: str | None = None
    interval: str | None = None
    folder: str | None = None
    site_url: str | None = None
    topics: tuple[str, ...] = ()


def add_feeds(file: Path, feeds: Sequence[NewFeed], environ: Mapping[str, str]) -> None:
    """Write these feeds into the file. Where it then has a mistake, it is put back as it was.

    Raises:
        ConfigError: it can't be written, or there is a mistake in it.
    """
    try:
        old = file.read_text("utf-8")
        new = with_feeds(old, feeds)
        if new is None:
            blocks = "\n\n".join(map(block, feeds))
            raise ConfigError([f"{file}: can't be added to by program; write this into it:\n\n{blocks}"])
        write_whole(file, new)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{file}: can't be changed: {error}"]) from error
    try:
        load(file, environ)
    except ConfigError:
        write_whole(file, old)
        raise


def block(feed: NewFeed) -> str:
    """The `[[feeds]]` block of a feed."""
    values: dict[str, object] = {
        "url": feed.url,
        "title": feed.title,
        "site_url": feed.site_url,
        "folder": feed.folder,
        "interval": feed.interval,
        "topics": list(feed.topics),
    }
    return "\n".join(["[[feeds]]", *(f"{key} = {toml(value)}" for key, value in values.items() if value)])


def with_feeds(text: str, feeds: Sequence[NewFeed]) -> str | None:
    """The file's text with these feeds; None where there is no place for them."""
    blocks = "".join(f"\n{block(feed)}\n" for feed in feeds)
    lines = text.splitlines(keepends=True)
    wanted = _document(text)
    if wanted is None:
        return None
    wanted["feeds"] = [*wanted.get("feeds", []), *tomllib.loads(blocks)["feeds"]]
    for place in dict.fromkeys([_behind_last_feed(lines), len(lines)]):
        before = "".join(lines[:place])
        if before and not before.endswith("\n"):
            before += "\n"
        changed = before + (blocks if before else blocks.lstrip("\n")) + "".join(lines[place:])
        if _document(changed) == wanted:
            return changed
    return None


_HEADER = re.compile(r"\s*\[")
_FEED_HEADER = re.compile(r"\s*\[\[\s*feeds\s*\]\]|\s*\[\s*feeds\s*\.")


def _behind_last_feed(lines: Sequence[str]) -> int:
    """The number of lines up to the last key of the last `[[feeds]]` block; what stands between it and the next block,
    comments and empty lines, belongs to that."""
    place, is_inside = len(lines), False
    for number, line in enumerate(lines):
        if _HEADER.match(line):
            is_inside = _FEED_HEADER.match(line) is not None
        if is_inside and line.strip() and not line.lstrip().startswith("#"):
            place = number + 1
    return place


def _document(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except ValueError:
        return None
