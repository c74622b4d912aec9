"""Addresses of Apprise where that is not installed, and a secret that can sign nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config import load_config
from aggregator.config.needed import warnings
from aggregator.model.errors import ConfigError

PHONE = {"name": "phone", "on": "post", "apprise_env": "PHONE"}
DESK = {"name": "desk", "on": "post", "webhook": "https://desk.example/"}


def test_the_missing_extra_is_told_with_its_command() -> None:
    [warned] = warnings({"notify": [DESK, PHONE]}, installed=False)
    assert warned.place == ("notify", 1, "apprise_env")
    assert warned.message.startswith("the extra “notify” is not installed, and messages wait for it: ")
    assert list(warnings({"notify": [DESK, PHONE]}, installed=True)) == []
    assert list(warnings({"notify": [DESK]}, installed=False)) == []


def test_it_is_a_warning_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.toml"
    file.write_text('[[notify]]\nname = "phone"\non = "post"\napprise_env = "PHONE"\n', "utf-8")
    assert load_config(file, {"PHONE": "ntfy://x"}).warnings == ()
    monkeypatch.setattr("aggregator.config.needed.is_there", lambda extra: False)
    [warned] = load_config(file, {"PHONE": "ntfy://x"}).warnings
    assert "a.toml:4: notify.apprise_env: the extra “notify” is not installed" in warned


@pytest.mark.parametrize("secret", ["whsec_no base64!", "whsec_"])
def test_a_secret_that_can_sign_nothing(tmp_path: Path, secret: str) -> None:
    file = tmp_path / "a.toml"
    file.write_text('[[notify]]\nname="a"\non="post"\nwebhook="https://a.example/"\nsecret_env="KEY"\n', "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(file, {"KEY": secret})
    assert caught.value.problems[0].endswith(
        "5: notify.secret_env: what the variable holds begins with whsec_, and what follows is no base64"
    )
    assert load_config(file, {"KEY": "no base64!"}).notify[0].target.secret == "no base64!"  # type: ignore[union-attr]
