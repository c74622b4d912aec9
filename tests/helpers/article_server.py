"""Pages as publishers write them, for a server on loopback."""

from __future__ import annotations

import html
import json
from typing import Any

SENTENCES = (
    "The ferry company raises its fares by a tenth from December on, it said on Monday.",
    "Two lines to the northern islands are to stop in winter, because too few people take them.",
    "The mayor of the largest island calls that a mistake and wants to talk to the ministry.",
    "A ticket for a car costs forty euros now, which is twice as much as ten years ago.",
    "The council of the islands meets next week to decide what it can pay for itself.",
)


def page(
    title: str = "Ferry fares rise",
    *,
    paragraphs: int = 8,
    head: str = "",
    data: dict[str, Any] | None = None,
    body: str = "",
    language: str = "en",
) -> str:
    """A page with a navigation, an article of so many paragraphs, and a foot."""
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>' if data else ""
    text = "".join(
        f"<p>{html.escape(' '.join(SENTENCES[(number + each) % 5] for each in range(3)))} ({number})</p>"
        for number in range(paragraphs)
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="author" content="Ann Writer">'
        f'<meta property="article:published_time" content="2026-11-20T10:00:00Z">{head}{script}</head>'
        f"<body><nav><a href=/>Home</a> <a href=/news>News</a></nav><article><h1>{title}</h1>{text}{body}</article>"
        "<footer>Imprint, jobs, terms</footer></body></html>"
    )


CONSENT = (
    "<html lang=en><head><title>Before you continue</title></head><body><main><h1>Before you continue</h1>"
    "<p>We and our 900 partners use cookies and personal data for tracking and ads. Accept all or reject all.</p>"
    "</main></body></html>"
)
