"""What all feeds and files tell of a story alike: its address and its id, who carries it, how it begins."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from aggregator.model.brief import BriefSentence
from aggregator.model.settings import Publish
from aggregator.model.site import LinkedStory, ShownPost, ShownStory, first_of_each
from aggregator.publish import addresses
from aggregator.publish.clean import plain, web_address
from aggregator.publish.feeds.out import Labels
from aggregator.text.sentences import sentences

# RFC 4151 wants a date in a tag; nothing that may change can be part of an id, and the time of a story's first post
# may: so it is the year in which these ids were thought of.
_TAG_YEAR = 2026

# Longer is no summary.
_LONGEST_SUMMARY = 300


def one_line(text: str) -> str:
    """A title or a name as one line of plain text."""
    # Most are so already: this is a twentieth of the work.
    return text if text.isprintable() else " ".join(plain(text).split())


def stamp(at: datetime) -> str:
    """A time by RFC 3339: in UTC, to the second."""
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat()[:19] + "Z"


# ---------------------------------------------------------------- addresses


def root_of(settings: Publish, here: str) -> str:
    """What stands before a path of the site in a link from the file at `here`: the site's address, else "../"s."""
    return settings.address or "../" * here.count("/")


@lru_cache(maxsize=8)
def _tag_of(address: str | None) -> str:
    parts = urlsplit(address or "https://localhost/")
    host = (parts.hostname or "localhost").encode("idna").decode()
    # Two sites may share a host.
    return f"tag:{host},{_TAG_YEAR}:{quote(parts.path.strip('/') + '/').lstrip('/')}"


def tag_id(settings: Publish, name: str) -> str:
    """The id of a feed or a story everywhere and for ever (RFC 4151); `name` is "stories/ID" or a feed's path."""
    return _tag_of(settings.address) + quote(name)


def own_page(story: ShownStory, root: str) -> str | None:
    """The address of its page, if it has one."""
    return addresses.absolute(root, addresses.story(story.slug)) if story.has_page else None


def outside_page(story: ShownStory) -> str | None:
    """The address of its lead's article, else of the first post that has one."""
    return next(filter(None, map(article_of, (story.lead, *story.posts))), None)


def article_of(post: ShownPost) -> str | None:
    """The page that a post is about: of a status that points at one that, else its own."""
    return web_address(post.article_url) or web_address(post.url)


def linked_page(linked: LinkedStory, root: str) -> str | None:
    """The address of an earlier or later story: its page, else its lead's article."""
    return addresses.absolute(root, addresses.story(linked.slug)) if linked.slug else web_address(linked.url)


# ---------------------------------------------------------------- who, and what


class Told(NamedTuple):
    """Who tells a story: the first post of each, in order of arrival."""

    publishers: list[ShownPost]
    people: list[ShownPost]

    @property
    def authors(self) -> list[str]:
        """The names of the publishers; of the people, where there is no publisher."""
        posts = self.publishers or self.people
        return list(dict.fromkeys(name for post in posts if (name := one_line(post.voice.name))))


def told(story: ShownStory) -> Told:
    """Who tells the story. Who printed a copy carried it too; people have words of their own."""
    speaking = story.speaking
    return Told(
        first_of_each(post for post in speaking if not post.voice.is_person),
        first_of_each(post for post in speaking if post.voice.is_person),
    )


def title_of(story: ShownStory) -> str:
    """Its title as one line; where nothing is left of it, its slug."""
    return one_line(story.title) or story.slug


def summary_of(story: ShownStory) -> str:
    """The first sentence of its brief, else the first ones of its lead. Nothing that stands behind a warning: the
    warning alone."""
    lead = story.lead
    if lead.content_warning:
        return one_line(f"CW: {lead.content_warning}")
    if said := _begins(story):
        return one_line(said.text)
    return first_sentences(lead.text, complete=lead.kind == "status")


def summary_language(story: ShownStory) -> str | None:
    """The language of that."""
    said = None if story.lead.content_warning else _begins(story)
    return said.language if said else story.lead.language


def _begins(story: ShownStory) -> BriefSentence | None:
    return next(iter(story.brief.part("happened")), None) if story.brief else None


def first_sentences(text: str, *, complete: bool = False, most: int = _LONGEST_SUMMARY) -> str:
    """The whole sentences at the beginning of a text that have room in `most` characters, as one line.

    A sentence that is longer by itself ends between two words, with "…". `complete`: the text is not the beginning of
    a longer one.
    """
    return _first_sentences(text, complete, most)


@lru_cache(8_192)  # each story stands in feeds of two forms, and beside its page in two files
def _first_sentences(text: str, complete: bool, most: int) -> str:
    head = plain(text[: 2 * most])
    found: list[str] = []
    room = most
    for sentence in sentences(head, complete=complete and len(text) <= 2 * most):
        room -= len(sentence) + 1
        if room < -1:
            break
        found.append(sentence)
    if found:
        return " ".join(found)
    head = " ".join(head.split())
    return head if len(head) <= most else (head[:most].rpartition(" ")[0] or head[: most - 1]) + "…"


# ---------------------------------------------------------------- as HTML


def earlier_html(stories: Iterable[LinkedStory], root: str, labels: Labels) -> Iterable[str]:
    """Earlier coverage, an item each."""
    for linked in stories:
        title = f"<span{language_attributes(linked.language)}>{escape(one_line(linked.title))}</span>"
        kind = f" ({escape(labels.background)})" if linked.kind == "background" else ""
        yield f"<li>{stamp(linked.at)[:10]} {link_html(linked_page(linked, root), title)}{kind}</li>"


def voice_link(post: ShownPost, settings: Publish) -> str:
    """Who speaks, with a link to what is said and a mark of its language where that is not the site's."""
    name = link_html(web_address(post.url) or article_of(post), escape(one_line(post.voice.name)))
    other = post.language and post.language != settings.language
    return f"{name} ({escape(one_line(post.language or ''))})" if other else name


def link_html(url: str | None, inner: str) -> str:
    """HTML as a link, where there is somewhere to lead."""
    return f'<a href="{escape(url)}">{inner}</a>' if url else inner


def language_attributes(language: str | None) -> str:
    """The attributes of an element with words in this language."""
    return f' lang="{escape(language)}" dir="auto"' if language else ' dir="auto"'
