"""What a language model answers → a `Draft`, or what is wrong with it in words. Pure.

Models wrap JSON in fences, in thoughts, in a polite sentence: that is taken off. A sentence that is no good is left out
and told; an answer that is no brief at all is a `ReplyError`. Nothing here says whether what it tells is true.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from aggregator.model.brief import PARTS, Draft, DraftSentence, Part, Refused
from aggregator.publish.briefs.prompt import seen

# A brief is some 2,000 characters. What thinks aloud writes more before it.
_LONGEST_REPLY = 200_000
_LONGEST_SENTENCE = 600
_LONGEST_HEADLINE = 200
_MOST_SENTENCES = 6
# Brackets before the brief, each of which may begin it.
_MOST_BRACKETS = 50

_SENTENCE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["text", "sources"],
    "properties": {"text": {"type": "string"}, "sources": {"type": "array", "items": {"type": "integer"}}},
}
# As servers want it that hold a model to a schema: every key is required, and no other may be there.
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["headline", *PARTS],
    "properties": {
        "headline": {"type": "string"},
        **{part: {"type": "array", "items": _SENTENCE} for part in PARTS},
    },
}
FOLLOWS: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["follows"],
    "properties": {"follows": {"type": "array", "items": {"type": "boolean"}}},
}


class ReplyError(Exception):
    """It is no brief. The text says why, in words."""


class Reading(NamedTuple):
    """The draft of an answer, and what of it could not be read."""

    draft: Draft
    refused: tuple[Refused, ...]


def read_draft(content: str, language: str, known: Collection[int]) -> Reading:
    """The draft that an answer holds. `known`: the numbers that a sentence may name.

    Raises:
        ReplyError: there is none.
    """
    found = _object(content, ("headline", *PARTS))
    if not any(isinstance(found.get(part), list) and found[part] for part in PARTS):
        raise ReplyError("it has no sentences: expected the lists happened, context and watch")
    refused: list[Refused] = []
    parts = {part: tuple(_sentences(part, found.get(part), set(known), refused)) for part in PARTS}
    return Reading(Draft(language, _headline(found.get("headline"), refused), parts), tuple(refused))


def read_follows(content: str, count: int) -> tuple[bool, ...]:
    """Which of so many statements follow, by an answer.

    Raises:
        ReplyError: it does not say so of each.
    """
    found = _object(content, ("follows",)).get("follows")
    if not isinstance(found, list) or not all(isinstance(each, bool) for each in found):
        raise ReplyError("expected a list of true and false: follows")
    if len(found) != count:
        raise ReplyError(f"expected {count} times true or false, not {len(found)}")
    return tuple(found)


# ---------------------------------------------------------------- the object

_THOUGHTS = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)


def _object(content: str, keys: Collection[str]) -> dict[str, Any]:
    """The first JSON object in an answer that has one of these keys."""
    if not content.strip():
        raise ReplyError("the answer is empty")
    if len(content) > _LONGEST_REPLY:
        raise ReplyError(f"the answer is longer than {_LONGEST_REPLY:,} characters")
    text = _THOUGHTS.sub("", content)
    decoder, why = json.JSONDecoder(), "there is no JSON object in the answer"
    for start in _brackets(text):
        try:
            found, _ = decoder.raw_decode(text, start)
        except RecursionError:
            raise ReplyError("its JSON is nested too deeply") from None
        except ValueError as error:  # among them numbers of thousands of digits
            why = f"it is not JSON: {str(error)[:100]}"
            continue
        if isinstance(found, dict) and not found.keys().isdisjoint(keys):
            return found
        why = f"expected a JSON object with {', '.join(keys)}"
    raise ReplyError(why)


def _brackets(text: str) -> Iterator[int]:
    at = text.find("{")
    for _ in range(_MOST_BRACKETS):
        if at < 0:
            return
        yield at
        at = text.find("{", at + 1)


# ---------------------------------------------------------------- sentences

# "[1]", "[1, 4]", "【3】": numbers of sources within the text, which models add whatever they are told.
_CITED = re.compile(r"\s*[\[【]\s*\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\s*[\]】]")


def _headline(value: object, refused: list[Refused]) -> str:
    text = _line(value) if isinstance(value, str) else ""
    if not text:
        refused.append(Refused("headline", "", "there is no headline"))
    elif len(text) > _LONGEST_HEADLINE:
        refused.append(Refused("headline", text[:_LONGEST_HEADLINE], _too_long(_LONGEST_HEADLINE)))
        return ""
    return text


def _sentences(part: Part, value: object, known: set[int], refused: list[Refused]) -> Iterator[DraftSentence]:
    if value is None:
        return
    if not isinstance(value, list):
        refused.append(Refused(part, "", "expected a list of sentences"))
        return
    for place, each in enumerate(value):
        said = each.get("text") if isinstance(each, dict) else None
        text = _line(said) if isinstance(said, str) else ""
        why = _why_not(each, text, place, known)
        if why:
            refused.append(Refused(part, text[:_LONGEST_SENTENCE], why))
            if place >= _MOST_SENTENCES:
                return
        else:
            yield DraftSentence(text, _numbers(each["sources"]) or ())


def _why_not(each: object, text: str, place: int, known: set[int]) -> str | None:
    if not isinstance(each, dict) or not text:
        return 'expected a sentence as {"text": "…", "sources": [1]}'
    numbers = _numbers(each.get("sources"))
    if numbers is None:
        return "sources is no list of numbers"
    if not numbers:
        return "it names no source"
    if strange := [number for number in numbers if number not in known]:
        return f"there is no source {', '.join(str(number)[:20] for number in strange[:5])}"
    if len(text) > _LONGEST_SENTENCE:
        return _too_long(_LONGEST_SENTENCE)
    return f"more than {_MOST_SENTENCES} sentences in one part" if place >= _MOST_SENTENCES else None


def _too_long(most: int) -> str:
    return f"it is longer than {most} characters"


def _numbers(value: object) -> tuple[int, ...] | None:
    """The numbers of a list, once each; None where something else is in it. "3", "[3]" and 3.0 are numbers as well."""
    if not isinstance(value, list):
        return None
    found: list[int] = []
    for each in value:
        if isinstance(each, str) and each.strip(" []").isdecimal() and len(each) < 10:
            each = int(each.strip(" []"))
        if isinstance(each, float) and each.is_integer():
            each = int(each)
        if isinstance(each, bool) or not isinstance(each, int):
            return None
        found.append(each)
    return tuple(dict.fromkeys(found))


def _line(text: str) -> str:
    """In one line, without what can't be seen or stored."""
    return _CITED.sub("", " ".join(seen(text).split())).strip()
