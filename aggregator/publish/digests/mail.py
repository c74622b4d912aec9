"""A digest as a mail: plain text and HTML, and the headers by which mail programs know what it is."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import quote

from aggregator.model.outbox import Mail
from aggregator.publish.digests.page import Made

_UNUSUAL = re.compile(r"[^A-Za-z0-9-]+")
# RFC 3986: what stands in an address as it is, and what was written as an escape before.
_OF_ADDRESSES = "%:/?#[]@!$&'()*+,;=~"


class _OnOneLine(UnstructuredHeader, BaseHeader):
    """A header that programs read. Folded as words it would become an encoded word, which they don't understand."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def _policy() -> EmailPolicy[Any]:
    headers = HeaderRegistry()
    for name in ("In-Reply-To", "References", "List-Id", "List-Unsubscribe"):
        headers.map_to_type(name, _OnOneLine)
    return SMTP.clone(header_factory=headers)


_POLICY = _policy()


def message_id(identity: str, name: str, day: date, mail: Mail | None, test: str = "") -> str:
    """What the mail of this day is known by, without brackets: the same however often it is sent. `identity`: of which
    database; `test`: what tells a test from it, and from others."""
    kind = f"{test}." if test else ""
    return f"{kind}{day:%Y%m%d}.{_known_by(identity, name)}@{_domain(mail)}"


def _known_by(identity: str, name: str) -> str:
    """Names may be of characters that no id may have, and alike but for these."""
    digest = hashlib.blake2b(f"{identity}\0{name}".encode(), digest_size=6).hexdigest()
    return f"{_slug(name)}.{digest}"


def _slug(name: str) -> str:
    return _UNUSUAL.sub("-", name).strip("-") or "digest"


def _domain(mail: Mail | None) -> str:
    return parseaddr(mail.sender)[1].rpartition("@")[2].lower() if mail else "localhost"


def mail_of(made: Made, mail: Mail, to: str, name: str, its_id: str, at: datetime, *, is_test: bool = False) -> bytes:
    """The mail to one reader, as it is handed to a server. `its_id`: as `message_id` gives it."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = mail.sender
    message["To"] = to
    message["Subject"] = made.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{its_id}>"
    if not is_test:
        # The first of a day is not sent: what answers to it is one thread, whatever else a day brings.
        root = f"<day.{its_id}>"
        message["In-Reply-To"] = message["References"] = root
    message["List-Id"] = f'"{name}" <{_slug(name).lower()}.{_domain(mail)}>'
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{quote(mail.unsubscribe, safe=_OF_ADDRESSES)}>"
        if mail.unsubscribe.startswith("https://"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(made.text, cte="quoted-printable")
    message.add_alternative(made.html, subtype="html", cte="quoted-printable")
    # Sent again, it is the same to the byte.
    message.set_boundary(f"=_{hashlib.blake2b(its_id.encode(), digest_size=12).hexdigest()}")
    message["Content-Language"] = made.language  # last: what is set to a content of its own loses this
    return message.as_bytes()
