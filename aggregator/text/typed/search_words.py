"""What a person writes to search for → an expression of SQLite's FTS5, or in words what is wrong with it.

FTS5 takes most signs for syntax: `gpt-5`, `C++` and `.NET` are mistakes to it. Here words are words, with their signs;
of the syntax there is "a phrase", AND, OR, NOT, brackets, prefix* and `title:`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Columns of the index, by which a word may be looked for in titles alone.
_COLUMNS = ("title", "text", "attached")

_TOKEN = re.compile(r'"(?P<phrase>[^"]*)"?|(?P<bracket>[()])|(?P<word>[^\s()"]+)')
_IN_COLUMN = re.compile(rf"(?P<column>{'|'.join(_COLUMNS)}):(?P<rest>.+)")
# The index knows letters and digits alone, and has the same word for C, C++ and C#.
_WITH_SIGNS = re.compile(r"\.\w+|\w+(?:\+{1,2}|#)")
_AROUND = ",;:!?'’"


class Sought(NamedTuple):
    """`expression`: for FTS5. `signed`: words that have to stand in the text as they are, signs included."""

    expression: str
    signed: tuple[str, ...]


class _Token(NamedTuple):
    kind: str  # "term", "operator", "(" or ")"
    text: str


def has_words(written: str) -> bool:
    """Is there anything to search for?"""
    return any(char.isalnum() for char in written)


def sought(written: str) -> Sought:
    """What is to be searched for.

    Raises:
        ValueError: there are no words, or AND, OR, NOT or brackets stand where they mean nothing; says what to write.
    """
    if not has_words(written):
        raise ValueError('there are no words; write one or more, such as: ferry harbour, or "ferry harbour"')
    tokens = [*_tokens(written)]
    if not any(token.kind == "term" for token in tokens):
        tokens = [_Token("term", _quoted(token.text)) for token in tokens if token.kind == "operator"]
    if not any(token.kind == "operator" for token in tokens):
        terms = [token.text for token in tokens if token.kind == "term"]
        return Sought(" ".join(terms), _signed(written))
    return Sought(" ".join(_joined(tokens)), ())


def _tokens(written: str) -> list[_Token]:
    found: list[_Token] = []
    for match in _TOKEN.finditer(written):
        word = match["word"]
        if match["bracket"]:
            found.append(_Token(match["bracket"], match["bracket"]))
        elif word == "NOT" and found and found[-1] == _Token("operator", "AND"):
            found[-1] = _Token("operator", "NOT")  # FTS5 has no "AND NOT"
        elif word in ("AND", "OR", "NOT"):
            found.append(_Token("operator", word))
        elif has_words(word or match["phrase"] or ""):
            found.append(_Token("term", _term(word) if word else _quoted(match["phrase"])))
    return found


def _term(word: str) -> str:
    if in_column := _IN_COLUMN.fullmatch(word):
        return f"{in_column['column']} : {_term(in_column['rest'])}"
    if word.endswith("*") and has_words(word):
        return f"{_quoted(word.rstrip('*'))}*"
    return _quoted(word)


def _quoted(text: str) -> str:
    return f'"{text}"'


def _signed(written: str) -> tuple[str, ...]:
    words = [word.strip(_AROUND) for word in written.replace('"', " ").split()]
    return tuple(dict.fromkeys(word for word in words if _WITH_SIGNS.fullmatch(word)))


# ---------------------------------------------------------------- AND, OR, NOT


def _joined(tokens: list[_Token]) -> list[str]:
    """The pieces of the expression. Side by side means AND, which FTS5 leaves out between words alone."""
    pieces: list[str] = []
    depth, before = 0, _Token("(", "")
    for token in [*tokens, _Token(")", "")]:
        _check(before, token)
        if before.kind in ("term", ")") and token.kind in ("term", "("):
            pieces.append("AND")
        depth += {"(": 1, ")": -1}.get(token.kind, 0)
        if depth < 0 and token.text:
            raise ValueError("a bracket is closed that was not opened")
        pieces.append(token.text)
        before = token
    if depth >= 0:
        raise ValueError("a bracket is opened and not closed")
    return pieces


def _check(before: _Token, token: _Token) -> None:
    is_awaited = before.kind in ("(", "operator")  # a word
    if token.kind == "operator" and is_awaited:
        raise ValueError(_misplaced(token.text))
    if token.kind == ")" and before.kind == "operator":
        raise ValueError(_misplaced(before.text))
    if token.kind == ")" and before.kind == "(":
        raise ValueError("there is nothing between two brackets")


def _misplaced(operator: str) -> str:
    if operator == "NOT":
        means = "NOT takes away from what stands before it: write harbour NOT ferry"
    else:
        means = f"{operator} stands between two words: write ferry {operator} harbour"
    return f'{means}; in quotes, "{operator}", it is a word'
