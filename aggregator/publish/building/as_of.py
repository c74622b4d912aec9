"""A story as it was told at the end of a day: the page of a day that has ended stays as it was.

What came later is left out, and titles are those of then. What was deleted since stays out, and stories that turned
out to be one are one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from aggregator.model.site import ShownPost, ShownStory


def as_of(story: ShownStory, begin: datetime, end: datetime, closed: datetime) -> ShownStory | None:
    """The story with what was said of it before `end` and had been seen by `closed`; None where nothing of that is of
    the day that began at `begin`."""
    posts = tuple(_as_said(post, closed) for post in story.posts if post.seen_at < closed and post.at < end)
    if not any(post.at >= begin for post in posts):
        return None
    lead = next((post for post in posts if post.id == story.lead.id), None)
    is_led = lead is not None
    if lead is None:
        lead = next((post for post in posts if not post.is_copy), posts[0])
    # A title that an editor gave, or that of a lead post that came later, is not what was said then.
    title = story.title if is_led and lead.title == story.lead.title else lead.title
    return replace(
        story,
        title=title,
        language=lead.language,
        first_at=posts[0].at,
        last_at=posts[-1].at,
        lead=lead,
        posts=posts,
        earlier=(),
        later=(),
    )


def _as_said(post: ShownPost, closed: datetime) -> ShownPost:
    said = next((each.title for each in post.before if each.until >= closed), post.title)
    return post if said == post.title else replace(post, title=said)
