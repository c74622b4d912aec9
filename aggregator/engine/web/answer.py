"""What is answered: of a file of the site, or made for who asks. Knows nothing of the library that sends it."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from aggregator.engine.web.conditions import Version, is_known, takes_gzip

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"
LEVEL = 6  # of gzip
_CHUNK = 256 * 1024
_WORTH_COMPRESSING = 1000
# A digest of the text stands for it; no time when it changed is told.
_NEVER = -1


@dataclass(slots=True)
class Answer:
    """A status, headers, and the body: `content`, or `length` bytes of a `file` that is open, which `read` closes."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    file: int | None = None
    length: int = 0

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the file, piece by piece; it is closed at the end, or when the iterator is."""
        left = self.length
        try:
            while left and self.file is not None and (chunk := os.read(self.file, min(_CHUNK, left))):
                left -= len(chunk)
                yield chunk
        finally:
            self.close()

    def close(self) -> None:
        """Close the file, if one is open."""
        file, self.file = self.file, None
        if file is not None:
            os.close(file)


def made(status: int, body: str, media: str, headers: Mapping[str, str], *, cache: str = "no-cache") -> Answer:
    """A text made for who asks with these headers, or 304 if it is the same as the last one."""
    content = body.encode("utf-8", "replace")
    packs = len(content) >= _WORTH_COMPRESSING and takes_gzip(headers)
    mark = hashlib.blake2b(content, digest_size=12).hexdigest() + ("-gz" if packs else "")
    told = {"cache-control": cache, "vary": "Accept-Encoding"}
    if media.startswith("text/html"):
        told |= {"content-security-policy": POLICY, "x-robots-tag": "noindex"}
    if status == 200:
        version = Version(f'"{mark}"', _NEVER)
        told["etag"] = version.tag
        if "if-none-match" in headers and is_known(headers, version):
            return Answer(304, told)
    if packs:
        content = gzip.compress(content, LEVEL, mtime=0)
        told["content-encoding"] = "gzip"
    told |= {"content-type": media, "content-length": str(len(content))}
    return Answer(status, told, content)
