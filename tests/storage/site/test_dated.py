"""What a source tells of when a post was published."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.model.settings import Publish
from aggregator.storage.site.rows import SiteRows
from tests.helpers.story_rows import NOW, StoryRows


@pytest.mark.parametrize(
    ("published", "dated"),
    [(None, "never"), ("2026-11-20T00:00:00Z", "day"), ("2026-11-20T11:58:00Z", "time")],
)
def test_a_post_tells_how_exactly_it_is_dated(tmp_path: Path, published: str | None, dated: str) -> None:
    room = StoryRows(tmp_path)
    number = room.story(NOW, posts=1, published_at=published)
    with SiteRows(room.database.path, Publish()) as rows:
        [shown] = rows.stories.load([number])
    assert [post.dated for post in shown.posts] == [dated]
