"""The files of the site as answers: which one an address means, and how it goes out. Blocks; runs in a thread."""

from __future__ import annotations

import gzip
import os
import stat
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from aggregator.engine.web.answer import LEVEL, POLICY, Answer
from aggregator.engine.web.conditions import Part, Version, is_known, takes_gzip, wanted_part
from aggregator.engine.web.media import is_text, media_type
from aggregator.publish.addresses import NOT_FOUND, REDIRECTS, SEARCH

# A smaller text gains nothing; a larger one takes too long to be compressed anew for everybody.
_WORTH_COMPRESSING = range(600, 2 * 1024 * 1024)

# Pagefind's search is a script that asks the server for parts of its index.
_SEARCH_POLICY = f"{POLICY}; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"


def policy(path: str) -> str:
    """The Content-Security-Policy of a page of the site."""
    return _SEARCH_POLICY if path == SEARCH else POLICY


def answer(root: Path, address: str, query: str, headers: Mapping[str, str], method: str = "GET") -> Answer:
    """What the folder has at an address (a path that begins with `/`, percent-encoding undone).

    `query` stands behind an address that goes on elsewhere. `headers`: those of the request, by their names in small
    letters. Without headers of its own: there is no such file, and no page that says so.
    """
    if target := _moved(root, address):
        return _redirect(target, 301)
    parts = _parts(address)
    if parts is None or parts == [REDIRECTS]:
        return _missing(root)
    if address.endswith("/"):
        parts = [*parts, "index.html"]
    found = _find(root, parts)
    if found and found.is_dir():
        # Relative: the site may stand below a folder of a greater one.
        return _redirect(quote(parts[-1]) + "/" + (f"?{query}" if query else ""), 308)
    opened = _open(found) if found else None
    return _missing(root) if opened is None else _told("/".join(parts), opened, headers, is_head=method == "HEAD")


def _parts(address: str) -> list[str] | None:
    """The names on the way to a file; None for an address that can mean none, or that leads where nobody may go."""
    parts = address.removeprefix("/").removesuffix("/").split("/") if address.strip("/") else []
    if not address.startswith("/") or any(not part or part.startswith(".") for part in parts):
        return None
    return parts


def _find(root: Path, parts: list[str]) -> Path | None:
    """Where it stands, if it does and within the folder. Links are followed as long as they lead nowhere else."""
    try:
        base = root.resolve(strict=True)
        found = base.joinpath(*parts).resolve(strict=True)
        return None if any(name.startswith(".") for name in found.relative_to(base).parts) else found
    except (OSError, ValueError, RuntimeError):
        return None


def _open(file: Path) -> int | None:
    try:
        opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        return None
    return opened


def _told(path: str, opened: int, headers: Mapping[str, str], is_head: bool) -> Answer:
    found, media = os.fstat(opened), media_type(path)
    is_packed = (
        is_text(media) and found.st_size in _WORTH_COMPRESSING and "range" not in headers and takes_gzip(headers)
    )
    mark = f"{found.st_mtime_ns:x}-{found.st_size:x}" + ("-gz" if is_packed else "")
    version = Version(f'"{mark}"', int(found.st_mtime))
    told = {"etag": version.tag, "last-modified": version.date, "cache-control": "no-cache"}
    if is_text(media):
        told["vary"] = "Accept-Encoding"
    if media.startswith("text/html"):
        told["content-security-policy"] = policy(path)
    whole = Answer(200, told, file=opened, length=found.st_size)
    if is_known(headers, version):
        whole.close()
        return Answer(304, told)
    told |= {"content-type": media, "accept-ranges": "bytes"}
    if is_packed:
        packed = gzip.compress(b"".join(whole.chunks()), LEVEL, mtime=0)
        return Answer(200, told | {"content-encoding": "gzip", "content-length": str(len(packed))}, packed)
    if part := None if is_head else wanted_part(headers, found.st_size, version):
        return _partial(whole, part, found.st_size)
    told["content-length"] = str(found.st_size)
    return whole


def _partial(whole: Answer, part: Part, size: int) -> Answer:
    if not part.length:
        whole.close()
        return Answer(416, {"content-range": f"bytes */{size}", "content-length": "0"})
    if whole.file is not None:
        os.lseek(whole.file, part.start, os.SEEK_SET)
    whole.status, whole.length = 206, part.length
    whole.headers["content-range"] = f"bytes {part.start}-{part.start + part.length - 1}/{size}"
    whole.headers["content-length"] = str(part.length)
    return whole


def _missing(root: Path) -> Answer:
    """The site's own page for what is not there."""
    page = _find(root, [NOT_FOUND])
    opened = _open(page) if page else None
    if opened is None:
        return Answer(404)
    found = _told(NOT_FOUND, opened, {}, is_head=False)
    found.status = 404
    for name in ("etag", "last-modified", "accept-ranges"):
        found.headers.pop(name, None)
    return found


def _redirect(target: str, status: int) -> Answer:
    return Answer(status, {"location": target, "content-length": "0", "cache-control": "no-cache"})


def _moved(root: Path, address: str) -> str | None:
    """Where the story has gone that was here."""
    file = root / REDIRECTS
    try:
        found = file.stat()
    except OSError:
        return None
    redirects = _redirects(file, found.st_mtime_ns, found.st_size)
    return redirects.get(address) or redirects.get(quote(address))


@lru_cache(maxsize=1)
def _redirects(file: Path, changed_at: int, size: int) -> dict[str, str]:
    """The old addresses of the file `_redirects`, whose lines are `/from /to 301`. Read again when it has changed."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = (words for line in lines if len(words := line.split()) >= 2)
    return {words[0]: words[1] for words in pairs if _is_local(words[0]) and _is_local(words[1])}


def _is_local(target: str) -> bool:
    return target.startswith("/") and not target.startswith(("//", "/\\"))
