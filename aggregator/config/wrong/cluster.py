"""What `[cluster]` asks for and is not there: the extra, and the keys without which tls:// is none.

Whether the files are there is seen, and told, when it is connected; until then all is collected here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aggregator.config.addresses import SCHEDULER
from aggregator.config.extras.installation import how_to_install
from aggregator.config.extras.packages import is_there
from aggregator.config.problems import Problem

_FILES = ("ca_file", "cert_file", "key_file")


def problems(document: Mapping[str, Any], *, installed: bool | None = None) -> Iterator[Problem]:
    """What is wrong. `installed`: whether the extra "cluster" is; None: looked for."""
    table = document.get("cluster")
    if not isinstance(table, dict):
        return
    address = SCHEDULER.or_none(table.get("scheduler"))
    if address is None:
        if "scheduler" not in table and (name := next((name for name in _FILES if name in table), None)):
            yield Problem(("cluster", name), "expected the address of the scheduler, too: the key `scheduler`")
        return
    if not (is_there("cluster") if installed is None else installed):
        message = f"the extra “cluster” is not installed: {how_to_install('cluster')}; or leave this out"
        yield Problem(("cluster", "scheduler"), message)
    if address.startswith("tls:"):
        missing = [f"`{name}`" for name in _FILES if name not in table]
        if missing:
            yield Problem(("cluster", "scheduler"), f"tls:// needs certificates: {', '.join(missing)} too")
