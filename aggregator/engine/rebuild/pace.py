"""Work on many rows beside the polls: in steps that a poll can wait for, with pauses between them."""

from __future__ import annotations

# A poll that wants to save waits for one step at most. The number of rows follows what steps took.
STEP_SECONDS = 0.05
_FIRST_ROWS, _LEAST_ROWS, _MOST_ROWS = 50, 1, 2000

# Between two steps the loop is the polls' for so many times as long as the step took.
PAUSE = 4


class Pace:
    """How many `rows` the next step takes."""

    def __init__(self) -> None:
        self.rows = _FIRST_ROWS

    def note(self, took: float) -> None:
        """A step with so many rows took so many seconds."""
        if took > STEP_SECONDS:
            self.rows = max(_LEAST_ROWS, self.rows // 2)
        elif took < STEP_SECONDS / 3:
            self.rows = min(_MOST_ROWS, self.rows * 2)
