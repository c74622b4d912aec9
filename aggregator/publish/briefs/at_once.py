"""The brief of a story as pages and files tell it: the stored one, or what is made of the story at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from aggregator.model.brief import Brief, BriefSentence
from aggregator.model.site import ShownPost, ShownStory
from aggregator.publish.clean import plain
from aggregator.publish.said import own_words
from aggregator.publish.words import Words
from aggregator.text.excerpt import shortened
from aggregator.text.sentences import sentences

_MOST_HAPPENED, _MOST_EARLIER = 3, 3
_LONG_TITLE = 200


def brief_of(story: ShownStory, words: Words) -> Brief:
    """The brief of a story in the words of the site."""
    if story.brief is not None:
        return story.brief
    told = (*happened_of(story, _MOST_HAPPENED), *_counted(story, words))
    return Brief(
        story_id=story.id, language=words.language, headline="", sentences=told, method="extracted", digest="",
        written_at=story.changed_at,
    )  # fmt: skip


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


# ------------------------------------------------------------ counted


def _counted(story: ShownStory, words: Words) -> Iterator[BriefSentence]:
    posts = [post for post in story.speaking if not post.voice.is_person]
    if posts:
        yield _sentence(words, _carried(words, posts), "carried", posts)
    speaking = [post for post in story.speaking if post.voice.is_person]
    people = len({post.voice.key for post in speaking}) + story.hidden_people
    if people:
        key = (
            "story.people" + ("" if posts else "_alone") + ("_boosts" if story.boosts else "" if not posts else "_too")
        )
        told = words.say(
            key, people=words.count("count.people", people), boosts=words.count("count.boosts", story.boosts)
        )
        yield _sentence(words, told, "people", speaking)
    for link in sorted(story.earlier, key=lambda link: link.kind == "background")[:_MOST_EARLIER]:
        title = shortened(plain(link.title).strip() or str(words.fixed["base.no_title"].unescape()), _LONG_TITLE)
        told = words.say(
            f"story.{link.kind}", date=words.written(words.date_of(link.at), "date"),
            title=words.say("base.quoted", text=title),
        )  # fmt: skip
        yield _sentence(words, told, "earlier", (), (link.id,))


def _carried(words: Words, posts: Sequence[ShownPost]) -> Markup:
    first = plain(posts[0].voice.name).strip() or plain(posts[0].voice.key)
    publishers = len({post.voice.key for post in posts})
    within = words.within(posts[-1].at - posts[0].at)
    if publishers == 1:
        key = "story.carried_alone" if len(posts) == 1 else "story.carried_twice"
        return words.say(key, first=first, posts=words.count("count.posts", len(posts)), within=within)
    languages = len({post.language for post in posts if post.language})
    return words.say(
        "story.carried_languages" if languages > 1 else "story.carried",
        publishers=words.count("count.publishers", publishers), languages=words.count("count.languages", languages),
        within=within, first=first,
    )  # fmt: skip


def _sentence(
    words: Words, told: Markup, pattern: str, posts: Sequence[ShownPost], stories: tuple[int, ...] = ()
) -> BriefSentence:
    return BriefSentence(
        part="context", text=told.unescape(), language=words.language, made="counted",
        posts=tuple(post.id for post in posts), stories=stories, pattern=pattern,
    )  # fmt: skip
