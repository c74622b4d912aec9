"""Stories as templates tell them: names, times, links and sentences made ready, so that a template only sets them.

What the attributes of `Item` and its parts mean, a template of a user's own may rely on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from html import escape as _escaped
from typing import NamedTuple

from markupsafe import Markup

from aggregator.model.brief import Brief, BriefSentence
from aggregator.model.site import LinkedStory, ShownPost, ShownStory, ShownTopic, StoryTopic, Voice
from aggregator.publish import addresses
from aggregator.publish.briefs.at_once import happened_of
from aggregator.publish.clean import plain, web_address
from aggregator.publish.due import due_time
from aggregator.publish.strokes import Stroke, day_rule
from aggregator.publish.words import Words
from aggregator.text.excerpt import shortened

_MOST_TAGS = 5
LEAST_SHARE = 0.25
# A story's size by how many carry it: the first that it reaches.
_SIZES = ((8, 5), (4, 4), (3, 3), (2, 2))
# Numbers that follow one another; no line begins with one.
_NARROW_SPACE = Markup("\u202f")
# Patterns of counted sentences.
_COUNTED_WIDELY = frozenset({"nth", "rising"})
# On lists a longer sentence would be a page of its own.
_LONGEST_ON_LISTS = 500
_LONG_TITLE = 200
_KEPT = 16_384
_NOTHING = Markup()

PERSON_REL = Markup(' rel="nofollow ugc noopener"')
PUBLISHER_REL = Markup(' rel="noopener"')


class Name(NamedTuple):
    """Who speaks. `link`: the name with a link to what they say, if there is one; `mark` says the language where it is
    not the site's, `attributes` are that and the direction. `shown`: the name without a link;
    `whole`: link and mark."""

    name: str
    attributes: Markup
    mark: Markup
    shown: Markup
    link: Markup
    whole: Markup


class Tag(NamedTuple):
    """A topic, and its page."""

    label: str
    href: str


class Sentence(NamedTuple):
    """A sentence of a brief, and the links to its sources in `ref`; `whole` is all of it together."""

    text: str
    attributes: Markup
    mark: Markup
    ref: Markup
    whole: Markup


@dataclass(slots=True)
class Item:
    """A story in a list. `size` is 1..5; `href` its page, or where its lead stands, if anywhere; `moment` its time.
    `ahead`: what is to come, as its brief says. `news`: in a digest, what is new about it to its readers."""

    title: str
    attributes: Markup
    mark: Markup
    href: str | None
    rel: Markup
    size: int
    moment: Markup
    day: Markup
    counts: tuple[Markup, ...]
    lead: Sequence[Sentence]
    reported: Markup
    ahead: Markup
    publishers: Sequence[Name]
    people: Sequence[Name]
    boosts: Markup
    hidden: Markup
    tags: Sequence[Tag]
    rule: Markup
    news: Markup = _NOTHING


@lru_cache(_KEPT)
def linked(text: str, href: str | None, rel: str = "", attributes: str = "") -> Markup:
    """A text as a link, or in a `span` where it leads nowhere. `rel` and `attributes` are markup already."""
    if href is None:
        return Markup(f"<span{attributes}>{_escaped(text)}</span>")
    return Markup(f'<a href="{_escaped(href)}"{rel}{attributes}>{_escaped(text)}</a>')


def numbered(story: ShownStory) -> tuple[list[ShownPost], dict[int, int]]:
    """Its posts in order of time without the copies of these; and of each post, copies too, which number it has."""
    known = {post.id for post in story.posts}
    originals = [post for post in story.posts if post.copy_of is None or post.copy_of not in known] or [story.lead]
    numbers = {post.id: no for no, post in enumerate(originals, 1)}
    for post in story.posts:
        if post.id not in numbers:
            # A copy of a copy has no number yet where that stands behind it.
            numbers[post.id] = numbers.get(post.copy_of or 0, 1)
    return originals, numbers


class Items:
    """Makes them, in the words of one site."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.link: Callable[[str, str], str] = lru_cache(_KEPT)(addresses.link)
        self._ref = lru_cache(_KEPT)(self._made_ref)
        self._voice = lru_cache(_KEPT)(self._made_voice)
        self.tag: Callable[[str, ShownTopic], Tag] = lru_cache(_KEPT)(self._tag)

    def _tag(self, here: str, topic: ShownTopic) -> Tag:
        return Tag(plain(topic.label).strip() or topic.topic, addresses.link(here, addresses.topic(topic)))

    def _made_ref(self, page: str, no: int) -> Markup:
        """The number of a source of the story at `page`, as a link to it."""
        label = self.words.say("item.source", n=no)
        return Markup(f'<a class="ref" href="{_escaped(page)}#s{no}" aria-label="{label}">{no}</a>')

    def title(self, title: str) -> str:
        """A title that can be seen, whatever it was."""
        return plain(title).strip() or str(self.words.fixed["base.no_title"])

    def short_title(self, title: str) -> str:
        """The same for a list: a title that would fill it is cut."""
        return shortened(self.title(title), _LONG_TITLE)

    def name(self, voice: Voice, url: str | None) -> Name:
        """Who speaks, with a link to what they say."""
        nowhere, end = self._voice(voice)
        href = web_address(url)
        if href is None:
            return nowhere
        link = Markup(f'<a href="{_escaped(href)}"{end}')
        return nowhere._replace(link=link, whole=Markup(f"{link}{nowhere.mark}") if nowhere.mark else link)

    def _made_voice(self, voice: Voice) -> tuple[Name, str]:
        """A name without a link, and how a link with it ends."""
        words = self.words
        attributes, mark = words.attributes(voice.language), words.mark(voice.language)
        name = plain(voice.name).strip() or plain(voice.key)
        shown = linked(name, None, attributes=attributes)
        rel = PERSON_REL if voice.is_person else PUBLISHER_REL
        end = f"{rel}{attributes}>{_escaped(name)}</a>"
        return Name(name, attributes, mark, shown, shown, Markup(f"{shown}{mark}")), end

    def names(self, posts: Iterable[ShownPost]) -> tuple[list[Name], list[Name]]:
        """Publishers and people in order of arrival, each with a link to the first that it said."""
        found: tuple[dict[str, Name], dict[str, Name]] = ({}, {})
        for post in posts:
            voice = post.voice
            of_its_kind = found[voice.is_person]
            if voice.key not in of_its_kind:
                of_its_kind[voice.key] = self.name(voice, post.url or post.article_url)
        return list(found[0].values()), list(found[1].values())

    def tags(self, here: str, topics: Iterable[StoryTopic]) -> list[Tag]:
        """The topics that a story is told under: at most five, those that much of it has."""
        return [self.tag(here, topic) for topic, share in topics if share >= LEAST_SHARE][:_MOST_TAGS]

    def refs(self, posts: Iterable[int], numbers: Mapping[int, int], page: str) -> Markup:
        """The numbers of these posts in the story at `page`, each once, as links to them."""
        found = sorted({numbers[post] for post in posts if post in numbers})
        return self._ref(page, found[0]) if len(found) == 1 else _NARROW_SPACE.join(self._ref(page, no) for no in found)

    def sentence(
        self, said: BriefSentence, numbers: Mapping[int, int], page: str, inner: Markup | None = None
    ) -> Sentence:
        """A sentence of the brief of the story at `page`, with its language where that is another than the site's, and
        the numbers of its sources. `inner`: its words, where they have more in them than text."""
        words, text = self.words, plain(said.text)
        mark = words.mark(said.language)
        is_ours = said.made != "quoted" and not mark
        attributes = Markup() if is_ours else words.attributes(said.language)
        ref = self.refs(_numbered_by(said), numbers, page)
        shown = _escaped(text) if inner is None else inner
        whole = Markup(f"{shown}{ref}" if is_ours else f"<span{attributes}>{shown}</span>{mark}{ref}")
        return Sentence(text, attributes, mark, ref, whole)

    def linked(self, here: str, story: LinkedStory) -> str | None:
        """Where a story that came before or after stands."""
        return self.link(here, addresses.story(story.slug)) if story.slug else web_address(story.url)

    def dated(self, here: str, story: LinkedStory) -> Markup:
        """The date of a story that came before or after, which leads to it."""
        day, href = self.words.day(self.words.date_of(story.at), "date"), self.linked(here, story)
        if href is None:
            return day
        return Markup(f'<a href="{_escaped(href)}"{"" if story.slug else PUBLISHER_REL}>{day}</a>')

    def quoted(self, text: str, language: str | None) -> Markup:
        """Words of others in quotation marks, with their language."""
        words = self.words
        said = words.say("base.quoted", text=text)
        return Markup(f"<span{words.attributes(language)}>{said}</span>{words.mark(language)}")

    def reported(self, here: str, earlier: LinkedStory) -> Markup:
        """As we reported: its date, which leads to it, and its title in its own language."""
        title = self.quoted(self.short_title(earlier.title), earlier.language)
        return self.words.say("item.reported", date=self.dated(here, earlier), title=title)

    def item(
        self, here: str, story: ShownStory, day: date | None, *, most: int = 2, with_rule: bool = False,
        about: ShownTopic | None = None, today: date | None = None,
    ) -> Item:  # fmt: skip
        """A story in the list of the page at `here`, which is about `day`, or `about` a topic, whose tag is left out.

        `most`: so many of its sentences at most. `today`: what is to come from that day on is told.
        """
        words = self.words
        _, numbers = numbered(story)
        publishers, people = self.names(story.speaking)
        size = size_of(len(publishers) + len(people) + story.hidden_people)
        page = self.link(here, addresses.story(story.slug)) if story.has_page else None
        lead = story.lead
        most = most if size >= 4 else min(most, size - 2)
        if story.brief and story.brief.method == "model" and words.mark(story.language):
            most = max(most, 1)  # its title says nothing to whoever does not read that language
        strokes = (Stroke(post.at, post.voice.is_person) for post in story.posts)
        its_day = words.date_of(story.first_at)
        return Item(
            title=self.short_title(story.title), attributes=words.attributes(story.language),
            mark=words.mark(story.language), href=page or web_address(lead.url or lead.article_url),
            rel=Markup() if page else PERSON_REL if lead.voice.is_person else PUBLISHER_REL, size=size,
            moment=words.moment(story.first_at, day or its_day), day=words.day(its_day, "short"),
            counts=self.counts(story, len(publishers), len(people)),
            lead=self._lead(story, numbers, page, most) if page and most > 0 else (),
            reported=self.reported(here, story.earlier[0])
            if size >= 4 and story.earlier else Markup(),
            ahead=self._ahead(story.brief, numbers, page, today) if page and today and story.brief else Markup(),
            publishers=publishers, people=people,
            boosts=words.count("count.boosts", story.boosts) if story.boosts else Markup(),
            hidden=words.count("count.hidden", story.hidden_people) if story.hidden_people else Markup(),
            tags=self.tags(here, (each for each in story.topics if each.topic != about)),
            rule=day_rule(words, strokes, day, is_whole=False, until=None) if with_rule and day else Markup(),
        )  # fmt: skip

    def _ahead(self, brief: Brief, numbers: Mapping[int, int], page: str, today: date) -> Markup:
        """What the brief says is to happen first, from `today` on; nothing where it names no such day."""
        coming = [(each.due, each) for each in brief.sentences if each.due and each.due.last >= today]
        if not coming:
            return Markup()
        due, said = min(coming, key=lambda each: each[0])
        return self.words.say(
            "item.ahead", due=due_time(self.words, due), said=self.sentence(said, numbers, page).whole
        )

    def _lead(self, story: ShownStory, numbers: Mapping[int, int], page: str, most: int) -> list[Sentence]:
        told = happened_of(story, self.words.language, most, _LONGEST_ON_LISTS)
        return [self.sentence(said, numbers, page) for said in told]

    def counts(self, story: ShownStory, publishers: int, people: int) -> tuple[Markup, ...]:
        """How many carry it, in how many languages where these are several."""
        words, found = self.words, []
        if publishers:
            found.append(words.count("count.publishers", publishers))
        elif people:
            found.append(words.count("count.people", people + story.hidden_people))
        languages = len(story.languages)
        if languages > 1:
            found.append(words.count("count.languages", languages))
        return tuple(found)


def _numbered_by(said: BriefSentence) -> tuple[int, ...]:
    """The posts whose numbers stand behind a sentence. Whoever carried a story is told by all its posts: the first is
    named; how often a topic is told is counted over other stories too, and its words say so."""
    if said.pattern == "carried":
        return said.posts[:1]
    return () if said.pattern in _COUNTED_WIDELY else said.posts


def size_of(voices: int) -> int:
    """The size that a story is set in, 1..5, by how many carry it."""
    return next((size for least, size in _SIZES if voices >= least), 1)


def newest(stories: Iterable[ShownStory]) -> datetime | None:
    """When the newest of their posts was."""
    return max((story.last_at for story in stories), default=None)
