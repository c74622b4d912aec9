"""Folders that sources are sorted into: which sources stand in one, and the condition that their posts meet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from aggregator.model.errors import NotFoundError
from aggregator.storage.finding.search import led
from aggregator.storage.result import Asked
from aggregator.text.folders import is_within, names_of, path_of
from aggregator.text.typed.nearest import nearest

_SIGHTINGS = "SELECT {} FROM sightings g WHERE g.source_id IN ({})"


class InFolder(NamedTuple):
    """The sources in a folder and in those within it, removed ones too, as a list for SQL."""

    sources: str

    def posts(self, asked: Asked) -> str:
        """The condition for a post `p`: one of the sources has it."""
        if asked.count_few(_SIGHTINGS.format("1", self.sources), ()) < asked.few:
            return f"{led(True)} IN ({_SIGHTINGS.format('g.post_id', self.sources)})"
        return self.seen()

    def seen(self) -> str:
        """The same, asked post by post: for few posts."""
        return f"EXISTS ({_SIGHTINGS.format('1', self.sources)} AND g.post_id = p.id)"

    def stories(self) -> str:
        """The condition for a story `s`: one of the sources carries it."""
        counts = "SELECT 1 FROM story_source_counts c WHERE c.story_id = s.id"
        return f"EXISTS ({counts} AND c.source_id IN ({self.sources}))"

    def changes(self) -> str:
        """The condition for a row of `changes_detail`: one of the sources has the post, or carries the story.

        Of what has no row any more nobody knows where it came from: it is told.
        """
        seen = f"EXISTS (SELECT 1 FROM sightings g WHERE g.post_id = row_id AND g.source_id IN ({self.sources}))"
        story = "coalesce((SELECT merged_into FROM stories WHERE id = row_id), row_id)"
        counts = f"SELECT 1 FROM story_source_counts c WHERE c.story_id = {story}"
        carried = f"EXISTS ({counts} AND c.source_id IN ({self.sources}))"
        return (
            f"CASE what WHEN 'post' THEN {seen} OR NOT EXISTS (SELECT 1 FROM posts WHERE id = row_id) "
            f"ELSE {carried} OR NOT EXISTS (SELECT 1 FROM stories WHERE id = row_id) END"
        )

    def health(self) -> str:
        """The condition for a row of `source_health`."""
        return f"id IN ({self.sources})"


def find_folder(asked: Asked, folder: str) -> InFolder:
    """The sources of a folder, given as its path.

    Raises:
        NotFoundError: no source stands in it.
    """
    rows = asked.ask("SELECT id, folder FROM sources WHERE folder IS NOT NULL ORDER BY id").rows
    found = [source_id for source_id, path in rows if is_within(path, folder)]
    if not found:
        raise no_such_folder(folder, [path for _, path in rows])
    return InFolder(", ".join(map(str, found)))


def stories_within(asked: Asked, folder: InFolder, stories: Iterable[int]) -> set[int]:
    """Those of these stories that a source of the folder carries."""
    ids = ", ".join(str(each) for each in sorted(set(stories)))  # numbers of our own
    return {
        row[0] for row in asked.ask(f"SELECT s.id FROM stories s WHERE s.id IN ({ids}) AND {folder.stories()}").rows
    }


def no_such_folder(folder: str, folders: list[str]) -> NotFoundError:
    """The error, with the nearest of those there are, outer ones too."""
    if not folders:
        return NotFoundError("no source has a folder; the key `folder` in a block of the configuration names one")
    paths = {path_of(names[:depth]) for names in map(names_of, folders) for depth in range(1, len(names) + 1)}
    near = nearest(folder, sorted(paths, key=lambda path: (abs(len(path) - len(folder)), path)))
    hint = f"did you mean {near!r}?" if near else "`aggregator sources` lists them"
    return NotFoundError(f"there is no folder {folder!r}; {hint}")
