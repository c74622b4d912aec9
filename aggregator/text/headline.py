"""What a post is called."""

from __future__ import annotations

# A headline made of a status: its first words.
_TITLE_CHARACTERS = 120


def headline(title: str, text: str, url: str | None) -> str:
    """The title of a post; for one without, its first words; else its address."""
    if title:
        return title
    line = " ".join(text.split())
    if len(line) > _TITLE_CHARACTERS:
        line = line[:_TITLE_CHARACTERS].rsplit(" ", 1)[0] + " …"
    return line or url or "(no title)"
