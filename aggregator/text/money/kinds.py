"""What an amount is said to be, by the words near it: raised, valued, fined, a price. Where none says so, nothing.

Words behind an amount stand at it ("$5M seed round"), those before it lead to it ("a fine of up to €35 million"), with
no other amount between and no end of a sentence. English words count in every language, as papers use them in all.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from aggregator.model.money import MoneyKind
from aggregator.text.money.kind_words import BEFORE, BEHIND, HEDGES, LED_ELSEWHERE, PAID, WEAK, WEAK_NEED

# How far words reach, in characters.
_BEFORE, _BEHIND = 100, 60
_END = re.compile(r"[.!?…][\"”»)]*\s+(?=[^\W\d_a-zà-ÿ])|[\n;|]|\s[–—]\s|\Z")
# By the month or the piece, or as what it costs, more than so much is a budget or a debt, and no price.
_MOST_A_PIECE, _MOST_COST = 1e5, 1e6
# In their order: "raised $5M at a valuation of $50M".
_KINDS: tuple[MoneyKind, ...] = ("valued", "fined", "raised", "price")


class _Patterns(NamedTuple):
    before: re.Pattern[str] | None
    behind: re.Pattern[str] | None


def kind_of(before: str, behind: str, value: float, language: str | None) -> MoneyKind | None:
    """The kind of an amount, by the text before it, from the one before on, and behind it, to the next one."""
    before = before[-_BEFORE:]
    while (end := _END.search(before)) and end.end() < len(before):
        before = before[end.end() :]
    if end and end.group():  # it ends right before the amount
        before = ""
    behind = behind[:_BEHIND]
    behind = behind[: ended.start()] if (ended := _END.search(behind)) else behind
    for kind in _KINDS:
        for patterns in _patterns(kind, language or "en"):
            found = patterns.behind.match(behind) if patterns.behind else None
            found = found or (patterns.before.search(before) if patterns.before else None)
            if found and _is_meant(kind, found, before, value):
                return kind
    is_weak = WEAK.search(before) and WEAK_NEED.match(behind)
    return "raised" if is_weak else None


# One amount in two currencies, or both ends of a span; and the next of a list: "fined Google €325M and SHEIN €150M".
_SAME = re.compile(
    r"[^.!?;]{0,16}[ ]?\(\s?(?:about |around |~|≈|rund |env\. )?|\s?(?:-|–|to|and|or|bis|und|oder|à|et|ou|a|y|o|e)\s"
)
_NEXT = re.compile(r"(?:[^.!?;,:(]{0,14},)?[ ](?:and|und|et|y|e)[ ](?:[A-Z][\w.&-]*[ ]){0,2}(?:about |another )?")


def handed_on(kinds: list[MoneyKind | None], between: list[str]) -> list[MoneyKind | None]:
    """The kinds of amounts, where one says nothing by that of the one before. `between`: the texts between them."""
    told = list(kinds)
    for k, words in enumerate(between):
        one, other = told[k], told[k + 1]
        if (
            other is None
            and one
            and (_SAME.fullmatch(words) or (one in ("raised", "fined") and _NEXT.fullmatch(words)))
        ):
            told[k + 1] = one
    for k in range(len(between) - 1, -1, -1):
        if told[k] is None and told[k + 1] and _SAME.fullmatch(between[k]):
            told[k] = told[k + 1]
    return told


def _is_meant(kind: MoneyKind, found: re.Match[str], before: str, value: float) -> bool:
    if kind == "raised":
        return not LED_ELSEWHERE.search(found.group())
    if kind == "price" and PAID.search(before):
        return False
    named = found.groupdict()
    return not (named.get("piece") and value > _MOST_A_PIECE) and not (named.get("cost") and value > _MOST_COST)


@lru_cache(maxsize=64)
def _patterns(kind: MoneyKind, language: str) -> tuple[_Patterns, ...]:
    def made(words: tuple[str, ...] | None, ends: str) -> re.Pattern[str] | None:
        return re.compile(f"(?:{'|'.join(words)}){ends}", re.IGNORECASE) if words else None

    return tuple(
        _Patterns(made(BEFORE.get((kind, each)), HEDGES + r"\Z"), made(BEHIND.get((kind, each)), ""))
        for each in dict.fromkeys((language, "en"))
    )
