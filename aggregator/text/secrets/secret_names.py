"""By what a key in an address is known: names of parameters, and values that are none. Data; `open_addresses` reads it.

A name decides, and where the name alone is not sure, the value. What is a plain word ("harbour"), a flag or a small
number keeps nobody out, whatever it is called: a dictionary finds it, and an address that has it is as open as any.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from aggregator.text.patterns.late import late_pattern

# A secret whatever its value is: a password may be a word.
SURE = late_pattern(
    r"secret|passw|passphrase|credential|signature|api[_.-]?key|access[_.-]?key|auth[_.-]?key"
    r"|(?:access|auth|bearer|security|refresh|api|feed|rss|user|private|session)[_.-]?token"
    r"|(?:app|user|rss|feed|private|member|subscri\w*|licen[sc]e|consumer|client|master)[_.-]?key$",
    re.IGNORECASE,
)
SURE_WHOLE = frozenset({"pwd", "jwt"})
# A secret unless its value is plainly none. `author` and `authority` are no `auth`, `monkey` and `keyword` no `key`.
LIKELY = re.compile(r"token|auth(?!or(?!i[sz]))|session|(?:^|[_.-])key$", re.IGNORECASE)
LIKELY_WHOLE = frozenset({"pass", "pw", "sig", "sid", "private", "hmac"})
# A secret only where the value looks like nothing else: Reddit's `feed`, a calendar's `hash`.
PERHAPS_WHOLE = frozenset({"feed", "hash", "code", "ticket", "appid", "h", "k", "u"})

# A folder of private feeds, behind which the key stands.
PRIVATE_FOLDER = re.compile(r"(?:private|secret)(?:[_-]?feeds?)?", re.IGNORECASE)
# A key that its own segment names: `secret:abc`, `private-abc`, `token=abc`.
NAMED_SEGMENT = re.compile(
    r"(?:(?:private|secret)[:=-]|(?:api[_-]?key|token|key|auth)[:=])(.+)", re.IGNORECASE | re.DOTALL
)

# One of these is in every address that holds a key (`pw` in `pwd`, `sig` in `signature`). Nearly none has one, and so
# nearly none is taken apart.
_SIGNS = (
    "secret", "pass", "pw", "credential", "key", "token", "auth", "session", "sig", "sid", "jwt", "private", "hmac",
    "feed=", "code=", "ticket=", "appid=", "h=", "k=", "u=", "@", "%3a",
)  # fmt: skip

# Values that are no secret under a name that is not sure.
FLAGS = frozenset(
    {"", "0", "1", "yes", "no", "true", "false", "on", "off", "all", "any", "none", "null", "new", "top", "rss", "xml"}
)
_WORD = re.compile(r"[A-Za-z][a-z]{3,11}")
# A value that calls itself one is believed.
_CALLED_SECRET = re.compile(r"secret|geheim|passw|token|key|priva", re.IGNORECASE)
_NO_WORD = re.compile(r"[bcdfghjklmnpqrstvwxz]{5}", re.IGNORECASE)
_VOWEL = re.compile(r"[aeiouy]", re.IGNORECASE)
_BETWEEN = re.compile(r"[-_+. ]")
# Years and numbers of pages have as many digits.
_MOST_DIGITS = 4
_MOST_WORDS = 12


def may_hold_key(address: str) -> bool:
    """Could there be a key in it? Quick, and right where the answer is no."""
    lower = (unquote(address) if "%" in address else address).lower()
    # Not by a pattern, which takes ten times as long, nor by a generator: twice.
    return "://" in lower[8:] or any(map(lower.__contains__, _SIGNS))


def is_plain(value: str) -> bool:
    """Is it made of words, flags and small numbers alone: what anybody may guess?"""
    parts = _BETWEEN.split(value)
    return len(parts) <= _MOST_WORDS and all(map(_is_plain_part, parts))


def _is_plain_part(part: str) -> bool:
    if part.lower() in FLAGS or (part.isdigit() and len(part) <= _MOST_DIGITS):
        return True
    if _NO_WORD.search(part) or _CALLED_SECRET.search(part):
        return False
    return _WORD.fullmatch(part) is not None and _VOWEL.search(part) is not None


def is_opaque(value: str, least: int) -> bool:
    """Could it be nothing but a key: `least` characters or more, letters, digits and what keys are written with, and no
    words?"""
    return len(value) >= least and re.fullmatch(r"[\w.~+/=%:-]+", value) is not None and not is_plain(value)
