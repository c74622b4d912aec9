"""Characters that steer a terminal or can't be seen, in the words of others: left out for people, escaped in JSON.

What a terminal obeys (C0 and C1 controls, so every escape sequence) is shown as �. What turns the direction of writing
or has no width (U+202A–E, U+2066–9, U+200B–F, U+2060, U+FEFF, U+061C, tags, …) is left out: the words stay in the order
in which they were written. Kept is what a reader would miss: the joiner within an emoji, joiners between letters of
scripts that join them, the tags of a flag, one selector that chooses a form.
"""

from __future__ import annotations

import re

from aggregator.text.patterns.late import late_pattern
from aggregator.text.terminal.characters import CONTROLS, JOINERS, SILENT

_UNSEEN = (
    rf"{SILENT}{JOINERS}\xad\u034f\u180e\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_ENDS = r"\u2028\u2029"  # of lines and paragraphs
_SELECTORS = r"\ufe00-\ufe0f"

_PICTURES = (
    r"\xa9\xae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff"
    r"\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
# Arabic (and Persian), Syriac, N'Ko, Mandaic, the scripts of India, Tibetan, Burmese, Khmer, Mongolian.
_JOINING = (
    r"\u0620-\u06ff\u0700-\u085f\u0870-\u0dff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1820-\u18af"
    r"\ufb50-\ufdff\ufe70-\ufefc"
)
# At the end of a word, too, it tells which form a letter has: Malayalam, Sinhala, Bengali.
_VIRAMAS = r"\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca"
_IDEOGRAPHS = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

_ANY = late_pattern(f"[{CONTROLS}{_UNSEEN}{_ENDS}]|[{_SELECTORS}]{{2}}")
_PARTS = late_pattern(
    "(?P<kept>"
    "\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f"  # the flags of England, Scotland, Wales
    rf"|(?<=[{_PICTURES}\ufe0f])\u200d(?=[{_PICTURES}])"
    rf"|(?<=[{_JOINING}])[\u200c\u200d](?=[{_JOINING}])"
    rf"|(?<=[{_VIRAMAS}])\u200d"
    rf"|(?<=[{_IDEOGRAPHS}])[\U000e0100-\U000e01ef]"
    ")"
    rf"|(?P<gap>\r\n|[\t\n\v\f\r\x85{_ENDS}])"
    rf"|(?P<unseen>[{_UNSEEN}]|(?<=[{_SELECTORS}])[{_SELECTORS}])"
    rf"|(?P<control>[{CONTROLS}])"
)
_STAND_IN = "\ufffd"

# Bold and back: what this program itself writes.
_OWN_STYLE = re.compile(r"(\x1b\[[01]m)")
_ANY_STYLE = re.compile(r"(\x1b\[[0-9;]*m)")


def visible(text: str, *, lines: bool = False) -> str:
    """The text as it may reach a terminal. With `lines` its lines and tabs stay, else they become spaces."""
    if not _ANY.search(text):
        return text
    return _PARTS.sub(_with_lines if lines else _in_a_line, text)


def visible_styled(text: str, *, any_style: bool = False) -> str:
    """The same of what was styled already: codes for bold stay, with `any_style` those for colours, too."""
    if "\x1b" not in text:
        return visible(text, lines=True)
    parts = (_ANY_STYLE if any_style else _OWN_STYLE).split(text)
    return "".join(part if number % 2 else visible(part, lines=True) for number, part in enumerate(parts))


def escaped(json: str) -> str:
    r"""JSON with the same meaning, where such characters stand as `\u202e`: it may reach a terminal as well."""
    return _IN_JSON.sub(_as_escape, json)


# Its own lines stay. A control within a string is escaped already.
_IN_JSON = late_pattern(rf"[\x7f-\x9f\ud800-\udfff{_UNSEEN}{_ENDS}]")


def _as_escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def _in_a_line(found: re.Match[str]) -> str:
    return " " if found.lastgroup == "gap" else _other(found)


def _with_lines(found: re.Match[str]) -> str:
    if found.lastgroup == "gap":
        return "\t" if found[0] == "\t" else "\n"
    return _other(found)


def _other(found: re.Match[str]) -> str:
    if found.lastgroup == "kept":
        return found[0]
    return _STAND_IN if found.lastgroup == "control" else ""
