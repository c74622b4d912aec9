"""One brief by a model: asked for, read, checked, asked for once more with what was wrong, and what is left of it.

Knows neither the database nor the network: who asks is handed in. A sentence that fails is dropped; the rest stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from aggregator.engine.briefs.model import Answer, ModelError
from aggregator.model.brief import PARTS, Draft, EarlierNote, Evidence, Part, Refused
from aggregator.publish.briefs.prompt import Message, Prompt, once_more, question_for
from aggregator.publish.briefs.reply import FOLLOWS, SCHEMA, ReplyError, read_draft, read_follows
from aggregator.publish.briefs.written import Judged, Kept, better, kept_of, without
from aggregator.storage.briefs.requests import Outcome, Wanted

Check = Callable[[Draft, Sequence[Evidence], Sequence[EarlierNote]], Judged]

NO_HAPPENED = "no sentence of what happened was kept"
_DOUBTED = "the model says that it does not follow from its sources"


class NotNow(Exception):
    """The budget is used up: nothing was asked."""


class Desk(Protocol):
    """Who asks the model, for one story."""

    async def ask(self, wanted: Wanted, messages: Sequence[Message], schema: Mapping[str, Any]) -> Answer | None:
        """One answer; None where it may not be asked any more.

        Raises:
            ModelError: there is no answer.
        """

    def note(self, outcome: Outcome, detail: str) -> None:
        """What came of the last answer, where it is no good."""


class Step(NamedTuple):
    """What a model said, and what of that was not kept."""

    wanted: Wanted
    content: str
    refused: tuple[Refused, ...]


class Drafted(NamedTuple):
    """What came of it. `trouble`: why it can't be used, else None; `kept`: None where nothing could be read."""

    kept: Kept | None
    trouble: str | None
    steps: tuple[Step, ...]


async def drafted(prompt: Prompt, language: str, desk: Desk, check: Check, *, has_question: bool) -> Drafted:
    """Have a brief written and checked.

    Raises:
        ModelError: there was no answer at all, and so nothing to keep.
        NotNow: it may not be asked.
    """
    steps: list[Step] = []
    kept, trouble = await _written(prompt, language, desk, check, steps)
    if kept is None or not kept.is_enough:
        return _drafted(kept, trouble or NO_HAPPENED, steps)
    if has_question:
        kept = await _questioned(kept, prompt, desk, steps)
    return _drafted(kept, None if kept.is_enough else NO_HAPPENED, steps)


def _drafted(kept: Kept | None, trouble: str | None, steps: Sequence[Step]) -> Drafted:
    return Drafted(kept._replace(refused=_each_once(kept)) if kept else None, trouble, tuple(steps))


def _each_once(kept: Kept) -> tuple[Refused, ...]:
    """What was left out: a sentence that two answers have is one, with the last reason; one that was kept of the other
    answer (with other sources, say) was not left out."""
    told: set[tuple[str, str]] = {("headline", _same(kept.headline or ""))}
    told.update((part, _same(each.text)) for part, sentences in kept.parts.items() for each in sentences)
    found = {(each.part, _same(each.text)): each for each in kept.refused}
    return tuple(each for key, each in found.items() if key not in told)


def _same(text: str) -> str:
    return " ".join(text.split()).casefold()


async def _written(
    prompt: Prompt, language: str, desk: Desk, check: Check, steps: list[Step]
) -> tuple[Kept | None, str | None]:
    """What is kept of one answer or of two, and why none could be read."""
    answer = await desk.ask("draft", prompt.messages, SCHEMA)
    if answer is None:
        raise NotNow
    first, trouble = await _read(answer, prompt, language, desk, check)
    wrong = _wrong(first, trouble)
    steps.append(Step("draft", answer.content, wrong))
    if not wrong:
        return first, None
    try:
        again = await desk.ask("repair", once_more(prompt, answer.content[:8_000], wrong), SCHEMA)
    except ModelError:
        if first is None or not first.is_enough:
            raise
        again = None  # what is there is good
    if again is None:
        return first, trouble
    second, trouble_again = await _read(again, prompt, language, desk, check)
    steps.append(Step("repair", again.content, _wrong(second, trouble_again)))
    if second is None or first is None:
        return second or first, trouble_again if not (first or second) else None
    return better(first, second), None


def _wrong(kept: Kept | None, trouble: str | None) -> tuple[Refused, ...]:
    """What the model is told of its answer."""
    if kept is None:
        return (Refused("answer", "", trouble or ""),)
    return kept.refused if kept.refused or kept.is_enough else (Refused("happened", "", NO_HAPPENED),)


async def _read(
    answer: Answer, prompt: Prompt, language: str, desk: Desk, check: Check
) -> tuple[Kept | None, str | None]:
    known = {each.n for each in prompt.evidence} | {each.n for each in prompt.earlier}
    try:
        reading = read_draft(answer.content, language, known)
    except ReplyError as error:
        desk.note("unusable", str(error))
        return None, f"its answer is no brief: {error}"
    # Names and meanings are looked up, which takes a while: the loop has polls to look after.
    judged = await asyncio.to_thread(check, reading.draft, prompt.evidence, prompt.earlier)
    kept = kept_of(reading.draft, judged, reading.refused)
    if not kept.is_enough:
        desk.note("refused", NO_HAPPENED)
    return kept, None


# ---------------------------------------------------------------- does it follow?


async def _questioned(kept: Kept, prompt: Prompt, desk: Desk, steps: list[Step]) -> Kept:
    """Without what the model itself doubts. Whatever it says, nothing comes back that a check has refused."""
    places: list[tuple[Part, int]] = [(part, place) for part in PARTS for place in range(len(kept.parts.get(part, ())))]
    told = {each.n: each.text for each in prompt.evidence}
    told |= {each.n: f"We reported on {each.at:%d %B %Y}: {each.title}" for each in prompt.earlier}
    statements = [
        (sentence.text, [told[number] for number in sentence.sources if number in told])
        for sentence in (kept.parts[part][place] for part, place in places)
    ]
    try:
        answer = await desk.ask("question", question_for(statements), FOLLOWS)
    except ModelError:
        return kept  # the checks have passed it
    if answer is None:
        return kept
    try:
        follows = read_follows(answer.content, len(places))
    except ReplyError as error:
        desk.note("unusable", str(error))
        steps.append(Step("question", answer.content, (Refused("answer", "", str(error)),)))
        return kept
    left = without(kept, {place for place, it_does in zip(places, follows, strict=True) if not it_does}, _DOUBTED)
    steps.append(Step("question", answer.content, left.refused[len(kept.refused) :]))
    return left
