"""What a reader of feeds shows of a story, as HTML. Pure."""

from __future__ import annotations

from html import escape

from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory
from aggregator.publish.feeds.briefs import brief_html
from aggregator.publish.feeds.out import Labels
from aggregator.publish.feeds.telling import Told, earlier_html, language_attributes, voice_link


def content_of(story: ShownStory, summary: str, who: Told, root: str, settings: Publish, labels: Labels) -> str:
    """Its brief, else its beginning; who else carries it, people, what came before."""
    lead, first = story.lead, story.lead.voice.key
    brief = story.brief if story.brief and story.brief.part("happened") else None
    if brief:
        parts = [brief_html(story, brief, settings, labels)]
    else:
        attributes, begun = language_attributes(lead.language), escape(summary)
        parts = [f"<p{attributes}>{begun}{' — ' if begun else ''}{voice_link(lead, settings)}</p>"]
    for label, posts in ((labels.more, who.publishers), (labels.people, who.people)):
        if voices := [voice_link(post, settings) for post in posts if brief or post.voice.key != first]:
            parts.append(f"<p>{escape(label)}: {' · '.join(voices)}</p>")
    if story.earlier:
        parts.append(f"<p>{escape(labels.earlier)}:</p><ul>{''.join(earlier_html(story.earlier, root, labels))}</ul>")
    return "".join(parts)
