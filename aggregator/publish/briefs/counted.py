"""In context, which is why it matters, as far as it can be counted: sentences that are true by construction.

Who carried a story, how fast, who took it up, the how many-th it is, what was reported before, what rises, where
figures differ. In the words of the site's catalogue (keys `brief.…`), as plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from aggregator.model.brief import Amount, BriefSentence
from aggregator.model.facts import Facts, Nth, Week
from aggregator.model.site import LinkedStory, ShownPost, ShownStory, ShownTopic, first_of_each
from aggregator.publish.clean import plain
from aggregator.publish.words import Words
from aggregator.text.excerpt import shortened

# So many stories that came before are named.
_MOST_CONTINUED, _MOST_BACKGROUND = 2, 1
_LONG_TITLE, _LONG_NAME = 200, 60
# What is said of fewer is no news: boosts and replies; posts of a week, and how many times the usual (each one higher,
# so that the first post of a rare topic is no sensation).
_LEAST_ANSWERS = 10
_LEAST_WEEK, _LEAST_RISE = 8, 2.0
# "Several carry": publishers.
_SEVERAL = 2
# So many names stand behind a figure.
_MOST_NAMES = 3


def counted(
    story: ShownStory, facts: Facts | None, words: Words, amounts: Sequence[Amount] = ()
) -> list[BriefSentence]:
    """The sentences of the part, those that tell most first. `amounts`: figures that differ."""
    say, facts = _Saying(story, words), facts or Facts()
    return [
        *say.carried(), *say.taken_up(), *say.reported("continues", _MOST_CONTINUED), *say.differing(amounts),
        *say.nth(facts.nth), *say.rising(facts.weeks), *say.answered(facts),
        *say.reported("background", _MOST_BACKGROUND),
    ]  # fmt: skip


class _Saying:
    def __init__(self, story: ShownStory, words: Words) -> None:
        self._story, self._words = story, words

    def _sentence(
        self, pattern: str, key: str, posts: Sequence[ShownPost], stories: Sequence[int] = (), /, **values: object
    ) -> BriefSentence:
        return self._made(pattern, self._words.say(key, **values), posts, stories)

    def _made(
        self, pattern: str, said: Markup, posts: Sequence[ShownPost], stories: Sequence[int] = ()
    ) -> BriefSentence:
        return BriefSentence(
            part="context", text=said.unescape(), language=self._words.language, made="counted",
            posts=tuple(post.id for post in posts), stories=tuple(stories), pattern=pattern,
        )  # fmt: skip

    def carried(self) -> Iterator[BriefSentence]:
        """Carried by so many publishers, in so many languages, how fast, who was first.

        How fast is until the last of them had it, not until one of them wrote of it again. Where a source tells no time
        of day, nobody knows who was first.
        """
        words = self._words
        posts = [post for post in self._story.speaking if not post.voice.is_person]
        if not posts:
            return
        firsts = first_of_each(posts)
        if len(firsts) == 1:
            yield self._alone(firsts, posts)
            return
        languages = len({post.language for post in posts if post.language})
        within = words.within(firsts[-1].at - firsts[0].at)
        said = words.say(
            _carried_key(languages > 1, _are_timed(firsts)), first=_name(firsts[0]), within=within,
            publishers=words.count("count.publishers", len(firsts)),
            languages=words.count("count.languages", languages),
        )  # fmt: skip
        yield self._made("carried", said[:1].upper() + said[1:] if said.startswith(within) else said, firsts)

    def _alone(self, firsts: Sequence[ShownPost], posts: Sequence[ShownPost]) -> BriefSentence:
        words = self._words
        several = "brief.carried_twice" if _are_timed(posts) else "brief.carried_twice_untimed"
        return self._sentence(
            "carried", several if len(posts) > 1 else "brief.carried_alone", firsts, first=_name(firsts[0]),
            posts=words.count("count.posts", len(posts)), within=words.within(posts[-1].at - posts[0].at),
        )  # fmt: skip

    def taken_up(self) -> Iterator[BriefSentence]:
        """Taken up by so many people, those who are not named included."""
        speaking = self._story.speaking
        firsts = first_of_each([post for post in speaking if post.voice.is_person])
        people = len(firsts) + self._story.hidden_people
        if people:
            is_reported = any(not post.voice.is_person for post in speaking)
            key = "brief.people" + ("" if is_reported else "_alone")
            key += "_boosts" if self._story.boosts else "_too" if is_reported else ""
            boosts = self._words.count("count.boosts", self._story.boosts)
            yield self._made("people", self._words.some(key, people, boosts=boosts), firsts)

    def reported(self, kind: str, most: int) -> Iterator[BriefSentence]:
        """As we reported: the stories that came before, by the kind of their link."""
        told = {_folded(self._story.title)} | {
            _folded(link.title) for link in self._story.earlier if kind == "background" and link.kind == "continues"
        }
        found: dict[str, LinkedStory] = {}
        for link in self._story.earlier:
            if link.kind == kind and (title := _folded(link.title)) and title not in told:
                found.setdefault(title, link)
        for link in list(found.values())[:most]:
            yield self._sentence(
                kind, f"brief.{kind}", (), (link.id,), title=self._quoted(link),
                date=self._words.written(self._words.date_of(link.at), "date"),
            )  # fmt: skip

    def _quoted(self, link: LinkedStory) -> str:
        title = " ".join(plain(link.title).split())
        return str(self._words.say("base.quoted", text=shortened(title, _LONG_TITLE)).unescape())

    def differing(self, amounts: Sequence[Amount]) -> Iterator[BriefSentence]:
        """Not everyone has the same figure: each with those who say it."""
        by_id = {post.id: post for post in self._story.posts}
        for matter in dict.fromkeys(each.matter for each in amounts):
            versions = [each for each in amounts if each.matter == matter]
            told, posts = [], []
            for version in versions:
                of_it = first_of_each([by_id[post_id] for post_id in version.posts if post_id in by_id])
                names = self._words.fixed["brief.between"].unescape().join(_name(post) for post in of_it[:_MOST_NAMES])
                more = len(of_it) - _MOST_NAMES
                names += f" +{more}" if more > 0 else ""
                told.append(self._words.say("brief.version", amount=version.text, names=names).unescape())
                posts += [post for post in of_it if post not in posts]
            listed = self._words.fixed["brief.between"].unescape().join(told)
            yield self._sentence("differ", "brief.differ", posts, versions=listed)

    def nth(self, found: Sequence[Nth]) -> Iterator[BriefSentence]:
        """The how many-th story on somebody it is that several carry, of one at most; a first one is no news, and a
        subject has too many."""
        words = self._words
        if len(self._story.publishers) < _SEVERAL:
            return
        for topic, nth, before in found:
            if not topic.is_entity or nth == 1 or not self._is_on(topic):
                continue
            ordinal = words.ordinal(nth)
            posts, label = self._about(topic.topic), plain(topic.label) or topic.topic
            if before is None:
                yield self._sentence("nth", "brief.nth", posts, nth=ordinal, topic=label)
            elif not before:
                yield self._sentence("nth", "brief.nth_none", posts, nth=ordinal, topic=label)
            else:
                yield self._made("nth", words.some("brief.nth_before", before, nth=ordinal, topic=label), posts)
            return

    def rising(self, weeks: Sequence[Week]) -> Iterator[BriefSentence]:
        """A topic has many more posts than in a usual week: the one that rose most."""
        risen = [(-(each.week + 1) / (each.usual + 1), each) for each in weeks if self._may_rise(each)]
        for rise, (topic, week, usual) in sorted(risen, key=lambda each: (each[0], each[1].topic.topic))[:1]:
            if -rise >= _LEAST_RISE:
                yield self._sentence(
                    "rising", "brief.rising", self._about(topic.topic), topic=_label(topic),
                    week=self._words.count("count.posts", week), usual=self._words.number(usual),
                )  # fmt: skip

    def _may_rise(self, week: Week) -> bool:
        return week.week >= _LEAST_WEEK and (not week.topic.is_entity or self._is_named(week.topic))

    def answered(self, facts: Facts) -> Iterator[BriefSentence]:
        """The most answered on Mastodon of its day."""
        if facts.is_most_answered and facts.answers >= _LEAST_ANSWERS:
            statuses = [post for post in self._story.posts if post.kind == "status"]
            yield self._sentence("answered", "brief.answered", statuses, answers=self._words.number(facts.answers))

    def _is_on(self, topic: ShownTopic) -> bool:
        """Is the story on it? Its title says so, or the titles of half of its posts; one that tells of it in passing
        does not make it so."""
        named = [_names(post.title, topic.label) for post in self._story.originals]
        return _names(self._story.title, topic.label) or 2 * sum(named) > len(named)

    def _is_named(self, topic: ShownTopic) -> bool:
        """Does a title name it? What is only mentioned further below is not what a story is on."""
        return any(_names(post.title, topic.label) for post in self._story.posts)

    def _about(self, topic: str) -> list[ShownPost]:
        return [post for post in self._story.posts if any(slug == topic for slug, _ in post.topics)]


def _names(title: str, label: str) -> bool:
    """As a word: "Meta" is not in "metal"; where words are not parted, anywhere."""
    name = re.escape(label.casefold())
    pattern = rf"(?<![^\W_]){name}(?![^\W_])" if label.isascii() else name
    return bool(label) and re.search(pattern, title.casefold()) is not None


def _label(topic: ShownTopic) -> str:
    """What a topic is called at the beginning of a sentence; a name is written as it is: "xAI"."""
    label = plain(topic.label) or topic.topic
    return label if topic.is_entity else label[:1].upper() + label[1:]


def _folded(title: str) -> str:
    return "".join(filter(str.isalnum, title.casefold()))


def _carried_key(in_languages: bool, is_timed: bool) -> str:
    if in_languages:
        return "brief.carried_languages" if is_timed else "brief.carried_languages_untimed"
    return "brief.carried" if is_timed else "brief.carried_untimed"


def _are_timed(posts: Sequence[ShownPost]) -> bool:
    return all(post.dated == "time" for post in posts)


def _name(post: ShownPost) -> str:
    return shortened(" ".join(plain(post.voice.name).split()) or plain(post.voice.key), _LONG_NAME)
