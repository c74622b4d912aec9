"""The tools of an assistant as plain functions: each opens the database, asks, and gives a short answer.

Knows nothing of the protocol. Titles and texts are of others, and so marked (`aggregator.engine.assistant.quotation`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from aggregator.engine.assistant.quotation import NOTE, quoted_value, unquoted
from aggregator.model.errors import AggregatorError, NotFoundError
from aggregator.storage.api import assistant
from aggregator.storage.api.following import why_lost
from aggregator.storage.api.rows import SAID_TWICE
from aggregator.storage.explain import find_filtered, find_post, load_reasons
from aggregator.storage.listings.stories import Wanted
from aggregator.storage.queries import Reader
from aggregator.storage.result import Result
from aggregator.text.reading.since import FORMS, since_of

# A question may take so long; then SQLite gives up.
_PATIENCE_SECONDS = 5.0
# Of a text in an answer, and of a whole answer: what a model can read beside everything else.
_LONGEST_TEXT = 300
_LARGEST_ANSWER = 16_000
_MOST_ROWS = 200
# What stands in a view twice, for programs: an assistant reads the other. Who names the columns (`sql`) gets them.
_TWINS = SAID_TWICE.keys()

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers from the database at this path."""

    path: Path

    def search(self, words: str, since: str = "", topic: str = "", language: str = "", limit: int = 10) -> Answer:
        """Posts that contain the words."""
        with self._reader() as reader:
            rows = assistant.found_posts(
                reader, words, since=moment(since), topic=topic or None, language=language or None, limit=_few(limit)
            )
        return _answer(posts=rows)

    def stories(
        self,
        topic: str = "",
        since: str = "",
        language: str = "",
        min_sources: int = 1,
        sort: Literal["time", "score"] = "time",
        limit: int = 10,
    ) -> Answer:
        """Stories, the latest or the weightiest first."""
        with self._reader() as reader:
            wanted = Wanted([topic] if topic else [], moment(since), min_sources, language or None, sort)
            rows = assistant.found_stories(reader, wanted, _few(limit))
        return _answer(stories=rows)

    def story(self, name: str) -> Answer:
        """One story: its posts with the reasons, its brief, topics, earlier coverage."""
        with self._reader() as reader:
            number = reader.find_story(unquoted(name))
            parts = reader.story(number)
            brief = assistant.brief_told(reader, number)
        [head] = _rows(parts["head"])
        return _answer({"story": head}, brief=brief, **{name: parts[name] for name in ("posts", "topics", "earlier")})

    def timeline(self, topic: str, since: str = "30d", limit: int = 10) -> Answer:
        """A topic by day, and its widest stories in the order of time."""
        begin = moment(since) or datetime.now(UTC) - timedelta(days=30)
        with self._reader() as reader:
            days = assistant.topic_days(reader, topic, begin)
            return _answer(days=days, stories=assistant.widest_on(reader, topic, begin, _few(limit)))

    def explain(self, post: str) -> Answer:
        """Why a post has its topics, is a copy, is in its story; or which filter kept it out."""
        post = unquoted(post)
        with self._reader() as reader:
            post_id = find_post(reader, post)
            if post_id is None:
                out = find_filtered(reader, post)
                if not out.rows:
                    raise NotFoundError(f"there is no post {post!r}, and no filter kept one out under this name")
                return _answer(kept_out=out)
            stored = load_reasons(reader, post_id)
        head = {key: _cell(value) for key, value in stored.head.items()}
        return _answer({"post": head}, topics=stored.topics, sightings=stored.sightings)

    def new_since(self, since: str = "24h", limit: int = 20) -> Answer:
        """Stories with news since a time, or since the `seq` of an earlier answer."""
        with self._reader() as reader:
            if since.isascii() and since.isdigit():
                news = assistant.touched_since(reader, int(since), _few(limit))
            else:
                begin = moment(since) or datetime.now(UTC) - timedelta(days=1)
                news = assistant.begun_since(reader, begin, _few(limit))
        if not isinstance(news, assistant.News):
            raise NotFoundError(f"{why_lost(int(since), news)}; ask by a time, such as 24h")
        more = {"stories_left_out": news.left_out} if news.left_out else {}
        return _answer({"seq": news.seq, **more}, stories=news.rows)

    def sources_in_trouble(self) -> Answer:
        """Sources that fail, are gone or limited, or warn of something."""
        with self._reader() as reader:
            return _answer(sources=assistant.troubled_sources(reader, _MOST_ROWS))

    def sql(self, query: str, limit: int = 20) -> Answer:
        """The first rows of the answer to a query."""
        with self._reader() as reader:
            shown, left_out = reader.ask_first(query, _few(limit), _cell)
        more = left_out.in_words()
        return _answer({"rows_left_out": more} if more else {}, rows=_named(shown))

    def schema(self) -> str:
        """Views and tables with their comments."""
        with self._reader() as reader:
            return assistant.schema_text(reader)

    def topics(self) -> str:
        """The topics that have posts, a line each."""
        with self._reader() as reader:
            rows = assistant.topics_in_use(reader).rows
        return "\n".join(f"{topic} ({label}, {kind}): {posts} posts" for topic, label, kind, posts in rows)

    @contextmanager
    def _reader(self) -> Iterator[Reader]:
        with Reader(self.path) as reader:
            reader.give_up_after(_PATIENCE_SECONDS)
            yield reader


def moment(text: str, now: datetime | None = None) -> datetime | None:
    """The time that is meant, such as `24h`, `3d` or `2026-11-01`; None of an empty one.

    Raises:
        AggregatorError: it means none.
    """
    if not text.strip():
        return None
    try:
        return since_of(text, now or datetime.now(UTC))
    except (ValueError, OverflowError) as error:
        raise AggregatorError(f"{text!r} is no time: {FORMS}") from error


def _few(limit: int) -> int:
    return max(1, min(limit, _MOST_ROWS))


def _answer(first: Mapping[str, Any] | None = None, **parts: Result | Sequence[Answer]) -> Answer:
    """An answer of these parts, each a list of rows; cut row by row where it would be too long, which is said."""
    answer: Answer = {"note": NOTE, **(first or {})}
    left_out: dict[str, int] = {}
    room = _LARGEST_ANSWER - len(json.dumps(answer, ensure_ascii=False))
    for name, part in parts.items():
        kept: list[Answer] = []
        rows = _rows(part) if isinstance(part, Result) else part
        for row in rows:
            room -= len(json.dumps(row, ensure_ascii=False))
            if room < 0:
                break
            kept.append(row)
        answer[name] = kept
        if len(kept) < len(rows):
            left_out[name] = len(rows) - len(kept)
    if left_out:
        answer["left_out"] = {**left_out, "why": "the answer would be too long: ask for fewer rows or columns"}
    return answer


def _rows(part: Result) -> Sequence[Answer]:
    rows = _named(Result(part.columns, tuple(tuple(map(_cell, row)) for row in part.rows)))
    return [{column: value for column, value in row.items() if column not in _TWINS} for row in rows]


def _cell(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON has no such number
    return quoted_value(value, _LONGEST_TEXT)


def _named(part: Result) -> Sequence[Answer]:
    """Rows by the names of their columns; what is not there is left out, as it says nothing."""
    keys = part.keys
    return [{column: value for column, value in zip(keys, row, strict=True) if value is not None} for row in part.rows]
