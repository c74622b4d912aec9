"""What a reader finds: full-text search over the posts that the site may show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory
from aggregator.storage.finding.search import Search
from aggregator.storage.queries import Reader
from aggregator.storage.site.shown import may_be_shown
from aggregator.storage.site.stories import Stories


def find(reader: Reader, words: str, settings: Publish, limit: int) -> tuple[list[ShownStory], bool]:
    """The newest posts that contain the words and may be shown, and whether there are more; see `Search`.

    Those of one story together, as that story: called as it is, with its lead, but of its posts no others.

    Raises:
        AggregatorError: the words are no query, or it took too long.
    """
    also = f"EXISTS (SELECT 1 FROM posts o WHERE o.id = p.id AND {may_be_shown('o', settings.people)})"
    found = Search(reader, words, limit + 1, found="SELECT p.id, p.story_id FROM latest_posts p", also=also).answer()
    rows = found.rows[:limit]
    with reader.refusals_in_words():  # it may be given up
        stories = Stories(reader.conn, settings).load(dict.fromkeys(row[1] for row in rows if row[1] is not None))
    ids = {row[0] for row in rows}
    return [_with_posts(story, [post.id for post in story.posts if post.id in ids]) for story in stories], (
        len(found.rows) > limit
    )


def _with_posts(story: ShownStory, ids: Sequence[int]) -> ShownStory:
    """The story with these posts alone."""
    posts = tuple(post for post in story.posts if post.id in ids)
    return replace(story, first_at=posts[0].at, last_at=posts[-1].at, posts=posts)
