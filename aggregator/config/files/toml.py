"""Values as TOML has them."""

from __future__ import annotations

import json


def toml(value: object) -> str:
    """A text, a number, or a list of such. JSON's are TOML's; only DEL has to be escaped besides."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
