"""Who may ask for what: by which name the server is called, and with which token.

All but the site, health and metrics needs `[http]` `token`. On loopback none is asked for where none is set, but of who
comes through a proxy, as far as that shows: it speaks for everybody that reaches it. Browsers are kept from being made
to ask on behalf of a page elsewhere (DNS rebinding): on loopback the server answers by the names of this machine and of
the site alone.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from aggregator.engine.web.listen import Listen, is_loopback
from aggregator.model.settings import Config
from aggregator.text.url_policy import ascii_host

NO_TOKEN_SET = (
    "This is not for everybody: it needs a token, and none is set. Set one in [http], or listen on 127.0.0.1, where "
    "none is asked for of who comes directly, by that name."
)
WRONG_TOKEN = "This needs the token of [http], sent as “Authorization: Bearer …”."
WRONG_HOST = (
    "This server is not called {host}. It answers as localhost, 127.0.0.1 and [::1], and by the host of "
    "[publish] address."
)


# What proxies put into what they pass on (RFC 7239, RFC 9110 §7.6.3, and what is usual besides).
_PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")


def is_called(host: str, listen: Listen, config: Config) -> bool:
    """May the server be called by this name (the header `Host`)? Elsewhere than on loopback: by any."""
    if not listen.is_loopback or not host:  # no browser leaves it out
        return True
    name = _name_in(host)
    if name is None:
        return False
    own = urlsplit(config.publish.address or "").hostname
    return is_loopback(name) or (own is not None and _as_asked(name) == _as_asked(own))


def _as_asked(name: str) -> str:
    """As browsers write it: "münchen.example" is "xn--mnchen-3ya.example"."""
    return ascii_host(name) or name.rstrip(".")


def _name_in(host: str) -> str | None:
    """The name in a header `Host`; None where there can't be one."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return None


def is_direct(headers: Mapping[str, str], listen: Listen) -> bool:
    """Did a program on this machine ask, and not a proxy on it for somebody elsewhere, who asks for the site's name?"""
    host = headers.get("host")
    is_local = not host or is_loopback(_name_in(host) or "")
    return listen.is_loopback and is_local and not any(name in headers for name in _PASSED_ON)


def refusal(headers: Mapping[str, str], listen: Listen, token: str | None) -> tuple[int, str] | None:
    """The status and the words where who sends these headers may not ask; None: go on."""
    if not token:
        return None if is_direct(headers, listen) else (403, NO_TOKEN_SET)
    scheme, _, sent = headers.get("authorization", "").partition(" ")
    is_right = hmac.compare_digest(sent.strip().encode("utf-8", "replace"), token.encode())
    return None if scheme.lower() == "bearer" and is_right else (401, WRONG_TOKEN)
