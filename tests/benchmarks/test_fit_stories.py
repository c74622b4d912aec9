"""Fitting the model of evidence: what a taught stream brings, what a fit gives, and what is written."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.stories.evidence import Measures, model_of
from aggregator.stories.story import STORIES_VERSION
from benchmarks import quality_stories
from benchmarks.fit_stories import model_file
from benchmarks.fit_stories.candidates import Candidate, Labels, Readers, Taught
from benchmarks.fit_stories.model_file import Fit
from benchmarks.story_sets import Verdict, among_strangers, load_general, load_verdicts
from benchmarks.story_stream import Item

np = pytest.importorskip("numpy")
fit_stories = pytest.importorskip("benchmarks.fit_stories.__main__")
logistic = pytest.importorskip("benchmarks.logistic")

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

FERRY = "Ferry runs aground near Gull Island in a storm"
FERRY_AGAIN = "Storm drives ferry aground off Gull Island"
CHEESE = "Cheese makers of Altmark win a prize for goat cheese"
CHEESE_AGAIN = "Goat cheese of Altmark wins prize"


def item(number: int, title: str, label: str | None, publisher: str = "") -> Item:
    return Item(
        id=f"i{number}", title=title, text="", url="", publisher=publisher or f"p{number}", language="en",
        at=START + timedelta(hours=number), label=label,
    )  # fmt: skip


NEWS = [
    item(1, FERRY, "ferry"), item(2, CHEESE, "cheese"), item(3, FERRY_AGAIN, "ferry"), item(4, CHEESE_AGAIN, "cheese"),
    item(5, "Storm delays the prize for the goat cheese of Altmark", "delay"),
]  # fmt: skip


def met(found: Iterator[Candidate]) -> list[tuple[str, bool, float]]:
    return [(each.item_id, each.same, each.weight) for each in found]


# ---------------------------------------------------------------- what a stream brings


def test_a_post_joins_the_story_with_its_label_and_meets_others_as_other_events() -> None:
    assert met(Taught(Labels(), None).run(NEWS)) == [("i3", True, 1.0), ("i4", True, 1.0), ("i5", False, 1.0)]


def test_the_measures_are_those_of_the_live_comparison() -> None:
    same = next(Taught(Labels(), None).run(NEWS)).measures
    assert same.cosine > 0.5
    assert same.away == pytest.approx(2 / 72)
    assert same.shared == pytest.approx(math.log2(1 + 5))  # storm, ferry, aground, gull, island
    assert (same.contrast, same.meaning, same.one_feed) == (0.0, 0.0, 0.0)


def test_strangers_are_other_events_than_the_labelled_and_nothing_to_one_another() -> None:
    strangers = [item(6, CHEESE_AGAIN, None), item(7, CHEESE, None)]
    found = met(Taught(Labels(), None).run([*NEWS[:2], *strangers]))
    assert found == [("i6", False, 1.0), ("i7", False, 1.0)]


def test_what_readers_said_decides_and_the_debatable_counts_nothing() -> None:
    verdicts = {
        ("i3", "i1"): Verdict("yes", 40.0),
        ("i4", "i2"): Verdict("no", 0.5),
        ("i5", "i2"): Verdict("debatable", 9.0),
    }
    found = [each for each in met(Taught(Readers(verdicts), None).run(NEWS)) if each[2] != 1.5]
    assert found == [("i3", True, 2.0), ("i4", False, 0.5)]  # no verdict counts more than 2


def test_where_nobody_read_the_model_decides() -> None:
    verdicts = {("i9", "i1"): Verdict("no", 1.0), ("i9", "i3"): Verdict("yes", 1.0)}
    found = met(Taught(Readers(verdicts), None).run([*NEWS, item(9, FERRY_AGAIN, None)]))
    # One story, not two: the model put i3 to i1.
    assert [each for each in found if each[2] == 1.0] == [("i9", True, 1.0)]


# ---------------------------------------------------------------- the fit


def candidates(count: int, **changed: float) -> list[Candidate]:
    """Near ones are one event, far ones are not, with some of both between."""
    usual = {
        "own": 0.1, "away": 0.3, "one_feed": 0.0, "contrast": 0.1, "words": 4.0, "shared": 1.0, "unmet": 0.4,
        "missed": 0.4, "strongest": 0.05,
    }  # fmt: skip
    made = []
    for number in range(count):
        same = number % 3 == 0
        noise = (number * 7919 % 101) / 101 - 0.5  # the same in every run
        other = (number * 104729 % 97) / 97 - 0.5
        values = {
            **usual, "cosine": max(0.0, (0.5 if same else 0.2) + 0.5 * noise), "own": 0.1 + 0.1 * same + 0.1 * other,
            "unmet": 0.4 - 0.1 * same + 0.2 * noise, "missed": 0.4 - 0.1 * same + 0.2 * other,
            "strongest": 0.05 + 0.02 * other - 0.02 * same, "shared": 1.0 + changed.get("shared", 0.5) * same + other,
        }  # fmt: skip
        made.append(Candidate(f"i{number}", Measures(**values), same, 1.0, by_meaning=False))
    return made


def test_what_speaks_for_one_event_weighs_up_and_other_things_down(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fit = fit_stories.fit("words", {"giveme": candidates(300), "empty": []}, {})
    assert list(fit.coefficients) == ["bias", *[name for name in Measures._fields if name != "meaning"]]
    assert fit.coefficients["cosine"] > 0 < fit.coefficients["own"]
    assert fit.coefficients["unmet"] < 0 > fit.coefficients["strongest"]
    assert fit.coefficients["away"] == 0  # never differs
    assert fit.usual["unmet"] == pytest.approx(0.4, abs=0.01)
    assert fit.usual["cosine"] < math.log(0.25)  # as it is weighed: by its logarithm
    assert "giveme: 300 candidates, 100 of them one event" in capsys.readouterr().out
    assert fit_stories.fit("words", {"giveme": candidates(300)}, {}) == fit


def test_a_sign_that_the_comparison_does_not_bear_is_refused() -> None:
    with pytest.raises(fit_stories.WrongSignError, match="shared"):
        fit_stories.fit("words", {"giveme": candidates(300, shared=-0.5)}, {})


def test_nearly_nothing_below_zero_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_stories, "_NEARLY_NOTHING", -1000.0)
    assert fit_stories.fit("words", {"giveme": candidates(300, shared=-0.5)}, {}).coefficients["shared"] == 0


def test_the_fit_is_the_maximum_of_the_likelihood() -> None:
    # Of two kinds of rows 1 of 4 and 3 of 4 are one event; a ridge of 1 is nothing beside a weight of thousands.
    sample = logistic.sample_of(
        [[0.0]] * 4 + [[1.0]] * 4, [True, False, False, False, True, True, True, False], [9e5] * 8
    )
    bias, slope = logistic.fitted(sample)
    assert (bias, slope) == (pytest.approx(-math.log(3), abs=1e-4), pytest.approx(2 * math.log(3), abs=1e-4))
    assert logistic.log_loss(np.zeros(8), sample) == pytest.approx(math.log(2))


def test_the_weight_of_a_row_is_how_often_it_counts() -> None:
    rows, same = [[0.0], [0.0], [1.0], [1.0]], [True, False, True, False]
    heavy = logistic.fitted(logistic.sample_of(rows, same, [1, 3, 3, 1]))
    often = logistic.fitted(logistic.sample_of(rows + rows[1:3] * 2, same + same[1:3] * 2, [1.0] * 8))
    assert heavy == pytest.approx(often, rel=0.1)  # rows more often shift the mean that the ridge draws to


# ---------------------------------------------------------------- what is written


BEFORE: dict[str, dict[str, Any]] = {
    "words": {"bias": 1.0, "cosine": 2.0, "joins": 0.5, "merges": 0.6, "merges_large": 0.4},
    "meaning": {"bias": 3.0, "meaning": 4.0, "joins": 0.7, "merges": 0.8, "merges_large": 0.9, "usual": {"own": 0.1}},
}


def test_the_bars_and_what_was_not_fitted_stay() -> None:
    text = model_file.text_of({"words": Fit({"bias": 9.0, "cosine": 8.0}, {"cosine": -2.0})}, BEFORE, date(2026, 3, 1))
    read = tomllib.loads(text)
    assert (read["version"], read["date"], read["command"]) == (STORIES_VERSION, date(2026, 3, 1), model_file.COMMAND)
    assert read["meaning"] == BEFORE["meaning"]
    assert read["words"] == {
        "bias": 9.0, "cosine": 8.0, "joins": 0.5, "merges": 0.6, "merges_large": 0.4, "usual": {"cosine": -2.0},
    }  # fmt: skip
    assert text.startswith("# ")


def test_the_shipped_file_is_what_would_be_written_and_can_be_read() -> None:
    shipped = tomllib.loads(model_file.PATH.read_text(encoding="utf-8"))
    again = model_file.text_of({}, model_file.load(), shipped["date"], shipped["version"])
    assert model_file.PATH.read_text(encoding="utf-8") == again
    assert shipped["version"] <= STORIES_VERSION
    for name, table in model_file.load().items():
        weights = model_of(table).weights
        assert weights.own >= 0 <= weights.shared
        assert max(weights.unmet, weights.missed, weights.strongest) <= 0
        assert set(table["usual"]) == {each for each in Measures._fields if name == "meaning" or each != "meaning"}


def written(path: Path, rows: Sequence[dict[str, object]]) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def row(each: Item, **more: object) -> dict[str, object]:
    return {
        "id": each.id, "title": each.title, "publisher": each.publisher, "time": each.at.isoformat(),
        "label": each.label, **more,
    }  # fmt: skip


def test_sets_that_are_missing_are_left_out(tmp_path: Path) -> None:
    written(tmp_path / "general_news.jsonl", [row(each, set="giveme") for each in NEWS])
    found = fit_stories.candidates(tmp_path, tmp_path / "none.jsonl", None)
    assert list(found) == ["giveme"]
    assert len(found["giveme"]) >= 4 * 3  # in four orders


# ---------------------------------------------------------------- the sets, and stories for people to read


def test_parts_verdicts_and_strangers(tmp_path: Path) -> None:
    written(tmp_path / "general.jsonl", [row(NEWS[0], set="a"), row(NEWS[1], set="b"), row(NEWS[2], set="a")])
    parts = load_general(tmp_path / "general.jsonl")
    assert {name: [each.id for each in items] for name, items in parts.items()} == {"a": ["i1", "i3"], "b": ["i2"]}
    written(tmp_path / "verdicts.jsonl", [{"id": "x", "other": "y", "verdict": "no", "weight": 2}])
    assert load_verdicts(tmp_path / "verdicts.jsonl") == {("x", "y"): Verdict("no", 2.0)}
    assert load_verdicts(tmp_path / "none.jsonl") == {}
    stream = [item(number * 1000, "News", "hidden") for number in range(6)]
    mixed = among_strangers(NEWS, stream, 7)
    assert [each.id for each in mixed if each.label] == [each.id for each in NEWS]
    assert {each.at for each in mixed} <= {NEWS[0].at + timedelta(minutes=48) * step for step in range(6)} | {
        each.at for each in NEWS
    }


def test_stories_are_written_for_people_to_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path / "items.jsonl", [row(each) for each in NEWS])
    out = tmp_path / "read.txt"
    arguments = [
        "--items",
        str(tmp_path / "items.jsonl"),
        "--stories",
        "9",
        "--seed",
        "4",
        "--lexical",
        "--out",
        str(out),
    ]
    assert quality_stories.main(arguments) == 0
    told = out.read_text(encoding="utf-8")
    ids = [json.loads(line) for line in (tmp_path / "read.txt.ids").read_text(encoding="utf-8").splitlines()]
    assert {"i1", "i3"} in map(set, ids)
    assert all(len(each) > 1 for each in ids)
    assert FERRY in told
    assert "one event" not in told  # no reasons
    assert "drawn by the seed 4" in capsys.readouterr().out
