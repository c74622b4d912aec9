"""Which addresses others may be told."""

from __future__ import annotations

import pytest

from aggregator.text.open_addresses import is_open_address, without_secrets


@pytest.mark.parametrize(
    "url",
    [
        "https://me:word@paper.example/feed",
        "https://paper.example/feed?a=1&Key=abc",
        "https://paper.example/feed?a=1;key=abc",
        "https://paper.example/feed?feed%5Ftoken=abc",
        "https://paper.example/feed#auth=abc",
        "https://paper.example/feeds/private/abc/all.xml",
        "https://[broken/feed",
    ],
)
def test_these_are_somebodys_own(url: str) -> None:
    assert not is_open_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://paper.example/feed?author=me&keyword=x",
        "https://paper.example/private-equity/feed#top",
        "https://town.example/@lotte@far.example",
        "https://town.example/tags/private",
        "https://town.example/tags/AI?any[]=ml",
    ],
)
def test_these_are_not(url: str) -> None:
    assert is_open_address(url)


def test_a_text_keeps_what_may_be_told() -> None:
    told = "403 for (https://www.paper.example/feed?key=abc): see https://paper.example/help, says the server."
    assert without_secrets(told) == "403 for (paper.example): see https://paper.example/help, says the server."
    assert without_secrets("moved to http://me:word@[::1/x") == "moved to …"


def test_an_address_behind_a_long_word_is_found_and_the_word_is_gone_through_once() -> None:
    """Whatever stands before `://` is tried once: else this takes minutes."""
    word = "a" * 200_000
    assert without_secrets(f"{word} :// b") == f"{word} :// b"
    told = without_secrets(f"{word}https://me:s3cret@a.example/")
    assert told.endswith("a.example") and "s3cret" not in told
