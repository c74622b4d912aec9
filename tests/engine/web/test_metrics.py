"""`/metrics`: by rows and files alone, and of a daemon with what it counts."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from aggregator.engine.metrics.meters import Meters, Now
from aggregator.model.changes import PolledSource
from aggregator.model.errors import Obstacle
from aggregator.model.settings import Briefs
from aggregator.model.source import SourceMemory
from aggregator.storage.copies.backups import make_backup
from aggregator.storage.file.notice import Notice
from tests.helpers.build import NOW, make_collected
from tests.helpers.web_room import WebRoom, add_post, add_source

OPEN = "application/openmetrics-text; version=1.0.0"


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[WebRoom]:
    made = WebRoom(tmp_path)
    database = made.open()
    add_source(database)
    add_source(database, 2)
    add_post(database, 1, "The ferry sails")
    add_post(database, 2, "The ferry rests")
    database.close()
    async with made.served():
        yield made


async def told(room: WebRoom) -> dict[str, float]:
    """Every sample by its name, its labels with it."""
    reply = await room.get("/metrics")
    assert reply.status == 200
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(reply.text):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


class TestRows:
    async def test_what_rows_and_files_say(self, room: WebRoom) -> None:
        room.write("index.html", "x")
        database, now = room.open(), datetime.now(UTC)
        with database.write():
            at, due = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (now, now - timedelta(hours=1)))
            database.conn.execute("UPDATE sources SET last_poll_at = ?, next_poll_at = ?", (at, due))
            database.conn.execute("INSERT INTO consumers (name, seq, updated_at) VALUES ('site', 1, ?)", (at,))
        database.close()
        found = await told(room)
        assert found['aggregator_sources{status="ok"}'] == 2
        assert (found["aggregator_posts"], found["aggregator_stories"], found["aggregator_changes_seq"]) == (2, 2, 2)
        assert found["aggregator_sources_due"] == 2
        assert 3600 <= found["aggregator_source_overdue_seconds"] < 3700
        assert abs(found["aggregator_last_poll_timestamp_seconds"] - now.timestamp()) < 2
        assert "aggregator_last_success_timestamp_seconds" not in found
        assert found['aggregator_changes_behind{consumer="site"}'] == 1
        assert found['aggregator_database_bytes{file="database"}'] == room.database.stat().st_size
        assert 0 < found["aggregator_disk_free_bytes"] <= found["aggregator_disk_size_bytes"]
        assert found["aggregator_site_changed_timestamp_seconds"] > 1e9
        assert (found["aggregator_healthy"], found["aggregator_daemon_up"]) == (0, 0)
        assert found["process_resident_memory_bytes"] > 1e6
        assert found["process_open_fds"] > 3

    async def test_what_only_a_daemon_knows_is_left_out(self, room: WebRoom) -> None:
        found = await told(room)
        assert [
            name for name in found if name.startswith(("aggregator_polls", "aggregator_outage", "aggregator_con"))
        ] == []

    async def test_without_a_database_there_is_no_word_of_rows(self, tmp_path: Path) -> None:
        empty = WebRoom(tmp_path / "empty")
        async with empty.served():
            found = await told(empty)
            assert found["aggregator_healthy"] == 0
            assert "aggregator_posts" not in found
            for path in ("/search/?q=ferry", "/changes"):
                assert (await empty.get(path)).status == 503

    async def test_why_nothing_is_polled(self, room: WebRoom) -> None:
        notice = Notice(room.database)
        notice.open()
        try:
            notice.show(Obstacle.DISK_FULL)
            found = await told(room)
        finally:
            notice.close()
        obstacles = {name: value for name, value in found.items() if name.startswith("aggregator_obstacle")}
        assert len(obstacles) == len(Obstacle)
        assert [name for name, value in obstacles.items() if value] == ['aggregator_obstacle{obstacle="disk_full"}']

    async def test_backups(self, room: WebRoom, tmp_path: Path) -> None:
        assert not any("backup" in name for name in await told(room))
        folder, storage = tmp_path / "backups", room.config.storage
        room.config = replace(room.config, storage=replace(storage, backup=folder, backup_interval=timedelta(hours=6)))
        found = await told(room)
        assert found["aggregator_backup_interval_seconds"] == 6 * 3600
        assert "aggregator_last_backup_timestamp_seconds" not in found
        made = make_backup(room.database, folder, NOW, keep=2)
        found = await told(room)
        assert found["aggregator_last_backup_timestamp_seconds"] == NOW.timestamp()
        assert found["aggregator_last_backup_bytes"] == made.stat().st_size

    async def test_the_budgets_of_a_language_model(self, room: WebRoom) -> None:
        assert not any("model_budget" in name for name in await told(room))
        room.config = replace(room.config, briefs=Briefs(base_url="http://127.0.0.1:9/v1", model="m", per_hour=7))
        found = await told(room)
        assert found['aggregator_model_budget_limit{budget="requests_hour"}'] == 7
        assert found['aggregator_model_budget_used{budget="tokens_day"}'] == 0


async def test_a_daemon_tells_what_it_counts(room: WebRoom) -> None:
    meters = Meters(look=lambda: Now(to_ask=3, results=2, documents=1, is_outage=True, workers=2))
    collected = make_collected(elapsed=timedelta(seconds=2), bytes_read=5)
    meters.polled(
        PolledSource(collected=collected, status="ok", memory=SourceMemory(), next_poll_at=NOW, new=4, copies=1)
    )
    meters.reloaded(False)
    room.meters = meters
    async with room.served():
        found = await told(room)
    assert (found['aggregator_polls_total{outcome="ok"}'], found['aggregator_polls_total{outcome="gone"}']) == (1, 0)
    assert found['aggregator_post_changes_total{change="new"}'] == 3
    assert found["aggregator_received_bytes_total"] == 5
    assert found['aggregator_poll_duration_seconds_bucket{le="1.0"}'] == 0
    assert found['aggregator_poll_duration_seconds_bucket{le="2.5"}'] == 1
    assert found["aggregator_poll_duration_seconds_count"] == 1
    assert (found["aggregator_queue_sources"], found["aggregator_unsaved_results"]) == (3, 2)
    assert found["aggregator_cluster_workers"] == 2
    assert (found["aggregator_outage"], found["aggregator_config_last_reload_successful"]) == (1, 0)
    assert found["aggregator_daemon_up"] == 1  # it answers, though there is no sign of life


async def test_both_formats_can_be_parsed(room: WebRoom) -> None:
    """OpenMetrics, which Prometheus asks for, forbids what the older format lets pass: a name twice, for one."""
    room.meters = Meters()
    async with room.served():
        newer, older = await room.get("/metrics", accept=OPEN), await room.get("/metrics")
    assert newer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert older.headers["Content-Type"].startswith("text/plain")
    families = {family.name for family in openmetrics.text_string_to_metric_families(newer.text)}
    assert {"aggregator_polls", "aggregator_posts", "aggregator_build"} <= families


async def test_names_keep_to_the_customs_of_prometheus(room: WebRoom) -> None:
    room.meters = Meters()
    async with room.served():
        reply = await room.get("/metrics", accept=OPEN)
    for family in openmetrics.text_string_to_metric_families(reply.text):
        assert family.name.startswith(("aggregator_", "process_"))
        assert family.documentation.endswith(".")
        assert not family.name.endswith(("_ms", "_minutes", "_kb", "_mb", "_count", "_total"))
        if family.type == "histogram":
            assert family.name.endswith("_seconds")


async def test_where_the_library_is_missing_the_page_says_so(room: WebRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [each for each in sys.modules if each.startswith("aggregator.engine.web.metrics")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    reply = await room.get("/metrics")
    assert reply.status == 503
    assert "the extra `http`" in reply.text
