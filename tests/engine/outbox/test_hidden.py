"""What is said of an address that is a secret, without the secret."""

from __future__ import annotations

import pytest

from aggregator.engine.outbox.channels.hidden import hider

SLACK = "https://hooks.chat.example/services/T0K3N/B0TTT/xYz123456?auth=qu%C3%A4ry"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("no such hook: xYz123456", "no such hook: …"),
        ("T0K3N is gone, T0K3 is not", "… is gone, T0K3 is not"),
        ("auth quäry, qu%C3%A4ry", "auth …, …"),
        ("see https://docs.example/a?b=1#c (or ask)", "see https://docs.example (or ask)"),
        ("at https://ann:pass@other.example:81/x", "at https://other.example:81"),
        ("no connection to hooks.chat.example:443", "no connection to hooks.chat.example:443"),
        ("the services are down", "the services are down"),
    ],
)
def test_a_webhook_whose_origin_may_be_told(said: str, told: str) -> None:
    assert hider((SLACK,), shown="https://hooks.chat.example")(said) == told


def test_of_one_that_a_variable_names_the_host_is_hidden_too() -> None:
    assert hider((SLACK,), shown="DESK")("no connection to hooks.chat.example:443") == "no connection to …:443"


def test_an_ip_address_is_told() -> None:
    """What is refused by it would be hard to find."""
    hidden = hider(("http://ann:secret@127.0.0.1:8080/xYz123456", "http://[fd00::1]:80/"), shown="DESK")
    assert hidden("127.0.0.1 is not public, nor is fd00::1; xYz123456") == "127.0.0.1 is not public, nor is fd00::1; …"


@pytest.mark.parametrize(
    "address",
    [
        "tgram://123456789:AbCdEfGh/4711471",
        "slack://AbCdEfGh/x",
        "json://ann:AbCdEfGh@host/",
        "AbCdEfGh",
        "x://[AbCdEfGh",
    ],
)
def test_addresses_of_apprise(address: str) -> None:
    hidden = hider((address,))
    assert "AbCdEfGh" not in hidden(f"failed: AbCdEfGh and {address}")
    assert hidden("no host abcdefgh") == "no host …"


def test_a_longer_secret_is_hidden_before_a_part_of_it() -> None:
    assert hider((), ("secret", "secretsecret", None))("secretsecret, secret") == "…, …"
