"""A digest as HTML: the stories of the site's day page, each marked with what is new about it.

As mail programs take it: one column, styles in the elements, addresses that are whole, nothing that is fetched or run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape

from markupsafe import Markup

from aggregator.model.brief import BriefSentence
from aggregator.model.settings import Publish
from aggregator.model.site import LinkedStory, ShownPost, ShownStory, Voice
from aggregator.pipeline.digests import DigestStory, Issue
from aggregator.publish import addresses, parts
from aggregator.publish.briefs.at_once import happened_of
from aggregator.publish.clean import plain, web_address
from aggregator.publish.digests.inline import with_styles
from aggregator.publish.digests.text import Around, Source, TextStory, as_text
from aggregator.publish.items import Item, Items, Sentence, linked, numbered
from aggregator.publish.render import Renderer, shipped
from aggregator.publish.words import Words
from aggregator.text.terminal.controls import visible

# A mail stands nowhere: all that it links to is by its whole address.
_NOWHERE = ""
# Sentences of what happened: of a story that several carry, and of others.
_MOST, _FEW = 3, 2
_LONGEST = 500
# Names of who brings the news; and of who carries a story, whose number is said. Some mail programs cut off what
# has more than 100 KB, so behind the first stories there are fewer.
_NAMES, _PUBLISHERS, _PEOPLE = 4, 6, 3
_IN_FULL, _FEWER_PUBLISHERS = 8, 3


@dataclass(frozen=True, slots=True)
class Made:
    """A digest, made: `subject` on one line, the page and the text."""

    subject: str
    html: str
    text: str
    language: str


class _Items(Items):
    """The items of a mail: their links are whole."""

    def __init__(self, words: Words, address: str) -> None:
        super().__init__(words)
        self.link = lambda _, to: addresses.absolute(address, to)
        self.tag = lambda _, topic: self._tag(_NOWHERE, topic)._replace(
            href=self.link(_NOWHERE, addresses.topic(topic))
        )


class Digests:
    """Makes digests in the words of one site. NoWordsError: no catalogue has its language."""

    def __init__(self, settings: Publish) -> None:
        self._settings = settings
        # An address alone makes no pages to lead to.
        self._address = settings.address if settings.path else None
        self.words = Words(settings.language, settings.timezone, settings.templates and settings.templates / "words")
        self._items = _Items(self.words, self._address or "")
        self._renderer = Renderer(self.words, settings.templates)

    def made(self, issue: Issue, unsubscribe: str | None = None) -> Made:
        """The digest. At least one story is in it. `unsubscribe`: where its readers can leave.

        Raises:
            PublishError: a template or a catalogue of the user's is wrong.
        """
        words, name = self.words, plain(issue.name)
        title = words.say("digest.title", name=name, day=words.written(issue.day, "full")).unescape()
        stories = [self._bare(each) for each in issue.stories]
        items = [(each, self._item(each, in_full=n < _IN_FULL)) for n, each in enumerate(stories)]
        site = self._address
        left_out = words.some("digest.left_out", issue.left_out) if issue.left_out else Markup()
        around = Around(
            title, plain(self._settings.title), site, self._sum(issue),
            words.fixed["digest.test"] if issue.is_test else Markup(), left_out,
            words.say("digest.site", link=linked(site, site)) if site else Markup(),
            words.say("base.times", zone=words.zone_name), unsubscribe,
        )  # fmt: skip
        shown = parts.DayPart(
            "", Markup(), Markup(), Markup(), [item for each, item in items if not each.is_line],
            [parts.river_line(self._items, _NOWHERE, each.story.lead, each.story, issue.day) for each in stories
             if each.is_line],
        )  # fmt: skip
        page = self._renderer.render(
            "digest.html", shown=shown, css=Markup(shipped("mail.css").decode()), language=words.language,
            direction=words.direction, **around._asdict(),
        )  # fmt: skip
        text = as_text([self._in_text(each, item) for each, item in items], words, around)
        return Made(self._subject(title, stories[0], is_test=issue.is_test), with_styles(page), text, words.language)

    # ------------------------------------------------------------

    def _bare(self, told: DigestStory) -> DigestStory:
        """Without a site nothing has a page: what stands in its place is what others wrote."""
        if self._address:
            return told
        earlier = tuple(replace(each, slug=None) for each in told.story.earlier)
        return replace(told, story=replace(told.story, has_page=False, earlier=earlier))

    def _subject(self, title: str, first: DigestStory, *, is_test: bool) -> str:
        headline = self._items.short_title(first.story.title)
        # In lists of mails nothing keeps what turns the direction of writing to the title alone.
        return " ".join(visible(f"{'[test] ' if is_test else ''}{title}: {headline}").split())

    def _sum(self, issue: Issue) -> Markup:
        words = self.words
        stories = words.count("count.stories", len(issue.stories) + issue.left_out)
        if issue.since is None:
            return words.say("digest.sum_first", stories=stories)
        return words.say("digest.sum", stories=stories, when=self._when(issue.since))

    def _when(self, at: datetime) -> Markup:
        words = self.words
        return words.say("digest.when", day=words.day(words.date_of(at), "date"), at=words.clock(at))

    def _item(self, told: DigestStory, *, in_full: bool) -> Item:
        """A story as lists have it, with more of its brief, and what is new about it."""
        story, items = told.story, self._items
        item = items.item(_NOWHERE, story, None, most=0)
        item.news = self._news(told)
        if in_full:
            item.publishers, item.people = item.publishers[:_PUBLISHERS], item.people[:_PEOPLE]
        else:
            item.publishers, item.people, item.tags = item.publishers[:_FEWER_PUBLISHERS], (), ()
            item.boosts = item.hidden = Markup()
        item.lead = self._lead(story, _MOST if in_full and item.size >= 3 else _FEW)
        if story.earlier:
            item.reported = items.reported(_NOWHERE, story.earlier[0])
        if not self._address:
            item.tags = ()
        return item

    def _news(self, told: DigestStory) -> Markup:
        words = self.words
        if told.known_at is None:
            return words.fixed["digest.new"]
        return words.say(
            "digest.more" if told.was_told else "digest.joined", when=self._when(told.known_at),
            posts=words.count("count.posts", len(told.news)), names=self._named(told.speakers),
        )  # fmt: skip

    def _named(self, voices: Sequence[Voice]) -> Markup:
        names = Markup(", ").join(self._items.name(voice, None).shown for voice in voices[:_NAMES])
        if len(voices) <= _NAMES:
            return names
        return self.words.say("digest.names", names=names, n=self.words.number(len(voices) - _NAMES))

    def _lead(self, story: ShownStory, most: int) -> list[Sentence]:
        """What happened, each sentence with links to what it is taken from."""
        _, numbers = numbered(story)
        posts = {post.id: post for post in story.posts}
        found = []
        for said in happened_of(story, self.words.language, most, _LONGEST):
            bare = self._items.sentence(said, {}, "")
            refs = Markup("\u202f").join(
                self._ref(n, posts[post]) for n, post in _sources(said, numbers, posts) if post in posts
            )
            found.append(bare._replace(ref=refs, whole=Markup(f"{bare.whole}{refs}")))
        return found

    def _ref(self, number: int, post: ShownPost) -> Markup:
        href = web_address(post.url or post.article_url)
        if href is None:
            return Markup()
        label = self.words.say("digest.source", n=number, name=plain(post.voice.name))
        return Markup(f'<a class="ref" href="{escape(href)}" title="{label}">{number}</a>')

    def _in_text(self, told: DigestStory, item: Item) -> TextStory:
        """The same for those who read plain text."""
        story = told.story
        _, numbers = numbered(story)
        posts = {post.id: post for post in story.posts}
        said = happened_of(story, self.words.language, len(item.lead), _LONGEST) if item.lead else ()
        used = {number: posts[post] for each in said for number, post in _sources(each, numbers, posts)}
        earlier = story.earlier[0] if story.earlier else None
        return TextStory(
            item.title, item.href, (str(item.day.striptags()), str(item.moment.striptags()), *_plain(item.counts)),
            str(item.news.striptags()), str(item.reported.striptags()), self._earlier_href(earlier),
            [
                (plain(each.text), [number for number, _ in _sources(each, numbers, posts)])
                for each in said
            ],
            [
                Source(number, plain(post.voice.name), web_address(post.url or post.article_url))
                for number, post in sorted(used.items())
            ],
            is_line=told.is_line, by=plain(story.lead.voice.name),
        )  # fmt: skip

    def _earlier_href(self, earlier: LinkedStory | None) -> str | None:
        return self._items.linked(_NOWHERE, earlier) if earlier else None


def _plain(parts: Sequence[Markup]) -> list[str]:
    return [str(part.striptags()) for part in parts]


def _sources(said: BriefSentence, numbers: Mapping[int, int], posts: Mapping[int, ShownPost]) -> list[tuple[int, int]]:
    """The numbers of the sources of a sentence, each with its post, each once."""
    found = {numbers[post]: post for post in reversed(said.posts) if post in numbers and post in posts}
    return sorted(found.items())
