"""The sample statuses of `aggregator demo`: the shape of Mastodon's API, and the special cases it has."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest

from aggregator.cli.demo import samples
from aggregator.cli.demo.samples import render_statuses

NOW = datetime(2031, 3, 1, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def statuses() -> list[dict[str, Any]]:
    return render_statuses(NOW)


def test_statuses_are_many_and_newest_first(statuses: list[dict[str, Any]]) -> None:
    assert len(statuses) >= 14
    assert len({status["uri"] for status in statuses}) == len(statuses)
    assert {status["language"] for status in statuses} >= {"en", "de", "fr", "es", "sv", "ja"}
    times = [datetime.fromisoformat(status["created_at"]) for status in statuses]
    assert times == sorted(times, reverse=True)
    assert all(time < NOW for time in times)
    tags = Counter(tag["name"] for status in statuses for tag in status["tags"])
    assert min(tags["AI"], tags["KI"], tags["Mistral"]) >= 3
    assert all({"AI", "KI", "Mistral"} & {tag["name"] for tag in status["tags"]} for status in statuses)


def test_statuses_have_the_keys_of_the_api_and_no_ids(statuses: list[dict[str, Any]]) -> None:
    keys = {
        "created_at", "edited_at", "in_reply_to_id", "in_reply_to_account_id", "sensitive", "spoiler_text",
        "visibility", "language", "uri", "url", "replies_count", "reblogs_count", "favourites_count",
        "content", "reblog", "application", "account", "media_attachments", "mentions", "tags", "emojis",
        "card", "poll",
    }  # fmt: skip
    for status in statuses:
        assert status.keys() == keys
        assert status["account"].keys() == {"username", "acct", "url", "display_name", "bot"}
    assert json.loads(json.dumps(statuses)) == statuses


def test_statuses_show_every_special_case(statuses: list[dict[str, Any]]) -> None:
    by_uri = {status["uri"]: status for status in statuses}
    [reply] = [status for status in statuses if status["in_reply_to_id"]]
    parent = by_uri[reply["in_reply_to_id"]]
    assert parent["created_at"] < reply["created_at"]
    assert reply["mentions"][0]["acct"] == parent["account"]["acct"] == reply["in_reply_to_account_id"]
    assert [status["sensitive"] for status in statuses if status["spoiler_text"]] == [True]
    assert [status["created_at"] < status["edited_at"] for status in statuses if status["edited_at"]] == [True]
    assert [file["type"] for status in statuses for file in status["media_attachments"]] == ["image"]


def test_no_account_or_card_goes_unused() -> None:
    data = tomllib.loads((files(samples.__package__) / "samples" / "statuses.toml").read_text(encoding="utf-8"))
    assert {status["account"] for status in data["statuses"]} == data["accounts"].keys()
    assert {status["card"] for status in data["statuses"] if "card" in status} == data["cards"].keys()
