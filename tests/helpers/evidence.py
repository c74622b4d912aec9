"""Numbered sentences of a story about ferries, and what came before it. All is invented."""

from __future__ import annotations

from datetime import UTC, date, datetime

from aggregator.model.brief import EarlierNote, Evidence
from aggregator.publish.briefs.written import Material

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def evidence(
    n: int, text: str, publisher: str = "Quay Courier", post_id: int | None = None, **more: object
) -> Evidence:
    """A sentence of a post; each publisher has one post unless told otherwise."""
    posts = {"Quay Courier": 1, "Signalbrücke": 2, "@ida@social.example": 3}
    kind, at = "status" if publisher.startswith("@") else "article", datetime(2026, 11, 28, 19, 39, tzinfo=UTC)
    base = Evidence(n, publisher, kind, "en", at, text, post_id or posts.get(publisher))
    return base._replace(**more)


FERRIES = (
    evidence(1, "Two ferry lines stay in port until Monday", is_title=True),
    evidence(2, "The storm has damaged the rudder of the Halcyon."),
    evidence(3, "Zwei Linien fallen bis Montag aus.", "Signalbrücke", language="de"),
    evidence(4, "Der Hafen rechnet mit 900 gestrandeten Gästen.", "Signalbrücke", language="de", article_id=7),
    evidence(5, "Ich sitze seit gestern am Kai #fähre", "@ida@social.example", language="de"),
)
EARLIER = (EarlierNote(6, date(2026, 6, 30), "The Halcyon gets a new rudder", "continues", "en", 40),)
FERRY_STORY = Material(17, "Two ferry lines stay in port until Monday", "en", FERRIES, EARLIER)
