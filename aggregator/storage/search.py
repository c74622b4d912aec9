"""Full-text search: any script, the user's words before the syntax of FTS5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.model.errors import AggregatorError, StorageError
from aggregator.storage.result import Asked, Result

# The trigram index knows no shorter words.
_TRIGRAM = 3

# As `aggregator.storage.queries.Reader` says.
FEW = 2000

# Of `latest_posts p`.
NEWEST_FIRST = "p.published_at DESC, p.id DESC"

_OPERATORS = frozenset({"AND", "OR", "NOT"})

_FOUND = "SELECT p.* FROM latest_posts p"
_IN_WORDS = "SELECT rowid FROM posts_fts WHERE posts_fts MATCH ?1"
_IN_CJK = "SELECT rowid FROM posts_fts_cjk WHERE posts_fts_cjk MATCH ?1"
_IN_BOTH = f"{_IN_WORDS} UNION {_IN_CJK}"


@dataclass(frozen=True, slots=True)
class Search:
    """Posts that contain the words, newest first. Full-text syntax ("…", OR, NOT, prefix*) may be used.

    Words that are no such syntax ("gpt-5", "C++") are taken as they stand. Scripts without spaces are searched by
    trigrams, for words of one or two characters by reading every such post. `found` says what is told of them, `also`
    what must hold besides: SQL over `latest_posts p`.
    """

    reader: Asked
    words: str
    limit: int
    found: str = _FOUND
    also: str = "1"

    def answer(self) -> Result:
        """The posts.

        Raises:
            AggregatorError: the words are no query.
        """
        if not any(char.isalnum() for char in self.words):
            raise AggregatorError("no words to search for")
        from aggregator.text.tokens import fold  # here: whoever only lists posts does not need it

        words = self.words
        terms = [word.strip('"*') for word in words.split() if word not in _OPERATORS]
        long_enough = all(len(term) >= _TRIGRAM for term in terms)
        if any(_is_spaceless_char(char) for char in fold(words)):
            return self._by_index(_IN_CJK) if long_enough else self._by_reading(terms)
        # In a Japanese text a Latin name stands between letters without a space: only the trigrams find it.
        return self._by_index(_IN_BOTH if long_enough else _IN_WORDS)

    def _by_index(self, matching: str) -> Result:
        try:
            return self._matching(matching, self.words)
        except StorageError:
            raise
        except AggregatorError:
            quoted = " ".join('"' + word.replace('"', "") + '"' for word in self.words.split() if word.strip('"'))
            return self._matching(matching, quoted)

    def _matching(self, matching: str, words: str) -> Result:
        is_rare = self.reader.count_few(matching, (words,)) < self.reader.few
        return self.reader.ask(
            f"{self.found} WHERE {led(is_rare)} IN ({matching}) AND {self.also} ORDER BY {NEWEST_FIRST} LIMIT ?2",
            (words, self.limit),
        )

    def _by_reading(self, terms: Sequence[str]) -> Result:
        if len(terms) < len(self.words.split()):
            raise AggregatorError(f"{self.words!r}: AND, OR and NOT need words of at least {_TRIGRAM} characters")
        patterns = [containing(term) for term in terms]
        columns = ("title", "text", "attached")
        anywhere = " OR ".join(f"{column} LIKE ? ESCAPE '\\'" for column in columns)
        condition = " AND ".join(f"({anywhere})" for _ in patterns)
        values = [pattern for pattern in patterns for _ in columns]
        return self.reader.ask(
            f"{self.found} WHERE p.id IN (SELECT id FROM spaceless_posts WHERE {condition}) AND {self.also} "
            f"ORDER BY {NEWEST_FIRST} LIMIT ?",
            [*values, self.limit],
        )


def _is_spaceless_char(char: str) -> bool:
    from aggregator.text.tokens import is_spaceless

    return is_spaceless(char * 2)


def containing(text: str) -> str:
    """The LIKE pattern for texts that contain this one."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def led(by_list: bool) -> str:
    """`p.id`, for a condition that leads SQLite to the posts, which it then sorts.

    Or `+p.id`, for a condition that it looks at while it goes through the posts from the newest on, until there are
    enough: quicker unless few fulfil it.
    """
    return "p.id" if by_list else "+p.id"
