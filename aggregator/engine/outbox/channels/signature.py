"""The signature of a webhook, as the Standard Webhooks specification has it (https://www.standardwebhooks.com).

The receiver takes the HMAC of "id.timestamp.body" with the secret that both know, and compares: so it knows that the
message is ours and whole, and by the time that nobody sends it once more.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from aggregator.text.secrets.webhook_key import signing_key


def signed(message_id: str, at: datetime, body: bytes, secret: str | None) -> Mapping[str, str]:
    """The headers of a message that is sent at this time; without a secret none has a signature.

    Raises:
        ValueError: the secret is none.
    """
    timestamp = str(int(at.timestamp()))
    headers = {"webhook-id": message_id, "webhook-timestamp": timestamp}
    if secret:
        content = f"{message_id}.{timestamp}.".encode() + body
        digest = hmac.new(signing_key(secret), content, hashlib.sha256).digest()
        headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
    return headers
