"""What a list of subscriptions is made of."""

from __future__ import annotations

from dataclasses import dataclass, field


class OpmlError(ValueError):
    """The document is no list of subscriptions, or nothing of it can be read; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A feed in a list of subscriptions. `folders` are the outlines it stands in, the outermost first; `line`: where it
    begins in the document, 0 where it comes from none."""

    url: str
    title: str = ""
    site_url: str | None = None
    folders: tuple[str, ...] = ()
    line: int = 0


@dataclass(slots=True)
class Listed:
    """What was read of a document: the feeds, each once. `left_out`: a line for each thing that could not be taken, and
    why; `notes`: what was taken in another way than it stood there. No line repeats a password."""

    found: list[Subscription] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
