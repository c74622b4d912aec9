"""What the files of a site are: their media types, and which of them are worth compressing."""

from __future__ import annotations

_TYPES = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "mjs": "text/javascript",
    "txt": "text/plain",
    "md": "text/markdown",
    "opml": "text/x-opml",
    "xml": "application/xml",
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "svg": "image/svg+xml",
    "json": "application/json",
    "webmanifest": "application/manifest+json",
    "wasm": "application/wasm",
    "ico": "image/x-icon",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "woff2": "font/woff2",
    "pdf": "application/pdf",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
}
_JSON = frozenset({"application/json", "application/feed+json", "application/manifest+json"})


def media_type(path: str) -> str:
    """The media type of the file at this path of the site, with its charset where that must be said."""
    ending = path.rpartition("/")[2].rpartition(".")[2].lower()
    found = _TYPES.get(ending, "application/octet-stream")
    if ending == "json" and path.startswith("feeds/"):
        found = "application/feed+json"
    says_charset = found.startswith("text/") or found.endswith("xml")
    return f"{found}; charset=utf-8" if says_charset else found


def is_text(media: str) -> bool:
    """Does it get smaller when it is compressed?"""
    bare = media.partition(";")[0]
    return bare.startswith("text/") or bare.endswith("xml") or bare in _JSON
