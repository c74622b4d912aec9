"""Which posts may be shown to others, as a condition in SQL: the one rule for pages, feeds, search and changes."""

from __future__ import annotations

from aggregator.model.settings import People

# Not for the public is what was only ever seen with an access token, unless the configuration says that it is.
_PUBLIC = (
    "EXISTS (SELECT 1 FROM sightings g JOIN sources c ON c.id = g.source_id "
    "WHERE g.post_id = {post}.id AND (g.by_token = 0 OR c.publish = 1))"
)
_AGREED = "({post}.noindex = 0 AND coalesce({post}.indexable, 1) = 1)"


def is_public(post: str) -> str:
    """The condition that a source shows a row of `posts` to everybody, or that it may be shown all the same."""
    return _PUBLIC.format(post=post)


def has_agreed(post: str) -> str:
    """The condition that the author of a row of `posts` did not refuse to be found."""
    return _AGREED.format(post=post)


def may_be_shown(post: str, people: People) -> str:
    """The condition for a row of `posts` that is shown to others. `post`: what the statement calls it.

    Not what is gone or was emptied; not what only a token shows; of people, only whom the configuration lets speak.
    `Stories`, which counts who may not be named, asks for its parts one by one.
    """
    conditions = ["{post}.gone_at IS NULL", "{post}.pruned_at IS NULL"]
    if people == "none":
        conditions.append("{post}.kind = 'article'")
    elif people == "agreed":
        conditions.append(f"({{post}}.kind = 'article' OR {_AGREED})")
    return " AND ".join([*conditions, _PUBLIC]).format(post=post)
