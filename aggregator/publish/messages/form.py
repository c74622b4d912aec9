"""How words of others are carried out in a message: a line each, cut where it is long, in a form that they can't leave.

Nothing of theirs calls everybody in a chat together either: `@everyone` is written apart.
"""

from __future__ import annotations

import re
from typing import Literal

from aggregator.publish.clean import web_address
from aggregator.text.excerpt import shortened
from aggregator.text.terminal.controls import visible

Kind = Literal["plain", "markdown"]

# CommonMark's signs, and what chats add: strike-through, spoilers, mentions as in `<!channel>`, formulas.
_SIGNS = re.compile(r"[\\`*_{}\[\]<>#|~$&^!]")
# What makes a list, a rule or a heading of a line: a sign at its beginning, or one behind a number there.
_LINE_SIGN = re.compile(r"(?=[-+=:])|\d{1,9}(?=[.)])")
_IN_LINKS = str.maketrans({"(": "%28", ")": "%29", "[": "%5B", "]": "%5D", "*": "%2A"})

# What calls all members of a room: Discord, Slack, Mattermost, Matrix, Telegram.
_ALL = re.compile(r"@(?=(?:everyone|here|channel|all|room|online)\b)", re.IGNORECASE)
_APART = "@\u2060"


def one_line(text: object, most: int) -> str:
    """Words of others as one line of about so many characters, without what steers a terminal or can't be seen."""
    line = " ".join(visible(str(text if text is not None else "")).split())
    return _ALL.sub(_APART, shortened(line, most))


def escaped(text: str, kind: Kind) -> str:
    """One line so that this form shows it as it is, wherever it stands."""
    if kind == "plain":
        return text
    text = _SIGNS.sub(lambda sign: f"\\{sign[0]}", text)
    begun = _LINE_SIGN.match(text)
    return f"{text[: begun.end()]}\\{text[begun.end() :]}" if begun else text


def linked(shown: str, url: object, kind: Kind) -> str:
    """What is escaped already, with a link where this form has any and the address is one of the web."""
    href = web_address(url) if isinstance(url, str) and kind == "markdown" else None
    return f"[{shown}]({href.translate(_IN_LINKS)})" if href else shown
