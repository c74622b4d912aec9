"""What a reader finds: full-text search over the posts that the site may show."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from aggregator.model.errors import AggregatorError
from aggregator.model.settings import People, Publish
from aggregator.model.site import ShownStory
from aggregator.storage.queries import Reader
from aggregator.storage.search import Search
from aggregator.storage.site.stories import Stories

# Not for the public is what was only ever seen with an access token, unless the configuration says that it is.
_PUBLIC = (
    "EXISTS (SELECT 1 FROM sightings g JOIN sources c ON c.id = g.source_id "
    "WHERE g.post_id = {post}.id AND (g.by_token = 0 OR c.publish = 1))"
)
_AGREED = "({post}.noindex = 0 AND coalesce({post}.indexable, 1) = 1)"


def may_be_shown(post: str, people: People) -> str:
    """The condition, in SQL, for a row of `posts` that is shown to others. `post`: what the statement calls it.

    Not what is gone or was emptied; not what only a token shows; of people, only whom the configuration lets speak. The
    same as `Stories` shows, for statements that look for posts among all.
    """
    conditions = ["{post}.gone_at IS NULL", "{post}.pruned_at IS NULL"]
    if people == "none":
        conditions.append("{post}.kind = 'article'")
    elif people == "agreed":
        conditions.append(f"({{post}}.kind = 'article' OR {_AGREED})")
    return " AND ".join([*conditions, _PUBLIC]).format(post=post)


def find(reader: Reader, words: str, settings: Publish, limit: int) -> tuple[list[ShownStory], bool]:
    """The newest posts that contain the words and may be shown, and whether there are more; see `Search`.

    Those of one story together, as that story: called as it is, with its lead, but of its posts no others.

    Raises:
        AggregatorError: the words are no query, or it took too long.
    """
    also = f"EXISTS (SELECT 1 FROM posts o WHERE o.id = p.id AND {may_be_shown('o', settings.people)})"
    found = Search(reader, words, limit + 1, found="SELECT p.id, p.story_id FROM latest_posts p", also=also).answer()
    rows = found.rows[:limit]
    try:
        stories = Stories(reader.conn, settings).load(dict.fromkeys(row[1] for row in rows if row[1] is not None))
    except sqlite3.OperationalError as error:  # it was given up
        raise AggregatorError(f"SQL: {error}") from error
    ids = {row[0] for row in rows}
    return [_with_posts(story, [post.id for post in story.posts if post.id in ids]) for story in stories], (
        len(found.rows) > limit
    )


def _with_posts(story: ShownStory, ids: Sequence[int]) -> ShownStory:
    """The story with these posts alone."""
    posts = tuple(post for post in story.posts if post.id in ids)
    return replace(story, first_at=posts[0].at, last_at=posts[-1].at, posts=posts)
