"""What a brief was made of, as a digest: the same input gives the same one, so that only what is new is written.

Its beginning is the `mark` of the rules and of the settings and words in force. A brief with another mark is none that
may be shown: the settings may have hidden since what it quotes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from aggregator.model.brief import Evidence
from aggregator.model.facts import Facts
from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory
from aggregator.publish.words import Words

# Higher where the same input gives another brief.
RULES_VERSION = 3
# The mark has so many hexadecimal digits; the digest of the input behind it as many again.
MARK_LENGTH = 12


def mark_of(settings: Publish, words: Words) -> str:
    """The beginning of the digests of all briefs that are made by these settings in these words."""
    said = sorted((key, str(text)) for key, text in words.fixed.items() if key.startswith(_WORDS))
    return _digest(RULES_VERSION, settings.language, settings.timezone, settings.people, settings.page_for, said)


def input_digest(mark: str, story: ShownStory, evidence: Sequence[Evidence], facts: Facts | None) -> str:
    """The digest of what a brief without a model is made of. Why a post is in a story, and pages, are no part of it."""
    posts = [
        (post.id, post.at, post.voice, post.language, post.copy_of, post.topics, post.dated) for post in story.posts
    ]
    earlier = [(link.id, link.at, link.kind, link.title, link.language) for link in story.earlier]
    head = (story.id, story.title, story.language, story.lead.id, story.hidden_people)
    return mark + _digest(head, posts, earlier, [tuple(each) for each in evidence], facts)


_WORDS = ("brief.", "count.", "within.", "number.", "date.", "base.quoted")


def _digest(*values: object) -> str:
    return hashlib.blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=MARK_LENGTH // 2).hexdigest()
