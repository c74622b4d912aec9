"""A message as JSON: valid by its schema, with the keys of the views, the same at every repetition."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from aggregator.model.outbox import Item, Message
from aggregator.publish.messages.payload import as_json, payload
from tests.helpers.messages import NOW, earlier_row, grown, message, post_row, source_row, story

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "config" / "notification.schema.json").read_text("utf-8"))
POST = Item(kind="post", row=post_row())
DIED = Item(kind="died", row=source_row())


def validate(value: object) -> None:
    jsonschema.validate(value, SCHEMA, cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    "sent",
    [
        message(),
        message(replace(grown(), earlier=earlier_row()), POST, DIED, replace(DIED, kind="back"), left_out=3),
        replace(message(is_test=True, language="de"), items=()),
    ],
)
def test_it_is_valid(sent: Message) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    validate(json.loads(as_json(sent)))


def test_what_is_not_valid() -> None:
    for spoil in ({"version": 2}, {"id": 3}, {"at": "now"}, {"items": [{"kind": "story"}]}):
        with pytest.raises(jsonschema.ValidationError):
            validate({**payload(message()), **spoil})
    without = payload(message())
    del without["items"][0]["story"]
    with pytest.raises(jsonschema.ValidationError):
        validate(without)


def test_its_keys() -> None:
    found = payload(message(replace(grown(), earlier=earlier_row())))
    assert set(found) == set(SCHEMA["required"]) == set(SCHEMA["properties"])
    [item] = found["items"]
    assert set(item) == {"kind", "story", "posts", "earlier_coverage", "told", "link"}
    assert (item["kind"], item["story"]["id"], item["posts"][0]["post_id"]) == ("grown", 32, 11)
    assert item["told"] == {"at": "2026-11-30T14:05:23Z", "posts": 9, "publishers": 7}
    assert item["earlier_coverage"]["earlier_slug"] == "mistral-looks-for-money-5"
    assert [set(payload(message(each))["items"][0]) - set(item) for each in (POST, DIED)] == [{"post"}, {"source"}]


def test_the_same_message_gives_the_same_bytes() -> None:
    assert as_json(message()) == as_json(message())
    assert b"\n" not in as_json(message()) and "€".encode() in as_json(message())


def test_rows_are_carried_out_as_they_are() -> None:
    """Text of others is for a program to escape as its reader needs it; a time as a value is written as others are."""
    odd = story(title='a"b\\\x1b\u202e</script>', last_at=datetime(2026, 11, 30, 12, tzinfo=UTC))
    found = json.loads(as_json(message(odd)))["items"][0]["story"]
    assert (found["title"], found["last_at"]) == ('a"b\\\x1b\u202e</script>', "2026-11-30T12:00:00Z")
    with pytest.raises(TypeError):
        as_json(message(story(title=NOW.tzinfo)))
