"""What a post says by itself."""

from __future__ import annotations

import re

from aggregator.model.site import ShownPost
from aggregator.publish.clean import plain

_LINKS_AT_END = re.compile(r"(?:\s+https?://\S+)+$")


def own_words(post: ShownPost) -> str:
    """What a post says; of a status without the addresses at its end, where a link to them stands beside it."""
    text = plain(post.text).strip()
    return _LINKS_AT_END.sub("", text) if post.kind == "status" and post.article_url else text
