"""What redirects carry as their target in their own address. Which redirects do is data: `url_policy.toml`."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from urllib.parse import SplitResult, unquote

from aggregator.text.url_policy import Wrapper

# Fields 1 (19) and 4 (a string: its length as a varint of one or two bytes, and the address).
_GOOGLE_NEWS = re.compile(rb"\x08\x13\x22(?:[\x00-\x7f]|[\x80-\xff][\x01-\x7f])(https?://[\x21-\x7e]+)")


def wrapped_text(wrapper: Wrapper, parts: SplitResult) -> str | None:
    """What the address carries as its target, decoded; None where it carries none. Perhaps no address at all."""
    if wrapper.path is not None and parts.path.rstrip("/") != wrapper.path:
        return None
    decode = _DECODERS[wrapper.decode]
    if wrapper.match:
        match = wrapper.match.match(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        return re.sub(r"^(https?):/+", r"\1://", decode(match[1])) if match else None
    given = dict(pair.partition("=")[::2] for pair in reversed(parts.query.split("&")))
    return next((decode(unquote(given[name])) for name in wrapper.params if name in given), None)


def _bing(text: str) -> str:
    """`a1` and the address in base64."""
    return _base64(text[2:]).decode("utf-8", "replace")


def _proofpoint(text: str) -> str:
    """URL Defense version 2: - for %, _ for /."""
    return unquote(text.replace("-", "%").replace("_", "/"))


def _google_news(text: str) -> str:
    """A protocol buffer in base64. Ids that hold no address in the clear give ""."""
    match = _GOOGLE_NEWS.match(_base64(text))
    return match[1].decode("ascii") if match else ""


def _base64(text: str) -> bytes:
    text = text.rstrip("=")
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""


_DECODERS: dict[str | None, Callable[[str], str]] = {
    None: lambda text: text,
    "percent": unquote,
    "bing": _bing,
    "proofpoint": _proofpoint,
    "google_news": _google_news,
}
