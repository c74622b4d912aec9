"""Without its key nothing of a cluster is imported; with it, and without the extra, that is said."""

from __future__ import annotations

import subprocess
import sys

import pytest

_CODE = """
import asyncio, sys
if {is_missing}:
    sys.modules["distributed"] = None
import aggregator.engine.daemon
from aggregator.engine.cluster.opened import collector_for
from aggregator.model.errors import AggregatorError
from aggregator.model.machines.cluster import Cluster
from aggregator.model.settings import Config
from aggregator.topics.taxonomy import Taxonomy

async def main():
    async with collector_for(Config(cluster=Cluster(scheduler={scheduler})), Taxonomy(()), None) as collector:
        print(type(collector).__name__, collector.machines().none_since is not None)

try:
    asyncio.run(main())
except AggregatorError as error:
    print(error)
print(*sorted(name for name in sys.modules if sys.modules[name]))
"""


def run(scheduler: str | None, *, is_missing: bool = False) -> tuple[str, set[str]]:
    code = _CODE.format(scheduler=repr(scheduler), is_missing=is_missing)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    *_, said, modules = done.stdout.splitlines()
    return said, set(modules.split())


def test_without_the_key_nothing_of_it_is_imported() -> None:
    said, modules = run(None)
    assert said == "Collector False"
    assert not modules & {"distributed", "dask", "tornado", "aggregator.engine.cluster.collector"}


def test_without_the_extra_it_is_said_what_installs_it() -> None:
    said, _ = run("tcp://127.0.0.1:9", is_missing=True)
    assert said.startswith("[cluster] needs the extra `cluster`, which is not installed")


def test_a_scheduler_that_is_not_there_is_no_reason_not_to_poll() -> None:
    pytest.importorskip("distributed")
    said, modules = run("tcp://127.0.0.1:9")
    assert said == "ClusterCollector True" and "distributed" in modules
