from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import quality

ROW = {
    "id": "x1",
    "language": "en",
    "now": "2026-11-26",
    "sources": [
        {"n": 1, "publisher": "Harbour Ledger", "kind": "article", "language": "en", "at": "2026-11-24T09:00:00Z",
         "text": "The bridge of Dunmore has 420 lamps."},
        {"n": 2, "publisher": "Harbour Ledger", "kind": "article", "language": "en", "at": "2026-11-24T09:00:00Z",
         "text": "It was closed on Monday."},
    ],
    "earlier": [{"n": 90, "at": "2026-10-02", "kind": "continues", "title": "Bridge of Dunmore gets new lamps"}],
    "brief": {
        "headline": "Bridge of Dunmore closed",
        "happened": [
            {"text": "The bridge of Dunmore was closed on Monday.", "sources": [1, 2]},
            {"text": "It has 240 lamps.", "sources": [1]},
        ],
        "matters": [
            {"text": "As we reported on 2 October 2026, the bridge of Dunmore got new lamps.", "sources": [90]}
        ],
        "watch": [],
    },
    "labels": {"headline": "ok", "happened": ["ok", "wrong:number"], "matters": ["ok"], "watch": []},
}  # fmt: skip


def _run(tmp_path: Path, row: dict[str, object]) -> dict[str, object]:
    data, predictions = tmp_path / "briefs.jsonl", tmp_path / "predictions.jsonl"
    data.write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert quality.main(["briefs", "--data", str(data), "--predictions", str(predictions)]) == 0
    lines = predictions.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1
    found: dict[str, object] = json.loads(lines[0])
    return found


def test_what_is_kept_is_written_by_the_keys_of_the_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = _run(tmp_path, ROW)
    assert found["id"] == "x1"
    assert found["kept"] == {"headline": True, "happened": [True, False], "matters": [True], "watch": []}
    assert "420" in str(found["why"])
    printed = capsys.readouterr().out
    assert "wrong, mechanical, dropped: 1 of 1" in printed
    assert "honest, refused: 0 of 3" in printed


def test_labels_may_be_absent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = _run(tmp_path, {key: value for key, value in ROW.items() if key != "labels"})
    assert found["kept"] == {"headline": True, "happened": [True, False], "matters": [True], "watch": []}
    assert "no labels; 3 of 4 sentences kept" in capsys.readouterr().out
