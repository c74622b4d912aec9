"""docs/operations.md, "Metrics": every metric has a row that says its type and its labels, and no row is of another."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from aggregator.engine.metrics.meters import Meters, Snapshot
from aggregator.engine.web.state import metrics
from aggregator.model.settings import Briefs, Config, Publish, Storage
from aggregator.storage.copies.backups import make_backup
from aggregator.storage.counters.totals import Totals
from tests.helpers.web_room import WebRoom, add_post, add_source

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
SECTION = PAGE[PAGE.index("## Metrics\n") : PAGE.index("## Backup and restore\n")]
DAEMON, ALWAYS = SECTION.split("\n| always |")
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.*) \|$", re.MULTILINE)


def rows(text: str) -> dict[str, tuple[str, str]]:
    return {name: (kind, words) for name, kind, words in ROW.findall(text)}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """All that has a metric is there."""
    folder = tmp_path_factory.mktemp("metrics")
    room = WebRoom(folder)
    room.write("index.html", "x")
    database = room.open()
    add_source(database)
    add_post(database, 1, "The ferry sails")
    at = "2026-05-04T10:00:00Z"
    database.conn.execute("UPDATE sources SET last_poll_at = ?1, last_success_at = ?1", (at,))
    database.conn.execute("INSERT INTO consumers VALUES ('site', 0, ?)", (at,))
    database.conn.execute("INSERT INTO outbox_targets (target, begun_at, begun_post) VALUES ('desk', ?, 0)", (at,))
    database.close()
    make_backup(room.database, folder / "backups", datetime.now(UTC), keep=1)
    return Config(
        storage=Storage(path=room.database, backup=folder / "backups", backup_interval=timedelta(hours=1)),
        publish=Publish(path=room.site),
        briefs=Briefs(base_url="http://127.0.0.1:9/v1", model="m"),
    )


def counted_meters() -> Meters:
    """All that has a metric was counted."""
    meters = Meters()
    meters.told("desk", "sent")
    return meters


def shown(config: Config, counted: Snapshot | None) -> dict[str, tuple[str, list[Sample]]]:
    """Name as in queries → type and samples."""
    text = metrics(config, Totals(), counted, {"accept": "application/openmetrics-text"}).content.decode()
    ends = {"counter": "_total", "info": "_info"}
    return {
        family.name + ends.get(family.type, ""): (family.type, family.samples)
        for family in text_string_to_metric_families(text)
    }


def test_every_metric_has_a_row_of_its_type(config: Config) -> None:
    found = shown(config, counted_meters().snapshot())
    assert {name: kind for name, (kind, _) in rows(SECTION).items()} == {
        name: kind for name, (kind, _) in found.items()
    }


def test_the_second_table_is_what_serve_has(config: Config) -> None:
    assert rows(ALWAYS).keys() == shown(config, None).keys()
    assert not rows(DAEMON).keys() & rows(ALWAYS).keys()


def test_the_rows_name_the_labels(config: Config) -> None:
    for name, (_, samples) in shown(config, counted_meters().snapshot()).items():
        labels = {label for sample in samples for label in sample.labels} - {"le"}
        told = set(re.findall(r"`(\w+)`", rows(SECTION)[name][1])) - {"site"}
        assert labels <= told, name


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("aggregator_polls_total", "outcome"),
        ("aggregator_post_changes_total", "change"),
        ("aggregator_outbox_messages_total", "outcome"),
        ("aggregator_obstacle", "obstacle"),
        ("aggregator_model_budget_used", "budget"),
        ("aggregator_database_bytes", "file"),
    ],
)
def test_the_rows_name_the_values_of_labels(config: Config, name: str, label: str) -> None:
    values = {sample.labels[label] for sample in shown(config, counted_meters().snapshot())[name][1]}
    assert len(values) > 1
    assert {value for value in values if not re.search(rf"\b{value}\b", rows(SECTION)[name][1])} == set()


def test_without_what_is_optional_its_metrics_are_left_out(config: Config) -> None:
    bare = replace(config, storage=Storage(path=config.storage.path), publish=Publish(), briefs=Briefs())
    left_out = shown(config, None).keys() - shown(bare, None).keys()
    assert left_out == {name for name in rows(ALWAYS) if re.search("backup|model_budget|site_changed", name)}
