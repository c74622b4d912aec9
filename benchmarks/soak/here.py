"""For those who look inside: feeds of a server of its own, and the configuration of a poller in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from tempfile import TemporaryDirectory

from aggregator.model.settings import Config, Network, Storage
from aggregator.model.source import Source
from benchmarks.polling import replaying
from benchmarks.soak.room import ChangingFeeds


def unchanging(count: int, entries: int) -> list[bytes]:
    """So many feeds with so many entries each, as documents."""
    feeds = ChangingFeeds(start=entries, new=0)
    return [feeds.document(f"/feed{number}") for number in range(count)]


@contextmanager
def served(documents: Sequence[bytes]) -> Iterator[list[str]]:
    """Their addresses, on a server that is a process of its own."""
    with TemporaryDirectory(prefix="aggregator-soak-") as name:
        for number, document in enumerate(documents):
            (Path(name) / f"{number:05}.xml").write_bytes(document)
        with replaying(Path(name), 0) as control:
            yield control.get("feeds")


def config_of(database: Path, urls: Sequence[str]) -> Config:
    """These feeds, and everything else as it is shipped."""
    return Config(
        storage=Storage(path=database),
        network=Network(allow_private=(ip_network("127.0.0.0/8"),)),
        sources=tuple(Source(kind="feed", url=url) for url in urls),
    )
