"""Addresses that may be told to others, and those that are somebody's own: with a password or a key in them."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus, urlsplit

# Names of parameters by which servers know whose feed it is, as they are written or as a part of a longer one.
_SECRET = re.compile(r"token|secret|passw|api[_-]?key|auth(?!or)|credential|session|signature", re.IGNORECASE)
_SECRET_WHOLE = frozenset({"key", "pass", "pwd", "pw", "sig", "sid", "jwt", "private"})
# A folder of private feeds, whose last part is the key.
_PRIVATE = re.compile(r"/(?:private|secret)(?:_?feeds?)?/", re.IGNORECASE)
# The end of a scheme is enough to know one by: a long word without an address is gone through once.
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{0,30}://[^\s<>\"'“”‘’]+", re.IGNORECASE)
# What ends a sentence or a bracket around an address is no part of it.
_BEHIND = ".,;:!?)]}"


def is_open_address(url: str) -> bool:
    """May anybody be told this address? Not if something in it looks like a secret, or if it can't be read."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    named = re.split(r"[&;]", f"{parts.query}&{parts.fragment}")
    names = [unquote_plus(each.partition("=")[0]) for each in named]
    return not ("@" in parts.netloc or _PRIVATE.search(parts.path) or any(map(_names_a_secret, names)))


def _names_a_secret(name: str) -> bool:
    return name.lower() in _SECRET_WHOLE or _SECRET.search(name) is not None


def host_of(url: str | None) -> str:
    """The host of an address, without its "www."; "" where it has none."""
    try:
        host = urlsplit(url or "").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def without_secrets(text: str) -> str:
    """A text in which addresses that are not open are their hosts alone."""
    return _ADDRESS.sub(_told, text) if "://" in text else text


def _told(found: re.Match[str]) -> str:
    address = found[0].rstrip(_BEHIND)
    return found[0] if is_open_address(address) else (host_of(address) or "…") + found[0][len(address) :]
