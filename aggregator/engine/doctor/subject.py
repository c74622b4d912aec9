"""What is looked at: the database, the configuration as far as there is one, and who is at work."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from aggregator.engine.doctor.processes import Process
from aggregator.model.errors import Obstacle
from aggregator.model.settings import Config


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock of the database. `process`: None where that can't be told. `silence`: seconds since its last
    sign of life. `obstacle`: why it polls nothing, if so."""

    process: Process | None
    silence: float
    obstacle: Obstacle | None


@dataclass(frozen=True, slots=True)
class Subject:
    """`path`: of the database. `config`: None where it can't be used, and `problems` say why. `options`: those by which
    the user named both, so that a remedy can be typed as it stands. `whole`: look at all, however long it takes.
    `uid`: the user that looks; 0 may do everything, so others are judged then."""

    path: Path
    now: datetime
    config: Config | None = None
    problems: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    whole: bool = False
    uid: int = 0
    holder: Holder | None = None
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", self.path.parent)

    def command(self, *words: object) -> str:
        """A command line of this program."""
        return shlex.join(["aggregator", *self.options, *map(str, words)])

    def beside(self, ending: str) -> Path:
        """A file beside the database, called by it."""
        return self.path.with_name(self.path.name + ending)
