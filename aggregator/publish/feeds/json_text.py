"""Values → JSON that carries texts of others. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from aggregator.publish.clean import plain

# What `plain` may take out, and nearly nothing else.
_PERHAPS_FORBIDDEN = re.compile("[\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U00010000-\U0010ffff]")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def json_text(value: Any) -> str:
    """The document, in one line. No text in it has characters that XML and HTML forbid, or ends a script element."""
    text = _ENCODER.encode(value)
    if _may_have_forbidden(text):
        text = _ENCODER.encode(_cleaned(value))
    if "<" in text:
        # In case somebody puts it into a page: the same to every parser of JSON, and nothing to one of HTML.
        text = text.replace("</", "<\\/").replace("<!--", "\\u003c!--")
    return text + "\n"


def _may_have_forbidden(text: str) -> bool:
    """Most documents have nothing to take out, which shows in them as a whole, the quickest look first."""
    if "\\" in text and "\\u00" in text:
        return True
    if text.isascii():
        return "\x7f" in text
    return not text.isprintable() and _PERHAPS_FORBIDDEN.search(text) is not None


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isprintable() else plain(value)
    if isinstance(value, dict):
        return {name: _cleaned(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    return value
