"""The brief on the page of a story: its three parts, each sentence with the numbers of its sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup

from aggregator.model.brief import Amount, Brief, BriefSentence
from aggregator.model.site import LinkedStory, ShownPost, ShownStory
from aggregator.publish.clean import plain
from aggregator.publish.due import due_time
from aggregator.publish.items import Items, Sentence

_SPACE = Markup(" ")
# Longer than a title in a sentence is ever kept.
_ENOUGH_OF_TITLE = 200


class Figure(NamedTuple):
    """A version of a figure that sources give differently: in whose words, and who says so."""

    said: Markup
    by: Markup


class Briefing(NamedTuple):
    """A brief, ready for a template. `context` and `watch` are paragraphs; `figures`: tables of what differs; `made`
    says who wrote it; `headline`: a model's, where the story's title is in another language than the site's."""

    happened: Sequence[Sentence]
    context: Sequence[Markup]
    figures: Sequence[Sequence[Figure]]
    watch: Sequence[Markup]
    made: Markup
    headline: str


def briefing(items: Items, here: str, story: ShownStory, brief: Brief, numbers: Mapping[int, int]) -> Briefing:
    """The brief of the story whose page is at `here`. `numbers`: post → its number there."""
    # Figures that differ have a table here.
    context = [each for each in brief.part("context") if not (brief.amounts and each.pattern == "differ")]
    # What was reported before stands apart.
    parts = [
        _SPACE.join(_in_context(items, here, story, each, numbers) for each in of)
        for _, of in groupby(context, lambda each: bool(each.stories))
    ]
    return Briefing(
        [items.sentence(each, numbers, "") for each in brief.part("happened")],
        parts, _figures(items, story, brief.amounts, numbers), _watch(items, brief.part("watch"), numbers),
        made_by(items, brief), plain(brief.headline) if has_headline(items, story, brief) else "",
    )  # fmt: skip


def has_headline(items: Items, story: ShownStory, brief: Brief) -> bool:
    """Does a headline that a model wrote tell readers what the title, in another language, does not?"""
    return brief.method == "model" and bool(brief.headline) and bool(items.words.mark(story.language))


def made_by(items: Items, brief: Brief) -> Markup:
    """Who wrote it, in a sentence."""
    words = items.words
    if brief.method != "model":
        return words.fixed["story.made"]
    told = words.say("story.made_model", model=plain(brief.model or ""))
    out = len(brief.refused)
    return _SPACE.join((told, words.count("story.made_refused", out))) if out else told


def summed_up(brief: Brief) -> str:
    """The brief in a sentence or two, for those who only show a link: what a model wrote happened; else what was
    counted, since a publisher's own sentences are for its page."""
    if brief.method == "model":
        said = [each for each in brief.sentences if each.part == "happened"][:1]
    else:
        said = [each for each in brief.sentences if each.made == "counted" and each.posts][:2]
    return " ".join(plain(each.text) for each in said)


# ------------------------------------------------------------ in context


def _in_context(
    items: Items, here: str, story: ShownStory, sentence: BriefSentence, numbers: Mapping[int, int]
) -> Markup:
    if sentence.made == "quoted":
        return items.sentence(sentence, numbers, "").whole
    text, links = plain(sentence.text), [link for link in story.earlier if link.id in sentence.stories]
    parts: list[tuple[str, Markup]] = []
    for link in links:
        parts += _of_link(items, here, link)
    if sentence.made == "counted":
        parts += _names(items, story.posts, sentence)
    said = _with(text, parts)
    if links and "<a " not in said:  # a date that is written in a way of its own
        said += _SPACE + Markup(", ").join(items.dated(here, link) for link in links)
    return items.sentence(sentence, numbers, "", said).whole


def _of_link(items: Items, here: str, link: LinkedStory) -> Iterable[tuple[str, Markup]]:
    """What may stand in a sentence about an earlier story: its date, which leads to it, and its title in its own
    language."""
    words = items.words
    yield words.written(words.date_of(link.at), "date"), items.dated(here, link)
    title = items.short_title(link.title)
    if len(title) <= _ENOUGH_OF_TITLE:
        yield words.say("base.quoted", text=title).unescape(), items.quoted(title, link.language)


def _names(items: Items, posts: Iterable[ShownPost], sentence: BriefSentence) -> Iterable[tuple[str, Markup]]:
    """The names of publishers in a sentence, each in its own language and direction."""
    for post in posts:
        if post.id in sentence.posts and not post.voice.is_person:
            name = items.name(post.voice, None)
            yield name.name, name.shown


def _with(text: str, parts: Iterable[tuple[str, Markup]]) -> Markup:
    """A text with the first of each of these parts in it as markup."""
    pieces: list[str | Markup] = [text]
    for part, marked in dict(parts).items():
        for place, piece in enumerate(pieces):
            if part and not isinstance(piece, Markup) and part in piece:
                before, _, after = piece.partition(part)
                pieces[place : place + 1] = [before, marked, after]
                break
    return Markup("").join(pieces)


# ------------------------------------------------------------ figures that differ, what to watch


def _figures(
    items: Items, story: ShownStory, amounts: Sequence[Amount], numbers: Mapping[int, int]
) -> list[list[Figure]]:
    return [
        [_figure(items, story, amount, numbers) for amount in of]
        for _, of in groupby(amounts, lambda amount: amount.matter)
    ]


def _figure(items: Items, story: ShownStory, amount: Amount, numbers: Mapping[int, int]) -> Figure:
    words = items.words
    said = items.quoted(plain(amount.text), amount.language)
    voices = {post.voice.key: post.voice.is_person for post in story.posts if post.id in amount.posts}
    people = sum(voices.values())
    counts = [
        words.count(f"count.{what}", n) for what, n in (("publishers", len(voices) - people), ("people", people)) if n
    ]
    return Figure(said, Markup(", ").join(counts) + _SPACE + items.refs(amount.posts, numbers, ""))


def _watch(items: Items, sentences: Sequence[BriefSentence], numbers: Mapping[int, int]) -> list[Markup]:
    """A paragraph for each that names a day, the day first; and one for all that name none."""
    words = items.words
    dated = sorted(((each.due, each) for each in sentences if each.due), key=lambda pair: pair[0].first)
    found = [
        words.say("story.watch_due", due=due_time(words, due, begins=True), said=_said(items, each, numbers))
        for due, each in dated
    ]
    still_open = [_said(items, each, numbers) for each in sentences if not each.due]
    if still_open:
        label = Markup("<b>{}</b>").format(words.fixed["story.still_open"])
        found.append(words.say("story.watch_open", label=label, said=_SPACE.join(still_open)))
    return found


def _said(items: Items, sentence: BriefSentence, numbers: Mapping[int, int]) -> Markup:
    """A sentence in quotation marks, if it is a quotation."""
    if sentence.made != "quoted":
        return items.sentence(sentence, numbers, "").whole
    quoted = items.words.say("base.quoted", text=plain(sentence.text))
    return items.sentence(sentence, numbers, "", quoted).whole
