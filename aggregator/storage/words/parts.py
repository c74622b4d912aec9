"""Tables with a row for each thing that one version of a post has: written with it, gone before another is written."""

from __future__ import annotations

OF_A_VERSION = (
    "post_tags", "post_mentions", "post_enclosures", "post_topics", "amounts",
    "post_cards", "post_quotes", "post_options", "post_emojis",
)  # fmt: skip
