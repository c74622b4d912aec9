"""The files for Prometheus and Grafana: each alert says what to do and where to read on, each panel what it shows."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
RULES = (ROOT / "config" / "prometheus" / "alerts.yml").read_text("utf-8")
UNIT_TESTS = (ROOT / "tests" / "monitoring" / "alerts_test.yml").read_text("utf-8")
PANELS = json.loads((ROOT / "config" / "dashboards" / "aggregator.json").read_text("utf-8"))["panels"]
ALERTS = {text.split("\n", 1)[0]: text for text in RULES.split("- alert: ")[1:]}
METRICS = set(re.findall(r"^\| `(\w+)` \| (?:counter|gauge|histogram|info)", PAGE, re.MULTILINE))

# What no panel and no alert asks for; workers because most have no cluster, and 0 says nothing there.
NOT_SHOWN = {
    *("aggregator_cluster_workers", "aggregator_config_last_reload_success_timestamp_seconds"),
    "process_virtual_memory_bytes",
}


def anchors() -> set[str]:
    headings = re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_says_what_to_do_and_where_to_read_on(alert: str) -> None:
    text = ALERTS[alert]
    assert re.search(r"\n        for: \d+[mh]\n        labels:\n          severity: (?:warning|critical)\n", text)
    assert "          summary: " in text
    [anchor] = re.findall(r"docs/operations\.md#([\w-]+)$", text.strip())
    assert anchor in anchors()


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_is_tried_both_ways(alert: str) -> None:
    assert f'- name: "{alert} fires' in UNIT_TESTS
    assert f'- name: "{alert} near miss' in UNIT_TESTS


def test_the_page_has_a_row_for_each_alert() -> None:
    section = PAGE[PAGE.index("## Alerts\n") : PAGE.index("## Backup and restore\n")]
    assert re.findall(r"^\| `(Aggregator\w+)` \|", section, re.MULTILINE) == list(ALERTS)


def test_what_is_asked_for_is_described() -> None:
    asked = {target["expr"] for panel in PANELS for target in panel.get("targets", ())} | set(
        re.findall(r"expr: (?:>-\n)?(.*?)\n        for:", RULES, re.DOTALL)
    )
    names = {name for each in asked for name in re.findall(r"\b(?:aggregator|process)_\w+", each)}
    names = {re.sub(r"_(?:bucket|sum|count)$", "", name) for name in names}
    assert names - METRICS == set()
    assert METRICS - names == NOT_SHOWN


def test_every_panel_says_what_it_shows_and_stands_alone() -> None:
    shown = [panel for panel in PANELS if panel["type"] != "row"]
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    assert [panel["title"] for panel in shown if not panel["description"]] == []
    places = [panel["gridPos"] for panel in PANELS]
    assert all(place["x"] + place["w"] <= 24 for place in places)

    def meet(one: dict[str, int], other: dict[str, int]) -> bool:
        across = one["x"] < other["x"] + other["w"] and other["x"] < one["x"] + one["w"]
        return across and one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"]

    assert not any(meet(one, other) for one, other in combinations(places, 2))


def test_the_rows_of_the_dashboard() -> None:
    rows = [panel["title"] for panel in PANELS if panel["type"] == "row"]
    assert rows == ["Freshness", "Polls", "Posts", "Trouble", "Disk", "Memory", "Messages"]
