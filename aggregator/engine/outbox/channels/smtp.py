"""Mail to a server that takes it, over TLS. Blocks: it runs in a thread.

What a server says is told without what was said to it: neither the password nor the mail is in it.
"""

from __future__ import annotations

import smtplib
import ssl
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from aggregator.model.outbox import Delivery, Mail
from aggregator.text.terminal.characters import seen_line

# For each answer of the server.
_TIMEOUT_SECONDS = 30.0
_MOST_CHARACTERS = 200


class MailRefused(Exception):
    """The server takes no mail now. The message says why, in words."""


class MailServer:
    """A session with a server, as a context manager. `tls`: whom to trust, the system's authorities if left out."""

    def __init__(self, mail: Mail, tls: Callable[[], ssl.SSLContext] = ssl.create_default_context) -> None:
        self._mail, self._tls = mail, tls
        self._smtp: smtplib.SMTP | None = None
        self._closed = ""  # why no session can be opened again
        self._is_left = threading.Event()

    def __enter__(self) -> Self:
        """Raises:
        MailRefused: it can't be reached, its certificate is not valid, it offers no TLS, or does not know us.
        """
        self._begin()
        self._close_if_left()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._close()

    def leave(self) -> None:
        """Nobody waits for it any more: the thread that is at it ends the session when it has its answer, since no
        other may speak in between."""
        self._is_left.set()

    def _close_if_left(self) -> None:
        if self._is_left.is_set():
            self._close()

    def _begin(self) -> None:
        try:
            self._open()
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            self._close()
            self._closed = self._in_words(error)
            raise MailRefused(self._closed) from None

    def _begin_again(self) -> None:
        """Another session, where the last one was cut off: what one reader's mail brought about is not for others."""
        if self._closed:
            raise MailRefused(self._closed)
        if self._smtp is None or self._smtp.sock is None:
            self._begin()

    def _open(self) -> None:
        mail = self._mail
        if mail.security == "tls":
            self._smtp = smtplib.SMTP_SSL(mail.server, mail.port, timeout=_TIMEOUT_SECONDS, context=self._tls())
        else:
            self._smtp = smtplib.SMTP(mail.server, mail.port, timeout=_TIMEOUT_SECONDS)
            if mail.security == "starttls":
                self._smtp.starttls(context=self._tls())  # raises where it is not offered
        if mail.user is not None and mail.password is not None:
            self._smtp.login(mail.user, mail.password)
        self._smtp.ehlo_or_helo_if_needed()  # a server that does not take that takes no mail of ours, whosever it is

    def _close(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            smtp.quit()
        except (OSError, smtplib.SMTPException):
            smtp.close()

    def send(self, sender: str, to: str, message: bytes) -> Delivery:
        """Hand it over for one reader. What is refused with 5xx is so for good; all else may be tried again."""
        try:
            self._begin_again()
            assert self._smtp
            self._smtp.sendmail(sender, [to], message)
        except MailRefused as refused:
            return Delivery(error=str(refused))
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()), (0, b""))
            return Delivery(error=_answered(code, said), is_final=code >= 500)
        except smtplib.SMTPResponseException as error:
            # Of a sender that it does not take, all other mail would be refused, too: the operator can mend that.
            is_final = error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPSenderRefused)
            return Delivery(error=_answered(error.smtp_code, error.smtp_error), is_final=is_final)
        except (OSError, smtplib.SMTPException) as error:
            return Delivery(error=self._in_words(error))
        finally:
            self._close_if_left()
        return Delivery()

    def _in_words(self, error: Exception) -> str:
        server = f"{self._mail.server}:{self._mail.port}"
        match error:
            case smtplib.SMTPAuthenticationError():
                return f"{server} does not take the user and the password ({error.smtp_code})"
            case smtplib.SMTPNotSupportedError() if self._mail.security == "starttls":
                return f"{server} offers no STARTTLS, and is sent nothing in the clear"
            case smtplib.SMTPNotSupportedError():
                return f"{server} offers no way to sign in"
            case smtplib.SMTPResponseException():
                return _answered(error.smtp_code, error.smtp_error)
            case smtplib.SMTPServerDisconnected():
                return f"{server} ended the connection"
            case ssl.SSLCertVerificationError():
                return f"the certificate of {server} is not valid: {error.verify_message}"
            case ssl.SSLError():
                return f"{server} does not speak TLS as expected: {error.reason or 'no TLS'}"
            case TimeoutError():
                return f"{server} does not answer"
            case OSError():
                return f"{server} can't be reached: {(error.strerror or type(error).__name__).lower()}"
        return f"{server}: {type(error).__name__}"


def _answered(code: int, said: bytes | str) -> str:
    """A server's answer: its code and its first words, which may be anything."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {seen_line(text)[:_MOST_CHARACTERS]}".strip()
