"""Who may ask for what: by which name the server is called, and with which token.

All but the site, health and metrics needs `[http]` `token`. On loopback none is asked for where none is set. Browsers
are kept from being made to ask on behalf of a page elsewhere (DNS rebinding): on loopback the server answers by the
names of this machine and of the site alone.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from aggregator.engine.web.listen import Listen, is_loopback
from aggregator.model.settings import Config

NO_TOKEN_SET = (
    "This is not for everybody: it needs a token, and none is set. Set one in [http], or listen on 127.0.0.1, where "
    "none is asked for."
)
WRONG_TOKEN = "This needs the token of [http], sent as “Authorization: Bearer …”."
WRONG_HOST = (
    "This server is not called {host}. It answers as localhost, 127.0.0.1 and [::1], and by the host of "
    "[publish] address."
)


def is_called(host: str, listen: Listen, config: Config) -> bool:
    """May the server be called by this name (the header `Host`)? Elsewhere than on loopback: by any."""
    if not listen.is_loopback or not host:  # no browser leaves it out
        return True
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    own = urlsplit(config.publish.address).hostname if config.publish.address else None
    return is_loopback(name) or (own is not None and name.rstrip(".") == own)


def refusal(authorization: str | None, listen: Listen, token: str | None) -> tuple[int, str] | None:
    """The status and the words where who sends this header may not ask; None: go on."""
    if not token:
        return None if listen.is_loopback else (403, NO_TOKEN_SET)
    scheme, _, sent = (authorization or "").partition(" ")
    is_right = hmac.compare_digest(sent.strip().encode("utf-8", "replace"), token.encode())
    return None if scheme.lower() == "bearer" and is_right else (401, WRONG_TOKEN)
