"""A story as it was told at the end of a day: the page of a day that has ended stays as it was.

What came later is left out, and what was decided later of the whole: its title, lead, score, pin. So everything here
follows from the posts of then. What was deleted since stays out, and stories that turned out to be one are one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from aggregator.model.site import ShownPost, ShownStory, shared_topics, voices_of


def as_of(story: ShownStory, begin: datetime, end: datetime, closed: datetime) -> ShownStory | None:
    """The story with what was said of it before `end` and had been seen by `closed`; None where nothing of that is of
    the day that began at `begin`.

    It has a page where several voices told it by then, and it has one still.
    """
    if not is_told(story, begin, end, closed):
        return None
    posts = tuple(_as_said(post, closed) for post in story.posts if post.seen_at < closed and post.at < end)
    # Not the lead of now: a later post may have taken the lead, and perhaps from one that had taken it.
    originals = [post for post in posts if not post.is_copy] or posts
    lead = next((post for post in originals if post.kind == "article"), originals[0])
    is_given = story.given_at is not None and story.given_at < closed
    then = replace(
        story,
        title=story.title if is_given else lead.title,
        language=story.language if is_given else lead.language,
        first_at=posts[0].at,
        last_at=posts[-1].at,
        changed_at=max(post.seen_at for post in posts),
        lead=lead,
        posts=posts,
        topics=shared_topics(posts, {each.topic.topic: each.topic for each in story.topics}),
        earlier=(),
        later=(),
        # Nobody knows which of them spoke by then.
        hidden_people=0,
        # What is stored tells of what came later too.
        brief=None,
    )
    return replace(then, has_page=story.has_page and is_wide(then))


def is_told(story: ShownStory, begin: datetime, end: datetime, closed: datetime) -> bool:
    """Is there anything of it to be told on that day? Then `as_of` gives it."""
    return any(begin <= post.at < end and post.seen_at < closed for post in story.posts)


def is_wide(story: ShownStory) -> bool:
    """Do several voices tell it?"""
    return voices_of(story.posts) > 1


def _as_said(post: ShownPost, closed: datetime) -> ShownPost:
    said = next((each.title for each in post.before if each.until >= closed), post.title)
    return post if said == post.title else replace(post, title=said)
