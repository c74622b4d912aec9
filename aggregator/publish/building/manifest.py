"""What the last build of the site wrote, and of which stories: so a later one knows what is stale, and what is its own.

It stands in the site's folder as a hidden file. A file that is not in it was not written by this program.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

# Another number: what an older version wrote is built anew.
_FORMAT = 2


@dataclass(slots=True)
class Unit:
    """Files that are made together: a page, and what stands beside it for programs.

    `files`: path → digest of the content. `shows`: the stories that they tell of, by id; when one of these changes they
    are stale. `page`: the path of the page that search engines may list, with the time of its newest content.
    """

    files: dict[str, str] = field(default_factory=dict)
    shows: tuple[int, ...] = ()
    page: tuple[str, str] | None = None


@dataclass(slots=True)
class Manifest:
    """All of the site. `made_of`: a digest of what every page depends on: settings, templates, words, version.

    `seq`: the change up to which it is. `day`: the newest day that it knew. `names`: publisher → what it was called.
    `sources`: those in use, id → name. `database`: of which it is; ids and changes of another one mean other things.
    """

    made_of: str = ""
    seq: int = 0
    day: date | None = None
    names: dict[str, str] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    sources: dict[int, str] = field(default_factory=dict)
    database: str = ""

    def digests(self) -> dict[str, str]:
        """Path → digest, of all files. Of one that two units wrote, as a story and the redirect that took its place
        may, nobody knows what is in it: "".
        """
        found: dict[str, str] = {}
        for unit in self.units.values():
            for path, digest in unit.files.items():
                found[path] = digest if found.get(path, digest) == digest else ""
        return found

    def showing(self, stories: set[int]) -> set[str]:
        """The names of the units that tell of one of these stories."""
        return {name for name, unit in self.units.items() if not stories.isdisjoint(unit.shows)}

    def named(self, kind: str) -> set[str]:
        """Of the units of a kind (`topic` of `topic/funding`) what stands behind it."""
        return {name.partition("/")[2] for name in self.units if name.startswith(f"{kind}/")}

    def to_json(self) -> str:
        """As it stands in its file."""
        units = {name: [unit.files, unit.shows, unit.page] for name, unit in self.units.items()}
        return json.dumps(
            {
                "format": _FORMAT,
                "made_of": self.made_of,
                "seq": self.seq,
                "day": self.day.isoformat() if self.day else None,
                "database": self.database,
                "names": self.names,
                "sources": self.sources,
                "units": units,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )


def manifest_of(text: str) -> Manifest | None:
    """What stands in the file; None where that is of another version, or damaged."""
    try:
        found: dict[str, Any] = json.loads(text)
        if found["format"] != _FORMAT:
            return None
        manifest = Manifest(
            made_of=found["made_of"],
            database=found["database"],
            seq=found["seq"],
            day=date.fromisoformat(found["day"]) if found["day"] else None,
            names=found["names"],
            sources={int(source_id): name for source_id, name in found["sources"].items()},
            units={
                name: Unit(files, tuple(shows), tuple(page) if page else None)
                for name, (files, shows, page) in found["units"].items()
            },
        )
        _check(manifest)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        return None
    return manifest


# The names of parts; see `aggregator.publish.building.plan`.
_NAMES = re.compile(r"(?:story|merged|source)/[0-9]+|day/[0-9-]{10}|(?:topic|list)/.+|assets")
_TO_ELSEWHERE = re.compile(r"/|(?:.*/)?\.\.(?:/|$)", re.DOTALL)


def _check(manifest: Manifest) -> None:
    """Is everything in it of its type? And no file elsewhere: what is in it may be removed.

    Raises:
        ValueError, TypeError, IndexError: it is not.
    """
    texts = [manifest.made_of, manifest.database, *manifest.sources.values()]
    texts += [text for pair in manifest.names.items() for text in pair]
    numbers: list[int] = [manifest.seq]
    for name, unit in manifest.units.items():
        kind, _, rest = name.partition("/")
        if not _NAMES.fullmatch(name) or any(_TO_ELSEWHERE.match(path) for path in unit.files):
            raise ValueError(name)
        if kind == "day":
            date.fromisoformat(rest)
        if kind in ("story", "merged") and not (unit.shows and next(iter(unit.files), "").startswith("stories/")):
            raise ValueError(name)
        texts += unit.files.values()
        numbers += unit.shows
        if unit.page:
            texts.append(unit.page[0])
            datetime.fromisoformat(unit.page[1])
    if not all(type(text) is str for text in texts) or not all(type(number) is int for number in numbers):
        raise TypeError(manifest.made_of)
