"""The option `--folder` of the commands that read or ask sources, and what it means there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from aggregator.model.source import Source
    from aggregator.storage.finding.folders import InFolder
    from aggregator.storage.queries import Reader

_F = TypeVar("_F", bound=Callable[..., Any])


def folder_option(what: str, letters: Sequence[str] = ("-f",)) -> Callable[[_F], _F]:
    """The option, passed on as `folder`. `what` completes "Only …"; `letters`: its short forms."""
    told = f'Only {what} in this folder, or in one within it: "Press", "Press/Ports".'
    return click.option(*letters, "--folder", metavar="NAME", help=told)


def stored(reader: Reader, folder: str | None) -> InFolder | None:
    """The stored sources of a folder; None where none is named.

    Raises:
        NotFoundError: no source stands in it.
    """
    from aggregator.storage.finding.folders import find_folder

    return None if folder is None else find_folder(reader, folder)


def configured(sources: Sequence[Source], folder: str | None) -> list[Source]:
    """Those of the sources that stand in a folder; all where none is named.

    Raises:
        NotFoundError: none does.
    """
    from aggregator.storage.finding.folders import no_such_folder
    from aggregator.text.folders import is_within

    if folder is None:
        return list(sources)
    found = [source for source in sources if is_within(source.folder, folder)]
    if not found:
        raise no_such_folder(folder, [source.folder for source in sources if source.folder])
    return found
