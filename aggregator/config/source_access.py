"""The kinds of values that say how one source is asked: its headers, its user, its proxy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator

from aggregator.config import kinds as values
from aggregator.config.addresses import ADDRESS
from aggregator.config.kinds import SECRET_FILE, VARIABLE, EitherWay, Kind, Of, WrongValue
from aggregator.config.table import Table, key

# RFC 9110 §5.1: a token. §5.5: visible ASCII and blanks; more can't be sent by every server's rules.
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_VALUE = "[ -~]+"
# The request's framing, and what conditional requests and decompression depend on.
_OURS = frozenset(
    {
        "accept-encoding", "connection", "content-length", "expect", "host", "if-match", "if-modified-since",
        "if-none-match", "if-range", "if-unmodified-since", "keep-alive", "proxy-authorization", "range", "te",
        "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip


def _read_header(value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise WrongValue
    if value.lower() in _OURS:
        raise WrongValue("that one is set by the program")
    return value


def _read_proxy(value: object) -> str:
    if isinstance(value, str) and "@" in value:
        raise WrongValue("one with a password in it belongs in the variable that proxy_env names")
    found = str(ADDRESS.read(value))
    parts = urlsplit(found)
    if parts.path.strip("/") or parts.query:
        raise WrongValue("only the proxy's scheme, host and port", f"{parts.scheme}://{parts.netloc}")
    return f"{parts.scheme}://{parts.netloc}"


HEADER = Kind(
    'the name of a header, such as "Accept-Language"',
    _read_header,
    {"type": "string", "pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"},
)
HEADER_VALUE = values.text(
    'a text of ASCII characters, or { env = "…" } or { file = "…" } where it is secret',
    most=4000,
    pattern=_VALUE,
    is_secret=True,
)
USER = values.text("a user's name without a colon", most=200, pattern=r"[^:\x00-\x1f\x7f]+")
PROXY = Kind(
    'the address of an HTTP proxy, such as "http://proxy.example:3128"',
    _read_proxy,
    {"type": "string", "pattern": "^https?://[^\\s/@]+/?$", "examples": ["http://proxy.example:3128"]},
    is_secret=True,
)


Variable = Annotated[str | None, Of(VARIABLE)]
SecretFile = Annotated[Path | None, Of(SECRET_FILE)]


class Secret(Table):
    """A value that does not stand in the file."""

    env: Variable = key("The environment variable that holds it.", None)
    file: SecretFile = key("The file that holds it.", None)


def _as_secret(value: object) -> object:
    """A plain text was looked at by its kind; what it says is read again where it is used."""
    if isinstance(value, dict):
        return value
    HEADER_VALUE(value)
    return {}


HeaderValue = Annotated[Secret, BeforeValidator(_as_secret), EitherWay(HEADER_VALUE)]
