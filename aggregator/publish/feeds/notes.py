"""A story as a Markdown note with YAML front matter, for Obsidian and its like. Pure.

Front matter is written as JSON, which is YAML too; text of others has the signs of Markdown escaped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache

from aggregator.model.brief import Brief, BriefSentence
from aggregator.model.settings import Publish
from aggregator.model.site import LinkedStory, ShownPost, ShownStory
from aggregator.publish import addresses
from aggregator.publish.clean import web_address
from aggregator.publish.feeds.briefs import due_before, made_by, names_of, told_apart, untold_amounts
from aggregator.publish.feeds.out import ENGLISH, Labels
from aggregator.publish.feeds.telling import (
    article_of,
    linked_page,
    one_line,
    own_page,
    root_of,
    stamp,
    summary_of,
    title_of,
    told,
)

# CommonMark's, and what readers of notes add: tags, tables, strike-through, highlights, formulas, comments. A backslash
# before any of them is taken away again (CommonMark 0.31 §2.4).
_SIGNS = re.compile(r"[\\`*_\[\]<>#|~$&^]|==|%%")
# What makes a list, a rule or a heading of a line: a sign at its beginning, or one behind a number there.
_LINE_SIGN = re.compile(r"(?=[-+=:])|\d{1,9}(?=[.)])")
_IN_LINKS = str.maketrans({"(": "%28", ")": "%29", "[": "%5B", "]": "%5D", "*": "%2A"})

# As JSON without escapes but the few that there must be: of one line of plain text it is a YAML string in quotes.
_quoted = json.JSONEncoder(ensure_ascii=False).encode


def story_note(story: ShownStory, settings: Publish, labels: Labels = ENGLISH) -> str:
    """The note. Links to pages of the site only where that has an address: the note will lie elsewhere."""
    root = root_of(settings, addresses.story_note(story.slug)) if settings.address else ""
    title, summary = title_of(story), summary_of(story)
    parts = [_front_matter(story, title, root), f"\n# {_escaped(title)}\n"]
    if story.brief and story.brief.sentences:
        parts += _brief(story, story.brief, labels)
    elif summary:
        parts.append(f"\n{_escaped(summary)}\n")
    parts.append(f"\n## {_name(labels.sources)}\n\n")
    parts += (_source(post) for post in story.posts if not post.is_copy)
    for label, stories in ((labels.earlier, story.earlier), (labels.later, story.later)):
        if stories:
            parts.append(f"\n## {_name(label)}\n\n")
            # What is earlier coverage of a later story is no background of this one, but the other way round.
            parts += _linked(stories, root, labels.background if stories is story.earlier else "")
    return "".join(parts)


def _brief(story: ShownStory, brief: Brief, labels: Labels) -> Iterable[str]:
    """Its three parts, a line for each sentence, with the names of its sources."""
    for label, sentences in (
        (labels.happened, brief.part("happened")),
        (labels.context, told_apart(brief)),
        (labels.watch, brief.part("watch")),
    ):
        if sentences:
            yield f"\n## {_name(label)}\n\n"
            yield from (_said(each, story) for each in sentences)
    if figures := untold_amounts(brief):
        yield f"\n{_escaped(labels.figures)}\n\n"
        yield from (f"- {_escaped(one_line(each.text))}{_sources(each.posts, story)}\n" for each in figures)
    yield f"\n{_escaped(made_by(brief, labels))}\n"


def _said(said: BriefSentence, story: ShownStory) -> str:
    sources = "" if said.made == "counted" else _sources(said.posts, story)
    return f"- {due_before(said)}{_escaped(one_line(said.text))}{sources}\n"


def _sources(posts: Iterable[int], story: ShownStory) -> str:
    names = ", ".join(map(_escaped, names_of(posts, story)))
    return f" ({names})" if names else ""


def _front_matter(story: ShownStory, title: str, root: str) -> str:
    who = told(story)
    urls = dict.fromkeys(filter(None, map(article_of, story.posts)))
    url = (own_page(story, root) if root else None) or next(iter(urls), None)
    lines = [
        "---",
        f"title: {_quoted(title)}",
        f"date: {stamp(story.first_at)}",
        f"updated: {stamp(story.changed_at)}",
        f"aliases: {_list([story.slug])}",
        f"story: {story.id}",
        f"tags: {_list(of.topic.topic for of in story.topics)}",
        f"publishers: {_list(one_line(post.voice.name) for post in who.publishers)}",
        f"sources: {_list(urls)}",
    ]
    if url:
        lines.append(f"url: {_quoted(url)}")
    if story.language:
        lines.append(f"language: {_quoted(story.language)}")
    lines.append("---\n")
    return "\n".join(lines)


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _source(post: ShownPost) -> str:
    name, title = _name(post.voice.name), _escaped(one_line(post.title))
    url = web_address(post.url) or article_of(post)
    # Numbers and brackets stand before the text, so that nothing of it begins a line.
    return f"- {_minute(stamp(post.at))} {name}: {_link(title or name, url)}{_mark(post.language)}\n"


def _linked(stories: Iterable[LinkedStory], root: str, background: str) -> Iterable[str]:
    for linked in stories:
        url = linked_page(linked, root) if root or not linked.slug else web_address(linked.url)
        title = _escaped(one_line(linked.title))
        kind = f" ({_name(background)})" if background and linked.kind == "background" else ""
        yield f"- {stamp(linked.at)[:10]} {_link(title, url)}{_mark(linked.language)}{kind}\n"


def _minute(at: str) -> str:
    return f"{at[:10]} {at[11:16]}"


def _link(text: str, url: str | None) -> str:
    return f"[{text}]({url.translate(_IN_LINKS)})" if url else text


def _mark(language: str | None) -> str:
    return f" ({_name(language)})" if language else ""


@lru_cache(maxsize=2048)
def _name(text: str) -> str:
    """What many notes have: names, languages, labels."""
    return _escaped(one_line(text))


def _escaped(text: str) -> str:
    """Plain text of one line that Markdown shows as it is, also at the beginning of a line."""
    text = _SIGNS.sub(lambda match: "".join(f"\\{sign}" for sign in match[0]), text)
    begun = _LINE_SIGN.match(text)
    return f"{text[: begun.end()]}\\{text[begun.end() :]}" if begun else text
