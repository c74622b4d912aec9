"""One brief by a model, now, for a command: what is sent, what comes back, and what of it is not kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from aggregator.engine.briefs.checking import checks_of
from aggregator.engine.briefs.desk import CountedDesk
from aggregator.engine.briefs.drafting import Desk, Drafted, NotNow, drafted
from aggregator.engine.briefs.keeping import save_drafted, stands
from aggregator.engine.briefs.material import load_story
from aggregator.engine.briefs.model import Answer, Model, ModelError
from aggregator.engine.clock import Clock, utc_now
from aggregator.model.embedding import Encoder
from aggregator.model.errors import AggregatorError, NotFoundError
from aggregator.model.settings import Config
from aggregator.publish.briefs.prompt import Message, Prompt, prompt_for
from aggregator.publish.briefs.written import By, Material
from aggregator.storage.briefs.requests import Outcome, Wanted
from aggregator.storage.database import Database

_MOST_WAYS = 6


class Question(NamedTuple):
    """What is asked about a story."""

    material: Material
    prompt: Prompt


def question_of(config: Config, story_id: int, now: datetime) -> Question:
    """What a model is sent to write the brief of a story.

    Raises:
        NotFoundError: there is nothing of it that may be shown.
        StorageError: the database can't be read.
    """
    language = config.briefs.language or config.publish.language
    found = load_story(config.storage.path, config.publish, story_id, language)
    if found is None or not found.material.evidence:
        raise NotFoundError(f"there is nothing of story {story_id} that may be shown to a model")
    material = found.material
    return Question(material, prompt_for(material.evidence, material.earlier, language, now.date()))


async def ask_once(
    config: Config, asked: Question, encoder: Encoder | None, database: Database | None, clock: Clock = utc_now
) -> Drafted:
    """Have the brief written. With a `database` it is stored, and counts as one of the daemon's; without, nothing is.

    Raises:
        AggregatorError: no model is configured, it does not answer, or the budget is used up.
        StorageError: it can't be stored.
    """
    material, prompt = asked
    if not config.briefs.is_asked:
        raise AggregatorError("no model is named: [briefs] base_url and model")
    async with Model(config.briefs, config.network) as model:
        counted = CountedDesk(
            database, model, config.briefs, clock, material.story_id, material.language, prompt.digest
        ) if database else None  # fmt: skip
        desk: Desk = counted or _FreeDesk(model, clock)
        check = checks_of(config.rules, encoder)(clock().date())
        try:
            found = await drafted(prompt, material.language, desk, check, has_question=config.briefs.question)
        except ModelError as error:
            raise AggregatorError(f"the model gives no answer: {error.detail}") from error
        except NotNow:
            raise AggregatorError("the budget of [briefs] is used up for now; nothing was asked") from None
    if database and counted:
        fresh = load_story(config.storage.path, config.publish, material.story_id, material.language)
        if fresh is None or not stands(found, prompt, fresh.material):
            raise AggregatorError("the story's sources changed meanwhile; nothing was stored")
        with database.write():
            by = By(counted.model, clock(), counted.tokens_in, counted.tokens_out)
            save_drafted(database, fresh.material, prompt, found, by)
    return found


class _FreeDesk:
    """Asks, and counts nothing."""

    def __init__(self, model: Model, clock: Clock) -> None:
        self._model, self._clock = model, clock

    async def ask(self, wanted: Wanted, messages: Sequence[Message], schema: Mapping[str, Any]) -> Answer | None:
        for _ in range(_MOST_WAYS):
            try:
                return await self._model.ask(messages, schema, self._clock())
            except ModelError as error:
                if error.kind != "format":
                    raise
                last = error
        raise last

    def note(self, outcome: Outcome, detail: str) -> None:
        pass
