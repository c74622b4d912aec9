"""Pages that ask for consent to cookies in place of what was asked for. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from aggregator.text.html import clean_text

# Hosts and paths of such pages.
_HOST = re.compile(r"^(?:consent|guce|privacy|zustimmung)\.")
_PATH = re.compile(r"/(?:consent|zustimmung|privacy-?wall|cookie-?wall|collectconsent)\b", re.IGNORECASE)
# Words of such pages. Two different ones on a page that says hardly anything else are enough.
_WORDS = (
    "cookie", "consent", "tracking", "privacy", "personal data", "partners", "accept all", "reject all",
    "einwilligung", "zustimm", "datenschutz", "werbung", "akzeptieren", "personenbezogen",
    "accepter", "consentement", "vie privée", "traceurs", "refuser",
    "aceptar", "consentimiento", "privacidad", "rechazar",
)  # fmt: skip
_TITLE = ("cookie", "consent", "before you continue", "bevor sie", "zustimm", "einwilligung", "privacy")
_LENGTH = 900

# Characters of a page that are looked at.
_MOST_OF_PAGE = 1_000_000


def asks_for_consent(url: str, title: str, text: str) -> bool:
    """Is the page at `url`, the address after redirects, such a one? By its address, or the little that it says."""
    if _HOST.match(urlsplit(url).hostname or "") or _PATH.search(urlsplit(url).path):
        return True
    if len(text) > _LENGTH:
        return False
    words, title = f"{title} {text}".casefold(), title.casefold()
    count = sum(word in words for word in _WORDS)
    return count >= 4 or (count >= 2 and any(word in title for word in _TITLE))


def is_consent_page(html: str, url: str) -> bool:
    """The same, of a page as it came: by all that its readers see."""
    page = LexborHTMLParser(html[:_MOST_OF_PAGE])
    title = page.css_first("title")
    page.strip_tags(["script", "style", "template", "svg"])
    seen = page.body.text(separator=" ") if page.body else ""
    return asks_for_consent(url, title.text() if title else "", clean_text(seen[: 4 * _LENGTH]))
