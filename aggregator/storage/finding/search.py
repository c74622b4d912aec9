"""Full-text search: any script, the user's words before the syntax of FTS5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.model.errors import AggregatorError, StorageError
from aggregator.storage.result import Asked, Result
from aggregator.text.typed.search_words import has_words, sought

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
# The index knows words without their signs: those with some are looked for in what it found.
_AS_WRITTEN = (
    " AND EXISTS (SELECT 1 FROM posts w WHERE w.id = p.id AND (w.title LIKE ?{0} ESCAPE '\\' "
    "OR w.text LIKE ?{0} ESCAPE '\\' OR w.attached LIKE ?{0} ESCAPE '\\'))"
)
# What SQLite says of words that are no query; other trouble is not theirs.
_NO_QUERY = ("fts5: ", "no such column: ", "unterminated string", "unknown special query")
_IN_BOTH = f"{_IN_WORDS} UNION {_IN_CJK}"


@dataclass(frozen=True, slots=True)
class Search:
    """Posts that contain the words, newest first; without words all. Full-text syntax ("…", OR, NOT, prefix*) may be
    used.

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
        if not has_words(self.words):
            return self.reader.ask(f"{self.found} WHERE {self.also} ORDER BY {NEWEST_FIRST} LIMIT ?", (self.limit,))
        from aggregator.text.tokens import fold  # here: whoever only lists posts does not need it

        words = self.words
        terms = [word.strip('"*()') for word in words.split() if word not in _OPERATORS]
        long_enough = all(len(term) >= _TRIGRAM for term in terms)
        if any(_is_spaceless_char(char) for char in fold(words)):
            return self._by_index(_IN_CJK) if long_enough else self._by_reading(terms)
        # In a Japanese text a Latin name stands between letters without a space: only the trigrams find it.
        return self._by_index(_IN_BOTH if long_enough else _IN_WORDS)

    def _by_index(self, matching: str) -> Result:
        try:
            mended = sought(self.words)
        except ValueError as error:
            raise _no_query(self.words, str(error)) from None
        try:
            return self._matching(matching, self.words, mended.signed)  # all of FTS5's syntax, for who knows it
        except StorageError:
            raise
        except AggregatorError as error:
            if not any(sign in str(error) for sign in _NO_QUERY):
                raise
        return self._matching(matching, mended.expression, mended.signed)

    def _matching(self, matching: str, words: str, signed: Sequence[str]) -> Result:
        is_rare = self.reader.count_few(matching, (words,)) < self.reader.few
        as_written = "".join(_AS_WRITTEN.format(number) for number in range(3, 3 + len(signed)))
        return self.reader.ask(
            f"{self.found} WHERE {led(is_rare)} IN ({matching}) AND {self.also}{as_written} "
            f"ORDER BY {NEWEST_FIRST} LIMIT ?2",
            (words, self.limit, *map(containing, signed)),
        )

    def _by_reading(self, terms: Sequence[str]) -> Result:
        if len(terms) < len(self.words.split()):
            raise _no_query(self.words, f"AND, OR and NOT need words of at least {_TRIGRAM} characters here")
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


def _no_query(words: str, why: str) -> AggregatorError:
    return AggregatorError(f"{words!r} can't be searched for: {why}")


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
