"""Addresses with a key in them: which part of one is the key, what they are known by instead, and texts without it.

A feed's address with a key is known by what is left of it without the key, and by a digest of the whole:

    https://paper.example/feed?lang=en&apikey=4f0c2b…  →  https://paper.example/feed?lang=en#key-9c1e

Two keys of one address stay two sources so. **The digest gives nothing away that matters.** It has 16 bits: one guess
in 65,536 fits, so that it confirms no guess, and whoever has it knows 16 bits of the key and no more; of a random key
of 20 characters a hundred are left. It is made by scrypt, salted with what is left of the address: no table of digests
serves for two addresses, and each guess at a weak password takes 10 ms and 4 MB. A key to hash with would have to
stand beside the database, and who is given the one would be given the other. What can't be helped: of a PIN of four
digits (13 bits) nothing is left; but those are tried at the server itself within the hour.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from urllib.parse import SplitResult, quote, unquote, unquote_plus, urlsplit

from aggregator.text.secrets.secret_names import (
    LIKELY,
    LIKELY_WHOLE,
    NAMED_SEGMENT,
    PERHAPS_WHOLE,
    PRIVATE_FOLDER,
    SURE,
    SURE_WHOLE,
    is_opaque,
    is_plain,
    may_hold_key,
)

# What stands where a key was. Letters and a hyphen: it is the same in an address, in a text and in a search index.
PLACEHOLDER = "hidden-key"

# Digits of the digest, in hexadecimal.
_DIGITS = 4
_COST = 4096  # scrypt's n: 4 MB with blocks of 8
_MARK = re.compile(rf"[#.]key-[0-9a-f]{{{_DIGITS}}}$")

_PLAIN = re.compile(r"https?://[\w.-]+(?::\d+)?(?:[/?#]|$)")

# A value so long and no plain word is looked for by itself; a shorter one only with the name before it, because it
# stands in other words too.
_LONG = 8
# Under a name that tells nothing: as long as digests are.
_DIGEST_LONG = 20
_BEHIND_NAME = re.compile(r"\.(?:rss|xml|atom|json|ics|php)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Taken:
    """An address taken apart: `rest` is what is left of it, `keys` what was taken, each behind what names it, such as
    "apikey=" ("/" in a path)."""

    rest: str
    keys: tuple[tuple[str, str], ...]


@lru_cache(maxsize=2048)
def take_apart(url: str, *, is_hidden: bool = False) -> Taken | None:
    """The address without its keys, and these as they stand in it; None where it can't be read.

    `is_hidden`: its owner hides it. Then, where nothing says what the key is, everything is one that could be; and if
    nothing could, only the server is left. Where something does say it, it is the same whoever hides it.
    """
    has_none = not may_hold_key(url)
    if has_none and not is_hidden and _PLAIN.match(url):
        return Taken(url, ())
    try:
        parts = urlsplit(url)
        if not parts.hostname:
            return None
    except ValueError:
        return None
    taken = Taken(url, ()) if has_none else _taken(parts, is_hidden=False)
    return _taken(parts, is_hidden=True) if is_hidden and not taken.keys else taken


def _taken(parts: SplitResult, *, is_hidden: bool) -> Taken:
    keys: list[tuple[str, str]] = []
    user, _, server = parts.netloc.rpartition("@")
    if user:
        keys.append((":", word) if (word := user.partition(":")[2]) else ("//", user))
    path = _path_without(parts.path, keys, is_hidden=is_hidden)
    query = _pairs_without(parts.query, keys, is_hidden=is_hidden)
    fragment = _pairs_without(parts.fragment, keys, is_hidden=False)
    if is_hidden and not keys:
        path, query, fragment = "/", "", ""
        whole = parts.path.removeprefix("/") + (parts.query and f"?{parts.query}")
        keys = [("/", whole)] if len(whole) >= _LONG else []
    rest = parts._replace(netloc=server, path=path, query=query, fragment=fragment).geturl()
    return Taken(rest, tuple(dict.fromkeys(keys)))


def is_open_address(url: str) -> bool:
    """May anybody be told this address? Not if something in it looks like a secret, or if it can't be read; nor what a
    secret one is known by, which leads nowhere."""
    taken = take_apart(url)
    if taken is None or taken.keys:
        return False
    return not may_hold_key(url) or (without_mark(url) == url and not _has_place_for_key(url))


def known_by(address: str, *, is_hidden: bool = False) -> str:
    """What a source with this address is known by: the address itself, where that is open and nobody hides it."""
    taken = take_apart(address, is_hidden=is_hidden)
    if taken is None or not (taken.keys or is_hidden):
        return address
    mark = f"key-{_digest(address, taken.rest)}"
    return f"{taken.rest}.{mark}" if "#" in taken.rest else f"{taken.rest}#{mark}"


def told_address(address: str) -> str:
    """The address without its keys, for people; its host where it can't be read."""
    taken = take_apart(address)
    return taken.rest if taken else host_of(address) or "…"


def without_mark(known: str) -> str:
    """What an address is known by, without the digest: the same for all its keys. Itself where there is none."""
    return _MARK.sub("", known)


@lru_cache(maxsize=256)
def _digest(address: str, salt: str) -> str:
    found = hashlib.scrypt(address.encode(), salt=salt.encode(), n=_COST, r=8, p=1, dklen=_DIGITS // 2)
    return found.hex()


# ---------------------------------------------------------------- where keys are


def _has_place_for_key(url: str) -> bool:
    """Is a key named and not there? That is no secret, and no address to be told as that of a feed either."""
    pairs = (pair.partition("=") for pair in re.split(r"[?&;#]", url)[1:] if pair.endswith("="))
    return any(_names_key(unquote_plus(name)) for name, _, _ in pairs)


def _names_key(name: str) -> bool:
    return bool(SURE.search(name) or LIKELY.search(name)) or name.lower() in SURE_WHOLE | LIKELY_WHOLE


def _path_without(path: str, keys: list[tuple[str, str]], *, is_hidden: bool) -> str:
    found, is_private = [], False
    for segment in path.split("/"):
        name, *parameters = segment.split(";")
        kept = [each for each in parameters if not _is_key_pair(each, keys, is_hidden=False)]
        found.append(";".join([_segment_without(name, keys, is_private=is_private, is_hidden=is_hidden), *kept]))
        is_private = is_private or PRIVATE_FOLDER.fullmatch(name) is not None
    return "/".join(found)


def _segment_without(segment: str, keys: list[tuple[str, str]], *, is_private: bool, is_hidden: bool) -> str:
    named = NAMED_SEGMENT.fullmatch(segment)
    value = _BEHIND_NAME.sub("", named[1] if named else segment)
    text = unquote(value)
    if (
        not value
        or value.startswith(PLACEHOLDER)
        or is_plain(text)
        or not (named or is_private or (is_hidden and is_opaque(text, _LONG)))
    ):
        return segment
    begin = named.start(1) if named else 0
    keys.append((segment[:begin] or "/", value))
    return segment[:begin] + PLACEHOLDER + segment[begin + len(value) :]


def _pairs_without(query: str, keys: list[tuple[str, str]], *, is_hidden: bool) -> str:
    """Parameters, which & or ; part, without those that are keys."""
    found = re.split(r"([&;])", query)
    pairs, signs = found[::2], ["", *found[1::2]]
    kept = [
        (sign, pair)
        for sign, pair in zip(signs, pairs, strict=True)
        if not _is_key_pair(pair, keys, is_hidden=is_hidden)
    ]
    return "".join(f"{sign if number else ''}{pair}" for number, (sign, pair) in enumerate(kept))


def _is_key_pair(pair: str, keys: list[tuple[str, str]], *, is_hidden: bool) -> bool:
    name, sign, value = pair.partition("=")
    if not sign or not _is_key(unquote_plus(name), unquote_plus(value), is_hidden=is_hidden):
        return False
    keys.append((f"{name}=", value))
    return True


def _is_key(name: str, value: str, *, is_hidden: bool) -> bool:
    if not value or value.startswith(PLACEHOLDER):
        return False
    if SURE.search(name) or name.lower() in SURE_WHOLE:
        return True
    if "://" in value and not is_open_address(value):  # an address that somebody else is to ask
        return True
    if LIKELY.search(name) or name.lower() in LIKELY_WHOLE:
        return not is_plain(value)
    least = _LONG if is_hidden else _DIGEST_LONG
    return (is_hidden or name.lower() in PERHAPS_WHOLE) and is_opaque(value, least)


# ---------------------------------------------------------------- texts


class Hidden:
    """Keys, and texts without them: with placeholders, of which `asked` makes the keys again.

    One that is long and no plain word is found wherever it stands, a shorter one behind its name. All have the same
    placeholder: what it stands for in a text must not depend on which other keys there are.
    """

    def __init__(self, keys: Iterable[tuple[str, str]]) -> None:
        self._keys = tuple(keys)
        self._told: dict[str, str] = {}
        for name, value in self._keys:
            before = "" if len(value) >= _LONG and not is_plain(unquote(value)) else name
            for form in _forms(value):
                self._told.setdefault(before + form, before + PLACEHOLDER)
        # The longest first: one key may be the beginning of another.
        self._ordered = sorted(self._told, key=len, reverse=True)
        ends = ("" if self._told[each] == PLACEHOLDER else r"(?![\w%-])" for each in self._ordered)
        found = "|".join(re.escape(each) + end for each, end in zip(self._ordered, ends, strict=True))
        self._found = re.compile(found, re.IGNORECASE) if found else None
        self._folded = {each.lower(): told for each, told in self._told.items()}

    def __bool__(self) -> bool:
        return bool(self._told)

    @property
    def forms(self) -> tuple[str, ...]:
        """All that is looked for."""
        return tuple(self._ordered)

    def is_in(self, text: str) -> bool:
        """Does a key stand in the text?"""
        return self._found is not None and self._found.search(text) is not None

    def text(self, text: str) -> str:
        """The text with placeholders for the keys, whatever the case of their letters."""
        return self._found.sub(lambda found: self._folded[found[0].lower()], text) if self._found else text

    def body(self, body: bytes) -> bytes:
        """A document with placeholders, in whatever encoding of Unicode it is."""
        for form in self._ordered:
            for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                found = form.encode(encoding, "surrogatepass")
                if found in body:
                    body = body.replace(found, self._told[form].encode(encoding))
        return body

    def asked(self, told: str) -> str:
        """The address behind a told one: each key behind its name, and what is left in their order. Of several keys
        some addresses can't be made again."""
        if len(self._keys) == 1:
            return told.replace(PLACEHOLDER, self._keys[0][1])
        left = []
        for name, value in self._keys:
            if name.endswith("=") and name + PLACEHOLDER in told:
                told = told.replace(name + PLACEHOLDER, name + value)
            else:
                left.append(value)
        for value in left:
            told = told.replace(PLACEHOLDER, value, 1)
        return told


@lru_cache(maxsize=1024)
def hidden(keys: tuple[tuple[str, str], ...]) -> Hidden:
    """What hides these keys."""
    return Hidden(keys)


def _forms(value: str) -> list[str]:
    """How a key may stand in a text: as it is written, without and with escapes, and as HTML and JSON have it."""
    bare = unquote(value)
    found = [value, bare, unquote_plus(value), quote(bare, safe=""), quote(bare), escape(value), escape(bare)]
    found.append(value.replace("/", "\\/"))
    return [each for each in dict.fromkeys(found) if each]


# ---------------------------------------------------------------- texts of others

# The end of a scheme is enough to know one by: a long word without an address is gone through once.
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{0,30}://[^\s<>\"'“”‘’]+", re.IGNORECASE)
# What ends a sentence or a bracket around an address is no part of it.
_BEHIND = ".,;:!?)]}"


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
