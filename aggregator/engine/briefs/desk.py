"""Who asks a model for one story: within the budgets, each request counted in the database before it is sent.

So neither a restart nor a crash spends more than the budgets allow.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from aggregator.engine.briefs.model import Answer, Model, ModelError, guessed_tokens
from aggregator.engine.clock import Clock
from aggregator.model.settings import Briefs
from aggregator.publish.briefs.prompt import Message
from aggregator.storage.briefs.requests import (
    Answered,
    Asked,
    Limits,
    Outcome,
    Wanted,
    allowed_at,
    begin_request,
    end_request,
)
from aggregator.storage.database import Database

# A server says in words how it wants to be asked: its JSON in two ways, the limit in two, the temperature.
_MOST_WAYS = 6


def limits_of(settings: Briefs) -> Limits:
    """The budgets of a configuration."""
    return Limits(settings.per_hour, settings.per_day, settings.tokens_per_day)


class CountedDesk:
    """Asks the model about one story; `tokens_in` and `tokens_out` are what that has cost so far.

    `digest`: of what the model is shown.
    """

    def __init__(
        self, database: Database, model: Model, settings: Briefs, clock: Clock, story_id: int, language: str,
        digest: str,
    ) -> None:  # fmt: skip
        self._database, self._model, self._settings, self._clock = database, model, settings, clock
        self._story_id, self._language, self._digest = story_id, language, digest
        self._last: tuple[int, Answered] | None = None
        self.model = settings.model or ""
        self.tokens_in = self.tokens_out = 0

    async def ask(self, wanted: Wanted, messages: Sequence[Message], schema: Mapping[str, Any]) -> Answer | None:
        """One answer, asked for in another way where the server wants that; None where the budget is used up.

        Raises:
            ModelError: there is no answer.
            StorageError: the request can't be counted, and was not sent; or its answer can't be.
        """
        tokens = guessed_tokens(messages)
        detail = ""
        for _ in range(_MOST_WAYS):
            now = self._clock()
            with self._database.guarded():
                if allowed_at(self._database.conn, limits_of(self._settings), tokens, now) > now:
                    return None
            try:
                return await self._once(wanted, messages, schema, tokens)
            except ModelError as error:
                if error.kind != "format":
                    raise
                detail = error.detail
        raise ModelError("failed", detail)

    def note(self, outcome: Outcome, detail: str) -> None:
        """What came of the last answer, where it is no good."""
        if self._last:
            row, was = self._last
            self._end(row, Answered(outcome, detail, was.tokens_in, was.tokens_out, was.duration_ms))

    async def _once(
        self, wanted: Wanted, messages: Sequence[Message], schema: Mapping[str, Any], tokens: int
    ) -> Answer:
        asked = Asked(
            at=self._clock(), story_id=self._story_id, language=self._language, model=self.model,
            wanted=wanted, digest=self._digest, tokens_in=tokens,
        )  # fmt: skip
        with self._database.write():
            row = begin_request(self._database.conn, asked)
        begun = time.monotonic()
        try:
            answer = await self._model.ask(messages, schema, self._clock())
        except ModelError as error:
            # What an answer has cost that broke off nobody knows: as guessed.
            outcome: Outcome = "lost" if error.is_lost else error.kind
            self._end(row, Answered(outcome, error.detail, error.tokens_in, error.tokens_out, _since(begun)))
            raise
        answered = Answered("ok", None, answer.tokens_in, answer.tokens_out, _since(begun))
        self._end(row, answered)
        self._last = row, answered
        self.tokens_in += tokens if answer.tokens_in is None else answer.tokens_in
        self.tokens_out += answer.tokens_out
        return answer

    def _end(self, row: int, answered: Answered) -> None:
        with self._database.write():
            end_request(self._database.conn, row, answered)


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
