"""A digest of what pages are made with: templates, words, style, and the user's own in their place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from aggregator.model.errors import PublishError
from aggregator.model.settings import Publish


def digest_of(settings: Publish) -> str:
    """Another one where a page may come out otherwise.

    Raises:
        PublishError: a file of the user's can't be read.
    """
    found = hashlib.blake2b(_shipped(), digest_size=9)
    own = [settings.stylesheet] if settings.stylesheet else []
    try:
        if settings.templates:
            own += sorted(each for each in settings.templates.rglob("*") if each.is_file())
        for file in own:
            found.update(str(file).encode("utf-8", "replace") + b"\0" + file.read_bytes() + b"\0")
    except OSError as error:
        raise PublishError(f"{error.filename}: can't be read: {error.strerror}") from error
    return found.hexdigest()


@cache
def _shipped() -> bytes:
    """Of the program's own files, with its code: they change with it alone."""
    found = hashlib.blake2b(digest_size=9)
    for file in _below(files("aggregator.publish")):
        found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return found.digest()


def _below(folder: Traversable) -> Iterator[Traversable]:
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            if each.name != "__pycache__":
                yield from _below(each)
        else:
            yield each
