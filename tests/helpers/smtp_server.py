"""A mail server on loopback, in threads: it takes mail, or answers as a test wants it to."""

from __future__ import annotations

import base64
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Taken:
    """A mail, and to whom it went."""

    to: list[str]
    message: EmailMessage
    data: bytes


@dataclass
class MailDesk:
    """What the server does, and what it took. `answers`: address → answers to RCPT, in turn, the last one again.
    `greeting`: its answer to EHLO and HELO, in place of a good one. `hold`: it answers to a mail when that is
    set; `has_one`: a mail came; `is_left`: a client went."""

    port: int = 0
    security: str = "tls"
    user: str | None = None
    password: str | None = None
    greeting: str = ""
    answers: dict[str, list[str]] = field(default_factory=dict)
    after_data: list[str] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    hold: threading.Event | None = None
    has_one: threading.Event = field(default_factory=threading.Event)
    is_left: threading.Event = field(default_factory=threading.Event)

    def readers(self) -> list[str]:
        """Who was sent a mail, in order."""
        return [each for taken in self.taken for each in taken.to]


class _Session(socketserver.StreamRequestHandler):
    def setup(self) -> None:
        super().setup()
        self.desk = cast("_Server", self.server).desk
        self.is_secure, self.to = False, list[str]()

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.connection.close()
        self.desk.is_left.set()

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        if self.desk.security == "tls":
            self._secure()
        self._say("220 mail.test ready")
        while line := self.rfile.readline():
            said = line.decode().strip()
            self.desk.said.append(said)
            verb = said.partition(" ")[0].upper()
            if verb == "QUIT":
                self._say("221 bye")
                return
            self._answer(verb, said)

    def _secure(self) -> None:
        server = cast("_Server", self.server)
        self.connection = server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)  # type: ignore[assignment]
        self.is_secure = True

    def _answer(self, verb: str, said: str) -> None:
        desk = self.desk
        if verb in ("EHLO", "HELO") and desk.greeting:
            self._say(desk.greeting)
        elif verb == "EHLO":
            lines = ["mail.test"]
            lines += ["STARTTLS"] if desk.security == "starttls" and not self.is_secure else []
            lines += ["AUTH PLAIN"] if desk.user else []
            for place, each in enumerate(lines):
                self._say(f"250{' ' if place == len(lines) - 1 else '-'}{each}")
        elif verb == "STARTTLS":
            self._say("220 go on")
            self._secure()
        elif verb == "AUTH":
            held = base64.b64decode(said.split()[2]).decode().split("\0")[1:]
            self._say("235 welcome" if held == [desk.user, desk.password] else f"535 no, not {held[1]}")
        elif verb == "RCPT":
            reader = said.partition("<")[2].partition(">")[0]
            answers = desk.answers.get(reader, ["250 fine"])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            self.to += [reader] if answer.startswith("250") else []
            self._say(answer)
        elif verb == "DATA":
            self._say("354 go on")
            self._take()
        else:
            self._say("250 fine")

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        data = b"".join(lines)
        self.desk.has_one.set()
        if self.desk.hold:
            self.desk.hold.wait(20)
        answer = self.desk.after_data.pop(0) if self.desk.after_data else "250 taken"
        if answer.startswith("250") or answer == "lost":
            message = cast(EmailMessage, message_from_bytes(data, policy=default))
            self.desk.taken.append(Taken(self.to, message, data))
        self.to = []
        if answer == "lost":  # it took it, and nobody hears of that
            self.connection.shutdown(socket.SHUT_RDWR)  # closed it is only when nobody reads from it any more
        else:
            self._say(answer)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address = True, True
    desk: MailDesk
    tls: ssl.SSLContext

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away, or that does not trust us."""


@contextmanager
def mail_server(desk: MailDesk, folder: Path) -> Iterator[ssl.SSLContext]:
    """The server, as `desk` says; what a client needs that trusts it."""
    certificate, key = _certificate(folder)
    server = _Server(("127.0.0.1", 0), _Session)
    server.desk, server.tls = desk, ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.tls.load_cert_chain(certificate, key)
    desk.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield ssl.create_default_context(cafile=str(certificate))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _certificate(folder: Path) -> tuple[Path, Path]:
    """One of this computer's, by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
