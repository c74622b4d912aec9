"""What comes with a status besides its text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.post import Card, Post, Quote
from aggregator.sources.mastodon.statuses import post_of

NOW = datetime(2031, 3, 1, 8, 30, tzinfo=UTC)
CARD = {
    "url": "https://paper.example/ferry",
    "title": "The ferry sails &amp; sings",
    "description": "After a <winter> in the dock.",
    "type": "link",
    "provider_name": "Ostermoor Post",
    "authors": [{"name": "Ada"}, {"name": "Bo"}, {"name": "Ada"}, 7],
    "published_at": "2031-02-28T10:00:00.000Z",
}
QUOTED = {
    "id": "5",
    "uri": "https://far.example/users/bo/statuses/5",
    "url": "https://far.example/@bo/5",
    "content": "<p>The bay is frozen.</p><p>Still.</p>",
    "visibility": "public",
    "account": {"acct": "bo@far.example", "url": "https://far.example/@bo"},
}


def post(*, with_token: bool = False, **changes: Any) -> Post:
    status = {"id": "1", "content": "<p>Hello</p>", "account": {"acct": "ada@far.example"}, **changes}
    found = post_of(status, "https://reader.example", NOW, with_token=with_token)
    assert found is not None
    return found


def test_a_card() -> None:
    found = post(card=CARD)
    assert found.card == Card(
        url="https://paper.example/ferry",
        title="The ferry sails & sings",
        description="After a <winter> in the dock.",
        provider="Ostermoor Post",
        authors="Ada, Bo",
        published_at=datetime(2031, 2, 28, 10, tzinfo=UTC),
    )
    assert found.attached.split("\n") == [
        "The ferry sails & sings", "After a <winter> in the dock.", "—\xa0Ostermoor Post, Ada, Bo",
    ]  # fmt: skip
    assert (found.title, found.text) == ("", "Hello")


def test_a_card_of_before_authors() -> None:
    found = post(card={**CARD, "authors": None, "author_name": "Ada", "description": CARD["title"]}).card
    assert found
    assert (found.authors, found.description) == ("Ada", "")


@pytest.mark.parametrize("card", [None, [], "x", {}, {**CARD, "url": None}, {**CARD, "title": "", "description": 4}])
def test_a_card_without_words_is_none(card: object) -> None:
    assert post(card=card).card is None
    assert post(card=card).attached == ""


def test_a_quoted_status() -> None:
    found = post(quote={"state": "accepted", "quoted_status": QUOTED})
    assert found.quote == Quote(
        uri="https://far.example/users/bo/statuses/5",
        url="https://far.example/@bo/5",
        author="bo@far.example",
        text="The bay is frozen.\n\nStill.",
    )
    assert found.attached == "The bay is frozen. Still."


def test_other_servers_give_it_without_a_state() -> None:
    quote = post(quote=QUOTED).quote
    assert quote
    assert quote.author == "bo@far.example"


@pytest.mark.parametrize(
    "quote",
    [
        None,
        {"state": "pending", "quoted_status": None},
        {"state": "revoked", "quoted_status": QUOTED},
        {"state": "accepted", "quoted_status_id": "5"},
    ],
)
def test_one_that_the_server_does_not_show(quote: object) -> None:
    assert post(quote=quote).quote is None


@pytest.mark.parametrize(
    "changes",
    [
        {"visibility": "private"},
        {"visibility": "public", "local_only": True},
        {"account": {"acct": "bo@far.example", "noindex": True}},
        {"account": {"acct": "bo@far.example", "note": "<p>#nobot</p>"}},
    ],
)
def test_what_its_author_keeps_from_programs_is_not_taken(changes: dict[str, Any]) -> None:
    found = post(quote={"state": "accepted", "quoted_status": {**QUOTED, **changes, "spoiler_text": "ice"}})
    assert found.quote == Quote(uri="https://far.example/users/bo/statuses/5", url="https://far.example/@bo/5")
    assert found.attached == ""


@pytest.mark.parametrize(("visibility", "is_shown"), [("unlisted", True), (None, False), ("local", False)])
def test_what_a_token_alone_shows_is_not_quoted(visibility: str | None, is_shown: bool) -> None:
    quote = {"state": "accepted", "quoted_status": {**QUOTED, "visibility": visibility}}
    found = post(with_token=True, quote=quote).quote
    assert found
    assert found.has_words is is_shown


@pytest.mark.parametrize(
    ("state", "is_withdrawn"),
    [
        ("revoked", True), ("deleted", True), ("unauthorized", False), ("blocked_domain", False),
        ("accepted", False), ("pending", False), ("muted_account", False), (None, False), (["revoked"], False),
    ],
)  # fmt: skip
def test_a_quote_may_be_withdrawn(state: object, is_withdrawn: bool) -> None:
    found = post(quote={"state": state, "quoted_status": QUOTED if state == "accepted" else None})
    assert found.is_quote_withdrawn is is_withdrawn


@pytest.mark.parametrize(
    ("state", "is_refused"),
    [
        ("unauthorized", True), ("blocked_account", True), ("blocked_domain", True), ("revoked", False),
        ("rejected", False), ("accepted", False), ("pending", False), ("muted_account", False), (["x"], False),
    ],
)  # fmt: skip
def test_that_a_server_does_not_show_it_is_another_thing(state: object, is_refused: bool) -> None:
    found = post(quote={"state": state, "quoted_status": QUOTED if state == "accepted" else None})
    assert found.is_quote_refused is is_refused
    assert not (found.is_quote_refused and found.is_quote_withdrawn)


def test_a_poll_pictures_and_emoji() -> None:
    found = post(
        poll={"options": [{"title": "Tea", "votes_count": 3}, {"title": ""}, {"title": "Rum &amp; milk"}]},
        media_attachments=[
            {"url": "https://files.example/1.png", "type": "image", "description": "A ferry\nat dawn"},
            {"url": "https://files.example/2.png", "type": "image", "description": None},
        ],
        emojis=[{"shortcode": "ferry"}, {"shortcode": "ferry"}, {"shortcode": 5}, {}],
    )
    assert found.options == ("Tea", "Rum & milk")
    assert [file.description for file in found.enclosures] == ["A ferry at dawn", None]
    assert found.emojis == ("ferry", "5")
    assert found.attached == "A ferry at dawn\nTea\nRum & milk"


_KEYS = ["url", "title", "authors", "name", "state", "quoted_status", "content", "account", "options", "shortcode"]
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(_KEYS),
            inner,
            max_size=4,
        )
    ),
)


@given(card=_ANYTHING, quote=_ANYTHING, poll=_ANYTHING, emojis=_ANYTHING, media=_ANYTHING)
def test_nothing_makes_it_fail(card: object, quote: object, poll: object, emojis: object, media: object) -> None:
    post(card=card, quote=quote, poll=poll, emojis=emojis, media_attachments=media)
