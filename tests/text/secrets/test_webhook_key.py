from __future__ import annotations

import pytest

from aggregator.text.secrets.webhook_key import is_signing_key, signing_key


@pytest.mark.parametrize("secret", ["whsec_", "whsec_no base64!", "whsec_a"])
def test_a_secret_that_is_none(secret: str) -> None:
    with pytest.raises(ValueError):
        signing_key(secret)
    assert not is_signing_key(secret)


def test_padding_may_be_left_out() -> None:
    assert signing_key("whsec_YQ") == signing_key("whsec_YQ==") == b"a"


def test_without_the_prefix_it_is_the_text() -> None:
    assert signing_key("YQ==") == b"YQ==" and is_signing_key("no base64!")
