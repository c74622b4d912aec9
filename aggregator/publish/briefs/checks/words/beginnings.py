"""How the words of the tables are found in a text: beginnings, whole words, phrases of two."""

from __future__ import annotations

from collections.abc import Sequence

# So many words at most stand between a German verb and what ends its clause.
CLAUSE = 12
_STOPS = frozenset({",", ";", "."})


def phrases(words: str) -> tuple[tuple[str, ...], ...]:
    """The words and phrases of a column of a table; a `_` joins the two words of a phrase."""
    return tuple(tuple(word.split("_", 1)) for word in words.split())


def begins(beginning: str, word: str) -> bool:
    """Does a word have a beginning of a table? One that ends in `.` is the whole word."""
    return word == beginning[:-1] if beginning.endswith(".") else word.startswith(beginning)


def stands_at(words: Sequence[str], text: Sequence[str], at: int, language: str) -> bool:
    """Does a word of a table, or a phrase of two, stand there? `text`: words and signs without accents."""
    if len(words) == 1:
        return begins(words[0], text[at])
    if text[at] != words[0]:
        return False
    for other in text[at + 1 : at + 1 + (CLAUSE if language == "de" else 1)]:
        if other in _STOPS:
            return False
        if other == words[1]:
            return True
    return False
