"""`[[notify]]`: mistakes that a table does not show by itself; what it shares with `[[digest]]` takes any block."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from typing import Any

from aggregator.config.positions import Place
from aggregator.config.problems import Problem
from aggregator.config.selections import folder_problem, folders_of, query_problems
from aggregator.config.telling.notify import ON, TARGETS, shown_targets
from aggregator.config.telling.wanted import CONDITIONS
from aggregator.config.topics import unknown
from aggregator.config.validate import strings, tables
from aggregator.text.secrets.open_addresses import take_apart
from aggregator.text.urls import absolute_url

# The lists of blocks that name targets: no two may have one name, whichever list they are in.
TOLD = ("notify", "digest")


def problems(document: Mapping[str, Any], topics: Mapping[str, bool]) -> Iterator[Problem]:
    """What is wrong with whom to tell of what. `topics`: which there are, and whether they are in use."""
    yield from _names_twice(document)
    for i, block in tables(document, "notify"):
        place = ("notify", i)
        yield from wanted_problems(place, block, document, topics)
        yield from _quiet_problems(place, block)
        yield from _target_problems(place, block)
        yield from _on_problems(place, block)


def warnings(document: Mapping[str, Any]) -> Iterator[Problem]:
    """What may be right elsewhere, as where a container's file is checked outside of it: a program that is not here.
    And what works and should not stay so: a key that stands in the file."""
    for i, block in tables(document, "notify"):
        address = absolute_url(url) if isinstance(url := block.get("webhook"), str) else None
        if address and (taken := take_apart(address)) and taken.keys:
            message = (
                "there is a key in this address. Put the whole address into a variable of the environment or a file "
                'that only the daemon reads, and write webhook_env = "NAME" or webhook_file = "PATH" in its place'
            )
            yield Problem(("notify", i, "webhook"), message)
        if (program := next((part for _, part in strings(block, "command")), None)) and not shutil.which(program):
            message = "this program is not here, or not executable; where the daemon finds none, messages wait for it"
            yield Problem(("notify", i, "command"), message)


def _names_twice(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Names are compared without regard to capitals: two that differ by these alone are a slip."""
    first: dict[str, Place] = {}
    for table in TOLD:
        for i, block in tables(document, table):
            if isinstance(name := block.get("name"), str):
                place = (table, i, "name")
                known = first.setdefault(name.strip().casefold(), place)
                if known != place:
                    yield Problem(place, "another target of this name is in {line}", other=known)


def wanted_problems(
    place: Place, block: Mapping[str, Any], document: Mapping[str, Any], topics: Mapping[str, bool]
) -> Iterator[Problem]:
    """What is wrong with the conditions of a block: topics and folders that there are not, words that are none."""
    for j, topic in strings(block, "topics"):
        yield from unknown(topics, topic, (*place, "topics", j))
    yield from query_problems((*place, "words"), block.get("words"))
    for j, folder in strings(block, "folders"):
        yield from folder_problem(folders_of(document), folder, (*place, "folders", j))


def _quiet_problems(place: Place, block: Mapping[str, Any]) -> Iterator[Problem]:
    if "timezone" in block and "quiet" not in block:
        message = "it says when the quiet hours are, and there are none: expected `quiet` too"
        yield Problem((*place, "timezone"), message)


def _target_problems(place: Place, block: Mapping[str, Any]) -> Iterator[Problem]:
    named = shown_targets(block)
    if not named:
        yield Problem(place, f"expected one key that says where to: {', '.join(TARGETS)}")
    for other in named[1:]:
        message = f"expected one target: {named[0]} is in {{line}}; write a block for each"
        yield Problem((*place, other), message, other=(*place, named[0]))
    if block.get("command") == []:
        yield Problem((*place, "command"), "expected a program, not an empty list")
    for key in ("secret_env", "secret_file"):
        if key in block and named and not named[0].startswith("webhook"):
            yield Problem((*place, key), "only a webhook is signed")


def _on_problems(place: Place, block: Mapping[str, Any]) -> Iterator[Problem]:
    """Keys that say nothing beside what this block is on."""
    written = block.get("on")
    on = [each for each in (written if isinstance(written, list) else [written]) if each in ON]
    if not on:
        return  # said already
    for key, of in (("grown_by", "grown"), ("dead_after", "source")):
        if key in block and of not in on:
            yield Problem((*place, key), f'it counts with on = "{of}" alone')
    if on == ["source"]:
        for key in CONDITIONS:
            if key in block and key != "folders":
                yield Problem((*place, key), 'sources have none: with on = "source" only `folders` counts')
    if on == ["post"]:
        for key in ("min_score", "min_sources"):
            if key in block:
                yield Problem((*place, key), 'single posts have none: it counts with on = "story" or "grown"')
