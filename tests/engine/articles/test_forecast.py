"""How many pages would be read, told from the posts of the last days."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from aggregator.engine.articles.forecast import forecast
from aggregator.model.settings import Articles, Storage
from tests.helpers.poller_room import NOW
from tests.helpers.reader_room import ReaderRoom, told


async def test_what_it_would_ask_for_is_told_from_the_last_week(tmp_path: Path) -> None:
    room = await told(tmp_path)
    await room.read()
    told_now = forecast(room.config, NOW)
    assert told_now == "about 2 pages a day would be read, of 2 sites (told from the posts of the last day)"
    of_all = replace(room.config, articles=Articles(judge=False, fetch="all", per_day=2))
    assert forecast(of_all, NOW).endswith(
        "about 3 pages a day would be read, of 2 sites, of which [articles] per_day lets 2 through "
        "(told from the posts of the last day)"
    )
    assert forecast(replace(room.config, articles=Articles()), NOW).startswith("pages that posts lead to are not read")


def test_what_can_not_be_known_yet_is_told(tmp_path: Path) -> None:
    room = ReaderRoom(tmp_path, "gazette")
    assert forecast(room.config, NOW).startswith("how many pages a day would be read can't be known yet: no post")
    nowhere = replace(room.config, storage=Storage(path=tmp_path / "none.db"))
    assert forecast(nowhere, NOW).endswith("there is no database to tell it from")
    assert not (tmp_path / "none.db").exists()
