"""Mail to a real server on loopback: over TLS, with a password, and what is said when it is not taken."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from aggregator.engine.outbox.channels.smtp import MailRefused, MailServer
from aggregator.model.outbox import Delivery, Mail
from tests.helpers.smtp_server import MailDesk, mail_server

SECRET = "tops3cret"
MESSAGE = b"Subject: hello\r\n\r\n.a line with a dot\r\n"


def mail(desk: MailDesk, security: str = "", **more: str) -> Mail:
    return Mail(
        to=("a@example.org",), sender="news@example.org", server="127.0.0.1", port=desk.port,
        security=security or desk.security, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def sent(desk: MailDesk, folder: Path, *readers: str, by: str = "", **more: str) -> list[Delivery]:
    with mail_server(desk, folder) as trust, MailServer(mail(desk, by, **more), lambda: trust) as server:
        return [server.send("news@example.org", reader, MESSAGE) for reader in readers or ("a@example.org",)]


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_mail_is_taken(tmp_path: Path, security: str) -> None:
    desk = MailDesk(security=security)
    assert sent(desk, tmp_path, "a@example.org", "b@example.org") == [Delivery(), Delivery()]
    assert desk.readers() == ["a@example.org", "b@example.org"]
    assert desk.taken[0].data == MESSAGE


def test_with_a_password(tmp_path: Path) -> None:
    desk = MailDesk(user="me", password=SECRET)
    assert sent(desk, tmp_path, user="me", password=SECRET) == [Delivery()]


def test_a_wrong_password_is_said_without_it(tmp_path: Path) -> None:
    desk = MailDesk(user="me", password="other")
    with pytest.raises(MailRefused) as caught:
        sent(desk, tmp_path, user="me", password=SECRET)
    assert SECRET not in str(caught.value) and "does not take the user and the password (535)" in str(caught.value)
    assert desk.taken == []


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    desk = MailDesk()
    with mail_server(desk, tmp_path), pytest.raises(MailRefused, match=r"the certificate of .* is not valid"):
        MailServer(mail(desk)).__enter__()
    assert desk.said == []


def test_without_starttls_nothing_is_said_in_the_clear(tmp_path: Path) -> None:
    desk = MailDesk(security="none", user="me", password=SECRET)
    with pytest.raises(MailRefused, match="offers no STARTTLS, and is sent nothing in the clear"):
        sent(desk, tmp_path, by="starttls", user="me", password=SECRET)
    assert [line.split()[0].upper() for line in desk.said] == ["EHLO", "QUIT"]


def test_a_server_that_speaks_no_tls_and_one_that_is_not_there(tmp_path: Path) -> None:
    desk = MailDesk(security="none")
    with pytest.raises(MailRefused, match="does not speak TLS as expected"):
        sent(desk, tmp_path, by="tls")
    with pytest.raises(MailRefused, match="can't be reached: connection refused"):
        MailServer(mail(desk)).__enter__()


@pytest.mark.parametrize(("code", "is_final"), [("550", True), ("451", False)])
def test_what_is_refused_with_5xx_is_so_for_good_and_for_one_reader_alone(
    tmp_path: Path, code: str, is_final: bool
) -> None:
    desk = MailDesk(answers={"a@example.org": [f"{code} no\x07 such\tuser"]})
    refused, taken = sent(desk, tmp_path, "a@example.org", "b@example.org")
    assert (refused, taken) == (Delivery(error=f"{code} no such user", is_final=is_final), Delivery())


def test_a_mail_may_be_refused_when_it_was_read(tmp_path: Path) -> None:
    desk = MailDesk(after_data=["554 spam", "452 later"])
    assert [(each.error, each.is_final) for each in sent(desk, tmp_path, "a@example.org", "b@example.org")] == [
        ("554 spam", True), ("452 later", False),
    ]  # fmt: skip


def test_an_answer_that_is_lost_is_asked_for_again(tmp_path: Path) -> None:
    [delivery] = sent(MailDesk(after_data=["lost"]), tmp_path)
    assert delivery.error and not delivery.is_final


def test_a_session_that_was_cut_off_at_one_reader_is_no_trouble_of_the_next(tmp_path: Path) -> None:
    desk = MailDesk(after_data=["lost"])
    lost, taken = sent(desk, tmp_path, "a@example.org", "b@example.org")
    assert lost.error and taken == Delivery()
    assert desk.readers() == ["a@example.org", "b@example.org"]


def test_a_server_that_is_gone_is_asked_once_more_and_not_for_each_reader(tmp_path: Path) -> None:
    desk = MailDesk(after_data=["lost"])
    with mail_server(desk, tmp_path) as trust:
        server = MailServer(mail(desk), lambda: trust).__enter__()
        server.send("news@example.org", "a@example.org", MESSAGE)
    for reader in ("b@example.org", "c@example.org"):
        assert "can't be reached" in str(server.send("news@example.org", reader, MESSAGE).error)
    server.__exit__(None, None, None)


@pytest.mark.parametrize("security", ["tls", "none"])
def test_a_server_that_does_not_greet_us_refuses_nobody_for_good(tmp_path: Path, security: str) -> None:
    desk = MailDesk(security=security, greeting="550 who are you?")
    with pytest.raises(MailRefused, match="550 who are you"):
        sent(desk, tmp_path)


def test_trust_is_that_of_the_system() -> None:
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED
