"""A story as text: as its page on the site is read, from the title to the earlier coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.output import as_dicts, counted, put, put_head, short_time
from aggregator.cli.reading.agenda import show_brief

if TYPE_CHECKING:
    from aggregator.model.brief import Brief
    from aggregator.publish.words import Words
    from aggregator.storage.result import Result

# As the views have it, `first report` is no reason that anybody asks for.
_KINDS = {"continues": "as reported on", "background": "background of"}


def show_story(parts: Mapping[str, Result], told: tuple[Brief, Words] | None) -> None:
    """Print it: title, topics, source line, brief, posts with their reasons, topics, earlier coverage."""
    [head] = as_dicts(parts["head"])
    posts = as_dicts(parts["posts"])
    click.echo()
    put(str(head["title"]), bold=True)
    put(str(head["topics"] or "(no topics)"))
    _show_source(head, posts)
    if told:
        show_brief(*told)
    _show_posts(posts)
    _show_sources(as_dicts(parts["sources"]))
    _show_topics(as_dicts(parts["topics"]))
    _show_earlier(as_dicts(parts["earlier"]))


def _show_source(head: Mapping[str, Any], posts: Sequence[Mapping[str, Any]]) -> None:
    """Whose the story is, as "Source: Mastodon | Original article", and how far it goes."""
    first, last = (short_time(head[name]) for name in ("first_at", "last_at"))
    when = str(first) if first == last else f"{first} – {last[11:] if last[:10] == first[:10] else last}"
    carried = f"{counted(head['post_count'], 'post')} of {counted(head['source_count'], 'publisher')}"
    pinned = ", pinned" if head["pinned_at"] else ""
    put(f"story {head['id']}, {when}, {carried}{pinned}")
    original = next((each for each in posts if not each["copy_of"]), None) or next(iter(posts), None)
    if original:
        is_status = original["kind"] == "status"
        name = f"Mastodon, {original['publisher'] or original['author'] or ''}".rstrip(", ") if is_status else ""
        put(f"Source: {name or original['publisher'] or original['author'] or '?'}")
        if address := original["article_url"] or original["url"]:
            put(f"Original article: {address}")


def _show_posts(posts: Sequence[Mapping[str, Any]]) -> None:
    put_head("Posts")
    for each in posts:
        who = each["publisher"] or each["author"] or "?"
        facts = [short_time(each["published_at"]), who, each["language"]]
        facts += [f"copy of {each['copy_of']}"] if each["copy_of"] else []
        put(f"[{each['post_id']}] {', '.join(str(fact) for fact in facts if fact)}", "    ", first="  ")
        warning = "" if each["content_warning"] is None else f" (behind a warning: {each['content_warning']})"
        put(f"{each['title'] or '(no title)'}{warning}", "    ", bold=True)
        if each["because"]:
            put(f"because: {each['because']}", "      ", first="    ")
        for address in dict.fromkeys((each["url"], each["article_url"])):
            if address:
                put(str(address), "    ")


def _show_sources(sources: Sequence[Mapping[str, Any]]) -> None:
    put_head("Seen in")
    for each in sources:
        put(f"{each['source']} ({each['kind']}, {counted(each['post_count'], 'post')})", "    ", first="  ")


def _show_topics(topics: Sequence[Mapping[str, Any]]) -> None:
    if topics:
        put_head("Topics")
    for each in topics:
        share = f"{each['share']:.0%} of the posts" if each["share"] < 1 else "all posts"
        because = f": {each['because']}" if each["because"] else ""
        put(f"{each['topic']} ({each['kind']}), {share}{because}", "    ", first="  ")


def _show_earlier(earlier: Sequence[Mapping[str, Any]]) -> None:
    if earlier:
        put_head("Earlier coverage")
    for each in earlier:
        kind = _KINDS.get(each["kind"], each["kind"])
        put(f"{short_time(each['earlier_at'])[:10]}, story {each['earlier_story_id']} ({kind} it)", "    ", first="  ")
        put(str(each["earlier_title"]), "    ", bold=True)
        put(f"because: {each['because']}", "      ", first="    ")
