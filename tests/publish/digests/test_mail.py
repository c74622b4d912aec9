"""The head of a mail, as programs read it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from aggregator.model.outbox import Mail
from aggregator.publish.digests.mail import mail_of, message_id
from aggregator.publish.digests.page import Made

MADE = Made("breakfast", "<p>hello</p>", "hello\n", "en")
LONGEST = "breakfast-of-all-the-long-names-there-be"


def head(unsubscribe: str | None = None, name: str = "breakfast", host: str = "example.org") -> dict[str, str]:
    mail = Mail(to=(), sender=f"News <news@{host}>", server="x", port=25, unsubscribe=unsubscribe)
    its_id = message_id("this database", name, date(2026, 11, 30), mail)
    sent = mail_of(MADE, mail, "ann@example.org", name, its_id, datetime(2026, 11, 30, 6, tzinfo=UTC))
    return dict(line.split(": ", 1) for line in sent.decode("ascii").partition("\r\n\r\n")[0].split("\r\n"))


def test_a_long_address_to_leave_by_stays_an_address() -> None:
    address = f"https://news.example/leave/{'0123456789abcdef' * 6}?list=breakfast&token=xyz"
    assert head(address)["List-Unsubscribe"] == f"<{address}>"


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("mailto:a@example.org?subject=Tschüs", "<mailto:a@example.org?subject=Tsch%C3%BCs>"),
        ("mailto:a@example.org?subject=a>b", "<mailto:a@example.org?subject=a%3Eb>"),
        ("mailto:a@example.org?subject=good%20bye", "<mailto:a@example.org?subject=good%20bye>"),
    ],
)
def test_what_may_not_stand_in_an_address_is_written_as_an_escape(written: str, sent: str) -> None:
    assert head(written)["List-Unsubscribe"] == sent


def test_the_longest_names_are_one_thread_and_one_list_all_the_same() -> None:
    host = "a-rather-long-name-of-a-host.newsroom.example.org"
    found = head(name=LONGEST, host=host)
    its_id = found["Message-ID"].strip("<>")
    assert len(its_id) > 78
    assert found["References"] == found["In-Reply-To"] == f"<day.{its_id}>"
    assert found["List-Id"] == f'"{LONGEST}" <{LONGEST}.{host}>'
