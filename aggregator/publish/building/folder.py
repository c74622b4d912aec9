"""The folder of the site: files replaced whole or not at all, unchanged ones untouched, those of others left alone.

What is done with each of 26,000 files is done through `os`: through `pathlib` and `open` it takes a quarter longer.
"""
# ruff: noqa: PTH102, PTH103, PTH105, PTH110, PTH116, PTH123

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from aggregator.model.errors import PublishError
from aggregator.publish.addresses import is_made
from aggregator.publish.building.manifest import Manifest, manifest_of

MANIFEST = ".aggregator-site.json"
# It is there while a build is under way: one that was cut off leaves it, and files that no manifest knows.
_BUILDING = ".aggregator-building"
_NEW = ".new"

# In these is what is made of single stories, topics, days, sources.
_OWN_FOLDERS = ("stories", "topics", "entities", "days", "feeds", "river", "sources", "how", "search")


def is_site(folder: Path) -> bool:
    """Does the folder hold a site of this program, whole or half built?"""
    return any((folder / each).exists() for each in (MANIFEST, _BUILDING))


class Folder:
    """The site's folder while it is built.

    Raises:
        PublishError: it can't be used, at any call.
    """

    def __init__(self, path: Path) -> None:
        self.path, self._root = path, str(path)
        self._made: set[str] = set()
        self._lock: IO[str] | None = None
        # Path → digest, of what is there as far as is known; `_before`: what the last build left.
        self._digests: dict[str, str] = {}
        self._before: frozenset[str] = frozenset()
        # Files may be there of which no digest is known; they are those of no build that ended.
        self._may_be_there = self._are_left_over = False
        # Nothing was there before this build, so there is nothing to look at.
        self._is_new = False
        # A build was cut off, before this one or in this one: some files are of no build that ended.
        self._is_half_done = False
        self.written: list[str] = []
        self.removed = 0

    def open(self) -> Manifest | None:
        """Make it ready, and tell what the last build left; None where all must be built: there was none, it was of
        another version, or it was cut off."""
        with self._in_words():
            self.path.mkdir(parents=True, exist_ok=True)
            file = self.path / MANIFEST
            self._is_half_done = is_cut_off = (self.path / _BUILDING).exists()
            if not file.exists() and not is_cut_off and any(self._visible()):
                raise PublishError(
                    f"{self.path} holds files that are not of a site of this program ({next(self._visible())}); "
                    "name a folder of its own in [publish] path, or empty it"
                )
            self._hold()
            self._is_new = not any(self._visible())
            found = manifest_of(file.read_text(encoding="utf-8", errors="replace")) if file.exists() else None
        if is_cut_off or found is None:
            self._may_be_there = self._are_left_over = not self._is_new
            return None
        self._digests = found.digests()
        self._before = frozenset(self._digests)
        return found

    def _hold(self) -> None:
        """One build at a time: two would remove each other's files."""
        self._lock = (self.path / _BUILDING).open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise PublishError(f"{self.path}: another build of the site is under way") from None

    def doubt(self) -> None:
        """Look at each file that is there before it is left as it is: a power cut may have emptied some, and somebody
        may have written into them."""
        self._digests.clear()
        self._may_be_there = not self._is_new

    def release(self) -> None:
        """Let another build begin, where this one was not closed: as it was, if it touched nothing. Harmless when
        called again."""
        if self._lock:
            if not self._is_half_done:
                (self.path / _BUILDING).unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def write(self, path: str, data: bytes) -> str:
        """Put a file there, unless it is there already, byte for byte. Its digest."""
        digest = hashlib.blake2b(data, digest_size=9).hexdigest()
        target = f"{self._root}/{path}"
        try:
            if not self._is_there(path, target, data, digest):
                self._replace(path, target, data)
        except OSError as error:
            raise self._told(error) from error
        self._digests[path] = digest
        return digest

    def _replace(self, path: str, target: str, data: bytes) -> None:
        self._is_half_done = True
        folder, _, name = path.rpartition("/")
        within = f"{self._root}/{folder}"
        if folder not in self._made:
            _make(within)
            self._made.add(folder)
        fresh = f"{within}/{_NEW}-{name}"
        _write_new(fresh, data)
        os.replace(fresh, target)
        self.written.append(path)

    def _is_there(self, path: str, target: str, data: bytes, digest: str) -> bool:
        known = self._digests.get(path)
        if known is not None:
            return known == digest and os.path.exists(target)
        if not self._may_be_there:
            return False
        try:  # not known, as after a build that was cut off
            return os.stat(target).st_size == len(data) and _read(target) == data
        except FileNotFoundError:
            return False

    def close(self, manifest: Manifest) -> None:
        """The build is done: what the last one wrote and this one has no more goes, then its manifest is written."""
        kept = manifest.digests()
        self._is_half_done = True
        with self._in_words():
            for path in self._before - kept.keys():
                self._remove(path)
            if self._are_left_over:
                self._sweep(kept)
            fresh = self.path / f"{_NEW}{MANIFEST}"
            fresh.write_text(manifest.to_json(), encoding="utf-8")
            fresh.replace(self.path / MANIFEST)
            self._is_half_done = False
        self.release()

    def _sweep(self, kept: Iterable[str]) -> None:
        """Remove what builds that were cut off, or older versions, left where builds put files: no manifest knows it.

        A folder that is a link to elsewhere is not looked into.
        """
        kept = set(kept)
        for own in _OWN_FOLDERS:
            if (self.path / own).is_symlink():
                continue
            for folder, _, names in os.walk(f"{self._root}/{own}", topdown=False):
                within = folder.removeprefix(f"{self._root}/")
                for name in names:
                    path = f"{within}/{name}"
                    if path not in kept and is_made(f"{within}/{name.removeprefix(f'{_NEW}-')}"):
                        self._remove(path)

    def _remove(self, path: str) -> None:
        target = self.path / path
        if target.exists():
            target.unlink()
            self.removed += 1
        for folder in target.parents:
            if folder == self.path:
                break
            try:
                folder.rmdir()
            except OSError:  # it has other files, or is gone
                break

    def _visible(self) -> Iterator[str]:
        return (each.name for each in self.path.iterdir() if not each.name.startswith("."))

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._told(error) from error

    def _told(self, error: OSError) -> PublishError:
        return PublishError(f"the site can't be written: {error.filename or self.path}: {error.strerror or error}")


def _make(folder: str) -> None:
    try:
        os.mkdir(folder)
    except FileExistsError:
        pass
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)


def _write_new(path: str, data: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
    try:
        # A disk that is nearly full takes a part; the next call says why.
        while data:
            data = data[os.write(file, data) :]
    finally:
        os.close(file)


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:
        return file.readall()
