"""The digests of entries: what differs in them, which entries are set aside, and that it costs a load only where a body
came."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aggregator.model.post import Enclosure
from aggregator.model.source import Source
from aggregator.sources.feeds import entries, unchanged
from aggregator.sources.feeds.entries import Body, RawEntry, Status
from aggregator.sources.feeds.read import read_feed
from aggregator.sources.feeds.results import ReadFeed
from aggregator.sources.feeds.unchanged import Known, Sifted, sift
from aggregator.topics.taxonomy import Taxonomy

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SOURCE = Source(kind="feed", url="https://gazette.example/feed")
ENTRY = RawEntry(
    guid="id-1",
    link="https://gazette.example/1",
    link_name="https://gazette.example/1",
    title="Lamps are moved",
    bodies=(Body("<p>Keepers were told on Friday.</p>", "https://gazette.example/"),),
    authors=("Anna",),
    published=(NOW - timedelta(hours=3),),
    tags=("lamps",),
    enclosures=(Enclosure(url="https://files.example/1.mp3", media_type="audio/mpeg", length=9),),
)


def sifted(*raw: RawEntry, said: frozenset[bytes] = frozenset(), now: datetime = NOW, **source: Any) -> Sifted:
    return sift(raw, now, Known(said, replace(SOURCE, **source), "rules"))


def digest_of(entry: RawEntry, **more: Any) -> bytes:
    [digest] = sifted(entry, **more).said.values()
    return digest


@pytest.mark.parametrize(
    "changes",
    [
        {"guid": "id-2"},
        {"link": "https://gazette.example/2"},
        {"link_name": "N/A"},
        {"origin": "https://harbour.example/"},
        {"origin_name": "Harbour Times"},
        {"title": "Lamps are not moved"},
        {"has_plain_title": True},
        {"bodies": (Body("<p>Keepers were told on Monday.</p>", "https://gazette.example/"),)},
        {"bodies": (Body("<p>Keepers were told on Friday.</p>", "https://gazette.example/a/"),)},
        {"bodies": (Body("<p>Keepers were told on Friday.</p>", "https://gazette.example/", is_plain=True),)},
        {"bodies": (*ENTRY.bodies, Body("More"))},
        {"bodies": (), "media_words": ENTRY.bodies},
        {"authors": ("Ben",)},
        {"authors": ("Anna", "Ben")},
        {"language": "de"},
        {"published": (NOW - timedelta(hours=4),)},
        {"updated": NOW - timedelta(hours=1)},
        {"tags": ("lamps", "coast")},
        {"enclosures": ()},
        {"enclosures": (replace(ENTRY.enclosures[0], description="A keeper"),)},
        {"enclosures": (replace(ENTRY.enclosures[0], length=10),)},
        {"status": Status(uri="https://isle.example/1")},
    ],
)
def test_all_that_becomes_part_of_a_post_differs(changes: dict[str, Any]) -> None:
    other = replace(ENTRY, **changes)
    assert digest_of(other) != digest_of(ENTRY)
    assert digest_of(other) == digest_of(replace(ENTRY, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"pictures": ENTRY.enclosures},  # those of a status are among its files
        {"updated": NOW + timedelta(days=400)},  # can't be
        {"published": (None, *ENTRY.published)},
    ],
)
def test_what_becomes_no_part_does_not(changes: dict[str, Any]) -> None:
    assert digest_of(replace(ENTRY, **changes)) == digest_of(ENTRY)


def test_parts_are_not_taken_for_each_other() -> None:
    one = replace(ENTRY, bodies=(Body("a\0b"), Body("c")))
    assert digest_of(one) != digest_of(replace(ENTRY, bodies=(Body("a"), Body("b\0c"))))


@pytest.mark.parametrize("changes", [{"topics": ("lamps",)}, {"language": "de"}, {"title": "Gazette"}])
def test_so_does_what_is_made_of_it(changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert digest_of(ENTRY, **changes) != digest_of(ENTRY)
    assert digest_of(ENTRY, interval=timedelta(hours=1)) == digest_of(ENTRY)
    before = digest_of(ENTRY)
    monkeypatch.setattr(unchanged, "program", lambda: b"another version")
    assert digest_of(ENTRY) != before


def test_the_program_is_known_by_its_code() -> None:
    assert len(unchanged.program()) == 64
    assert unchanged.program() == unchanged.program.__wrapped__()


def test_a_document_of_nobody_is_read_as_a_whole() -> None:
    found = sift([ENTRY], NOW, unchanged.NOTHING_KNOWN)
    assert (len(found.made.posts), found.unchanged, found.said) == (1, (), {})


def test_entries_keep_their_places() -> None:
    raw = [replace(ENTRY, guid=f"id-{n}", link=f"https://gazette.example/{n}") for n in range(5)]
    said = frozenset(sifted(*raw).said[f"id-{n}"] for n in (1, 2, 4))
    found = sifted(*raw, said=said)
    assert [post.native_id for post in found.made.posts] == ["id-0", "id-3"]
    assert [(each.native_id, each.before) for each in found.unchanged] == [("id-1", 1), ("id-2", 1), ("id-4", 2)]
    assert found.made.numbers == (0, 3)
    assert {each.published_at for each in found.unchanged} == {NOW - timedelta(hours=3)}


def test_what_breaks_is_told_and_the_others_are_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = [replace(ENTRY, guid=f"id-{n}", link=f"https://gazette.example/{n}") for n in range(3)]
    said = frozenset(sifted(*raw[:2]).said.values())
    make = entries._post

    def broken(entry: RawEntry, now: datetime) -> Any:
        if entry.guid == "id-2":
            raise ValueError("no such entry")
        return make(entry, now)

    monkeypatch.setattr(entries, "_post", broken)
    found = sifted(*raw, said=said)
    assert found.made.warnings == ["entry 3 was left out: ValueError: no such entry"]
    assert len(found.unchanged) == 2


def json_feed(*items: dict[str, Any]) -> bytes:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Gazette", "items": items}).encode()


def rss(*items: dict[str, Any]) -> bytes:
    written = "".join(
        f"<item><guid>{each['id']}</guid><link>{each['url']}</link><title>{each['title']}</title></item>"
        for each in items
    )
    return f'<rss version="2.0"><channel><title>Gazette</title>{written}</channel></rss>'.encode()


@pytest.mark.parametrize("write", [json_feed, rss])
def test_of_either_format_and_on_the_way_to_another_process(write: Callable[..., bytes]) -> None:
    items = [
        {"id": f"id-{n}", "url": f"https://gazette.example/{n}", "title": f"Lamp {n}", "content_text": "Moved."}
        for n in range(3)
    ]

    def read(known: frozenset[bytes] = frozenset()) -> ReadFeed:
        found = read_feed(write(*items), None, SOURCE.url, SOURCE, Taxonomy(()), NOW, known=known)
        assert pickle.loads(pickle.dumps(found)) == found
        return found

    known = frozenset(read().parsed.said.values())
    assert len(known) == 3
    assert {len(digest) for digest in known} == {8}
    items[1]["title"] = "Lamp 1, corrected"
    found = read(known)
    assert [each.post.title for each in found.posts] == ["Lamp 1, corrected"]
    assert [each.native_id for each in found.parsed.unchanged] == ["id-0", "id-2"]
    items[1]["title"] = "Lamp 1"
    assert (read(known).posts, read(known).parsed.problem) == ((), "")
