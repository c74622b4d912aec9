"""The secret that signs a webhook, as Standard Webhooks writes it: `whsec_`, and the key in base64."""

from __future__ import annotations

import base64

_PREFIX = "whsec_"

# What is said of a secret that is none.
WRONG = "begins with whsec_, and what follows is no base64"


def signing_key(secret: str) -> bytes:
    """The bytes of a secret: after `whsec_` they are written in base64, else they are those of the text.

    Raises:
        ValueError: what follows the prefix is no base64.
    """
    if not secret.startswith(_PREFIX):
        return secret.encode()
    written = secret.removeprefix(_PREFIX)
    key = base64.b64decode(written + "=" * (-len(written) % 4), validate=True)
    if not key:
        raise ValueError("nothing follows")
    return key


def is_signing_key(secret: str) -> bool:
    """Can anything be signed with it?"""
    try:
        return bool(signing_key(secret))
    except ValueError:
        return False
