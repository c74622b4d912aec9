"""Atom 1.0 (RFC 4287) with tombstones of what is gone (RFC 6721). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape

from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory
from aggregator.publish import addresses
from aggregator.publish.feeds.content import content_of
from aggregator.publish.feeds.out import ENGLISH, Entries, FeedOut, Labels
from aggregator.publish.feeds.telling import (
    Told,
    article_of,
    one_line,
    outside_page,
    own_page,
    root_of,
    stamp,
    summary_language,
    summary_of,
    tag_id,
    title_of,
    told,
)

# A feed must say when it changed; one that never had anything in it did not.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def atom(feed: FeedOut, settings: Publish, labels: Labels = ENGLISH, entries: Entries | None = None) -> str:
    """The feed as a document. Its links are absolute where the site has an address, else relative to the feed.

    `entries`: what was written for other feeds of the same settings and labels.
    """
    entries = entries or Entries()
    root = root_of(settings, f"{feed.path}.atom")
    updated = max((*(story.changed_at for story in feed.stories), *(gone.at for gone in feed.gone)), default=_NEVER)
    parts = [begun(feed.path, feed.title, feed.home, updated, settings)]

    def write(story: ShownStory) -> str:
        return _entry(story, root, settings, labels)

    parts += (entries.written("atom", root, story, write) for story in feed.stories)
    for gone in feed.gone:
        ref = escape(tag_id(settings, f"stories/{gone.id}"))
        parts.append(f'<at:deleted-entry ref="{ref}" when="{stamp(gone.at)}"/>\n')
    parts.append("</feed>\n")
    return "".join(parts)


def begun(path: str, title: str, home: str, updated: datetime | None, settings: Publish) -> str:
    """The beginning of a feed at `path`, without its ending, up to its first entry. `updated`: None where there never
    was one."""
    here = f"{path}.atom"
    root = root_of(settings, here)
    base = f' xml:base="{escape(settings.address)}"' if settings.address else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"'
        f' xml:lang="{escape(settings.language)}"{base}>\n'
        f"<id>{escape(tag_id(settings, path))}</id>\n"
        f'<title type="text">{escape(one_line(title))}</title>\n'
        f"<updated>{stamp(updated or _NEVER)}</updated>\n"
        f"<author><name>{escape(one_line(settings.title))}</name></author>\n"
        f'<link rel="self" type="application/atom+xml" href="{escape(addresses.absolute(root, here))}"/>\n'
        f'<link rel="alternate" type="text/html" href="{escape(addresses.absolute(root, home))}"/>\n'
        "<generator>aggregator</generator>\n"
    )


def _entry(story: ShownStory, root: str, settings: Publish, labels: Labels) -> str:
    who = told(story)
    language = f' xml:lang="{escape(story.language)}"' if story.language else ""
    summary = summary_of(story)
    content = content_of(story, summary, who, root, settings, labels)
    spoken_in = summary_language(story)
    spoken = f' xml:lang="{escape(spoken_in)}"' if spoken_in else ""
    return "".join(
        (
            f"<entry>\n<id>{escape(tag_id(settings, f'stories/{story.id}'))}</id>\n"
            f'<title type="text"{language}>{escape(title_of(story))}</title>\n'
            f"<published>{stamp(story.first_at)}</published>\n<updated>{stamp(story.changed_at)}</updated>\n",
            *_links(story, who, root),
            *(f"<author><name>{escape(name)}</name></author>\n" for name in who.authors),
            *(
                f'<category term="{escape(of.topic.topic)}" label="{escape(one_line(of.topic.label))}"/>\n'
                for of in story.topics
            ),
            f'<summary type="text"{spoken}>{escape(summary)}</summary>\n' if summary else "",
            f'<content type="html">{escape(content)}</content>\n</entry>\n',
        )
    )


def _links(story: ShownStory, who: Told, root: str) -> Iterable[str]:
    """Its page; where it is from ("via"); the articles of the other publishers ("related")."""
    outside = outside_page(story)
    page = own_page(story, root) or outside
    if page:
        yield f'<link rel="alternate" type="text/html" href="{escape(page)}"/>\n'
    # What has no page of its own leads there already.
    seen = {page, outside}
    if outside and outside != page:
        yield f'<link rel="via" href="{escape(outside)}"/>\n'
    for post in who.publishers:
        url = article_of(post)
        if url and url not in seen:
            seen.add(url)
            language = f' hreflang="{escape(post.language)}"' if post.language else ""
            title = escape(one_line(post.voice.name))
            yield f'<link rel="related" href="{escape(url)}"{language} title="{title}"/>\n'
