"""What may be shown of a stored brief: only what rests on what is shown.

A post may have gone, been folded behind a warning, or be of somebody who may not speak here, since the brief was
written; and it may have been written under settings that let more be shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from aggregator.model.brief import Amount, Brief, BriefSentence
from aggregator.model.site import LinkedStory, ShownPost


def shown_brief(brief: Brief | None, posts: Iterable[ShownPost], earlier: Sequence[LinkedStory] = ()) -> Brief | None:
    """A brief without the sentences and figures that rest on posts or earlier stories other than these, or that tell
    what stands behind a content warning; None where nothing is left.

    Where something that speaks of the posts had to be left out, its headline goes too: it names no sources.
    """
    if brief is None:
        return None
    known = {post.id: post.content_warning is None for post in posts}
    titles = {link.id for link in earlier}
    # Most are shown whole: those stay as they are.
    kept = tuple([each for each in brief.sentences if _may_be_told(each, known, titles)])
    amounts = _differing([each for each in brief.amounts if all(known.get(post) for post in each.posts)])
    if not kept:
        return None
    if len(kept) == len(brief.sentences) and len(amounts) == len(brief.amounts):
        return brief
    is_whole = all(_is_told_by(each, known) for each in brief.sentences)
    return replace(brief, sentences=kept, amounts=amounts, headline=brief.headline if is_whole else "")


def _may_be_told(sentence: BriefSentence, known: dict[int, bool], earlier: set[int]) -> bool:
    return _is_told_by(sentence, known) and earlier.issuperset(sentence.stories)


def _is_told_by(sentence: BriefSentence, known: dict[int, bool]) -> bool:
    """Are the posts that it rests on shown? Whoever counts posts tells nothing of what they say, but their figures."""
    if sentence.made == "counted" and sentence.pattern != "differ":
        return all(post in known for post in sentence.posts)
    # An article is shown by the post that leads to it.
    return bool(sentence.posts or sentence.stories) and all(known.get(post) for post in sentence.posts)


def _differing(amounts: Sequence[Amount]) -> tuple[Amount, ...]:
    """Those of figures of which there are several versions still."""
    versions = Counter(each.matter for each in amounts)
    return tuple([each for each in amounts if versions[each.matter] > 1])
