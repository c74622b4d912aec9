"""Briefs and the sentences that they are made of. Functions that write expect an open transaction."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from aggregator.model.brief import Amount, Brief, BriefSentence, Due, Refused
from aggregator.storage.changelog import BRIEFS, place_of
from aggregator.storage.times import from_text, to_text

_BRIEF = """
SELECT id, story_id, language, headline, method, model, input_digest, refused, trouble, tokens_in, tokens_out,
  written_at
FROM briefs WHERE language = ? AND story_id IN (SELECT value FROM json_each(?))
"""
# Of the sentences of a brief: that in which they are read.
IN_ORDER = "part = 'watch', part = 'context', position"
_SENTENCES = f"""
SELECT brief_id, part, text, language, made, pattern, posts, articles, stories, due_from, due_until, due_as
FROM brief_sentences WHERE brief_id IN (SELECT value FROM json_each(?))
ORDER BY {IN_ORDER}
"""
_FIGURES = """
SELECT brief_id, matter, text, value, unit, language, posts FROM brief_figures
WHERE brief_id IN (SELECT value FROM json_each(?)) ORDER BY brief_id, matter, position
"""


def load_briefs(conn: sqlite3.Connection, story_ids: Iterable[int], language: str) -> dict[int, Brief]:
    """Story → its brief in this language, of those that have one."""
    heads = conn.execute(_BRIEF, (language, json.dumps(sorted(set(story_ids))))).fetchall()
    keys = (json.dumps([head[0] for head in heads]),)
    sentences: dict[int, list[BriefSentence]] = defaultdict(list)
    for row in conn.execute(_SENTENCES, keys):
        sentences[row[0]].append(_sentence(row))
    amounts: dict[int, list[Amount]] = defaultdict(list)
    for brief_id, matter, text, value, unit, told_in, posts in conn.execute(_FIGURES, keys):
        amounts[brief_id].append(
            Amount(matter=matter, text=text, value=value, unit=unit, language=told_in, posts=_ids(posts))
        )
    return {head[1]: _brief(head, sentences[head[0]], amounts[head[0]]) for head in heads}


def _brief(head: Sequence[Any], sentences: Sequence[BriefSentence], amounts: Sequence[Amount]) -> Brief:
    _, story_id, language, headline, method, model, digest, refused, trouble, tokens_in, tokens_out, at = head
    written_at = from_text(at)
    assert written_at is not None
    return Brief(
        story_id=story_id, language=language, headline=headline, sentences=tuple(sentences), method=method,
        digest=digest, written_at=written_at, amounts=tuple(amounts), model=model,
        refused=tuple(Refused(each["part"], each["text"], each["why"]) for each in json.loads(refused)),
        trouble=trouble, tokens_in=tokens_in, tokens_out=tokens_out,
    )  # fmt: skip


def _sentence(row: Sequence[Any]) -> BriefSentence:
    _, part, text, language, made, pattern, posts, articles, stories, first, last, precision = row
    due = Due(date.fromisoformat(first), date.fromisoformat(last), precision) if first else None
    return BriefSentence(
        part=part, text=text, language=language, made=made, posts=_ids(posts), articles=_ids(articles),
        stories=_ids(stories), pattern=pattern, due=due,
    )  # fmt: skip


def _ids(listed: str) -> tuple[int, ...]:
    return tuple(json.loads(listed))


def save_brief(conn: sqlite3.Connection, brief: Brief) -> None:
    """Write a brief in place of the one that the story had in its language."""
    conn.execute("DELETE FROM briefs WHERE story_id = ? AND language = ?", (brief.story_id, brief.language))
    refused = json.dumps([each._asdict() for each in brief.refused], ensure_ascii=False)
    (brief_id,) = conn.execute(
        "INSERT INTO briefs (story_id, language, headline, method, model, input_digest, refused, trouble, tokens_in, "
        "tokens_out, written_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            brief.story_id, brief.language, brief.headline, brief.method, brief.model, brief.digest, refused,
            brief.trouble, brief.tokens_in, brief.tokens_out, to_text(brief.written_at),
        ),
    ).fetchone()  # fmt: skip
    conn.executemany(
        "INSERT INTO brief_sentences (brief_id, part, position, text, language, made, pattern, posts, articles, "
        "stories, due_from, due_until, due_as) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(brief_id, *_row(sentence, position)) for position, sentence in _numbered(brief)],
    )
    conn.executemany(
        "INSERT INTO brief_figures (brief_id, matter, position, text, value, unit, language, posts) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (brief_id, each.matter, position, each.text, each.value, each.unit, each.language, json.dumps(each.posts))
            for position, each in enumerate(brief.amounts, 1)
        ],
    )


def note_trouble(conn: sqlite3.Connection, story_id: int, language: str, trouble: str) -> None:
    """Write why the last attempt of a model came to nothing, if the story has a brief, and says something else yet."""
    conn.execute(
        "UPDATE briefs SET trouble = ?3 WHERE story_id = ?1 AND language = ?2 AND trouble IS NOT ?3",
        (story_id, language, trouble),
    )


def troubles(conn: sqlite3.Connection, story_ids: Iterable[int], language: str) -> dict[int, str]:
    """Story → why it still waits for a model's brief in this language, of those that were tried."""
    rows = conn.execute(
        "SELECT story_id, trouble FROM brief_tasks WHERE why = 'model' AND language = ? AND trouble IS NOT NULL "
        "AND story_id IN (SELECT value FROM json_each(?))",
        (language, json.dumps(sorted(set(story_ids)))),
    )
    return dict(rows.fetchall())


def _numbered(brief: Brief) -> list[tuple[int, BriefSentence]]:
    found, counts = [], dict.fromkeys((sentence.part for sentence in brief.sentences), 0)
    for sentence in brief.sentences:
        counts[sentence.part] += 1
        found.append((counts[sentence.part], sentence))
    return found


def _row(sentence: BriefSentence, position: int) -> tuple[Any, ...]:
    due = sentence.due
    days = (due.first.isoformat(), due.last.isoformat(), due.precision) if due else (None, None, None)
    return (
        sentence.part, position, sentence.text, sentence.language, sentence.made, sentence.pattern,
        json.dumps(sentence.posts), json.dumps(sentence.articles), json.dumps(sentence.stories), *days,
    )  # fmt: skip


def drop_briefs(conn: sqlite3.Connection, story_ids: Iterable[int], language: str | None = None) -> int:
    """Remove the briefs of these stories, in one language or in all; how many there were."""
    found = conn.execute(
        "DELETE FROM briefs WHERE story_id IN (SELECT value FROM json_each(?1)) AND language = coalesce(?2, language)",
        (json.dumps(sorted(set(story_ids))), language),
    )
    return found.rowcount


def drop_telling(conn: sqlite3.Connection, earlier: int) -> None:
    """Remove the briefs of later stories that tell of this one as earlier coverage."""
    conn.execute(
        "DELETE FROM briefs WHERE id IN (SELECT t.brief_id FROM story_links l JOIN briefs b ON b.story_id = l.story_id "
        "JOIN brief_sentences t ON t.brief_id = b.id JOIN json_each(t.stories) e ON e.value = l.earlier_story_id "
        "WHERE l.earlier_story_id = ?)",
        (earlier,),
    )


def ask_again(conn: sqlite3.Connection, story_ids: Iterable[int], language: str, why: str, due_at: datetime) -> None:
    """Note that the briefs of these stories are to be looked at: for an article that was read ("article"), or by a
    model ("model"). One that is noted already keeps its time and its attempts, but for an article: it is looked at
    once more, though somebody may be about to end the former task."""
    conn.executemany(
        "INSERT INTO brief_tasks (story_id, language, why, due_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET attempts = 0 WHERE why = 'article' AND attempts > 0",
        [(story_id, language, why, to_text(due_at)) for story_id in sorted(set(story_ids))],
    )


def begin_tasks(conn: sqlite3.Connection) -> list[tuple[int, str]]:
    """The briefs that are to be looked at since an article was read: story and language, the first asked for first.

    Whoever takes them reads the articles afterwards; what is asked for meanwhile is not ended by `end_tasks`.
    """
    conn.execute("UPDATE brief_tasks SET attempts = attempts + 1 WHERE why = 'article'")
    rows = conn.execute("SELECT story_id, language FROM brief_tasks WHERE why = 'article' ORDER BY due_at, story_id")
    return [(row[0], row[1]) for row in rows]


def has_tasks(conn: sqlite3.Connection) -> bool:
    """Was an article read for a brief that was not looked at since?"""
    return conn.execute("SELECT 1 FROM brief_tasks WHERE why = 'article' LIMIT 1").fetchone() is not None


def has_news(conn: sqlite3.Connection) -> bool:
    """Did something happen to a story, or was an article read, that whoever writes briefs has not looked at since?"""
    return place_of(conn, BRIEFS).is_behind or has_tasks(conn)


def end_tasks(conn: sqlite3.Connection, tasks: Iterable[tuple[int, str]]) -> None:
    """These briefs were looked at; not those that were asked for again since `begin_tasks`."""
    conn.executemany(
        "DELETE FROM brief_tasks WHERE story_id = ? AND language = ? AND why = 'article' AND attempts > 0", list(tasks)
    )


def drop_extracted(conn: sqlite3.Connection, story_ids: Iterable[int], but: str) -> None:
    """Remove the briefs of these stories that were made without a model in other languages than this one."""
    conn.execute(
        "DELETE FROM briefs WHERE story_id IN (SELECT value FROM json_each(?)) AND method = 'extracted' "
        "AND language <> ?",
        (json.dumps(sorted(set(story_ids))), but),
    )
