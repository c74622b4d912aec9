"""The bytes of a document → its text. Never raises.

Labels lie more often than bytes: a text that is valid UTF-8 is UTF-8, whatever the server's header and the document
say. Only where it isn't, they are asked (RFC 7303 §3: byte order mark, header, document, in that order).
"""

from __future__ import annotations

import codecs
import re

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, to_unicode

# How "<?" and "{" begin in encodings that ASCII is no part of (XML 1.0 appendix F, RFC 4627 §3); without byte order
# mark. Longer ones first.
_BEGINNINGS = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00{", "utf-32-be"),
    (b"{\x00\x00\x00", "utf-32-le"),
    (b"Lo\xa7\x94", "cp037"),
    (b"\x00<", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00{", "utf-16-be"),
    (b"{\x00", "utf-16-le"),
)

# Encodings of seven bits: valid UTF-8 as they stand, and something else all the same.
_SEVEN_BITS = ("iso2022", "hz")

# What a server adds by itself to every answer. Against a document that names its encoding it proves nothing.
_DEFAULT_LABEL = "cp1252"


def decode(body: bytes, content_type: str | None) -> str:
    """The text of a document served with this Content-Type header, without its byte order mark."""
    return _undoubled(_decoded(body, content_type))


def _decoded(body: bytes, content_type: str | None) -> str:
    encoding, mark = read_bom(body)
    if encoding and mark:
        return to_unicode(body[len(mark) :], encoding)
    for beginning, encoding in _BEGINNINGS:
        if body.startswith(beginning):
            return to_unicode(body, encoding)
    labels = _labels(body, content_type)
    try:
        if not labels or not labels[0].startswith(_SEVEN_BITS):
            return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for label in labels:
        try:
            return body.decode(label)
        except (UnicodeDecodeError, LookupError):
            continue
    if labels and labels[0] != "utf-8":
        return to_unicode(body, labels[0])
    return body.decode("utf-8", _BYTE_BY_BYTE)


def _labels(body: bytes, content_type: str | None) -> list[str]:
    """The encodings that are named, the more believable one first."""
    header, document = http_content_type_encoding(content_type), html_body_declared_encoding(body)
    named = [document, header] if header == _DEFAULT_LABEL else [header, document]
    return [label for label in named if label]


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8 are Windows-1252, one by one: documents get glued together from both."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


_BYTE_BY_BYTE = "aggregator-windows-1252"
codecs.register_error(_BYTE_BY_BYTE, _as_windows_1252)


# ---------------------------------------------------------------- encoded twice

# UTF-8 that was taken for Windows-1252 and encoded again: "Ã©" for "é". Databases do that to whole sites.
_WINDOWS_1252 = {ord(bytes([byte]).decode("cp1252", "replace")): byte for byte in range(0x80, 0xA0)}
_WINDOWS_1252 |= {byte: byte for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
_WINDOWS_1252.pop(0xFFFD, None)
_TWICE = re.compile("[\xc2-\xf4][\x80-\xbf" + "".join(map(chr, _WINDOWS_1252)) + "]")


def _undoubled(text: str) -> str:
    """The text meant by one that was encoded twice, all of it: one other character shows that it was not."""
    if not _TWICE.search(text):
        return text
    once = text
    for character, byte in _WINDOWS_1252.items():  # a table for str.translate takes ten times as long
        once = once.replace(chr(character), chr(byte))
    try:
        return once.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
