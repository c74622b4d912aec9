"""What was worked out of words that are no longer quoted: it must not rest on them. Expects an open transaction.

Topics need the rules, which are not known here: they go, but for an editor's, and who has the rules gives the post
those of what is left (`aggregator.engine.deciding`).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Collection

from aggregator.model.post import Post
from aggregator.storage.briefs.rows import drop_briefs
from aggregator.storage.words.packed import pack_words, unpack_words
from aggregator.text.headline import told
from aggregator.text.word_vectors import vector, weigh
from aggregator.text.words import words_of

# Works out the topics of posts anew, in the same transaction.
Retag = Callable[[Collection[int]], None]

# Stands in place of the rules' version: of no rules.
_NO_RULES = ""
# Where the shared words begin in a `story_because`, behind the last such sign, each perhaps with what it counts.
_SHARED = re.compile(r"; shared names: |: ")
_COUNTS = re.compile(r" \d\.\d\d$")


def leave_to_others(ids: Collection[int]) -> None:
    """A `Retag` that does nothing: `aggregator rebuild topics` will."""


def forget_derived(conn: sqlite3.Connection, post_id: int, post: Post) -> None:
    """Take from a stored post what rests on words that it lost. `post`: what is left of it.

    Its words among the stories keep the weights that they have; its vector goes until stories are worked out anew.
    """
    language, because, packed = conn.execute(
        "SELECT language, story_because, words FROM posts LEFT JOIN post_words ON post_id = id WHERE id = ?", (post_id,)
    ).fetchone()
    if packed is not None:
        stored = unpack_words(packed)
        left = vector(words_of(*told(post.title, post.text, post.attached)), language)
        kept = {word: weight for word, weight in stored.items() if word in left}
        heavy = weigh({word: weight for word, weight in kept.items() if weight} or left)
        conn.execute("UPDATE post_words SET words = ? WHERE post_id = ?", (pack_words({**kept, **heavy}), post_id))
        cut = _without(because or "", stored.keys() - kept.keys())
        conn.execute("UPDATE posts SET story_because = nullif(?, '') WHERE id = ?", (cut, post_id))
    conn.execute("DELETE FROM post_vectors WHERE post_id = ?", (post_id,))
    # It may tell what was quoted.
    story = conn.execute("SELECT story_id FROM posts WHERE id = ? AND story_id IS NOT NULL", (post_id,)).fetchone()
    drop_briefs(conn, story or ())
    conn.execute(
        "DELETE FROM post_topics WHERE post_id = ?1 AND NOT EXISTS (SELECT 1 FROM corrections c "
        "WHERE c.post_id = ?1 AND c.what = 'topic_add' AND c.value = post_topics.topic)",
        (post_id,),
    )
    conn.execute("UPDATE posts SET topics_version = ? WHERE id = ?", (_NO_RULES, post_id))


def _without(because: str, lost: Collection[str]) -> str:
    """The reason why a post is in its story, without the list of shared words if a lost one is among them."""
    signs = list(_SHARED.finditer(because))
    if not signs:
        return because
    found = signs[-1]
    named = {_COUNTS.sub("", word) for word in because[found.end() :].split(", ")}
    return because if named.isdisjoint(lost) else because[: found.start()]
