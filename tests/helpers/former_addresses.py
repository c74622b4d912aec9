"""Feeds whose addresses the rules of keys up to the end of November 2026 judged wrongly, and the file that these left.

`FILE` is what the program of then made of `DOCUMENTS`, polled twice.
"""

from __future__ import annotations

import lzma
from datetime import timedelta
from pathlib import Path

from tests.helpers.one_feed import LONG, item
from tests.helpers.poller_room import NOW, PollerRoom, url_of

FILE = Path(__file__).parents[1] / "storage" / "upgrade" / "former_addresses.db.xz"

# More than is compared of a text word by word.
_VERY_LONG = " ".join(f"{LONG} Report {number} of the office says so too." for number in range(30))


def _entry(guid: str | None, link: str, title: str, text: str, hours: int) -> str:
    return item(guid=guid, link=link, title=title, description=text, pubDate=NOW - timedelta(hours=hours))


DOCUMENTS = {
    # Two routes of an application in two feeds: they were taken for one page.
    "budget": [
        _entry("b1", "https://spa.example/app/#/news/1", "Harbour budget", "The council has voted on the harbour.", 9)
    ],
    "glacier": [
        _entry("g1", "https://spa.example/app/#/news/2", "Glacier survey", "Ice of the north is measured again.", 8)
    ],
    # Routes of one feed: an address that several entries share is nobody's.
    "routes": [
        _entry("r1", "https://kit.example/docs/#/anchor", "Anchors weighed", "What an anchor weighs, and why.", 7),
        _entry("r2", "https://kit.example/docs/#/rudder", "Rudders turned", "How a rudder turns a boat of wood.", 6),
    ],
    # One article under two addresses, in two feeds: they were taken for two.
    "mobile": [
        _entry("m1", "https://mobil.bote.example/faehre", "Evening ferry sails", "It sails again this Friday.", 5),
        _entry(None, "https://mobil.bote.example/leuchtturm-12345-amp", "Northern light moves", _VERY_LONG, 4),
    ],
    "desktop": [
        _entry("d1", "https://www.bote.example/faehre", "The evening ferry", "A short word about the boat of then.", 3)
    ],
    # Entries of one id, told apart by their links.
    "shared": [
        _entry("same", "https://doi.org/10.1000/ABC.1", "Tides of the bay", "Measured for a hundred years by hand.", 2),
        _entry("same", "https://doi.org/10.1000/ABC.2", "Clocks of the bay", "Of brass and of wood, by a museum.", 1),
    ],
}


def document(name: str) -> bytes:
    inner = "".join(DOCUMENTS[name])
    return f'<rss version="2.0"><channel><title>{name}</title>{inner}</channel></rss>'.encode()


def room_at(folder: Path) -> PollerRoom:
    """The feeds' poller, on the database of this folder; on none a new one."""
    room = PollerRoom(folder, *DOCUMENTS)
    for name in DOCUMENTS:
        room.collect.document(url_of(name), document(name), remembers=True)
    return room


def unpack(folder: Path) -> None:
    """The file as the rules of then left it."""
    (folder / "news.db").write_bytes(lzma.decompress(FILE.read_bytes()))
