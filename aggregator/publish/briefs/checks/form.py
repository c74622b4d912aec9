"""The form of a sentence: its language, its length, and no links or markup in it."""

from __future__ import annotations

import re

from aggregator.publish.briefs.checks.claim import Claim
from aggregator.text.language import language_of

# In characters. A longer sentence is two; of a headline the rest is cut everywhere.
MOST, MOST_OF_HEADLINE, LEAST = 400, 160, 8
# A shorter sentence is often taken for one of another language.
_LANGUAGE_LEAST = 60
_MARKUP = re.compile(
    r"https?://|www\.\w|<[a-z/!][^>]*>|\[[^\]]*\]\([^)]*\)|(?:^|\s)(?:\*\*|__|#{1,6}\s|[-*]\s)|`|\[\d+\]|\{[^}]*\}|&\w+;",
    re.IGNORECASE,
)


def check_form(claim: Claim) -> str | None:
    """It is one line of plain text, neither too long nor too short."""
    length = len(claim.text.strip())
    if length < LEAST:
        return "it is too short to say something"
    most = MOST_OF_HEADLINE if claim.is_headline else MOST
    if length > most:
        return f"it has {length} characters, more than {most}"
    if "\n" in claim.text.strip():
        return "it has several lines"
    if found := _MARKUP.search(claim.text):
        return f"it has markup or a link: {found.group().strip()}"
    return None


def check_language(claim: Claim) -> str | None:
    """It is in the language of the brief, as far as that can be told."""
    if len(claim.text) < _LANGUAGE_LEAST:
        return None
    found = language_of(claim.text, claim.language)
    return None if found in (claim.language, None) else f"it is in {found}, not in {claim.language}"
