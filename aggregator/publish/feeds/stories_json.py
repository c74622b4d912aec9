"""Stories for programs: the latest in brief, and one as a whole. Pure.

Keys are called as the columns of the views are (docs/database.md), where there is one.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from aggregator.model.settings import Publish
from aggregator.model.site import LinkedStory, ShownPost, ShownStory, ShownTopic, Voice
from aggregator.publish import addresses
from aggregator.publish.clean import reason, web_address
from aggregator.publish.feeds.briefs import brief_json
from aggregator.publish.feeds.json_text import json_text
from aggregator.publish.feeds.telling import (
    first_sentences,
    linked_page,
    outside_page,
    own_page,
    root_of,
    stamp,
    summary_language,
    summary_of,
    title_of,
    told,
)


def stories_json(stories: Iterable[ShownStory], settings: Publish) -> str:
    """The stories in brief, in their order. Addresses of the site are relative to this file where it has no address."""
    root = root_of(settings, addresses.STORIES_JSON)
    return json_text(
        {
            "title": settings.title,
            "home_page_url": settings.address,
            "language": settings.language,
            "stories": [_brief(story, root) for story in stories],
        }
    )


def _brief(story: ShownStory, root: str) -> dict[str, Any]:
    who = told(story)
    whole = addresses.absolute(root, addresses.story_json(story.slug)) if story.has_page else None
    return {
        **_head(story, root),
        "source_count": len(who.publishers) + len(who.people) + story.hidden_people,
        "topics": [of.topic.topic for of in story.topics],
        "publishers": [post.voice.name for post in who.publishers],
        "json": whole,
        **_summary(story),
    }


def _summary(story: ShownStory) -> dict[str, Any]:
    """How its brief begins, if it has one, and who wrote that."""
    if not story.brief or not (summary := summary_of(story)):
        return {}
    by = story.brief.model or story.brief.method
    return {"summary": summary, "summary_language": summary_language(story), "summary_by": by}


def story_json(story: ShownStory, settings: Publish) -> str:
    """All that may be shown of a story. Of posts behind a content warning the warning alone."""
    root = root_of(settings, addresses.story_json(story.slug))
    who, ids = told(story), {post.id for post in story.posts}
    return json_text(
        {
            **_head(story, root),
            "source_count": len(who.publishers) + len(who.people) + story.hidden_people,
            "hidden_people": story.hidden_people,
            "lead_post_id": story.lead.id,
            **({"brief": brief_json(story.brief)} if story.brief else {}),
            "topics": [_topic(of.topic, of.share) for of in story.topics],
            "publishers": [_voice(post.voice) for post in who.publishers],
            "people": [_voice(post.voice) for post in who.people],
            "posts": [_post(post, ids) for post in story.posts],
            "earlier_coverage": [_linked(linked, root, "earlier") for linked in story.earlier],
            "later": [_linked(linked, root, "later") for linked in story.later],
        }
    )


def _head(story: ShownStory, root: str) -> dict[str, Any]:
    return {
        "id": story.id,
        "slug": story.slug,
        "title": title_of(story),
        "language": story.language,
        "url": own_page(story, root) or outside_page(story),
        "first_at": stamp(story.first_at),
        "last_at": stamp(story.last_at),
        "changed_at": stamp(story.changed_at),
        "post_count": len(story.posts),
        "score": round(story.score, 3),
        "is_pinned": story.pinned,
    }


def _topic(topic: ShownTopic, share: float) -> dict[str, Any]:
    return {"topic": topic.topic, "label": topic.label, "kind": topic.kind, "share": round(share, 3)}


def _voice(voice: Voice) -> dict[str, Any]:
    return {"publisher": voice.key, "name": voice.name, "language": voice.language}


def _post(post: ShownPost, ids: Container[int]) -> dict[str, Any]:
    """`ids`: the posts that are told of; others have no number here."""
    is_open = not post.content_warning
    return {
        "post_id": post.id,
        "kind": post.kind,
        "published_at": stamp(post.at),
        "first_seen_at": stamp(post.seen_at),
        "edited_at": stamp(post.edited_at) if post.edited_at else None,
        "title": post.title,
        "text": _words(post) if is_open else None,
        "url": web_address(post.url),
        "article_url": web_address(post.article_url),
        "author": post.author,
        "publisher": post.voice.key,
        "language": post.language,
        "because": reason(post.because, lambda other: f"post {other}" if other in ids else None),
        "copy_of": post.copy_of if post.copy_of in ids else None,
        "content_warning": post.content_warning,
        "indexable": post.agreed,
        # What it was called before it got a warning is behind the warning now.
        "revisions": [{"replaced_at": stamp(said.until), "title": said.title} for said in post.before if is_open],
    }


def _words(post: ShownPost) -> str:
    """What a person says, whole; of an article the first sentences: the rest is for its paper to show."""
    return post.text if post.kind == "status" else first_sentences(post.text)


def _linked(linked: LinkedStory, root: str, when: str) -> dict[str, Any]:
    return {
        f"{when}_story_id": linked.id,
        f"{when}_slug": linked.slug,
        f"{when}_title": linked.title,
        f"{when}_at": stamp(linked.at),
        "language": linked.language,
        "url": linked_page(linked, root),
        "kind": linked.kind,
        "similarity": round(linked.similarity, 3),
        "because": linked.because,
        "lead": linked.lead,
        "publishers": [_voice(voice) for voice in linked.voices],
    }
