"""A new post → the story it belongs to. The one order of reasons, live and when stories are rebuilt.

Where an editor put it; else the story of the post it copies; else the story of a post that shares a link with it; else
the open story whose evidence is surest, by words and by embedding; else a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aggregator.model.changes import CopyOf, Membership
from aggregator.stories.overlay import Overlay
from aggregator.stories.story import Story, StoryPost
from aggregator.text.columns import COLUMN_WORDS

# An entry without an address can't be kept apart from an article by it. Of such entries of two newsletters about one
# article 97 of 100 are found, and no other article's (286 items with their addresses hidden), by the bar of a story and
# by bars up to three lower, in log odds; higher ones find less. Of a stream of 6,965 items with addresses hidden the
# lower the bar the more other articles are taken: two lower, two of three. A little lower leaves room on either side.
_WITHOUT_ADDRESS = -0.5
# Two words in common are often one name.
_LEAST_WORDS = 3

WITHOUT_ADDRESS = "has no address of its own"
"""How the reason of such a copy begins: it is decided among the stories of its time, and not again."""


def copy_without_address(post: StoryPost, stories: Overlay) -> tuple[CopyOf, int] | None:
    """The article that an entry without an address of its own retells, and its story; None where none is near.

    Two addresses show that there are two articles. Where one is missing, what reports the same event in another
    publisher's words is taken for the same article.
    """
    nearest = stories.nearest(post, raised=_WITHOUT_ADDRESS, by_words=True)
    if nearest is None or not nearest.story.lead_is_article:
        return None
    # Two columns of one name ("Weekly AI news roundup") share that.
    if sum(word not in COLUMN_WORDS for word, _ in nearest.shared) < _LEAST_WORDS:
        return None
    if (post.voice or str(post.source_id)) in nearest.story.voices:
        return None
    because = f"{WITHOUT_ADDRESS}, and tells what this post tells: {nearest.because}"
    return CopyOf(nearest.story.lead_post_id, because, nearest.similarity), nearest.story.id


@dataclass(frozen=True, slots=True)
class Linked:
    """A post that shares a link with the new one, and its story."""

    post_id: int
    story_id: int


def sharing_link(
    page: str | None,
    own: str | None,
    *,
    at_link: Callable[[str], Iterable[Linked]],
    pointing_at: Callable[[str], Iterable[Linked]],
) -> Linked | None:
    """A post that is the `page` that this one points at, points at the same page, or points at this one (`own`).

    Not one with this post's own address: in another source it is a copy, in the same source another item. `at_link`,
    `pointing_at`: the posts in stories at a canonical URL, and those that point at it, in the order in which they came.
    """
    if page and (found := next(iter(at_link(page)), None) or next(iter(pointing_at(page)), None)):
        return found
    return next(iter(pointing_at(own)), None) if own else None


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a post belongs. `story` is None where the story is so old that it is not in memory any more."""

    membership: Membership
    story: Story | None
    is_new: bool = False


def place(
    post: StoryPost,
    stories: Overlay,
    *,
    by_hand: bool = False,
    story_by_hand: int | None = None,
    copy_of: CopyOf | None,
    story_of_original: int | None,
    linked: Linked | None,
    new_story_id: int,
) -> Placement:
    """The story of a post, which `stories` takes in. A new one gets the id `new_story_id`.

    `by_hand`: an editor put it into `story_by_hand`, None: a new one.
    """
    if by_hand:
        if story_by_hand is None:
            because = Membership(new_story_id, "by hand", 1.0)
            return Placement(because, stories.start(new_story_id, post), is_new=True)
        return Placement(Membership(story_by_hand, "by hand", 1.0), stories.join(story_by_hand, post))
    if copy_of and story_of_original is not None:
        because = Membership(story_of_original, f"copy of post {copy_of.post_id}", copy_of.score)
        return Placement(because, stories.join(story_of_original, post, may_lead=False))
    if linked:
        because = Membership(linked.story_id, f"shares a link with post {linked.post_id}", 1.0)
        return Placement(because, stories.join(linked.story_id, post))
    nearest = stories.nearest(post)
    if nearest:
        because = Membership(nearest.story.id, nearest.because, nearest.similarity)
        return Placement(because, stories.join(nearest.story.id, post))
    return Placement(Membership(new_story_id, "first report", 1.0), stories.start(new_story_id, post), is_new=True)


def place_again(post: StoryPost, story_id: int, stories: Overlay, linked: Linked | None) -> Membership | None:
    """Where a post belongs that is all of its story and says more now; None where it is.

    Its story goes into the other one, which `stories` takes in. With other posts it stays: they came for what it said.
    """
    story = stories.story(story_id)
    if story is None or story.posts > 1 or story.lead_post_id != post.post_id:  # one without words counts as none
        return None
    if linked:
        found = Membership(linked.story_id, f"shares a link with post {linked.post_id}", 1.0)
    elif nearest := stories.nearest(post, without=story_id):
        found = Membership(nearest.story.id, nearest.because, nearest.similarity)
    else:
        return None
    stories.merge(story_id, found.story_id)
    return found
