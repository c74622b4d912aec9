"""A brief in feeds and files: as JSON, as HTML for readers of feeds, as Markdown. Pure.

Sources stand behind sentences by their names: a reader of feeds shows no numbered list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby
from typing import Any

from aggregator.model.brief import Amount, Brief, BriefSentence, Due
from aggregator.model.settings import Publish
from aggregator.model.site import ShownPost, ShownStory, first_of_each
from aggregator.publish.due import names_its_day
from aggregator.publish.feeds.out import Labels
from aggregator.publish.feeds.telling import language_attributes, one_line, stamp, voice_link

# "2027-05", "2027"
_MONTH, _YEAR = 7, 4


def brief_json(brief: Brief) -> dict[str, Any]:
    """The brief for programs; keys are called as the columns of `story_briefs` and `brief_figures` are."""
    return {
        "language": brief.language,
        "headline": one_line(brief.headline) if brief.method == "model" else None,
        "method": brief.method,
        "model": brief.model,
        "written_at": stamp(brief.written_at),
        "refused_count": len(brief.refused),
        "sentences": [_sentence(each, brief) for each in brief.sentences],
        "amounts": [_amount(each) for each in brief.amounts],
    }


def _sentence(said: BriefSentence, brief: Brief) -> dict[str, Any]:
    return {
        "part": said.part,
        "text": one_line(said.text),
        "text_language": said.language,
        "method": (brief.model or brief.method) if said.made == "written" else said.made,
        "sources": said.posts,
        "earlier_stories": said.stories,
        "due_from": said.due.first.isoformat() if said.due else None,
        "due_until": said.due.last.isoformat() if said.due else None,
        "due_as": said.due.precision if said.due else None,
    }


def _amount(amount: Amount) -> dict[str, Any]:
    return {
        "matter": amount.matter,
        "text": one_line(amount.text),
        "text_language": amount.language,
        "value": amount.value,
        "unit": amount.unit,
        "sources": amount.posts,
    }


def due_day(due: Due) -> str:
    """When it is due, for programs and people alike: "2026-12-02", "2027-05", "2027-03 – 2027-05", "2027"."""
    if due.first == due.last:
        return due.first.isoformat()
    length = {"day": None, "week": None, "month": _MONTH, "season": _MONTH, "year": _YEAR}[due.precision]
    first, last = due.first.isoformat()[:length], due.last.isoformat()[:length]
    return first if first == last else f"{first} – {last}"


def made_by(brief: Brief, labels: Labels) -> str:
    """Who wrote it, and how many sentences were left out of it."""
    told = labels.made_model.replace("{model}", one_line(brief.model or "")) if brief.method == "model" else labels.made
    left_out = labels.made_refused.replace("{n}", str(len(brief.refused)))
    return f"{told} {left_out}" if brief.refused else told


def told_apart(brief: Brief) -> list[BriefSentence]:
    """What of the context stands in the brief of a feed or a note: earlier coverage has a list of its own there, but
    for what a model wrote of it."""
    return [each for each in brief.part("context") if each.made != "counted" or not each.stories]


def untold_amounts(brief: Brief) -> Sequence[Amount]:
    """The figures that differ, where no sentence of the brief tells them."""
    return () if any(each.pattern == "differ" for each in brief.sentences) else brief.amounts


# ------------------------------------------------------------ as HTML


def brief_html(story: ShownStory, brief: Brief, settings: Publish, labels: Labels) -> str:
    """The brief, each sentence or each few of the same sources with their names."""
    posts = {post.id: post for post in story.posts}
    parts = [_paragraph(list(of), posts, settings) for _, of in groupby(brief.part("happened"), _by_source)]
    parts += [_paragraph(list(of), posts, settings) for _, of in groupby(told_apart(brief), _by_source)]
    if figures := untold_amounts(brief):
        parts.append(f"<p>{escape(labels.figures)} {_figures(figures, posts, settings)}</p>")
    if watch := brief.part("watch"):
        items = (f"<li>{due_before(each)}{_said([each], posts, settings)}</li>" for each in watch)
        parts.append(f"<p>{escape(labels.watch)}:</p><ul>{''.join(items)}</ul>")
    parts.append(f"<p><small>{escape(made_by(brief, labels))}</small></p>")
    return "".join(parts)


def _by_source(said: BriefSentence) -> tuple[object, ...]:
    return said.made == "counted", said.language, () if said.made == "counted" else said.posts


def _paragraph(sentences: Sequence[BriefSentence], posts: dict[int, ShownPost], settings: Publish) -> str:
    return f"<p>{_said(sentences, posts, settings)}</p>"


def _said(sentences: Sequence[BriefSentence], posts: dict[int, ShownPost], settings: Publish) -> str:
    """Sentences of the same sources, and these."""
    first = sentences[0]
    text = escape(" ".join(one_line(each.text) for each in sentences))
    text = f"<span{language_attributes(first.language)}>{text}</span>"
    if first.made == "counted":
        return text
    names = [voice_link(post, settings) for post in _sources(first.posts, posts)]
    return f"{text} — {', '.join(names)}" if names else text


def _figures(amounts: Iterable[Amount], posts: dict[int, ShownPost], settings: Publish) -> str:
    told = []
    for each in amounts:
        names = ", ".join(voice_link(post, settings) for post in _sources(each.posts, posts))
        told.append(f"<span{language_attributes(each.language)}>{escape(one_line(each.text))}</span> ({names})")
    return " · ".join(told)


def due_before(said: BriefSentence) -> str:
    """When it is due, before a sentence that does not name the day itself."""
    return f"{due_day(said.due)}: " if said.due and not names_its_day(said) else ""


def _sources(ids: Iterable[int], posts: dict[int, ShownPost]) -> list[ShownPost]:
    """The first post of each voice."""
    return first_of_each(posts[post_id] for post_id in ids if post_id in posts)


def names_of(ids: Iterable[int], story: ShownStory) -> list[str]:
    """Who says so, each once."""
    return [one_line(post.voice.name) for post in _sources(ids, {post.id: post for post in story.posts})]
