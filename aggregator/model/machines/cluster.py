"""Other machines that collect feeds: the keys of `[cluster]`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

from aggregator.model.keys import key

SchedulerAddress = Annotated[str, "address of a scheduler"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Other machines collect feeds, as workers of a Dask scheduler. Needs the extra `cluster`."""

    scheduler: SchedulerAddress | None = key(
        None,
        "Where the scheduler is, such as tls://10.0.0.5:8786; all is collected here if this is left out.",
        "`tcp://`, which is not encrypted and asks nobody who they are, is for loopback alone.",
    )
    ca_file: Path | None = key(
        None,
        "The certificate of the authority that signed those of daemon, scheduler and workers.",
        "One of your own, for these alone: whoever has a certificate of it can run what they like on all of them.",
    )
    cert_file: Path | None = key(None, "The daemon's certificate, in PEM.")
    key_file: Path | None = key(None, "The key of the daemon's certificate, in PEM.")


class Machines(NamedTuple):
    """How many workers collect, with how many threads together; where none does that should, since when, by the steady
    clock of this process (`time.monotonic`)."""

    workers: int
    threads: int
    none_since: float | None


# Where no cluster is asked for.
NO_MACHINES = Machines(0, 0, None)
