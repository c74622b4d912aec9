"""The brief of a story as pages and files tell it: the stored one, or what is made of the story at once."""

from __future__ import annotations

from aggregator.model.brief import Brief, BriefSentence
from aggregator.model.site import ShownPost, ShownStory
from aggregator.publish.briefs.evidence import evidence_of
from aggregator.publish.briefs.extracted import extracted
from aggregator.publish.said import own_words
from aggregator.publish.words import Words
from aggregator.text.sentences import sentences


def brief_of(story: ShownStory, words: Words) -> Brief:
    """The brief of a story in the words of the site."""
    if story.brief is not None:
        return story.brief
    return extracted(story, evidence_of(story, {}), None, words, story.changed_at)


def happened_of(story: ShownStory, most: int, longest: int = 5000) -> tuple[BriefSentence, ...]:
    """What happened, in so many sentences at most: those of its brief, else the first whole sentences of the lead, or
    of the first other post that has any; nothing behind a warning. No sentence is longer than `longest` characters."""
    if story.brief is not None:
        told = [each for each in story.brief.sentences if each.part == "happened" and len(each.text) <= longest]
        return tuple(told[:most])
    title = _folded(story.title)
    for post in (story.lead, *story.originals):
        if post.content_warning is None and post.text and (found := _of_post(post, title, most, longest)):
            return found
    return ()


def _of_post(post: ShownPost, title: str, most: int, longest: int) -> tuple[BriefSentence, ...]:
    found: list[BriefSentence] = []
    for text in sentences(own_words(post), complete=post.kind == "status", longest=longest):
        if not _repeats(text, title):
            found.append(
                BriefSentence(part="happened", text=text, language=post.language, made="quoted", posts=(post.id,))
            )
            if len(found) == most:
                break
    return tuple(found)


def _folded(title: str) -> str:
    return title.casefold().replace("#", "").rstrip(" .…!?:")


def _repeats(text: str, title: str) -> bool:
    """Does a sentence say the title once more?"""
    return len(text) <= len(title) + 10 and title.startswith(_folded(text)[: len(title)])
