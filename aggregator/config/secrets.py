"""The secrets that the file names and does not hold: tokens, passwords, cookies, a proxy's address.

They come from environment variables and files, and go nowhere but into `Source`, `Http`, `Briefs` and `Notify`. None is
ever shown: what is said of one names the key and the variable.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aggregator.config.addresses import ADDRESS
from aggregator.config.kinds import FILE, WrongValue
from aggregator.config.positions import Place
from aggregator.config.problems import Problem
from aggregator.config.tables import ON_MASTODON
from aggregator.config.telling.notify import NotifySecrets, apprise_problem, is_web_address
from aggregator.config.validate import tables
from aggregator.text.secrets.webhook_key import WRONG, is_signing_key
from aggregator.text.urls import absolute_url

# Mastodon's are 43 such characters; other servers' are JSON Web Tokens. Nothing else can stand in a header.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
_HEADER_TEXT = re.compile(r"[ -~]+")
_NO_CONTROLS = re.compile(r"[^\x00-\x1f\x7f]+")
# Several addresses, a line each.
_LINES = re.compile(r"[^\x00-\x09\x0b\x0c\x0e-\x1f\x7f]+")
# Names are shown, tokens are not: what is written like a name by convention is one.
_NOTIFY_KEYS = ("webhook_env", "secret_env", "apprise_env")
_LIKE_A_NAME = re.compile(r"[A-Z][A-Z0-9_]{1,40}")


@dataclass(slots=True)
class Secrets:
    """The secrets by the index of their block: access tokens, by the name of their table too; of `[[feeds]]` the
    headers, plain ones included, which blocks have others (`keyed`), the proxies that `proxy_env` names, and the
    addresses that `url_env` and `url_file` name; of `[[notify]]` all of a block (`notify`),
    of `[[digest]]` the password.
    `http`: the token of our own server; `briefs`: the key of the model's."""

    tokens: dict[tuple[str, int], str] = field(default_factory=dict)
    headers: dict[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    keyed: set[int] = field(default_factory=set)
    proxies: dict[int, str] = field(default_factory=dict)
    addresses: dict[int, str] = field(default_factory=dict)
    notify: dict[int, NotifySecrets] = field(default_factory=dict)
    digests: dict[int, str] = field(default_factory=dict)
    http: str | None = None
    briefs: str | None = None


def read_secrets(document: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[Secrets, list[Problem]]:
    """The secrets of a document, and why others can't be had."""
    reader = _Reader(environ)
    found = Secrets()
    for name in ON_MASTODON:
        for i, block in tables(document, name):
            if token := reader.either((name, i), block, "token", "token", _TOKEN):
                found.tokens[name, i] = token
    for i, block in tables(document, "feeds"):
        if headers := tuple(reader.headers(("feeds", i), block)):
            found.headers[i] = headers
            if len(headers) > _plain_headers(block):
                found.keyed.add(i)
        if address := reader.address(("feeds", i), block):
            found.addresses[i] = address
        if proxy := reader.either(("feeds", i), block, "proxy", "address", _NO_CONTROLS):
            if absolute_url(proxy) and urlsplit(proxy).hostname:
                found.proxies[i] = proxy
            else:
                message = "what the variable holds is no address of a proxy, such as http://user:password@host:3128"
                reader.problems.append(Problem(("feeds", i, "proxy_env"), message))
    for i, block in tables(document, "notify"):
        found.notify[i] = reader.notify(("notify", i), block)
    for i, block in tables(document, "digest"):
        if password := reader.either(("digest", i), block, "password", "password", _NO_CONTROLS):
            found.digests[i] = password
    http = document.get("http")
    if isinstance(http, dict):
        found.http = reader.either(("http",), http, "token", "token", _TOKEN)
    briefs = document.get("briefs")
    if isinstance(briefs, dict):
        found.briefs = reader.either(("briefs",), briefs, "api_key", "key", _TOKEN)
    return found, reader.problems


def _plain_headers(block: Mapping[str, Any]) -> int:
    written = block.get("headers")
    return sum(isinstance(value, str) for value in written.values()) if isinstance(written, dict) else 0


def secret_variables(document: Mapping[str, Any]) -> set[str]:
    """The environment variables that the document names."""
    keys = ("token_env", "url_env", "cookie_env", "password_env", "proxy_env", "api_key_env", *_NOTIFY_KEYS)
    blocks = [table for name in (*ON_MASTODON, "feeds", "notify", "digest") for _, table in tables(document, name)]
    own = [table for name in ("http", "briefs") if isinstance(table := document.get(name), dict)]
    found = [table.get(key) for table in (*blocks, *own) for key in keys]
    for block in blocks:
        headers = block.get("headers")
        values = headers.values() if isinstance(headers, dict) else ()
        found += [value.get("env") for value in values if isinstance(value, dict)]
    return {name for name in found if isinstance(name, str)}


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[Problem] = []

    def address(self, place: Place, block: Mapping[str, Any]) -> str | None:
        """The address of a feed that does not stand in the file. What is wrong with it is said without it."""
        ways = [key for key in ("url", "url_env", "url_file") if key in block]
        if not ways:
            message = "is missing (the feed's address); url_env or url_file names one with a key in it"
            self.problems.append(Problem((*place, "url"), message))
        if len(ways) > 1 and ways[0] == "url":
            message = f"expected url or {ways[1]}, not both (url is in {{line}})"
            self.problems.append(Problem((*place, ways[1]), message, other=(*place, "url")))
        found = self.either(place, block, "url", "address", _NO_CONTROLS)
        try:
            return None if found is None else str(ADDRESS.read(found))
        except WrongValue as wrong:
            why = "" if "“" in wrong.why else f": {wrong.why}"  # that quotes it
            holder, key = ("variable", "url_env") if "url_env" in block else ("file", "url_file")
            message = f"what the {holder} holds is no http or https address{why}"
            self.problems.append(Problem((*place, key), message))
        return None

    def headers(self, place: Place, block: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """The headers of one feed."""
        written = block.get("headers")
        for name, value in written.items() if isinstance(written, dict) else ():
            at = (*place, "headers", name)
            if isinstance(value, str):
                yield name, value.strip()
            elif isinstance(value, dict):
                if not {"env", "file"} & value.keys():
                    self.problems.append(Problem(at, "expected { env = … } or { file = … }"))
                if found := self.either(at, value, "", "header", _HEADER_TEXT):
                    yield name, found
        if cookie := self.either(place, block, "cookie", "cookie", _HEADER_TEXT):
            yield "Cookie", cookie
        user, password = block.get("user"), self.either(place, block, "password", "password", _NO_CONTROLS)
        if isinstance(user, str) and password is not None:
            yield "Authorization", f"Basic {b64encode(f'{user.strip()}:{password}'.encode()).decode()}"
        elif isinstance(user, str) and not {"password_env", "password_file"} & block.keys():
            self.problems.append(Problem((*place, "user"), "expected a password too: password_env or password_file"))
        elif password is not None:
            key = "password_env" if "password_env" in block else "password_file"
            self.problems.append(Problem((*place, key), "expected a user too: the key `user`"))

    def notify(self, place: Place, block: Mapping[str, Any]) -> NotifySecrets:
        """Where one target is, and what signs what is sent there. What is wrong is said without it."""
        found = NotifySecrets(
            webhook=self.either(place, block, "webhook", "address", _NO_CONTROLS),
            secret=self.either(place, block, "secret", "secret", _NO_CONTROLS),
            apprise=self.either(place, block, "apprise", "addresses", _LINES),
        )
        if found.webhook and not is_web_address(found.webhook):
            self._not_held((*place, "webhook"), block, "is no http or https address")
        if found.secret and not is_signing_key(found.secret):
            self._not_held((*place, "secret"), block, WRONG)
        if found.apprise and (wrong := apprise_problem(found.apprise)):
            self._not_held((*place, "apprise"), block, f"are no addresses of Apprise: {wrong}")
        return found

    def _not_held(self, place: Place, block: Mapping[str, Any], wrong: str) -> None:
        way, holder = ("env", "variable") if f"{place[-1]}_env" in block else ("file", "file")
        self.problems.append(Problem((*place[:-1], f"{place[-1]}_{way}"), f"what the {holder} holds {wrong}"))

    def either(
        self, place: Place, block: Mapping[str, Any], name: str, what: str, allowed: re.Pattern[str]
    ) -> str | None:
        """The secret in the variable or file that a block names; None where it names none or it can't be had."""
        env, file = (f"{name}_{way}" if name else way for way in ("env", "file"))
        ways = [key for key in (env, file) if isinstance(block.get(key), str)]
        if len(ways) == 2:
            message = f"expected {env} or {file}, not both ({env} is in {{line}})"
            self.problems.append(Problem((*place, file), message, other=(*place, env)))
        found: str | None = None
        for key in ways:
            try:
                read = self._in_variable if key == env else self._in_file
                found = read(block[key], what, allowed) or found
            except WrongValue as wrong:
                self.problems.append(Problem((*place, key), wrong.why))
        return found

    def _in_variable(self, name: str, what: str, allowed: re.Pattern[str]) -> str | None:
        if not name.strip():
            return None  # said already
        secret = self._environ.get(name.strip(), "").strip()
        if not secret:
            named = f"the environment variable {name}" if _LIKE_A_NAME.fullmatch(name) else "the variable"
            raise WrongValue(f"{named} is not set (the name of a variable is expected here, not the {what})")
        return _checked(secret, "the variable", what, allowed)

    def _in_file(self, written: str, what: str, allowed: re.Pattern[str]) -> str | None:
        try:
            path = Path(FILE(written))
        except ValueError:
            return None  # said already
        try:
            return _checked(path.read_text("utf-8").strip(), "the file", what, allowed)
        except OSError as error:
            raise WrongValue(f"can't be read: {(error.strerror or 'failed').lower()}") from None
        except UnicodeDecodeError:
            return _checked("", "the file", what, allowed)


def _checked(found: str, holder: str, what: str, allowed: re.Pattern[str]) -> str:
    if allowed.fullmatch(found):
        return found
    if allowed is _TOKEN:
        raise WrongValue(f"what {holder} holds is no {what}: expected one word of letters, digits and ._~+/=-")
    raise WrongValue(f"what {holder} holds is no {what}: expected one line of text")
