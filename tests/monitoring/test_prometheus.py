"""A real Prometheus scrapes the daemon: every query of the dashboard and of the alerts is put to it."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.helpers.http_server import HttpServer
from tests.helpers.ports import free_port
from tests.helpers.program import EVERY_SECOND, Program
from tests.helpers.prometheus import CONFIG, RULES, Prometheus, promtool, wait_until, where

pytestmark = pytest.mark.monitoring

DASHBOARD = json.loads((CONFIG / "dashboards" / "aggregator.json").read_text("utf-8"))
UNIT_TESTS = Path(__file__).with_name("alerts_test.yml")
QUERIES = [
    (f"{panel['title']}, {target['refId']}", target["expr"])
    for panel in DASHBOARD["panels"]
    for target in panel.get("targets", ())
]
ALERTS = re.findall(r"- alert: (\w+)", RULES.read_text("utf-8"))
# What is wrong on this machine is no fault of the daemon's.
OF_THE_MACHINE = {"AggregatorDiskSoonFull"}


class Scraped(NamedTuple):
    program: Program
    address: str
    prometheus: Prometheus

    def page(self) -> str:
        with urllib.request.urlopen(f"http://{self.address}/metrics", timeout=30) as reply:
            return str(reply.read().decode())


def scraped(folder: Path, site: HttpServer) -> Iterator[Scraped]:
    """All that has a metric is there, and was scraped often enough for a rate."""
    address = f"127.0.0.1:{free_port()}"
    extra = (
        f'[http]\nlisten = "{address}"\n'
        f'[publish]\npath = "{folder / "site"}"\n'
        '[briefs]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\nmin_publishers = 100\n'  # so it is never asked
        '[[notify]]\nname = "desk"\non = "story"\ncommand = ["true"]\n'
    )
    where("prometheus")  # else nothing need be begun
    program = Program(folder, site, extra=EVERY_SECOND + extra)
    text = program.file.read_text("utf-8")
    program.file.write_text(text.replace("[storage]\n", f'[storage]\nbackup = "{folder / "backups"}"\n'), "utf-8")
    program.start("run")
    try:
        program.wait_for(lambda: program.has_said("listening"))
        prometheus = Prometheus(folder / "prometheus", address)
        try:
            prometheus.wait_for("sum(rate(aggregator_polls_total[1m])) > 0")
            for late in ("last_backup_timestamp_seconds", "site_changed_timestamp_seconds", "changes_behind"):
                prometheus.wait_for(f"count_over_time(aggregator_{late}[1m]) > 3")
            yield Scraped(program, address, prometheus)
        finally:
            prometheus.close()
    finally:
        program.close()


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    """Looked at by many tests, and left as it is."""
    with HttpServer() as site:
        yield from scraped(tmp_path_factory.mktemp("well"), site)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Scraped]:
    """For a test that breaks it."""
    with HttpServer() as site:
        yield from scraped(tmp_path, site)


def as_grafana_asks(expression: str, address: str) -> str:
    filled = expression.replace("$__rate_interval", "1m").replace("$job", "aggregator").replace("$instance", address)
    assert "$" not in filled
    return filled


@pytest.mark.parametrize("expression", [query for _, query in QUERIES], ids=[name for name, _ in QUERIES])
def test_a_query_of_the_dashboard_has_a_result(well: Scraped, expression: str) -> None:
    found = well.prometheus.query(as_grafana_asks(expression, well.address))
    assert found != []


@pytest.mark.parametrize(
    "variable",
    [each for each in DASHBOARD["templating"]["list"] if each["type"] == "query"],
    ids=lambda each: each["name"],
)
def test_a_variable_of_the_dashboard_has_a_value(well: Scraped, variable: dict[str, Any]) -> None:
    asked = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["definition"])
    assert asked is not None
    series = well.prometheus.query(as_grafana_asks(asked[1], well.address))
    expected = {"job": "aggregator", "instance": well.address}[variable["name"]]
    assert {each["metric"][asked[2]] for each in series} == {expected}


class TestRules:
    def rules(self, well: Scraped) -> dict[str, dict[str, Any]]:
        return {rule["name"]: rule for group in well.prometheus.get("rules")["groups"] for rule in group["rules"]}

    def test_each_is_evaluated_without_an_error(self, well: Scraped) -> None:
        def are_all() -> bool:
            return all(rule["health"] != "unknown" for rule in self.rules(well).values())

        wait_until(are_all, "each rule was evaluated")
        rules = self.rules(well)
        assert list(rules) == ALERTS
        assert {name: rule["lastError"] for name, rule in rules.items() if rule["health"] != "ok"} == {}

    @pytest.mark.parametrize("alert", ALERTS)
    def test_each_asks_for_what_is_there(self, well: Scraped, alert: str) -> None:
        """Whether or not it fires now: its expression can be asked, and each series that it names exists."""
        expression = self.rules(well)[alert]["query"]
        well.prometheus.query(expression)
        asked = re.findall(r"\b(?:up|aggregator_\w+|process_\w+)\b(?:\{[^}]*\})?", expression)
        assert asked
        assert [series for series in asked if well.prometheus.query(series) == []] == []

    def test_none_finds_fault_with_a_daemon_that_is_well(self, well: Scraped) -> None:
        active = {alert["labels"]["alertname"] for alert in well.prometheus.get("alerts")["alerts"]}
        assert active - OF_THE_MACHINE == set()


def test_a_daemon_that_is_killed_is_down(own: Scraped) -> None:
    own.program.close()
    own.prometheus.wait_for('ALERTS{alertname="AggregatorDown"}')
    [alert] = [
        each for each in own.prometheus.get("alerts")["alerts"] if each["labels"]["alertname"] == "AggregatorDown"
    ]
    assert alert["labels"]["severity"] == "critical"
    assert alert["annotations"]["summary"] == f"The daemon of {own.address} is down"


def test_a_database_that_is_held_and_a_wrong_configuration_are_told(own: Scraped) -> None:
    own.program.file.write_text(own.program.file.read_text("utf-8") + "\n[polling]\n", "utf-8")
    own.prometheus.wait_for('ALERTS{alertname="AggregatorReloadFailed"}')
    with closing(sqlite3.connect(own.program.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        own.prometheus.wait_for('ALERTS{alertname="AggregatorDatabaseLocked"}')
        assert own.prometheus.query("aggregator_daemon_up == 1 and on () aggregator_healthy == 0") != []


def test_the_page_is_as_the_tool_wants_it(well: Scraped) -> None:
    checked = promtool("check", "metrics", told=well.page())
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_the_files_are_as_the_tool_wants_them() -> None:
    for what, file in (("rules", RULES), ("config", CONFIG / "prometheus" / "prometheus.yml")):
        checked = promtool("check", what, str(file))
        assert checked.returncode == 0, checked.stdout + checked.stderr


def test_each_alert_fires_and_does_not_where_it_nearly_should() -> None:
    tested = promtool("test", "rules", os.path.relpath(UNIT_TESTS))
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_a_unit_test_that_is_wrong_is_noticed(tmp_path: Path) -> None:
    """So that the one before it can fail."""
    text = UNIT_TESTS.read_text("utf-8").replace("../../config/prometheus/alerts.yml", str(RULES))
    (tmp_path / "wrong.yml").write_text(text.replace("values: '0x10'", "values: '1x10'", 1), "utf-8")
    assert promtool("test", "rules", str(tmp_path / "wrong.yml")).returncode == 1
