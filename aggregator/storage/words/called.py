"""What a stored post is called, in SQL: `aggregator.text.headline` worked it out when the post was stored."""


def called(table: str) -> str:
    """The expression for what a row of `posts` is called. `table`: the name that the statement has for it."""
    return f"coalesce({title_or_headline(table)}, {table}.url, '(no title)')"


def title_or_headline(table: str) -> str:
    """The same, NULL where that is not worked out yet, as after an upgrade."""
    # Most posts have a title: the headline, which stands behind their texts, is not looked for.
    return f"coalesce(iif({table}.content_warning IS NULL, {table}.title, NULL), {table}.headline)"
