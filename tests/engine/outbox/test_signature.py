"""The signature of a webhook, checked by another implementation, as a receiver has one."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

from aggregator.engine.outbox.channels.signature import signed

# The example that the libraries of the specification test themselves with.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", datetime.fromtimestamp(1_614_265_330, UTC), b'{"test": 2432232314}'


def test_the_example_of_the_specification() -> None:
    assert signed(ID, AT, BODY, SECRET) == {
        "webhook-id": ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_another_body_or_time_has_another_signature() -> None:
    first = signed(ID, AT, BODY, SECRET)["webhook-signature"]
    assert signed(ID, AT, BODY + b" ", SECRET)["webhook-signature"] != first
    assert signed(ID, AT.replace(second=11), BODY, SECRET)["webhook-signature"] != first


def test_a_secret_without_the_prefix_is_its_bytes() -> None:
    found = signed(ID, AT, BODY, "tägliches Brot")["webhook-signature"]
    digest = hmac.new("tägliches Brot".encode(), f"{ID}.1614265330.".encode() + BODY, hashlib.sha256).digest()
    assert found == f"v1,{base64.b64encode(digest).decode()}"


def test_without_a_secret_nothing_is_signed() -> None:
    assert signed(ID, AT, BODY, None) == {"webhook-id": ID, "webhook-timestamp": "1614265330"}
