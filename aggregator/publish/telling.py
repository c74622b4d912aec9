"""The page of a story, made ready: its sources in order of time, how it began, what came before and after, and why each
is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from markupsafe import Markup

from aggregator.model.site import LinkedStory, ShownPost, ShownStory
from aggregator.publish.clean import plain, reason, web_address
from aggregator.publish.items import PERSON_REL, PUBLISHER_REL, Items, Name, Sentence, linked
from aggregator.publish.said import own_words
from aggregator.publish.strokes import Stroke, months_rule

_NONE = Markup()
# The months before a story have a rule from so many days on; it begins a little before the first.
_FEWEST_DAYS, _A_LITTLE = 45, timedelta(days=5)


class Line(NamedTuple):
    """A source of a story. `text` is what a person says; an article has its `title` alone, with its `link`.

    `no` is the id of its element, too (`s1`). `warning`: what its text is folded behind. `notes`: what it was called
    until it was edited, and its copies. `because`: why it is in the story. `points_at`: the page that a status links
    to.
    """

    no: int
    moment: Markup
    who: Name
    by: str
    title: str
    link: Markup
    text: str
    attributes: Markup
    is_person: bool
    warning: str | None
    notes: Sequence[Markup]
    because: str
    points_at: Markup


class Beginning(NamedTuple):
    """The post a story began with: `text` is all that is there of it."""

    who: Name
    title: str
    text: str
    attributes: Markup
    href: str | None
    is_person: bool
    warning: str | None
    moment: Markup
    answers: Sequence[Markup]


class Linked(NamedTuple):
    """A story that came before or after; `link` is its title with a link to where it stands."""

    day: Markup
    kind: Markup
    title: str
    attributes: Markup
    mark: Markup
    link: Markup
    lead: str
    publishers: Sequence[Name]
    because: str


class Coverage(NamedTuple):
    """Earlier or later coverage: `id` of its heading, the months that it spans as a rule, its stories."""

    heading: Markup
    id: str
    scale: Markup
    rule: Markup
    stories: Sequence[Linked]


class Reason(NamedTuple):
    """Why something is on the page."""

    no: int | None
    what: Markup
    because: str


def began_with(originals: Sequence[ShownPost]) -> ShownPost:
    """The first post of a story; where a status brought it here, that status."""
    starter = min(originals, key=lambda post: (post.seen_at, post.id))
    return starter if starter.kind == "status" else originals[0]


def origin(items: Items, post: ShownPost) -> tuple[Markup, str | None]:
    """Where a story comes from, "Mastodon" or a publisher, with a link; and the address of the original article."""
    words = items.words
    href = web_address(post.url)
    if post.kind == "status":
        where = linked(words.fixed["story.mastodon"].unescape(), href, PERSON_REL)
        return words.say("story.source", where=where), web_address(post.article_url)
    where = linked(plain(post.voice.name), "#s1", attributes=words.attributes(post.voice.language))
    return words.say("story.source", where=where), web_address(post.article_url) or href


def _page_of(post: ShownPost) -> Markup:
    """The page that a status points at, called by its host."""
    href = web_address(post.article_url)
    host = urlsplit(href).hostname if href else None
    return linked(host.removeprefix("www."), href, PUBLISHER_REL) if host else _NONE


def lines(items: Items, story: ShownStory, originals: Sequence[ShownPost], numbers: dict[int, int]) -> list[Line]:
    """The sources of a story in order of time, numbered, each with its copies and its earlier titles."""
    words = items.words
    day = words.date_of(story.first_at)
    copies: dict[int, list[ShownPost]] = {}
    if len(numbers) > len(originals):
        own = {post.id for post in originals}
        for post in story.posts:
            if post.id not in own:
                copies.setdefault(numbers[post.id], []).append(post)
    found = []
    for no, post in enumerate(originals, 1):
        voice, is_status, warning = post.voice, post.kind == "status", post.content_warning
        title, attributes = items.title(post.title), words.attributes(post.language)
        found.append(
            Line(
                no,
                words.moment(post.at, day),
                items.name(voice, post.url if is_status else None),
                "" if not post.author or voice.is_person or post.author == voice.name else plain(post.author),
                title,
                _NONE if is_status else linked(title, web_address(post.url), PUBLISHER_REL),
                own_words(post) if is_status else "",
                attributes,
                is_status,
                None if warning is None else plain(warning).strip(),
                _notes(items, post, day, copies.get(no, ())) if post.edited_at or no in copies else (),
                plain(reason(post.because, lambda other: f"source {numbers[other]}" if other in numbers else None)),
                _page_of(post) if is_status else _NONE,
            )
        )
    return found


def _notes(items: Items, post: ShownPost, day: date, copies: Sequence[ShownPost]) -> Sequence[Markup]:
    words, found = items.words, []
    attributes = words.attributes(post.language)
    for said in post.before if post.content_warning is None else ():
        title = Markup(f"<span{attributes}>{words.say('base.quoted', text=items.title(said.title))}</span>")
        found.append(words.say("story.until", at=words.moment(said.until, day), title=title))
    if post.edited_at:
        found.append(words.say("story.edited", at=words.moment(post.edited_at, day)))
    if copies:
        names = [items.name(copy.voice, copy.url) for copy in copies]
        who = Markup(", ".join(name.whole for name in names))
        found.append(words.say("story.copied", who=who))
    return found


def beginning(items: Items, story: ShownStory, post: ShownPost, told: Sequence[Sentence]) -> Beginning | None:
    """The post it began with. Of an article only its title, where the page has told its text already; None where the
    page is called by that title, too."""
    words = items.words
    answers = [words.count(f"count.{what}", n) for what, n in (("boosts", post.boosts), ("replies", post.replies)) if n]
    is_status = post.kind == "status"
    is_told = not is_status and bool(told) and post.id == story.lead.id
    text = "" if is_told else own_words(post) if is_status else plain(post.text).strip()
    if not is_status and not text and post.content_warning is None and post.title == story.title:
        return None
    return Beginning(
        items.name(post.voice, post.url),
        items.title(post.title),
        text,
        words.attributes(post.language),
        web_address(post.url),
        is_status,
        plain(post.content_warning).strip() if post.content_warning is not None else None,
        words.moment(post.at, words.date_of(story.first_at)),
        answers,
    )


def others(items: Items, here: str, stories: Sequence[LinkedStory], *, later: bool) -> list[Linked]:
    """Earlier or later coverage, with its dates."""
    words, found = items.words, []
    for story in stories:
        background = story.kind == "background"
        kind = "later" + ("_background" if background else "") if later else story.kind
        found.append(
            Linked(
                words.day(words.date_of(story.at), "date"), words.fixed[f"story.kind_{kind}"],
                items.short_title(story.title), words.attributes(story.language), words.mark(story.language),
                linked(items.short_title(story.title), items.linked(here, story), "" if story.slug else PUBLISHER_REL),
                plain(story.lead).strip(),
                [items.name(voice, None) for voice in story.voices if not voice.is_person], plain(story.because),
            )
        )  # fmt: skip
    return found


def coverage(items: Items, story: ShownStory, earlier: Sequence[Linked], later: Sequence[Linked]) -> list[Coverage]:
    """What was told before and after, each part only where there is something."""
    words, found = items.words, []
    if earlier:
        since = words.date_of(min(link.at for link in story.earlier)) - _A_LITTLE
        until = words.date_of(story.last_at)
        # A rule of days would say less than their dates.
        is_long = (until - since).days > _FEWEST_DAYS
        strokes = [
            *(Stroke(link.at, all(voice.is_person for voice in link.voices)) for link in story.earlier),
            *(Stroke(post.at, post.voice.is_person) for post in story.posts),
        ]
        scale, rule = months_rule(words, strokes, since, until) if is_long else (_NONE, _NONE)
        found.append(Coverage(words.fixed["story.earlier"], "earlier", scale, rule, earlier))
    if later:
        found.append(Coverage(words.fixed["story.later"], "later", _NONE, _NONE, later))
    return found


def reasons(items: Items, sources: Sequence[Line], earlier: Sequence[Linked], later: Sequence[Linked]) -> list[Reason]:
    """Why each source is in the story, and why others are named beside it."""
    found = [Reason(line.no, line.who.shown, line.because) for line in sources]
    for key, stories in (("story.related", earlier), ("story.related_later", later)):
        for story in stories:
            title = linked(story.title, None, "", story.attributes)
            found.append(Reason(None, items.words.say(key, title=title), story.because))
    return found
