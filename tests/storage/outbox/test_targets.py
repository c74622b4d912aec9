"""Since when a target is told, and what its place in the log of changes is called."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.storage.changelog import move_to
from aggregator.storage.outbox.taking import retry
from aggregator.storage.outbox.targets import begin_target, drop_targets, is_of_a_target, unknown_targets
from tests.helpers.new_database import new_database

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def test_a_name_that_is_another_kind_of_target_now_leaves_no_place_behind(tmp_path: Path) -> None:
    database = new_database(tmp_path / "news.db")
    conn = database.conn

    def places() -> list[str]:
        return [row[0] for row in conn.execute("SELECT name FROM consumers ORDER BY name")]

    with database.write():
        move_to(conn, "desk", 0, NOW)  # somebody who follows the log
        begin_target(conn, "desk", NOW)
        begin_target(conn, "desk2", NOW)
        begin_target(conn, "desk", NOW + timedelta(hours=1), "digest")
    assert places() == ["desk", "digest:desk", "notify:desk2"]
    assert [is_of_a_target(each) for each in places()] == [False, True, True]
    assert unknown_targets(conn, ["desk", "desk2"]) == ["desk"]
    assert unknown_targets(conn, ["desk", "desk2"], "digest") == ["desk2"]
    with database.write():
        assert drop_targets(conn, [], NOW + timedelta(days=9)) == ["desk", "desk2"]
    assert places() == ["desk"]
    database.close()


def test_who_refused_a_digest_is_asked_again_where_somebody_asks_for_that(tmp_path: Path) -> None:
    database = new_database(tmp_path / "news.db")
    conn = database.conn
    with database.write():
        for number, state in ((1, "failed"), (2, "waiting")):
            conn.execute(
                "INSERT INTO outbox (id, target, kind, row_id, state, noted_at, due_at) "
                "VALUES (?, 'a', 'digest', ?, ?, '', '')",
                (number, number, state),
            )
            conn.executemany(
                "INSERT INTO outbox_handed (outbox_id, taker, handed_at, refused) VALUES (?, ?, '', ?)",
                [(number, "ann", "550 no"), (number, "ben", None)],
            )
        assert retry(conn, NOW) == 1
    left = conn.execute("SELECT outbox_id, json_group_array(taker) FROM outbox_handed GROUP BY 1 ORDER BY 1").fetchall()
    assert [(number, json.loads(takers)) for number, takers in left] == [(1, ["ben"]), (2, ["ann", "ben"])]
    database.close()
