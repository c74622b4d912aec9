"""Which of the default topics a configuration takes: `[taxonomy] packs`, or `default` for all or none of them.

A block of the user's on a topic of a pack that is left out takes this one topic; with `default = false` there are none
to take.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aggregator.config import topics
from aggregator.config.problems import Problem
from aggregator.config.tables import PACKS
from aggregator.model.rules import TopicRule


def chosen(document: Mapping[str, Any]) -> Mapping[str, TopicRule]:
    """The default topics that the file takes, by name. Values that are none count as left out."""
    block = document.get("taxonomy")
    table = block if isinstance(block, dict) else {}
    if table.get("default") is False:
        return {}
    packs = table.get("packs")
    if not isinstance(packs, list) or not set(map(str, PACKS)) - set(map(str, packs)):
        return topics.default_rules()
    named = document.get("topics")
    return topics.rules_in([str(each) for each in packs], named if isinstance(named, dict) else ())


def problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    """What `default` and `packs` say against each other, and topics that are named while their pack is left out."""
    table = document.get("taxonomy")
    if not isinstance(table, dict) or not isinstance(packs := table.get("packs"), list):
        return
    if table.get("default") is False and packs:
        message = "`default = false` in {line} leaves all packs out: leave out that line, or this one"
        yield Problem(("taxonomy", "packs"), message, other=("taxonomy", "default"))
    elif table.get("default") is True and not set(PACKS) <= set(map(str, packs)):
        message = "`default = true` in {line} takes all packs, and here only some are named: leave out that line"
        yield Problem(("taxonomy", "packs"), message, other=("taxonomy", "default"))
